"""What each user ordered and was told of, as far as the audit log tells."""

from __future__ import annotations

import threading
from typing import Final

import msgspec

from maemae.domain.instant import HOUR
from maemae.server.anomaly import Anomaly, Thresholds, Unusual, anomalies
from maemae.server.past import Act, Past
from maemae.storage.audit import AuditRow, rows_since
from maemae.storage.people.reading import connected
from maemae.storage.server_store import ServerStore

PLACED: Final = "PLACE_ORDER"

_TOLD_AGAIN: Final = HOUR


class Habits:
    """
    Orders of each user; the log is read on from where it was read last.

    Args:
        store: Whose audit log it is.
    """

    def __init__(self, store: ServerStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._read: dict[str, int] = {}
        self._pasts: dict[str, Past] = {}
        self._told: dict[tuple[str, Unusual], int] = {}

    def unusual(self, user_id: str, act: Act, limits: Thresholds) -> tuple[Anomaly, ...]:
        """
        Return what is unusual about an order of a user.

        Raises:
            StorageError: The log cannot be read.
        """
        with self._lock:
            past = self._pasts.setdefault(user_id, Past(limits.past))
            after = self._read.get(user_id, 0)
            with connected(self._store.reading) as connection:
                rows = rows_since(connection, user_id, act.at - limits.past, after)
            for row in rows:
                if row.action == PLACED:
                    past.add(_act(row))
            self._read[user_id] = rows[-1].seq if rows else after
            return anomalies(act, past, limits)

    def is_news(self, user_id: str, kind: Unusual, now: int) -> bool:
        """Return whether it was not told within the last hour."""
        with self._lock:
            is_news = now - self._told.get((user_id, kind), -_TOLD_AGAIN) >= _TOLD_AGAIN
            if is_news:
                self._told[user_id, kind] = now
            return is_news


class _Detail(msgspec.Struct, frozen=True):
    notional: int | None = None
    address: str = ""


_DETAILS: Final = msgspec.json.Decoder(_Detail)


def _act(row: AuditRow) -> Act:
    detail = _DETAILS.decode(row.detail)
    return Act(row.at, detail.notional, detail.address)
