"""What a person takes back while it waits: it, its working orders, and nothing beside it."""

from __future__ import annotations

import msgspec
import pytest

from maemae.core.actions import Action, CancelOrder, RebalanceEnded, SubmitOrder
from maemae.core.events import Event, PhaseChanged, TimePassed, WishWithdrawn
from maemae.core.machine import TradingCore
from maemae.core.parent_facts import ParentEnd, ParentEnded
from maemae.core.state import CoreState
from maemae.domain.errors import InvalidValueError
from maemae.domain.ids import IntentId
from maemae.domain.instant import MINUTE
from maemae.domain.intent import ParentIntent, TargetWeights
from maemae.domain.parent import Crossing, Slice
from maemae.krx.session import Phase
from tests.builders import (
    ACCOUNT,
    NOON,
    SAMSUNG,
    SLEEVE,
    a_config,
    a_core,
    a_fill,
    a_price,
    a_report,
    an_intent,
    feed,
    hold,
)

RISES = Crossing(10_500, above=True)
OTHER = ParentIntent(an_intent(intent_id="S:other"), crossing=RISES)
HOURS = 60 * MINUTE


def withdrawal(number: str = "S:1") -> WishWithdrawn:
    return WishWithdrawn(IntentId(number), NOON)


def orders_of(actions: list[Action]) -> int:
    return sum(isinstance(action, SubmitOrder) for action in actions)


@pytest.mark.parametrize(
    ("wish", "comes"),
    [
        (ParentIntent(an_intent(intent_id="S:1"), crossing=RISES), a_price(10_500)),
        (ParentIntent(an_intent(intent_id="S:1"), NOON + MINUTE), TimePassed(NOON + MINUTE)),
    ],
    ids=["conditional", "scheduled"],
)
def test_parent_when_taken_back_goes_no_more_and_others_do(
    wish: ParentIntent, comes: Event
) -> None:
    assert orders_of(a_core(wish).handle(comes)) == 1  # it would have gone

    core = a_core(wish, OTHER)
    (ended,) = core.handle(withdrawal())

    assert isinstance(ended, ParentEnded)
    assert (ended.intent_id, ended.end) == ("S:1", ParentEnd.WITHDRAWN)
    assert list(core.state.parents) == ["S:other"]
    sent = [a for a in feed(core, comes, a_price(10_500)) if isinstance(a, SubmitOrder)]
    assert [action.order.intent_id for action in sent] == ["S:other:0"]


def test_twap_when_taken_back_is_canceled_where_it_works_and_keeps_what_it_got() -> None:
    twap = ParentIntent(an_intent(intent_id="S:1"), slices=(Slice(after=MINUTE),) * 3)
    core = a_core(twap, a_report(), a_fill(1, 10_000, "F1", 1, NOON))

    ended, cancel = core.handle(withdrawal())

    assert isinstance(ended, ParentEnded)
    assert (ended.qty, ended.filled, ended.working, ended.missed) == (10, 1, 3, 6)
    assert isinstance(cancel, CancelOrder)
    assert cancel.orig_cl_ord_id == 1
    assert orders_of(feed(core, TimePassed(NOON + HOURS))) == 0


def test_parked_wish_when_taken_back_is_not_sent_when_the_market_opens() -> None:
    core = a_core(an_intent(intent_id="S:1"), an_intent(intent_id="S:2"), phase=Phase.CLOSED)

    feed(core, withdrawal())

    assert [parked.intent_id for parked in core.state.parked] == ["S:2"]
    assert orders_of(feed(core, PhaseChanged(Phase.CONTINUOUS, NOON))) == 1


def test_parked_wish_when_told_again_after_it_was_taken_back_stays_away() -> None:
    core = a_core(an_intent(intent_id="S:1"), phase=Phase.CLOSED)

    feed(core, withdrawal(), an_intent(intent_id="S:1"))

    assert core.state.parked == []


def test_rebalancing_when_taken_back_buys_nothing_and_its_sales_are_canceled() -> None:
    core = a_core()
    hold(core, 100)
    wish = TargetWeights(IntentId("S:1"), ACCOUNT, SLEEVE, ((SAMSUNG, 10_000),), NOON)
    assert orders_of(core.handle(wish)) == 1

    ended, cancel = core.handle(withdrawal())

    assert isinstance(ended, RebalanceEnded)
    assert isinstance(cancel, CancelOrder)
    assert core.state.rebalances == {}


@pytest.mark.parametrize("twice", [False, True])
def test_wish_that_does_not_wait_is_one_sentence_and_changes_nothing(*, twice: bool) -> None:
    core = a_core(OTHER, ParentIntent(an_intent(intent_id="S:1"), crossing=RISES))
    if twice:
        feed(core, withdrawal())
    before = msgspec.msgpack.encode(core.state)

    with pytest.raises(InvalidValueError, match="maemae orders"):
        core.handle(withdrawal("S:1" if twice else "S:9"))

    assert msgspec.msgpack.encode(core.state) == before


def test_withdrawal_in_the_journal_makes_the_same_book_again() -> None:
    event, core = withdrawal(), a_core(OTHER, ParentIntent(an_intent(intent_id="S:1")))
    state = msgspec.msgpack.decode(msgspec.msgpack.encode(core.state), type=CoreState)
    again = TradingCore(a_config(), state)
    kept = msgspec.msgpack.decode(msgspec.msgpack.encode(event), type=Event)

    again.repeat(kept, core.handle(event))

    assert msgspec.msgpack.encode(again.state) == msgspec.msgpack.encode(core.state)
