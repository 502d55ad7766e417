"""Every fill knows the price its order saw, and the parts of a run add up to its books."""

from __future__ import annotations

from datetime import date

import pytest

from maemae.analytics.costs import costs_of
from maemae.analytics.summary import Curve
from maemae.catalogue.catalogue import Catalogue
from maemae.catalogue.synthetic import synthetic_market
from maemae.domain.terms import PriceBasis
from maemae.research.backtest import BacktestPlan, BacktestResult, backtest
from maemae.research.reporting import parts_of
from maemae.research.symbol_charts import MOST, symbol_charts
from maemae.strategies.golden_cross import GoldenCross
from maemae.strategy.panel import Panel
from tests.bar_frames import a_spec

Ran = tuple[Panel, BacktestResult]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    market = synthetic_market(5, first=date(2022, 1, 3), last=date(2023, 6, 30))
    catalogue = Catalogue(tmp_path_factory.mktemp("home"))
    catalogue.import_frame(market.bars, a_spec(PriceBasis.RAW), "here", market.master)
    panel = catalogue.panel("sample")
    plan = BacktestPlan(instruments=catalogue.instruments("sample"))
    return panel, backtest(GoldenCross(fast=5, slow=15), panel, plan)


def test_executions_are_the_fills_beside_their_prices(ran: Ran) -> None:
    panel, result = ran

    assert [one.px for one in result.executions] == [fill.px for fill in result.fills]
    for one in result.executions:
        closes = panel.close[panel.row(one.symbol)].tolist()
        low, high = panel.low[panel.row(one.symbol)], panel.high[panel.row(one.symbol)]
        assert one.seen in closes or ((low <= one.seen) & (one.seen <= high)).any()


def test_signals_wait_for_an_opening_and_stops_slip_inside_the_bar(ran: Ran) -> None:
    _, result = ran
    causes = {fill.cl_ord_id: fill.cause.value for fill in result.fills}
    pairs = list(zip(result.fills, result.executions, strict=True))

    signals = [one for fill, one in pairs if causes[fill.cl_ord_id] == "SIGNAL"]
    stops = [one for fill, one in pairs if causes[fill.cl_ord_id] == "STOP" and not one.opening]
    assert signals
    assert stops
    assert all(one.opening for one in signals)
    assert all(one.slippage >= 0 for one in stops)
    assert any(one.slippage > 0 for one in stops)
    assert any(one.gap != 0 for one in signals)


def test_costs_and_parts_add_up_to_the_books(ran: Ran) -> None:
    _, result = ran
    costs, parts, summary = costs_of(result.executions), parts_of(result), result.summary

    assert (costs.commission, costs.tax) == (summary.commission, summary.tax)
    for group in (parts.years, parts.months):
        assert sum(part.profit for part in group) == summary.profit
    for group in (parts.symbols, parts.sleeves):
        assert sum(part.profit for part in group) == sum(trip.pnl for trip in result.trips)
        assert sum(part.costs.total for part in group) == costs.total


def test_charts_show_the_best_and_the_worst_with_all_their_fills(ran: Ran) -> None:
    panel, result = ran
    parts = parts_of(result).symbols

    charts = symbol_charts(panel, result.curve.days, result.fills, parts, ({}, {}))

    assert [chart.symbol for chart in charts] == [
        part.key for part in [*parts[: MOST // 2], *parts[-MOST // 2 :]]
    ]
    fills = [fill for fill in result.fills if fill.symbol == charts[0].symbol]
    assert [mark.px for mark in charts[0].marks] == [fill.px for fill in fills]
    assert _invested(result.curve, charts[0].held)


def _invested(curve: Curve, held: object) -> bool:
    """Return whether something was invested whenever this one was held."""
    assert isinstance(held, list)
    return all(curve.invested[n] > 0 for n, is_held in enumerate(held) if is_held)
