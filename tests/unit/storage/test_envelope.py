"""What is sealed opens only where it belongs, and only with the key file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Connection, insert

from maemae.clocks import SystemWallClock
from maemae.domain.errors import ConfigError, StorageError
from maemae.storage.envelope import Place, Vault, totp_place
from maemae.storage.master_keys import MasterKeys
from maemae.storage.server_store import ServerStore, open_server_store
from maemae.storage.tables.people import data_keys, users

PLACE = Place("kim", "KIS", "REAL", "app_key")
SECRET = b"PSED321z-canary"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ServerStore]:
    with open_server_store(
        f"sqlite:///{tmp_path / 'server.db'}", backup=lambda: None, is_market_open=lambda: False
    ) as opened:
        opened.writer.run(put_users)
        yield opened


def put_users(connection: Connection) -> None:
    rows = [{"user_id": user_id, "is_locked": False} for user_id in ("kim", "lee")]
    connection.execute(insert(users), rows)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(MasterKeys(tmp_path / "keys" / "master.keys"), SystemWallClock())


def sealed_by(store: ServerStore, vault: Vault, place: Place, secret: bytes = SECRET) -> bytes:
    return store.writer.run(lambda connection: vault.seal(connection, place, secret))


def opened_by(store: ServerStore, vault: Vault, place: Place, sealed: bytes) -> bytes:
    with store.reading.begin() as connection:
        return vault.open(connection, place, sealed)


@pytest.mark.parametrize("place", [PLACE, totp_place("lee")])
def test_secret_when_opened_in_its_place_comes_back(
    store: ServerStore, vault: Vault, place: Place
) -> None:
    sealed = sealed_by(store, vault, place)

    assert SECRET not in sealed
    assert opened_by(store, vault, place, sealed) == SECRET


@pytest.mark.parametrize(
    ("field", "value"),
    [("owner", "lee"), ("broker", "KIWOOM_REST"), ("mode", "PAPER"), ("field", "app_secret")],
)
def test_secret_when_moved_to_another_place_does_not_open(
    store: ServerStore, vault: Vault, field: str, value: str
) -> None:
    elsewhere = msgspec.structs.replace(PLACE, **{field: value})
    sealed_by(store, vault, elsewhere)  # that place has a key of its own

    with pytest.raises(StorageError, match="belongs elsewhere"):
        opened_by(store, vault, elsewhere, sealed_by(store, vault, PLACE))


def test_secret_when_any_byte_is_changed_does_not_open(store: ServerStore, vault: Vault) -> None:
    sealed = sealed_by(store, vault, PLACE)
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(StorageError):
            opened_by(store, vault, PLACE, bytes(changed))


def test_secret_when_sealed_twice_looks_different(store: ServerStore, vault: Vault) -> None:
    assert sealed_by(store, vault, PLACE) != sealed_by(store, vault, PLACE)


def test_database_alone_opens_nothing(store: ServerStore, vault: Vault, tmp_path: Path) -> None:
    sealed = sealed_by(store, vault, PLACE)
    other = Vault(MasterKeys(tmp_path / "other.keys"), SystemWallClock())

    with pytest.raises(StorageError, match="cannot be opened"):
        opened_by(store, other, PLACE, sealed)


def test_data_keys_of_two_owners_when_swapped_open_nothing(
    store: ServerStore, vault: Vault
) -> None:
    sealed = sealed_by(store, vault, PLACE)
    sealed_by(store, vault, totp_place("lee"))

    def swap(connection: Connection) -> None:
        rows = {row.owner: row.wrapped for row in connection.execute(data_keys.select())}
        for owner, other in (("kim", "lee"), ("lee", "kim")):
            change = data_keys.update().where(data_keys.c.owner == owner)
            connection.execute(change, {"wrapped": rows[other]})

    store.writer.run(swap)

    with pytest.raises(StorageError, match="data key"):
        opened_by(store, vault, PLACE, sealed)


def test_key_file_is_private_and_stays_the_same(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "master.keys"
    first = MasterKeys(path)

    assert path.stat().st_mode & 0o777 == 0o600
    assert MasterKeys(path).find(1) == first.find(1)
    assert first.find(2) is None


def test_key_file_when_others_may_read_it_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "master.keys"
    MasterKeys(path)
    path.chmod(0o640)

    with pytest.raises(ConfigError, match="chmod 600"):
        MasterKeys(path)


@pytest.mark.parametrize(
    "content",
    ["", "1\n", "x 00ff\n", "1 00ff\n", f"1 {'00' * 32}\n", f"0 {'ab' * 31}cd\n", "1 한글\n"],
)
def test_key_file_when_damaged_or_a_placeholder_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "master.keys"
    path.write_text(content, encoding="utf-8")
    path.chmod(0o600)

    with pytest.raises(ConfigError, match="not as it should be"):
        MasterKeys(path)


def test_key_when_another_process_added_it_is_found(tmp_path: Path) -> None:
    here, there = MasterKeys(tmp_path / "m"), MasterKeys(tmp_path / "m")

    version = there.add()

    assert (here.newest, here.versions) == (version, (1, 2))
    assert here.find(version) == there.find(version)


def test_keys_when_forgotten_are_gone_for_every_new_process(tmp_path: Path) -> None:
    keys = MasterKeys(tmp_path / "m")
    keys.keep_only((keys.add(),))

    assert MasterKeys(tmp_path / "m").versions == (2,)
    assert keys.find(1) is None
