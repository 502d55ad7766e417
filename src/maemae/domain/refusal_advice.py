"""What a person can do about each reason of the risk gate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from maemae.domain.refusal import Reason
from maemae.domain.text import Text

_RULES: Final = Text(
    "전략의 진입 규칙(EntryPolicy)입니다. 느슨하게 바꾸면 다음 거래일부터 적용됩니다.",
    "A rule of the sleeve's entry policy. A looser one holds from the next session on.",
)
_LIMITS: Final = Text(
    "더 작게 주문하거나 한도를 바꾸세요. 느슨한 한도는 다음 거래일부터 적용됩니다.",
    "Order less, or change the limit. A looser one holds from the next session on.",
)

ADVICE: Final[Mapping[Reason, Text]] = {
    Reason.KILLED: Text(
        "사유를 확인하고 `maemae resume` 으로 해제하세요. 청산은 계속됩니다.",
        "Find out why, then release it with `maemae resume`. Exits go on meanwhile.",
    ),
    Reason.TRADING_HALTED: Text(
        "복구가 끝날 때까지 기다리고, 끝났다면 거래를 시작하세요.",
        "Wait until recovery has ended; if it has, start trading.",
    ),
    Reason.REDUCE_ONLY: Text(
        "아침 점검의 경고를 풀거나 거래 상태를 ACTIVE 로 바꾸세요. 매도는 지금도 됩니다.",
        "Clear what the morning certificate found, or set trading ACTIVE. Sales go through now.",
    ),
    Reason.SLEEVE_HALTED: Text(
        "`maemae alerts` 에서 멈춘 까닭을 보고 그 전략을 다시 시작하세요.",
        "See in `maemae alerts` why it was halted, then resume that sleeve.",
    ),
    Reason.UNKNOWN_ACCOUNT: Text(
        "계좌와 전략 이름을 확인하고, 새 전략이면 먼저 자금을 배정하세요.",
        "Check the names of account and strategy; allot money to a new one first.",
    ),
    Reason.REAL_NOT_ARMED: Text(
        "2차 인증으로 무장하세요. 끝나는 시각이 지나면 새 주문만 막히고 청산은 됩니다.",
        "Arm it with the second factor. Past its end only new orders are refused, exits are not.",
    ),
    Reason.PHASE_REFUSES_TYPE: Text(
        "지정가로 내거나 정규장을 기다리세요.", "Use a limit price, or wait for the day session."
    ),
    Reason.NO_INSTRUMENT_STATE: Text(
        "종목코드를 확인하고 증권사 연결을 살펴보세요. 아침에 다시 받습니다.",
        "Check the code and the broker's connection; rules are read anew every morning.",
    ),
    Reason.INSTRUMENT_BLOCKED: Text(
        "정지·관리·경고가 풀리기를 기다리거나, 격리라면 원인을 찾아 풀어 주세요.",
        "Wait for the halt or warning to end; of a quarantine find the cause, then release it.",
    ),
    Reason.OFF_TICK: Text(
        "표시된 호가 단위의 배수로 고치거나 within 으로 범위만 정하세요.",
        "Use a multiple of the tick that is shown, or bound the price with `within`.",
    ),
    Reason.OUTSIDE_BAND: Text(
        "오늘의 상·하한가 안에서 주문하세요.", "Order within today's price limits."
    ),
    Reason.OUTSIDE_COLLAR: Text(
        "현재가에 가까운 값으로 주문하세요. 실수를 막는 한도입니다.",
        "Order nearer to the last price. The bound is there to catch slips of the finger.",
    ),
    Reason.NO_PRICE: Text(
        "시세가 들어오는지 보고, 첫 체결을 기다리세요.",
        "See that prices arrive, and wait for the first print.",
    ),
    Reason.STALE_PRICE: Text(
        "거래가 뜸한 종목이면 지정가로, 아니면 시세 연결을 확인하세요.",
        "Wait for a print; if the instrument trades, check the market feed.",
    ),
    Reason.QTY_NOT_POSITIVE: Text(
        "배정 금액이나 비중을 늘리거나 더 싼 종목을 고르세요.",
        "Give it more money or weight, or choose a cheaper instrument.",
    ),
    Reason.QTY_ABOVE_EXCHANGE_CAP: Text(
        "여러 번으로 나누세요: `split=split.equal(…)`.", "Divide it: `split=split.equal(…)`."
    ),
    Reason.VALUE_ABOVE_LIMIT: _LIMITS,
    Reason.NOT_ENOUGH_CASH: Text(
        "시장가 매수는 상한가로 증거금을 잡습니다. `within` 이나 지정가를 쓰거나 줄이세요.",
        "A market buy sets aside the upper limit. Use `within` or a limit price, or order less.",
    ),
    Reason.NOT_ENOUGH_SELLABLE: Text(
        "걸려 있는 매도를 취소하거나 매도 가능 수량 안에서 주문하세요.",
        "Cancel a working sale, or sell no more than is sellable.",
    ),
    Reason.TOO_MANY_POSITIONS: _LIMITS,
    Reason.POSITION_TOO_HEAVY: _LIMITS,
    Reason.DAILY_LOSS: Text(
        "오늘은 새로 사지 않습니다. 손절과 청산은 그대로 됩니다.",
        "Nothing new is bought today. Stops and exits work as ever.",
    ),
    Reason.ORDER_RATE: Text("1초 기다렸다가 다시 내세요.", "Wait a second and order again."),
    Reason.TOO_MANY_ORDERS_TODAY: Text(
        "전략이 너무 자주 주문하지 않는지 살펴보세요. 내일 다시 셉니다.",
        "See whether the strategy orders too often; the count begins anew tomorrow.",
    ),
    Reason.REPEATED_ORDER: Text(
        "같은 주문을 되풀이하는 고리가 없는지 전략을 살펴보세요.",
        "Look for a loop in the strategy that orders the same again.",
    ),
    Reason.SELF_TRADE: Text(
        "내 반대편 주문을 취소하거나 서로 만나지 않는 가격으로 내세요.",
        "Cancel the own order on the other side, or use a price at which they cannot meet.",
    ),
    Reason.ORDER_IN_DOUBT: Text(
        "증권사의 답을 확인하는 동안 기다리세요. `maemae orders` 에서 볼 수 있습니다.",
        "Wait while the broker is asked; `maemae orders` shows the order in doubt.",
    ),
    Reason.ORDER_NOT_WORKING: Text(
        "`maemae orders` 에서 상태를 보세요. 이미 체결되었거나 취소되었습니다.",
        "See its status in `maemae orders`: it has filled, or was canceled.",
    ),
    Reason.NOTHING_TO_CHANGE: Text(
        "가격이나 수량을 바꾸어 정정하세요.", "Name another price or quantity."
    ),
    Reason.INTENT_EXPIRED: Text(
        "지금의 시세로 다시 판단하고 다시 주문하세요.",
        "Decide again at the prices of now, and order again.",
    ),
    Reason.COOLING_DOWN: Text(
        "그 날까지 기다리거나 `buy(…, cooldown=…)` 을 줄이세요.",
        "Wait until that day, or shorten `buy(…, cooldown=…)`.",
    ),
    Reason.EXPOSURE_TOO_HIGH: _RULES,
    Reason.TOO_MANY_OPEN_ORDERS: _RULES,
    Reason.DRAWDOWN: Text(
        "전략을 멈추고 무엇이 바뀌었는지 살펴본 뒤에 다시 시작하세요.",
        "Stop the strategy and find out what has changed before it goes on.",
    ),
    Reason.TOO_MANY_STOPS: Text(
        "오늘 장은 전략과 맞지 않습니다. 내일 다시 셉니다.",
        "Today's market is not the strategy's; the count begins anew tomorrow.",
    ),
    Reason.TOO_MANY_REJECTIONS: Text(
        "`maemae alerts` 에서 증권사의 말을 읽고 원인을 고치세요.",
        "Read the broker's words in `maemae alerts` and mend the cause.",
    ),
    Reason.RISEN_TOO_FAR: _RULES,
    Reason.PRICE_TOO_LOW: _RULES,
    Reason.ADDS_TO_LOSS: _RULES,
    Reason.OUTSIDE_HOURS: Text(
        "진입 시간 안에서 주문하거나 `start=start.at(…)` 으로 예약하세요.",
        "Order within the hours, or schedule it with `start=start.at(…)`.",
    ),
}
