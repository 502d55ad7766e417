"""Why a strategy traded an instrument on a day, or why it did not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

import msgspec

from maemae.core.actions import Action, IntentRefused, SubmitOrder
from maemae.core.events import Event
from maemae.core.preview import Preview
from maemae.core.state import Parent, Protection
from maemae.core.usage import Usage, usage_of
from maemae.domain.errors import MissingDataError
from maemae.domain.ids import IntentId, SleeveId, Symbol
from maemae.domain.intent import (
    MILLION,
    OrderIntent,
    ParentIntent,
    Size,
    TargetWeights,
    Weight,
)
from maemae.domain.order import Order
from maemae.domain.refusal import Refusal
from maemae.domain.terms import Cause, Side
from maemae.research.backtest import ACCOUNT, BacktestPlan, Stage, set_stage
from maemae.strategy.author import Strategy
from maemae.strategy.circumstances import Circumstances
from maemae.strategy.panel import Panel

Bar = tuple[int, int, int, int, int]
"""Open, high, low, close [won] and volume [shares]."""


class Outcome(msgspec.Struct, frozen=True):
    """
    A wish about the instrument on the day, and what came of it.

    Attributes:
        side: Of the wish; None for a rebalancing to target weights.
        size: Of the wish, or the target weight of the instrument.
        order: What was sent; None if nothing was.
        refusals: Why nothing was sent.
        at: When it was wished [ns, UTC].
    """

    side: Side | None
    size: Size
    order: Order | None
    refusals: Sequence[Refusal]
    at: int


class Explanation(msgspec.Struct, frozen=True):
    """
    The day of one instrument.

    Attributes:
        symbol: The instrument.
        day: The session.
        at: The barrier looked at: the last of the day [ns, UTC].
        bar: Its bar; None if nothing traded.
        held: Shares held then.
        cash, equity: Of the strategy then [won].
        seen: Indicators, triggers and schedules.
        outcomes: What was wished in the day's bars, and what came of it by the next bar.
        gate: What a buy of a tenth of the equity would have met at the gate.
        usage: What was used of each limit then.
        guard: At which prices, and when, the holding would have been left; None without one.
        waiting: Parent orders that waited for a price, a time, or their turn.
        exits: Orders of the day that a guard sent: a stop, a target or a time stop.
        is_outside: Whether the universe of the day left the instrument out.
    """

    symbol: Symbol
    day: date
    at: int
    bar: Bar | None
    held: int
    cash: int
    equity: int | None
    seen: Circumstances
    outcomes: Sequence[Outcome]
    gate: Preview
    usage: Usage
    guard: Protection | None = None
    waiting: Sequence[Parent] = ()
    exits: Sequence[Order] = ()
    is_outside: bool = False


class _Notes:
    """A journal that keeps what was wished, sent and refused about one instrument."""

    def __init__(self, symbol: Symbol) -> None:
        self._symbol = symbol
        self.wishes: list[OrderIntent | TargetWeights] = []
        self.sent: list[Order] = []
        self.refused: list[IntentRefused] = []

    def append(self, event: Event, actions: Sequence[Action]) -> None:
        """Keep what is about the instrument."""
        if isinstance(event, ParentIntent):
            event = event.order  # its parts are orders of that wish
        if isinstance(event, OrderIntent):
            if event.symbol == self._symbol:
                self.wishes.append(event)
        elif isinstance(event, TargetWeights):
            self.wishes.append(event)
        for action in actions:
            if isinstance(action, SubmitOrder) and action.order.symbol == self._symbol:
                self.sent.append(action.order)
            elif isinstance(action, IntentRefused) and action.symbol == self._symbol:
                self.refused.append(action)

    def commit(self) -> None:
        """Keep nothing durable."""


def explain(
    strategy: Strategy, panel: Panel, plan: BacktestPlan, symbol: Symbol, day: date
) -> Explanation:
    """
    Run a strategy and look closely at one instrument on one day.

    Raises:
        UnknownSymbolError: The run has no such instrument.
        MissingDataError: The day is no session of the run.
        StrategyError: The strategy's own code failed.
    """
    panel.row(symbol)
    bars = [k for k, each in enumerate(panel.dates) if each == day]
    if not bars:
        raise MissingDataError(
            f"{day} 은(는) 이 실행의 거래일이 아닙니다. {panel.dates[0]} ~ {panel.dates[-1]} 의 "
            "거래일을 고르세요.",
            f"{day} is no session of this run. Choose one from {panel.dates[0]} to "
            f"{panel.dates[-1]}.",
        )
    notes = _Notes(symbol)
    stage = set_stage(strategy, panel, plan, notes)
    found: list[Explanation] = []

    def look(index: int) -> None:
        if index == bars[-1]:
            found.append(_seen(stage, symbol, day, index))

    stage.simulation.run(dense=True, watch=look)
    span = int(panel.opened[bars[0]]), int(panel.known[bars[-1]])
    return msgspec.structs.replace(
        found[0],
        outcomes=_outcomes(notes, symbol, span),
        exits=[one for one in notes.sent if one.cause in _GUARDS and _is_within(one.at, span)],
    )


def _seen(stage: Stage, symbol: Symbol, day: date, index: int) -> Explanation:
    core, panel = stage.core, stage.panel
    row, at = panel.row(symbol), int(panel.known[index])
    sleeve_id = stage.host.sleeve_id
    sleeve = core.state.get_sleeve(ACCOUNT, sleeve_id)
    seen = stage.host.circumstances(symbol, index)
    bar: Bar = (
        int(panel.open[row, index]),
        int(panel.high[row, index]),
        int(panel.low[row, index]),
        int(panel.close[row, index]),
        int(panel.volume[row, index]),
    )
    stage.simulation.mark()
    stage.simulation.show(symbol)
    held = sleeve.positions.get(symbol)
    return Explanation(
        symbol=symbol,
        day=day,
        at=at,
        bar=bar if seen.has_traded else None,
        held=0 if held is None else held.qty,
        cash=sleeve.orderable,
        equity=core.market.equity(sleeve),
        seen=seen,
        outcomes=(),
        gate=core.preview(_buy_of_a_tenth(sleeve_id, symbol, at)),
        usage=usage_of(core.market, sleeve, core.now),
        guard=sleeve.protections.get(symbol),
        waiting=[each for each in core.state.parents.values() if each.intent.symbol == symbol],
        is_outside=panel.members is not None and not panel.members[row, index],
    )


def _buy_of_a_tenth(sleeve_id: SleeveId, symbol: Symbol, at: int) -> OrderIntent:
    number = IntentId(f"EXPLAIN:{at}:{symbol}")
    return OrderIntent(number, ACCOUNT, sleeve_id, symbol, Side.BUY, Weight(MILLION // 10), at)


def _outcomes(notes: _Notes, symbol: Symbol, span: tuple[int, int]) -> list[Outcome]:
    """Return the wishes from the first bar of the day to its last, with what followed from them."""
    return [_outcome(notes, wish, symbol) for wish in notes.wishes if _is_within(wish.at, span)]


def _is_within(at: int, span: tuple[int, int]) -> bool:
    return span[0] <= at <= span[1]


def _outcome(notes: _Notes, wish: OrderIntent | TargetWeights, symbol: Symbol) -> Outcome:
    name = str(wish.intent_id)
    sent = [order for order in notes.sent if str(order.intent_id).startswith(name)]
    refused = [one for one in notes.refused if str(one.intent_id).startswith(name)]
    return Outcome(
        *_aim(wish, symbol),
        order=sent[0] if sent else None,
        refusals=[refusal for one in refused for refusal in one.refusals],
        at=wish.at,
    )


def _aim(wish: OrderIntent | TargetWeights, symbol: Symbol) -> tuple[Side | None, Size]:
    if isinstance(wish, OrderIntent):
        return wish.side, wish.size
    return None, Weight(dict(wish.weights).get(symbol, 0))


_GUARDS: Final = frozenset({Cause.STOP, Cause.TAKE, Cause.TIME})
