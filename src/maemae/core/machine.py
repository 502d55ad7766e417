"""
The trading core: a pure machine that turns events into requests and facts.

It does no I/O, reads no clock and draws no random number, so that the same events always give
the same actions, and it never runs a user's code, so that no strategy can corrupt the book or
delay a stop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from maemae.core import kill, orders, protection, rebalance, reports
from maemae.core.actions import (
    Action,
    CashMoved,
    CorporateActionTaken,
    SessionOpened,
    SleeveAdded,
    SleeveLimited,
    SleeveStateChanged,
    TradingStateChanged,
)
from maemae.core.config import CoreConfig
from maemae.core.corporate_actions import take_corporate_action
from maemae.core.desk import Desk
from maemae.core.events import (
    CorporateActionDue,
    Event,
    InstrumentUpdated,
    KillSet,
    LimitsSet,
    PhaseChanged,
    PriceUpdated,
    SessionStarted,
    SleeveOpened,
    SleeveResumed,
    TradingStateSet,
)
from maemae.core.fold import fold
from maemae.core.market import MarketView
from maemae.core.state import CoreState, Sleeve
from maemae.domain.cash_flow import CashFlow, CashFlowKind
from maemae.domain.corporate_action import CorporateAction, ShareChange
from maemae.domain.errors import InvalidValueError
from maemae.domain.execution import ExecutionReport
from maemae.domain.ids import Symbol
from maemae.domain.intent import CancelIntent, OrderIntent, ReplaceIntent, TargetWeights
from maemae.domain.terms import Purpose, TradingState
from maemae.krx.session import is_regular

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
        """
        desk = self._desk
        _tell_time(desk, event)
        actions: list[Action] = []
        desk.actions = actions
        _HANDLERS[type(event)](desk, event)
        return actions

    def observe(self, event: PriceUpdated | PhaseChanged | InstrumentUpdated) -> None:
        """Take in the market without acting on it, as after a restart."""
        desk = self._desk
        if event.at > desk.now:
            desk.now = event.at
        _OBSERVERS[type(event)](desk, event)

    def restore(self, actions: Iterable[Action]) -> None:
        """Fold actions that are durable already; nothing is decided and nothing is sent."""
        for action in actions:
            fold(self._desk.state, action)

    def repeat(self, event: Event, actions: Iterable[Action]) -> None:
        """Take in an event whose actions are durable already, as `handle` did the first time."""
        desk = self._desk
        _tell_time(desk, event)
        observer = _OBSERVERS.get(type(event))
        if observer is not None:
            observer(desk, event)
        self.restore(actions)

    def guards(self, symbol: Symbol) -> tuple[int, int]:
        """
        Return the prices that wake the core: it acts at or below the first, at or above the second.

        A driver may leave out prices in between [won]; 0 where nothing waits.
        """
        guards = self._desk.state.guarded.get(symbol)
        if guards is None:
            return 0, 0
        stop = take = 0
        for key in guards:
            protected = self._desk.state.sleeves[key].protections[symbol]
            stop = max(stop, protected.stop_px)
            if protected.leaving is not None:
                stop = ANY_PRICE
            if protected.take_px:
                take = protected.take_px if not take else min(take, protected.take_px)
        return stop, take


def _tell_time(desk: Desk, event: Event) -> None:
    """Move the core's time, forward only; a report's is its broker's, whose clock is not ours."""
    if event.at > desk.now and type(event) is not ExecutionReport:
        desk.now = event.at


def _see_price(desk: Desk, event: PriceUpdated) -> bool:
    """Take in a price, unless it is none or older than the last; return whether it was taken."""
    symbol, market = event.symbol, desk.market
    if event.price <= 0 or event.at < market.priced_at.get(symbol, 0):
        return False
    market.prices[symbol] = event.price
    market.priced_at[symbol] = event.at
    return True


def _observe_price(desk: Desk, event: PriceUpdated) -> None:
    _see_price(desk, event)


