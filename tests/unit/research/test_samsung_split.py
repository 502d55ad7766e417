"""A backtest through a split of fifty for one: sane with the event, worthless without it."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from maemae import Strategy, ta
from maemae.analytics.trades import RoundTrip
from maemae.domain.ids import Symbol
from maemae.domain.position import Position
from maemae.domain.terms import PriceBasis
from maemae.domain.text import Language
from maemae.krx.session import regular_close, regular_open
from maemae.research.backtest import ACCOUNT, BacktestPlan, BacktestResult, backtest
from maemae.research.benchmark import equal_holding
from maemae.research.price_breaks import PriceBreaks, price_breaks
from maemae.research.report.render import render
from maemae.research.reporting import action_rows, price_warning
from maemae.strategy.panel import FIELDS, Panel
from tests.samsung_split import EX_DATE, LISTED, SAMSUNG, SPLIT, samsung
from tests.shared_data import shared
from tests.unit.research.report.run_reports import a_report

FREE_CASH = 20_000_000


class Holder(Strategy):
    """Buys three shares after the first bar, with a stop, and sells after a given one."""

    leave_after = -1

    def setup(self) -> None:
        self.average = self.indicator(ta.sma, 3)
        self.bars = 0
        self.seen: list[float] = []
        self.every("bar", self.step)

    def step(self) -> None:
        if self.bars == 0:
            self.buy(SAMSUNG, shares=3, stop_loss=0.1)
        if self.bars == self.leave_after:
            self.close(SAMSUNG)
        self.seen.append(self.average[SAMSUNG])
        self.bars += 1


class Seller(Holder):
    """Sells what it holds once the shares are new."""

    leave_after = 11


def run(panel: Panel, strategy: Strategy | None = None, *, dense: bool = False) -> BacktestResult:
    plan = BacktestPlan(cash=FREE_CASH, instruments=LISTED, dense=dense)
    return backtest(strategy or Holder(), panel, plan)


def position(result: BacktestResult) -> Position:
    (sleeve,) = result.state.sleeves.values()
    return sleeve.positions.get(SAMSUNG, Position())


def test_split_when_told_of_keeps_the_position_and_its_worth() -> None:
    result = run(samsung())
    (bought,) = result.fills
    assert (bought.qty, bought.px) == (3, 2_600_000)  # the open of 2018-04-19
    held = position(result)
    assert (held.qty, held.cost) == (150, 7_800_000)
    (change,) = result.changes
    assert (change.qty, change.new_qty, change.cash) == (3, 150, 0)
    (sleeve,) = result.state.sleeves.values()
    assert sleeve.protections[SAMSUNG].stop_px == 46_800  # 2,340,000 in old shares
    place = [day == EX_DATE for day in result.curve.days].index(True)
    worth = result.curve.invested.tolist()
    assert worth[place - 4 : place + 1] == [7_950_000] * 4 + [150 * 51_900]
    account = result.house.account(ACCOUNT)
    assert (account.cash, account.holdings[SAMSUNG].qty) == (sleeve.cash, 150)


def test_split_when_not_told_of_fires_the_stop_at_a_fiftieth() -> None:
    panel = samsung(told=False)
    result = run(panel)
    _, sold = result.fills
    # quarantined on the day itself, and gone at the next opening: 2,340,000 was the stop
    assert (sold.qty, sold.px) == (-3, 52_600)
    (trip,) = result.trips
    assert (trip.reason, trip.cost, trip.proceeds) == ("STOP", 7_800_000, 157_800)
    assert price_breaks(panel, result.fills, LISTED) == PriceBreaks(found=1, held=1)
    assert result.curve.equity[-1] < FREE_CASH - 7_600_000


def test_split_when_told_of_is_no_break() -> None:
    panel = samsung()
    result = run(panel)
    assert price_breaks(panel, result.fills, LISTED, result.changes) == PriceBreaks(0, 0)


def test_sale_after_a_split_closes_the_whole_purchase() -> None:
    result = run(samsung(), Seller())
    _, sold = result.fills
    assert (sold.qty, sold.px) == (-150, 52_600)
    (trip,) = result.trips
    assert isinstance(trip, RoundTrip)
    assert (trip.qty, trip.cost, trip.proceeds) == (150, 7_800_000, 7_890_000)
    assert trip.pnl == 90_000 - trip.commission - trip.tax
    assert int(result.curve.equity[-1]) == FREE_CASH + trip.pnl
    assert result.house.account(ACCOUNT).cash == FREE_CASH + trip.pnl


@pytest.mark.parametrize("strategy", [Holder, Seller])
def test_split_when_every_bar_is_visited_gives_the_same(strategy: type[Strategy]) -> None:
    sparse, dense = run(samsung(), strategy()), run(samsung(), strategy(), dense=True)
    assert sparse.order_hash == dense.order_hash
    assert sparse.book_hash == dense.book_hash
    assert sparse.curve.equity.tolist() == dense.curve.equity.tolist()


def test_average_through_the_split_is_that_of_adjusted_prices_from_the_day_on() -> None:
    told, adjusted = Holder(), Holder()
    run(samsung(), told)
    run(samsung(told=False, adjusted=True), adjusted)
    place = 11
    assert told.seen[place:] == pytest.approx(adjusted.seen[place:], rel=1e-12)
    assert told.seen[2:place] == pytest.approx([50 * each for each in adjusted.seen[2:place]])


def test_holding_everything_through_a_split_is_no_crash() -> None:
    held, lied = equal_holding(samsung()), equal_holding(samsung(told=False))
    assert held is not None
    assert lied is not None
    assert held.values[-1] == pytest.approx(50 * 51_600 / 2_568_000)
    assert lied.values[-1] == pytest.approx(51_600 / 2_568_000)


def test_report_shows_what_became_of_the_shares() -> None:
    panel = samsung()
    result = run(panel)
    (row,) = action_rows(result.changes, {SAMSUNG: "삼성전자"})
    assert (row.day, row.name, row.qty, row.new_qty, row.cash) == (EX_DATE, "삼성전자", 3, 150, 0)
    page = render(a_report(actions=[row]), Language.KO)
    assert "기업행동" in page
    assert "<td>150</td>" in page
    assert "기업행동" not in render(a_report(), Language.KO)
    warning = price_warning(panel.basis, PriceBreaks(1, 1))
    assert warning is not None
    assert "import-actions" in warning.ko


class Stopped(Strategy):
    """Holds with a stop whenever the short average is above the long one."""

    def setup(self) -> None:
        fast, slow = self.indicator(ta.sma, 5), self.indicator(ta.sma, 20)
        self.fired: list[tuple[str, date]] = []
        self.when(fast.crosses_above(slow), self.enter)
        self.when(fast.crosses_below(slow), self.leave)

    def enter(self, symbol: Symbol) -> None:
        self.fired.append(("enter", self.now.date()))
        self.buy(symbol, weight=0.9, stop_loss=0.2)

    def leave(self, symbol: Symbol) -> None:
        self.fired.append(("leave", self.now.date()))
        self.close(symbol)


def real(*, adjusted: bool) -> Panel:
    """Return 005930 as it is in the file, or as it was traded: old prices times fifty."""
    frame = (
        pl.read_parquet(shared("daily_arclien_adj_2015_2022.parquet"))
        .filter(pl.col("symbol") == SAMSUNG)
        .with_columns(day=pl.col("datetime").dt.date())
        .filter(pl.col("day").is_between(date(2017, 6, 1), date(2019, 6, 28)))
        .sort("day")
    )
    days = frame["day"].to_list()
    fields = {name: frame[name].to_numpy().astype(np.int64).reshape(1, -1) for name in FIELDS}
    if not adjusted:
        old = np.array(days) < EX_DATE
        for name in FIELDS[:4]:
            fields[name] = np.where(old, fields[name] * 50, fields[name])
    return Panel(
        (SAMSUNG,),
        np.array([regular_open(day) for day in days], np.int64),
        np.array([regular_close(day) for day in days], np.int64),
        fields,
        PriceBasis.ADJUSTED if adjusted else PriceBasis.RAW,
    )


def test_two_years_around_the_split_signal_as_on_adjusted_prices() -> None:
    raw, adjusted, untold = Stopped(), Stopped(), Stopped()
    told = run(real(adjusted=False).with_actions([SPLIT]), raw)
    smooth = run(real(adjusted=True), adjusted)
    broken = run(real(adjusted=False), untold)
    assert raw.fired == adjusted.fired
    assert len(raw.fired) > 10
    assert raw.fired != untold.fired
    reasons = [trip.reason for trip in told.trips]
    assert reasons == [trip.reason for trip in smooth.trips]
    assert told.summary.total_return == pytest.approx(smooth.summary.total_return, abs=0.03)
    assert min(np.diff(told.curve.equity) / told.curve.equity[:-1]) > -0.1
    assert broken.order_hash != told.order_hash
