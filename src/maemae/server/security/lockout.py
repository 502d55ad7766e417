"""How long somebody who guesses must wait: longer each time, never for ever."""

from __future__ import annotations

from typing import Final

from maemae.domain.instant import HOUR, MINUTE

_FREE: Final = 5  # failures of a person in a row
_FREE_OF_ADDRESS: Final = 20  # several people may sit behind one address


def pause_of_person(failures: int) -> int:
    """Return how long a person waits after so many failures in a row [ns]."""
    return _pause(failures - _FREE)


def pause_of_address(failures: int) -> int:
    """Return how long an address waits after so many failures in a row [ns]."""
    return _pause(failures - _FREE_OF_ADDRESS)


def _pause(over: int) -> int:
    if over < 0:
        return 0
    doublings: int = min(over, 6)
    return min(MINUTE << doublings, HOUR)
