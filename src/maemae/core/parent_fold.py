"""How the facts of parent orders change the state, and the indexes that find them again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec.structs import replace

from maemae.core.parent_facts import (
    ParentBegun,
    ParentEnded,
    ParentStarted,
    ParentTaken,
    Part,
    SliceEnded,
    SliceSent,
)
from maemae.core.state import CoreState, Due, Parent
from maemae.domain.ids import IntentId


def _taken(state: CoreState, action: ParentTaken) -> None:
    intent = action.intent
    state.taken[intent.intent_id] = True
    if intent.crossing is not None:
        state.crossings.setdefault(intent.symbol, []).append(intent.intent_id)
    _put(state, Parent(intent, intent.sessions))


def _begun(state: CoreState, action: ParentBegun) -> None:
    _put(state, replace(state.parents[action.intent_id], is_begun=True))


def _started(state: CoreState, action: ParentStarted) -> None:
    parent = state.parents[action.intent_id]
    _forget_crossing(state, parent)
    _put(state, replace(parent, parts=action.parts))


def _sent(state: CoreState, action: SliceSent) -> None:
    parent = state.parents[action.intent_id]
    number, working = action.cl_ord_id, parent.working
    if number is not None:
        state.children[number] = action.intent_id
        working = (*working, number)
    _put(state, replace(parent, sent=parent.sent + 1, sent_at=action.at, working=working))


def _ended(state: CoreState, action: SliceEnded) -> None:
    parent = state.parents[state.children.pop(action.cl_ord_id)]
    working = tuple(number for number in parent.working if number != action.cl_ord_id)
    parts = parent.parts
    if action.again:
        order = state.orders[action.cl_ord_id]
        parts = (*parts, Part(action.again, order.price, is_again=True))
    _put(
        state,
        replace(parent, working=working, parts=parts, filled=parent.filled + action.filled),
    )


def _parent_ended(state: CoreState, action: ParentEnded) -> None:
    parent = state.parents.pop(action.intent_id)
    for number in parent.working:
        state.children.pop(number, None)
    _forget_crossing(state, parent)
    state.due.pop(_due_key(action.intent_id), None)


def _put(state: CoreState, parent: Parent) -> None:
    """Put the next value of a parent in place, and note when the clock concerns it."""
    intent_id = parent.intent.intent_id
    state.parents[intent_id] = parent
    at = parent.next_at
    if at is None:
        state.due.pop(_due_key(intent_id), None)
    else:
        state.due[_due_key(intent_id)] = Due(at, parent.intent.symbol)


def _forget_crossing(state: CoreState, parent: Parent) -> None:
    symbol, intent_id = parent.intent.symbol, parent.intent.intent_id
    waiting = state.crossings.get(symbol)
    if waiting is not None and intent_id in waiting:
        waiting.remove(intent_id)
        if not waiting:
            del state.crossings[symbol]


def count_session(state: CoreState) -> None:
    """Count a session that was open off every parent order that had begun."""
    for intent_id, parent in state.parents.items():
        if parent.is_begun:
            state.parents[intent_id] = replace(parent, sessions=parent.sessions - 1)


def _due_key(intent_id: IntentId) -> str:
    return f"PARENT\t{intent_id}"


PARENT_FOLDS: Final[Mapping[type, Callable[[CoreState, Any], None]]] = {
    ParentTaken: _taken,
    ParentBegun: _begun,
    ParentStarted: _started,
    SliceSent: _sent,
    SliceEnded: _ended,
    ParentEnded: _parent_ended,
}
