"""
Kiwoom's code tables of orders and instruments: each is total, or asking it raises.

Source: Kiwoom REST API specification, 2025 edition, and the API guide of 2026-04, read
2026-11; words of lists beyond 보통 and 시장가 follow the guide's spelling of `trde_tp`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import unique
from typing import Final, TypeVar

import msgspec

from maemae.brokers.kiwoom_rest.reading import unreadable
from maemae.domain.errors import NotAcceptedError
from maemae.domain.terms import (
    ExecutionVenue,
    Market,
    OrdType,
    Product,
    Side,
    Term,
    TimeInForce,
)
from maemae.krx.session import Phase
from maemae.krx.status import InstrumentState

T = TypeVar("T")


@unique
class TradeType(Term):
    """매매구분 (`trde_tp`): every kind of order that Kiwoom takes."""

    LIMIT = "0"
    MARKET = "3"
    LIMIT_THEN_MARKET = "5"  # 조건부지정가: a market order in the closing auction
    BEST_OPPOSITE = "6"  # 최유리지정가
    BEST_SAME = "7"  # 최우선지정가
    LIMIT_IOC = "10"
    MARKET_IOC = "13"
    BEST_IOC = "16"
    LIMIT_FOK = "20"
    MARKET_FOK = "23"
    BEST_FOK = "26"
    STOP_LIMIT = "28"
    MIDPOINT = "29"
    MIDPOINT_IOC = "30"
    MIDPOINT_FOK = "31"
    BEFORE_OPEN = "61"  # 장시작전시간외, at the previous close
    AFTER_HOURS_SINGLE = "62"  # 시간외단일가
    AFTER_CLOSE = "81"  # 장마감후시간외, at the close


@unique
class Exchange(Term):
    """국내거래소구분 (`dmst_stex_tp`) of an order; the paper server takes KRX only."""

    KRX = "KRX"
    NXT = "NXT"
    SOR = "SOR"  # the broker routes


@unique
class OrderKind(Term):
    """What a number of the broker stands for: an order, or a request about one."""

    NEW = "NEW"
    REPLACE = "REPLACE"
    CANCEL = "CANCEL"


class Terms(msgspec.Struct, frozen=True):
    """What a kind of order means in our words; what FIX has no word for is nearest."""

    ord_type: OrdType
    time_in_force: TimeInForce
    has_price: bool


_DAY, _IOC, _FOK = TimeInForce.DAY, TimeInForce.IOC, TimeInForce.FOK
_LIMIT, _MARKET = OrdType.LIMIT, OrdType.MARKET

TERMS: Final[Mapping[TradeType, Terms]] = {
    TradeType.LIMIT: Terms(_LIMIT, _DAY, has_price=True),
    TradeType.MARKET: Terms(_MARKET, _DAY, has_price=False),
    TradeType.LIMIT_THEN_MARKET: Terms(_LIMIT, _DAY, has_price=True),
    TradeType.BEST_OPPOSITE: Terms(_MARKET, _DAY, has_price=False),
    TradeType.BEST_SAME: Terms(_MARKET, _DAY, has_price=False),
    TradeType.LIMIT_IOC: Terms(_LIMIT, _IOC, has_price=True),
    TradeType.MARKET_IOC: Terms(_MARKET, _IOC, has_price=False),
    TradeType.BEST_IOC: Terms(_MARKET, _IOC, has_price=False),
    TradeType.LIMIT_FOK: Terms(_LIMIT, _FOK, has_price=True),
    TradeType.MARKET_FOK: Terms(_MARKET, _FOK, has_price=False),
    TradeType.BEST_FOK: Terms(_MARKET, _FOK, has_price=False),
    TradeType.STOP_LIMIT: Terms(_LIMIT, _DAY, has_price=True),
    TradeType.MIDPOINT: Terms(_MARKET, _DAY, has_price=False),
    TradeType.MIDPOINT_IOC: Terms(_MARKET, _IOC, has_price=False),
    TradeType.MIDPOINT_FOK: Terms(_MARKET, _FOK, has_price=False),
    TradeType.BEFORE_OPEN: Terms(_MARKET, _DAY, has_price=False),
    TradeType.AFTER_HOURS_SINGLE: Terms(_LIMIT, _DAY, has_price=True),
    TradeType.AFTER_CLOSE: Terms(_MARKET, _DAY, has_price=False),
}
"""Every kind of order in our words, for orders that other people placed."""

_OURS: Final[Mapping[tuple[OrdType, TimeInForce], TradeType]] = {
    (_LIMIT, _DAY): TradeType.LIMIT,
    (_LIMIT, _IOC): TradeType.LIMIT_IOC,
    (_LIMIT, _FOK): TradeType.LIMIT_FOK,
    (_MARKET, _DAY): TradeType.MARKET,
    (_MARKET, _IOC): TradeType.MARKET_IOC,
    (_MARKET, _FOK): TradeType.MARKET_FOK,
}

_TRADE_WORDS: Final[Mapping[str, TradeType]] = {
    "보통": TradeType.LIMIT,
    "지정가": TradeType.LIMIT,
    "시장가": TradeType.MARKET,
    "조건부지정가": TradeType.LIMIT_THEN_MARKET,
    "최유리지정가": TradeType.BEST_OPPOSITE,
    "최우선지정가": TradeType.BEST_SAME,
    "보통IOC": TradeType.LIMIT_IOC,
    "지정가IOC": TradeType.LIMIT_IOC,
    "시장가IOC": TradeType.MARKET_IOC,
    "최유리IOC": TradeType.BEST_IOC,
    "최유리지정가IOC": TradeType.BEST_IOC,
    "보통FOK": TradeType.LIMIT_FOK,
    "지정가FOK": TradeType.LIMIT_FOK,
    "시장가FOK": TradeType.MARKET_FOK,
    "최유리FOK": TradeType.BEST_FOK,
    "최유리지정가FOK": TradeType.BEST_FOK,
    "스톱지정가": TradeType.STOP_LIMIT,
    "중간가": TradeType.MIDPOINT,
    "중간가IOC": TradeType.MIDPOINT_IOC,
    "중간가FOK": TradeType.MIDPOINT_FOK,
    "장시작전시간외": TradeType.BEFORE_OPEN,
    "장전시간외": TradeType.BEFORE_OPEN,
    "시간외단일가": TradeType.AFTER_HOURS_SINGLE,
    "장마감후시간외": TradeType.AFTER_CLOSE,
    "장후시간외": TradeType.AFTER_CLOSE,
}
_BRACKETS: Final = str.maketrans("", "", " ()[]")


def trade_type_of(ord_type: OrdType, time_in_force: TimeInForce) -> TradeType:
    """Return the kind of order that ours is; every pair has one."""
    return _OURS[ord_type, time_in_force]


def trade_type_from_word(word: str) -> TradeType:
    """
    Return the kind of order that a list or a notice names.

    Raises:
        BrokerUnavailableError: The word is new.
    """
    return _look_up("trde_tp", _TRADE_WORDS, word.translate(_BRACKETS))


def exchange_of(venue: ExecutionVenue) -> Exchange:
    """Return where an order is executed, as Kiwoom says it."""
    return _EXCHANGES[venue]


def side_from_word(word: str) -> Side:
    """
    Return the side that `io_tp_nm` or FID 905 names: `+매수`, `현금매도`, `매수취소` ….

    Raises:
        BrokerUnavailableError: It names neither side, or both.
    """
    sides = [side for text, side in (("매수", Side.BUY), ("매도", Side.SELL)) if text in word]
    if len(sides) != 1:
        raise unreadable("매매구분", word)
    return sides[0]


def kind_from_word(word: str) -> OrderKind:
    """Return whether `io_tp_nm`, `mdfy_cncl` or FID 905 speaks of an order or of a request."""
    if "정정" in word:
        return OrderKind.REPLACE
    return OrderKind.CANCEL if "취소" in word else OrderKind.NEW


@unique
class OrderState(Term):
    """주문상태 (FID 913, `ord_stt`, `acpt_tp`)."""

    ACCEPTED = "ACCEPTED"  # 접수
    FILLED = "FILLED"  # 체결
    CONFIRMED = "CONFIRMED"  # 확인
    CANCELED = "CANCELED"  # 취소
    REJECTED = "REJECTED"  # 거부


_STATES: Final[Mapping[str, OrderState]] = {
    "접수": OrderState.ACCEPTED,
    "체결": OrderState.FILLED,
    "확인": OrderState.CONFIRMED,
    "취소": OrderState.CANCELED,
    "거부": OrderState.REJECTED,
}


def state_from_word(word: str) -> OrderState:
    """
    Return the state that a notice names.

    Raises:
        BrokerUnavailableError: The word is new.
    """
    return _look_up("913", _STATES, word.strip())


class Listing(msgspec.Struct, frozen=True):
    """Board and kind of what a market code lists."""

    market: Market
    product: Product


MARKET_CODES: Final[Mapping[str, Listing | None]] = {
    "0": Listing(Market.KOSPI, Product.STOCK),
    "10": Listing(Market.KOSDAQ, Product.STOCK),
    "50": Listing(Market.KONEX, Product.STOCK),
    "8": Listing(Market.KOSPI, Product.ETF),
    "60": Listing(Market.KOSPI, Product.ETN),
    "70": Listing(Market.KOSPI, Product.ETN),  # 손실제한 ETN
    "90": Listing(Market.KOSPI, Product.ETN),  # 변동성 ETN
    "6": Listing(Market.KOSPI, Product.STOCK),  # 리츠
    "2": Listing(Market.KOSPI, Product.STOCK),  # 인프라투융자
    "3": None,  # ELW
    "4": None,  # 뮤추얼펀드
    "5": None,  # 신주인수권
    "7": None,  # 신주인수권증서
    "9": None,  # 하이일드펀드
    "30": None,  # K-OTC
    "80": None,  # 금현물
}
"""`mrkt_tp` and `marketCode`; None for what maemae does not trade."""


def listing_from_code(code: str) -> Listing | None:
    """
    Return board and kind of a market code, None for what maemae does not trade.

    Raises:
        BrokerUnavailableError: The code is new.
    """
    return _look_up("marketCode", MARKET_CODES, code.strip())


_WARNINGS: Final[Mapping[str, tuple[InstrumentState, ...]]] = {
    "": (),
    "0": (),
    "1": (InstrumentState.ETF_CAUTION,),
    "2": (InstrumentState.DELISTING,),
    "3": (InstrumentState.OVERHEATED,),
    "4": (InstrumentState.RISK,),
    "5": (InstrumentState.WARNING,),
}
_ALARMS: Final[Mapping[str, InstrumentState]] = {
    "거래정지": InstrumentState.HALTED,
    "정리매매": InstrumentState.DELISTING,
    "관리종목": InstrumentState.ADMINISTRATIVE,
    "투자주의환기": InstrumentState.ADMINISTRATIVE,
    "불성실공시": InstrumentState.ADMINISTRATIVE,
    "투자위험": InstrumentState.RISK,
    "투자경고": InstrumentState.WARNING,
    "단기과열": InstrumentState.OVERHEATED,
    "투자주의": InstrumentState.CAUTION,
    "초저유동성": InstrumentState.ILLIQUID,
}
_CALM: Final = ("", "정상")


def instrument_states(order_warning: str, audit: str, state: str) -> tuple[InstrumentState, ...]:
    """
    Return what an entry of the list of instruments warns of.

    What it says in words that nobody knows counts as UNKNOWN, which is treated as closed.

    Args:
        order_warning: `orderWarning`, a code.
        audit: `auditInfo`, words.
        state: `state`, a list of words with bars between; margins and loans among them.

    Raises:
        BrokerUnavailableError: The code is new.
    """
    found = list(_look_up("orderWarning", _WARNINGS, order_warning.strip()))
    told = [alarm for word, alarm in _ALARMS.items() if word in audit or word in state]
    if InstrumentState.ADMINISTRATIVE in told and "투자주의환기" in f"{audit}{state}":
        told = [alarm for alarm in told if alarm is not InstrumentState.CAUTION]
    if audit.strip() not in _CALM and not told:
        told.append(InstrumentState.UNKNOWN)
    return tuple(dict.fromkeys([*found, *told]))


def leverage_from_name(name: str, product: Product) -> int:
    """Return the signed multiple that the name of a fund says; 1 for everything else."""
    if product is Product.STOCK:
        return 1
    multiple = 2 if "2X" in name.upper() or "레버리지" in name else 1
    return -multiple if "인버스" in name else multiple


PHASES: Final[Mapping[str, tuple[ExecutionVenue, Phase] | None]] = {
    "0": (ExecutionVenue.KRX, Phase.PRE_OPEN_AUCTION),
    "3": (ExecutionVenue.KRX, Phase.CONTINUOUS),
    "2": (ExecutionVenue.KRX, Phase.CLOSING_AUCTION),
    "4": (ExecutionVenue.KRX, Phase.AFTER_HOURS_CLOSE),
    "8": (ExecutionVenue.KRX, Phase.AFTER_HOURS_CLOSE),
    "9": (ExecutionVenue.KRX, Phase.CLOSED),
    "a": (ExecutionVenue.KRX, Phase.AFTER_HOURS_CLOSE),
    "b": (ExecutionVenue.KRX, Phase.PAUSE),
    "c": (ExecutionVenue.KRX, Phase.AFTER_HOURS_SINGLE),
    "d": (ExecutionVenue.KRX, Phase.CLOSED),
    "e": None,  # derivatives, as the next three
    "f": None,
    "o": None,
    "s": None,
    "P": (ExecutionVenue.NXT, Phase.PRE_MARKET),
    "Q": (ExecutionVenue.NXT, Phase.PAUSE),
    "R": (ExecutionVenue.NXT, Phase.CONTINUOUS),
    "S": (ExecutionVenue.NXT, Phase.PAUSE),
    "T": (ExecutionVenue.NXT, Phase.AFTER_HOURS_SINGLE),
    "U": (ExecutionVenue.NXT, Phase.AFTER_MARKET),
    "V": (ExecutionVenue.NXT, Phase.CLOSED),
}
"""장운영구분 (FID 215): which phase begins where; None for the markets of derivatives."""


def phase_from_code(code: str) -> tuple[ExecutionVenue, Phase] | None:
    """
    Return the phase that begins, None for what is no market of stocks.

    Raises:
        BrokerUnavailableError: The code is new.
    """
    return _look_up("215", PHASES, code.strip())


def trade_type_refusal(trade_type: TradeType) -> NotAcceptedError:
    """Return the error of a kind of order that this server is set not to take."""
    return NotAcceptedError(
        f"이 서버는 매매구분 {trade_type.value} 주문을 받지 않습니다. 지정가나 시장가로 내세요.",
        f"This server takes no orders of kind {trade_type.value}. Use a limit or market order.",
        "TRADE_TYPE",
    )


def _look_up(what: str, table: Mapping[str, T], code: str) -> T:
    if code not in table:
        raise unreadable(what, code)
    return table[code]


_EXCHANGES: Final[Mapping[ExecutionVenue, Exchange]] = {
    ExecutionVenue.KRX: Exchange.KRX,
    ExecutionVenue.NXT: Exchange.NXT,
}
