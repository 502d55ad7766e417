"""What a careful reader would say about a finished run, in sentences with their numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import msgspec
import numpy as np

from maemae.analytics.capacity import capacity
from maemae.analytics.costs import costs_of
from maemae.domain.text import Language, Text
from maemae.research.backtest import BacktestResult
from maemae.research.benchmark import equal_holding
from maemae.research.honesty.remark import Remark, Weight
from maemae.research.honesty.verdict import Check, Verdict
from maemae.research.report import figures
from maemae.research.report.model import Parts
from maemae.strategy.panel import Panel

FEW_TRADES: Final = 30
SOME_TRADES: Final = 100
SHORT_RUN: Final = 126
"""Sessions: half a year."""
A_YEAR: Final = 252
HALF: Final = 0.5
THIN_EDGE: Final = 0.001
"""Profit on the value traded; 10 basis points a side."""
TOO_GOOD: Final = 3.0
"""Sharpe ratio above which an error is likelier than a discovery."""
DEEP: Final = 0.3


class _Run(msgspec.Struct, frozen=True, eq=False):
    """What the rules look at."""

    result: BacktestResult
    panel: Panel
    parts: Parts


def critique(result: BacktestResult, panel: Panel, parts: Parts) -> list[Remark]:
    """
    Return what must be said about a run, what matters most first.

    Args:
        result: The run.
        panel: The bars it was run on.
        parts: It by year and symbol.
    """
    run = _Run(result, panel, parts)
    remarks = [remark for rule in _RULES for remark in rule(run)]
    return sorted(remarks, key=lambda remark: remark.weight is not Weight.SERIOUS)


def check_critique(remarks: list[Remark]) -> Verdict:
    """Judge a run by its critique: nothing serious may be left."""
    serious = [remark for remark in remarks if remark.weight is Weight.SERIOUS]
    if not serious:
        return Verdict(
            Check.CRITIQUE,
            passed=True,
            text=Text(
                f"심각한 지적이 없습니다. 새겨 둘 것 {len(remarks)}건.",
                f"Nothing serious; {len(remarks)} to keep in mind.",
            ),
        )
    return Verdict(
        Check.CRITIQUE,
        passed=False,
        text=Text(
            " ".join(remark.text.ko for remark in serious),
            " ".join(remark.text.en for remark in serious),
        ),
    )


def _no_orders(run: _Run) -> Iterator[Remark]:
    if run.result.orders:
        return
    yield Remark(
        "NO_ORDERS",
        Weight.SERIOUS,
        Text(
            "주문을 하나도 내지 않았습니다. setup() 에 when() 이나 every() 가 있는지 보고, 그날의 "
            "이유는 maemae explain 에 물어보세요.",
            "It sent no order at all. See that setup() calls when() or every(), and ask maemae "
            "explain why nothing was bought on a day.",
        ),
    )


def _few_trades(run: _Run) -> Iterator[Remark]:
    count = run.result.summary.trades.count
    if count >= SOME_TRADES or run.result.orders == 0:
        return
    weight = Weight.SERIOUS if count < FEW_TRADES else Weight.MIND
    yield Remark(
        "FEW_TRADES",
        weight,
        Text(
            f"청산한 거래가 {count}건뿐입니다. {SOME_TRADES}건은 되어야 우연을 덜 탑니다.",
            f"Only {count} trades were closed; with {SOME_TRADES} or more luck counts less.",
        ),
    )


def _short(run: _Run) -> Iterator[Remark]:
    sessions = run.result.summary.sessions
    if sessions >= A_YEAR:
        return
    yield Remark(
        "SHORT_RUN",
        Weight.SERIOUS if sessions < SHORT_RUN else Weight.MIND,
        Text(
            f"{sessions}거래일은 짧습니다. 오르는 장과 내리는 장이 모두 들게 기간을 늘리세요.",
            f"{sessions} sessions are few. Take a period that holds rising and falling markets.",
        ),
    )


def _one_trade(run: _Run) -> Iterator[Remark]:
    profit, best = run.result.summary.profit, run.result.summary.trades.best
    if profit <= 0 or best is None or best < HALF * profit or run.result.summary.trades.count < 2:
        return
    yield Remark(
        "ONE_TRADE",
        Weight.SERIOUS,
        Text(
            f"거래 하나가 손익의 {best / profit:.0%}를 벌었습니다. 그 거래가 없었다면 다른 "
            "결과였습니다.",
            f"One trade earned {best / profit:.0%} of the profit; without it all is different.",
        ),
    )


def _one_symbol(run: _Run) -> Iterator[Remark]:
    profit, symbols = run.result.summary.profit, run.parts.symbols
    if profit <= 0 or len(symbols) < 5 or symbols[0].profit < HALF * profit:
        return
    yield Remark(
        "ONE_SYMBOL",
        Weight.MIND,
        Text(
            f"{symbols[0].key} 한 종목이 손익의 {symbols[0].profit / profit:.0%}입니다.",
            f"{symbols[0].key} alone is {symbols[0].profit / profit:.0%} of the profit.",
        ),
    )


def _one_year(run: _Run) -> Iterator[Remark]:
    profit, years = run.result.summary.profit, run.parts.years
    if profit <= 0 or len(years) < 3:
        return
    best = max(years, key=lambda year: year.profit)
    if best.profit < 0.7 * profit:
        return
    yield Remark(
        "ONE_YEAR",
        Weight.MIND,
        Text(
            f"{best.key}년 한 해가 손익의 {best.profit / profit:.0%}입니다.",
            f"{best.key} alone is {best.profit / profit:.0%} of the profit.",
        ),
    )


def _costs(run: _Run) -> Iterator[Remark]:
    summary = run.result.summary
    total = costs_of(run.result.executions).total
    gross = summary.profit + total
    if gross > 0 and total >= HALF * gross:
        yield Remark(
            "COSTS",
            Weight.SERIOUS,
            Text(
                f"비용(수수료·세금·슬리피지)이 비용 전 손익의 {total / gross:.0%}를 가져갔습니다. "
                "덜 자주 매매하거나 더 큰 움직임을 노리세요.",
                f"Costs took {total / gross:.0%} of the profit before costs. Trade less often, or "
                "for larger moves.",
            ),
        )
    elif summary.traded and 0 < summary.profit / summary.traded < THIN_EDGE:
        yield Remark(
            "THIN_EDGE",
            Weight.MIND,
            Text(
                f"거래대금의 {summary.profit / summary.traded:.3%}만 남습니다. "
                "체결이 조금만 나빠도 사라집니다.",
                f"Only {summary.profit / summary.traded:.3%} of the value traded is left. Slightly "
                "worse fills end it.",
            ),
        )


def _roughly(number: int) -> int:
    """Return a number without digits that nobody can know: three stay."""
    return round(number, 3 - len(str(abs(number))))


def _capacity(run: _Run) -> Iterator[Remark]:
    curve = run.result.curve
    found = capacity(run.result.executions, float(curve.equity.mean()))
    if found is None or found.capital >= 3 * curve.start:
        return
    yield Remark(
        "CAPACITY",
        Weight.SERIOUS if found.capital < curve.start else Weight.MIND,
        Text(
            f"감당할 수 있는 자금이 {_roughly(found.capital):,}원쯤입니다. 주문이 거래량의 "
            f"{found.high:.1%}까지 차지해 실제로는 가격을 밀어 냅니다.",
            f"It bears about {_roughly(found.capital):,} won. Orders take up to "
            f"{found.high:.1%} of the volume and would move the price.",
        ),
    )


def _too_good(run: _Run) -> Iterator[Remark]:
    ratio = run.result.summary.sharpe
    if ratio is None or ratio <= TOO_GOOD:
        return
    yield Remark(
        "TOO_GOOD",
        Weight.MIND,
        Text(
            f"샤프 지수 {ratio:.1f} 는 너무 좋습니다. 미래를 보거나 데이터가 틀린 것은 아닌지 "
            "먼저 보세요.",
            f"A Sharpe of {ratio:.1f} is too good. Suspect look-ahead or wrong data first.",
        ),
    )


def _loses(run: _Run) -> Iterator[Remark]:
    summary = run.result.summary
    if summary.fills and summary.profit <= 0:
        yield Remark(
            "LOSES",
            Weight.SERIOUS,
            Text("이 기간에 돈을 잃었습니다.", "It lost money over this period."),
        )


def _worse_than_holding(run: _Run) -> Iterator[Remark]:
    held, summary = equal_holding(run.panel), run.result.summary
    english = equal_holding(run.panel, Language.EN)
    if held is None or english is None or summary.total_return is None:
        return
    other = held.values[-1] / held.values[0] - 1
    if summary.total_return >= other:
        return
    theirs = figures.percent(float(other), 1, signed=True)
    mine = figures.percent(summary.total_return, 1, signed=True)
    yield Remark(
        "WORSE_THAN_HOLDING",
        Weight.MIND,
        Text(
            f"{held.name}했다면 {theirs}입니다(이 실행 {mine}).",
            f"{english.name.capitalize()} gave {theirs}; this run {mine}.",
        ),
    )


def _deep(run: _Run) -> Iterator[Remark]:
    depth = run.result.summary.max_drawdown
    if depth is None or depth > -DEEP:
        return
    yield Remark(
        "DEEP",
        Weight.MIND,
        Text(
            f"고점에서 {-depth:.0%}를 잃은 적이 있습니다. 실제 돈으로 견딜 수 있는지 생각하세요.",
            f"It was {-depth:.0%} below its high. Ask whether you would bear that with real money.",
        ),
    )


def _refusals(run: _Run) -> Iterator[Remark]:
    refused, orders = run.result.refusals.total(), run.result.orders
    if refused <= orders * 0.1 or refused < 10:
        return
    yield Remark(
        "REFUSALS",
        Weight.MIND,
        Text(
            f"위험 관문이 {refused:,}번 거부했습니다(나간 주문 {orders:,}건). 어떤 신호가 "
            "매매되는지는 자금과 순서에 달려 있습니다.",
            f"The gate refused {refused:,} times ({orders:,} orders went out): which signals are "
            "traded depends on cash and order.",
        ),
    )


def _survivors(run: _Run) -> Iterator[Remark]:
    """Say that nobody left the market in all this time, which never happens."""
    traded = run.panel.traded
    symbols, bars = traded.shape
    years = run.result.summary.sessions / A_YEAR
    if symbols < 30 or years < 1:
        return
    recent = max(1, bars // 20)
    gone = int(np.count_nonzero(traded.any(axis=1) & ~traded[:, -recent:].any(axis=1)))
    if gone >= symbols * years * 0.005:
        return
    yield Remark(
        "SURVIVORS",
        Weight.MIND,
        Text(
            f"{symbols:,}종목 가운데 {years:.1f}년 동안 사라진 종목이 {gone}개입니다. "
            "상장폐지된 종목이 데이터에서 빠졌다면 결과가 실제보다 좋게 나옵니다.",
            f"Of {symbols:,} symbols {gone} went away in {years:.1f} years. If delisted ones are "
            "missing from the data, the result looks better than it was.",
        ),
    )


def _stranded(run: _Run) -> Iterator[Remark]:
    """Say what is held of instruments whose bars ended, which nobody could have sold."""
    panel, curve = run.panel, run.result.curve
    recent = max(1, len(panel) // 20)
    ended = {
        symbol
        for symbol, trades in zip(panel.symbols, panel.traded, strict=True)
        if trades.any() and not trades[-recent:].any()
    }
    worth = [
        int(panel.close[panel.row(symbol), panel.traded[panel.row(symbol)]][-1]) * position.qty
        for sleeve in run.result.state.sleeves.values()
        for symbol, position in sleeve.positions.items()
        if symbol in ended
    ]
    if not worth:
        return
    share = sum(worth) / max(1, int(curve.equity[-1]))
    yield Remark(
        "STRANDED",
        Weight.SERIOUS if share >= _STRANDED else Weight.MIND,
        Text(
            f"들고 있는 {len(worth)}종목은 봉이 먼저 끊겨 팔지 못했고, 마지막 종가로 셈했습니다"
            f"(자산의 {share:.0%}). 상장폐지라면 기업행동 표에 넣고, 아니면 데이터를 채우세요.",
            f"Held, and without bars any more: {len(worth)}. They could not be sold and count at "
            f"their last close ({share:.0%} of the equity). If they were delisted, put it "
            "into the table of corporate actions; else complete the data.",
        ),
    )


_STRANDED: Final = 0.1  # of the equity

_RULES: Final[tuple[Callable[[_Run], Iterator[Remark]], ...]] = (
    _loses,
    _no_orders,
    _few_trades,
    _short,
    _one_trade,
    _costs,
    _capacity,
    _too_good,
    _one_symbol,
    _one_year,
    _worse_than_holding,
    _deep,
    _refusals,
    _survivors,
    _stranded,
)
