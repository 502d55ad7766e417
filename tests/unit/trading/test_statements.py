"""What the broker's lists show and the book lacks."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from maemae.core.events import AccountStated
from maemae.core.state import CoreState
from maemae.domain.execution import ExecutionReport
from maemae.domain.ids import AccountId, ClOrdId, ExecId, OrderId, Symbol
from maemae.domain.order import Order, Request, RequestKind
from maemae.domain.order_status import ExecType, OrderStatus
from maemae.domain.statement import (
    Notice,
    StatedExecution,
    StatedHolding,
    StatedOrder,
    StatedStatus,
)
from maemae.domain.terms import Side
from maemae.trading.links import Links
from maemae.trading.statements import (
    Difference,
    difference,
    external_orders,
    is_settled,
    knows_what_traded,
    missing_reports,
    sales_too_early,
)
from tests.builders import (
    ACCOUNT,
    CASH,
    DAY_1,
    HYNIX,
    NOON,
    OTHER_SLEEVE,
    SAMSUNG,
    SLEEVE,
    a_core,
    a_report,
    an_order,
    hold,
)
from tests.stated_rows import executed, stated

E, S = ExecType, StatedStatus
N1, N2, N3 = OrderId("0000001"), OrderId("0000002"), OrderId("0000003")


class Book:
    """Orders that take what the lists show, as the core would."""

    def __init__(self, *orders: Order) -> None:
        self.state = CoreState(orders={order.cl_ord_id: order for order in orders})
        self.links = Links(orders, DAY_1)

    def read(
        self, orders: Sequence[StatedOrder] = (), executions: Sequence[StatedExecution] = ()
    ) -> list[ExecutionReport]:
        """Take in what is missing, and return it."""
        reports = missing_reports(self.links.of(DAY_1), self.state, orders, executions)
        for report in reports:
            order = self.state.orders[report.cl_ord_id]
            self.state.orders[order.cl_ord_id] = order.apply(report)
            if report.order_id is not None:
                self.links.link(report.order_id, report.cl_ord_id)
        return reports

    def order(self, number: int = 1) -> Order:
        return self.state.orders[ClOrdId(number)]


def working(cl_ord_id: int = 1) -> Order:
    """Return an order that the broker has under the number of the same value."""
    return an_order(cl_ord_id=cl_ord_id).apply(
        a_report(cl_ord_id=cl_ord_id, order_id=f"{cl_ord_id:07d}")
    )


def kinds(reports: Sequence[ExecutionReport]) -> list[ExecType]:
    return [report.exec_type for report in reports]


def test_lists_when_they_agree_with_the_book_add_nothing() -> None:
    assert Book(working()).read([stated()]) == []


def test_fills_that_the_book_lacks_are_reported_once() -> None:
    book = Book(working())
    fills = [executed(30, "F1"), executed(30, "F2")]

    assert kinds(book.read([stated(cum_qty=60)], fills)) == [E.TRADE, E.TRADE]
    assert book.read([stated(cum_qty=60)], fills) == []
    assert book.order().cum_qty == 60


def test_fill_when_stream_and_list_tell_it_counts_once() -> None:
    book = Book(working())
    notice = Notice(
        ACCOUNT, N1, SAMSUNG, an_order().side, E.TRADE, ExecId("F1"), NOON,
        last_qty=30, last_px=10_000,
    )  # fmt: skip
    streamed = book.links.translate(notice, 0)
    assert streamed is not None
    book.state.orders[ClOrdId(1)] = book.order().apply(streamed)

    assert book.read([stated(cum_qty=30)], [executed(30, "F1")]) == []


def test_fill_when_the_list_names_it_twice_is_reported_once() -> None:
    assert kinds(Book(working()).read([], [executed(30), executed(30)])) == [E.TRADE]


def test_fill_of_an_order_that_is_not_listed_is_reported_all_the_same() -> None:
    assert kinds(Book(working()).read([], [executed(30)])) == [E.TRADE]


def test_fill_of_a_stranger_is_left_out() -> None:
    assert Book(working()).read([], [executed(30, order_id="0000009")]) == []


def test_fill_of_a_closed_order_is_reported_too() -> None:
    book = Book(working().apply(a_report(E.CANCELED)))

    assert kinds(book.read([stated(status=S.CANCELED, cum_qty=30)], [executed(30)])) == [E.TRADE]
    assert book.order().cum_qty == 30


@pytest.mark.parametrize(
    ("status", "exec_type"),
    [(S.CANCELED, E.CANCELED), (S.EXPIRED, E.EXPIRED), (S.REJECTED, E.REJECTED)],
)
def test_order_when_the_list_shows_its_end_is_closed_once(
    status: StatedStatus, exec_type: ExecType
) -> None:
    book = Book(working())

    assert kinds(book.read([stated(status=status)])) == [exec_type]
    assert book.read([stated(status=status)]) == []


def test_order_when_some_of_its_fills_are_missing_is_not_closed() -> None:
    book = Book(working())
    ended = [stated(status=S.CANCELED, cum_qty=30)]

    assert kinds(book.read(ended, [executed(20)])) == [E.TRADE]
    assert not book.order().is_closed

    assert kinds(book.read(ended, [executed(20), executed(10, "F2")])) == [E.TRADE, E.CANCELED]


def test_order_when_it_is_not_listed_is_left_as_it_is() -> None:
    assert Book(working()).read() == []


REPLACED = [
    stated(status=S.REPLACED, cum_qty=30),
    stated("0000002", cum_qty=50, order_qty=80, price=9_900, orig="0000001", at=NOON + 1),
]


def test_replacement_that_the_book_lacks_is_reported_with_its_whole_quantity() -> None:
    book = Book(working())
    fills = [executed(30), executed(20, "F2", "0000002", px=9_900)]

    assert kinds(book.read(REPLACED, fills)) == [E.TRADE, E.TRADE, E.REPLACED]
    order = book.order()
    assert (order.price, order.order_qty, order.cum_qty) == (9_900, 80, 50)
    assert order.order_ids == (N1, N2)
    assert book.read(REPLACED, fills) == []


def test_replacement_when_its_new_number_is_known_by_a_fill_alone_brings_its_terms() -> None:
    book = Book(working())
    book.links.link(N2, ClOrdId(1))
    fills = [executed(30), executed(20, "F2", "0000002", px=9_900)]
    book.read([], fills)
    assert book.order().order_qty == 100

    assert kinds(book.read(REPLACED, fills)) == [E.REPLACED]
    assert (book.order().price, book.order().order_qty) == (9_900, 80)


def test_replacement_on_the_same_terms_brings_its_number() -> None:
    book = Book(working())

    assert kinds(book.read([stated(status=S.REPLACED), stated("0000002", orig="0000001")])) == [
        E.REPLACED
    ]
    assert book.order().order_ids == (N1, N2)


def test_replacement_when_the_stream_told_a_later_one_adds_nothing() -> None:
    replaced = a_report(E.REPLACED, price=9_800, order_qty=80, order_id="0000002", at=NOON + 9)
    book = Book(working().apply(replaced))

    assert book.read([REPLACED[0], replace(REPLACED[1], cum_qty=0)]) == []


def test_replacements_are_followed_by_what_they_replaced_not_by_number() -> None:
    book = Book(an_order().apply(a_report(order_id="999")))
    rows = [
        stated("1000", price=9_900, orig="999", at=NOON + 1),
        stated("999", S.REPLACED),
    ]

    assert kinds(book.read(rows)) == [E.REPLACED]
    assert book.order().price == 9_900


def test_list_when_rows_replace_each_other_in_a_circle_is_read_to_its_end() -> None:
    rows = [stated("0000008", orig="0000009"), stated("0000009", orig="0000008")]

    book = Book(replace(working(), order_ids=(OrderId("0000009"),)))

    assert Book(working()).read(rows) == []
    book.read(rows)
    assert book.read(rows) == []


def test_replacement_when_fills_are_missing_waits_for_them() -> None:
    assert kinds(Book(working()).read(REPLACED, [executed(30)])) == [E.TRADE]


def test_order_when_it_was_replaced_twice_and_ended_follows_to_its_end() -> None:
    book = Book(working())
    rows = [
        stated("0000003", S.CANCELED, order_qty=60, price=9_800, orig="0000002", at=NOON + 2),
        stated("0000002", S.REPLACED, order_qty=80, price=9_900, orig="0000001", at=NOON + 1),
        stated(status=S.REPLACED),
    ]

    assert kinds(book.read(rows)) == [E.REPLACED, E.CANCELED]
    order = book.order()
    assert (order.price, order.order_qty, order.status) == (9_800, 60, OrderStatus.CANCELED)
    assert book.read(rows) == []


def test_order_when_the_broker_names_our_number_learns_the_broker_s() -> None:
    book = Book(an_order())
    row = stated(cl_ord_id=1, cum_qty=30)

    assert kinds(book.read([row], [executed(30)])) == [E.TRADE, E.NEW]
    assert book.order().order_ids == (N1,)
    assert book.read([row], [executed(30)]) == []


def test_number_when_it_is_linked_means_that_order_whatever_the_broker_calls_it() -> None:
    book = Book(working(1), working(2))

    (fill,) = book.read([stated("0000002", cl_ord_id=1, cum_qty=9)], [executed(9, "F", "0000002")])

    assert fill.cl_ord_id == 2


# ── orders from elsewhere ────────────────────────────────────────────────────────────────


def test_number_that_is_nobody_s_is_external() -> None:
    ours, theirs = stated(), stated("0000009")

    assert external_orders(Book(working()).links.of(DAY_1), [ours, theirs], []) == [theirs]


def test_number_that_could_be_an_order_in_doubt_is_not_external() -> None:
    like_it, other = stated("0000008"), stated("0000009", price=9_900)

    assert external_orders({}, [like_it, other], [an_order()]) == [other]


def test_number_that_the_broker_says_is_ours_in_doubt_is_not_external() -> None:
    row = stated("0000008", price=9_900, cl_ord_id=1)

    assert external_orders({}, [row], [an_order()]) == []


def test_replacement_of_our_order_is_not_external() -> None:
    assert external_orders(Book(working()).links.of(DAY_1), REPLACED, []) == []


def test_replaced_order_from_elsewhere_is_external_under_its_first_number() -> None:
    rows = [stated("0000002", orig="0000001"), stated(status=S.REPLACED)]

    assert external_orders({}, rows, []) == [rows[1]]


def test_replacement_of_what_is_not_listed_is_external() -> None:
    row = stated("0000002", orig="0000001")

    assert external_orders({}, [row], []) == [row]


def test_sale_from_elsewhere_waits_for_a_buy_in_doubt_only_if_it_may_be_of_its_shares() -> None:
    doubt = an_order(4, side=Side.BUY)
    sale = stated("0000009", order=an_order(10, side=Side.SELL))
    other = stated("0000008", order=an_order(10, side=Side.SELL, symbol=HYNIX))
    buy = stated("0000007", order=an_order(10))

    def early(held: int, *more: Order, doubts: list[Order] | None = None) -> list[StatedOrder]:
        state = CoreState(orders={order.cl_ord_id: order for order in more})
        core = a_core()
        hold(core, held)
        state.sleeves = core.state.sleeves
        return sales_too_early(state, [sale, other, buy], [doubt] if doubts is None else doubts)

    assert early(9) == [sale]
    assert early(10) == []
    assert early(10, an_order(1, side=Side.SELL)) == [sale]  # ours may have taken one of them
    assert early(9, doubts=[an_order(4, side=Side.SELL)]) == []


def test_trade_of_nobody_s_order_is_what_the_book_does_not_know() -> None:
    rows = [stated("0000001"), stated("0000002", cum_qty=1)]

    assert not knows_what_traded({OrderId("0000001"): ClOrdId(1)}, rows)
    assert knows_what_traded({OrderId("0000002"): ClOrdId(1)}, rows)


# ── what an account has more than its sleeves ────────────────────────────────────────────


def held_at_broker(qty: int, symbol: Symbol = SAMSUNG) -> StatedHolding:
    return StatedHolding(ACCOUNT, symbol, qty, qty, qty * 10_000)


def test_account_when_cash_and_shares_are_those_of_its_sleeves_does_not_differ() -> None:
    core = a_core(sleeves=(SLEEVE, OTHER_SLEEVE))
    hold(core, 10)
    hold(core, 5, sleeve_id=OTHER_SLEEVE)

    assert difference(core.state, ACCOUNT, 2 * CASH - 150_000, [held_at_broker(15)]).is_none


def test_account_when_it_differs_says_by_how_much_and_in_what() -> None:
    core = a_core()
    hold(core, 10)
    hold(core, 5, symbol=HYNIX)
    holdings = [held_at_broker(4), held_at_broker(3), held_at_broker(1, Symbol("123450"))]

    found = difference(core.state, ACCOUNT, CASH, holdings)

    assert found == Difference(150_000, ((HYNIX, -5), (SAMSUNG, -3), (Symbol("123450"), 1)))
    assert not found.is_none


@pytest.mark.parametrize("found", [Difference(-1, ()), Difference(0, ((SAMSUNG, 1),))])
def test_account_when_only_cash_or_only_shares_differ_differs(found: Difference) -> None:
    assert not found.is_none


def test_account_when_the_core_is_told_of_the_difference_books_just_that() -> None:
    core = a_core()
    hold(core, 10)
    holdings = [held_at_broker(4), held_at_broker(7, HYNIX)]

    core.handle(AccountStated(ACCOUNT, 123, tuple(holdings), NOON))

    assert difference(core.state, ACCOUNT, 123, holdings).is_none


# ── when holdings may be compared ────────────────────────────────────────────────────────

UNKNOWN = an_order().apply(a_report(E.OUTCOME_UNKNOWN, order_id=None))
CANCELING = working().request(Request(ClOrdId(2), RequestKind.CANCEL))
REPLACING = working().request(Request(ClOrdId(2), RequestKind.REPLACE, 9_900, 100))


@pytest.mark.parametrize(
    ("order", "is_so"),
    [
        pytest.param(working(), True, id="working"),
        pytest.param(CANCELING, True, id="being canceled"),
        pytest.param(working().apply(a_report(E.CANCELED)), True, id="closed"),
        pytest.param(UNKNOWN.apply(a_report(E.REJECTED)), True, id="absent"),
        pytest.param(an_order(), False, id="in flight"),
        pytest.param(UNKNOWN, False, id="in doubt"),
        pytest.param(REPLACING, False, id="being replaced"),
        pytest.param(REPLACING.apply(a_report(E.EXPIRED)), True, id="expired unreplaced"),
    ],
)
def test_account_is_settled_unless_fills_may_be_missing(order: Order, *, is_so: bool) -> None:
    assert is_settled(Book(order).state, ACCOUNT) is is_so


def test_account_when_only_another_is_in_doubt_is_settled() -> None:
    other = replace(UNKNOWN, account_id=AccountId("A-2"))

    assert is_settled(Book(other).state, ACCOUNT)


@pytest.mark.parametrize("status", [S.WORKING, S.FILLED])
def test_fills_when_they_are_numbered_anew_are_not_booked_twice(status: StatedStatus) -> None:
    book = Book(working())
    streamed = [executed(3, "0000001:3"), executed(4, "0000001:7", px=10_010)]
    book.read([stated(cum_qty=7)], streamed)
    averaged = [executed(2, "0000001:2", px=10_005), executed(5, "0000001:7", px=10_006)]

    reports = book.read([stated(status=status, cum_qty=7)], averaged)

    assert reports == []
    assert (book.order().cum_qty, book.order().notional) == (7, 3 * 10_000 + 4 * 10_010)


def test_fills_when_the_list_of_orders_lags_behind_are_booked() -> None:
    book = Book(working())
    book.read([stated(cum_qty=3)], [executed(3, "F1"), executed(2, "F2")])
    assert book.order().cum_qty == 5


def test_replacement_when_it_shares_a_second_with_the_one_before_is_news() -> None:
    order = working().apply(
        a_report(E.REPLACED, order_id="0000002", price=10_100, order_qty=100, at=NOON)
    )
    book = Book(order)
    book.read(
        [stated(status=S.REPLACED), stated("0000002", S.REPLACED, orig="0000001", price=10_100),
         stated("0000003", orig="0000002", price=9_800)],
    )  # fmt: skip
    assert book.order().price == 9_800
