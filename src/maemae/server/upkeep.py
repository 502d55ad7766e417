"""What a server does by itself while it serves, each thing at its own pace."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from maemae.domain.errors import MaemaeError
from maemae.domain.instant import SECOND
from maemae.ports import WallClock
from maemae.server.logs import logger

_LOOK_SECS: Final = 0.5
_END_SECS: Final = 10.0


class Duty(msgspec.Struct, frozen=True):
    """
    Something that the server does by itself, again and again.

    Attributes:
        name: For the log.
        every: Time between two times [ns of wall time].
        do: Does it; blocks, may raise MaemaeError.
    """

    name: str
    every: int
    do: Callable[[], object]


class Upkeep:
    """
    A thread that does its duties while it is entered: `with Upkeep(duties, wall):`.

    Each is done at once and then at its pace; one that fails is logged, and done again.

    Args:
        duties: What is to be done.
        wall: Real time.
    """

    def __init__(self, duties: Sequence[Duty], wall: WallClock) -> None:
        self._due = [(0, duty) for duty in duties]
        self._wall = wall
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="upkeep", daemon=True)

    def __enter__(self) -> Upkeep:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join(_END_SECS)

    def _serve(self) -> None:
        while not self._ending.is_set():
            self.look()
            self._ending.wait(_LOOK_SECS)

    def look(self) -> None:
        """Do what is due."""
        for place, (due, duty) in enumerate(self._due):
            now = self._wall.monotonic()
            if now >= due:
                self._due[place] = (now + max(duty.every, SECOND // 10), duty)
                self._do(duty)

    def _do(self, duty: Duty) -> None:
        try:
            duty.do()
        except MaemaeError as error:
            logger("upkeep").error("duty failed", duty=duty.name, error=str(error))
