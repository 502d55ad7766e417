"""A backup counts once it was read back; one that is not whole is refused and leaves nothing."""

from __future__ import annotations

import resource
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from maemae.backup import backup as making
from maemae.backup.archive import Piece, write_archive
from maemae.backup.backup import Source, back_up, backups, is_intact, proof_of, verify
from maemae.backup.database_copy import contents
from maemae.backup.manifest import FORMAT, Manifest, Member
from maemae.backup.restore import restore
from maemae.backup.sealing import KeyPair, make_key
from maemae.domain.errors import ConfigError, JournalCorruptError, StorageError
from maemae.domain.instant import SECOND
from maemae.storage.database import take_lock
from tests.builders import NOON
from tests.storage.databases import Desk, open_here, trade

pytestmark = pytest.mark.thorough

Spoil = Callable[[bytes], bytes]


class Place:
    """A database with some trading in it and a folder for its backups."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "store.db"
        self.backups = folder / "backups"
        self.scratch = folder / "scratch"
        self.key: KeyPair = make_key()
        with open_here(f"sqlite:///{self.database}") as store:
            trade(Desk(store), 3)

    def back_up(self, now: int = NOON) -> Path:
        source = Source(f"sqlite:///{self.database}", self.folder / "tape")
        return back_up(source, self.backups, [self.key.public], self.scratch, now).path

    def leftovers(self) -> list[str]:
        names = {path.name for path in self.folder.rglob("*")}
        known = {"store.db", "store.db.lock", "store.db-shm", "store.db-wal"}
        known |= {"backups", "backup.lock"}
        return sorted(names - known)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_backup_when_made_is_listed_and_verified_by_its_owner(place: Place) -> None:
    path = place.back_up()

    (found,) = backups(place.backups)

    assert found.path == path
    assert is_intact(found)
    assert place.leftovers() == [path.name, proof_of(path).name]
    manifest = verify(path, place.key.private, place.scratch)
    assert manifest.contents.counts["executions"] == 6
    assert manifest.contents.revision
    assert [member.name for member in manifest.members] == ["database.sqlite"]
    assert not place.scratch.exists()


def spoilt(name: str, spoil: Spoil) -> object:
    return pytest.param(spoil, id=name)


def flip(place: int) -> Spoil:
    def spoil(content: bytes) -> bytes:
        changed = bytearray(content)
        changed[place] ^= 1
        return bytes(changed)

    return spoil


@pytest.mark.parametrize(
    "spoil",
    [
        spoilt("first byte", flip(0)),
        spoilt("key", flip(120)),
        spoilt("middle", flip(3_000)),
        spoilt("last byte", flip(-1)),
        spoilt("last byte gone", lambda content: content[:-1]),
        spoilt("half gone", lambda content: content[: len(content) // 2]),
        spoilt("empty", lambda _: b""),
        spoilt("longer", lambda content: content + b"x"),
    ],
)
def test_backup_when_it_is_not_whole_is_refused_and_nothing_is_restored(
    place: Place, spoil: Spoil
) -> None:
    path = place.back_up()
    path.write_bytes(spoil(path.read_bytes()))

    with pytest.raises(StorageError, match="Use another"):
        restore(path, place.key.private, place.folder / "new", NOON)

    assert place.leftovers() == [path.name, proof_of(path).name]
    assert not is_intact(backups(place.backups)[0])
    with pytest.raises(StorageError):
        verify(path, place.key.private, place.scratch)


def test_backup_when_the_key_is_another_is_refused(place: Place) -> None:
    path = place.back_up()

    with pytest.raises(StorageError, match="does not open with this key"):
        restore(path, make_key().private, place.folder / "new", NOON)

    assert place.leftovers() == [path.name, proof_of(path).name]


def test_restore_when_the_folder_holds_something_is_refused(place: Place) -> None:
    path = place.back_up()
    home = place.folder / "new"
    home.mkdir()
    (home / "mine").write_text("mine", "utf-8")

    with pytest.raises(ConfigError, match="holds something"):
        restore(path, place.key.private, home, NOON)

    assert (home / "mine").read_text("utf-8") == "mine"


def test_restore_when_the_folder_is_empty_fills_it(place: Place) -> None:
    path = place.back_up()
    (place.folder / "new").mkdir()

    restore(path, place.key.private, place.folder / "new", NOON)

    assert sorted(each.name for each in (place.folder / "new").iterdir()) == ["KILL", "maemae.db"]


def test_backup_when_the_database_is_damaged_is_refused(place: Place) -> None:
    with closing(sqlite3.connect(place.database)) as connection, connection:
        connection.execute("UPDATE journal SET actions = event WHERE seq = 9")

    with pytest.raises(JournalCorruptError, match="journal 1/9"):
        place.back_up()

    assert place.leftovers() == []


def test_backup_when_the_disk_is_full_leaves_nothing(place: Place) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (9_000, limits[1]))
    try:
        with pytest.raises(StorageError):
            place.back_up()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert place.leftovers() == []
    place.back_up()


def test_backup_when_another_is_being_made_waits_for_no_one(place: Place) -> None:
    place.backups.mkdir()
    lock = take_lock(place.backups / "backup")
    try:
        with pytest.raises(StorageError):
            place.back_up()
    finally:
        lock.close()
    assert backups(place.backups) == []


def test_backup_without_a_public_key_is_refused(place: Place) -> None:
    source = Source(f"sqlite:///{place.database}", place.folder / "tape")
    with pytest.raises(ConfigError, match="public key"):
        back_up(source, place.backups, [], place.scratch, NOON)


def test_backup_when_the_database_is_of_another_kind_is_refused(place: Place) -> None:
    source = Source("mysql://server/name", place.folder / "tape")
    with pytest.raises(ConfigError, match="mysql"):
        back_up(source, place.backups, [place.key.public], place.scratch, NOON)


def test_backup_when_made_again_removes_what_a_killed_one_left(place: Place) -> None:
    place.backups.mkdir()
    left = place.backups / "maemae-20240101T000000Z.tar.gz.age.part"
    left.write_bytes(b"half")
    place.scratch.mkdir()
    (place.scratch / "database.sqlite").write_bytes(b"half")

    path = place.back_up(NOON + SECOND)

    assert place.leftovers() == [path.name, proof_of(path).name]


def forged(
    place: Place, name: str = "database.sqlite", *, rows: int = 0, members: tuple[Member, ...] = ()
) -> Path:
    """Return an archive that whoever knows the public key could make, with rows too many."""
    path = place.folder / "forged.tar.gz.age"
    held = contents(place.database)  # which also brings what is in the WAL into the file
    pieces = [Piece(name, place.database, place.database.stat().st_size)]
    told = replace(held, counts=held.counts | {"journal": held.counts["journal"] + rows})

    def describe(found: tuple[Member, ...]) -> Manifest:
        return Manifest(FORMAT, NOON, "build", told, members or found)

    write_archive(path, pieces, describe, [place.key.public])
    return path


@pytest.mark.parametrize("name", ["../outside", "/outside", "tape/../../outside", ""])
def test_archive_when_a_name_leads_outside_is_refused(place: Place, name: str) -> None:
    path = forged(place, name)

    with pytest.raises(StorageError, match="no whole backup"):
        restore(path, place.key.private, place.folder / "new", NOON)

    assert place.leftovers() == [path.name]


def test_archive_when_its_members_are_others_than_it_says_is_refused(place: Place) -> None:
    path = forged(place, members=(Member("database.sqlite", 1, "0"),))

    with pytest.raises(StorageError, match="no whole backup"):
        restore(path, place.key.private, place.folder / "new", NOON)


def test_archive_when_it_holds_another_book_than_it_says_is_refused(place: Place) -> None:
    path = forged(place, rows=1)

    with pytest.raises(StorageError, match="something else"):
        restore(path, place.key.private, place.folder / "new", NOON)
    with pytest.raises(StorageError, match="something else"):
        verify(path, place.key.private, place.scratch)


def test_archive_when_it_is_as_it_says_is_restored(place: Place) -> None:
    restore(forged(place), place.key.private, place.folder / "new", NOON)


def test_archive_when_of_a_newer_format_is_refused(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "FORMAT", FORMAT + 1)

    with pytest.raises(StorageError, match="another version of maemae"):
        place.back_up()
