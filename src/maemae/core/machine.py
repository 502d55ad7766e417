"""
The trading core: a pure machine that turns events into requests and facts.

It does no I/O, reads no clock and draws no random number, so that the same events always give
the same actions, and it never runs a user's code, so that no strategy can corrupt the book or
delay a stop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from maemae.core import (
    base_doubt,
    commands,
    doubt,
    external,
    intents,
    kill,
    opening,
    orders,
    parents,
    price_guard,
    protection,
    rebalance,
    reports,
    statement,
    trailing,
    waits,
    withdrawals,
)
from maemae.core.actions import Action, CorporateActionTaken
from maemae.core.config import CoreConfig
from maemae.core.corporate_actions import take_corporate_action
from maemae.core.desk import Desk
from maemae.core.events import (
    AccountStated,
    ArmingSet,
    CeilingSet,
    CorporateActionDue,
    Event,
    ExternalOrderSeen,
    InstrumentUpdated,
    KillSet,
    LimitsSet,
    PhaseChanged,
    PriceUpdated,
    SellableStated,
    SessionStarted,
    SleeveOpened,
    SleeveResumed,
    SymbolReleased,
    TimePassed,
    TradingStateSet,
    WishWithdrawn,
)
from maemae.core.fold import fold
from maemae.core.market import MarketView
from maemae.core.preview import Preview, preview
from maemae.core.restating import worth_of_right
from maemae.core.state import CoreState
from maemae.domain.cash_flow import CashFlow
from maemae.domain.corporate_action import (
    CashDividend,
    CorporateAction,
    RightsIssue,
    ShareChange,
)
from maemae.domain.errors import DomainError, InvalidValueError, JournalCorruptError
from maemae.domain.execution import ExecutionReport
from maemae.domain.ids import Symbol
from maemae.domain.intent import (
    CancelIntent,
    OrderIntent,
    ParentIntent,
    ReplaceIntent,
    TargetWeights,
    WithdrawIntent,
)

ANY_PRICE: Final = 2**62
"""Published as a guard that every price reaches: the core acts at the next one."""


class TradingCore:
    """
    One executor's orders, ledger, risk gate and protection.

    Args:
        config: Fixed for the life of the core.
        state: The book to go on with; an empty one, HALTED, if none is given.
    """

    def __init__(self, config: CoreConfig, state: CoreState | None = None) -> None:
        self._desk = Desk(config, CoreState() if state is None else state)

    @property
    def state(self) -> CoreState:
        """The book; read it, never change it."""
        return self._desk.state

    @property
    def market(self) -> MarketView:
        """What was observed of the market; read it, never change it."""
        return self._desk.market

    @property
    def now(self) -> int:
        """Time of the newest event [ns, UTC]."""
        return self._desk.now

    def handle(self, event: Event) -> list[Action]:
        """
        Return what follows from an event, in order.

        Requests among the actions (SubmitOrder, CancelOrder, ReplaceOrder) may leave only
        once the event and all its actions are durable.

        Raises:
            InvalidValueError: A command that cannot be; the state is as before.
            InvalidTransitionError: A report that its order cannot take.
            JournalCorruptError: It failed half-way: the book is ahead of every journal. Throw
                this core away and build one from what is durable.
        """
        desk = self._desk
        if type(event) is not ExecutionReport:  # its time is its broker's, whose clock is not ours
            event = _tell_time(desk, event)
        actions: list[Action] = []
        desk.actions = actions
        try:
            _HANDLERS[type(event)](desk, event)
        except DomainError as error:
            if actions:
                raise _half_done(event, error) from error
            raise
        return actions

    def observe(self, event: PriceUpdated | PhaseChanged | InstrumentUpdated) -> None:
        """Take in the market without acting on it, as after a restart."""
        desk = self._desk
        if event.at > desk.now:
            desk.now = event.at
        desk.told_at = desk.now  # judged already
        _OBSERVERS[type(event)](desk, event)

    def observe_prices(self, prices: Mapping[Symbol, int], at: int) -> None:
        """Take in the prices of many instruments at one instant [won, > 0] as `observe` does."""
        desk = self._desk
        if at >= desk.now and desk.config.price_guard is None:  # none of them can be too old
            desk.now = desk.told_at = at
            desk.market.see(prices, at)
        else:
            for symbol, price in prices.items():
                self.observe(PriceUpdated(symbol, price, at))

    def restore(self, actions: Iterable[Action]) -> None:
        """Fold actions that are durable already; nothing is decided and nothing is sent."""
        for action in actions:
            fold(self._desk.state, action)

    def repeat(self, event: Event, actions: Iterable[Action]) -> None:
        """Take in an event whose actions are durable already, as `handle` did the first time."""
        desk = self._desk
        if type(event) is not ExecutionReport:
            event = _tell_time(desk, event)
        observer = _OBSERVERS.get(type(event))
        if observer is not None:
            observer(desk, event)
        self.restore(actions)

    def preview(self, intent: OrderIntent) -> Preview:
        """Return what would follow from a wish; nothing changes and nothing is recorded."""
        return preview(self._desk, intent)

    def guards(self, symbol: Symbol) -> tuple[int, int]:
        """
        Return the prices that wake the core: it acts at or below the first, at or above the second.

        A driver may leave out prices in between [won]; 0 where nothing waits.
        """
        stop, take = parents.levels(self._desk, symbol) if self._desk.state.crossings else (0, 0)
        for key in self._desk.state.guarded.get(symbol, ()):
            protected = self._desk.state.sleeves[key].protections[symbol]
            stop = max(stop, protected.stop_px)
            if protected.leaving is not None:
                stop = ANY_PRICE
            if protected.take_px:
                take = protected.take_px if not take else min(take, protected.take_px)
        return stop, take

    def lifts_at(self, symbol: Symbol) -> int:
        """Return the price from which on a trailing stop rises [won]; 0 where none follows."""
        found = 0
        for key in self._desk.state.guarded.get(symbol, ()):
            guard = self._desk.state.sleeves[key].protections[symbol]
            if guard.trail is not None and guard.leaving is None:
                price = trailing.lifts_at(guard.trail, guard.stop_px)
                found = min(found, price) if found else price
        return found

    def wakes_at(self) -> int | None:
        """
        Return the earliest instant at which TimePassed does anything [ns]; None if none is known.

        Not later than any wait that no price or phase ends; ask again after every event.
        """
        return waits.next_wake(self._desk)


def _take_sellable(desk: Desk, event: SellableStated) -> None:
    doubt.take_sellable(desk, event)
    protection.retry(desk, event.symbol)
    kill.liquidate(desk)


def _tell_time(desk: Desk, event: Event) -> Event:
    """Move the core's time, forward only; return the event as it counts."""
    guard = desk.config.price_guard
    if guard is not None:
        event = price_guard.on_our_clock(desk, guard, event)
    if event.at > desk.now:
        desk.now = event.at
    return event


