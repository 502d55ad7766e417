"""How guards and exits change the state: what leaves a position, and what it waits for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace

from maemae.core.actions import (
    ExitDoubted,
    ExitEscalated,
    ExitRefused,
    ExitStarted,
    ProtectionBlinded,
    ProtectionEnded,
    ProtectionSet,
    ProtectionSighted,
    ProtectionTriggered,
)
from maemae.core.state import CoreState, Due, Protection, Sleeve, shift, sleeve_key
from maemae.domain.ids import Symbol
from maemae.domain.terms import Cause


def _protection_set(state: CoreState, action: ProtectionSet) -> None:
    sleeve = state.get_sleeve(action.account_id, action.sleeve_id)
    before = sleeve.protections.get(action.symbol, _UNGUARDED)
    after = replace(
        before,
        stop_px=action.stop_px,
        take_px=action.take_px,
        trail=action.trail,
        leave_at=action.leave_at,
        cooldown=action.cooldown,
    )
    if (after.trail is None) is not (before.trail is None):
        shift(state.trailing, action.symbol, 1 if before.trail is None else -1)
    _guard(state, sleeve, action.symbol, after)


def _guard(state: CoreState, sleeve: Sleeve, symbol: Symbol, guard: Protection) -> None:
    sleeve.protections[symbol] = guard
    guards = state.guarded.setdefault(symbol, [])
    key = sleeve_key(sleeve.account_id, sleeve.sleeve_id)
    if key not in guards:
        guards.append(key)
    _wait_for_the_clock(state, key, symbol, guard)


def _wait_for_the_clock(state: CoreState, key: str, symbol: Symbol, guard: Protection) -> None:
    """Keep the index of what is due, which only a guard with a time stop is in."""
    name = _due_key(key, symbol)
    if guard.leave_at and guard.leaving is None:
        state.due[name] = Due(guard.leave_at, symbol)
    elif state.due:
        state.due.pop(name, None)


def _protection_triggered(state: CoreState, action: ProtectionTriggered) -> None:
    sleeve = state.get_sleeve(action.account_id, action.sleeve_id)
    guard = sleeve.protections[action.symbol]
    leaving = replace(guard, leaving=action.cause, rung=0, rung_at=-1)
    if action.cause is Cause.STOP:
        sleeve.stops_today += 1
    _guard(state, sleeve, action.symbol, leaving)


def _exit_started(state: CoreState, action: ExitStarted) -> None:
    state.taken[action.intent_id] = True
    sleeve = state.get_sleeve(action.account_id, action.sleeve_id)
    guard = sleeve.protections.get(action.symbol, _UNGUARDED)
    _guard(state, sleeve, action.symbol, replace(guard, leaving=action.cause))


def _exit_escalated(state: CoreState, action: ExitEscalated) -> None:
    guards = state.get_sleeve(action.account_id, action.sleeve_id).protections
    guards[action.symbol] = replace(guards[action.symbol], rung=action.rung, rung_at=-1)


def _exit_doubted(state: CoreState, action: ExitDoubted) -> None:
    sleeve = state.get_sleeve(action.account_id, action.sleeve_id)
    sleeve.exit_doubts[action.symbol] = action.cl_ord_id


def _exit_refused(state: CoreState, action: ExitRefused) -> None:
    sleeve = state.get_sleeve(action.account_id, action.sleeve_id)
    sleeve.exit_refusals[action.symbol] = action.reasons


def _protection_ended(state: CoreState, action: ProtectionEnded) -> None:
    sleeve = state.get_sleeve(action.account_id, action.sleeve_id)
    ended = sleeve.protections.pop(action.symbol)
    if action.cools_until is not None:
        sleeve.cooling[action.symbol] = action.cools_until
    guards = state.guarded[action.symbol]
    key = sleeve_key(action.account_id, action.sleeve_id)
    guards.remove(key)
    if ended.trail is not None:
        shift(state.trailing, action.symbol, -1)
    if state.due:
        state.due.pop(_due_key(key, action.symbol), None)
    if not guards:
        del state.guarded[action.symbol]
        state.blinded.pop(action.symbol, None)


def _blinded(state: CoreState, action: ProtectionBlinded) -> None:
    state.blinded[action.symbol] = True


def _sighted(state: CoreState, action: ProtectionSighted) -> None:
    del state.blinded[action.symbol]


def _due_key(sleeve: str, symbol: Symbol) -> str:
    """Return the key of a guard in `CoreState.due`."""
    return f"{sleeve}\t{symbol}"


_UNGUARDED: Final = Protection(0, 0)

GUARD_FOLDS: Final[dict[type, Callable[[CoreState, Any], None]]] = {
    ProtectionSet: _protection_set,
    ProtectionTriggered: _protection_triggered,
    ExitStarted: _exit_started,
    ExitEscalated: _exit_escalated,
    ExitDoubted: _exit_doubted,
    ExitRefused: _exit_refused,
    ProtectionEnded: _protection_ended,
    ProtectionBlinded: _blinded,
    ProtectionSighted: _sighted,
}
"""What each fact about a guard or an exit does."""
