"""What a report of one run shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import msgspec

from maemae.analytics.breakdown import Part
from maemae.analytics.capacity import Capacity
from maemae.analytics.costs import Costs
from maemae.analytics.summary import Summary
from maemae.analytics.trades import RoundTrip
from maemae.domain.errors import InvalidValueError
from maemae.domain.ids import Symbol
from maemae.domain.terms import Side
from maemae.domain.text import Text
from maemae.research.honesty.remark import Remark


class Assumption(msgspec.Struct, frozen=True):
    """One thing the simulated market takes for granted: the model's name, and a sentence."""

    name: str
    sentence: Text


class Benchmark(msgspec.Struct, frozen=True):
    """
    What the run is compared with.

    Attributes:
        name: As a person knows it, such as `KOSPI 200`.
        values: Its level at the close of each session of the run [n, any unit, > 0]; drawn so
            that its first value stands at the run's starting equity.
    """

    name: str
    values: Sequence[float]


class Mark(msgspec.Struct, frozen=True):
    """
    One fill on the chart of its instrument.

    Attributes:
        session: Number of the session among the days of the run.
        px: Price [won].
        qty: Filled [shares].
        why: Why it was sold; empty for a purchase.
    """

    session: int
    side: Side
    px: int
    qty: int
    why: Text


class SymbolChart(msgspec.Struct, frozen=True):
    """
    An instrument and what was done in it.

    Attributes:
        name: Name of the instrument; empty if unknown.
        closes: Last price at the close of each session [n, won]; 0 before its first trade.
        held: Whether shares were held at the close of each session [n].
        marks: Its fills, oldest first.
        pnl: Of its closed trades after costs [won].
        trades: Closed trades.
    """

    symbol: Symbol
    name: str
    closes: Sequence[int]
    held: Sequence[bool]
    marks: Sequence[Mark]
    pnl: int
    trades: int


class Parts(msgspec.Struct, frozen=True):
    """
    The run taken apart; see `maemae.analytics.breakdown`.

    Attributes:
        years, months: Oldest first.
        symbols, sleeves: The most profitable first.
    """

    years: Sequence[Part] = ()
    months: Sequence[Part] = ()
    symbols: Sequence[Part] = ()
    sleeves: Sequence[Part] = ()


class TradeRow(msgspec.Struct, frozen=True):
    """
    One closed trade.

    Attributes:
        name: Name of the instrument; empty if unknown.
        side: Of the opening order.
        opened_at: First opening fill [ns, UTC].
        closed_at: Last closing fill [ns, UTC].
        qty: Closed [shares].
        entry_avg: Average price of the opening [won per share].
        exit_avg: Average price of the closing [won per share].
        pnl: Profit after costs [won].
        return_ratio: Profit on the cost [ratio]; None for shares that cost nothing.
        commission: Of both ends [won].
        tax: Of both ends [won].
        exit_reason: Why it was closed.
    """

    symbol: Symbol
    name: str
    side: Side
    opened_at: int
    closed_at: int
    qty: int
    entry_avg: float
    exit_avg: float
    pnl: int
    return_ratio: float | None
    commission: int
    tax: int
    exit_reason: Text


class ActionRow(msgspec.Struct, frozen=True):
    """
    What a corporate action did to a position.

    Attributes:
        name: Name of the instrument; empty if unknown.
        qty: Held before [shares].
        new_qty: Held instead, of `new_symbol` [shares].
        cash: Received or earned, after withholding [won].
    """

    day: date
    symbol: Symbol
    name: str
    kind: Text
    qty: int
    new_qty: int
    new_symbol: Symbol
    cash: int


class RefusalCount(msgspec.Struct, frozen=True):
    """How often the risk gate refused for one reason."""

    code: str
    sentence: Text
    count: int


