"""
kt10006 to kt10009: orders over credit (신용주문), which are read and always refused.

No account here has an agreement on credit. What is wrong with an order itself is told first, as
of one in cash; an order that is well-formed is refused for the missing agreement, and there is no
earlier order over credit that could be changed or canceled. None ever reaches the books.
"""

from __future__ import annotations

from typing import Final

from maemae.domain.terms import Side
from maemae.emulators.kiwoom_rest import codes
from maemae.emulators.kiwoom_rest.codes import Reject
from maemae.emulators.kiwoom_rest.desk import Desk
from maemae.emulators.kiwoom_rest.orders import ORDERS, OrderDesk
from maemae.emulators.kiwoom_rest.screen import choice, day, number
from maemae.emulators.kiwoom_rest.wire import Ask, RefusalError

CREDIT_ORDERS: Final = {
    "kt10006": ORDERS["kt10000"],
    "kt10007": (*ORDERS["kt10001"], "crd_deal_tp"),
    "kt10008": ORDERS["kt10002"],
    "kt10009": ORDERS["kt10003"],
}
"""Fields that each kind needs, in the order in which they are missed."""


class CreditOrders:
    """
    Refuses orders over credit.

    Args:
        desk: What they are judged by.
        orders: Reads what they have in common with orders in cash.
    """

    def __init__(self, desk: Desk, orders: OrderDesk) -> None:
        self._desk = desk
        self._orders = orders

    def refusal(self, ask: Ask) -> RefusalError:
        """
        Return the refusal of an order that is well-formed.

        Raises:
            RefusalError: It is not.
        """
        route = self._orders.route(ask, CREDIT_ORDERS[ask.api_id])
        if ask.api_id in _OF_EARLIER:
            self._desk.line(ask.field("stk_cd"))
            for name, least in _OF_EARLIER[ask.api_id].items():
                number(ask, name, least)
            return self._desk.refused(Reject.NO_ORDER)
        if ask.api_id == "kt10007" and choice(ask, "crd_deal_tp", _DEALS):
            if not ask.field("crd_loan_dt"):
                raise codes.missing_field("crd_loan_dt")
            day(ask, "crd_loan_dt")
        side = Side.BUY if ask.api_id == "kt10006" else Side.SELL
        order = self._orders.new_order(ask, route, side)
        flaw = self._orders.flaw(order.symbol, (order.price, order.trigger))
        return self._desk.refused(flaw or Reject.NO_CREDIT)


_OF_EARLIER: Final = {"kt10008": {"mdfy_qty": 0, "mdfy_uv": 1}, "kt10009": {"cncl_qty": 0}}
"""Numbers of requests about an earlier order, and how small they may be."""

_DEALS: Final = {"33": True, "99": False}
"""Whether a sale repays one loan, of a day that is named (융자), or all of them (융자합)."""
