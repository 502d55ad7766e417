"""
Kiwoom's three lists of a day's orders as one.

kt00007 has every order and request of any day, on some paper accounts nothing; ka10075 what
works now; ka10076 what was filled today. An order that is canceled without a fill may be in
the first alone. They are read one after the other, so of a quantity that only grows the most
and of one that only shrinks the least is true.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from enum import unique
from typing import Final, TypeVar

import msgspec

from maemae.brokers.kiwoom_rest.codes import (
    TERMS,
    OrderKind,
    kind_from_word,
    side_from_word,
    trade_type_from_word,
)
from maemae.brokers.kiwoom_rest.fills import Covered, FillBook, shared_out
from maemae.brokers.kiwoom_rest.messages import (
    DayOrderRow,
    FilledOrderRow,
    FillRow,
    OpenOrderRow,
)
from maemae.brokers.kiwoom_rest.reading import (
    count,
    find_order_id,
    instant,
    is_blank,
    number,
    order_id,
    price,
    symbol,
)
from maemae.domain.ids import AccountId, OrderId, Symbol
from maemae.domain.statement import StatedOrder, StatedStatus
from maemae.domain.terms import Side, Term

T = TypeVar("T")


@unique
class Ending(Term):
    """What a list says in words about how an order ended."""

    NONE = "NONE"
    CANCELED = "CANCELED"
    REJECTED = "REJECTED"
    CONFIRMED = "CONFIRMED"  # a request was carried out


class Listed(msgspec.Struct, frozen=True):
    """
    An order or a request, as any of the lists shows it.

    Attributes:
        orig: The order that a request is about, None for an order.
        qty, filled, leaves: Of this number alone [shares].
        average: Of its fills [won, with decimals as text]; empty if there are none.
        is_open: Whether a list of open orders shows it.
    """

    order_id: OrderId
    orig: OrderId | None
    kind: OrderKind
    symbol: Symbol
    side: Side
    word: str
    price: int
    qty: int
    filled: int
    leaves: int
    average: str
    at: int
    ending: Ending = Ending.NONE
    is_open: bool = False


def from_day_row(row: DayOrderRow, day: date) -> Listed:
    """
    Return a row of kt00007.

    Raises:
        BrokerUnavailableError: It cannot be understood.
    """
    orig = find_order_id(row.ori_ord)
    told = kind_from_word(f"{row.mdfy_cncl}{row.io_tp_nm}")
    ending = _ending(row.acpt_tp)
    if orig is None and told is OrderKind.CANCEL:
        ending = Ending.CANCELED  # said of the order itself, not of a request
    return Listed(
        order_id("ord_no", row.ord_no),
        orig,
        OrderKind.NEW if orig is None else told,
        symbol("stk_cd", row.stk_cd),
        side_from_word(row.io_tp_nm),
        row.trde_tp,
        _price_or_0(row.ord_uv),
        count("ord_qty", row.ord_qty),
        _count_or_0(row.cntr_qty),
        _left(row.ord_remnq, row.ord_qty, row.cntr_qty),
        row.cntr_uv,
        instant("ord_tm", day, row.ord_tm),
        ending,
    )


def from_open_row(row: OpenOrderRow, day: date) -> Listed:
    """
    Return a row of ka10075.

    Raises:
        BrokerUnavailableError: It cannot be understood.
    """
    qty, leaves = count("ord_qty", row.ord_qty), count("oso_qty", row.oso_qty)
    orig = find_order_id(row.orig_ord_no)
    return Listed(
        order_id("ord_no", row.ord_no),
        orig,
        OrderKind.NEW if orig is None else kind_from_word(row.io_tp_nm),
        symbol("stk_cd", row.stk_cd),
        side_from_word(row.io_tp_nm),
        row.trde_tp,
        _price_or_0(row.ord_pric),
        qty,
        _count_or_0(row.cntr_qty),
        leaves,
        row.cntr_pric,
        instant("tm", day, row.tm),
        _ending(row.ord_stt),
        is_open=leaves > 0,
    )


def from_filled_row(row: FilledOrderRow, day: date) -> Listed:
    """
    Return a row of ka10076.

    Raises:
        BrokerUnavailableError: It cannot be understood.
    """
    orig = find_order_id(row.orig_ord_no)
    return Listed(
        order_id("ord_no", row.ord_no),
        orig,
        OrderKind.NEW if orig is None else kind_from_word(row.io_tp_nm),
        symbol("stk_cd", row.stk_cd),
        side_from_word(row.io_tp_nm),
        row.trde_tp,
        _price_or_0(row.ord_pric),
        count("ord_qty", row.ord_qty),
        _count_or_0(row.cntr_qty),
        _left(row.oso_qty, row.ord_qty, row.cntr_qty),
        row.cntr_pric,
        instant("ord_tm", day, row.ord_tm),
        _ending(row.ord_stt),
    )


def merged(rows: Iterable[Listed]) -> dict[OrderId, Listed]:
    """Return each number once: the most that any list says was filled, the least that is left."""
    found: dict[OrderId, Listed] = {}
    for row in rows:
        known = found.get(row.order_id)
        found[row.order_id] = row if known is None else _joined(known, row)
    return found


def stated_orders(
    listed: Mapping[OrderId, Listed], account_id: AccountId, book: FillBook, *, is_over: bool
) -> tuple[StatedOrder, ...]:
    """
    Return the orders of a day, oldest first; requests show in what became of their orders.

    Args:
        listed: Every number of the day, once.
        account_id: Account that the list is of.
        book: Knows fills of numbers that are in no list any more.
        is_over: Whether what is left of an order that is in no list of open ones has expired.

    Raises:
        BrokerUnavailableError: A kind of order is not known.
    """
    taken = (row for row in listed.values() if row.ending is not Ending.REJECTED)
    requests = _grouped((row.orig, row) for row in taken)
    orders = [row for row in listed.values() if row.kind is not OrderKind.CANCEL]
    stated = [
        _stated(
            row, listed, account_id, book, _status(row, requests[row.order_id], is_over=is_over)
        )
        for row in orders
        if not (row.kind is OrderKind.REPLACE and row.ending is Ending.REJECTED)
    ]
    return tuple(sorted(stated, key=_placed))


def book_missing(
    listed: Mapping[OrderId, Listed], details: Iterable[FillRow], book: FillBook
) -> None:
    """
    Take into the book what the lists show as filled and no fill covers.

    Args:
        listed: Every number of the day, once.
        details: Rows of kt00009, used where they agree with what is known.
        book: Of the day.

    Raises:
        BrokerUnavailableError: A sum cannot be understood, or the book cannot be written.
    """
    by_order = _grouped((find_order_id(row.ord_no), row) for row in details)
    for order in listed.values():
        if order.filled > book.filled(order.order_id):
            _book_order(order, by_order[order.order_id], book)


def _grouped(pairs: Iterable[tuple[OrderId | None, T]]) -> defaultdict[OrderId, list[T]]:
    """Return what belongs to each order; what belongs to none is left out."""
    found: defaultdict[OrderId, list[T]] = defaultdict(list)
    for order, each in pairs:
        if order is not None:
            found[order].append(each)
    return found


def _book_order(order: Listed, details: list[FillRow], book: FillBook) -> None:
    gaps = book.gaps(order.order_id, order.filled)
    single = _single_fills(order, details)
    known = set(book.of(order.order_id))
    if single and {(f.start, f.end, f.px) for f in known} <= {
        (f.start, f.end, f.px) for f in single
    }:
        missing = [fill for fill in single if any(s <= fill.start < e for s, e in gaps)]
    else:
        missing = _averaged(order, gaps, book)
    for fill in missing:
        book.add(order.order_id, order.symbol, order.side, fill)


def _single_fills(order: Listed, details: list[FillRow]) -> list[Covered]:
    """Return fills one by one, if the rows are that and add up to what the lists say."""
    rows = [row for row in details if not is_blank(row.cntr_no) and _count_or_0(row.cntr_qty)]
    if len({row.cntr_no for row in rows}) < len(rows):
        return []
    fills: list[Covered] = []
    reached = 0
    for row in sorted(rows, key=_fill_number):
        qty = count("cntr_qty", row.cntr_qty)
        px = number("cntr_uv", row.cntr_uv)
        if px != int(px):
            return []  # an average: the row is an order's sum
        fills.append(Covered(reached, reached + qty, abs(int(px)), order.at))
        reached += qty
    total = round(number("cntr_uv", order.average) * order.filled)
    is_whole = reached == order.filled
    is_near = abs(sum(fill.qty * fill.px for fill in fills) - total) <= order.filled
    return fills if is_whole and is_near else []


def _averaged(order: Listed, gaps: list[tuple[int, int]], book: FillBook) -> list[Covered]:
    """Return fills that bring the sum to what the list's average says, as near as it says it."""
    total = round(abs(number("cntr_uv", order.average)) * order.filled)
    known = sum(fill.qty * fill.px for fill in book.of(order.order_id) if fill.end <= order.filled)
    shares = sum(end - start for start, end in gaps)
    left = max(total - known, shares)
    fills: list[Covered] = []
    for start, end in gaps:
        part = left * (end - start) // shares
        fills += shared_out(part, (start, end), order.at)
        left -= part
        shares -= end - start
    return fills


