"""What becomes of every event and its actions: hashed, counted, and handed to a journal."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, Protocol

import msgspec

from maemae.core.actions import (
    Action,
    CancelOrder,
    FillBooked,
    IntentRefused,
    OrderReported,
    OrderRequest,
    ReplaceOrder,
    SubmitOrder,
)
from maemae.core.events import Event
from maemae.domain.ids import ClOrdId, Symbol
from maemae.domain.order import Order
from maemae.domain.refusal import Reason
from maemae.domain.terms import Cause

_CHANGES: Final = (CancelOrder, ReplaceOrder)
_END: Final = -1  # of the buffer
_HASHED_AT_ONCE: Final = 2**16  # bytes
_SIGNAL: Final = Cause.SIGNAL
_NO_PRICES: Final[Mapping[Symbol, int]] = MappingProxyType({})


class Journal(Protocol):
    """Where inputs and actions become durable."""

    def append(self, event: Event, actions: Sequence[Action]) -> None:
        """Take one event and what followed; not durable before `commit`."""

    def commit(self) -> None:
        """Return once everything appended is durable; requests may leave then."""


class Recorder:
    """
    Keeps the figures of a run.

    Args:
        journal: Where events and actions become durable, if anywhere.
        prices: The last prices that the core knows, live [won]; what an order saw is noted.

    Attributes:
        fills: Every booking, in order.
        orders: Orders sent.
        refusals: Refusals by reason.
        reasons: Why orders were sent that no strategy asked for: STOP, TAKE, TIME or KILL.
        seen: Last price when an order left, by order [won]; 0 where none was known.
    """

    def __init__(
        self, journal: Journal | None = None, prices: Mapping[Symbol, int] = _NO_PRICES
    ) -> None:
        self.fills: list[FillBooked] = []
        self.orders = 0
        self.refusals: Counter[Reason] = Counter()
        self.reasons: dict[ClOrdId, str] = {}
        self.seen: dict[ClOrdId, int] = {}
        self._journal = journal
        self._prices = prices
        self._hash = hashlib.sha256()
        self._unhashed = bytearray()
        self._encode_into = msgspec.msgpack.Encoder().encode_into

    def record(self, event: Event, actions: Sequence[Action]) -> list[OrderRequest]:
        """
        Take one event and what followed from it.

        Returns:
            The requests among the actions, in order.
        """
        requests: list[OrderRequest] = []
        for action in actions:
            if isinstance(action, OrderReported):
                self._encode_into(action.report, self._unhashed, _END)
            elif isinstance(action, FillBooked):
                self.fills.append(action)
            elif isinstance(action, SubmitOrder):
                self._encode_into(action, self._unhashed, _END)
                requests.append(action)
                self._count(action.order)
            elif isinstance(action, _CHANGES):
                self._encode_into(action, self._unhashed, _END)
                requests.append(action)
            elif isinstance(action, IntentRefused):
                self.refusals.update(refusal.reason for refusal in action.refusals)
        if self._journal is not None:
            self._journal.append(event, actions)
        return requests

    def _take_hash(self) -> None:
        """Hash what has gathered; many facts at once take less time than each by itself."""
        self._hash.update(self._unhashed)
        self._unhashed.clear()

    def _count(self, order: Order) -> None:
        self.orders += 1
        self.seen[order.cl_ord_id] = self._prices.get(order.symbol, 0)
        if order.cause is not _SIGNAL:
            self.reasons[order.cl_ord_id] = order.cause

    def commit(self) -> None:
        """Make what was recorded durable, where there is a journal."""
        if len(self._unhashed) > _HASHED_AT_ONCE:
            self._take_hash()
        if self._journal is not None:
            self._journal.commit()

    @property
    def order_hash(self) -> str:
        """SHA-256 over every request and report so far: equal runs have equal hashes."""
        self._take_hash()
        return self._hash.hexdigest()
