"""Any parent order, and what must hold of those that a book knows."""

from __future__ import annotations

from hypothesis import strategies as st
from msgspec.structs import replace

from maemae.core.actions import Action
from maemae.core.parent_facts import ParentEnded
from maemae.core.state import CoreState
from maemae.domain.instant import SECOND
from maemae.domain.intent import OrderIntent, ParentIntent
from maemae.domain.parent import Crossing, Slice

LEVELS = st.integers(700, 1_300).map(lambda tens: tens * 10)
SLICES = st.one_of(
    st.builds(Slice, st.integers(1, 5), after=st.integers(0, 3).map(lambda secs: secs * SECOND)),
    st.builds(Slice, st.integers(1, 5), beyond=st.integers(1, 90_000)),
    st.builds(Slice, st.integers(1, 5), price=LEVELS),
    st.builds(Slice, st.integers(1, 5), follows=st.sampled_from([True])),
)
WAYS = st.tuples(
    st.sampled_from(["now", "later", "crossing"]),
    st.builds(Crossing, LEVELS, st.booleans()),
    st.lists(SLICES, min_size=1, max_size=4).map(tuple),
    st.integers(1, 2),
)


def parent_of(
    order: OrderIntent, way: tuple[str, Crossing, tuple[Slice, ...], int]
) -> ParentIntent:
    """Return a parent of a wish."""
    kind, crossing, slices, sessions = way
    starts_at = order.at + 2 * SECOND if kind == "later" else 0
    whole = replace(order, intent_id=f"P-{order.intent_id}")
    return ParentIntent(
        whole, starts_at, crossing if kind == "crossing" else None, slices, sessions
    )


def check_parents(state: CoreState, actions: list[Action]) -> None:
    """Check every index, and that no share of a parent is lost or counted twice."""
    for intent_id, parent in state.parents.items():
        assert intent_id == parent.intent.intent_id
        assert [number for number, owner in state.children.items() if owner == intent_id] == list(
            parent.working
        )
        assert all(not state.orders[number].is_closed for number in parent.working)
        working = [state.orders[number] for number in parent.working]
        assert parent.filled >= 0
        sent = sum(part.qty for part in parent.parts[: parent.sent])
        as_sent = [order.order_qty for order in working if order.terms_at < 0]
        assert sum(as_sent) <= sent  # a person may have made another one larger
        is_waiting = parent.intent.crossing is not None and not parent.parts
        assert is_waiting is (intent_id in state.crossings.get(parent.intent.symbol, ()))
        assert (f"PARENT\t{intent_id}" in state.due) is (parent.next_at is not None)
    assert set(state.children.values()) <= state.parents.keys()
    assert all(state.crossings.values())
    for action in actions:
        if isinstance(action, ParentEnded):
            assert min(action.qty, action.filled, action.working) >= 0
            assert action.qty == action.filled + action.working + action.missed
