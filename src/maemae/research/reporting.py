"""From the result of a backtest to the report of it: names, reasons, assumptions, warnings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from maemae.analytics.breakdown import by_month, by_sleeve, by_symbol, by_year
from maemae.analytics.capacity import capacity
from maemae.analytics.costs import costs_of
from maemae.catalogue.checks import CHECKS
from maemae.catalogue.manifest import Manifest
from maemae.domain.ids import Symbol
from maemae.domain.instant import kst_date
from maemae.domain.refusal import Reason
from maemae.domain.terms import PriceBasis
from maemae.domain.text import Language, Text
from maemae.krx.instrument import Instrument
from maemae.research.backtest import SIGNAL, BacktestResult
from maemae.research.benchmark import equal_holding
from maemae.research.honesty.critique import critique
from maemae.research.price_breaks import PriceBreaks, price_breaks
from maemae.research.refusal_titles import REFUSAL_TITLES
from maemae.research.report.model import (
    ActionRow,
    Assumption,
    Benchmark,
    Parts,
    RefusalCount,
    RunReport,
    trade_rows,
)
from maemae.research.symbol_charts import symbol_charts
from maemae.research.trade_events import DELISTED, EXCHANGED
from maemae.simulation.corporate_actions import Change
from maemae.strategy.author import Strategy
from maemae.strategy.panel import Panel
from maemae.venue.assumptions import Assumptions

EXIT_REASONS: Final[Mapping[str, Text]] = {
    SIGNAL: Text("전략의 매도 신호", "The strategy's signal"),
    "STOP": Text("손절가 도달", "Stop-loss reached"),
    "TAKE": Text("익절가 도달", "Take-profit reached"),
    "TIME": Text("보유 기간 끝", "Held for as long as planned"),
    "KILL": Text("비상정지 청산", "Liquidated by the kill switch"),
    DELISTED: Text("상장폐지: 남은 주식을 현금으로 받음", "Delisted, paid out in cash"),
    EXCHANGED: Text("병합 뒤 1주가 되지 않아 현금으로 받음", "Less than a new share, paid in cash"),
}
"""Why a position was closed, by the code that the run keeps."""

ACTIONS: Final[Mapping[str, Text]] = {
    "SHARE_CHANGE": Text("분할·병합·무상", "Split, reverse split or bonus"),
    "CASH_DIVIDEND": Text("현금배당", "Cash dividend"),
    "RIGHTS_ISSUE": Text("유상증자 권리 매각", "Rights sold"),
    "MERGER": Text("합병", "Merger"),
    "DELISTING": Text("상장폐지", "Delisting"),
}
"""What companies did, by the code that the run keeps."""

PRICE_BASES: Final[Mapping[PriceBasis, Text]] = {
    PriceBasis.RAW: Text(
        "원주가: 그날 실제로 거래된 가격입니다.", "Raw: prices as they were traded on the day."
    ),
    PriceBasis.ADJUSTED: Text(
        "수정주가: 뒤에 일어난 분할·증자 등에 맞추어 고쳐 쓴 가격입니다.",
        "Adjusted: prices rewritten for later splits, rights and the like.",
    ),
}
"""What the prices of a run are."""

_ADJUSTED_WARNING: Final = Text(
    "수정주가로 매매한 결과입니다. 그날 실제로 거래된 가격이 아니므로 호가 단위·상하한가·1회 주문 "
    "한도를 적용하지 않았고, 수량과 비용은 실제와 다를 수 있습니다.",
    "These trades were made at adjusted prices. Nobody traded at them on the day, so ticks, price "
    "limits and size caps were not applied, and quantities and costs may differ from real ones.",
)


def price_warning(basis: PriceBasis, breaks: PriceBreaks) -> Text | None:
    """Return what must not be concluded from the prices; None for raw ones without a break."""
    if basis is PriceBasis.ADJUSTED:
        return _ADJUSTED_WARNING
    return _break_warning(breaks) if breaks.found else None


def _break_warning(breaks: PriceBreaks) -> Text:
    """Say how many breaks there are, how many were held through, and what follows."""
    ko = (
        f"매매한 종목에서 첫 체결가가 전날 종가로는 나올 수 없는 날이 {breaks.found:,}번 있었습니다"
        "(분할·병합·감자·재상장 등). 권리 표에 없는 일이라 보유 수량이 그대로입니다. "
    )
    en = (
        f"Among the traded symbols {breaks.found:,} session(s) opened at a price that cannot "
        "follow from the close before (splits, capital reductions, relistings). No table tells of "
        "them: share counts stay as they were. "
    )
    if breaks.held:
        return Text(
            f"{ko}그중 {breaks.held:,}번은 보유한 채로 지나갔습니다. 그 손익은 실제가 아니므로 이 "
            "결과를 믿지 마세요. `maemae data import-actions` 로 권리 표를 넣거나 수정주가로 다시 "
            "실행하세요.",
            f"{en}Positions were held through {breaks.held:,} of them. Their profit and loss is "
            "not real: do not believe these results. Bring in the actions with `maemae data "
            "import-actions`, or run again on adjusted prices.",
        )
    return Text(
        f"{ko}보유한 채로 지나간 것은 없지만 지표와 신호가 틀어졌을 수 있으니 이 결과를 믿지 "
        "마세요. `maemae data import-actions` 로 권리 표를 넣거나 수정주가로 다시 실행하세요.",
        f"{en}None was held through, but indicators and signals may be wrong: do not believe these "
        "results. Bring in the actions with `maemae data import-actions`, or run again on adjusted "
        "prices.",
    )


def refusal_counts(refusals: Counter[Reason]) -> list[RefusalCount]:
    """Return how often the gate refused for each reason, the most frequent first."""
    ordered = sorted(refusals.items(), key=lambda item: (-item[1], item[0].value))
    return [RefusalCount(reason.value, REFUSAL_TITLES[reason], count) for reason, count in ordered]


def assumption_rows(assumptions: Assumptions) -> list[Assumption]:
    """Return each model by its name, and what it takes for granted."""
    return [Assumption(type(model).__name__, model.sentence) for model in assumptions.models]


def action_rows(changes: Sequence[Change], names: Mapping[Symbol, str]) -> list[ActionRow]:
    """Return what corporate actions did to positions, in order."""
    return [
        ActionRow(
            day=kst_date(change.at),
            symbol=change.symbol,
            name=names.get(change.symbol, ""),
            kind=ACTIONS[change.kind],
            qty=change.qty,
            new_qty=change.new_qty,
            new_symbol=change.new_symbol,
            cash=change.cash,
        )
        for change in changes
    ]


def data_warnings(manifest: Manifest) -> list[Text]:
    """Return what the data check found when the dataset came in, one sentence a check."""
    counts = ((check.definition, manifest.findings.get(check.code.value, 0)) for check in CHECKS)
    return [
        Text(f"{meaning.ko} ({count:,}건)", f"{meaning.en} ({count:,} found)")
        for meaning, count in counts
        if count
    ]


def parameters_of(strategy: Strategy) -> dict[str, int | float]:
    """Return the parameters of a strategy with the values it runs with."""
    return {each.name: getattr(strategy, each.name) for each in type(strategy).parameters()}


def run_report(
    strategy: Strategy,
    panel: Panel,
    result: BacktestResult,
    instruments: Mapping[Symbol, Instrument],
    manifest: Manifest,
    language: Language = Language.KO,
    *,
    benchmark: Benchmark | None = None,
) -> RunReport:
    """
    Return the report of a backtest.

    Args:
        strategy: What was run, with its parameters.
        panel: The bars it was run on.
        result: What came of it.
        instruments: Master data, for names.
        manifest: The dataset of the bars, and what the data check found in it.
        language: Language of the one name that a report holds in a single language.
        benchmark: What it is compared with; None for the universe held equally.
    """
    curve, name = result.curve, type(strategy).__name__
    parts = parts_of(result)
    names = {symbol: item.name for symbol, item in instruments.items() if item.name != symbol}
    return RunReport(
        title=f"{name} · {manifest.dataset}",
        strategy=name,
        parameters=parameters_of(strategy),
        symbols=len(panel.symbols),
        cash=curve.start,
        venue=result.assumptions.name.in_language(language),
        assumptions=assumption_rows(result.assumptions),
        price_basis=PRICE_BASES[panel.basis],
        price_warning=price_warning(
            panel.basis, price_breaks(panel, result.fills, instruments, result.changes)
        ),
        data_warnings=data_warnings(manifest),
        days=curve.days,
        equity=curve.equity.tolist(),
        invested=curve.invested.tolist(),
        flows=curve.flows.tolist() if curve.flows.any() else (),
        summary=result.summary,
        trades=trade_rows(result.trips, names, EXIT_REASONS),
        refusals=refusal_counts(result.refusals),
        order_hash=result.order_hash,
        book_hash=result.book_hash,
        benchmark=benchmark or equal_holding(panel, language),
        costs=costs_of(result.executions),
        capacity=capacity(result.executions, float(curve.equity.mean())),
        parts=parts,
        charts=symbol_charts(
            panel, curve.days, result.fills, parts.symbols, (names, EXIT_REASONS), result.changes
        ),
        remarks=critique(result, panel, parts),
        actions=action_rows(result.changes, names),
    )


def parts_of(result: BacktestResult) -> Parts:
    """Return a run taken apart by year, month, symbol and sleeve."""
    fills, trips = result.executions, result.trips
    return Parts(
        years=by_year(result.curve, fills, trips),
        months=by_month(result.curve, fills, trips),
        symbols=by_symbol(fills, trips),
        sleeves=by_sleeve(fills, trips),
    )
