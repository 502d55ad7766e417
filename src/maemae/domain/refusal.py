"""Why the risk gate said no: a code, the two numbers that decided, and a sentence."""

from __future__ import annotations

from enum import unique
from typing import Final

import msgspec

from maemae.domain.terms import Term
from maemae.domain.text import Text


@unique
class Reason(Term):
    """Coded reasons; each is a row of REASONS."""

    KILLED = "KILLED"
    TRADING_HALTED = "TRADING_HALTED"
    REDUCE_ONLY = "REDUCE_ONLY"
    SLEEVE_HALTED = "SLEEVE_HALTED"
    UNKNOWN_ACCOUNT = "UNKNOWN_ACCOUNT"
    REAL_NOT_ARMED = "REAL_NOT_ARMED"
    PHASE_REFUSES_TYPE = "PHASE_REFUSES_TYPE"
    NO_INSTRUMENT_STATE = "NO_INSTRUMENT_STATE"
    INSTRUMENT_BLOCKED = "INSTRUMENT_BLOCKED"
    OFF_TICK = "OFF_TICK"
    OUTSIDE_BAND = "OUTSIDE_BAND"
    OUTSIDE_COLLAR = "OUTSIDE_COLLAR"
    NO_PRICE = "NO_PRICE"
    STALE_PRICE = "STALE_PRICE"
    QTY_NOT_POSITIVE = "QTY_NOT_POSITIVE"
    QTY_ABOVE_EXCHANGE_CAP = "QTY_ABOVE_EXCHANGE_CAP"
    VALUE_ABOVE_LIMIT = "VALUE_ABOVE_LIMIT"
    NOT_ENOUGH_CASH = "NOT_ENOUGH_CASH"
    NOT_ENOUGH_SELLABLE = "NOT_ENOUGH_SELLABLE"
    TOO_MANY_POSITIONS = "TOO_MANY_POSITIONS"
    POSITION_TOO_HEAVY = "POSITION_TOO_HEAVY"
    DAILY_LOSS = "DAILY_LOSS"
    ORDER_RATE = "ORDER_RATE"
    TOO_MANY_ORDERS_TODAY = "TOO_MANY_ORDERS_TODAY"
    REPEATED_ORDER = "REPEATED_ORDER"
    SELF_TRADE = "SELF_TRADE"
    ORDER_IN_DOUBT = "ORDER_IN_DOUBT"
    ORDER_NOT_WORKING = "ORDER_NOT_WORKING"
    NOTHING_TO_CHANGE = "NOTHING_TO_CHANGE"
    INTENT_EXPIRED = "INTENT_EXPIRED"
    COOLING_DOWN = "COOLING_DOWN"
    EXPOSURE_TOO_HIGH = "EXPOSURE_TOO_HIGH"
    TOO_MANY_OPEN_ORDERS = "TOO_MANY_OPEN_ORDERS"
    DRAWDOWN = "DRAWDOWN"
    TOO_MANY_STOPS = "TOO_MANY_STOPS"
    TOO_MANY_REJECTIONS = "TOO_MANY_REJECTIONS"
    RISEN_TOO_FAR = "RISEN_TOO_FAR"
    PRICE_TOO_LOW = "PRICE_TOO_LOW"
    ADDS_TO_LOSS = "ADDS_TO_LOSS"
    OUTSIDE_HOURS = "OUTSIDE_HOURS"


