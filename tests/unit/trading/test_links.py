"""The broker's numbers and ours."""

from __future__ import annotations

from msgspec.structs import replace

from maemae.domain.ids import ClOrdId, ExecId, OrderId
from maemae.domain.instant import DAY
from maemae.domain.order_status import ExecType
from maemae.domain.statement import Notice
from maemae.domain.terms import Side
from maemae.trading.links import Links, broker_exec_id, exec_id_of
from tests.builders import ACCOUNT, DAY_1, DAY_2, DAY_3, NOON, SAMSUNG, an_order

N1, N2, N3 = OrderId("0000001"), OrderId("0000002"), OrderId("0000003")
ONE, TWO = ClOrdId(1), ClOrdId(2)


def a_notice(
    order_id: OrderId = N1, exec_type: ExecType = ExecType.TRADE, exec_id: str = "F1"
) -> Notice:
    """Return a fill of 10 shares, or what else that number is told."""
    qty = 10 if exec_type is ExecType.TRADE else 0
    return Notice(
        ACCOUNT,
        order_id,
        SAMSUNG,
        Side.BUY,
        exec_type,
        ExecId(exec_id),
        NOON,
        last_qty=qty,
        last_px=10_000 if qty else 0,
    )


def test_notice_when_its_number_is_known_is_about_our_order() -> None:
    links = Links([replace(an_order(), order_ids=(N1,))], DAY_1)

    report = links.translate(a_notice(), 0)

    assert report is not None
    assert (report.cl_ord_id, report.order_id, report.last_qty) == (1, N1, 10)


def test_notice_when_it_overtakes_the_acknowledgment_waits_for_it_once() -> None:
    links = Links((), DAY_1)
    for _ in range(10):
        assert links.translate(a_notice(), 5) is None

    assert links.parked(4, 10) == [a_notice()]
    assert links.parked(5, 10) == []
    assert links.link(N1, ONE) == [a_notice()]
    assert links.link(N1, ONE) == []


def test_notices_when_a_number_is_linked_are_released_oldest_first() -> None:
    links = Links((), DAY_1)
    notices = [a_notice(exec_id=f"F{number}") for number in range(5)]
    for notice in (*notices, a_notice(N2)):
        links.translate(notice, 0)

    assert links.link(N1, ONE) == notices
    assert links.parked(-1, 0) == [a_notice(N2)]


def test_replacement_when_told_chains_its_new_number_and_frees_its_fills() -> None:
    links = Links([replace(an_order(), order_ids=(N1,))], DAY_1)
    fill = a_notice(N2)
    assert links.translate(fill, 0) is None

    replaced = links.translate(replace(a_notice(N2, ExecType.REPLACED), orig_order_id=N1), 0)

    assert replaced is not None
    assert links.of(DAY_1).get(N2) == ONE
    assert links.release() == [fill]


def test_replacement_when_translated_with_its_fills_tells_both_at_once() -> None:
    links = Links([replace(an_order(), order_ids=(N1,))], DAY_1)
    replaced = replace(a_notice(N2, ExecType.REPLACED, "R1"), orig_order_id=N1)

    reports = links.translate_all([a_notice(N2), replaced], 0)

    kinds = [report.exec_type for report in reports]
    assert kinds == [ExecType.REPLACED, ExecType.TRADE]


def test_replacement_when_the_first_number_is_linked_late_frees_the_whole_chain() -> None:
    links = Links((), DAY_1)
    fill = a_notice(N2)
    replaced = replace(a_notice(N2, ExecType.REPLACED, "R1"), orig_order_id=N1)
    for notice in (fill, replaced):
        links.translate(notice, 0)

    assert links.link(N1, ONE) == [fill, replaced]


def test_answer_when_the_request_has_no_number_yet_waits_for_it() -> None:
    links = Links([replace(an_order(), order_ids=(N1,))], DAY_1)
    canceled = replace(a_notice(N1, ExecType.CANCELED), request_id=N3)
    assert links.translate(canceled, 0) is None

    assert links.link_request(N3, TWO, ONE) == [canceled]

    report = links.translate(canceled, 0)
    assert report is not None
    assert report.request_id == TWO
    assert links.of(DAY_1).get(N3) == ONE
    assert links.of(DAY_1).keys() == {N1, N3}


def test_notice_when_the_broker_names_our_number_needs_no_link() -> None:
    links = Links((), DAY_1)

    report = links.translate(replace(a_notice(), cl_ord_id=ONE), 0)

    assert report is not None
    assert report.cl_ord_id == ONE
    assert links.of(DAY_1).get(N1) == ONE


def test_link_when_the_broker_answers_after_a_wrong_conclusion_holds() -> None:
    links = Links((), DAY_1)
    links.link(N1, TWO)

    links.link(N1, ONE)

    assert links.of(DAY_1).get(N1) == ONE


def test_links_when_a_session_starts_forget_the_days_whose_orders_are_closed() -> None:
    links = Links([replace(an_order(), order_ids=(N1,))], DAY_1)
    links.link_request(N2, TWO, ONE)
    links.translate(a_notice(N3), 0)

    links.start_session([replace(an_order(cl_ord_id=9), at=NOON + DAY, order_ids=(N2,))], DAY_2)

    assert links.of(DAY_1) == {}
    assert links.of(DAY_2) == {N2: 9}
    assert links.parked(-1, 0) == []
    canceled = replace(a_notice(N2, ExecType.CANCELED), request_id=N2)
    assert links.translate(canceled, 0) is None
    assert links.translate(replace(canceled, at=NOON + DAY), 0) is None