class RunReport(msgspec.Struct, frozen=True):
    """
    One run, ready to be shown.

    Attributes:
        title: Headline.
        strategy: Name of the strategy.
        parameters: Its parameters as they were used.
        symbols: Instruments the run could trade.
        cash: Cash at the start [won].
        venue: Name of the simulated market.
        assumptions: What that market takes for granted.
        price_basis: What the prices are, in a sentence.
        price_warning: What must not be concluded from them; None for raw ones without a break.
        data_warnings: What the data check found.
        days: Sessions [n, oldest first].
        equity: Equity at each close [n, won].
        invested: Holdings at each close [n, won].
        flows: Deposits and withdrawals of each session [n, won]; empty for none.
        benchmark: What it is compared with, if anything.
        summary: The figures of the run; they say the period, orders, fills and costs.
        trades: Closed trades, in the order they were closed.
        refusals: Refused orders by reason.
        order_hash: Fingerprint of every order of the run.
        book_hash: Fingerprint of the final book.
        costs: What the fills cost; None if that was not measured.
        capacity: How much money the strategy bears; None if that cannot be said.
        parts: The run by year, month, symbol and sleeve.
        charts: Instruments with their fills, the most profitable first.
        remarks: Critique of the run, what matters most first.
        actions: What corporate actions did to positions, in order.
    """

    title: str
    strategy: str
    parameters: Mapping[str, int | float | str | bool]
    symbols: int
    cash: int
    venue: str
    assumptions: Sequence[Assumption]
    price_basis: Text
    days: Sequence[date]
    equity: Sequence[int]
    invested: Sequence[int]
    summary: Summary
    trades: Sequence[TradeRow]
    refusals: Sequence[RefusalCount]
    order_hash: str
    book_hash: str
    price_warning: Text | None = None
    data_warnings: Sequence[Text] = ()
    flows: Sequence[int] = ()
    benchmark: Benchmark | None = None
    costs: Costs | None = None
    capacity: Capacity | None = None
    parts: Parts = Parts()
    charts: Sequence[SymbolChart] = ()
    remarks: Sequence[Remark] = ()
    actions: Sequence[ActionRow] = ()

    def __post_init__(self) -> None:
        """
        Hold the series to one length.

        Raises:
            InvalidValueError: There is no session, the series differ in length, or the
                benchmark has a value that is not positive.
        """
        lengths = {len(self.days), len(self.equity), len(self.invested)}
        lengths |= {len(self.flows)} if self.flows else set()
        lengths |= {len(self.benchmark.values)} if self.benchmark is not None else set()
        lengths |= {len(each) for chart in self.charts for each in (chart.closes, chart.held)}
        if len(lengths) > 1 or 0 in lengths:
            raise InvalidValueError(
                f"보고서의 날짜별 값은 길이가 같고 하루 이상이어야 합니다: {sorted(lengths)}.",
                f"The daily series of a report must share one length of 1 or more: "
                f"{sorted(lengths)}.",
            )
        if self.benchmark is not None and not all(value > 0 for value in self.benchmark.values):
            raise InvalidValueError(
                f"비교 지수 {self.benchmark.name}에 0 이하이거나 빈 값이 있습니다.",
                f"The benchmark {self.benchmark.name} has values that are empty or not positive.",
            )


def trade_rows(
    trips: Sequence[RoundTrip], names: Mapping[Symbol, str], reasons: Mapping[str, Text]
) -> list[TradeRow]:
    """
    Return closed trades as a report shows them.

    Args:
        trips: Closed trades.
        names: Names of the instruments; one that is missing stays empty.
        reasons: Sentences of the reason codes; a code without one is shown as it stands.
    """
    return [
        TradeRow(
            symbol=trip.symbol,
            name=names.get(trip.symbol, ""),
            side=Side.BUY,
            opened_at=trip.opened_at,
            closed_at=trip.closed_at,
            qty=trip.qty,
            entry_avg=trip.entry_avg,
            exit_avg=trip.exit_avg,
            pnl=trip.pnl,
            return_ratio=trip.return_ratio,
            commission=trip.commission,
            tax=trip.tax,
            exit_reason=reasons.get(trip.reason, Text(trip.reason, trip.reason)),
        )
        for trip in trips
    ]
