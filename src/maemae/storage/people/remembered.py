"""
What was read of people, remembered for as long as nothing was written that may change it.

Who asks is looked up with every request, and hardly ever changes; who asks in vain does so again
and again. Where this process alone writes the database, it knows of every change: what is
remembered is as true as what would be read. Where others write too, nothing is remembered, so that
nobody stays let in who was shut out elsewhere.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from maemae.storage.server_store import ServerStore

MOST: Final = 1_024
"""Things remembered at once; beyond, all are forgotten."""

T = TypeVar("T")


class NotRememberedError(Exception):
    """It must be read, and who asks did not want to wait for that."""


class Remembered(Generic[T]):
    """
    Things by the hash of a secret; that there is none is remembered too.

    Args:
        store: Whose writer tells that something was written.
    """

    def __init__(self, store: ServerStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._known: dict[bytes, T | None] = {}
        self._as_of = 0

    def recall(self, key: bytes) -> T | None:
        """
        Return what is known under a key, None if it is known that there is nothing.

        Raises:
            NotRememberedError: Neither is known.
        """
        if not self._store.is_alone:
            raise NotRememberedError
        with self._lock:
            self._forget_what_is_old(self._store.writer.changes)
            try:
                return self._known[key]
            except KeyError:
                raise NotRememberedError from None

    def get(self, key: bytes, read: Callable[[], T | None]) -> T | None:
        """
        Return what is known under a key, or read it.

        Args:
            key: Hash of a secret.
            read: Reads it; blocks.
        """
        as_of = self._store.writer.changes  # before it is read: a later one makes it old
        try:
            return self.recall(key)
        except NotRememberedError:
            found = read()
        if self._store.is_alone:
            self._keep(key, found, as_of)
        return found

    def _forget_what_is_old(self, as_of: int) -> None:
        if as_of > self._as_of:
            self._known.clear()
            self._as_of = as_of

    def _keep(self, key: bytes, found: T | None, as_of: int) -> None:
        with self._lock:
            if as_of != self._as_of:
                return
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[key] = found