def _half_done(event: Event, error: DomainError) -> JournalCorruptError:
    return JournalCorruptError(
        f"거래 코어가 {type(event).__name__} 처리 중 멈췄습니다({error.text.ko}). 장부를 다시 "
        "세웁니다.",
        f"The core failed half-way through {type(event).__name__} ({error.text.en}); the book is "
        "rebuilt.",
    )


def _see_price(desk: Desk, event: PriceUpdated) -> bool:
    """Take in a price, unless it is none, older than the last or in doubt; return whether."""
    symbol, price, at = event.symbol, event.price, event.at
    market, guard = desk.market, desk.config.price_guard
    if price <= 0 or at < market.priced_at.get(symbol, 0):
        return False
    if guard is not None and not price_guard.believes(desk, guard, event):
        return False
    market.prices[symbol] = price
    market.priced_at[symbol] = at
    return True


def _observe_price(desk: Desk, event: PriceUpdated) -> None:
    _see_price(desk, event)


def _take_price(desk: Desk, event: PriceUpdated) -> None:
    symbol, doubts = event.symbol, desk.market.doubts
    was_in_doubt = symbol in doubts
    if _see_price(desk, event):
        price_guard.tell_sight(desk, symbol)
        protection.watch(desk, symbol, event.price)
        if desk.state.parents:
            parents.see_price(desk, symbol)
        kill.liquidate(desk)
    elif not was_in_doubt and symbol in doubts:
        price_guard.tell_doubt(desk, event)


