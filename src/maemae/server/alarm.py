"""What the server itself must tell a person: an alert of every executor that can be asked."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from maemae.domain.errors import MaemaeError
from maemae.domain.text import Text
from maemae.ports import WallClock
from maemae.server.executor_line import ExecutorLine
from maemae.server.logs import logger
from maemae.server.security.secret import new_id
from maemae.trading.control.commands import RaiseAlert

_WHO: Final = "server"
_ASK_SECS: Final = 5.0


class Alarm:
    """
    Raises alerts.

    Args:
        lines: Executors; each keeps its own alerts and tells them its own way.
        wall: Says when.

    Attributes:
        wall: As given.
    """

    def __init__(self, lines: Sequence[ExecutorLine], wall: WallClock) -> None:
        self._lines = tuple(lines)
        self.wall = wall

    def tell(self, code: str, subject: str, text: Text) -> None:
        """
        Tell people; blocks. An executor that does not run is told nothing, the log always is.

        Args:
            code: Upper-case; equal codes about equal subjects are one alert.
            subject: What it is about.
            text: What to do.
        """
        logger("alarm").critical("alert", code=code, subject=subject, what=text.en)
        for line in self._lines:
            key = f"alarm-{new_id()}"
            alert = RaiseAlert(key, _WHO, code, subject, text, self.wall.now())
            with suppress(MaemaeError):
                line.ask(alert, _ASK_SECS)
