"""What an executor shows of the market right now, asked for once for everybody who asks."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Final

from maemae.domain.errors import MaemaeError
from maemae.domain.instant import SECOND
from maemae.ports import WallClock
from maemae.server.executor_line import ExecutorLine
from maemae.trading.control.client import look_at_executor
from maemae.trading.control.watch import Pulse

_GOOD_FOR: Final = SECOND // 4
_WAIT_SECS: Final = 2.0


class PulseReader:
    """
    The newest pulse of each executor; one that is a moment old is not asked for again.

    Args:
        wall: Real time.
    """

    def __init__(self, wall: WallClock) -> None:
        self._wall = wall
        self._lock = threading.Lock()
        self._read: dict[Path, tuple[int, Pulse]] = {}

    def read(self, line: ExecutorLine) -> Pulse:
        """
        Return what an executor shows now; blocks.

        Raises:
            ConfigError: It does not run.
            OutcomeUnknownError: It says nothing.
        """
        with self._lock:
            now = self._wall.monotonic()
            at, pulse = self._read.get(line.home, (None, None))
            if at is not None and pulse is not None and now - at < _GOOD_FOR:
                return pulse
            pulse = look_at_executor(line.home, _WAIT_SECS)
            self._read[line.home] = self._wall.monotonic(), pulse
            return pulse

    def find(self, line: ExecutorLine) -> Pulse | None:
        """Return the same; None if there is none now."""
        try:
            return self.read(line)
        except MaemaeError:
            return None
