"""Addresses of databases: what cannot keep a record is refused at start."""

from __future__ import annotations

from pathlib import Path

import pytest

from maemae.domain.errors import ConfigError, StorageError
from maemae.storage import file_system
from maemae.storage.engine import open_database


@pytest.mark.parametrize("url", ["", "nonsense", "sqlite://", "mysql://host/name", "postgresql"])
def test_address_when_of_no_database_that_serves_is_refused(url: str) -> None:
    with pytest.raises(ConfigError):
        open_database(url)


def test_file_when_on_a_network_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"server:/x {tmp_path} nfs4 rw 0 0\n", encoding="utf-8")
    monkeypatch.setattr(file_system, "_MOUNTS", mounts)

    with pytest.raises(ConfigError, match="network"):
        open_database(f"sqlite:///{tmp_path}/store.db")


def test_server_when_it_does_not_run_is_told_without_its_password() -> None:
    with pytest.raises(StorageError) as caught:
        open_database("postgresql://me:secret@127.0.0.1:1/none")
    assert "secret" not in caught.value.text.ko + caught.value.text.en


def test_file_when_no_database_is_told_and_let_go(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.write_bytes(b"no database at all, but long enough to be looked at" * 100)
    for _ in range(2):  # the second time too: the lock was let go
        with pytest.raises(StorageError, match="not a database"):
            open_database(f"sqlite:///{path}")
