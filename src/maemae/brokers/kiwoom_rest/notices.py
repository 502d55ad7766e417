"""
Order frames (type 00) as notices, one for one; what says nothing new gives none.

Of a change or a cancel its own confirmation counts, not that it was received. How far a fill
brings its order is read from the cumulative quantity if the frame's own amount shows that it
is one, and from what is left otherwise.

Source: frames recorded on the paper server, 2026-09-11; frames of changes, cancels and
refusals follow the guide and were not recorded by anyone.
"""

from __future__ import annotations

from datetime import date

import msgspec

from maemae.brokers.kiwoom_rest.codes import (
    OrderKind,
    OrderState,
    kind_from_word,
    side_from_word,
    state_from_word,
)
from maemae.brokers.kiwoom_rest.fills import Covered, FillBook, exec_id
from maemae.brokers.kiwoom_rest.frames import OrderValues
from maemae.brokers.kiwoom_rest.reading import (
    count,
    find_order_id,
    instant,
    is_blank,
    order_id,
    price,
    symbol,
    unreadable,
)
from maemae.domain.ids import AccountId, ExecId, OrderId
from maemae.domain.order_status import ExecType
from maemae.domain.statement import Notice


class NoticeReader:
    """
    Reads the order frames of an account.

    Args:
        account_id: Account whose orders the frames tell of.

    Attributes:
        origs: Which number each replaced, of what was seen.
    """

    def __init__(self, account_id: AccountId) -> None:
        self.origs: dict[OrderId, OrderId] = {}
        self._account_id = account_id

    def notice(self, values: OrderValues, day: date, book: FillBook) -> Notice | None:
        """
        Return what a frame says, None if nothing follows from it.

        Args:
            values: Of the frame.
            day: Of the trading day.
            book: Takes the fill, durably, before it is told.

        Raises:
            BrokerUnavailableError: It cannot be understood, or is of another account.
        """
        self._require_account(values.account)
        state, kind = state_from_word(values.state), kind_from_word(values.kind)
        if state is OrderState.FILLED:
            return self._fill(values, kind, day, book)
        if kind is OrderKind.NEW:
            return self._of_order(values, state, day)
        if state is OrderState.ACCEPTED:
            return None
        return self._of_request(values, kind, state, day, book)

    def _fill(
        self, values: OrderValues, kind: OrderKind, day: date, book: FillBook
    ) -> Notice | None:
        if kind is OrderKind.CANCEL:
            raise unreadable("905/913", f"{values.kind}/{values.state}")
        number = order_id("9203", values.number)
        orig = find_order_id(values.orig_number)
        if orig is not None:
            self.origs[number] = orig
        qty, px = count("915", values.last_qty), price("914", values.last_px)
        reached = _reached(values)
        if qty < 1 or px < 1 or reached < qty:
            raise unreadable("914/915", f"{values.last_px}/{values.last_qty}")
        code, side = symbol("9001", values.symbol), side_from_word(values.kind)
        fill = Covered(reached - qty, reached, px, instant("908", day, values.at))
        if not book.add(number, code, side, fill):
            return None
        return Notice(
            self._account_id,
            number,
            code,
            side,
            ExecType.TRADE,
            exec_id(number, fill),
            fill.at,
            orig_order_id=orig,
            last_qty=qty,
            last_px=px,
        )

    def _of_order(self, values: OrderValues, state: OrderState, day: date) -> Notice:
        exec_type = {
            OrderState.REJECTED: ExecType.REJECTED,
            OrderState.CANCELED: ExecType.CANCELED,
        }.get(state, ExecType.NEW)
        text = "" if exec_type is not ExecType.REJECTED else values.refusal.strip()
        return self._notice(values, exec_type, order_id("9203", values.number), day, text=text)

    def _of_request(
        self, values: OrderValues, kind: OrderKind, state: OrderState, day: date, book: FillBook
    ) -> Notice | None:
        request_id, orig = order_id("9203", values.number), order_id("904", values.orig_number)
        if state is OrderState.REJECTED:
            text = values.refusal.strip()
            return self._notice(values, ExecType.CANCEL_REJECTED, orig, day, request_id, text)
        if kind is OrderKind.CANCEL:
            if count("902", values.leaves_qty) > 0:
                return None  # a part was taken back, by another way: the lists tell the rest
            return self._notice(values, ExecType.CANCELED, orig, day, request_id)
        self.origs[request_id] = orig
        replaced = self._notice(values, ExecType.REPLACED, request_id, day, request_id)
        return msgspec.structs.replace(
            replaced,
            orig_order_id=orig,
            price=price("901", values.price),
            order_qty=self._filled_before(orig, book) + count("900", values.order_qty),
        )

    def _notice(
        self,
        values: OrderValues,
        exec_type: ExecType,
        number: OrderId,
        day: date,
        request_id: OrderId | None = None,
        text: str = "",
    ) -> Notice:
        return Notice(
            self._account_id,
            number,
            symbol("9001", values.symbol),
            side_from_word(values.kind),
            exec_type,
            ExecId(f"{order_id('9203', values.number)}:{exec_type}"),
            instant("908", day, values.at),
            request_id=request_id,
            text=text,
        )

    def _filled_before(self, orig: OrderId, book: FillBook) -> int:
        total, seen, number = 0, set[OrderId](), orig
        while number not in seen:
            seen.add(number)
            total += book.filled(number)
            number = self.origs.get(number, number)
        return total

    def _require_account(self, text: str) -> None:
        bare = text.strip()
        if bare.isdecimal() and bare != self._account_id:
            raise unreadable("9201", "다른 계좌")


def _reached(values: OrderValues) -> int:
    """Return how many shares of a number were filled with this fill."""
    by_leaves = count("900", values.order_qty) - count("902", values.leaves_qty)
    if is_blank(values.cum_qty) or is_blank(values.cum_px):
        return by_leaves
    qty = count("911", values.cum_qty)
    amount = price("903", values.amount)
    if abs(price("910", values.cum_px) * qty - amount) <= qty:
        return qty
    return by_leaves
