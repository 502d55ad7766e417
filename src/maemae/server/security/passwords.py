"""
Hashes passwords: argon2id in a thread of its own, so that a flood of logins delays nothing else.

One core at most is busy with it, whoever comes from wherever: orders have the others. On Linux,
where one thread can, it lets every other go first.

Source: OWASP Password Storage Cheat Sheet (19 MiB, 2 passes, 1 lane), read 2026-11-20.
"""

from __future__ import annotations

import os
import secrets
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from maemae.server.security.refusals import too_many_at_once

_THREADS: Final = 1
_NICENESS: Final = 10
_MOST_WAITING: Final = 16

T = TypeVar("T")


class Passwords:
    """
    Makes and checks hashes.

    Args:
        memory_kib: Memory of one hash [KiB].
        passes: Over that memory.
    """

    def __init__(self, memory_kib: int = 19 * 1_024, passes: int = 2) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1)
        self._threads = ThreadPoolExecutor(_THREADS, "passwords", initializer=_give_way)
        self._room = threading.BoundedSemaphore(_THREADS + _MOST_WAITING)
        self._nobody = self._hasher.hash(secrets.token_hex())

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(cancel_futures=True)

    def hash(self, password: str) -> str:
        """
        Return the hash of a new password; blocks.

        Raises:
            ProblemError: Too many wait already.
        """
        return self._run(lambda: self._hasher.hash(password))

    def is_right(self, password_hash: str | None, password: str) -> bool:
        """
        Return whether a password is right; blocks, and as long for nobody as for somebody.

        Raises:
            ProblemError: Too many wait already.
        """
        return self._run(lambda: self._verify(password_hash or self._nobody, password)) and (
            password_hash is not None
        )

    def is_weaker(self, password_hash: str) -> bool:
        """Whether a hash was made with less work than is done now."""
        return self._hasher.check_needs_rehash(password_hash)

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False

    def _run(self, work: Callable[[], T]) -> T:
        if not self._room.acquire(blocking=False):
            raise too_many_at_once()
        try:
            return self._threads.submit(work).result()
        finally:
            self._room.release()


def _give_way() -> None:
    """Let every other thread of the machine go first."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