def _see_phase(desk: Desk, event: PhaseChanged) -> None:
    market = desk.market
    if event.phase is not market.phase:
        market.phase, market.phase_at = event.phase, event.at


def _take_phase(desk: Desk, event: PhaseChanged) -> None:
    _see_phase(desk, event)
    waits.wake(desk)


def _see_instrument(desk: Desk, event: InstrumentUpdated) -> None:
    desk.market.update(event)
    base_doubt.see(desk, event)


def _take_instrument(desk: Desk, event: InstrumentUpdated) -> None:
    """Take in the day's rules; exits that a halt held back may go now."""
    _see_instrument(desk, event)
    base_doubt.judge(desk, event)
    kill.liquidate(desk)
    protection.go_on(desk, event.instrument.symbol)
    if desk.state.parents:
        parents.advance_all(desk)


def _see_corporate_action(desk: Desk, event: CorporateActionDue) -> None:
    """Tell the last price in new shares, until the first trade tells it better."""
    action = event.action
    if _key(action) in desk.state.corporate_actions:
        return
    if isinstance(action, ShareChange):
        desk.market.rescale(action.symbol, action.numerator, action.denominator)
    elif isinstance(action, RightsIssue):
        desk.market.lower(action.symbol, worth_of_right(action))


def _take_corporate_action(desk: Desk, event: CorporateActionDue) -> None:
    key = _key(event.action)
    if key in desk.state.corporate_actions:
        return
    _see_corporate_action(desk, event)
    take_corporate_action(desk, event)
    if desk.state.parents and not isinstance(event.action, CashDividend | RightsIssue):
        parents.void(desk, event.action.symbol)
    desk.do(CorporateActionTaken(key))


def _key(action: CorporateAction) -> str:
    key = f"{action.symbol}:{type(action).__name__}:{action.ex_date}"
    if isinstance(action, CashDividend):  # an ordinary and a special one may share a day
        return f"{key}:{action.pay_date}:{action.amount}"
    return key


def _take_session(desk: Desk, event: SessionStarted) -> None:
    """
    Begin a day at its base prices, which are the closes of the day before whoever saw them.

    Where none is told it begins at the last prices, or those remembered from before a restart.
    A day begins once: told again, as after a restart, its counters go on.
    """
    today = desk.state.session_date
    if today is not None and event.session_date < today:
        raise InvalidValueError(
            f"{today} 거래일이 이미 시작되었습니다. {event.session_date} 로 되돌아갈 수 없습니다.",
            f"The session of {today} has begun; {event.session_date} cannot follow it.",
        )
    if event.session_date == today:
        return
    desk.do(opening.opened(desk, event.session_date))
    commands.loosen(desk)
    if desk.state.parents:
        parents.expire(desk)


_HANDLERS: Final[dict[type, Callable[[Desk, Any], None]]] = {
    PriceUpdated: _take_price,
    ExecutionReport: reports.take_report,
    OrderIntent: intents.take_intent,
    TimePassed: waits.pass_time,
    TargetWeights: rebalance.take_target_weights,
    ParentIntent: parents.take_parent,
    WithdrawIntent: parents.take_withdrawal,
    CancelIntent: parents.take_cancel,
    ReplaceIntent: orders.take_replace,
    PhaseChanged: _take_phase,
    SessionStarted: _take_session,
    InstrumentUpdated: _take_instrument,
    CorporateActionDue: _take_corporate_action,
    ExternalOrderSeen: external.take_external,
    AccountStated: statement.take_account,
    SellableStated: _take_sellable,
    SymbolReleased: statement.take_release,
    WishWithdrawn: withdrawals.take_withdrawal,
    SleeveOpened: commands.take_sleeve,
    LimitsSet: commands.take_limits,
    TradingStateSet: commands.take_trading_state,
    CeilingSet: commands.take_ceiling,
    KillSet: kill.take_kill,
    ArmingSet: commands.take_arming,
    SleeveResumed: commands.take_resume,
    CashFlow: commands.take_cash_flow,
}

_OBSERVERS: Final[dict[type, Callable[[Desk, Any], None]]] = {
    PriceUpdated: _observe_price,
    PhaseChanged: _see_phase,
    InstrumentUpdated: _see_instrument,
    CorporateActionDue: _see_corporate_action,
}