class Refusal(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    One reason, with the figure found and the figure allowed (units by reason).

    Attributes:
        actual: What was found; None where a number says nothing.
        limit: What is allowed; None where a number says nothing.
    """

    reason: Reason
    actual: int | None = None
    limit: int | None = None

    @property
    def text(self) -> Text:
        """The sentence with its numbers."""
        template = REASONS[self.reason]
        actual, limit = _figure(self.reason, self.actual), _figure(self.reason, self.limit)
        return Text(
            template.ko.format(actual=actual, limit=limit),
            template.en.format(actual=actual, limit=limit),
        )


def _figure(reason: Reason, number: int | None) -> str:
    """Return a figure as its sentence tells it: a ratio in percent, a date, a time of day."""
    if number is None:
        return "–"
    if reason in _RATIOS:
        return f"{number / 10_000:,.1f}"
    if reason is Reason.COOLING_DOWN:
        return f"{number // 10_000}-{number // 100 % 100:02}-{number % 100:02}"
    if reason is Reason.OUTSIDE_HOURS:
        return f"{number // 60:02}:{number % 60:02}"
    return f"{number:,}"


_RATIOS: Final = frozenset(
    {
        Reason.EXPOSURE_TOO_HIGH,
        Reason.DRAWDOWN,
        Reason.RISEN_TOO_FAR,
        Reason.ADDS_TO_LOSS,
    }
)

REASONS: Final[dict[Reason, Text]] = {
    Reason.KILLED: Text(
        "비상정지 상태입니다. 사유를 확인하고 해제한 뒤 다시 주문하세요.",
        "The kill switch is on. Check why, release it, then order again.",
    ),
    Reason.TRADING_HALTED: Text(
        "거래가 멈춰 있습니다. 복구가 끝났는지 확인하고 거래를 시작하세요.",
        "Trading is halted. Check that recovery has ended, then start trading.",
    ),
    Reason.REDUCE_ONLY: Text(
        "보유를 줄이는 주문만 받는 상태입니다.",
        "Only orders that shrink a position are accepted now.",
    ),
    Reason.SLEEVE_HALTED: Text(
        "이 전략은 멈춰 있습니다. 알림을 확인하고 다시 시작하세요.",
        "This strategy is halted. Check its alerts, then resume it.",
    ),
    Reason.UNKNOWN_ACCOUNT: Text(
        "이 실행에 없는 계좌이거나 전략입니다.",
        "No such account or strategy in this executor.",
    ),
    Reason.REAL_NOT_ARMED: Text(
        "실전 계좌가 잠겨 있습니다. 2차 인증으로 실전 주문을 켜세요.",
        "The real account is not armed. Arm it with your second factor.",
    ),
    Reason.PHASE_REFUSES_TYPE: Text(
        "지금 장에서는 이 주문 유형을 받지 않습니다. 지정가를 쓰거나 정규장을 기다리세요.",
        "This phase refuses that order type. Use a limit order or wait for the day session.",
    ),
    Reason.NO_INSTRUMENT_STATE: Text(
        "오늘의 종목 상태를 모릅니다. 종목 정보를 갱신하세요.",
        "Today's state of the instrument is unknown. Refresh the instrument master.",
    ),
    Reason.INSTRUMENT_BLOCKED: Text(
        "거래정지·관리·경고, 또는 수량 불일치로 주문이 막힌 종목입니다. 알림을 확인하세요.",
        "The instrument is halted, under watch, warned, or its shares do not add up; this order "
        "is blocked. See the alerts.",
    ),
    Reason.OFF_TICK: Text(
        "{actual}원은 호가 단위 {limit}원에 맞지 않습니다.",
        "{actual} won is not a multiple of the tick of {limit} won.",
    ),
    Reason.OUTSIDE_BAND: Text(
        "{actual}원은 오늘의 상·하한가 {limit}원을 벗어납니다.",
        "{actual} won lies beyond today's price limit of {limit} won.",
    ),
    Reason.OUTSIDE_COLLAR: Text(
        "{actual}원은 현재가에서 너무 멉니다. 허용 한계는 {limit}원입니다.",
        "{actual} won is too far from the last price; the bound is {limit} won.",
    ),
    Reason.NO_PRICE: Text(
        "현재가가 없어 크기를 정할 수 없습니다. 시세 연결을 확인하세요.",
        "There is no price to size the order by. Check the market feed.",
    ),
    Reason.STALE_PRICE: Text(
        "현재가가 {actual}초 전 것입니다. {limit}초 안의 시세가 있어야 합니다.",
        "The last price is {actual} s old; it must be younger than {limit} s.",
    ),
    Reason.QTY_NOT_POSITIVE: Text(
        "주문 수량이 {actual}주입니다. 1주 이상이어야 합니다.",
        "The order is for {actual} shares; it must be for at least 1.",
    ),
    Reason.QTY_ABOVE_EXCHANGE_CAP: Text(
        "{actual}주는 거래소의 1회 주문 한도 {limit}주를 넘습니다. 나누어 주문하세요.",
        "{actual} shares exceed the exchange's cap of {limit} an order. Split it.",
    ),
    Reason.VALUE_ABOVE_LIMIT: Text(
        "주문 금액 {actual}원이 한도 {limit}원을 넘습니다.",
        "The order's value of {actual} won exceeds the limit of {limit} won.",
    ),
    Reason.NOT_ENOUGH_CASH: Text(
        "{actual}원이 필요한데 주문 가능 금액은 {limit}원입니다.",
        "{actual} won are needed, {limit} won can be ordered with.",
    ),
    Reason.NOT_ENOUGH_SELLABLE: Text(
        "{actual}주를 팔려 하지만 매도 가능 수량은 {limit}주입니다.",
        "{actual} shares are to be sold, {limit} can be.",
    ),
    Reason.TOO_MANY_POSITIONS: Text(
        "보유 종목이 {actual}개가 됩니다. 한도는 {limit}개입니다.",
        "This would be position number {actual}; the limit is {limit}.",
    ),
    Reason.POSITION_TOO_HEAVY: Text(
        "이 종목이 자산의 {actual}ppm 이 됩니다. 한도는 {limit}ppm 입니다.",
        "The position would be {actual} ppm of equity; the limit is {limit} ppm.",
    ),
    Reason.DAILY_LOSS: Text(
        "오늘 손실이 {actual}원입니다. 한도 {limit}원에 닿아 신규 주문을 막습니다.",
        "Today's loss is {actual} won; at the limit of {limit} won new orders are blocked.",
    ),
    Reason.ORDER_RATE: Text(
        "1초에 {actual}건째 주문입니다. 한도는 {limit}건입니다.",
        "This would be order {actual} within a second; the limit is {limit}.",
    ),
    Reason.TOO_MANY_ORDERS_TODAY: Text(
        "오늘 {actual}건째 주문입니다. 하루 한도는 {limit}건입니다.",
        "This would be order {actual} today; the limit is {limit}.",
    ),
    Reason.REPEATED_ORDER: Text(
        "같은 주문이 1초에 {actual}번째입니다. {limit}번까지만 보냅니다.",
        "The same order came {actual} times within a second; {limit} are sent at most.",
    ),
    Reason.SELF_TRADE: Text(
        "내 다른 주문과 서로 체결될 수 있습니다. 반대편 주문을 먼저 취소하세요.",
        "It could trade with your own order on the other side. Cancel that one first.",
    ),
    Reason.ORDER_IN_DOUBT: Text(
        "같은 종목에 결과를 모르는 주문 {actual}번이 있습니다. 확인될 때까지 기다립니다.",
        "Order {actual} in this instrument is in doubt. Wait until it is resolved.",
    ),
    Reason.ORDER_NOT_WORKING: Text(
        "주문 {actual}번은 정정하거나 취소할 수 있는 상태가 아닙니다.",
        "Order {actual} is not in a state to be replaced or canceled.",
    ),
    Reason.NOTHING_TO_CHANGE: Text(
        "정정할 내용이 지금 주문과 같습니다.",
        "The replacement asks for nothing new.",
    ),
    Reason.INTENT_EXPIRED: Text(
        "장을 기다리던 주문이 유효 시간을 넘겨 버렸습니다.",
        "The order waited for the market longer than it was valid.",
    ),
    Reason.COOLING_DOWN: Text(
        "청산한 뒤 다시 사지 않기로 한 기간입니다. {limit} 거래일부터 살 수 있습니다.",
        "It was left a short while ago and is not bought again before {limit}. Wait until then.",
    ),
    Reason.EXPOSURE_TOO_HIGH: Text(
        "투자 비중이 {actual}% 가 됩니다(한도 {limit}%). 일부를 줄이거나 더 작게 주문하세요.",
        "{actual} % of the equity would be at work; {limit} % may. Reduce, or order less.",
    ),
    Reason.TOO_MANY_OPEN_ORDERS: Text(
        "미체결 매수가 {actual}건이 됩니다(한도 {limit}건). 체결을 기다리거나 취소하세요.",
        "It would be open buy {actual}; {limit} are allowed. Wait for fills, or cancel some.",
    ),
    Reason.DRAWDOWN: Text(
        "고점보다 {actual}% 잃었습니다(한도 {limit}%). 전략을 점검한 뒤 한도를 다시 정하세요.",
        "{actual} % below the best equity; the limit is {limit} %. Review the strategy first.",
    ),
    Reason.TOO_MANY_STOPS: Text(
        "오늘 손절이 {actual}번입니다(한도 {limit}번). 다음 거래일까지 새로 사지 않습니다.",
        "{actual} stops fired today; the limit is {limit}. Nothing new is bought until tomorrow.",
    ),
    Reason.TOO_MANY_REJECTIONS: Text(
        "증권사가 오늘 {actual}건을 거부했습니다(한도 {limit}건). 사유를 알림에서 확인하세요.",
        "The broker rejected {actual} orders today; the limit is {limit}. See why in the alerts.",
    ),
    Reason.RISEN_TOO_FAR: Text(
        "기준가보다 {actual}% 올랐습니다(한도 {limit}%). 따라 사지 말고 내려오기를 기다리세요.",
        "It stands {actual} % above its base price; {limit} % may be bought. Wait for less.",
    ),
    Reason.PRICE_TOO_LOW: Text(
        "주가 {actual}원은 이 전략의 최저 {limit}원보다 낮습니다. 다른 종목을 고르세요.",
        "{actual} won a share is below this strategy's {limit} won. Choose another instrument.",
    ),
    Reason.ADDS_TO_LOSS: Text(
        "{actual}% 손실 중인 종목입니다(한도 {limit}%). 물타기 대신 손절을 살펴보세요.",
        "The holding has lost {actual} %; up to {limit} % is added to. Look at its stop instead.",
    ),
    Reason.OUTSIDE_HOURS: Text(
        "지금 {actual} 은 이 전략의 진입 시간({limit} 경계) 밖입니다. 그 안에 주문하세요.",
        "It is {actual}, outside of this strategy's hours of entry (bound {limit}). Order within.",
    ),
}
