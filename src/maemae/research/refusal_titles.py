"""Why orders were refused, as a report says it of many: without the figures of a single one."""

from __future__ import annotations

from typing import Final

from maemae.domain.refusal import Reason
from maemae.domain.text import Text

REFUSAL_TITLES: Final[dict[Reason, Text]] = {
    Reason.KILLED: Text("비상정지 중이었습니다.", "The kill switch was on."),
    Reason.TRADING_HALTED: Text("거래가 멈춰 있었습니다.", "Trading was halted."),
    Reason.REDUCE_ONLY: Text(
        "보유를 줄이는 주문만 받는 상태였습니다.",
        "Only orders that shrink a position were accepted.",
    ),
    Reason.SLEEVE_HALTED: Text("전략이 멈춰 있었습니다.", "The strategy was halted."),
    Reason.UNKNOWN_ACCOUNT: Text("계좌나 전략이 없었습니다.", "There was no such account."),
    Reason.REAL_NOT_ARMED: Text("실전 계좌가 잠겨 있었습니다.", "The real account was not armed."),
    Reason.PHASE_REFUSES_TYPE: Text(
        "그 장에서 받지 않는 주문 유형이었습니다.", "The phase refused that type of order."
    ),
    Reason.NO_INSTRUMENT_STATE: Text(
        "그날의 종목 상태를 몰랐습니다.", "The state of the instrument was unknown."
    ),
    Reason.INSTRUMENT_BLOCKED: Text(
        "거래정지·관리·경고, 또는 기준가를 모르는 날이었습니다.",
        "The instrument was halted or warned, or its base price was unknown.",
    ),
    Reason.OFF_TICK: Text(
        "지정가가 호가 단위에 맞지 않았습니다.", "The limit price was off the tick."
    ),
    Reason.OUTSIDE_BAND: Text(
        "지정가가 상·하한가를 벗어났습니다.", "The limit price lay outside the daily band."
    ),
    Reason.OUTSIDE_COLLAR: Text(
        "지정가가 현재가에서 너무 멀었습니다.",
        "The limit price was too far from the last price.",
    ),
    Reason.NO_PRICE: Text(
        "현재가가 없어 수량을 정하지 못했습니다.", "There was no price to size the order by."
    ),
    Reason.STALE_PRICE: Text("현재가가 너무 오래되었습니다.", "The last price was too old."),
    Reason.QTY_NOT_POSITIVE: Text(
        "배정된 금액으로 1주도 살 수 없었습니다.",
        "What was allotted did not buy one share.",
    ),
    Reason.QTY_ABOVE_EXCHANGE_CAP: Text(
        "수량이 거래소의 1회 주문 한도를 넘었습니다.",
        "The quantity exceeded the exchange's cap on an order.",
    ),
    Reason.VALUE_ABOVE_LIMIT: Text(
        "주문 금액이 한도를 넘었습니다.", "The order's value exceeded the limit."
    ),
    Reason.NOT_ENOUGH_CASH: Text("주문 가능 금액이 모자랐습니다.", "There was not enough cash."),
    Reason.NOT_ENOUGH_SELLABLE: Text(
        "매도 가능 수량이 모자랐습니다.", "There were not enough shares to sell."
    ),
    Reason.TOO_MANY_POSITIONS: Text(
        "보유 종목 수가 한도에 닿았습니다.", "The limit on positions was reached."
    ),
    Reason.POSITION_TOO_HEAVY: Text(
        "한 종목의 비중이 한도를 넘었습니다.", "One position would have been too heavy."
    ),
    Reason.DAILY_LOSS: Text(
        "하루 손실 한도에 닿아 있었습니다.", "The limit on the day's loss was reached."
    ),
    Reason.ORDER_RATE: Text("1초 주문 한도에 닿았습니다.", "Too many orders within a second."),
    Reason.TOO_MANY_ORDERS_TODAY: Text(
        "하루 주문 한도에 닿았습니다.", "Too many orders on one day."
    ),
    Reason.REPEATED_ORDER: Text("같은 주문이 되풀이되었습니다.", "The same order was repeated."),
    Reason.SELF_TRADE: Text(
        "내 반대편 주문과 체결될 수 있었습니다.",
        "It could have traded with an own order on the other side.",
    ),
    Reason.ORDER_IN_DOUBT: Text("결과를 모르는 주문이 있었습니다.", "Another order was in doubt."),
    Reason.ORDER_NOT_WORKING: Text(
        "정정·취소할 주문이 살아 있지 않았습니다.",
        "The order to replace or cancel was not working.",
    ),
    Reason.NOTHING_TO_CHANGE: Text(
        "정정할 내용이 지금 주문과 같았습니다.", "The replacement asked for nothing new."
    ),
    Reason.INTENT_EXPIRED: Text(
        "장을 기다리다 유효 시간을 넘겼습니다.", "It waited for the market for too long."
    ),
    Reason.COOLING_DOWN: Text(
        "청산한 뒤 다시 사지 않는 기간이었습니다.", "It had been left a short while before."
    ),
    Reason.EXPOSURE_TOO_HIGH: Text(
        "투자 비중이 한도를 넘었습니다.", "Too much of the equity would have been at work."
    ),
    Reason.TOO_MANY_OPEN_ORDERS: Text("미체결 매수가 너무 많았습니다.", "Too many buys were open."),
    Reason.DRAWDOWN: Text(
        "고점 대비 손실이 한도에 닿아 있었습니다.", "The limit on the drawdown was reached."
    ),
    Reason.TOO_MANY_STOPS: Text("하루 손절 한도에 닿았습니다.", "Too many stops on one day."),
    Reason.TOO_MANY_REJECTIONS: Text(
        "증권사 거부가 너무 많았습니다.", "The broker had rejected too many orders."
    ),
    Reason.RISEN_TOO_FAR: Text("그날 너무 많이 올랐습니다.", "It had risen too far that day."),
    Reason.PRICE_TOO_LOW: Text("주가가 너무 낮았습니다.", "The share was too cheap."),
    Reason.ADDS_TO_LOSS: Text(
        "손실 중인 종목에 더 사려 했습니다.", "It would have added to a losing position."
    ),
    Reason.OUTSIDE_HOURS: Text("진입 시간이 아니었습니다.", "It was outside the hours of entry."),
}
