"""The answer to a command says what followed: numbers, refusals in words, or waiting."""

from __future__ import annotations

from maemae.core.actions import Action, CancelOrder, IntentParked, IntentRefused, SubmitOrder
from maemae.domain.ids import ClOrdId, IntentId
from maemae.domain.intent import OrderIntent, Shares
from maemae.domain.refusal import Reason, Refusal
from maemae.domain.terms import Side
from maemae.trading.control.replies import Accepted, accepted
from tests.builders import ACCOUNT, SAMSUNG, SLEEVE, an_order


def test_reply_names_the_numbers_of_what_leaves() -> None:
    actions: list[Action] = [
        SubmitOrder(an_order(cl_ord_id=4)),
        CancelOrder(ClOrdId(5), ClOrdId(4), None, 1),
    ]

    assert accepted("k", actions) == Accepted("k", (ClOrdId(4), ClOrdId(5)))


def test_reply_says_every_refusal_in_words() -> None:
    refusals = (Refusal(Reason.KILLED), Refusal(Reason.OFF_TICK, 101, 5))
    refused = IntentRefused(IntentId("i"), ACCOUNT, SLEEVE, SAMSUNG, refusals, 1)

    reply = accepted("k", [refused])

    assert reply.numbers == ()
    assert reply.refusals == tuple(refusal.text for refusal in refusals)


def test_reply_says_that_the_wish_waits() -> None:
    wish = OrderIntent(IntentId("i"), ACCOUNT, SLEEVE, SAMSUNG, Side.BUY, Shares(1), 1)

    assert accepted("k", [IntentParked(wish)]).is_parked
