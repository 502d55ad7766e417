"""Watches the executor of a data folder."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Final

from maemae.domain.errors import ConfigError
from maemae.trading.control.commands import Watch
from maemae.trading.control.frames import (
    HEAD_SIZE,
    LARGEST_REPLY,
    ask_frame,
    body_size,
    socket_path,
)
from maemae.trading.control.replies import Failed
from maemae.trading.control.watch import Pulse, read_watch

SILENT_AFTER_SECS: Final = 5.0
"""An executor that says nothing for so long [s] is given up: it beats every second."""


async def watch_executor(
    home: Path, silent_after_secs: float = SILENT_AFTER_SECS
) -> AsyncGenerator[Pulse, None]:
    """
    Yield pulses until the executor ends, lets go of us, or falls silent.

    Close it when it is not wanted any more (`contextlib.aclosing`).

    Args:
        home: The executor's data folder.
        silent_after_secs: How long it may say nothing.

    Raises:
        ConfigError: No executor runs there, or it takes no more watchers.
        InvalidValueError: It speaks another version.
    """
    path = socket_path(home)
    try:
        reader, writer = await asyncio.open_unix_connection(str(path), limit=LARGEST_REPLY)
    except OSError as error:
        raise ConfigError(
            f"실행 중인 실행기가 없습니다: {home}. maemae trade 로 시작하세요.",
            f"No executor runs on {home}. Start one with maemae trade.",
        ) from error
    try:
        writer.write(ask_frame(Watch()))
        while True:
            told = await _next(reader, silent_after_secs)
            if told is None:
                return
            if isinstance(told, Failed):
                raise ConfigError(told.text.ko, told.text.en)
            yield told
    finally:
        writer.close()


async def _next(reader: asyncio.StreamReader, silent_after_secs: float) -> Pulse | Failed | None:
    """Return what is told next; None if the line is gone."""
    try:
        async with asyncio.timeout(silent_after_secs):
            head = await reader.readexactly(HEAD_SIZE)
            body = await reader.readexactly(body_size(head, LARGEST_REPLY))
    except (OSError, EOFError, TimeoutError):
        return None
    return read_watch(body)
