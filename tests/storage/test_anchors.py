"""Anchors show what the chain alone cannot: a lost tail, and a chain that was made anew."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection

from maemae.clocks import SystemWallClock
from maemae.domain.errors import ConfigError, JournalCorruptError
from maemae.domain.text import Text
from maemae.server.audit_keeper import AuditKeeper
from maemae.storage.anchors import FILE_PLACE, AnchorFile, AnchorKey, last_noted
from maemae.storage.audit import AuditEntry, append
from maemae.storage.server_store import ServerStore, open_server_store


@pytest.fixture
def store(url: str) -> Iterator[ServerStore]:
    with open_server_store(url, backup=lambda: None, is_market_open=lambda: False) as opened:
        yield opened


@pytest.fixture
def file(tmp_path: Path) -> AnchorFile:
    return AnchorFile(
        tmp_path / "far" / "audit-anchors.jsonl", AnchorKey(tmp_path / "keys" / "anchor.key")
    )


@pytest.fixture
def keeper(store: ServerStore, file: AnchorFile) -> AuditKeeper:
    return AuditKeeper(store, SystemWallClock(), file)


def put(store: ServerStore, count: int) -> None:
    for number in range(count):
        entry = AuditEntry(number, "kim", "LOGIN", "kim", {})
        store.writer.run(partial(append, entry=entry))


def own(connection: Connection, statement: str) -> None:
    """Write as whoever owns the database can."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("DROP TRIGGER audit_no_update")
        connection.exec_driver_sql("DROP TRIGGER audit_no_delete")
    else:
        connection.exec_driver_sql("ALTER TABLE audit DISABLE TRIGGER ALL")
    connection.exec_driver_sql(statement)


def test_log_when_empty_has_no_anchor(keeper: AuditKeeper) -> None:
    assert keeper.anchor() is None


def test_anchor_is_signed_counted_and_made_once_for_each_head(
    keeper: AuditKeeper, store: ServerStore, file: AnchorFile
) -> None:
    put(store, 3)

    made = keeper.anchor()

    assert made is not None
    assert (made.seq, made.count) == (3, 3)
    assert keeper.anchor() is None
    assert file.read() == [made]
    with store.reading.begin() as connection:
        assert last_noted(connection, FILE_PLACE) == (3, made.at)
    assert keeper.verify().bad is None


def test_anchor_is_told_for_another_place(store: ServerStore, file: AnchorFile) -> None:
    told: list[Text] = []
    put(store, 1)

    made = AuditKeeper(store, SystemWallClock(), file, told.append).anchor()

    assert made is not None
    assert [made.signature in text.ko and made.hash in text.en for text in told] == [True]


@pytest.mark.parametrize(
    ("statement", "first_bad"),
    [
        ("DELETE FROM audit WHERE seq > 2", 3),
        ("DELETE FROM audit", 1),
        ("UPDATE audit SET user_id = 'lee' WHERE seq = 4", 4),
    ],
)
def test_verifier_when_the_log_is_not_what_was_anchored_names_the_first_bad_row(
    keeper: AuditKeeper, store: ServerStore, statement: str, first_bad: int
) -> None:
    put(store, 5)
    keeper.anchor()

    store.writer.run(lambda connection: own(connection, statement))

    bad = keeper.verify().bad
    assert bad is not None
    assert bad.seq == first_bad


def test_verifier_when_the_chain_goes_on_from_a_cut_names_where_it_was_cut(
    keeper: AuditKeeper, store: ServerStore
) -> None:
    put(store, 3)
    keeper.anchor()
    put(store, 3)
    keeper.anchor()
    store.writer.run(lambda connection: own(connection, "DELETE FROM audit WHERE seq > 4"))
    put(store, 4)

    bad = keeper.verify().bad

    assert bad is not None
    assert bad.seq == 4  # between the anchors of 3 and 6


@pytest.mark.parametrize(("old", "new"), [('"seq":2', '"seq":1'), ('"count":2', '"count":9')])
def test_anchor_when_edited_is_refused(
    keeper: AuditKeeper, store: ServerStore, tmp_path: Path, old: str, new: str
) -> None:
    put(store, 2)
    keeper.anchor()
    path = tmp_path / "far" / "audit-anchors.jsonl"
    path.write_text(path.read_text().replace(old, new))

    with pytest.raises(JournalCorruptError, match="Line 1"):
        keeper.verify()


def test_anchor_when_of_another_key_is_refused(
    keeper: AuditKeeper, store: ServerStore, tmp_path: Path
) -> None:
    put(store, 2)
    keeper.anchor()
    other = AnchorFile(tmp_path / "far" / "audit-anchors.jsonl", AnchorKey(tmp_path / "other.key"))

    with pytest.raises(JournalCorruptError, match="not signed"):
        other.read()


def test_anchor_when_its_writing_was_cut_short_does_not_spoil_the_next(
    keeper: AuditKeeper, store: ServerStore, file: AnchorFile, tmp_path: Path
) -> None:
    path = tmp_path / "far" / "audit-anchors.jsonl"
    path.parent.mkdir()
    path.write_bytes(b'{"at":17,"cou')
    put(store, 2)

    made = keeper.anchor()

    assert file.read() == [made]


def test_anchor_key_when_others_may_read_it_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "anchor.key"
    public = AnchorKey(path).public
    assert AnchorKey(path).public == public

    path.chmod(0o644)

    with pytest.raises(ConfigError, match="chmod 600"):
        AnchorKey(path)
