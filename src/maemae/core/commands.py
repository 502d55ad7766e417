"""What people and the executor command: sleeves, limits, money, and whether to trade at all."""

from __future__ import annotations

from typing import Final

from maemae.core import cancels, orders, waits
from maemae.core.actions import (
    ArmingChanged,
    CashMoved,
    CeilingChanged,
    SleeveAdded,
    SleeveLimited,
    SleeveStateChanged,
    TradingStateChanged,
)
from maemae.core.desk import Desk
from maemae.core.events import (
    ArmingSet,
    CeilingSet,
    LimitsSet,
    SleeveOpened,
    SleeveResumed,
    TradingStateSet,
)
from maemae.core.external import require_account
from maemae.core.kill import liquidate
from maemae.domain.cash_flow import CashFlow, CashFlowKind
from maemae.domain.errors import InvalidValueError
from maemae.domain.terms import TradingState


def take_sleeve(desk: Desk, event: SleeveOpened) -> None:
    """Open a sleeve."""
    require_account(desk, event.account_id)
    if desk.state.find_sleeve(event.account_id, event.sleeve_id) is not None:
        raise InvalidValueError(
            f"{event.sleeve_id} 전략은 이미 {event.account_id} 계좌에 있습니다. "
            "다른 이름을 고르거나 그 전략을 이어 가세요.",
            f"Sleeve {event.sleeve_id} already exists in account {event.account_id}. "
            "Choose another name, or go on with that one.",
        )
    if event.cash < 0:
        raise InvalidValueError(
            f"배정 금액이 {event.cash:,}원입니다. 0원 이상으로 정하세요.",
            f"A sleeve cannot be opened with {event.cash:,} won. Allot at least 0.",
        )
    desk.do(SleeveAdded(event.account_id, event.sleeve_id, event.cash, event.limits))


def take_limits(desk: Desk, event: LimitsSet) -> None:
    """Set what is stricter at once; what is looser holds from the next session on."""
    sleeve = desk.state.get_sleeve(event.account_id, event.sleeve_id)
    limits = sleeve.limits.stricter(event.limits)
    pending = None if limits == event.limits else event.limits
    desk.do(SleeveLimited(event.account_id, event.sleeve_id, limits, pending))


def loosen(desk: Desk) -> None:
    """Let the limits hold that waited for this session."""
    for sleeve in desk.state.sleeves.values():
        if sleeve.pending_limits is not None:
            desk.do(SleeveLimited(sleeve.account_id, sleeve.sleeve_id, sleeve.pending_limits, None))


def take_trading_state(desk: Desk, event: TradingStateSet) -> None:
    """
    Open or close trading; unless it is to be ACTIVE, no order that adds risk goes on working.

    What a person placed elsewhere goes on.
    """
    state = min(event.state, desk.state.ceiling, key=_RANKS.__getitem__)
    desk.do(TradingStateChanged(state, event.reason, event.state))
    if event.state is not TradingState.ACTIVE:
        for order in tuple(desk.state.orders.values()):
            if cancels.adds_risk(order) and not order.is_closed:
                orders.cancel(desk, order)
    _wake(desk)


def take_ceiling(desk: Desk, event: CeilingSet) -> None:
    """Bound trading; what works goes on working, whatever the ceiling."""
    state = desk.state
    if event.ceiling is state.ceiling:
        return
    desk.do(CeilingChanged(event.ceiling, event.reason))
    effective = min(state.wanted_state, event.ceiling, key=_RANKS.__getitem__)
    if effective is not state.trading_state:
        desk.do(TradingStateChanged(effective, event.reason, state.wanted_state))
        _wake(desk)
    liquidate(desk)


def _wake(desk: Desk) -> None:
    if desk.state.trading_state is not TradingState.HALTED:
        waits.wake(desk)


def take_arming(desk: Desk, event: ArmingSet) -> None:
    """Arm an account until an instant to come, or disarm it; the newest word holds."""
    require_account(desk, event.account_id)
    if 0 < event.until <= event.at:
        raise InvalidValueError(
            "실전 무장의 끝 시각이 이미 지났습니다. 앞으로의 시각을 정하세요.",
            "The arming would have run out already. Name an instant to come.",
        )
    if event.until or event.account_id in desk.state.armed:
        desk.do(ArmingChanged(event.account_id, event.until, event.reason))


def take_resume(desk: Desk, event: SleeveResumed) -> None:
    """Let a halted sleeve trade again."""
    desk.state.get_sleeve(event.account_id, event.sleeve_id)
    desk.do(
        SleeveStateChanged(event.account_id, event.sleeve_id, halted=False, reason=event.reason)
    )


def take_cash_flow(desk: Desk, event: CashFlow) -> None:
    """Move money; what a person takes must be withdrawable, what the broker takes is gone."""
    sleeve = desk.state.get_sleeve(event.account_id, event.sleeve_id)
    is_transfer = event.kind is CashFlowKind.TRANSFER
    if is_transfer != (event.to_sleeve_id is not None) or not event.has_right_sign:
        raise InvalidValueError(
            f"{event.kind} {event.amount:,}원은 올바른 입출금이 아닙니다. 부호와 받는 전략을 "
            "확인하세요.",
            f"{event.kind} of {event.amount:,} won cannot be. Check its sign and who receives it.",
        )
    if event.to_sleeve_id is not None:
        desk.state.get_sleeve(event.account_id, event.to_sleeve_id)
    if event.kind in _ASKED and abs(event.amount) > sleeve.withdrawable:
        raise InvalidValueError(
            f"출금 가능 금액은 {sleeve.withdrawable:,}원입니다. 결제 대금과 주문 증거금은 뺄 수 "
            "없습니다.",
            f"{sleeve.withdrawable:,} won can be withdrawn; unsettled and reserved cash cannot.",
        )
    desk.do(CashMoved(event))


_RANKS: Final = {
    TradingState.HALTED: 0,
    TradingState.REDUCING: 1,
    TradingState.ACTIVE: 2,
}

_ASKED: Final = frozenset({CashFlowKind.TRANSFER, CashFlowKind.WITHDRAWAL})
