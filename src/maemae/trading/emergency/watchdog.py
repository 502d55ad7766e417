"""
The watchdog: a process that acts when the executor is dead, and never while it lives.

An executor lives as long as its beat goes on, in the store or in the heartbeat file; how long it
has stood still is told by the watchdog's own monotonic clock, and only while it was looking.
Before it acts it takes the epoch, so that an executor that was only paused finds itself
fenced when it wakes, and of two watchdogs one acts. When it has done what it could it gives the
lease back, so that an executor can start at once.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

import msgspec

from maemae.core.events import KillLevel
from maemae.core.state import CoreState
from maemae.domain.errors import BrokerError, StorageError
from maemae.domain.ids import AccountId
from maemae.domain.instant import MINUTE, SECOND
from maemae.domain.text import Text
from maemae.ports import Alert, Broker, Lease, Notifier, WallClock
from maemae.trading.emergency.epochs import Epochs
from maemae.trading.emergency.heartbeat import Heartbeat
from maemae.trading.emergency.kill_switch import KillSwitch
from maemae.trading.emergency.lane import PATIENCE, EmergencyLane
from maemae.trading.emergency.log import EpochTaken
from maemae.trading.emergency.reach import REACHES, Reach, farther
from maemae.trading.emergency.scribe import LogScribe
from maemae.trading.emergency.store_line import StoreLine
from maemae.trading.lease import FREE

_MISSED_LOOKS: Final = 3  # looks that did not happen: it was paused itself
_RECOVER_WITHIN_SECS: Final = 10.0
_TELL_WITHIN_SECS: Final = 5.0
_LAST_RETRY: Final = MINUTE
_MARK: Final = "watchdog:"
_NOBODY: Final = Lease(FREE, 0, 0)


class Guard(msgspec.Struct, frozen=True):
    """
    What a watchdog is told to do.

    Attributes:
        name: Of this process; no other one, before or after it, has the same.
        accounts: Whose orders and positions it looks after.
        policy: How far it goes by itself when an executor is dead that had something open; the
            kill switch may ask for more. Sales only if configured.
        dead_after: How long a beat stands still before its executor is dead [ns]. Longer than
            the lease's time to live and half of it more, so that a restart comes first.
        killed_after: The same while the kill switch asks for something to be sent [ns]; longer
            than the time between two beats.
        look_every: Between two looks [ns].
        lane_patience: How long one run of the emergency lane tries [ns].
    """

    name: str
    accounts: Sequence[AccountId]
    policy: Reach = Reach.CANCEL_BUYS
    dead_after: int = 30 * SECOND
    killed_after: int = 10 * SECOND
    look_every: int = SECOND
    lane_patience: int = PATIENCE


class _Seen(msgspec.Struct, frozen=True):
    """Signs of life: from the store (the last it said), from the file, and the newest epoch."""

    stored: Lease
    shown: Lease
    claimed: int

    @property
    def newest(self) -> Lease:
        """Return the lease that holds; in one epoch only the file may know that it ended."""
        return self.shown if self.shown.epoch >= self.stored.epoch else self.stored

    @property
    def epoch(self) -> int:
        """Return the highest epoch that anything knows of."""
        return max(self.newest.epoch, self.claimed)


class Watchdog:
    """
    Watches one executor.

    Args:
        guard: What to do.
        kill_switch: Of the executor's data folder.
        epochs: Of the same folder.
        heartbeat: Of the same folder.
        store: A line to the executor's store.
        broker: A connection of its own, with its own quota; not connected.
        notifier: Tells a person.
        wall: Real time.
    """

    def __init__(
        self,
        guard: Guard,
        folder: tuple[KillSwitch, Epochs, Heartbeat],
        store: StoreLine,
        broker: Broker,
        notifier: Notifier,
        wall: WallClock,
    ) -> None:
        self._guard = guard
        self._switch, self._epochs, self._heartbeat = folder
        self._store = store
        self._broker = broker
        self._notifier = notifier
        self._wall = wall
        self._scribe = LogScribe(self._switch.log, wall)
        self._name = f"{_MARK}{guard.name}"
        self._seen = _Seen(_NOBODY, _NOBODY, 0)
        self._is_store_up = False
        self._still_since = self._looked_at = wall.monotonic()
        self._lease: Lease | None = None
        self._is_stored = False
        self._owed = self._served = Reach.NOTHING
        self._told_epoch = -1
        self._telling: set[asyncio.Task[None]] = set()
        self._retry_at = 0
        self._retry_after = SECOND

    async def run(self) -> None:
        """Watch for ever."""
        while True:
            await self.look()
            await self._wall.sleep(self._guard.look_every)

    async def look(self) -> None:
        """Look once, and act if it has to be."""
        await self._observe()
        if self._is_dead() and self._told_epoch != self._seen.epoch:
            self._told_epoch = self._seen.epoch
            self._served = Reach.NOTHING
            self._tell("EXECUTOR_DEAD", self._seen.newest.holder, _DEAD)
            goes_farther = farther(self._guard.policy, self._pressed()) is not self._pressed()
            if goes_farther and await self._is_exposed():
                self._owed = self._guard.policy
        elif not (self._is_dead() or self._is_at_rest()):
            return
        reach = farther(self._pressed(), self._owed)
        if farther(reach, self._served) is self._served:
            return
        if self._wall.monotonic() >= self._retry_at:
            await self._act(reach)

    async def _observe(self) -> None:
        """Look for signs of life; any change is one."""
        now = self._wall.monotonic()
        if now - self._looked_at > _MISSED_LOOKS * self._guard.look_every:
            self._still_since = now  # we were paused, and have seen nothing meanwhile
        stored = self._seen.stored
        try:
            stored = await self._store.ask(lambda store: store.read_lease())
            self._is_store_up = True
        except StorageError:
            self._is_store_up = False
        claimed = self._seen.claimed
        with suppress(StorageError):
            claimed = self._epochs.newest()
        seen = _Seen(stored, self._heartbeat.read() or self._seen.shown, claimed)
        self._looked_at = self._wall.monotonic()
        if seen == self._seen:
            return
        self._seen, self._still_since = seen, self._looked_at
        holder = seen.newest.holder
        if holder != FREE and not self._is_own(holder):
            self._owed = Reach.NOTHING  # whoever holds the lease sees to everything
            is_watchdog = holder.startswith(_MARK)
            self._served = self._pressed() if is_watchdog else Reach.NOTHING

    def _is_dead(self) -> bool:
        """Whether a beat that can be seen from here has stood still for too long."""
        is_visible = self._is_store_up or self._seen.shown.epoch >= self._seen.epoch > 0
        stood_still = self._wall.monotonic() - self._still_since
        is_calm = self._pressed() is Reach.NOTHING
        too_long = self._guard.dead_after if is_calm else self._guard.killed_after
        return not self._is_at_rest() and is_visible and stood_still >= too_long

    def _pressed(self) -> Reach:
        return REACHES[self._switch.file.level()]

    def _is_at_rest(self) -> bool:
        """Whether nobody holds the lease; ours that could not be given back counts as that."""
        holder = self._seen.newest.holder
        return holder == FREE or self._is_own(holder)

    def _is_own(self, holder: str) -> bool:
        return holder.partition("#")[0] == self._name

    async def _is_exposed(self) -> bool:
        """Whether anything is open by the executor's own book; what cannot be read may be."""
        try:
            recovered = await self._store.ask(lambda store: store.recover(), _RECOVER_WITHIN_SECS)
        except StorageError:
            return True
        return bool(recovered.open_requests) or has_exposure(recovered.state)

    async def _act(self, reach: Reach) -> None:
        """Take the epoch, then the emergency lane, under a beat of our own."""
        lease = await self._take_epoch()
        if lease is None:
            return
        over = asyncio.Event()
        keeping = asyncio.create_task(self._keep_until(over))
        try:
            await self._broker.connect(lease.epoch)
            lane = EmergencyLane(
                self._broker,
                self._guard.accounts,
                self._scribe,
                self._wall,
                self._is_ours,
                self._guard.lane_patience,
            )
            report = await lane.run(reach)
        except BrokerError as error:
            self._wait_longer()
            self._tell("EMERGENCY_NOT_CONNECTED", "broker", error.text)
            return
        finally:
            over.set()
            await self._broker.close()
            # Waited for, not canceled: was an interrupted beat written? Nobody would know.
            await asyncio.wait({keeping})
            await self._give_back()
        self._retry_after = SECOND
        if report.is_done:
            self._served = reach
        self._tell("EMERGENCY_DONE", str(reach), report.text)

    async def _take_epoch(self) -> Lease | None:
        """Become the holder; None if somebody was faster, or nothing can prove that we are."""
        if (self._heartbeat.read() or self._seen.shown) != self._seen.shown:
            return None  # it lives after all, by the file
        floor = self._seen.epoch
        lease: Lease | None
        try:
            lease = await self._take_stored(floor)
            self._is_stored = True
        except StorageError:
            lease = Lease(self._name, floor + 1, 0)
            self._is_stored = False
        if lease is None:
            return None
        try:
            if not self._epochs.claim(lease.epoch, lease.holder):
                return None
        except StorageError as error:
            if not self._is_stored:
                self._wait_longer()
                self._tell("EMERGENCY_NO_EPOCH", self._name, error.text)
                return None
        self._lease = lease
        await self._scribe.note(EpochTaken(lease.epoch, lease.holder))
        await self._keep()
        return self._lease

    async def _take_stored(self, floor: int) -> Lease | None:
        """Take the lease as it was seen, again until its epoch is above all that were taken."""
        taken = await self._ask_for_lease(self._name, self._seen.stored)
        while taken is not None and taken.epoch <= floor:
            taken = await self._ask_for_lease(f"{self._name}#{taken.epoch}", taken)
        return taken

    async def _ask_for_lease(self, holder: str, seen: Lease) -> Lease | None:
        return await self._store.ask(lambda store: store.take_lease(holder, seen))

    async def _give_back(self) -> None:
        """Let an executor start at once; a lease that cannot be given back runs out by itself."""
        lease, self._lease = self._lease, None
        if lease is None:
            return
        free = Lease(FREE, lease.epoch, lease.beat)
        with suppress(StorageError):
            if self._is_stored:
                seen = await self._store.ask(lambda store: store.read_lease())
                is_ours = (seen.holder, seen.epoch) == (lease.holder, lease.epoch)
                free = (await self._ask_for_lease(FREE, seen) if is_ours else None) or lease
        with suppress(StorageError):
            if self._is_ours_by_file(lease):
                self._heartbeat.show(free)

    async def _keep_until(self, over: asyncio.Event) -> None:
        while not over.is_set():
            await self._keep()
            await self._wall.sleep(self._guard.look_every)

    async def _keep(self) -> None:
        """Show our beat while we hold the lease; forget it once it is another's."""
        lease = self._lease
        if lease is None:
            return
        kept: Lease | None = msgspec.structs.replace(lease, beat=lease.beat + 1)
        if self._is_stored:
            with suppress(StorageError):  # down: the epochs and the broker's fence hold
                kept = await self._store.ask(lambda store: store.beat(lease))
        self._lease = kept if self._is_ours_by_file(lease) else None
        if self._lease is not None:
            with suppress(StorageError):
                self._heartbeat.show(self._lease)

    def _is_ours_by_file(self, lease: Lease) -> bool:
        shown = self._heartbeat.read()
        return shown is None or shown.epoch <= lease.epoch

    def _is_ours(self) -> bool:
        """Whether nobody has taken over; looked at right before each sending."""
        if self._lease is None:
            return False
        try:
            return self._epochs.newest() <= self._lease.epoch
        except StorageError:
            return self._is_stored  # then the lease in the store says it

    def _wait_longer(self) -> None:
        self._retry_at = self._wall.monotonic() + self._retry_after
        self._retry_after = min(2 * self._retry_after, _LAST_RETRY)

    def _tell(self, code: str, subject: str, text: Text) -> None:
        """Tell a person; a way that fails or hangs must not keep the watchdog from acting."""
        alert = Alert(code, subject, is_critical=True, text=text, at=self._wall.now())
        telling = asyncio.create_task(self._deliver(alert))
        self._telling.add(telling)
        telling.add_done_callback(self._told)

    async def _deliver(self, alert: Alert) -> None:
        async with asyncio.timeout(_TELL_WITHIN_SECS):
            await self._notifier.notify(alert)

    def _told(self, telling: asyncio.Task[None]) -> None:
        """Look at what the notifier raised; whether a way works is for it to watch."""
        self._telling.discard(telling)
        if not telling.cancelled():
            telling.exception()


def has_exposure(state: CoreState) -> bool:
    """Whether an executor's book has an open order, a position or a kill switch pressed."""
    return (
        state.kill is not KillLevel.OFF
        or any(not order.is_closed for order in state.orders.values())
        or any(
            position.qty
            for sleeve in state.sleeves.values()
            for position in sleeve.positions.values()
        )
    )


def run_watchdog(watchdog: Watchdog) -> None:
    """Watch until SIGTERM or SIGINT: the body of the watchdog's process."""
    with suppress(asyncio.CancelledError):
        asyncio.run(_until_told(watchdog))


async def _until_told(watchdog: Watchdog) -> None:
    watching = asyncio.ensure_future(watchdog.run())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, watching.cancel)
    await watching


_DEAD: Final = Text(
    "실행기가 응답하지 않습니다. 열린 주문과 보유를 증권사 앱에서 확인하고 실행기를 다시 "
    "시작하세요. 정해 둔 비상 조치를 시작합니다.",
    "The executor shows no sign of life. Look at open orders and positions in the broker's own app "
    "and start it again. What is configured for this case begins now.",
)
