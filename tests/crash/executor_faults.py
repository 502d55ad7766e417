"""What can go wrong with an executor's store, switched on and off."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Final

import psutil

from tests.crash.executor_rig import ExecutorRig
from tests.postgres_server import PostgresProcess

Fault = Callable[[ExecutorRig], AbstractContextManager[None]]

_ROOM: Final = 64 * 1024
"""What a file may grow to on the full disk: what is short can be written, the database cannot."""


def stood_still(server: PostgresProcess) -> Fault:
    """Return the fault of a server that answers nobody."""

    @contextmanager
    def fault(_executor: ExecutorRig) -> Iterator[None]:
        server.pause()
        try:
            yield
        finally:
            server.go_on()

    return fault


def killed(server: PostgresProcess) -> Fault:
    """Return the fault of a server that died, and is started again."""

    @contextmanager
    def fault(_executor: ExecutorRig) -> Iterator[None]:
        server.kill()
        try:
            yield
        finally:
            server.start()

    return fault


@contextmanager
def full_disk(executor: ExecutorRig) -> Iterator[None]:
    """Let no file of the executor grow any more, until the disk has room again."""
    process = psutil.Process(executor.pid)
    soft, hard = process.rlimit(resource.RLIMIT_FSIZE)
    process.rlimit(resource.RLIMIT_FSIZE, (_ROOM, hard))
    try:
        yield
    finally:
        process.rlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def failing_sync(executor: ExecutorRig) -> Iterator[None]:
    """Let every sync fail soon; only a process that starts anew gets over that."""
    executor.kill()
    executor.start("store.before_commit=raise@20")
    assert executor.settles(), executor.said[-4_000:]
    try:
        yield
    finally:
        executor.kill()
        executor.start()
