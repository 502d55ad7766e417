"""A trading day: it trades, agrees with the broker, and goes on after an interruption."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from msgspec.structs import replace

from maemae.domain.errors import (
    CommitUnknownError,
    ConfigError,
    JournalCorruptError,
    MissingDataError,
)
from maemae.domain.ids import Symbol
from maemae.storage.journal import SqliteJournal
from maemae.storage.records import Header
from maemae.strategies.golden_cross import GoldenCross
from maemae.strategy.author import Strategy
from maemae.trading.simulated_day.day import DayPlan, DayResult, TradingDay
from tests.journals import tamper
from tests.trading_days import MORNING, SYMBOLS, Market, a_morning, a_plan, make_market, run_day

LAST_HOUR = 10


class Unwell(Strategy):
    """Its code cannot run before the last records of the day."""

    def on_bar(self, symbol: Symbol) -> None:
        if self.now.hour < LAST_HOUR:
            raise RuntimeError("ran")


class ForgetfulJournal(SqliteJournal):
    """Commits, and then cannot say that it did."""

    def __init__(self, path: Path, header: Header, commits: int) -> None:
        super().__init__(path, header)
        self._commits_left = commits

    def commit(self) -> None:
        super().commit()
        self._commits_left -= 1
        if self._commits_left == 0:
            self.close()
            raise CommitUnknownError("알 수 없습니다.", "unknown")


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Market:
    return a_morning(make_market(tmp_path_factory.mktemp("market"), SYMBOLS[:4]))


@pytest.fixture(scope="module")
def folder(market: Market, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the journal of the whole day."""
    folder = tmp_path_factory.mktemp("whole")
    run_day(a_plan(market), folder / "journal.db")
    return folder


@pytest.fixture(scope="module")
def whole(market: Market, tmp_path_factory: pytest.TempPathFactory) -> DayResult:
    return run_day(a_plan(market), tmp_path_factory.mktemp("again") / "journal.db")


def same_figures(result: DayResult, whole: DayResult) -> bool:
    return (result.order_hash, result.book_hash, result.fills, result.differences) == (
        whole.order_hash,
        whole.book_hash,
        whole.fills,
        (),
    )


def test_day_trades_and_agrees_with_the_broker(whole: DayResult) -> None:
    assert whole.orders > 30
    assert whole.fills
    assert whole.repeated == 0
    assert whole.differences == ()


def test_day_when_run_again_after_its_end_repeats_everything(
    market: Market, folder: Path, whole: DayResult, tmp_path: Path
) -> None:
    shutil.copy(folder / "journal.db", tmp_path)

    result = run_day(a_plan(market), tmp_path / "journal.db")

    assert result.repeated > 200
    assert same_figures(result, whole)


def test_day_when_it_repeats_does_not_run_the_strategy(
    market: Market, folder: Path, whole: DayResult, tmp_path: Path
) -> None:
    shutil.copy(folder / "journal.db", tmp_path)

    assert same_figures(run_day(a_plan(market, Unwell()), tmp_path / "journal.db"), whole)


def test_day_when_the_watcher_is_called_is_live_and_durable(market: Market, tmp_path: Path) -> None:
    plan = a_plan(market)
    seen: list[int] = []

    def watch(day: TradingDay) -> None:
        assert day.is_live
        assert not journal._rows
        seen.append(day.index)

    with SqliteJournal(tmp_path / "journal.db", plan.header("x", 0)) as journal:
        TradingDay(plan, journal).run(watch)

    assert seen == list(range(381, 381 + MORNING))


@pytest.mark.parametrize("commits", [1, 2, 40])
def test_day_when_a_commit_is_in_doubt_is_rebuilt_from_the_store(
    market: Market, whole: DayResult, tmp_path: Path, commits: int
) -> None:
    plan = a_plan(market)
    path = tmp_path / "journal.db"
    with (
        ForgetfulJournal(path, plan.header("x", 0), commits) as journal,
        pytest.raises(CommitUnknownError),
    ):
        TradingDay(plan, journal).run()

    result = run_day(a_plan(market), path)

    assert result.repeated > 0
    assert same_figures(result, whole)


def test_day_when_the_market_data_differ_is_refused(
    market: Market, folder: Path, tmp_path: Path
) -> None:
    shutil.copy(folder / "journal.db", tmp_path)
    other = make_market(tmp_path / "other", SYMBOLS[:3])

    with pytest.raises(ConfigError, match="market data"):
        run_day(a_plan(other), tmp_path / "journal.db")


def test_day_when_the_cash_differs_is_refused(market: Market, folder: Path, tmp_path: Path) -> None:
    shutil.copy(folder / "journal.db", tmp_path)

    with pytest.raises(ConfigError, match="costs"):
        run_day(richer(a_plan(market)), tmp_path / "journal.db")


@pytest.mark.parametrize(
    ("fingerprint", "words"), [("another", "another build"), (None, "journal is damaged")]
)
def test_day_when_something_else_comes_again_says_why(
    market: Market, tmp_path: Path, fingerprint: str | None, words: str
) -> None:
    plan = a_plan(market)
    header = plan.header("x", 0)
    if fingerprint is not None:
        header = replace(header, fingerprint=fingerprint)
    path = tmp_path / "journal.db"
    with SqliteJournal(path, header) as journal:
        TradingDay(plan, journal).run()

    with SqliteJournal(path, header) as journal, pytest.raises(JournalCorruptError, match=words):
        TradingDay(richer(a_plan(market)), journal)


def test_day_when_the_snapshot_is_of_another_book_is_refused(
    market: Market, folder: Path, tmp_path: Path
) -> None:
    shutil.copy(folder / "journal.db", tmp_path)
    tamper(tmp_path, "UPDATE snapshot SET state = zeroblob(9)")

    with pytest.raises(JournalCorruptError, match="snapshot"):
        run_day(a_plan(market), tmp_path / "journal.db")


def test_day_when_the_day_before_is_missing_is_refused(market: Market, tmp_path: Path) -> None:
    plan = replace(a_plan(market), panel=market.panel.until(100))

    with pytest.raises(MissingDataError, match="the one before"):
        run_day(plan, tmp_path / "journal.db")


def richer(plan: DayPlan) -> DayPlan:
    """Return the plan with one won more for the first strategy."""
    first, *others = plan.seats
    return replace(plan, seats=[replace(first, cash=first.cash + 1), *others])


def test_strategy_when_edited_trades_on_from_where_the_day_stood(
    market: Market, folder: Path, whole: DayResult, tmp_path: Path
) -> None:
    shutil.copy(folder / "journal.db", tmp_path)
    tamper(tmp_path, "DELETE FROM record WHERE seq > 100")
    tamper(tmp_path, "DELETE FROM snapshot WHERE seq > 100")

    edited = run_day(a_plan(market, GoldenCross(fast=2, slow=10)), tmp_path / "journal.db")

    assert edited.repeated == 100
    assert edited.order_hash != whole.order_hash
    assert edited.differences == ()
