"""The deeper sections: distribution, costs, trades on the chart, parts, the benchmark."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import numpy as np
import pytest

from maemae.analytics.breakdown import by_sleeve, by_symbol, by_year
from maemae.analytics.capacity import Capacity
from maemae.analytics.costs import Costs
from maemae.analytics.summary import Activity, Curve, summarize
from maemae.domain.ids import Symbol
from maemae.domain.terms import Side
from maemae.domain.text import Language, Text
from maemae.research.honesty.remark import Remark, Weight
from maemae.research.report.model import (
    Assumption,
    Benchmark,
    Mark,
    Parts,
    RunReport,
    SymbolChart,
)
from maemae.research.report.part_tables import relation_group
from maemae.research.report.render import render
from maemae.research.report.series import panels_of, series_of
from maemae.research.report.spread import spread_of
from maemae.research.report.symbol_plot import symbol_plots
from maemae.research.report.waterfall import waterfall_of
from tests.unit.analytics.executions import a_trip, an_execution
from tests.unit.research.report.run_reports import a_report
from tests.unit.research.test_report import Page

KO = Language.KO
COSTS = Costs(commission=1_000, tax=4_000, slippage=5_000, gap=-300)


def a_long_report(**changes: object) -> RunReport:
    """Return a report of 200 sessions that end 90,000 won up."""
    returns = np.sin(np.arange(200) * 1.3) / 200
    closes = (1_000_000 * np.cumprod(1 + returns)).astype(np.int64)
    closes[-1] = 1_090_000
    days = [date(2024, 1, 2) + timedelta(days=n) for n in range(200)]
    invested = closes // 2
    curve = Curve(1_000_000, days, closes, invested, np.zeros(200, np.int64))
    report = a_report(
        days=days,
        equity=closes.tolist(),
        invested=invested.tolist(),
        summary=summarize(curve, Activity(4, 4, 1_000_000, 1_000, 4_000), []),
        costs=COSTS,
        capacity=Capacity(0.001, 0.002, 0.003, 5_000_000),
    )
    return msgspec.structs.replace(report, **changes)


def test_waterfall_leads_from_the_profit_before_costs_to_the_profit() -> None:
    found = waterfall_of(a_long_report(), KO)

    assert found is not None
    assert [step.amount for step in found.steps] == [
        "+100,000원",
        "−1,000원",
        "−4,000원",
        "−5,000원",
        "+90,000원",
    ]
    assert [step.share for step in found.steps] == ["", "1.0%", "4.0%", "5.0%", ""]
    assert (found.steps[0].x, found.steps[0].width) == (0, 100)
    assert (found.steps[3].x, found.steps[3].width) == (90, 5)
    assert found.steps[4].width == 90


def test_waterfall_of_a_loss_begins_left_of_zero_and_says_no_share() -> None:
    report = a_long_report(costs=Costs(20_000, 30_000, 50_000, 0))
    losing = msgspec.structs.replace(
        report, summary=msgspec.structs.replace(report.summary, profit=-120_000)
    )

    found = waterfall_of(losing, KO)

    assert found is not None
    assert found.zero == 100
    assert [step.share for step in found.steps] == [""] * 5
    assert (found.steps[0].amount, found.steps[0].tone) == ("−20,000원", "down")


def test_waterfall_says_how_much_more_the_edge_bears() -> None:
    found = waterfall_of(a_long_report(), KO)

    assert found is not None
    notes = [value for _, value in found.notes]
    assert notes == ["−300원", "1.000%", "9.000%", "500만", "0.200%"]


@pytest.mark.parametrize("change", [{"costs": None}, {"summary": None}])
def test_waterfall_without_costs_or_trades_is_left_out(change: dict[str, object]) -> None:
    report = a_long_report()
    if "summary" in change:
        change = {"summary": msgspec.structs.replace(report.summary, fills=0)}

    assert waterfall_of(msgspec.structs.replace(report, **change), KO) is None


def test_spread_draws_falls_blue_rises_red_and_zero_grey() -> None:
    found = spread_of(np.array([-0.02] * 10 + [0.0] * 20 + [0.02] * 5), KO)

    assert found is not None
    assert [bar.tone for bar in found.bars] == ["down", "flat", "up"]
    assert [bar.height for bar in found.bars] == [50, 100, 25]
    assert "10거래일" in found.bars[0].words
    assert [tick.label for tick in found.ticks if tick.at == 50] == ["0%"]


@pytest.mark.parametrize("returns", [[0.01] * 5, [0.0] * 50], ids=["few", "still"])
def test_spread_when_there_is_none_is_left_out(returns: list[float]) -> None:
    assert spread_of(np.array(returns), KO) is None


def a_chart(**changes: object) -> SymbolChart:
    chart = SymbolChart(
        symbol=Symbol("005930"),
        name="가람전자",
        closes=[0, 1_000, 1_100, 1_200],
        held=[False, True, True, False],
        marks=[
            Mark(1, Side.BUY, 1_000, 10, Text("", "")),
            Mark(3, Side.SELL, 1_200, 10, Text("손절", "Stop loss")),
        ],
        pnl=2_000,
        trades=1,
    )
    return msgspec.structs.replace(chart, **changes)


DAYS = ["1일", "2일", "3일", "4일"]


def test_plot_puts_fills_where_and_when_they_were() -> None:
    (plot,) = symbol_plots([a_chart()], DAYS, KO)
    buy, sell = plot.arrows

    assert (buy.kind, sell.kind) == ("buy", "sell")
    assert (buy.x, sell.x) == pytest.approx((33.333, 100))
    assert buy.y > sell.y  # cheaper is lower on the page
    assert sell.words == "4일 매도 10주 @ 1,200원 · 손절"
    assert [(span.x, span.width) for span in plot.spans] == [
        pytest.approx((33.333, 66.667), abs=1e-3)
    ]


def test_plot_leaves_out_the_days_before_an_instrument_was_listed() -> None:
    (plot,) = symbol_plots([a_chart()], DAYS, KO)

    assert plot.price.startswith("M333.33,")
    assert "NaN" not in plot.price


def test_plot_of_many_fills_shows_the_last_and_says_so() -> None:
    marks = [Mark(2, Side.BUY, 1_000, 1, Text("", ""))] * 400

    (plot,) = symbol_plots([a_chart(marks=marks)], DAYS, KO)

    assert len(plot.arrows) == 300
    assert "400건 중 마지막 300건" in plot.note


def test_relation_begins_with_the_second_session() -> None:
    report = a_long_report()
    levels = [float(value) for value in report.equity]
    report = msgspec.structs.replace(report, benchmark=Benchmark("KOSPI", levels))

    group = relation_group(report, series_of(report), KO)

    assert group is not None
    assert group.heading.endswith("KOSPI")
    values = {figure.label: figure.value for figure in group.figures}
    assert (values["베타"], values["상관계수"], values["초과 수익률"]) == ("1.00", "1.00", "0.00%")


def test_report_shows_every_deeper_section_when_it_has_them() -> None:
    curve_report = a_long_report(benchmark=Benchmark("KOSPI", [100.0 + n for n in range(200)]))
    fills = [an_execution(at=0), an_execution(Side.SELL, symbol="000020", sleeve="T")]
    trips = [a_trip(5), a_trip(-7, symbol="000020", sleeve="T")]
    curve = Curve(
        1_000_000,
        curve_report.days,
        np.array(curve_report.equity, np.int64),
        np.array(curve_report.invested, np.int64),
        np.zeros(200, np.int64),
    )
    report = msgspec.structs.replace(
        curve_report,
        parts=Parts(
            by_year(curve, fills, trips), (), by_symbol(fills, trips), by_sleeve(fills, trips)
        ),
        charts=[a_chart(closes=[1_000] * 200, held=[True] * 200)],
        remarks=[Remark("FEW_TRADES", Weight.SERIOUS, Text("거래가 적습니다.", "Few trades."))],
    )

    html = render(report, KO)

    for words in ("일별 수익률 분포", "비용이 가져간 것", "차트 위의 매매", "기간별", "전략별"):
        assert f"<h2>{words}</h2>" in html
    assert "비교: KOSPI" in html
    assert '<li class="serious">거래가 적습니다.</li>' in html
    assert "최근 126거래일 샤프 지수" in html
    assert "nan" not in Page(html).visible.lower()


def test_report_with_little_shows_no_empty_section() -> None:
    html = render(a_report(), KO)

    assert "비용이 가져간 것" not in html
    assert "차트 위의 매매" not in html
    assert "최근 126거래일" not in html


def test_price_that_multiplied_is_drawn_on_ratios() -> None:
    (flat,) = symbol_plots([a_chart(closes=[100, 105, 110, 100], marks=[])], ["d"] * 4, KO)
    (steep,) = symbol_plots([a_chart(closes=[700, 7_000, 42_000, 800], marks=[])], ["d"] * 4, KO)

    assert "로그 눈금" not in flat.note
    assert "로그 눈금" in steep.note
    assert [tick.label for tick in steep.ticks][:2] == ["500", "1,000"]


def test_exposure_a_little_above_all_of_it_keeps_the_axis_to_a_hundred_percent() -> None:
    report = a_long_report()
    fully = msgspec.structs.replace(report, invested=[int(one * 1.001) for one in report.equity])

    exposure = next(
        panel for panel in panels_of(fully, series_of(fully), KO) if panel.kind == "exposure"
    )

    assert "100%" in [tick.label for tick in exposure.ticks]
    assert "200%" not in [tick.label for tick in exposure.ticks]


def test_model_of_the_market_is_called_by_what_it_is_about() -> None:
    named = a_report(
        assumptions=[Assumption("TouchFill", Text("가", "a")), Assumption("Mine", Text("나", "b"))]
    )

    page = render(named)

    assert '<b title="TouchFill">지정가 체결</b>' in page
    assert '<b title="Mine">Mine</b>' in page
