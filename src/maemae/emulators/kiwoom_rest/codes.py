"""
Codes and words of the interface: kinds of order, errors, refusals of the order system.

Source: the broker's table of error codes, edition of April 2026, for 1501 to 8103; refusals of
the paper server (RC…) as several projects saw them in 2026. Sentences are our own where only
the code is known.
"""

from __future__ import annotations

from enum import unique
from typing import Final

import msgspec

from maemae.domain.terms import OrdType, Side, Term, TimeInForce
from maemae.emulators.kiwoom_rest.wire import RefusalError


class Form(msgspec.Struct, frozen=True):
    """
    A kind of order (`trde_tp`).

    Attributes:
        word: How lists and notices name it.
        has_price: Whether the client names a limit.
        peg: Which price stands in for one: 1 the best of the other side, -1 of the own side.
        has_trigger: Whether a print must bring it to the exchange.
    """

    word: str
    ord_type: OrdType
    life: TimeInForce
    has_price: bool
    peg: int = 0
    has_trigger: bool = False


FORMS: Final = {
    "0": Form("보통", OrdType.LIMIT, TimeInForce.DAY, has_price=True),
    "3": Form("시장가", OrdType.MARKET, TimeInForce.DAY, has_price=False),
    "6": Form("최유리지정가", OrdType.LIMIT, TimeInForce.DAY, has_price=False, peg=1),
    "7": Form("최우선지정가", OrdType.LIMIT, TimeInForce.DAY, has_price=False, peg=-1),
    "10": Form("보통(IOC)", OrdType.LIMIT, TimeInForce.IOC, has_price=True),
    "13": Form("시장가(IOC)", OrdType.MARKET, TimeInForce.IOC, has_price=False),
    "16": Form("최유리(IOC)", OrdType.LIMIT, TimeInForce.IOC, has_price=False, peg=1),
    "20": Form("보통(FOK)", OrdType.LIMIT, TimeInForce.FOK, has_price=True),
    "23": Form("시장가(FOK)", OrdType.MARKET, TimeInForce.FOK, has_price=False),
    "26": Form("최유리(FOK)", OrdType.LIMIT, TimeInForce.FOK, has_price=False, peg=1),
    "28": Form("스톱지정가", OrdType.LIMIT, TimeInForce.DAY, has_price=True, has_trigger=True),
}
"""Kinds of order that the market played here can carry out."""

KNOWN_FORMS: Final = frozenset({*FORMS, "5", "29", "30", "31", "61", "62", "81"})
"""Every kind that the interface names."""

BY_HAND: Final = "0"
"""The kind that an order entered elsewhere is shown as, unless it is a market order."""

SIDE_CODES: Final = {Side.SELL: "1", Side.BUY: "2"}
SIDE_WORDS: Final = {Side.SELL: "매도", Side.BUY: "매수"}
SIDE_SIGNS: Final = {Side.SELL: "-", Side.BUY: "+"}


@unique
class Reject(Term):
    """Why the order system refused."""

    BEFORE_OPEN = "BEFORE_OPEN"
    CLOSED = "CLOSED"
    RESTRICTED = "RESTRICTED"  # not tradable on the paper server
    NO_CASH = "NO_CASH"
    OUT_OF_BAND = "OUT_OF_BAND"
    OFF_TICK = "OFF_TICK"
    NO_ORDER = "NO_ORDER"
    NOTHING_LEFT = "NOTHING_LEFT"
    NOT_OFFERED = "NOT_OFFERED"
    NO_SHARES = "NO_SHARES"
    NO_CREDIT = "NO_CREDIT"
    HALTED = "HALTED"
    OTHER = "OTHER"


PAPER_REJECTS: Final = {
    Reject.BEFORE_OPEN: ("RC4057", "모의투자 장시작전입니다."),
    Reject.CLOSED: ("RC4058", "모의투자 장종료"),
    Reject.RESTRICTED: ("RC4007", "모의투자 매매제한 종목입니다."),
    Reject.NO_CASH: ("RC4025", "모의투자 매수증거금이 부족합니다."),
    Reject.OUT_OF_BAND: ("RC4027", "모의투자 상/하한가 오류입니다."),
    Reject.NO_ORDER: ("RC4032", "모의투자 원주문번호가 존재하지 않습니다."),
    Reject.NOTHING_LEFT: ("RC4033", "모의투자 정정/취소할 수량이 없습니다."),
    Reject.NOT_OFFERED: ("RC9000", "모의투자에서는 해당 업무가 제공되지 않습니다."),
    Reject.NO_SHARES: ("800033", "매도가능수량이 부족합니다."),
    Reject.NO_CREDIT: ("RC9000", "모의투자에서는 해당 업무가 제공되지 않습니다."),
    Reject.HALTED: ("RC4007", "모의투자 매매제한 종목입니다."),
    Reject.OFF_TICK: ("", "모의투자 호가단위 오류입니다."),
    Reject.OTHER: ("RC4007", "모의투자 주문을 처리할 수 없습니다."),
}
"""Code and sentence of the paper server; the code of a price off the tick is a setting."""