def _take_price(desk: Desk, event: PriceUpdated) -> None:
    if _see_price(desk, event):
        protection.watch(desk, event.symbol, event.price)
        kill.liquidate(desk)


def _see_phase(desk: Desk, event: PhaseChanged) -> None:
    desk.market.phase = event.phase


def _take_phase(desk: Desk, event: PhaseChanged) -> None:
    _see_phase(desk, event)
    _wake(desk)


def _wake(desk: Desk) -> None:
    """
    Do what waited for the market or for leave to trade: exits first, then wishes by age.

    A wish waits on while trading is not ACTIVE.
    """
    state = desk.state
    if not is_regular(desk.market.phase):
        return
    kill.liquidate(desk)
    for symbol in tuple(state.guarded):
        protection.retry(desk, symbol)
    for intent in tuple(state.parked):
        if state.trading_state is TradingState.ACTIVE:
            _release(desk, intent)
    rebalance.advance(desk)


def _release(desk: Desk, intent: OrderIntent | TargetWeights) -> None:
    if isinstance(intent, TargetWeights):
        rebalance.release(desk, intent)
    else:
        orders.release(desk, intent)


def _see_instrument(desk: Desk, event: InstrumentUpdated) -> None:
    desk.market.update(event)


def _take_instrument(desk: Desk, event: InstrumentUpdated) -> None:
    """Take in the day's rules; what a halt kept from the kill switch may go now."""
    _see_instrument(desk, event)
    kill.liquidate(desk)


def _see_corporate_action(desk: Desk, event: CorporateActionDue) -> None:
    """Tell the last price in new shares, until the first trade tells it better."""
    action = event.action
    if isinstance(action, ShareChange) and _key(action) not in desk.state.corporate_actions:
        desk.market.rescale(action.symbol, action.numerator, action.denominator)


def _take_corporate_action(desk: Desk, event: CorporateActionDue) -> None:
    key = _key(event.action)
    if key in desk.state.corporate_actions:
        return
    _see_corporate_action(desk, event)
    take_corporate_action(desk, event)
    desk.do(CorporateActionTaken(key))


def _key(action: CorporateAction) -> str:
    return f"{action.symbol}:{type(action).__name__}:{action.ex_date}"


