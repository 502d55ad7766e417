"""A server does its duties at their pace, and one that fails keeps no other from being done."""

from __future__ import annotations

from maemae.clocks import SystemWallClock
from maemae.domain.errors import StorageError
from maemae.domain.instant import HOUR
from maemae.server.upkeep import Duty, Upkeep


class HandClock(SystemWallClock):
    """A clock that is put forward by hand."""

    def __init__(self) -> None:
        self.at = 1

    def monotonic(self) -> int:
        """Return where the hand is [ns]."""
        return self.at


def test_duties_are_done_at_once_and_then_at_their_pace() -> None:
    clock, done = HandClock(), list[str]()
    upkeep = Upkeep(
        [Duty("a", HOUR, lambda: done.append("a")), Duty("b", 3 * HOUR, lambda: done.append("b"))],
        clock,
    )
    for _ in range(4):
        upkeep.look()
        upkeep.look()
        clock.at += HOUR

    assert done == ["a", "b", "a", "a", "a", "b"]


def test_duty_when_it_fails_is_done_again_and_stops_no_other() -> None:
    clock, done = HandClock(), list[str]()

    def fail() -> None:
        done.append("failed")
        raise StorageError("ko", "en")

    upkeep = Upkeep([Duty("a", HOUR, fail), Duty("b", HOUR, lambda: done.append("b"))], clock)
    upkeep.look()
    clock.at += HOUR
    upkeep.look()

    assert done == ["failed", "b", "failed", "b"]