def _status(row: Listed, requests: list[Listed], *, is_over: bool) -> StatedStatus:
    kinds = {request.kind for request in requests}
    if row.filled >= row.qty > 0:
        return StatedStatus.FILLED
    if row.ending is Ending.REJECTED:
        return StatedStatus.REJECTED
    if row.is_open:
        return StatedStatus.WORKING  # that list is read last: what is left never grows again
    if row.leaves == 0:
        was_replaced = OrderKind.REPLACE in kinds and OrderKind.CANCEL not in kinds
        return StatedStatus.REPLACED if was_replaced else StatedStatus.CANCELED
    if any(_is_done_cancel(request) for request in requests):
        return StatedStatus.CANCELED
    return StatedStatus.EXPIRED if is_over else StatedStatus.WORKING


def _is_done_cancel(request: Listed) -> bool:
    return request.kind is OrderKind.CANCEL and request.ending is not Ending.NONE


def _stated(
    row: Listed,
    listed: Mapping[OrderId, Listed],
    account_id: AccountId,
    book: FillBook,
    status: StatedStatus,
) -> StatedOrder:
    terms = TERMS[trade_type_from_word(row.word)]
    before = _filled_before(row, listed, book)
    return StatedOrder(
        account_id,
        row.order_id,
        row.symbol,
        row.side,
        terms.ord_type,
        terms.time_in_force,
        row.price if terms.has_price and row.price else None,
        before + row.qty,
        before + row.filled,
        (row.leaves or row.qty - row.filled) if status is StatedStatus.WORKING else 0,
        status,
        row.at,
        row.orig,
    )


