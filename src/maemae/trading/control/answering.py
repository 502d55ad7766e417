"""Lets a handler answer whatever was asked; nothing that comes in can end the executor."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from maemae.domain.errors import MaemaeError, OutcomeUnknownError, StorageError
from maemae.domain.text import Text
from maemae.trading.control.commands import Ask
from maemae.trading.control.replies import Failed, Reply

Handler = Callable[[Ask], Awaitable[Reply]]
"""Answers; a MaemaeError that it raises is told to who asked."""


async def answered(handle: Handler, ask: Ask) -> Reply:
    """Return the handler's answer; what it did not mean to raise is a mistake of ours."""
    task = asyncio.ensure_future(handle(ask))
    try:
        await asyncio.wait({task})
    except asyncio.CancelledError:
        task.cancel()
        raise
    if task.cancelled():
        return Failed(_STOPPING, is_unknown=True)
    error = task.exception()
    if error is None:
        return task.result()
    if isinstance(error, MaemaeError):
        is_unknown = isinstance(error, StorageError | OutcomeUnknownError)
        return Failed(error.text, is_unknown=is_unknown)
    return Failed(
        Text(
            f"maemae 의 잘못으로 답하지 못했습니다 ({type(error).__name__}: {error}). 상태를 "
            "확인한 뒤 같은 명령을 다시 보내세요.",
            f"A bug of maemae kept it from answering ({type(error).__name__}: {error}). Check "
            "the status, then send the same command again.",
        ),
        is_unknown=True,
    )


_STOPPING: Final = Text(
    "실행기가 멈추는 중입니다. 다시 시작한 뒤 같은 명령을 보내세요.",
    "The executor is stopping. Start it again, then send the same command.",
)
