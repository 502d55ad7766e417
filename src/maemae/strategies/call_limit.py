"""Stops a strategy whose own code does not come back."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from types import FrameType
from typing import Final

from maemae.domain.errors import StrategyStuckError
from maemae.strategy.host import StrategyHost

PATIENCE: Final = 10
"""Longest time one call of a strategy may take [s]."""

SETUP_PATIENCE: Final = 120
"""Longest time its set-up may take, every indicator over every instrument included [s]."""

IMPORT_PATIENCE: Final = 120
"""Longest time its file may take to import, libraries included [s]."""

_Handler = Callable[[int, FrameType | None], None]


@contextmanager
def watchdog(hosts: Sequence[StrategyHost], patience: int = PATIENCE) -> Iterator[None]:
    """
    Raise inside a strategy's own code once one call of it has taken `patience` seconds.

    A timer looks once a second whether the same call is still under way: a run pays nothing
    for it. Only the main thread can be interrupted, and not on Windows: elsewhere this does
    nothing.

    Raises:
        StrategyStuckError: A call of the strategy took too long.
    """
    seen = [-1] * len(hosts)
    waited = [0] * len(hosts)

    def look(_number: int, _frame: FrameType | None) -> None:
        for place, host in enumerate(hosts):
            stuck = host.in_callback and host.callbacks == seen[place]
            waited[place] = waited[place] + 1 if stuck else 0
            seen[place] = host.callbacks
            if waited[place] >= patience:
                error = StrategyStuckError(
                    f"전략이 {patience}초 동안 돌아오지 않았습니다. 끝나지 않는 반복이 있는지 "
                    "확인하세요.",
                    f"The strategy did not come back for {patience} s. Look for an endless loop.",
                )
                raise error if waited[place] == patience else _UnheededError(error)

    with _alarm(look, 1, 1):
        yield


def setup_limit(patience: float = SETUP_PATIENCE) -> AbstractContextManager[None]:
    """
    Raise inside a strategy's set-up once it has taken `patience` seconds; see `watchdog`.

    Raises:
        StrategyStuckError: It took too long.
    """
    return _limit("전략의 setup() 이", "The strategy's setup()", patience)


def import_limit(patience: float = IMPORT_PATIENCE) -> AbstractContextManager[None]:
    """
    Raise inside a strategy's file once it has taken `patience` seconds; see `watchdog`.

    Raises:
        StrategyStuckError: It took too long.
    """
    return _limit("전략 파일의 바깥쪽 코드가", "The code outside of the file's classes", patience)


def _limit(ko: str, en: str, patience: float) -> AbstractContextManager[None]:
    is_told = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal is_told
        error = StrategyStuckError(
            f"{ko} {patience:g}초 안에 끝나지 않았습니다. 끝나지 않는 반복이 있는지 확인하세요.",
            f"{en} did not end within {patience:g} s. Look for an endless loop.",
        )
        was_told, is_told = is_told, True
        raise _UnheededError(error) if was_told else error

    return _alarm(stop, patience, 1)


class _UnheededError(BaseException):
    """Told to a strategy that caught the error which was to end it, and loops on."""

    def __init__(self, error: StrategyStuckError) -> None:
        super().__init__(error)
        self.error = error


@contextmanager
def _alarm(handler: _Handler, first: float, every: float) -> Iterator[None]:
    """Call a handler in the midst of whatever the main thread does, after and every so long [s]."""
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGALRM, handler)
    outer = signal.setitimer(signal.ITIMER_REAL, first, every)
    try:
        yield
    except _UnheededError as unheeded:
        raise unheeded.error.with_traceback(unheeded.__traceback__) from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, *outer)
        signal.signal(signal.SIGALRM, before)