def _filled_before(row: Listed, listed: Mapping[OrderId, Listed], book: FillBook) -> int:
    """Return what was filled under the numbers that this one replaced."""
    total, seen, orig = 0, {row.order_id}, row.orig
    while orig is not None and orig not in seen:
        seen.add(orig)
        before = listed.get(orig)
        total += max(0 if before is None else before.filled, book.filled(orig))
        orig = None if before is None else before.orig
    return total


def _joined(one: Listed, other: Listed) -> Listed:
    fuller = max(one, other, key=_filled)
    return msgspec.structs.replace(
        one,
        orig=one.orig if one.orig is not None else other.orig,
        kind=one.kind if one.kind is not OrderKind.NEW else other.kind,
        filled=fuller.filled,
        average=fuller.average,
        leaves=min(one.leaves, other.leaves),
        ending=one.ending if one.ending is not Ending.NONE else other.ending,
        is_open=one.is_open or other.is_open,
    )


def _ending(word: str) -> Ending:
    for text, ending in _ENDINGS.items():
        if text in word:
            return ending
    return Ending.NONE


def _price_or_0(text: str) -> int:
    return 0 if is_blank(text) else price("주문단가", text)


def _count_or_0(text: str) -> int:
    return 0 if is_blank(text) else count("수량", text)


def _left(text: str, qty: str, filled: str) -> int:
    """Return what is left; a list that leaves it blank does not say that nothing is."""
    if is_blank(text):
        return count("ord_qty", qty) - _count_or_0(filled)
    return count("수량", text)


def _filled(row: Listed) -> int:
    return row.filled


def _fill_number(row: FillRow) -> tuple[int, str]:
    return len(row.cntr_no), row.cntr_no


def _placed(order: StatedOrder) -> tuple[int, OrderId]:
    return order.at, order.order_id


_ENDINGS: Final = {
    "거부": Ending.REJECTED,
    "취소": Ending.CANCELED,
    "확인": Ending.CONFIRMED,
}
