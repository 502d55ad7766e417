"""How the run of a strategy does: what it has seen and wished, and whether it goes on."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from enum import unique
from typing import Final

import msgspec

from maemae.domain.intent import Intent
from maemae.domain.terms import Term
from maemae.domain.text import Text
from maemae.strategy.run import Run

_NEWEST: Final = 20


@unique
class RunState(Term):
    """Whether a strategy acts."""

    WARMING_UP = "WARMING_UP"  # it waits for a session, or has not seen enough bars
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"  # a person paused it: it sees the market and its wishes are dropped
    FAILED = "FAILED"  # its code failed for good; it is started again by a person
    STOPPED = "STOPPED"  # a person ended it


class Wish(msgspec.Struct, frozen=True):
    """
    What one call of a strategy wished.

    Attributes:
        at: Instant of the bar or fill [ns, UTC].
        intents: The wishes themselves.
    """

    at: int
    intents: tuple[Intent, ...]


class Conduct(msgspec.Struct, frozen=True):
    """
    One run and how it does; counts are of the present session and life of the executor.

    Attributes:
        warmup: Bars that its slowest indicator needs; None until it is set up.
        known_bars: Bars that it has seen, those before the session included.
        bars, last_bar_at: Bars of the session it was told, and when the last one closed
            [ns, UTC].
        intents: How much it wished.
        wishes: The newest ones, newest last.
        failure: What went wrong last; None if nothing has.
    """

    run: Run
    state: RunState
    warmup: int | None = None
    known_bars: int = 0
    bars: int = 0
    last_bar_at: int | None = None
    intents: int = 0
    wishes: tuple[Wish, ...] = ()
    failure: Text | None = None


class Observed:
    """
    What is seen of a strategy while it sits.

    Attributes:
        is_paused: Whether a person paused it.
        is_over: Whether it failed for good.
    """

    def __init__(self, *, is_paused: bool) -> None:
        self.is_paused = is_paused
        self.is_over = False
        self._warmup: int | None = None
        self._known = 0
        self._bars = 0
        self._last_bar_at: int | None = None
        self._intents = 0
        self._wishes: deque[Wish] = deque(maxlen=_NEWEST)
        self._failure: Text | None = None

    def begin(self, known_bars: int) -> None:
        """Take note that it begins a session with so many bars behind it."""
        self.is_over = False
        self._warmup, self._known, self._bars = None, known_bars, 0

    def bar(self, at: int) -> None:
        """Take note of a bar that it was told."""
        self._bars += 1
        self._last_bar_at = at

    def ready(self, warmup: int) -> None:
        """Take note that it is set up."""
        self._warmup = warmup

    def wish(self, at: int, intents: Sequence[Intent]) -> None:
        """Take note of what it wished."""
        self._intents += len(intents)
        self._wishes.append(Wish(at, tuple(intents)))

    def failed(self, why: Text, *, is_final: bool) -> None:
        """Take note of a failure."""
        self._failure = why
        self.is_over = self.is_over or is_final

    def conduct(self, run: Run) -> Conduct:
        """Return the same for who asks."""
        known = self._known + self._bars
        return Conduct(
            run,
            self._state(known),
            self._warmup,
            known,
            self._bars,
            self._last_bar_at,
            self._intents,
            tuple(self._wishes),
            self._failure,
        )

    def _state(self, known: int) -> RunState:
        if self.is_over:
            return RunState.FAILED
        if self.is_paused:
            return RunState.PAUSED
        if self._warmup is None or known < self._warmup:
            return RunState.WARMING_UP
        return RunState.RUNNING
