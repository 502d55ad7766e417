"""
kt50000 to kt50003: orders for gold, which are those for stocks with fewer fields.

Only limit orders are taken, of the day, IOC or FOK, and no exchange is named.

Source: the broker's list of the interface, edition of April 2026; the refusal of a price off the
tick: one project, the real server, May 2026.
"""

from __future__ import annotations

from typing import Final

from maemae.emulators.books import Outcome
from maemae.emulators.kiwoom_rest import codes
from maemae.emulators.kiwoom_rest.codes import SIDE_WORDS, Reject
from maemae.emulators.kiwoom_rest.desk import Desk
from maemae.emulators.kiwoom_rest.orders import OrderDesk
from maemae.emulators.kiwoom_rest.wire import Ask, Fields
from maemae.emulators.requests import Cancel, Move, Request, Submit

GOLD_ORDERS: Final = {
    "kt50000": ("stk_cd", "ord_qty", "trde_tp"),
    "kt50001": ("stk_cd", "ord_qty", "trde_tp"),
    "kt50002": ("stk_cd", "orig_ord_no", "mdfy_qty", "mdfy_uv"),
    "kt50003": ("orig_ord_no", "stk_cd", "cncl_qty"),
}
"""Fields that each kind needs, in the order in which they are missed."""


class GoldOrders:
    """
    Takes orders for gold.

    Args:
        desk: What they are judged by.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._orders = OrderDesk(desk)

    def read(self, ask: Ask) -> Request:
        """
        Return what a request asks of the books.

        Raises:
            RefusalError: It cannot be read, or is refused before the books are asked.
        """
        for name in GOLD_ORDERS[ask.api_id]:
            if not ask.field(name):
                raise codes.missing_field(name)
        request = self._orders.read(_as_of_stocks(ask))
        if isinstance(request, Submit | Move):
            self._require_tick(request)
        return request

    def carry_out(self, ask: Ask, request: Request, *, ghost: str | None = None) -> Outcome:
        """
        Hand a request to the books; see `OrderDesk.carry_out`.

        Raises:
            RefusalError: The books refuse it.
        """
        return self._orders.carry_out(ask, request, ghost=ghost)

    def answer(self, ask: Ask, request: Request, outcome: Outcome) -> Fields:
        """Return the body of the answer to a request that was taken."""
        fields = self._orders.answer(_as_of_stocks(ask), request, outcome)
        fields.pop("dmst_stex_tp", None)
        return {**fields, "return_msg": self._text(request)}

    def _require_tick(self, request: Submit | Move) -> None:
        if isinstance(request, Submit):
            symbol = request.symbol
        else:
            row = self._desk.books.find_row(request.order_id)
            if row is None:
                return
            symbol = row.symbol
        if self._orders.flaw(symbol, [request.price]) is Reject.OFF_TICK:
            raise codes.rejected(*_OFF_TICK)

    def _text(self, request: Request) -> str:
        if isinstance(request, Submit):
            return f"{SIDE_WORDS[request.side]}주문이 완료되었습니다."
        row = self._desk.books.find_row(request.order_id)
        side = SIDE_WORDS[row.side] if row is not None else ""
        if isinstance(request, Cancel):
            return f"{side}취소주문입력이 완료되었습니다"
        return f"{side}정정 주문입력이 완료되었습니다"


def _as_of_stocks(ask: Ask) -> Ask:
    """
    Return a request as one for stocks.

    Raises:
        RefusalError: It names a kind of order that gold does not know.
    """
    form = ask.field("trde_tp")
    if form and form not in _FORMS:
        raise codes.bad_field("trde_tp", form)
    fields = {"dmst_stex_tp": "KRX", "trde_tp": _FORMS.get(form, "")}
    return ask.as_kind(_OF_STOCKS[ask.api_id], **fields)


_OF_STOCKS: Final = {
    "kt50000": "kt10000",
    "kt50001": "kt10001",
    "kt50002": "kt10002",
    "kt50003": "kt10003",
}
_FORMS: Final = {"00": "0", "0": "0", "10": "10", "20": "20"}
"""Kinds of order by those of stocks; the list writes 00 and clients write 0 as well."""

_OFF_TICK: Final = ("857024", "호가단위를 확인하세요.")
