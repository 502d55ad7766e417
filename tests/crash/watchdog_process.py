"""Processes that a test kills: an executor that only buys, and watchdogs."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from pathlib import Path

from maemae.clocks import SystemWallClock
from maemae.domain.errors import NotAcceptedError, StorageError
from maemae.domain.instant import SECOND
from maemae.ports import Alert, Lease
from maemae.trading.emergency.epochs import Epochs
from maemae.trading.emergency.heartbeat import Heartbeat
from maemae.trading.emergency.kill_switch import KillSwitch
from maemae.trading.emergency.store_line import StoreLine
from maemae.trading.emergency.watchdog import Guard, Watchdog, run_watchdog
from tests.builders import ACCOUNT, an_order
from tests.crash.ledger_broker import LedgerBroker, SharedStore

FENCED_BY_BROKER = 3
FENCED_BY_LAST_HOP = 4


class Diary:
    """Writes down every alert (`maemae.ports.Notifier`)."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "alerts"

    async def notify(self, alert: Alert) -> None:
        with self._path.open("a") as file:
            file.write(f"{alert.code}\n")


def watch(folder: Path, name: str) -> None:
    wall = SystemWallClock()
    guard = Guard(name, (ACCOUNT,), dead_after=SECOND, killed_after=SECOND, look_every=SECOND // 20)
    run_watchdog(
        Watchdog(
            guard,
            (KillSwitch(folder, wall), Epochs(folder), Heartbeat(folder)),
            StoreLine(lambda: SharedStore(folder)),
            LedgerBroker(folder),
            Diary(folder),
            wall,
        )
    )


async def execute(folder: Path, *, looks: bool) -> int:
    """Buy without end; return who ended it."""
    store, broker, wall = SharedStore(folder), LedgerBroker(folder), SystemWallClock()
    lease = store.take_lease("executor", store.read_lease())
    assert lease is not None
    await broker.connect(lease.epoch)
    while True:
        with suppress(StorageError):
            lease = store.beat(lease) or lease
        if looks and Epochs(folder).newest() > lease.epoch:
            return FENCED_BY_LAST_HOP
        try:
            await broker.submit(an_order())
        except NotAcceptedError:
            return FENCED_BY_BROKER
        Heartbeat(folder).show(Lease(lease.holder, lease.epoch, wall.monotonic()))
        await asyncio.sleep(0.05)


if __name__ == "__main__":
    role, place, called = sys.argv[1:]
    if role == "watchdog":
        watch(Path(place), called)
    else:
        sys.exit(asyncio.run(execute(Path(place), looks=called == "looks")))