REAL_REJECTS: Final = {
    Reject.BEFORE_OPEN: ("", "장시작전입니다."),
    Reject.CLOSED: ("", "장종료되었습니다."),
    Reject.RESTRICTED: ("", "매매제한 종목입니다."),
    Reject.NO_CASH: ("", "증거금이 부족합니다."),
    Reject.OUT_OF_BAND: ("571552", "상/하한가를 벗어난 가격입니다."),
    Reject.NO_ORDER: ("", "원주문번호가 존재하지 않습니다."),
    Reject.NOTHING_LEFT: ("", "정정/취소할 수량이 없습니다."),
    Reject.NOT_OFFERED: ("", "제공되지 않는 업무입니다."),
    Reject.NO_SHARES: ("800033", "매도가능수량이 부족합니다."),
    Reject.NO_CREDIT: ("", "신용거래 약정이 없는 계좌입니다."),
    Reject.HALTED: ("", "거래정지 종목입니다."),
    Reject.OFF_TICK: ("", "호가단위 오류입니다."),
    Reject.OTHER: ("", "주문을 처리할 수 없습니다."),
}
"""The same of the real server; where the code is empty nobody has seen it."""


def no_api_id() -> RefusalError:
    """Return the refusal of a request that does not say which kind it is."""
    return _input(1, "1501", "API ID가 존재하지 않습니다.")


def unknown_api_id(api_id: str) -> RefusalError:
    """Return the refusal of a kind that there is not."""
    return _input(1, "1505", f"해당 API ID가 존재하지 않습니다. API ID={api_id}")


def wrong_path(api_id: str, path: str) -> RefusalError:
    """Return the refusal of a kind at another kind's address."""
    text = f"해당 URI에서는 지원하는 API ID가 아닙니다. API ID={api_id}, URI={path}"
    return _input(1, "1504", text)


def missing_field(name: str) -> RefusalError:
    """Return the refusal of a request without a field that it needs."""
    text = f"필수 입력 값에 값이 존재하지 않습니다. 필수입력 파라미터={name}"
    return _input(2, "1511", text)


def bad_field(name: str, text: str) -> RefusalError:
    """Return the refusal of a field that cannot be read."""
    return _input(2, "1517", f"입력 값의 형식이 올바르지 않습니다. 파라미터={name}, {text}")


def unknown_symbol(code: str) -> RefusalError:
    """Return the refusal of a code that nothing is listed under."""
    return _input(2, "1902", f"종목 정보가 없습니다. 종목코드={code}")


def bad_header(code: str, text: str) -> RefusalError:
    """Return the refusal of a header."""
    return _input(2, code, text)


def too_many_codes(most: int) -> RefusalError:
    """Return the refusal of too many codes in one request."""
    return _input(5, "1634", f"요청 종목 수가 {most}개를 넘습니다.")


def malformed_code(code: str) -> RefusalError:
    """Return the refusal of a code with the exchange before it."""
    return _input(5, "1634", f"종목코드 형식이 올바르지 않습니다. 종목코드={code}")


def not_authentic(code: str, text: str) -> RefusalError:
    """Return the refusal of a token, key or device; its HTTP status is 200."""
    return RefusalError(3, f"인증에 실패했습니다[{code}:{text}]")


def dead_token() -> RefusalError:
    """Return the refusal of a token that is unknown or over."""
    return not_authentic("8005", "Token이 유효하지 않습니다")


def too_many(per_sec: int, api_id: str) -> RefusalError:
    """Return the refusal of a request over the quota."""
    text = "허용된 요청 개수를 초과하였습니다"
    inner = f"1700:{text}. 유량={per_sec}, API ID={api_id}"
    return RefusalError(5, f"{text}[{inner}]", status=429)


def query_failed() -> RefusalError:
    """Return the failure of a query, by a fault."""
    return RefusalError(20, "예상하지 못한 오류입니다[1999:조회에 실패했습니다]")


def rejected(code: str, text: str) -> RefusalError:
    """Return a refusal of the order system."""
    return RefusalError(20, f"[2000]({code}:{text})")


def _input(code: int, inner: str, text: str) -> RefusalError:
    gist = "잘못된 요청입니다" if code == 1 else "입력 값 오류입니다"
    return RefusalError(code, f"{gist}[{inner}:{text}]")
