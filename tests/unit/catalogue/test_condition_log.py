"""What a condition search found: recorded as it was known, read as of any moment."""

from __future__ import annotations

from pathlib import Path

import pytest

from maemae.catalogue.condition_log import ConditionLog, Learned, Listed, Lost, Moved
from maemae.domain.errors import InvalidValueError, MissingDataError, StorageError
from maemae.domain.ids import Symbol

A, B = Symbol("005930"), Symbol("000660")
LEARNED: tuple[Learned, ...] = (
    Listed(10, (A,)),
    Moved(20, B, is_in=True),
    Moved(30, A, is_in=False),
    Lost(40),
    Moved(50, A, is_in=True),
    Listed(60, ()),
)


@pytest.fixture
def log(tmp_path: Path) -> ConditionLog:
    return ConditionLog(tmp_path, "등락률 3% 이상")


@pytest.mark.parametrize(
    ("instant", "members"),
    [
        (9, None),
        (10, frozenset({A})),
        (19, frozenset({A})),
        (20, frozenset({A, B})),
        (30, frozenset({B})),
        (40, None),
        (55, None),
        (60, frozenset()),
        (1_000, frozenset()),
    ],
)
def test_members_are_what_was_known_then_and_none_where_nothing_was(
    log: ConditionLog, instant: int, members: frozenset[Symbol] | None
) -> None:
    for each in LEARNED:
        log.append(each)
    assert log.read().members_at(instant) == members


def test_members_when_the_clock_was_set_back_are_not_moved_into_the_past(
    log: ConditionLog,
) -> None:
    for each in (Listed(10, (A,)), Moved(5, B, is_in=True)):
        log.append(each)
    history = log.read()
    assert history.members_at(9) is None
    assert history.members_at(10) == frozenset({A, B})


def test_log_when_its_last_line_is_torn_goes_without_it(log: ConditionLog) -> None:
    log.append(LEARNED[0])
    with log.path.open("ab") as file:
        file.write(b'{"type":"MOVED","known_')
    assert log.read().members_at(1_000) == frozenset({A})
    log.append(Moved(20, B, is_in=True))
    assert log.read().members_at(1_000) == frozenset({A, B})


def test_log_when_a_line_is_damaged_says_which(log: ConditionLog) -> None:
    log.append(LEARNED[0])
    log.path.write_bytes(b"{}\n" + log.path.read_bytes())
    with pytest.raises(StorageError, match="Line 1"):
        log.read()


def test_log_when_there_is_none_says_how_to_record(log: ConditionLog) -> None:
    with pytest.raises(MissingDataError, match="maemae data conditions"):
        log.read()


@pytest.mark.parametrize("name", ["", ".hidden", "a/b", "..\\c"])
def test_log_when_its_name_is_none_of_a_file_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidValueError):
        ConditionLog(tmp_path, name)
