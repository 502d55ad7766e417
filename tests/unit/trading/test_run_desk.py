"""Runs of strategies begin once, end for good, and go on after a restart as they were."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from maemae.catalogue.interval import Interval
from maemae.core.events import Event, SleeveOpened
from maemae.core.limits import Limits
from maemae.core.state import CoreState
from maemae.domain.cash_flow import CashFlow
from maemae.domain.errors import StorageError, StrategyError
from maemae.domain.ids import EXTERNAL_SLEEVE
from maemae.domain.text import Text
from maemae.ports import Alert
from maemae.strategy.panel import Panel
from maemae.strategy.run import Run
from maemae.trading.conduct import RunState
from maemae.trading.control.commands import (
    PauseStrategy,
    RunStrategy,
    StartStrategy,
    StopStrategy,
    StrategyCommand,
)
from maemae.trading.mailbox import Answer
from maemae.trading.run_desk import RunDesk, new_run
from maemae.trading.strategies import BarSource, Strategies
from maemae.trading.workers.bars import BarRow
from tests.builders import ACCOUNT, CASH, NOON, SLEEVE, a_core

KEY = (ACCOUNT, SLEEVE)
PATIENCE = 60.0
RUN = RunStrategy("k1", "kim", ACCOUNT, SLEEVE, "golden_cross", {"fast": 5}, cash=1_000)


class Book:
    """Runs in memory, as the store keeps them (`maemae.trading.run_desk.RunBook`)."""

    def __init__(self) -> None:
        self.runs: dict[str, Run] = {}
        self.began = threading.Event()
        self.paused = threading.Event()

    def begin(self, run: Run) -> None:
        self.runs.setdefault(run.run_id, run)
        self.began.set()

    def pause(self, run_id: str, at: int | None, reason: str | None) -> None:
        self._change(run_id, paused_at=at, pause_reason=reason)
        self.paused.set()

    def end(self, run_id: str, at: int, reason: str) -> None:
        self._change(run_id, ended_at=at, end_reason=reason)

    def newest(self) -> tuple[Run, ...]:
        newest = {(run.account_id, run.sleeve_id): run for run in self.runs.values()}
        return tuple(newest.values())

    def find(self, run_id: str) -> Run | None:
        return self.runs.get(run_id)

    def _change(self, run_id: str, **values: object) -> None:
        run = self.runs[run_id]
        if run.ended_at is None:
            told = {name: getattr(run, name) for name in run.__struct_fields__}
            self.runs[run_id] = Run(**{**told, **values})


class NoRows:
    """No bars of the day."""

    def rows(self, day: date, width: int) -> tuple[BarRow, ...]:
        return ()

    def append(self, row: BarRow) -> None:
        raise AssertionError(row)


class Clock:
    """Both clocks; they stand."""

    speed = 1

    def now(self) -> int:
        return NOON

    def monotonic(self) -> int:
        return NOON

    async def sleep(self, nanos: int) -> None:
        raise AssertionError(nanos)

    async def sleep_until(self, instant: int) -> None:
        raise AssertionError(instant)


def no_history(day: date) -> Panel:
    raise AssertionError(day)


class Office:
    """A desk of one life of an executor, over a book that outlives it."""

    def __init__(self, book: Book, *, has_bars: bool = True) -> None:
        self.book = book
        self.told: list[tuple[str, Event]] = []
        self.alerts: list[Alert] = []
        source = BarSource(no_history, Interval(1)) if has_bars else None
        self.strategies = Strategies(
            source,
            NoRows(),
            self.alerts.append,
            lambda _ending, _subject: None,
            lambda: NOON,
            lambda _: None,
        )
        clocks = Clock(), Clock()
        self.desk = RunDesk(
            book, self.strategies, self._tell, clocks, self.alerts.append, Limits(max_positions=7)
        )

    async def _tell(self, event: Event, key: str) -> Answer:
        self.told.append((key, event))
        return ()

    def do(self, command: StrategyCommand, state: CoreState | None = None) -> Text | None:
        return run(lambda: self.desk.do(command, CoreState() if state is None else state))

    def state(self) -> RunState | None:
        conduct = self.desk.find(KEY)
        return None if conduct is None else conduct.state


def run(make: Callable[[], Coroutine[Any, Any, Text | None]]) -> Text | None:
    return asyncio.run(make())


def test_run_opens_its_sleeve_with_cash_of_external_and_is_kept() -> None:
    office = Office(Book())

    assert office.do(RUN) is None

    (_, opened), (_, flow) = office.told
    assert isinstance(opened, SleeveOpened)
    assert (opened.cash, opened.limits.max_positions) == (0, 7)
    assert isinstance(flow, CashFlow)
    assert (flow.sleeve_id, flow.to_sleeve_id, flow.amount) == (EXTERNAL_SLEEVE, SLEEVE, 1_000)
    (kept,) = office.book.newest()
    assert (kept.spec, kept.values, kept.cash) == ("golden_cross", {"fast": 5}, 1_000)
    assert office.state() is RunState.WARMING_UP


def test_run_in_a_sleeve_that_is_open_only_moves_cash_under_the_same_key() -> None:
    first, second = Office(Book()), Office(Book())
    first.do(RUN)

    second.do(RUN, a_core(cash=CASH).state)

    assert [type(event) for _, event in second.told] == [CashFlow]
    assert second.told[0][0] == first.told[1][0]


def test_run_when_it_is_asked_for_again_begins_once() -> None:
    office = Office(Book())
    office.do(RUN)
    told = len(office.told)

    assert office.do(RUN) is None

    assert len(office.told) == told
    assert len(office.book.runs) == 1


def test_run_when_another_runs_in_the_sleeve_is_refused() -> None:
    office = Office(Book())
    office.do(RUN)

    refusal = office.do(RunStrategy("k2", "kim", ACCOUNT, SLEEVE, "momentum"))

    assert refusal is not None
    assert "already" in refusal.en


@pytest.mark.parametrize("other", ["k1", "k2"])
def test_run_when_asked_for_twice_at_once_begins_once_and_moves_cash_once(other: str) -> None:
    office = Office(Book())
    again = RunStrategy(other, "kim", ACCOUNT, SLEEVE, "golden_cross", {"fast": 5}, cash=1_000)

    async def both() -> list[Text | None]:
        state = CoreState()
        return [*await asyncio.gather(*(office.desk.do(each, state) for each in (RUN, again)))]

    told = asyncio.run(both())

    assert [text is None for text in told] == [True, other == "k1"]
    assert [type(event) for _, event in office.told] == [SleeveOpened, CashFlow]
    assert len(office.book.runs) == 1


def test_run_without_bars_to_begin_with_is_refused_and_moves_nothing() -> None:
    office = Office(Book(), has_bars=False)

    refusal = office.do(RUN)

    assert refusal is not None
    assert office.told == []


def test_run_of_a_strategy_that_is_not_there_says_so_and_moves_nothing() -> None:
    office = Office(Book())

    with pytest.raises(StrategyError, match="no bundled strategy"):
        office.do(RunStrategy("k2", "kim", ACCOUNT, SLEEVE, "golden_kross"))
    assert office.told == []


def test_run_with_a_value_out_of_range_says_so_and_moves_nothing() -> None:
    office = Office(Book())

    with pytest.raises(StrategyError, match="range"):
        office.do(RunStrategy("k2", "kim", ACCOUNT, SLEEVE, "golden_cross", {"fast": 5_000}))
    assert office.told == []


def test_pause_is_kept_over_a_restart_until_a_person_lets_it_go_on() -> None:
    book = Book()
    office = Office(book)
    office.do(RUN)
    office.do(PauseStrategy("k2", "kim", ACCOUNT, SLEEVE, "점심"))
    assert office.state() is RunState.PAUSED

    again = Office(book)
    again.desk.recall(())

    assert again.state() is RunState.PAUSED
    assert again.do(StartStrategy("k3", "kim", ACCOUNT, SLEEVE)) is None
    assert again.state() is RunState.WARMING_UP
    assert book.newest()[0].paused_at is None


def test_pause_of_a_run_that_was_never_noted_is_kept_over_a_restart_too() -> None:
    book = Book()
    asked = new_run("asked", "golden_cross", {"fast": 5}, KEY, 0, NOON)
    office = Office(book)
    office.desk.recall([asked])  # before its session nothing is noted of it

    assert office.do(PauseStrategy("k2", "kim", ACCOUNT, SLEEVE, "점심")) is None

    again = Office(book)
    again.desk.recall([new_run("later", "golden_cross", {"fast": 5}, KEY, 0, NOON)])
    assert again.state() is RunState.PAUSED


def test_pause_that_the_store_did_not_take_is_noted_once_the_worker_started() -> None:
    class Late(Book):
        has_sleeve = False

        def begin(self, run: Run) -> None:
            if not self.has_sleeve:
                raise StorageError("없습니다.", "There is no sleeve yet.")
            super().begin(run)

    book = Late()
    office = Office(book)
    office.desk.recall([new_run("asked", "golden_cross", {}, KEY, 0, NOON)])
    with pytest.raises(StorageError):
        office.do(PauseStrategy("k2", "kim", ACCOUNT, SLEEVE, "점심"))
    assert office.state() is RunState.PAUSED  # all the same
    book.has_sleeve = True

    async def begin() -> None:
        office.strategies.note_started(KEY)
        assert await asyncio.to_thread(book.paused.wait, PATIENCE)

    asyncio.run(begin())
    assert book.newest()[0].paused_at == NOON


def test_stop_is_for_good_until_a_person_starts_it_as_another_run() -> None:
    book = Book()
    office = Office(book)
    office.do(RUN)
    office.do(StopStrategy("k2", "kim", ACCOUNT, SLEEVE, "그만"))

    again = Office(book)
    again.desk.recall([new_run("asked", "golden_cross", {"fast": 5}, KEY, 0, NOON)])

    assert again.state() is RunState.STOPPED
    assert [alert.code for alert in again.alerts] == ["STRATEGY_STOPPED"]
    assert again.do(StartStrategy("k3", "kim", ACCOUNT, SLEEVE)) is None
    assert again.state() is RunState.WARMING_UP
    newest = book.newest()[0]
    assert (newest.values, newest.ended_at) == ({"fast": 5}, None)
    assert len(book.runs) == 2


def test_run_when_its_code_changed_goes_on_as_another_run(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text("class Mine: pass\n")
    book = Book()
    office = Office(book)
    office.do(RunStrategy("k1", "kim", ACCOUNT, SLEEVE, f"{file}:Mine"))
    file.write_text("class Mine: x = 1\n")

    again = Office(book)
    again.desk.recall(())

    first, second = book.runs.values()
    assert (first.end_reason, second.ended_at) == ("changed", None)
    assert first.code_hash != second.code_hash
    assert [alert.code for alert in again.alerts] == ["STRATEGY_CHANGED"]
    assert again.state() is RunState.WARMING_UP


def test_run_when_its_file_is_gone_is_told_and_the_others_go_on(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text("class Mine: pass\n")
    book = Book()
    Office(book).do(RunStrategy("k1", "kim", ACCOUNT, SLEEVE, f"{file}:Mine"))
    file.unlink()

    again = Office(book)
    again.desk.recall(())

    assert [alert.code for alert in again.alerts] == ["STRATEGY_FAILED"]
    assert again.state() is RunState.STOPPED


def test_asked_run_is_kept_once_its_worker_started() -> None:
    office = Office(Book())

    async def begin() -> None:
        office.desk.recall([new_run("asked", "golden_cross", {}, KEY, 0, NOON)])
        assert office.book.runs == {}
        office.strategies.note_started(KEY)
        assert await asyncio.to_thread(office.book.began.wait, PATIENCE)

    asyncio.run(begin())

    assert set(office.book.runs) == {"asked"}


def test_command_about_a_strategy_that_never_ran_says_so() -> None:
    office = Office(Book())

    for command in (
        StartStrategy("k", "kim", ACCOUNT, SLEEVE),
        PauseStrategy("k", "kim", ACCOUNT, SLEEVE, "왜"),
        StopStrategy("k", "kim", ACCOUNT, SLEEVE, "왜"),
    ):
        refusal = office.do(command)
        assert refusal is not None
        assert "no strategy" in refusal.en
