"""The off-site copy: seconds behind, sealed, resumable, and what a lost disk is rebuilt from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from maemae.backup.backup import Source, back_up
from maemae.backup.database_copy import disposing, reading_engine
from maemae.backup.offsite import OffsiteCopy, missing_numbers, prune_segments, streams
from maemae.backup.places import FolderPlace
from maemae.backup.restore import Restored, restore
from maemae.backup.safety import WHY
from maemae.backup.sealing import KeyPair, make_key
from maemae.core.events import KillLevel, KillSet
from maemae.core.machine import TradingCore
from maemae.core.state import CoreState, book_hash
from maemae.domain.errors import JournalCorruptError, StorageError
from maemae.domain.instant import SECOND
from maemae.storage.inbox import PostedCommand
from maemae.storage.records import decode_state, encode
from maemae.storage.store import SqlStore
from maemae.storage.tape import DayTape, Tape, Taped
from tests.builders import DAY_1, NOON, a_config, a_price
from tests.storage.databases import Desk, a_round, open_here, scalar, trade


class World:
    """An executor with its store, its tape and a second place for both."""

    def __init__(self, folder: Path, url: str, store: SqlStore) -> None:
        self.folder = folder
        self.url = url
        self.store = store
        self.desk = Desk(store)
        self.tape = Tape(folder / "tape" / "sim", 1, DAY_1)
        self.key: KeyPair = make_key()
        self.place = FolderPlace(folder / "elsewhere")
        self.copy = self.a_copy()

    def a_copy(self) -> OffsiteCopy:
        return OffsiteCopy(
            reading_engine(self.url),
            self.store.executor_id,
            self.folder / "tape" / "sim",
            self.place,
            [self.key.public],
        )

    def tick(self) -> Taped:
        self.desk.seq += 1
        taped = Taped(self.desk.seq, a_price())
        self.tape.append(taped.seq, taped.event)
        self.tape.sync(taped.seq)
        return taped

    def back_up(self) -> Path:
        return self.back_up_at(NOON)

    def back_up_at(self, now: int) -> Path:
        source = Source(self.url, self.folder / "tape")
        folder, scratch = self.folder / "backups", self.folder / "scratch"
        return back_up(source, folder, [self.key.public], scratch, now).path

    def restore(self, archive: Path) -> tuple[Restored, CoreState]:
        home = self.folder / "restored"
        restored = restore(archive, self.key.private, home, NOON, offsite=self.place)
        with open_here(f"sqlite:///{home / 'maemae.db'}") as store:
            return restored, store.recover().state

    def segments(self) -> list[Path]:
        return sorted((self.folder / "elsewhere").rglob("*.segment"))


@pytest.fixture
def world(tmp_path: Path, url: str) -> Iterator[World]:
    with open_here(url) as store:
        world = World(tmp_path, url, store)
        yield world
        world.tape.close()


def same_but_killed(restored: CoreState, book: CoreState) -> bool:
    """Whether a restored book is this one with the press that restoring makes."""
    core = TradingCore(a_config(), decode_state(encode(book)))
    core.handle(KillSet(KillLevel.STOP_NEW, WHY, NOON))
    return book_hash(restored) == book_hash(core.state)


def test_copy_when_the_disk_is_lost_leads_on_from_the_backup(world: World) -> None:
    trade(world.desk, 2)
    first = world.tick()
    world.copy.step(NOON)
    archive = world.back_up()
    for number in range(3, 6):
        trade(world.desk, 1, first=number)
        last = world.tick()
        world.copy.step(NOON + number * SECOND)
    world.desk.tell(a_round(6)[0])
    world.store.inbox.post(PostedCommand("key-1", "a person", "BUY", b"body", NOON))
    world.copy.step(NOON + 6 * SECOND)

    restored, state = world.restore(archive)

    (continued,) = restored.continued
    assert continued.ended is None
    assert continued.seq == world.desk.seq
    assert same_but_killed(state, world.desk.state)
    assert restored.executors[0].requests == 1
    assert restored.executors[0].commands == 1
    taped = list(DayTape(world.folder / "restored" / "tape" / "sim", DAY_1))
    assert (taped[0], taped[-1]) == (first, last)
    home = f"sqlite:///{world.folder / 'restored' / 'maemae.db'}"
    with open_here(home) as store, store.database.reading.connect() as connection:
        assert scalar(connection, "SELECT count(*) FROM executions") == 10
        assert scalar(connection, "SELECT count(*) FROM outbox WHERE settled_seq IS NULL") == 1


def test_step_when_nothing_is_new_writes_nothing(world: World) -> None:
    trade(world.desk, 1)
    assert world.copy.lag(NOON) > 0

    first = world.copy.step(NOON)
    again = world.copy.step(NOON + SECOND)

    assert (first.segments, first.records, first.behind) == (1, len(world.desk.turns), 0)
    assert (again.segments, again.records) == (0, 0)
    assert world.copy.lag(NOON + SECOND) == 0


def test_copy_when_its_process_is_new_goes_on_where_the_last_stopped(world: World) -> None:
    trade(world.desk, 1)
    world.copy.step(NOON)
    trade(world.desk, 1, first=2)

    copied = world.a_copy().step(NOON + SECOND)

    assert copied.records == 4
    assert len(streams(world.place, world.store.executor_id)) == 1
    assert len(world.segments()) == 2
    assert world.a_copy().findings() == ()


def test_copy_when_the_place_is_away_catches_up_later(world: World) -> None:
    trade(world.desk, 1)
    world.copy.step(NOON)
    archive = world.back_up()
    (world.folder / "elsewhere").rename(world.folder / "unplugged")
    (world.folder / "elsewhere").write_text("no folder", "utf-8")
    trade(world.desk, 1, first=2)
    for second in range(3):
        with pytest.raises(StorageError, match="second place"):
            world.copy.step(NOON + second * SECOND)
    assert world.copy.lag(NOON + 60 * SECOND) == 60 * SECOND
    (world.folder / "elsewhere").unlink()
    (world.folder / "unplugged").rename(world.folder / "elsewhere")

    assert world.copy.step(NOON + 61 * SECOND).behind == 0

    restored, state = world.restore(archive)
    assert restored.continued[0].ended is None
    assert same_but_killed(state, world.desk.state)


def test_copy_when_two_write_to_one_place_refuses_the_second(world: World) -> None:
    trade(world.desk, 1)
    world.copy.step(NOON)
    other = world.a_copy()
    other.step(NOON)
    trade(world.desk, 1, first=2)
    world.copy.step(NOON + SECOND)

    trade(world.desk, 1, first=3)
    with pytest.raises(StorageError, match="another maemae"):
        other.step(NOON + 2 * SECOND)

    assert other.step(NOON + 3 * SECOND).records == 4  # looks anew where the copy stands


def test_restore_when_a_segment_is_missing_says_so_and_stops_there(world: World) -> None:
    trade(world.desk, 1)
    world.copy.step(NOON)
    archive = world.back_up()
    seqs = []
    for number in range(2, 6):
        trade(world.desk, 1, first=number)
        world.copy.step(NOON + number * SECOND)
        seqs.append(world.desk.seq)
    world.segments()[3].unlink()

    assert missing_numbers(world.place, world.store.executor_id) == [4]
    assert "Segment 4" in world.copy.findings()[0].en
    restored, _ = world.restore(archive)
    assert restored.continued[0].seq == seqs[1]
    assert restored.continued[0].ended is not None
    assert "Segment 4" in restored.continued[0].ended.en


@pytest.mark.parametrize("place", [30, 60, 200, -20])
def test_restore_when_a_segment_is_damaged_says_so_and_stops_there(
    world: World, place: int
) -> None:
    trade(world.desk, 1)
    world.copy.step(NOON)
    archive = world.back_up()
    before = decode_state(encode(world.desk.state))
    trade(world.desk, 1, first=2)
    world.copy.step(NOON + SECOND)
    path = world.segments()[-1]
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)

    restored, state = world.restore(archive)

    assert restored.continued[0].ended is not None
    assert same_but_killed(state, before)


def test_copy_when_the_journal_is_a_restored_one_begins_a_new_stream(world: World) -> None:
    trade(world.desk, 1)
    world.copy.step(NOON)
    archive = world.back_up()
    trade(world.desk, 2, first=2)
    world.copy.step(NOON + SECOND)
    home = world.folder / "restored"
    restore(archive, world.key.private, home, NOON)  # an older book, which then goes its own way
    url = f"sqlite:///{home / 'maemae.db'}"
    with open_here(url) as store, disposing(reading_engine(url)) as engine:
        copy = OffsiteCopy(
            engine, store.executor_id, home / "tape" / "sim", world.place, [world.key.public]
        )

        copied = copy.step(NOON + 2 * SECOND)

        assert copied.records == store.recover().seq
    assert len(streams(world.place, world.store.executor_id)) == 2
    restored = restore(
        archive, world.key.private, world.folder / "third", NOON, offsite=world.place
    )
    assert restored.continued[0].records == 1  # of the newest stream: the kill switch


def test_restore_when_a_newer_stream_is_of_another_history_takes_the_older(world: World) -> None:
    trade(world.desk, 1)
    archive = world.back_up()
    trade(world.desk, 1, first=2)
    world.copy.step(NOON)
    home = world.folder / "restored"
    later = world.back_up_at(NOON + SECOND)
    restore(archive, world.key.private, home, NOON)
    url = f"sqlite:///{home / 'maemae.db'}"
    with open_here(url) as store, disposing(reading_engine(url)) as engine:
        Desk(store, "next").tell(*a_round(3), *a_round(4), *a_round(5))
        copy = OffsiteCopy(
            engine, store.executor_id, home / "tape" / "sim", world.place, [world.key.public]
        )
        copy.step(NOON + 2 * SECOND)
    trade(world.desk, 1, first=3)
    world.copy.step(NOON + 3 * SECOND)

    third = world.folder / "third"
    restored = restore(later, world.key.private, third, NOON, offsite=world.place)

    (continued,) = restored.continued
    assert (continued.records, continued.ended) == (4, None)


def test_step_when_the_journal_was_changed_behind_it_raises(world: World) -> None:
    trade(world.desk, 1)
    world.copy.step(NOON)
    trade(world.desk, 1, first=2)
    with world.store.database.writing.begin() as connection:
        connection.exec_driver_sql("UPDATE journal SET actions = event WHERE seq > 8")

    with pytest.raises(JournalCorruptError, match="does not continue"):
        world.copy.step(NOON + SECOND)


def test_segments_when_older_than_every_backup_are_deleted(world: World) -> None:
    for number in range(1, 5):
        trade(world.desk, 1, first=number)
        world.copy.step(NOON + number * SECOND)

    deleted = prune_segments(world.place, world.store.executor_id, NOON + 3 * SECOND)

    assert deleted == 2
    assert missing_numbers(world.place, world.store.executor_id) == []
    assert len(world.segments()) == 2
    assert prune_segments(world.place, world.store.executor_id, NOON + 60 * SECOND) == 1
    assert len(world.segments()) == 1  # where it stopped


def test_segments_when_opened_without_a_key_tell_nothing(world: World) -> None:
    world.store.inbox.post(PostedCommand("key-1", "a person", "BUY", b"secret-canary", NOON))
    trade(world.desk, 1)
    world.copy.step(NOON)

    content = b"".join(path.read_bytes() for path in world.segments())

    assert b"secret-canary" not in content
    assert b"005930" not in content
