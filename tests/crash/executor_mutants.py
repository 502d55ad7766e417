"""
Executors that are wrong on purpose: the harness must find each of them out.

They are the naive designs that really fail: orders sent before they are durable, orders sent
again after a restart, an absence believed at once, a lease that ends for nobody.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from types import MappingProxyType
from typing import Final
from unittest.mock import patch

import msgspec

from maemae.brokers.sim import broker
from maemae.brokers.sim.mapping import traits_from_welcome
from maemae.brokers.sim.messages import Welcome
from maemae.core.actions import SubmitOrder
from maemae.core.state import CoreState
from maemae.domain.instant import MINUTE
from maemae.domain.order_status import OrderStatus
from maemae.ports import BrokerTraits, OutboxRow, Turn
from maemae.storage.store import SqlStore
from maemae.storage.turns import Waiting
from maemae.storage.writer import Writer
from maemae.trading import doubt
from maemae.trading.lease import LeaseKeeper
from maemae.trading.outbox import Parcel
from maemae.trading.recovery import Recovery

First = Callable[[], None] | None
_LATE_SECS: Final = 0.4


def send_before_saving() -> None:
    """Let requests leave while their turn is not durable yet."""
    write, put = SqlStore.write, Writer.put
    late: queue.SimpleQueue[tuple[float, Writer, Waiting]] = queue.SimpleQueue()

    def follow() -> None:
        while True:
            due, writer, waiting = late.get()
            time.sleep(max(0.0, due - time.monotonic()))
            put(writer, waiting)

    def hasty_put(writer: Writer, waiting: Waiting) -> None:
        late.put((time.monotonic() + _LATE_SECS, writer, waiting))

    def hasty_write(
        store: SqlStore, turn: Turn, state: CoreState, epoch: int, first: First = None
    ) -> Future[None]:
        write(store, turn, state, epoch, first)
        said: Future[None] = Future()
        said.set_result(None)
        return said

    threading.Thread(target=follow, daemon=True).start()
    patch.object(Writer, "put", hasty_put).start()
    patch.object(SqlStore, "write", hasty_write).start()


def send_again() -> None:
    """Send after a restart whatever has no answer, without asking the broker."""

    async def again(recovery: Recovery, rows: Sequence[OutboxRow]) -> None:
        now = recovery.outside.venue.now()
        for row in rows:
            order = recovery.state().orders.get(row.cl_ord_id)
            if order is None or order.standing is not OrderStatus.PENDING_NEW:
                continue
            fresh = msgspec.structs.replace(row, expires_at=now + 60 * MINUTE)
            recovery.sender.put((Parcel(fresh, order, SubmitOrder(order)),))

    patch.object(Recovery, "_doubt", again).start()


def believe_at_once() -> None:
    """Take an order that is in no list for one that was never accepted, without waiting."""

    def impatient(welcome: Welcome) -> BrokerTraits:
        return msgspec.structs.replace(traits_from_welcome(welcome), quiet_period=0)

    patch.object(broker, "traits_from_welcome", impatient).start()
    patch.object(doubt, "_are_apart", lambda proofs, _quiet: bool(proofs)).start()


def only_the_lease() -> None:
    """Have a store and a broker that ask for no epoch: what stops a stale sender is the lease."""
    connect, write = broker.SimBroker.connect, SqlStore.write

    async def as_everybody(self: broker.SimBroker, _epoch: int) -> None:
        await connect(self, 1)

    def unchecked_write(
        store: SqlStore, turn: Turn, state: CoreState, epoch: int, first: First = None
    ) -> Future[None]:
        said: Future[None] = Future()
        write(store, turn, state, epoch, first).add_done_callback(lambda _: said.set_result(None))
        return said

    patch.object(SqlStore, "write", unchecked_write).start()
    patch.object(broker.SimBroker, "connect", as_everybody).start()


def unfenced_lease() -> None:
    """Believe in the lease for ever, and let nobody else ask for an epoch either."""

    async def never_beat(_keeper: LeaseKeeper) -> None:
        await asyncio.Event().wait()

    only_the_lease()
    patch.object(LeaseKeeper, "is_ours", lambda _keeper: True).start()
    patch.object(LeaseKeeper, "keep", never_beat).start()


MUTANTS: Final[Mapping[str, Callable[[], None]]] = MappingProxyType(
    {
        "send_before_saving": send_before_saving,
        "send_again": send_again,
        "believe_at_once": believe_at_once,
        "only_the_lease": only_the_lease,
        "unfenced_lease": unfenced_lease,
    }
)
