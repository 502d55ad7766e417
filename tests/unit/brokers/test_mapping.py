"""The simulated broker's mapping: every refusal has a meaning, and only a number is a number."""

from __future__ import annotations

import pytest

from maemae.brokers.sim.codes import MEANINGS, PROVED
from maemae.brokers.sim.mapping import (
    cancel_from_request,
    order_id_from_reply,
    replace_from_request,
    submit_from_order,
    traits_from_welcome,
)
from maemae.brokers.sim.messages import Done, ErrorCode, Pong, Refused, Taken, Traits, Welcome
from maemae.core.actions import CancelOrder, ReplaceOrder
from maemae.domain.errors import NotAcceptedError, OutcomeUnknownError
from maemae.domain.ids import AccountId, ClOrdId, OrderId
from maemae.domain.order_status import ExecType
from maemae.domain.terms import Mode, Side, TimeInForce
from maemae.ports import ClientIdSupport
from tests.builders import a_report, an_order


def test_submit_says_what_the_order_says() -> None:
    order = an_order(30, 9_000, Side.SELL, cl_ord_id=5, time_in_force=TimeInForce.IOC)
    sent = submit_from_order(order)
    for name in (
        *("cl_ord_id", "account_id", "symbol", "side", "ord_type", "time_in_force"),
        *("price", "order_qty"),
    ):
        assert getattr(sent, name) == getattr(order, name)


def test_requests_name_the_newest_number_of_the_order() -> None:
    order = an_order().apply(a_report(order_id="0000000001"))
    order = order.apply(
        a_report(ExecType.REPLACED, order_id="0000000002", price=9_000, order_qty=100)
    )
    asked = OrderId("0000000001")
    cancel = cancel_from_request(order, CancelOrder(ClOrdId(2), ClOrdId(1), asked, 0))
    replace = replace_from_request(order, ReplaceOrder(ClOrdId(3), ClOrdId(1), asked, 9, 8, 0))
    assert (cancel.cl_ord_id, cancel.order_id) == (2, "0000000002")
    assert (replace.order_id, replace.price, replace.order_qty) == ("0000000002", 9, 8)


def test_request_when_the_number_is_not_known_is_not_sent() -> None:
    with pytest.raises(NotAcceptedError) as refused:
        cancel_from_request(an_order(), CancelOrder(ClOrdId(2), ClOrdId(1), None, 0))
    assert not refused.value.resend


@pytest.mark.parametrize("code", list(ErrorCode))
def test_every_refusal_has_a_sentence_and_a_verdict(code: ErrorCode) -> None:
    assert MEANINGS[code].ko
    kind = NotAcceptedError if code in PROVED else OutcomeUnknownError
    with pytest.raises(kind):
        order_id_from_reply(Refused(1, code, "text"))


def test_refusal_for_the_rate_proves_nothing() -> None:
    assert frozenset(ErrorCode) - PROVED == {ErrorCode.RATE}


@pytest.mark.parametrize(
    "number",
    [
        "",
        " ",
        "0",
        "-308",
        "000000001",
        "00000000001",
        "0000000000",
        "００００００００１２",
        "abcdefghij",
    ],
)
def test_number_when_it_cannot_be_one_leaves_the_order_in_doubt(number: str) -> None:
    with pytest.raises(OutcomeUnknownError):
        order_id_from_reply(Taken(1, OrderId(number)))


@pytest.mark.parametrize("reply", [Done(1), Pong(1, 0)])
def test_answer_when_of_another_kind_leaves_the_order_in_doubt(reply: Done | Pong) -> None:
    with pytest.raises(OutcomeUnknownError):
        order_id_from_reply(reply)


def test_number_when_it_is_one_is_returned() -> None:
    assert order_id_from_reply(Taken(1, OrderId("0000000012"))) == "0000000012"


@pytest.mark.parametrize("mode", list(Mode))
def test_mode_is_what_the_server_reports(mode: Mode) -> None:
    traits = Traits(mode, ClientIdSupport.ECHOED, 5, 3, 2)
    said = traits_from_welcome(Welcome(1, (AccountId("A"),), traits, 0, 1))
    assert (said.mode, said.client_id) == (mode, ClientIdSupport.ECHOED)
    assert (said.quiet_period, said.orders_per_sec, said.queries_per_sec) == (5, 3, 2)
    assert said.fences
