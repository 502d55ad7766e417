"""Anchors show what the chain alone cannot: a lost tail, and a chain that was made anew."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection

from maemae.backup.places import FolderPlace
from maemae.clocks import SystemWallClock
from maemae.domain.errors import ConfigError, JournalCorruptError, StorageError
from maemae.domain.text import Text
from maemae.server.anchor_objects import AnchorObjects
from maemae.server.audit_keeper import CHANGED, SUBJECT, UNANCHORED, UNVERIFIED, AuditKeeper
from maemae.storage.anchors import FILE_PLACE, AnchorFile, AnchorKey, last_noted
from maemae.storage.audit import AuditEntry, append
from maemae.storage.server_store import ServerStore, open_server_store


def silent(code: str, subject: str, text: Text) -> None:
    raise AssertionError((code, subject, text))


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
    return AuditKeeper(store, SystemWallClock(), [file], silent)


def put(store: ServerStore, count: int, user_id: str = "kim") -> None:
    for number in range(count):
        entry = AuditEntry(number, user_id, "LOGIN", user_id, {})
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
    assert keeper.anchor() == []


def test_anchor_is_signed_counted_and_made_once_for_each_head(
    keeper: AuditKeeper, store: ServerStore, file: AnchorFile
) -> None:
    put(store, 3)

    (made,) = keeper.anchor()

    assert (made.seq, made.count) == (3, 3)
    assert keeper.anchor() == []
    assert file.read() == [made]
    with store.reading.begin() as connection:
        assert last_noted(connection, FILE_PLACE) == (3, made.at)
    assert keeper.verify().bad is None


class TwoPlaces:
    """A log that is anchored in a file and elsewhere, and what people are told of it."""

    def __init__(self, store: ServerStore, file: AnchorFile, folder: Path) -> None:
        key = AnchorKey(folder / "keys" / "anchor.key")
        self.folder = folder / "elsewhere"
        self.far = AnchorObjects(FolderPlace(self.folder), key)
        self.told: list[tuple[str, str]] = []
        self.keeper = AuditKeeper(store, SystemWallClock(), [file, self.far], self._hear)

    def _hear(self, code: str, subject: str, text: Text) -> None:
        assert text.ko
        self.told.append((code, subject))


@pytest.fixture
def two(store: ServerStore, file: AnchorFile, tmp_path: Path) -> TwoPlaces:
    put(store, 2)
    return TwoPlaces(store, file, tmp_path)


def test_anchor_is_kept_in_every_place_each_by_itself(
    two: TwoPlaces, store: ServerStore, file: AnchorFile
) -> None:
    two.keeper.anchor()
    put(store, 1)
    two.keeper.anchor()

    assert [each.seq for each in file.read()] == [2, 3]
    assert [each.seq for each in two.far.read()] == [2, 3]
    assert two.keeper.anchor() == []
    assert two.told == []


def test_place_when_it_fails_is_told_and_tried_again_and_the_other_has_its_anchor(
    two: TwoPlaces, file: AnchorFile
) -> None:
    two.folder.write_text("a file where the folder should be")

    made = two.keeper.anchor()
    told, two.told = two.told, []
    two.folder.unlink()
    again = two.keeper.anchor()

    assert [each.seq for each in (*made, *file.read())] == [2, 2]
    assert told == [(UNANCHORED, "OFFSITE")]
    assert [each.seq for each in (*again, *two.far.read())] == [2, 2]
    assert two.told == []


def test_log_when_made_anew_with_its_own_anchors_is_known_by_those_elsewhere(
    two: TwoPlaces, store: ServerStore, tmp_path: Path
) -> None:
    two.keeper.anchor()
    store.writer.run(lambda connection: own(connection, "DELETE FROM audit"))
    (tmp_path / "far" / "audit-anchors.jsonl").unlink()
    put(store, 5, "lee")

    two.keeper.look()

    bad = two.keeper.verify().bad
    assert bad is not None
    assert two.told == [(CHANGED, SUBJECT)]


def test_anchor_elsewhere_when_edited_is_told(two: TwoPlaces) -> None:
    two.keeper.anchor()
    (path,) = (each for each in two.folder.rglob("*.json"))
    path.write_bytes(path.read_bytes().replace(b'"seq":2', b'"seq":1'))

    with pytest.raises(JournalCorruptError, match="not signed"):
        two.keeper.look()

    assert two.told == [(CHANGED, SUBJECT)]


def test_anchors_when_they_cannot_be_read_are_told(two: TwoPlaces, tmp_path: Path) -> None:
    two.keeper.anchor()
    path = tmp_path / "far" / "audit-anchors.jsonl"
    path.unlink()
    path.mkdir()

    with pytest.raises(StorageError):
        two.keeper.look()

    assert two.told == [(UNVERIFIED, SUBJECT)]


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

    assert file.read() == made


def test_anchor_key_when_others_may_read_it_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "anchor.key"
    public = AnchorKey(path).public
    assert AnchorKey(path).public == public

    path.chmod(0o644)

    with pytest.raises(ConfigError, match="chmod 600"):
        AnchorKey(path)
