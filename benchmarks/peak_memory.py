"""How much memory the present process has taken at most; standard library only."""

from __future__ import annotations

import resource
import sys
from typing import Final

_UNIT: Final = 1 if sys.platform == "darwin" else 1024  # bytes; macOS counts in bytes


def peak_memory() -> float:
    """
    Return the peak of the resident memory of this process [MB].

    A child starts from what its parent had resident when it was started, so the parent of a
    measurement must stay small.
    """
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNIT / 1e6
