"""
Named places where a test makes this process die, stall or fail.

Nothing happens at them unless `arm` was called, which the composition root does for builds
under test only.
"""

from __future__ import annotations

import errno
import os
import signal
import time
from collections.abc import Callable
from enum import unique
from typing import Final

import msgspec

from maemae.domain.errors import ConfigError
from maemae.domain.terms import Term


@unique
class Deed(Term):
    """What happens at a failpoint."""

    EXIT = "EXIT"  # the process is gone, as by `kill -9`: nothing is flushed, nothing closed
    SLEEP = "SLEEP"
    RAISE = "RAISE"  # the OSError of a disk that fails
    STOP = "STOP"  # the process stands still until somebody sends SIGCONT


class Failpoint(msgspec.Struct):
    """
    One armed place.

    Attributes:
        skip: Passes that are let through before it acts; it acts at every one after them.
        secs: How long SLEEP lasts.
    """

    deed: Deed
    skip: int = 0
    secs: float = 0.0


_armed: Final[dict[str, Failpoint]] = {}


def arm(spec: str) -> None:
    """
    Arm places of this process; an empty text disarms all.

    Args:
        spec: Such as `store.before_commit=exit@3;send.after=sleep:0.5`: place, deed, seconds
            of a sleep, and the pass from which on it acts (1 if not told).

    Raises:
        ConfigError: It cannot be understood; nothing is armed.
    """
    armed = dict(_parsed(part) for part in spec.split(";") if part.strip())
    _armed.clear()
    _armed.update(armed)


def hit(place: str) -> None:
    """
    Pass a place; do what was armed for it.

    Raises:
        OSError: RAISE was armed.
    """
    if not _armed:
        return
    point = _armed.get(place)
    if point is None:
        return
    if point.skip:
        point.skip -= 1
        return
    _DEEDS[point.deed](place, point)


def _parsed(part: str) -> tuple[str, Failpoint]:
    place, _, rest = part.strip().partition("=")
    what, _, nth = rest.partition("@")
    deed, _, secs = what.partition(":")
    try:
        point = Failpoint(Deed(deed.upper()), int(nth or 1) - 1, float(secs or 0))
    except ValueError:
        raise _misspelt(part) from None
    if not place or point.skip < 0 or point.secs < 0:
        raise _misspelt(part)
    return place, point


def _misspelt(part: str) -> ConfigError:
    return ConfigError(
        f"시험용 고장 지점 '{part}' 을(를) 읽을 수 없습니다. '지점=exit@3' 처럼 쓰세요.",
        f"The failpoint '{part}' cannot be read. Write it like 'place=exit@3'.",
    )


def _exit(_place: str, _point: Failpoint) -> None:
    os._exit(9)


def _sleep(_place: str, point: Failpoint) -> None:
    time.sleep(point.secs)


def _raise(place: str, _point: Failpoint) -> None:
    raise OSError(errno.EIO, f"failpoint {place}")


def _stop(_place: str, _point: Failpoint) -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


_DEEDS: Final[dict[Deed, Callable[[str, Failpoint], None]]] = {
    Deed.EXIT: _exit,
    Deed.SLEEP: _sleep,
    Deed.RAISE: _raise,
    Deed.STOP: _stop,
}