def test_links_when_an_order_of_the_last_session_is_open_keep_all_numbers_of_its_day() -> None:
    left = an_order(cl_ord_id=1)
    links = Links([left], DAY_1)
    links.link(N1, TWO)  # of an order that the book forgets with its session

    links.start_session([left], DAY_2)

    assert links.of(DAY_1) == {N1: TWO}
    assert links.is_whole(DAY_1)
    assert links.is_whole(DAY_2)


def test_links_when_no_order_of_the_last_session_is_open_know_it_no_more() -> None:
    links = Links([], DAY_1)

    links.start_session([], DAY_2)

    assert not links.is_whole(DAY_1)


def test_late_notice_of_a_day_that_has_no_open_order_waits_until_the_next_session() -> None:
    links = Links([replace(an_order(), order_ids=(N1,))], DAY_1)
    links.start_session([], DAY_2)
    links.link(N1, TWO)  # the number is used again

    assert links.translate(a_notice(), 0) is None
    waiting = links.parked(-1, 0)
    links.start_session([], DAY_3)

    assert waiting == [a_notice()]
    assert links.parked(-1, 0) == []


def test_late_notice_that_names_our_number_links_the_broker_s_in_its_own_day() -> None:
    links = Links([an_order()], DAY_1)
    links.start_session([an_order()], DAY_2)

    assert links.translate(replace(a_notice(), cl_ord_id=ONE), 0) is not None

    assert links.of(DAY_1) == {N1: ONE}
    assert links.of(DAY_2) == {}


def test_links_when_restarted_into_another_session_do_not_claim_to_know_the_last_whole() -> None:
    left = replace(an_order(), order_ids=(N1,))
    links = Links([left], DAY_2)

    assert links.of(DAY_1) == {N1: ONE}
    assert not links.is_whole(DAY_1)


def test_notice_of_another_day_is_never_about_the_order_that_had_its_number_before() -> None:
    links = Links([replace(an_order(), order_ids=(N1,))], DAY_1)
    today = replace(a_notice(), at=NOON + DAY)

    assert links.translate(today, 0) is None

    links.start_session([replace(an_order(), order_ids=(N1,))], DAY_2)
    assert links.parked(-1, 0) == [today]
    assert links.link(N1, TWO) == [today]
    report = links.translate(today, 0)
    assert report is not None
    assert report.cl_ord_id == TWO


def test_late_notice_of_the_day_before_is_about_the_order_of_that_day() -> None:
    links = Links([replace(an_order(), order_ids=(N1,))], DAY_1)
    links.start_session([replace(an_order(), order_ids=(N1,))], DAY_2)
    links.link(N1, TWO)

    report = links.translate(a_notice(), 0)

    assert report is not None
    assert report.cl_ord_id == ONE


def test_answer_of_another_day_is_not_that_to_a_request_of_the_same_number() -> None:
    links = Links([replace(an_order(), order_ids=(N1,))], DAY_1)
    links.link_request(N3, TWO, ONE)
    named = replace(a_notice(N1, ExecType.CANCELED), request_id=N3, cl_ord_id=ONE)

    assert links.translate(replace(named, at=NOON + DAY), 0) is None
    assert links.translate(named, 0) is not None


def test_links_when_two_orders_have_one_number_mean_the_newer() -> None:
    older, newer = (replace(an_order(cl_ord_id=number), order_ids=(N1,)) for number in (1, 2))

    assert Links([newer, older], DAY_1).of(DAY_1)[N1] == TWO


def test_notices_of_a_number_when_taken_wait_no_more() -> None:
    links = Links((), DAY_1)
    about_it = replace(a_notice(N2, ExecType.REPLACED, "R1"), orig_order_id=N1)
    for notice in (a_notice(), about_it, a_notice(N3)):
        links.translate(notice, 0)

    assert links.take(N1, DAY_2) == []
    assert links.take(N1, DAY_1) == [a_notice(), about_it]
    assert links.parked(-1, 0) == [a_notice(N3)]


def test_exec_id_on_another_day_or_of_another_order_is_another() -> None:
    told = ExecId("F1")
    same = exec_id_of(ACCOUNT, ONE, told, NOON)

    assert broker_exec_id(ACCOUNT, ONE, same, NOON) == told
    assert same == exec_id_of(ACCOUNT, ONE, told, NOON + 1)
    assert same != exec_id_of(ACCOUNT, ONE, told, NOON + DAY)
    assert same != exec_id_of(ACCOUNT, TWO, told, NOON)


def test_bust_names_the_fill_as_the_fill_names_itself() -> None:
    links = Links([replace(an_order(), order_ids=(N1,))], DAY_1)
    fill = links.translate(a_notice(), 0)
    bust = a_notice(N1, ExecType.TRADE_CANCEL, "B1")

    report = links.translate(replace(bust, exec_ref_id=ExecId("F1")), 0)

    assert fill is not None
    assert report is not None
    assert report.exec_ref_id == fill.exec_id
