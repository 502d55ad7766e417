"""What the broker's lists prove about a request whose outcome is not known."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace

from maemae.domain.execution import ExecutionReport
from maemae.domain.ids import EXTERNAL_SLEEVE, AccountId, ClOrdId, OrderId
from maemae.domain.order import Order, Request, RequestKind
from maemae.domain.order_status import ExecType, OrderStatus
from maemae.domain.statement import StatedExecution, StatedOrder, StatedStatus
from maemae.domain.terms import Side
from maemae.ports import ClientIdSupport
from maemae.trading.doubt import (
    Absent,
    Found,
    Hold,
    Poll,
    Verdict,
    Wait,
    judge_order,
    judge_request,
    thinned,
)
from tests.builders import DAY_1, DAY_2, HYNIX, a_fill, a_report, an_order
from tests.stated_rows import executed, stated

SENT, QUIET = 1_000, 10
READY = SENT + QUIET
N1, N2 = OrderId("0000001"), OrderId("0000002")
S = StatedStatus


def a_poll(
    asked_at: int = READY,
    *orders: StatedOrder,
    executions: tuple[StatedExecution, ...] = (),
    day: date = DAY_1,
) -> Poll:
    return Poll(asked_at, day, orders, executions)


def judge(
    *polls: Poll,
    order: Order | None = None,
    linked: tuple[OrderId, ...] = (),
    twins: tuple[Order, ...] = (),
    client_id: ClientIdSupport = ClientIdSupport.NONE,
    knows_all: bool = True,
) -> Verdict:
    of = an_order() if order is None else order
    return judge_order(
        of, SENT, QUIET, polls, linked, twins, client_id=client_id, knows_all=knows_all
    )


def test_order_when_nothing_was_read_waits_for_the_quiet_period() -> None:
    assert judge() == Wait(READY)


@pytest.mark.parametrize(
    ("polls", "verdict"),
    [
        pytest.param((READY - 1,), Wait(READY), id="too early"),
        pytest.param((READY - 1, READY + QUIET), Wait(READY + 2 * QUIET), id="one too early"),
        pytest.param((READY,), Wait(READY + QUIET), id="once"),
        pytest.param((READY, READY), Wait(READY + QUIET), id="twice at once"),
        pytest.param((READY, READY + QUIET - 1), Wait(READY + QUIET), id="too close"),
        pytest.param((READY, READY + QUIET), Absent(), id="twice"),
        pytest.param((READY + QUIET, READY), Absent(), id="told the other way round"),
        pytest.param((READY, READY + 4, READY + 8, READY + 12), Absent(), id="more often"),
    ],
)
def test_order_when_no_list_shows_it_is_absent_after_two_readings_apart(
    polls: tuple[int, ...], verdict: Verdict
) -> None:
    assert judge(*(a_poll(asked_at) for asked_at in polls)) == verdict


def test_order_when_the_broker_has_no_quiet_period_still_needs_two_readings() -> None:
    assert judge_order(an_order(), SENT, 0, [a_poll(SENT)], (), ()) == Wait(SENT)


def test_order_when_one_looks_like_it_is_found() -> None:
    assert judge(a_poll(READY, stated())) == Found(N1)


@pytest.mark.parametrize("status", list(S))
def test_order_when_it_has_ended_already_is_found(status: StatedStatus) -> None:
    cum_qty = 100 if status is S.FILLED else 0
    assert judge(a_poll(READY, stated(status=status, cum_qty=cum_qty))) == Found(N1)


def test_order_when_one_looks_like_it_too_early_waits_for_a_second_to_show() -> None:
    early = a_poll(READY - 1, stated())

    assert judge(early) == Wait(READY)
    assert isinstance(judge(early, a_poll(READY, stated(), stated("0000002"))), Hold)


def test_order_when_a_later_list_lacks_what_an_earlier_showed_is_not_absent() -> None:
    polls = a_poll(SENT, stated()), a_poll(READY), a_poll(READY + QUIET)

    assert judge(*polls) == Found(N1)


def test_order_when_only_lists_of_another_day_lack_it_waits() -> None:
    polls = [a_poll(asked_at, day=DAY_2) for asked_at in (READY, READY + QUIET)]

    assert judge(*polls) == Wait(READY)


def test_order_when_a_list_of_another_day_shows_one_like_it_is_not_found() -> None:
    own = [a_poll(asked_at) for asked_at in (READY, READY + QUIET)]

    assert judge(*own, a_poll(READY, stated(), day=DAY_2)) == Absent()


def test_order_when_the_day_s_closed_orders_are_forgotten_is_held_if_one_looks_like_it() -> None:
    polls = [a_poll(asked_at, stated()) for asked_at in (READY, READY + QUIET)]
    empty = [a_poll(asked_at) for asked_at in (READY, READY + QUIET)]

    assert isinstance(judge(*polls, knows_all=False), Hold)
    assert judge(*empty, knows_all=False) == Absent()


OTHERS = [
    stated(order=an_order(symbol=HYNIX)),
    stated(order=an_order(side=Side.SELL)),
    stated(order=an_order(101)),
    stated(order=an_order(price=10_010)),
    stated(order=an_order(price=None)),
    stated(order=replace(an_order(), account_id=AccountId("A-2"))),
    stated(orig="0000000"),
    stated(cl_ord_id=7),
]


@pytest.mark.parametrize("other", OTHERS)
def test_order_when_the_list_shows_only_others_is_absent(other: StatedOrder) -> None:
    assert judge(a_poll(READY, other), a_poll(READY + QUIET, other)) == Absent()


def test_order_when_the_one_like_it_has_an_owner_is_absent() -> None:
    polls = a_poll(READY, stated()), a_poll(READY + QUIET, stated())

    assert judge(*polls, linked=(N1,)) == Absent()


def test_order_when_two_look_like_it_is_held() -> None:
    verdict = judge(a_poll(READY, stated(), stated("0000002")))

    assert isinstance(verdict, Hold)
    assert verdict.reason.ko
    assert verdict.reason.en


def test_order_when_a_person_placed_the_same_is_held_whatever_the_lists_show() -> None:
    by_hand = replace(an_order(cl_ord_id=9), sleeve_id=EXTERNAL_SLEEVE, order_ids=(N2,))

    for rows in ((stated(),), ()):
        polls = a_poll(READY, *rows), a_poll(READY + QUIET, *rows)
        assert isinstance(judge(*polls, twins=(by_hand,), linked=(N2,)), Hold)


def test_order_when_its_twin_is_in_doubt_too_is_held_but_absent_with_it() -> None:
    twin = replace(an_order(cl_ord_id=2), standing=OrderStatus.UNKNOWN)

    assert isinstance(judge(a_poll(READY, stated()), twins=(twin,)), Hold)
    assert judge(a_poll(READY), a_poll(READY + QUIET), twins=(twin,)) == Absent()


def test_order_when_its_twin_is_on_its_way_waits_for_that_answer() -> None:
    twin = an_order(cl_ord_id=2)

    verdict = judge(a_poll(READY, stated(), stated("0000002")), twins=(twin,))

    assert verdict == Wait(READY + QUIET)


def test_order_when_only_its_fills_show_is_found_by_all_of_them() -> None:
    fills = executed(60, "F1"), executed(40, "F2")

    assert judge(a_poll(READY, executions=fills)) == Found(N1)
    twice = a_poll(READY, executions=fills), a_poll(READY + QUIET, executions=fills)
    assert judge(*twice) == Found(N1)


def test_order_when_fills_could_be_part_of_it_is_held() -> None:
    assert isinstance(judge(a_poll(READY, executions=(executed(60),))), Hold)


@pytest.mark.parametrize(
    "fill",
    [
        executed(101),
        executed(100, px=10_001),
        executed(100, order=an_order(side=Side.SELL)),
        executed(100, order=an_order(symbol=HYNIX)),
    ],
)
def test_order_when_fills_cannot_be_its_own_is_absent(fill: StatedExecution) -> None:
    fills = (fill,)

    polls = a_poll(READY, executions=fills), a_poll(READY + QUIET, executions=fills)
    assert judge(*polls) == Absent()


def test_order_when_fills_are_of_a_listed_order_of_other_terms_is_absent() -> None:
    other, fills = stated(order_qty=200, cum_qty=100), (executed(100),)

    polls = [a_poll(asked_at, other, executions=fills) for asked_at in (READY, READY + QUIET)]
    assert judge(*polls) == Absent()


def test_order_when_fills_have_an_owner_that_no_list_shows_is_absent() -> None:
    fills = (executed(100),)

    polls = a_poll(READY, executions=fills), a_poll(READY + QUIET, executions=fills)
    assert judge(*polls, linked=(N1,)) == Absent()


def test_market_order_when_fills_show_may_have_any_price() -> None:
    order = an_order(price=None)

    assert judge(a_poll(READY, executions=(executed(100, px=1),)), order=order) == Found(N1)


def test_sale_when_fills_are_below_its_price_is_absent() -> None:
    order = an_order(side=Side.SELL)
    fills = (executed(100, px=9_990, order=order),)

    polls = a_poll(READY, executions=fills), a_poll(READY + QUIET, executions=fills)
    assert judge(*polls, order=order) == Absent()


def test_order_when_the_broker_names_our_number_is_found_at_once() -> None:
    rows = stated("0000002"), stated(cl_ord_id=1)

    verdict = judge(a_poll(SENT, *rows), client_id=ClientIdSupport.ECHOED)

    assert verdict == Found(N1)


def test_order_when_the_broker_names_our_number_is_found_under_its_first() -> None:
    replaced = stated("0000002", orig="0000001", cl_ord_id=1)

    verdict = judge(a_poll(SENT, replaced, stated(status=S.REPLACED, cl_ord_id=1)))

    assert verdict == Found(N1)


def test_order_when_the_broker_names_our_number_is_not_taken_for_one_by_hand() -> None:
    polls = a_poll(READY, stated()), a_poll(READY + QUIET, stated())
    by_hand = replace(an_order(cl_ord_id=9), sleeve_id=EXTERNAL_SLEEVE)

    verdict = judge(*polls, client_id=ClientIdSupport.ECHOED, twins=(by_hand,))

    assert verdict == Absent()


# ── cancels and replaces ─────────────────────────────────────────────────────────────────

CANCEL = Request(ClOrdId(2), RequestKind.CANCEL)
REPLACE = Request(ClOrdId(2), RequestKind.REPLACE, 9_900, 80)


def asked(request: Request, *fills: ExecutionReport) -> Order:
    """Return an order at the broker with an open request."""
    order = an_order().apply(a_report(order_id=N1)).request(request)
    for fill in fills:
        order = order.apply(fill)
    return order


def told(
    request: Request, *polls: Poll, order: Order | None = None, linked: tuple[OrderId, ...] = (N1,)
) -> tuple[ExecutionReport, ...] | Wait | Hold:
    of = asked(request) if order is None else order
    return judge_request(of, request, SENT, QUIET, polls, linked)


def ends(verdict: tuple[ExecutionReport, ...] | Wait | Hold) -> list[tuple[ExecType, int | None]]:
    assert isinstance(verdict, tuple)
    return [(report.exec_type, report.request_id) for report in verdict]


@pytest.mark.parametrize("request_", [CANCEL, REPLACE])
def test_request_when_the_order_works_on_unchanged_was_refused_after_two_readings(
    request_: Request,
) -> None:
    one, two = a_poll(READY, stated()), a_poll(READY + QUIET, stated())

    assert told(request_) == Wait(READY)
    assert told(request_, a_poll(READY - 1, stated())) == Wait(READY)
    assert told(request_, one) == Wait(READY + QUIET)
    assert ends(told(request_, one, two)) == [(ExecType.CANCEL_REJECTED, 2)]


def test_cancel_when_the_list_shows_it_is_done_at_once() -> None:
    verdict = told(CANCEL, a_poll(SENT, stated(status=S.CANCELED)))

    assert ends(verdict) == [(ExecType.CANCELED, 2)]
    assert isinstance(verdict, tuple)
    after = asked(CANCEL).apply(verdict[0])
    assert (after.status, after.requests) == (OrderStatus.CANCELED, ())


def test_cancel_when_fills_are_missing_waits_for_them() -> None:
    poll = a_poll(READY, stated(status=S.CANCELED, cum_qty=30))

    assert told(CANCEL, poll) == Wait(READY)
    filled = asked(CANCEL, a_fill(30))
    assert ends(told(CANCEL, poll, order=filled)) == [(ExecType.CANCELED, 2)]


def test_cancel_when_fills_go_on_missing_over_a_quiet_period_is_held() -> None:
    row = stated(status=S.CANCELED, cum_qty=30)
    first, last = a_poll(READY, row), a_poll(READY + QUIET, row)

    assert told(CANCEL, a_poll(READY - 1, row), last) == Wait(READY + QUIET)
    assert isinstance(told(CANCEL, first, last), Hold)
    assert ends(told(CANCEL, first, last, order=asked(CANCEL, a_fill(30)))) == [
        (ExecType.CANCELED, 2)
    ]


def test_cancel_when_each_list_counts_more_than_the_book_has_by_then_waits() -> None:
    first = a_poll(READY, stated(cum_qty=30))
    last = a_poll(READY + QUIET, stated(cum_qty=50))

    assert told(CANCEL, first, last, order=asked(CANCEL, a_fill(30))) == Wait(READY + QUIET)


def test_cancel_when_only_lists_of_another_day_show_it_done_waits() -> None:
    poll = a_poll(READY, stated(status=S.CANCELED), day=DAY_2)

    assert told(CANCEL, poll) == Wait(READY)


@pytest.mark.parametrize("status", [S.EXPIRED, S.REJECTED])
@pytest.mark.parametrize("request_", [CANCEL, REPLACE])
def test_request_when_the_order_ended_otherwise_was_too_late(
    request_: Request, status: StatedStatus
) -> None:
    verdict = told(request_, a_poll(SENT, stated(status=status)))

    assert ends(verdict) == [(ExecType.CANCEL_REJECTED, 2)]


def test_cancel_when_the_book_has_closed_the_order_is_answered_without_a_list() -> None:
    closed = asked(CANCEL, a_fill(100))

    assert ends(told(CANCEL, order=closed)) == [(ExecType.CANCEL_REJECTED, 2)]


def test_request_when_the_order_is_not_listed_is_held() -> None:
    verdict = told(CANCEL, a_poll(READY), a_poll(READY + QUIET))

    assert told(CANCEL, a_poll(READY)) == Wait(READY + QUIET)
    assert isinstance(verdict, Hold)


def replaced_rows(cum_qty: int = 0) -> tuple[StatedOrder, StatedOrder]:
    old = stated(status=S.REPLACED, cum_qty=cum_qty)
    return old, stated("0000002", cum_qty=cum_qty, order_qty=80, price=9_900, orig="0000001")


def test_replace_when_the_list_shows_the_new_number_is_done_on_those_terms() -> None:
    verdict = told(REPLACE, a_poll(SENT, *replaced_rows()))

    assert ends(verdict) == [(ExecType.REPLACED, 2)]
    assert isinstance(verdict, tuple)
    after = asked(REPLACE).apply(verdict[0])
    assert (after.price, after.order_qty, after.requests) == (9_900, 80, ())
    assert after.order_ids == (N1, N2)


def test_replace_when_part_was_filled_before_counts_it_in_the_whole_quantity() -> None:
    poll = a_poll(SENT, *replaced_rows(cum_qty=30))

    assert told(REPLACE, poll) == Wait(SENT)
    verdict = told(REPLACE, poll, order=asked(REPLACE, a_fill(30)))
    assert isinstance(verdict, tuple)
    assert verdict[0].order_qty == 80


def test_replace_when_the_book_has_its_terms_already_is_answered() -> None:
    (report,) = _reports(told(REPLACE, a_poll(SENT, *replaced_rows())))
    without_request = replace(report, request_id=None)
    order = asked(REPLACE).apply(without_request)
    assert order.requests == (REPLACE,)

    verdict = told(REPLACE, a_poll(SENT, *replaced_rows()), order=order)

    assert ends(verdict) == [(ExecType.REPLACED, 2)]


def test_replace_when_a_person_changed_the_order_first_goes_on_as_the_person_wished() -> None:
    old, new = replaced_rows()
    other = replace(new, price=9_700)

    (report,) = _reports(told(REPLACE, a_poll(SENT, old, other)))

    assert (report.exec_type, report.price, report.request_id) == (ExecType.REPLACED, 9_700, 2)


def test_second_replace_when_the_list_shows_only_the_first_was_refused() -> None:
    (report,) = _reports(told(REPLACE, a_poll(SENT, *replaced_rows())))
    second = Request(ClOrdId(3), RequestKind.REPLACE, 9_800, 80)
    order = asked(REPLACE).apply(report).request(second)
    polls = [a_poll(asked_at, *replaced_rows()) for asked_at in (READY, READY + QUIET)]

    assert ends(told(second, *polls, order=order)) == [(ExecType.CANCEL_REJECTED, 3)]


def test_replace_when_the_new_number_is_another_order_s_waits() -> None:
    verdict = told(REPLACE, a_poll(READY, *replaced_rows()), linked=(N1, N2))

    assert verdict == Wait(READY + QUIET)


def test_replace_when_the_old_number_is_void_and_no_new_one_shows_is_held() -> None:
    old, _ = replaced_rows()

    assert isinstance(told(REPLACE, a_poll(READY, old), a_poll(READY + QUIET, old)), Hold)


def _reports(verdict: tuple[ExecutionReport, ...] | Wait | Hold) -> tuple[ExecutionReport, ...]:
    assert isinstance(verdict, tuple)
    return verdict


# ── what is kept of the readings ─────────────────────────────────────────────────────────


def test_readings_when_old_and_alike_are_left_out_but_for_what_each_showed() -> None:
    showed = [a_poll(at, stated()) for at in range(0, 30, 10)]
    empty = [a_poll(at) for at in range(30, 100, 10)]

    assert [poll.asked_at for poll in thinned([*showed, *empty], 20)] == [20, 70, 80, 90]


def test_readings_when_far_apart_leave_two_of_each_day() -> None:
    polls = [a_poll(at, day=day) for at in (0, 100, 200) for day in (DAY_1, DAY_2)]

    kept = thinned(polls, 5)

    assert [(poll.asked_at, poll.day) for poll in kept] == [
        (100, DAY_1), (100, DAY_2), (200, DAY_1), (200, DAY_2),
    ]  # fmt: skip


def test_order_when_readings_are_thinned_as_they_come_is_absent_all_the_same() -> None:
    kept: list[Poll] = []
    for asked_at in range(SENT, READY + 10 * QUIET, 3 * QUIET):
        kept = thinned([*kept, a_poll(asked_at)], QUIET)

    assert judge(*kept) == Absent()
