"""
What a worker takes from itself before it runs a strategy's code.

It is a fence against mistakes, not a sandbox: the code runs as the same user.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Final

_OPEN_FILES: Final = 64
_LAST_WORDS: Final = 64 * 1024 * 1024  # memory kept back, to tell that memory ran out [bytes]
_PR_SET_PDEATHSIG: Final = 1
_KILL_ME_FIRST: Final = "500"


def confine(memory_limit: int, executor_pid: int) -> None:
    """
    Bound memory and files of this process, and end it when the executor ends.

    Interrupts and requests to terminate are left to the executor, which closes the line.

    Args:
        memory_limit: Address space that this process may have [bytes].
        executor_pid: The process that started this one.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_AS, (memory_limit, memory_limit + _LAST_WORDS))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        Path("/proc/self/oom_score_adj").write_text(_KILL_ME_FIRST, encoding="ascii")
    if os.getppid() != executor_pid:  # it ended before this process asked to follow it
        raise SystemExit(1)


def release_last_words() -> None:
    """Let this process have the memory that was kept back."""
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
