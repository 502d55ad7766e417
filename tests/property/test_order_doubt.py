"""Whatever a broker without our numbers does, no order is sent twice, lost or mistaken."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from maemae.domain.ids import OrderId
from maemae.domain.order import Order
from maemae.domain.statement import StatedStatus
from maemae.trading.doubt import Absent, Found, Hold, Poll, Verdict, judge_order
from maemae.trading.outbox import Outbox
from tests.forgetful_broker import BY_HAND, QUIET, Fate, Sender, Wish, by_the_protocol, faults, play

PRICES = st.sampled_from([9_900, 10_000])
SLOW = st.integers(0, 2 * QUIET - 3)  # slower than it promises, by less than the second reading

alone = st.lists(
    st.builds(Wish, PRICES, st.sampled_from(Fate), SLOW, st.booleans()), min_size=1, max_size=4
)
with_twins = st.lists(
    st.builds(
        Wish,
        PRICES,
        st.just(Fate.LOST),
        st.integers(0, QUIET),
        st.booleans(),
        st.none() | st.integers(0, 3 * QUIET),
    )
    | st.builds(Wish, PRICES, st.just(Fate.ANSWERED), st.integers(0, QUIET), st.booleans()),
    min_size=1,
    max_size=3,
)


@given(alone, st.integers(1, 3))
def test_orders_when_answers_are_lost_are_each_sent_once_and_found(
    wishes: list[Wish], poll_every: int
) -> None:
    assert faults(play(wishes, Sender(poll_every=poll_every))) == []


@given(with_twins, st.lists(st.tuples(st.integers(0, 40), PRICES), max_size=2))
def test_orders_when_a_person_places_the_same_are_never_mistaken(
    wishes: list[Wish], by_hand: list[tuple[int, int]]
) -> None:
    assert faults(play(wishes, Sender(), by_hand)) == []


@given(alone)
def test_orders_when_a_person_placed_the_same_before_are_held(wishes: list[Wish]) -> None:
    price = wishes[0].price

    world = play(wishes, Sender(), by_hand=[(0, price)])

    assert faults(world) == []
    doubtful = [
        owner
        for owner, wish in enumerate(wishes)
        if wish.price == price and wish.fate is not Fate.ANSWERED
    ]
    assert world.held == set(doubtful[:1])  # the others wait behind it, unsent
    assert not any(listed.owner in doubtful[1:] for listed in world.ledger)


def without_quiet_period(
    order: Order,
    sent_at: int,
    polls: Sequence[Poll],
    linked: frozenset[OrderId],
    twins: Sequence[Order],
) -> Verdict:
    return judge_order(order, sent_at, 0, polls, linked, twins)


def by_one_poll(
    order: Order,
    sent_at: int,
    polls: Sequence[Poll],
    linked: frozenset[OrderId],
    twins: Sequence[Order],
) -> Verdict:
    verdict = by_the_protocol(order, sent_at, polls, linked, twins)
    if isinstance(verdict, Found | Hold) or polls[-1].asked_at < sent_at + QUIET:
        return verdict
    return Absent()


def by_open_orders_only(
    order: Order,
    sent_at: int,
    polls: Sequence[Poll],
    linked: frozenset[OrderId],
    twins: Sequence[Order],
) -> Verdict:
    working = [
        Poll(
            poll.asked_at,
            poll.day,
            tuple(row for row in poll.orders if row.status is StatedStatus.WORKING),
            (),
        )
        for poll in polls
    ]
    return by_the_protocol(order, sent_at, working, linked, twins)


def without_twins(
    order: Order,
    sent_at: int,
    polls: Sequence[Poll],
    linked: frozenset[OrderId],
    twins: Sequence[Order],
) -> Verdict:
    return by_the_protocol(order, sent_at, polls, linked, ())


def by_the_first_that_looks_like_it(
    order: Order,
    sent_at: int,
    polls: Sequence[Poll],
    linked: frozenset[OrderId],
    twins: Sequence[Order],
) -> Verdict:
    verdict = by_the_protocol(order, sent_at, polls, linked, twins)
    if not isinstance(verdict, Hold):
        return verdict
    alike = [
        row.order_id
        for poll in polls
        for row in poll.orders
        if row.price == order.price and row.order_id not in linked
    ]
    return Found(alike[-1]) if alike else verdict


class SlotlessOutbox(Outbox):
    """Sends orders that look the same one after another."""

    def hold(self, cl_ord_id: object, fingerprint: str) -> None:
        """Hold nothing."""


MUTANTS = {
    "no quiet period": (Sender(without_quiet_period, poll_every=1), alone),
    "one poll": (Sender(by_one_poll, poll_every=1), alone),
    "only open orders": (Sender(by_open_orders_only), alone),
    "no slots": (Sender(without_twins, SlotlessOutbox), alone),
    "any twin will do": (Sender(by_the_first_that_looks_like_it), with_twins),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_checker_when_the_protocol_is_naive_finds_a_fault(name: str) -> None:
    sender, worlds = MUTANTS[name]

    wishes = find(
        worlds,
        lambda wishes: bool(faults(play(wishes, sender))),
        settings=settings(max_examples=4_000, database=None, phases=[Phase.generate]),
    )

    assert faults(play(wishes, Sender(poll_every=sender.poll_every))) == []


def test_orders_when_ours_was_dropped_and_a_person_places_the_same_meanwhile_are_mistaken() -> None:
    # Nothing in the lists tells the two apart: the limit of counting, written down here.
    wish = Wish(10_000, Fate.DROPPED, twin_after=2)

    world = play([wish], Sender())

    assert faults(world) == [f"order 0 is taken to be one of {BY_HAND}"]
    assert all(listed.owner == BY_HAND for listed in world.ledger)  # yet nothing is sent twice
