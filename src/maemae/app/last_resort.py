"""
The end of a process that was told to end and cannot: a database or a disk holds its threads.

Python waits for threads at its end, however long they hang. What was acknowledged is durable, and
what was not is asked about by the next start: ending hard loses nothing but the lease's rest.
"""

from __future__ import annotations

import os
import sys
import threading
from typing import Final

from maemae.domain.text import Language, Text

_WITHIN_SECS: Final = 9.0  # of the ten that a service manager grants
_STATUS: Final = 1


class LastResort:
    """
    Ends the process some seconds after it was told to end, unless it has ended by itself.

    Args:
        language: Of the sentence that says so.
    """

    def __init__(self, language: Language) -> None:
        self._language = language
        self._timer: threading.Timer | None = None

    def start_once(self) -> None:
        """Begin to count; a second time changes nothing."""
        if self._timer is None:
            self._timer = threading.Timer(_WITHIN_SECS, self._end)
            self._timer.daemon = True  # it must not be waited for either
            self._timer.start()

    def _end(self) -> None:
        sys.stderr.write(_STUCK.in_language(self._language) + "\n")
        sys.stderr.flush()
        os._exit(_STATUS)


_STUCK: Final = Text(
    "데이터베이스나 디스크가 답하지 않아 기다리지 않고 끝냈습니다. 기록된 것은 모두 남아 있고, "
    "다음에 시작할 때 증권사에 물어 맞춥니다.",
    "The database or the disk does not answer, so the executor ended without waiting. Everything "
    "recorded is kept; the next start asks the broker about the rest.",
)
