"""Why a request must not leave after all: asked at the last moment that is ours."""

from __future__ import annotations

from typing import Final

from maemae.core.events import KillLevel
from maemae.core.state import CoreState
from maemae.domain.terms import Mode, TradingState
from maemae.domain.text import Text
from maemae.ports import Lane
from maemae.trading.outbox import Parcel
from maemae.trading.outside import Outside


def objection(parcel: Parcel, state: CoreState, mode: Mode, outside: Outside) -> Text | None:
    """
    Return why a request must not leave; None if it may.

    What takes risk away needs the lease alone.

    Args:
        parcel: The request.
        state: The book as it is durable now.
        mode: Whose market it would go to.
        outside: Knows the lease, the kill file and the time.
    """
    if not outside.is_ours():
        return _NOT_OURS
    if parcel.row.lane is not Lane.NEW:
        return None
    if state.kill is not KillLevel.OFF or outside.is_flagged():
        return _KILLED
    armed_until = state.armed.get(parcel.order.account_id, 0)
    if mode is Mode.REAL and armed_until <= outside.venue.now():
        return _NOT_ARMED
    return None if state.trading_state is TradingState.ACTIVE else _NOT_ACTIVE


_NOT_OURS: Final = Text(
    "이 실행기의 임대가 끝나 보내지 않았습니다.", "Not sent: the lease of this executor ran out."
)
_KILLED: Final = Text(
    "비상정지 중이라 새 주문을 보내지 않았습니다.", "Not sent: the kill switch is on."
)
_NOT_ARMED: Final = Text(
    "실전 무장이 풀려 새 주문을 보내지 않았습니다.", "Not sent: the account is not armed any more."
)
_NOT_ACTIVE: Final = Text(
    "거래가 멈춰 있어 새 주문을 보내지 않았습니다.", "Not sent: trading is not active."
)
