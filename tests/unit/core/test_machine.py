"""A core that fails half-way says so, so that nobody goes on with a book ahead of its journal."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from maemae.core import machine
from maemae.core.actions import IntentRefused, KillChanged
from maemae.core.desk import Desk
from maemae.core.events import KillLevel, PhaseChanged, SessionStarted, TimePassed
from maemae.domain.errors import DomainError, InvalidValueError, JournalCorruptError
from maemae.domain.instant import kst_nanos
from maemae.domain.refusal import Reason
from maemae.krx.calendar import FIRST_YEAR, LAST_YEAR, sessions
from maemae.krx.session import Phase
from tests.builders import DAY_1, NOON, a_core, an_intent, feed, hold, target_weights

FAILURE = InvalidValueError("안 됩니다.", "It cannot be.")


def fail(_desk: Desk, _event: TimePassed) -> None:
    raise FAILURE


def fail_half_way(desk: Desk, event: TimePassed) -> None:
    desk.do(KillChanged(KillLevel.STOP_NEW, "시험"))
    fail(desk, event)


def test_core_when_it_fails_before_anything_is_done_refuses_the_event(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(machine._HANDLERS, TimePassed, fail)
    with pytest.raises(InvalidValueError) as raised:
        a_core().handle(TimePassed(NOON))
    assert raised.value is FAILURE


def test_core_when_it_fails_half_way_is_not_to_be_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(machine._HANDLERS, TimePassed, fail_half_way)
    with pytest.raises(JournalCorruptError, match="half-way through TimePassed") as raised:
        a_core().handle(TimePassed(NOON))
    assert not isinstance(raised.value, DomainError)
    assert raised.value.__cause__ is FAILURE


LAST_SESSION = sessions(date(LAST_YEAR, 12, 1), date(LAST_YEAR, 12, 31))[-1]
FIRST_SESSION = sessions(date(FIRST_YEAR, 1, 1), date(FIRST_YEAR, 1, 31))[0]


@pytest.mark.parametrize("day", [LAST_SESSION, FIRST_SESSION], ids=["last", "first"])
def test_wish_when_at_an_end_of_the_calendar_is_carried_out(day: date) -> None:
    at = kst_nanos(day, time(8, 30))
    core = a_core(PhaseChanged(Phase.CLOSED, NOON))
    core.state.session_date = day
    feed(core, an_intent(at=at), target_weights({}, at=at))
    names = [type(action).__name__ for action in core.handle(PhaseChanged(Phase.CONTINUOUS, at))]
    assert names.count("IntentReleased") == 2
    assert "RebalanceEnded" in names
    assert not core.state.parked


def test_wish_when_it_waits_beyond_the_calendar_is_refused_and_breaks_nothing() -> None:
    beyond = date(LAST_YEAR + 1, 1, 2)
    at = kst_nanos(LAST_SESSION, time(12))
    core = a_core()
    hold(core, 10)
    feed(core, PhaseChanged(Phase.CLOSED, NOON), an_intent(at=at), SessionStarted(beyond, at))
    actions = core.handle(PhaseChanged(Phase.CONTINUOUS, at))
    refusals = [
        action.refusals[0].reason for action in actions if isinstance(action, IntentRefused)
    ]
    assert refusals == [Reason.INTENT_EXPIRED]


@pytest.mark.parametrize(("days", "is_refused"), [(0, False), (4, False), (5, True), (9_000, True)])
def test_wish_when_told_late_is_refused_from_the_second_session_on(
    days: int, *, is_refused: bool
) -> None:
    wished = kst_nanos(DAY_1 - timedelta(days=days), time(12))
    actions = a_core().handle(an_intent(at=wished))
    assert isinstance(actions[0], IntentRefused) is is_refused