def _take_session(desk: Desk, event: SessionStarted) -> None:
    """
    Begin a day at the last prices of the day before, or those remembered from before a restart.

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
    equities = []
    for sleeve in desk.state.sleeves.values():
        equity = desk.market.equity(sleeve)
        if equity is None:
            equity = _equity_at_marks(desk.state, sleeve)
        equities.append((sleeve.account_id, sleeve.sleeve_id, equity))
    desk.do(SessionOpened(event.session_date, tuple(equities), _marks(desk)))


def _marks(desk: Desk) -> tuple[tuple[Symbol, int], ...]:
    """Return the last known price of everything held [won]."""
    held = sorted({symbol for sleeve in desk.state.sleeves.values() for symbol in sleeve.positions})
    known = {**desk.state.marks, **desk.market.prices}
    return tuple((symbol, known[symbol]) for symbol in held if symbol in known)


def _equity_at_marks(state: CoreState, sleeve: Sleeve) -> int:
    """Return equity at the prices remembered from before a restart [won]; at cost without one."""
    equity = sleeve.cash + sum(sleeve.receivable.values())
    for symbol, position in sleeve.positions.items():
        mark = state.marks.get(symbol)
        equity += position.cost if mark is None else position.qty * mark
    return equity


def _take_sleeve(desk: Desk, event: SleeveOpened) -> None:
    if event.account_id not in desk.config.schedules:
        raise InvalidValueError(
            f"{event.account_id} 계좌의 수수료표가 없습니다. 설정에 계좌를 먼저 등록하세요.",
            f"Account {event.account_id} has no cost schedule. Register the account first.",
        )
    if desk.state.find_sleeve(event.account_id, event.sleeve_id) is not None:
        raise InvalidValueError(
            f"{event.sleeve_id} 전략은 이미 {event.account_id} 계좌에 있습니다.",
            f"Sleeve {event.sleeve_id} already exists in account {event.account_id}.",
        )
    if event.cash < 0:
        raise InvalidValueError(
            f"배정 금액이 {event.cash:,}원입니다. 0원 이상으로 정하세요.",
            f"A sleeve cannot be opened with {event.cash:,} won. Allot at least 0.",
        )
    desk.do(SleeveAdded(event.account_id, event.sleeve_id, event.cash, event.limits))


def _take_limits(desk: Desk, event: LimitsSet) -> None:
    desk.state.get_sleeve(event.account_id, event.sleeve_id)
    desk.do(SleeveLimited(event.account_id, event.sleeve_id, event.limits))


def _take_trading_state(desk: Desk, event: TradingStateSet) -> None:
    """Open or close trading; once it is not ACTIVE, no order that adds risk goes on working."""
    desk.do(TradingStateChanged(event.state, event.reason))
    if event.state is TradingState.ACTIVE:
        _wake(desk)
        return
    for order in tuple(desk.state.orders.values()):
        if not order.is_closed and order.purpose is Purpose.NEW:
            orders.cancel(desk, order)


def _take_resume(desk: Desk, event: SleeveResumed) -> None:
    desk.state.get_sleeve(event.account_id, event.sleeve_id)
    desk.do(
        SleeveStateChanged(event.account_id, event.sleeve_id, halted=False, reason=event.reason)
    )


def _take_cash_flow(desk: Desk, event: CashFlow) -> None:
    """Move money; what is not withdrawable stays."""
    sleeve = desk.state.get_sleeve(event.account_id, event.sleeve_id)
    is_transfer = event.kind is CashFlowKind.TRANSFER
    if is_transfer != (event.to_sleeve_id is not None) or not _has_right_sign(event):
        raise InvalidValueError(
            f"{event.kind} {event.amount:,}원은 올바른 입출금이 아닙니다. 부호와 받는 전략을 "
            "확인하세요.",
            f"{event.kind} of {event.amount:,} won cannot be. Check its sign and who receives it.",
        )
    if event.to_sleeve_id is not None:
        desk.state.get_sleeve(event.account_id, event.to_sleeve_id)
    leaving = event.amount if is_transfer else -event.amount
    if leaving > max(0, sleeve.withdrawable):
        raise InvalidValueError(
            f"출금 가능 금액은 {sleeve.withdrawable:,}원입니다. 결제 대금과 주문 증거금은 뺄 수 "
            "없습니다.",
            f"{sleeve.withdrawable:,} won can be withdrawn; unsettled and reserved cash cannot.",
        )
    desk.do(CashMoved(event))


def _has_right_sign(flow: CashFlow) -> bool:
    return flow.amount < 0 if flow.kind is CashFlowKind.WITHDRAWAL else flow.amount > 0


_HANDLERS: Final[dict[type, Callable[[Desk, Any], None]]] = {
    PriceUpdated: _take_price,
    ExecutionReport: reports.take_report,
    OrderIntent: orders.take_intent,
    TargetWeights: rebalance.take_target_weights,
    CancelIntent: orders.take_cancel,
    ReplaceIntent: orders.take_replace,
    PhaseChanged: _take_phase,
    SessionStarted: _take_session,
    InstrumentUpdated: _take_instrument,
    CorporateActionDue: _take_corporate_action,
    SleeveOpened: _take_sleeve,
    LimitsSet: _take_limits,
    TradingStateSet: _take_trading_state,
    KillSet: kill.take_kill,
    SleeveResumed: _take_resume,
    CashFlow: _take_cash_flow,
}

_OBSERVERS: Final[dict[type, Callable[[Desk, Any], None]]] = {
    PriceUpdated: _observe_price,
    PhaseChanged: _see_phase,
    InstrumentUpdated: _see_instrument,
    CorporateActionDue: _see_corporate_action,
}
