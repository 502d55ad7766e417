"""
What each of Kiwoom's codes means to whoever asked; what is not listed here proves nothing.

A code that the order system or the layer before it gives for a request that it did not take
is REFUSED. That the token is dead shows before the order system is reached. Too many requests
may refuse an order and take it all the same (a ghost order), so RATE proves nothing of orders.

Source: error codes of the Kiwoom REST API guide (OAuth and common), read 2026-11; codes of
the order system as measured on the paper server by independent clients, 2025-2026.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import unique
from typing import Final

import msgspec

from maemae.domain.terms import Term
from maemae.domain.text import Text


@unique
class Verdict(Term):
    """What may be concluded from an answer."""

    DONE = "DONE"
    REFUSED = "REFUSED"  # proved not accepted; asking again will not help
    RENEW = "RENEW"  # proved not accepted: the token is dead; ask again with another
    RATE = "RATE"  # too fast: a query was not answered, an order may have been taken
    DOUBT = "DOUBT"  # it proves nothing


class Meaning(msgspec.Struct, frozen=True):
    """What a code proves, and what a person should do."""

    verdict: Verdict
    text: Text


_ASK_US: Final = Text(
    "요청 형식이 맞지 않습니다. maemae 를 새 버전으로 올리세요.",
    "The request is not as the server wants it. Upgrade maemae.",
)
_KEYS: Final = Text(
    "앱키나 시크릿키가 맞지 않습니다. maemae connect kiwoom 으로 키를 다시 넣으세요.",
    "App key or secret key is wrong. Enter the keys again with maemae connect kiwoom.",
)
_TOKEN: Final = Text(
    "접근토큰이 유효하지 않습니다. 되풀이되면 같은 앱키를 쓰는 다른 프로그램을 끄고, IP 가 "
    "바뀌었는지 확인하세요.",
    "The access token is not valid. If it recurs, stop other programs that use the app key, and "
    "see whether your IP address has changed.",
)
_DEVICE: Final = Text(
    "이 컴퓨터의 IP 가 등록되어 있지 않습니다. openapi.kiwoom.com 의 지정단말기(IP) 메뉴에 "
    "지금 IP 를 등록하세요.",
    "This machine's IP address is not registered. Register it at openapi.kiwoom.com under "
    "designated devices.",
)
_WORLD: Final = Text(
    "실전과 모의투자의 키가 뒤바뀌었습니다. 이 모드의 앱키를 넣으세요.",
    "The key is of the other world, real or paper. Enter the app key of this mode.",
)
_FAST: Final = Text(
    "키움의 요청 한도를 넘었습니다. 같은 앱키를 쓰는 다른 프로그램을 끄세요.",
    "Kiwoom's limit of requests was passed. Stop other programs that use this app key.",
)
_SYMBOL: Final = Text("키움에 없는 종목입니다. 코드를 확인하세요.", "No such instrument. Check it.")
_NOT_HERE: Final = Text(
    "모의투자에서는 쓸 수 없는 기능입니다. KRX 주문인지, 매매할 수 있는 종목인지 확인하세요.",
    "The paper server does not offer this. Check that it is a KRX order of a tradable instrument.",
)
_CLOSED: Final = Text(
    "주문할 수 있는 시간이 아닙니다. 정규장(09:00~15:30)에 다시 내세요.",
    "Orders are not taken now. Place it in the regular session, 09:00 to 15:30.",
)
_GONE: Final = Text(
    "정정하거나 취소할 주문이 남아 있지 않습니다. 체결되었는지 확인하세요.",
    "Nothing is left to change or cancel. See whether it was filled.",
)
_CASH: Final = Text(
    "주문할 수 있는 현금이 모자랍니다. 수량을 줄이거나 입금하세요.",
    "There is not enough cash for the order. Order less, or pay money in.",
)
_SHARES: Final = Text(
    "매도할 수 있는 수량이 모자랍니다. 미체결 매도가 있는지 보고 수량을 줄이세요.",
    "There are not enough shares to sell. Look for other open sales, and sell less.",
)
_LIMITS: Final = Text(
    "주문 가격이 상·하한가나 호가 단위를 벗어났습니다. 가격을 고치세요.",
    "The price is outside of today's limits or off the tick. Correct it.",
)
_SERVER: Final = Text(
    "키움 서버가 처리하지 못했습니다. 주문 내역을 확인하고 잠시 뒤 다시 하세요.",
    "Kiwoom's server failed. Read the list of orders, and ask again a little later.",
)
_CORPORATE: Final = Text(
    "법인 고객은 쓸 수 없는 서비스입니다. 개인 계좌를 쓰세요.",
    "The service is not for corporate clients. Use a personal account.",
)
_TOO_MANY: Final = Text(
    "한 번에 물은 종목이 너무 많습니다. 나누어 조회하세요.",
    "Too many instruments at once. Ask for fewer.",
)

_R, _N, _F, _D = Verdict.REFUSED, Verdict.RENEW, Verdict.RATE, Verdict.DOUBT

MEANINGS: Final[Mapping[str, Meaning]] = {
    code: Meaning(verdict, text)
    for codes, verdict, text in (
        (("1501", "1504", "1505", "1511", "1512", "1517"), _R, _ASK_US),
        (("1513", "1514", "1515", "1516"), _R, _ASK_US),
        (("1634",), _R, _TOO_MANY),
        (("1687",), _D, _SERVER),
        (("1700", "1701", "1702"), _F, _FAST),
        (("1901", "1902", "1903"), _R, _SYMBOL),
        (("1999",), _D, _SERVER),
        (("8001", "8002", "8020"), _R, _KEYS),
        (("8003", "8005", "8010", "8031", "8103"), _N, _TOKEN),
        (("8006", "8009", "8015", "8016"), _R, _SERVER),
        (("8011", "8012"), _R, _ASK_US),
        (("8030",), _R, _WORLD),
        (("8040", "8050"), _R, _DEVICE),
        (("8104", "RC9000", "RC4007"), _R, _NOT_HERE),
        (("8200",), _R, _CORPORATE),
        (("RC4057", "RC4058"), _R, _CLOSED),
        (("RC4025",), _R, _CASH),
        (("RC4027", "571552"), _R, _LIMITS),
        (("RC4032", "RC4033"), _R, _GONE),
        (("800033",), _R, _SHARES),
    )
    for code in codes
}
"""A verdict and a sentence for every code that is documented or was measured."""

_NEW: Final = Text(
    "키움이 처음 보는 답을 했습니다. 주문 내역을 확인하세요.",
    "Kiwoom gave an answer that is not known here. Read the list of orders.",
)
_ORDER_CODE: Final = re.compile(r"\(([A-Z]{0,4}\d{3,6}):")
_COMMON_CODE: Final = re.compile(r"(?:\[|CODE=)(\d{4,6})\b")
_TOO_FAST: Final = 429
_UNAUTHORIZED: Final = 401
_OK: Final = 200
_BROKEN: Final = 500  # and above: maintenance too


def code_in(message: str) -> str:
    """Return the code inside a message, the order system's before the common one; empty if none."""
    found = _ORDER_CODE.search(message) or _COMMON_CODE.search(message)
    return "" if found is None else found.group(1)


def meaning_of(status: int, return_code: int | None, message: str) -> Meaning:
    """
    Return what an answer proves.

    Args:
        status: Of HTTP; 200 for a frame of the socket.
        return_code: Of the body, None if there is none: a page of a web firewall.
        message: `return_msg`.
    """
    code = code_in(message)
    known = MEANINGS.get(code)
    if status == _TOO_FAST:
        return Meaning(_F, _FAST)
    if status == _UNAUTHORIZED:
        return Meaning(_N, _TOKEN)
    if status == _OK and return_code == 0:
        return Meaning(Verdict.DONE, Text("완료", "Done"))
    if known is not None and status == _OK and return_code is not None:
        return known
    return Meaning(_D, _SERVER if status >= _BROKEN else _NEW)
