"""What the core did, as a line for a person's log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from maemae.cli.screen import DOWN, QUIET, UP, WARNING
from maemae.cli.words import STATES, order_text, price_text, won_text
from maemae.core.actions import (
    Action,
    BasePriceDoubted,
    CancelOrder,
    CeilingChanged,
    FillBooked,
    IntentParked,
    IntentRefused,
    KillChanged,
    OrderAdopted,
    OrderReported,
    ProtectionTriggered,
    ReplaceOrder,
    SessionOpened,
    SleeveAdded,
    SubmitOrder,
    SymbolQuarantined,
    TradingStateChanged,
)
from maemae.core.events import KillLevel
from maemae.core.parent_facts import ParentEnd, ParentEnded
from maemae.domain.ids import Symbol
from maemae.domain.order_status import ExecType
from maemae.domain.terms import Cause, TradingState
from maemae.domain.text import Text

Line = tuple[Text, str]
"""What is said, and in which style."""

Called = Callable[[Symbol], str]
"""Returns what people call an instrument."""


def line_of(action: Action, called: Called) -> Line | None:
    """Return what an action is to a person; None if nothing worth a line."""
    teller = _TELLERS.get(type(action))
    return None if teller is None else teller(action, called)


def _submitted(action: SubmitOrder, called: Called) -> Line:
    told = order_text(action.order, called(action.order.symbol))
    return Text(f"주문 {told.ko}", f"order {told.en}"), ""


def _adopted(action: OrderAdopted, called: Called) -> Line:
    told = order_text(action.order, called(action.order.symbol))
    return Text(f"밖에서 낸 주문 {told.ko}", f"order from elsewhere {told.en}"), WARNING


def _canceled(action: CancelOrder, _called: Called) -> Line:
    number = action.orig_cl_ord_id
    return Text(f"취소 요청 #{number}", f"cancel #{number}"), ""


def _replaced(action: ReplaceOrder, _called: Called) -> Line:
    number, price = action.orig_cl_ord_id, price_text(action.price)
    return Text(
        f"정정 요청 #{number} {action.order_qty:,}주 {price.ko}",
        f"replace #{number} to {action.order_qty:,} at {price.en}",
    ), ""


def _reported(action: OrderReported, _called: Called) -> Line | None:
    report = action.report
    told = _REPORTS.get(report.exec_type)
    if told is None:
        return None
    text, style = told
    words = f": {report.text}" if report.text else ""
    number = report.cl_ord_id
    return Text(f"{text.ko} #{number}{words}", f"{text.en} #{number}{words}"), style


def _filled(action: FillBooked, called: Called) -> Line:
    bought = action.qty > 0
    px = won_text(action.px)
    realized = won_text(action.realized)
    what = called(action.symbol)
    ko = f"체결 #{action.cl_ord_id} {what} {action.qty:+,}주 {px.ko}"
    en = f"fill #{action.cl_ord_id} {what} {action.qty:+,} at {px.en}"
    if not bought:
        ko, en = f"{ko}, 실현 {realized.ko}", f"{en}, realized {realized.en}"
    return Text(ko, en), UP if bought else DOWN


def _refused(action: IntentRefused, called: Called) -> Line:
    what = called(action.symbol)
    ko = " ".join(refusal.text.ko for refusal in action.refusals)
    en = " ".join(refusal.text.en for refusal in action.refusals)
    return Text(f"거부 {what}: {ko}", f"refused {what}: {en}"), WARNING


def _parked(_action: IntentParked, _called: Called) -> Line:
    return Text("장이 닫혀 다음 장을 기다립니다", "waits for the next session"), QUIET


def _triggered(action: ProtectionTriggered, called: Called) -> Line:
    what = called(action.symbol)
    word = _LEFT[action.cause]
    return Text(f"{word.ko} {what}", f"{word.en} {what}"), WARNING


def _parent_ended(action: ParentEnded, called: Called) -> Line:
    end = _PARENT_ENDS[action.end]
    what, style = called(action.symbol), QUIET if action.missed == 0 else WARNING
    ko = f"분할·조건 주문 끝({end.ko}) {what}: 체결 {action.filled:,}주"
    en = f"parent order ended ({end.en}) {what}: {action.filled:,} filled"
    if action.working:
        ko, en = f"{ko}, 걸린 것 {action.working:,}주", f"{en}, {action.working:,} working"
    if action.missed:
        ko, en = f"{ko}, 놓친 것 {action.missed:,}주", f"{en}, {action.missed:,} missed"
    return Text(ko, en), style


def _state(action: TradingStateChanged, _called: Called) -> Line:
    state = STATES[action.state]
    return Text(
        f"거래 상태: {state.ko} ({action.reason})", f"trading: {state.en} ({action.reason})"
    ), "bold"


def _ceiling(action: CeilingChanged, _called: Called) -> Line:
    state = STATES[action.ceiling]
    if action.ceiling is TradingState.HALTED:
        return Text(
            f"복구 시작: 증권사와 대조할 때까지 새 주문을 막습니다 ({action.reason})",
            f"recovery begins: no new order until the broker agrees ({action.reason})",
        ), "bold"
    return Text(
        f"거래 상한: {state.ko} ({action.reason})", f"ceiling: {state.en} ({action.reason})"
    ), QUIET


def _killed(action: KillChanged, _called: Called) -> Line:
    if action.level is KillLevel.OFF:
        return Text(f"비상정지 해제 ({action.reason})", f"released ({action.reason})"), "bold"
    return Text(
        f"비상정지 {action.level} ({action.reason})", f"KILL {action.level} ({action.reason})"
    ), f"bold {UP}"


def _opened(action: SessionOpened, _called: Called) -> Line:
    day = action.session_date
    return Text(f"거래일 {day} 시작", f"session {day} begins"), "bold"


def _sleeve(action: SleeveAdded, _called: Called) -> Line:
    return Text(f"슬리브 {action.sleeve_id}", f"sleeve {action.sleeve_id}"), QUIET


def _quarantined(action: SymbolQuarantined, called: Called) -> Line:
    what = called(action.symbol)
    return Text(
        f"격리 {what}: 증권사와 {action.qty:+,}주 다름",
        f"quarantined {what}: differs by {action.qty:+,}",
    ), f"bold {UP}"


def _base_doubted(action: BasePriceDoubted, called: Called) -> Line:
    what = called(action.symbol)
    return Text(
        f"격리 {what}: 기준가 {action.base_price:,}원이 전일 종가 {action.close:,}원과 다름",
        f"quarantined {what}: base price {action.base_price:,} after a close of {action.close:,}",
    ), f"bold {UP}"


_REPORTS: Final = {
    ExecType.NEW: (Text("접수", "taken"), QUIET),
    ExecType.REJECTED: (Text("증권사 거부", "rejected"), WARNING),
    ExecType.CANCELED: (Text("취소됨", "canceled"), ""),
    ExecType.REPLACED: (Text("정정됨", "replaced"), ""),
    ExecType.EXPIRED: (Text("만료", "expired"), QUIET),
    ExecType.CANCEL_REJECTED: (Text("취소·정정 거부", "not canceled"), WARNING),
    ExecType.OUTCOME_UNKNOWN: (Text("결과 모름, 확인 중", "outcome unknown"), f"bold {WARNING}"),
}

_LEFT: Final = {
    Cause.STOP: Text("손절", "stop"),
    Cause.TAKE: Text("익절", "target"),
    Cause.TIME: Text("보유 시간 끝", "held for long enough"),
}

_PARENT_ENDS: Final = {
    ParentEnd.DONE: Text("모두 보냄", "all sent"),
    ParentEnd.REFUSED: Text("거부", "refused"),
    ParentEnd.EXPIRED: Text("기간 끝", "expired"),
    ParentEnd.WITHDRAWN: Text("거둠", "taken back"),
    ParentEnd.KILLED: Text("비상정지", "kill switch"),
    ParentEnd.LEFT: Text("보유를 청산", "the position is left"),
    ParentEnd.RESTATED: Text("권리 변동", "a corporate action"),
}

_TELLERS: Final[Mapping[type, Callable[[Any, Called], Line | None]]] = {
    SubmitOrder: _submitted,
    OrderAdopted: _adopted,
    CancelOrder: _canceled,
    ReplaceOrder: _replaced,
    OrderReported: _reported,
    FillBooked: _filled,
    IntentRefused: _refused,
    IntentParked: _parked,
    ProtectionTriggered: _triggered,
    ParentEnded: _parent_ended,
    TradingStateChanged: _state,
    CeilingChanged: _ceiling,
    KillChanged: _killed,
    SessionOpened: _opened,
    SleeveAdded: _sleeve,
    SymbolQuarantined: _quarantined,
    BasePriceDoubted: _base_doubted,
}
