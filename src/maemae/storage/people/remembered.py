"""
What was read of people, remembered for as long as nothing at all was written.

Who asks is looked up with every request, and hardly ever changes. Where this process alone writes
the database, it knows of every change: what is remembered is as true as what would be read. Where
others write too, nothing is remembered, so that nobody stays let in who was shut out elsewhere.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from maemae.storage.server_store import ServerStore

MOST: Final = 1_024
"""Things remembered at once; beyond, all are forgotten."""

T = TypeVar("T")


class Remembered(Generic[T]):
    """
    Things by the hash of a secret.

    Args:
        store: Whose writer tells that something was written.
    """

    def __init__(self, store: ServerStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._known: dict[bytes, T] = {}
        self._as_of = 0

    def get(self, key: bytes, read: Callable[[], T | None]) -> T | None:
        """
        Return what is known under a key, or read it; what is not there is not remembered.

        Args:
            key: Hash of a secret.
            read: Reads it; blocks.
        """
        if not self._store.is_alone:
            return read()
        as_of = self._store.writer.transactions  # before it is read: a later one makes it old
        with self._lock:
            if as_of > self._as_of:
                self._known.clear()
                self._as_of = as_of
            found = self._known.get(key)
        if found is None and (found := read()) is not None:
            self._keep(key, found, as_of)
        return found

    def _keep(self, key: bytes, found: T, as_of: int) -> None:
        with self._lock:
            if as_of != self._as_of:
                return
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[key] = found
