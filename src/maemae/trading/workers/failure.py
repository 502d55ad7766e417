"""How a worker tells the executor why its strategy failed."""

from __future__ import annotations

import traceback
from typing import Final

from maemae.domain.errors import MaemaeError, StrategyError, StrategyRaisedError
from maemae.domain.text import Text
from maemae.trading.workers.frames import Broke, Fault

_TRACEBACK: Final = 8_000  # longest traceback that is told [characters]
_SENTENCE: Final = 1_000  # longest sentence; it may quote what the strategy raised [characters]


def broke(error: BaseException) -> Broke:
    """Return how to tell the executor of a failure."""
    lines = traceback.format_exception(_plain_cause(error))
    text = _sentence(error)
    cut = Text(text.ko[:_SENTENCE], text.en[:_SENTENCE])
    return Broke(_fault(error), cut, "".join(lines)[-_TRACEBACK:])


def _fault(error: BaseException) -> Fault:
    if _ran_out_of_memory(error):
        return Fault.MEMORY
    if isinstance(error, StrategyError) and not isinstance(error, StrategyRaisedError):
        return Fault.DECLARED
    return Fault.RAISED


def _sentence(error: BaseException) -> Text:
    if _ran_out_of_memory(error):
        return Text(
            "전략이 허용된 메모리를 다 썼습니다. 쌓이는 자료가 없는지 보거나 한도를 올리세요.",
            "The strategy used up its memory. See whether it piles up data, or raise its limit.",
        )
    if isinstance(error, MaemaeError):
        return error.text
    if isinstance(error, SystemExit):
        return Text(
            f"전략이 프로세스를 끝내려 했습니다(종료 값 {error.code}). 그 호출을 지우세요.",
            f"The strategy tried to end its process (exit value {error.code}). Remove that call.",
        )
    plain = f"{type(error).__name__}: {error}"
    return Text(f"전략에서 오류가 났습니다: {plain}", f"The strategy failed: {plain}")


def _ran_out_of_memory(error: BaseException | None) -> bool:
    """Return whether an error comes of a lack of memory."""
    while error is not None and not isinstance(error, MemoryError):
        error = error.__cause__
    return error is not None


def _plain_cause(error: BaseException) -> BaseException:
    """Return what the strategy's own code raised, from under our own explanation of it."""
    while isinstance(error, MaemaeError) and error.__cause__ is not None:
        error = error.__cause__
    return error
