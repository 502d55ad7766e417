"""The tape keeps every input up to the last sync, whatever a crash or a full disk does to it."""

from __future__ import annotations

import os
import resource
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from maemae.core.events import PhaseChanged, PriceUpdated
from maemae.domain.errors import JournalCorruptError, StorageError
from maemae.krx.session import Phase
from maemae.storage.tape import (
    DayTape,
    Rebuilt,
    Tape,
    Taped,
    TapeFile,
    TapeReader,
    file_name,
    newest_seq,
)
from tests.builders import DAY_1, DAY_2, NOON, SAMSUNG

BEGUN = Rebuilt(NOON, "build")


def a_tick(seq: int) -> PriceUpdated:
    return PriceUpdated(SAMSUNG, 10_000 + seq, NOON + seq)


def ticks(seqs: Iterable[int]) -> list[Taped]:
    return [Taped(seq, a_tick(seq)) for seq in seqs]


def write(tape: Tape | TapeFile, seqs: Iterable[int]) -> None:
    for seq in seqs:
        tape.append(seq, a_tick(seq))


def read(path: Path) -> list[Taped]:
    return list(TapeReader(path))


@contextmanager
def a_disk_with_room_for(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond a size [bytes]."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "one.tape"


def test_tape_when_closed_gives_every_input_back_in_order(tmp_path: Path) -> None:
    tape = Tape(tmp_path, 1, DAY_1)
    tape.append(1, BEGUN)
    tape.append(2, PhaseChanged(Phase.CONTINUOUS, NOON))
    write(tape, range(5, 1_000))
    tape.close()

    day = DayTape(tmp_path, DAY_1)

    assert list(day) == [
        Taped(1, BEGUN),
        Taped(2, PhaseChanged(Phase.CONTINUOUS, NOON)),
        *ticks(range(5, 1_000)),
    ]
    assert day.torn == 0
    assert newest_seq(tmp_path) == 999


def test_sync_when_everything_up_to_there_is_durable_does_nothing(tmp_path: Path) -> None:
    tape = Tape(tmp_path, 1, DAY_1)
    write(tape, [1, 2, 3, 8])
    tape.sync(0)
    assert tape.syncs == 0
    tape.sync(2)
    tape.sync(3)
    tape.sync(7)
    tape.sync(10)
    assert tape.syncs == 1
    write(tape, [12])
    tape.sync(11)
    assert tape.syncs == 1
    tape.sync(12)
    assert tape.syncs == 2
    tape.close()


def test_sync_when_done_has_written_every_input_up_to_there(path: Path) -> None:
    tape = TapeFile(path)
    write(tape, range(1, 10))
    assert read(path) == []

    tape.sync(1)

    assert read(path) == ticks(range(1, 10))
    tape.close()


def test_tape_when_its_tail_is_torn_anywhere_keeps_every_whole_frame(path: Path) -> None:
    tape = TapeFile(path)
    write(tape, [1, 2])
    tape.sync(2)
    durable = path.stat().st_size
    write(tape, [3, 4])
    tape.sync(4)
    whole = path.read_bytes()
    tape.close()

    for length in range(durable, len(whole)):
        path.write_bytes(whole[:length])
        reader = TapeReader(path)
        found = list(reader)
        assert found[:2] == ticks([1, 2])
        assert found == ticks(range(1, len(found) + 1))
        again = TapeFile(path)
        assert again.cut == reader.torn
        assert again.last_seq == len(found)
        write(again, [9])
        again.close()
        assert read(path) == [*found, *ticks([9])]


@pytest.mark.parametrize("garbage", [bytes(64), b"\xff" * 64, struct.pack(">IIQ", 40, 1, 1)])
def test_tape_when_its_tail_is_garbage_cuts_it_off(path: Path, garbage: bytes) -> None:
    tape = TapeFile(path)
    write(tape, range(1, 4))
    tape.close()
    with path.open("ab") as file:
        file.write(garbage)

    again = TapeFile(path)

    assert again.cut == len(garbage)
    assert again.last_seq == 3
    again.close()
    assert read(path) == ticks(range(1, 4))


def test_tape_when_any_durable_byte_is_damaged_names_the_place(path: Path) -> None:
    tape = TapeFile(path)
    write(tape, range(1, 4))
    tape.sync(3)
    durable = path.stat().st_size
    write(tape, [4])
    tape.close()
    whole = path.read_bytes()

    for place in range(durable):
        damaged = bytearray(whole)
        damaged[place] ^= 0x01
        path.write_bytes(damaged)
        with pytest.raises(JournalCorruptError, match=r"one\.tape is damaged at byte \d+"):
            read(path)


def test_tape_when_opened_damaged_is_refused(path: Path) -> None:
    tape = TapeFile(path)
    write(tape, range(1, 4))
    tape.close()
    damaged = bytearray(path.read_bytes())
    damaged[20] ^= 0x80
    path.write_bytes(damaged)

    with pytest.raises(JournalCorruptError, match="Restore it from a backup"):
        TapeFile(path)


def test_tape_when_a_hole_lies_beyond_the_last_sync_is_cut_there(path: Path) -> None:
    tape = TapeFile(path, buffered=1)
    write(tape, [1])
    tape.sync(1)
    write(tape, [2, 3, 4])
    size = path.stat().st_size
    content = bytearray(path.read_bytes())
    hole = size // 2
    content[hole : hole + 8] = bytes(8)  # as when the disk wrote later blocks first
    path.write_bytes(content)

    found = read(path)

    assert found == ticks(range(1, len(found) + 1))
    assert 1 <= len(found) < 4
    tape.close()


def test_tape_when_empty_or_only_begun_has_no_input(path: Path) -> None:
    for content in (b"", b"maemae"):
        path.write_bytes(content)
        assert read(path) == []
        tape = TapeFile(path)
        write(tape, [1])
        tape.close()
        assert read(path) == ticks([1])


def test_tape_when_of_another_format_is_refused(path: Path) -> None:
    path.write_bytes(b"maemae tape 9\n" + bytes(100))

    with pytest.raises(JournalCorruptError, match="byte 0"):
        read(path)


def test_tape_when_the_disk_is_full_says_so_and_goes_on_once_there_is_space(path: Path) -> None:
    tape = TapeFile(path)
    write(tape, range(1, 6))
    tape.sync(5)
    size = path.stat().st_size
    write(tape, range(6, 50))

    with a_disk_with_room_for(size + 100):
        for _ in range(3):
            with pytest.raises(StorageError, match="space"):
                tape.sync(49)
        assert path.stat().st_size == size
    write(tape, range(50, 60))
    tape.sync(59)

    assert read(path) == ticks(range(1, 60))
    tape.close()


def test_append_when_the_disk_is_full_keeps_what_it_was_given(path: Path) -> None:
    tape = TapeFile(path, buffered=200, most_kept=400)
    refused = 0

    with a_disk_with_room_for(100):
        for seq in range(1, 100):
            try:
                tape.append(seq, a_tick(seq))
            except StorageError:
                refused += 1
    kept = tape.last_seq
    tape.close()

    assert refused > 90
    assert 400 < path.stat().st_size < 600
    assert read(path) == ticks(range(1, kept + 1))


def test_tape_when_a_sync_failed_is_not_used_any_more(path: Path) -> None:
    tape = TapeFile(path)
    write(tape, [1])
    receiving, sending = os.pipe()
    os.dup2(sending, tape._descriptor)  # takes bytes, cannot be synced

    with pytest.raises(StorageError):
        tape.sync(1)

    with pytest.raises(StorageError, match="start again"):
        tape.sync(1)
    with pytest.raises(StorageError, match="start again"):
        tape.append(2, a_tick(2))
    tape.close()
    for descriptor in (receiving, sending):
        os.close(descriptor)


def test_append_when_numbers_do_not_rise_is_refused(path: Path) -> None:
    tape = TapeFile(path)
    write(tape, [5])
    for seq in (5, 4, 0):
        with pytest.raises(StorageError, match="numbers rise"):
            tape.append(seq, a_tick(1))
    tape.close()
    assert read(path) == ticks([5])


def test_tape_when_a_session_ends_goes_on_in_the_file_of_the_next(tmp_path: Path) -> None:
    tape = Tape(tmp_path, 1, DAY_1)
    write(tape, [1, 2])
    tape.turn_to(DAY_1)
    tape.turn_to(DAY_2)
    assert list(DayTape(tmp_path, DAY_1)) == ticks([1, 2])
    write(tape, [3])
    tape.sync(3)
    assert tape.syncs == 2
    tape.close()

    assert list(DayTape(tmp_path, DAY_1)) == ticks([1, 2])
    assert list(DayTape(tmp_path, DAY_2)) == ticks([3])
    assert list(DayTape(tmp_path, DAY_2 + timedelta(1))) == []
    assert newest_seq(tmp_path) == 3


def test_tape_when_a_fenced_executor_still_writes_leaves_it_out(tmp_path: Path) -> None:
    paused = Tape(tmp_path, 1, DAY_1)
    write(paused, range(1, 6))
    paused.sync(5)
    newer = Tape(tmp_path, 2, DAY_1)
    write(newer, [6, 7])
    newer.sync(7)

    write(paused, range(6, 20))
    paused.close()
    write(newer, [8])
    newer.close()

    assert list(DayTape(tmp_path, DAY_1)) == ticks(range(1, 9))


def test_newest_seq_when_the_last_session_is_empty_looks_further_back(tmp_path: Path) -> None:
    assert newest_seq(tmp_path) == 0
    tape = Tape(tmp_path, 1, DAY_1)
    write(tape, [1, 2])
    tape.turn_to(DAY_2)
    tape.close()

    assert newest_seq(tmp_path) == 2


def test_tape_when_closed_twice_is_closed_once(tmp_path: Path) -> None:
    tape = Tape(tmp_path, 1, DAY_1)
    tape.close()
    tape.close()
    with pytest.raises(StorageError):
        tape.append(1, BEGUN)


def test_file_name_sorts_by_session_then_epoch() -> None:
    names = [file_name(DAY_1, 2), file_name(DAY_1, 10), file_name(DAY_2, 1)]
    assert names == sorted(names)
