"""Sentences for people about what the core did: what happened, and what to do now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from maemae.core.actions import (
    Action,
    AlarmCode,
    AlarmRaised,
    BasePriceDoubted,
    ExitRefused,
    KillChanged,
    OrderReported,
    SleeveStateChanged,
    SymbolQuarantined,
)
from maemae.core.events import KillLevel
from maemae.core.state import CoreState
from maemae.domain.order_status import ExecType
from maemae.domain.refusal import Refusal
from maemae.domain.terms import Purpose
from maemae.domain.text import Text
from maemae.ports import Alert


def alert_of(action: Action, state: CoreState, wall_now: int) -> Alert | None:
    """
    Return what a person must be told of an action, None if nothing.

    Args:
        action: What the core did.
        state: The book after the turn.
        wall_now: Wall time [ns, UTC].
    """
    told = _told(action, state)
    if told is None:
        return None
    code, subject, is_critical, text = told
    return Alert(code, subject, is_critical, text, wall_now)


_Told = tuple[str, str, bool, Text]


def _told(action: Action, state: CoreState) -> _Told | None:
    match action:
        case AlarmRaised():
            return _alarm(action)
        case OrderReported():
            return _rejected_exit(action, state)
        case ExitRefused():
            return _exit_refused(action)
        case SleeveStateChanged(halted=True):
            return _sleeve_halted(action)
        case SymbolQuarantined():
            return _quarantined(action)
        case BasePriceDoubted():
            return _base_price_doubted(action)
        case KillChanged():
            return _killed(action)
        case _:
            return None


def _alarm(alarm: AlarmRaised) -> _Told:
    subject = next(
        str(name)
        for name in (alarm.cl_ord_id, alarm.symbol, alarm.account_id, alarm.code)
        if name is not None
    )
    template = _ALARMS.get(alarm.code, _ANY_ALARM)
    names = {"code": alarm.code, "subject": subject, "detail": alarm.detail or "–"}
    text = Text(template.ko.format(**names), template.en.format(**names))
    return alarm.code, subject, alarm.code not in _MILD, text


def _rejected_exit(reported: OrderReported, state: CoreState) -> _Told | None:
    report = reported.report
    order = state.orders.get(report.cl_ord_id)
    if report.exec_type is not ExecType.REJECTED or order is None or order.purpose is Purpose.NEW:
        return None
    words = report.text or "–"
    text = Text(
        f"{order.symbol} 매도 주문 {order.cl_ord_id} 이 거부되었습니다({words}). 보유가 그대로일 "
        "수 있으니 증권사 앱에서 확인하고 필요하면 직접 파세요.",
        f"The exit {order.cl_ord_id} of {order.symbol} was rejected ({words}). The position may "
        "still be held: check it at the broker and sell by hand if you must.",
    )
    return "EXIT_REJECTED", f"{order.account_id}:{order.symbol}", True, text


def _exit_refused(refused: ExitRefused) -> _Told:
    ko = " ".join(Refusal(reason).text.ko for reason in refused.reasons)
    en = " ".join(Refusal(reason).text.en for reason in refused.reasons)
    text = Text(
        f"{refused.sleeve_id} 의 {refused.symbol} 을 팔지 못해 보호되지 않습니다. {ko} 이유를 "
        "없애거나 증권사 앱에서 직접 파세요.",
        f"{refused.symbol} of {refused.sleeve_id} could not be sold and is unprotected. {en} "
        "Remove the reason, or sell it at the broker by hand.",
    )
    return "EXIT_REFUSED", f"{refused.sleeve_id}:{refused.symbol}", True, text


def _sleeve_halted(changed: SleeveStateChanged) -> _Told:
    text = Text(
        f"{changed.sleeve_id} 전략을 멈췄습니다({changed.reason}). 원인을 확인한 뒤 다시 "
        "시작하세요. 청산 주문은 계속 나갑니다.",
        f"{changed.sleeve_id} was halted ({changed.reason}). Find out why, then resume it. "
        "Its exits still leave.",
    )
    return "SLEEVE_HALTED", f"{changed.account_id}:{changed.sleeve_id}", True, text


def _base_price_doubted(found: BasePriceDoubted) -> _Told:
    text = Text(
        f"{found.symbol} 의 기준가 {found.base_price:,}원이 전일 종가 {found.close:,}원에서 나오지 "
        "않습니다. 분할·증자 같은 기업행동으로 보아 손절·익절을 멈추고 새 매수를 막았습니다. "
        "공시를 확인하고 maemae resume --symbol 로 푸세요. 손절·익절 가격은 기준가의 비율로 "
        "고쳐집니다.",
        f"The base price of {found.symbol}, {found.base_price:,} won, does not follow from the "
        f"close of {found.close:,}: a split or an issue of shares, it seems. Its stops and targets "
        "wait, and new buys are blocked. Look at the disclosure, then maemae resume --symbol; "
        "stops and targets are told in prices of the new shares then.",
    )
    return "QUARANTINED", f"{found.account_id}:{found.symbol}", True, text


def _quarantined(found: SymbolQuarantined) -> _Told:
    text = Text(
        f"{found.symbol} 수량이 증권사와 {found.qty:+,}주 다릅니다. 새 매수를 막았습니다. 증권사 "
        "거래 내역에서 이유를 찾은 뒤 격리를 푸세요.",
        f"{found.symbol} differs from the broker by {found.qty:+,} shares. New buys are blocked. "
        "Find out why in the broker's records, then release it.",
    )
    return "QUARANTINED", f"{found.account_id}:{found.symbol}", True, text


def _killed(changed: KillChanged) -> _Told | None:
    if changed.level is KillLevel.OFF:
        return None
    text = Text(
        f"비상정지가 켜졌습니다: {_LEVELS[changed.level]} ({changed.reason}). 미체결 주문과 보유를 "
        "확인하고, 다시 거래하려면 사유를 적어 해제하세요.",
        f"The kill switch is on: {changed.level} ({changed.reason}). Check open orders and "
        "positions; release it with a reason to trade again.",
    )
    return "KILL_SWITCH", "KILL", True, text


_LEVELS: Final[Mapping[KillLevel, str]] = {
    KillLevel.STOP_NEW: "신규 주문 차단",
    KillLevel.CANCEL_ALL: "차단하고 미체결 모두 취소",
    KillLevel.LIQUIDATE: "차단·취소하고 모두 청산",
}
"""Every level at which the switch is on, in Korean."""

_MILD: Final = frozenset({AlarmCode.FILL_REVISED, AlarmCode.UNKNOWN_ORDER})

_ANY_ALARM: Final = Text(
    "{code}: {subject} 를 확인하세요({detail}).", "{code}: look at {subject} ({detail})."
)

_ALARMS: Final = {
    AlarmCode.OVERFILL: Text(
        "주문 {subject} 이 주문한 수량보다 많이 체결되었습니다({detail}). 전략을 멈췄습니다. "
        "증권사 체결 내역과 잔고를 확인한 뒤 다시 시작하세요.",
        "Order {subject} was filled for more than was asked ({detail}). Its strategy is halted. "
        "Check the broker's fills and holdings, then resume it.",
    ),
    AlarmCode.LATE_FILL: Text(
        "끝난 주문 {subject} 이 뒤늦게 체결되었습니다({detail}). 장부에 반영했습니다. 보유 수량이 "
        "맞는지 확인하세요.",
        "Order {subject} was filled after it had ended ({detail}). The fill is booked. Check "
        "that the position is as you want it.",
    ),
    AlarmCode.UNKNOWN_ORDER: Text(
        "장부에 없는 주문 {subject} 의 통보가 왔습니다({detail}). 증권사 주문 내역과 대조하세요.",
        "A report came about order {subject}, which the book does not have ({detail}). Compare "
        "with the broker's list of orders.",
    ),
    AlarmCode.OUTCOME_UNKNOWN: Text(
        "주문 {subject} 의 결과를 모릅니다({detail}). 다시 보내지 않고 증권사 목록으로 확인하고 "
        "있습니다. 같은 주문을 직접 내지 마세요.",
        "The outcome of order {subject} is not known ({detail}). It is not sent again; the "
        "broker's lists are being read. Do not place the same order by hand.",
    ),
    AlarmCode.FILL_REVISED: Text(
        "주문 {subject} 의 체결이 거래소에서 정정되거나 취소되었습니다({detail}). 장부를 "
        "고쳤습니다. 보유와 현금을 확인하세요.",
        "The exchange changed or took back a fill of order {subject} ({detail}). The book "
        "follows. Check the position and the cash.",
    ),
    AlarmCode.OVERSOLD: Text(
        "주문 {subject} 이 보유보다 많이 팔았습니다({detail}). 증권사 잔고를 바로 확인하고 모자란 "
        "만큼 되사세요.",
        "Order {subject} sold more than is held ({detail}). Check the broker's holdings now and "
        "buy back what is missing.",
    ),
    AlarmCode.SOLD_ELSEWHERE: Text(
        "{subject}: 전략이 든 주식이 maemae 밖에서 팔렸습니다({detail}). 그 전략의 장부를 "
        "줄였습니다. 증권사 거래 내역을 확인하고, 전략을 계속 둘지 정하세요.",
        "{subject}: shares of a strategy were sold from elsewhere ({detail}). Its book was "
        "reduced. Check the broker's records, and decide whether the strategy goes on.",
    ),
    AlarmCode.OVERDRAWN: Text(
        "앱이나 HTS 에서 낸 주문 {subject} 이 전략에 나눈 현금을 썼습니다({detail}원). 입금하거나 "
        "전략의 배정을 줄이세요.",
        "Order {subject}, placed elsewhere, spent cash that was allotted to a strategy ({detail} "
        "won). Deposit cash, or lower the strategy's allotment.",
    ),
    AlarmCode.EXIT_IN_DOUBT: Text(
        "주문 {subject} 의 결과를 몰라 다음 청산이 기다립니다({detail}). 증권사 앱에서 그 매도가 "
        "접수되었는지 보고, 급하면 직접 파세요.",
        "An exit waits because the outcome of order {subject} is not known ({detail}). See at the "
        "broker whether that sale was taken; sell by hand if it cannot wait.",
    ),
    AlarmCode.MISMATCH: Text(
        "{subject} 이 증권사와 맞지 않습니다({detail}). 증권사 거래 내역과 대조하세요.",
        "{subject} does not agree with the broker ({detail}). Compare with the broker's records.",
    ),
    AlarmCode.BLIND: Text(
        "{subject} 시세가 들어오지 않아 손절이 작동하지 않습니다({detail}). 시세 연결을 확인하고, "
        "급하면 증권사 앱에서 직접 파세요.",
        "No price of {subject} comes in, so its stop cannot fire ({detail}). Check the feed; sell "
        "at the broker by hand if it cannot wait.",
    ),
}
