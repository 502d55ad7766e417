"""kt10000 to kt10003: a new order, a change, a cancel; read, carried out and answered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from maemae.domain.ids import OrderId, Symbol
from maemae.domain.terms import Side
from maemae.emulators.books import Outcome, Row
from maemae.emulators.kiwoom_rest import codes
from maemae.emulators.kiwoom_rest.codes import FORMS, Reject
from maemae.emulators.kiwoom_rest.desk import Desk
from maemae.emulators.kiwoom_rest.formats import padded
from maemae.emulators.kiwoom_rest.screen import number
from maemae.emulators.kiwoom_rest.wire import DONE, Ask, Fields
from maemae.emulators.requests import Cancel, Move, Request, Submit
from maemae.krx.session import Phase
from maemae.krx.status import InstrumentState

ORDERS: Final = {
    "kt10000": ("dmst_stex_tp", "stk_cd", "ord_qty", "trde_tp"),
    "kt10001": ("dmst_stex_tp", "stk_cd", "ord_qty", "trde_tp"),
    "kt10002": ("dmst_stex_tp", "orig_ord_no", "stk_cd", "mdfy_qty", "mdfy_uv"),
    "kt10003": ("dmst_stex_tp", "orig_ord_no", "stk_cd", "cncl_qty"),
}
"""Fields that each kind needs, in the order in which they are missed."""


class OrderDesk:
    """
    Takes orders.

    Args:
        desk: What they are judged by.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._books = desk.books

    def read(self, ask: Ask) -> Request:
        """
        Return what a request asks of the books.

        Raises:
            RefusalError: It cannot be read, or is refused before the books are asked.
        """
        route = self.route(ask, ORDERS[ask.api_id])
        if ask.api_id == "kt10002":
            return self._move(ask)
        if ask.api_id == "kt10003":
            return self._cancel(ask)
        return self.new_order(ask, route, Side.BUY if ask.api_id == "kt10000" else Side.SELL)

    def route(self, ask: Ask, required: Iterable[str]) -> str:
        """
        Return the exchange that a request names.

        Raises:
            RefusalError: A field is missing, or nothing is sent to that exchange.
        """
        for name in required:
            if not ask.field(name):
                raise codes.missing_field(name)
        route = ask.field("dmst_stex_tp")
        if route not in _ROUTES:
            raise codes.bad_field("dmst_stex_tp", route)
        if self._desk.config.is_paper and route != "KRX":
            raise self._desk.refused(Reject.NOT_OFFERED)
        return route

    def carry_out(self, ask: Ask, request: Request, *, ghost: str | None = None) -> Outcome:
        """
        Hand a request to the books.

        Args:
            ask: Who asks.
            request: As it was read.
            ghost: The code that the client is told although it is carried out.

        Raises:
            RefusalError: The books refuse it.
        """
        outcome = self._desk.exchange.handle(request, 0, ghost=ghost)
        if outcome.order_id is None:
            raise self._desk.refused(self._reason(ask, request))
        return outcome

    def answer(self, ask: Ask, request: Request, outcome: Outcome) -> Fields:
        """Return the body of the answer to a request that was taken."""
        number = outcome.order_id or OrderId("")
        fields: Fields = {"ord_no": number}
        if isinstance(request, Move | Cancel):
            row = self._books.find_row(request.order_id)
            fields["base_orig_ord_no"] = self._desk.root(row) if row is not None else ""
            name = "mdfy_qty" if isinstance(request, Move) else "cncl_qty"
            fields[name] = padded(outcome.qty, 12)
        if not isinstance(request, Cancel):
            fields["dmst_stex_tp"] = ask.field("dmst_stex_tp")
        text = f"모의투자 {_WORDS[ask.api_id]}주문완료" if self._desk.config.is_paper else DONE
        return {**fields, "return_code": 0, "return_msg": text}

    def new_order(self, ask: Ask, route: str, side: Side) -> Submit:
        """
        Return the new order that a request asks for.

        Raises:
            RefusalError: It cannot be read, or is refused before the books are asked.
        """
        line = self._desk.line(ask.field("stk_cd"))
        qty = number(ask, "ord_qty", 1)
        code = ask.field("trde_tp")
        if code not in codes.KNOWN_FORMS:
            raise codes.bad_field("trde_tp", code)
        if code not in self._desk.config.doubts.forms or code not in FORMS:
            raise self._desk.refused(Reject.NOT_OFFERED)
        self._require_session()
        rules = self._books.rules[line.symbol]
        if self._desk.config.is_paper and rules.instrument.leverage != 1:
            raise self._desk.refused(Reject.RESTRICTED)
        form = FORMS[code]
        price = number(ask, "ord_uv", 1) if form.has_price else None
        trigger = number(ask, "cond_uv", 1) if form.has_trigger else None
        if form.peg:
            depth = self._desk.depth(line)
            takes_ask = (side is Side.BUY) is (form.peg > 0)
            price = depth.ask if takes_ask else depth.bid
            if not price:
                raise self._desk.refused(Reject.OTHER)
        return Submit(
            None,
            ask.account_id,
            line.symbol,
            side,
            form.ord_type,
            form.life,
            price,
            qty,
            code,
            route,
            trigger,
        )

    def flaw(self, symbol: Symbol, prices: Iterable[int | None]) -> Reject | None:
        """Return what is wrong with prices of an instrument now, None if nothing is."""
        rules = self._books.rules[symbol]
        if InstrumentState.HALTED in rules.states:
            return Reject.HALTED
        table = self._desk.table(symbol)
        for price in filter(None, prices):
            if rules.band is not None and price not in rules.band:
                return Reject.OUT_OF_BAND
            if table is not None and not table.is_on_grid(price):
                return Reject.OFF_TICK
        return None

    def _move(self, ask: Ask) -> Move:
        row = self._original(ask)
        self._require_session()
        if number(ask, "mdfy_cond_uv") not in (0, row.trigger):
            raise codes.bad_field("mdfy_cond_uv", ask.field("mdfy_cond_uv"))
        qty = number(ask, "mdfy_qty") or row.leaves_qty
        return Move(None, ask.account_id, row.order_id, number(ask, "mdfy_uv", 1), qty)

    def _cancel(self, ask: Ask) -> Cancel:
        row = self._original(ask)
        return Cancel(None, ask.account_id, row.order_id, number(ask, "cncl_qty"))

    def _original(self, ask: Ask) -> Row:
        number = OrderId(ask.field("orig_ord_no").zfill(self._desk.config.order_digits))
        row = self._books.find_row(number)
        line = self._desk.line(ask.field("stk_cd"))
        if row is None or row.account_id != ask.account_id or row.symbol != line.symbol:
            raise self._desk.refused(Reject.NO_ORDER)
        if not row.leaves_qty:
            raise self._desk.refused(Reject.NOTHING_LEFT)
        return row

    def _require_session(self) -> None:
        phase = self._desk.phase
        if phase in _TRADING:
            return
        config = self._desk.config
        if phase is Phase.PRE_OPEN_AUCTION:
            if not config.is_paper or config.doubts.takes_pre_open:
                return
            raise self._desk.refused(Reject.BEFORE_OPEN)
        raise self._desk.refused(Reject.BEFORE_OPEN if self._desk.is_before_open else Reject.CLOSED)

    def _reason(self, ask: Ask, request: Request) -> Reject:
        """Return why the books refused, as this broker words it."""
        if isinstance(request, Submit):
            symbol, side = request.symbol, request.side
            prices = [request.price, request.trigger]
        else:
            row = self._books.find_row(request.order_id)
            if row is None or isinstance(request, Cancel):
                return Reject.NOTHING_LEFT
            symbol, side, prices = row.symbol, row.side, [_price(request)]
        return self.flaw(symbol, prices) or self._money(ask, request, side)

    def _money(self, ask: Ask, request: Request, side: Side) -> Reject:
        if isinstance(request, Submit) and side is Side.SELL:
            holding = self._books.house.account(ask.account_id).holdings.get(request.symbol)
            sellable = 0 if holding is None else holding.sellable
            return Reject.NO_SHARES if request.order_qty > sellable else Reject.OTHER
        return Reject.NO_CASH if side is Side.BUY else Reject.OTHER


def _price(request: Request) -> int | None:
    return request.price if isinstance(request, Move) else None


_ROUTES: Final = frozenset({"KRX", "NXT", "SOR"})
_WORDS: Final = {"kt10000": "매수", "kt10001": "매도", "kt10002": "정정", "kt10003": "취소"}
_TRADING: Final = frozenset({Phase.CONTINUOUS, Phase.CLOSING_AUCTION})
