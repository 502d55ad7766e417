"""What each check of the gate looks at, in a few words for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from maemae.domain.text import Text

TITLES: Final[Mapping[str, Text]] = {
    "KILL": Text("비상정지", "Kill switch"),
    "ACTIVE": Text("거래 상태", "Trading state"),
    "NOT_HALTED": Text("거래 멈춤", "Trading halted"),
    "SLEEVE_RUNNING": Text("전략 멈춤", "Sleeve halted"),
    "MODE": Text("실전 무장", "Armed for real orders"),
    "PHASE": Text("장 구간", "Phase of the session"),
    "INSTRUMENT_STATE": Text("종목 상태", "State of the instrument"),
    "LIMIT_NAMED": Text("지정가", "Limit price"),
    "TICK": Text("호가단위", "Tick"),
    "BAND": Text("가격제한폭", "Price band"),
    "QUANTITY": Text("수량", "Quantity"),
    "EXCHANGE_CAP": Text("거래소 수량 한도", "The exchange's largest order"),
    "SELLABLE": Text("매도 가능 수량", "Sellable quantity"),
    "SELF_TRADE": Text("자기 매매", "Self-trade"),
    "COLLAR": Text("현재가와의 거리", "Distance from the last price"),
    "FRESH_PRICE": Text("시세의 나이", "Age of the price"),
    "VALUE": Text("주문 금액", "Order value"),
    "CASH": Text("주문 가능 금액", "Orderable cash"),
    "POSITION_COUNT": Text("보유 종목 수", "Number of positions"),
    "POSITION_WEIGHT": Text("한 종목 비중", "Weight of one position"),
    "DAILY_LOSS": Text("하루 손실", "Loss of the session"),
    "ORDER_RATE": Text("초당 주문 수", "Orders within a second"),
    "ORDERS_TODAY": Text("하루 주문 수", "Orders of the session"),
    "REPETITION": Text("같은 주문 반복", "Repeated order"),
    "IN_DOUBT": Text("결과를 모르는 주문", "An order in doubt"),
    "COOLDOWN": Text("재진입 대기", "Cooldown after an exit"),
    "EXPOSURE": Text("투자 비중", "Share of equity at work"),
    "OPEN_ORDERS": Text("미체결 매수 수", "Open buys"),
    "DRAWDOWN": Text("고점 대비 손실", "Loss from the best equity"),
    "STOPS": Text("오늘의 손절 수", "Stops of the session"),
    "REJECTIONS": Text("증권사 거부 수", "Rejections by the broker"),
    "RISE": Text("오늘의 상승폭", "Rise of the day"),
    "LOWEST_PRICE": Text("최저 주가", "Lowest price of a share"),
    "ADDING": Text("물타기", "Adding to a loss"),
    "HOURS": Text("진입 시간", "Hours of new risk"),
}
"""Every check of `maemae.core.gate.CHECKS` and `maemae.core.entry_checks.ENTRY_CHECKS`."""
