"""A dead executor's orders are dealt with; a living one is never touched."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from maemae.core.events import KillLevel
from maemae.core.state import CoreState
from maemae.domain.errors import StorageError
from maemae.domain.instant import SECOND
from maemae.domain.terms import Side
from maemae.ports import Alert, Lease, OutboxRow, Recovered
from maemae.trading.emergency.epochs import Epochs
from maemae.trading.emergency.heartbeat import Heartbeat
from maemae.trading.emergency.kill_switch import KillSwitch
from maemae.trading.emergency.log import EpochTaken
from maemae.trading.emergency.reach import Reach
from maemae.trading.emergency.store_line import StoreLine
from maemae.trading.emergency.watchdog import Guard, Watchdog, has_exposure
from maemae.trading.lease import FREE
from tests.builders import ACCOUNT, a_core, an_order
from tests.emergency_broker import EmergencyBroker
from tests.virtual_time import VirtualWall, run


class MemoryStore:
    """A lease and a book in memory, which can be taken away."""

    def __init__(self) -> None:
        self.lease = Lease(FREE, 0, 0)
        self.state = CoreState()
        self.is_down = False

    def read_lease(self) -> Lease:
        self._require_up()
        return self.lease

    def take_lease(self, holder: str, seen: Lease) -> Lease | None:
        self._require_up()
        if seen != self.lease:
            return None
        self.lease = Lease(holder, seen.epoch + 1, 0)
        return self.lease

    def beat(self, lease: Lease) -> Lease | None:
        self._require_up()
        if (lease.holder, lease.epoch) != (self.lease.holder, self.lease.epoch):
            return None
        self.lease = Lease(lease.holder, lease.epoch, lease.beat + 1)
        return self.lease

    def recover(self) -> Recovered:
        self._require_up()
        rows: list[OutboxRow] = []
        return Recovered(self.state, 0, rows)

    def _require_up(self) -> None:
        if self.is_down:
            raise StorageError("내려갔습니다.", "Down.")


class Listener:
    """Hears every alert (`maemae.ports.Notifier`)."""

    def __init__(self) -> None:
        self.codes: list[str] = []

    async def notify(self, alert: Alert) -> None:
        self.codes.append(alert.code)
        raise ConnectionError("and the way it was told failed")


class Scene:
    """One data folder with its store and broker, an executor, and watchdogs."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.store = MemoryStore()
        self.store.state = a_core().state
        self.store.state.orders[an_order().cl_ord_id] = an_order()
        self.broker = EmergencyBroker()
        self.ears = Listener()
        self.is_alive = True
        self.has_file = True
        self.fenced_at: float | None = None

    def watchdog(self, name: str = "w", policy: Reach = Reach.CANCEL_BUYS) -> Watchdog:
        wall = VirtualWall()
        return Watchdog(
            Guard(name, (ACCOUNT,), policy),
            (self.switch, Epochs(self.home), Heartbeat(self.home)),
            StoreLine(lambda: self.store),
            self.broker,
            self.ears,
            wall,
        )

    @property
    def switch(self) -> KillSwitch:
        return KillSwitch(self.home, VirtualWall())

    async def execute(self) -> None:
        """Beat every three seconds as an executor does, as long as it is alive."""
        lease = self.store.take_lease("executor", self.store.lease)
        while True:
            await asyncio.sleep(3)
            if not self.is_alive or lease is None:
                continue
            if not self.store.is_down:
                lease = self.store.beat(lease)
            else:
                lease = Lease(lease.holder, lease.epoch, lease.beat + 1)
            if lease is None or Epochs(self.home).newest() > lease.epoch:
                self.fenced_at = asyncio.get_running_loop().time()
                lease = None
            elif self.has_file:
                Heartbeat(self.home).show(lease)

    def after(self, secs: float, do: Callable[[], object]) -> None:
        asyncio.get_running_loop().call_later(secs, do)

    def die(self) -> None:
        self.is_alive = False

    async def play(self, secs: float, *watchdogs: Watchdog) -> None:
        """Let everything run for so long."""
        tasks = [asyncio.create_task(dog.run()) for dog in watchdogs or (self.watchdog(),)]
        tasks.append(asyncio.create_task(self.execute()))
        await asyncio.sleep(secs)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        for task in tasks:
            assert task.cancelled(), task.exception()


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """Return a scene with a buy and a sale at work."""
    made = Scene(tmp_path)
    made.broker.hold("000001", 10)
    made.broker.work("000001", Side.SELL, 4)
    made.broker.work("000002", Side.BUY, 5)
    return made


@pytest.mark.parametrize("pressed", [None, KillLevel.LIQUIDATE])
def test_watchdog_while_the_executor_lives_does_nothing(
    scene: Scene, pressed: KillLevel | None
) -> None:
    if pressed is not None:
        run(_press(scene, pressed))

    run(scene.play(600))

    assert (scene.broker.epochs, scene.broker.sent, scene.ears.codes) == ([], [], [])


async def _press(scene: Scene, level: KillLevel) -> None:
    scene.switch.press(level, "kim", "x")


def test_watchdog_when_the_executor_dies_takes_the_epoch_and_cancels_buys(scene: Scene) -> None:
    async def play() -> None:
        scene.after(60, scene.die)
        await scene.play(150)

    run(play())

    assert scene.broker.epochs == [2]
    assert scene.broker.sent == ["CANCEL 2"]
    assert 87 * SECOND <= scene.broker.arrivals[0] <= 90 * SECOND
    assert scene.ears.codes == ["EXECUTOR_DEAD", "EMERGENCY_DONE"]
    assert EpochTaken(2, "watchdog:w") in [line.record for line in scene.switch.log.lines()]


def test_watchdog_when_done_gives_the_lease_back(scene: Scene) -> None:
    async def play() -> None:
        scene.after(60, scene.die)
        await scene.play(150)

    run(play())

    assert scene.store.lease.holder == FREE
    assert scene.store.lease.epoch == 3


def test_executor_that_was_only_paused_finds_itself_fenced(scene: Scene) -> None:
    async def play() -> None:
        scene.after(60, scene.die)
        scene.after(160, lambda: setattr(scene, "is_alive", True))
        await scene.play(200)

    run(play())

    assert scene.fenced_at is not None
    assert scene.broker.sent == ["CANCEL 2"]


def test_watchdog_when_nothing_is_open_only_tells(scene: Scene) -> None:
    async def play() -> None:
        scene.store.state = CoreState()
        scene.after(60, scene.die)
        await scene.play(150)

    run(play())

    assert (scene.broker.epochs, scene.ears.codes) == ([], ["EXECUTOR_DEAD"])


@pytest.mark.parametrize(
    ("policy", "sent"),
    [
        (Reach.NOTHING, []),
        (Reach.CANCEL_ALL, ["CANCEL 1", "CANCEL 2"]),
        (Reach.LIQUIDATE, ["CANCEL 1", "CANCEL 2", "SELL 000001 10"]),
    ],
)
def test_watchdog_goes_as_far_as_its_policy(scene: Scene, policy: Reach, sent: list[str]) -> None:
    async def play() -> None:
        scene.after(60, scene.die)
        await scene.play(200, scene.watchdog(policy=policy))

    run(play())

    assert scene.broker.sent == sent


def test_watchdog_when_the_kill_switch_is_pressed_on_a_hung_executor_acts_sooner(
    scene: Scene,
) -> None:
    async def play() -> None:
        scene.after(60, scene.die)
        scene.after(61, lambda: scene.switch.press(KillLevel.LIQUIDATE, "kim", "x"))
        await scene.play(150)

    run(play())

    assert scene.broker.is_flat
    assert scene.broker.arrivals[0] <= 73 * SECOND


def test_watchdog_when_the_kill_switch_is_pressed_without_an_executor_acts(scene: Scene) -> None:
    async def play() -> None:
        scene.store.lease = Lease(FREE, 4, 0)
        dog = asyncio.create_task(scene.watchdog().run())
        scene.after(20, lambda: scene.switch.press(KillLevel.CANCEL_ALL, "kim", "x"))
        await asyncio.sleep(100)
        dog.cancel()

    run(play())

    assert scene.broker.sent == ["CANCEL 1", "CANCEL 2"]
    assert scene.ears.codes == ["EMERGENCY_DONE"]
    assert scene.broker.arrivals[0] <= 22 * SECOND


def test_watchdog_when_the_switch_goes_higher_goes_farther(scene: Scene) -> None:
    async def play() -> None:
        scene.after(60, scene.die)
        scene.after(150, lambda: scene.switch.press(KillLevel.LIQUIDATE, "kim", "x"))
        await scene.play(250)

    run(play())

    assert scene.broker.sent == ["CANCEL 2", "CANCEL 1", "SELL 000001 10"]


def test_watchdog_when_the_store_is_down_goes_by_the_file(scene: Scene) -> None:
    async def play() -> None:
        scene.after(30, lambda: setattr(scene.store, "is_down", True))
        scene.after(90, scene.die)
        await scene.play(200)

    run(play())

    assert scene.broker.sent == ["CANCEL 2"]
    assert scene.broker.epochs == [2]
    assert scene.broker.arrivals[0] >= 117 * SECOND
    assert Epochs(scene.home).newest() == 2


def test_watchdog_when_it_can_see_neither_store_nor_file_does_nothing(scene: Scene) -> None:
    async def play() -> None:
        scene.has_file = False
        scene.after(30, lambda: setattr(scene.store, "is_down", True))
        await scene.play(300)

    run(play())

    assert (scene.broker.epochs, scene.ears.codes) == ([], [])


def test_watchdog_when_the_store_hangs_goes_by_the_file(scene: Scene) -> None:
    def refuse() -> MemoryStore:
        raise OSError("connection refused")  # not even an error of ours

    async def play() -> None:
        dog = scene.watchdog()
        dog._store = StoreLine(refuse)
        scene.after(90, scene.die)
        await scene.play(200, dog)

    run(play())

    assert scene.broker.sent == ["CANCEL 2"]


@pytest.mark.parametrize("is_down", [False, True])
def test_of_two_watchdogs_one_acts(scene: Scene, *, is_down: bool) -> None:
    async def play() -> None:
        scene.after(50, lambda: setattr(scene.store, "is_down", is_down))
        scene.after(60, scene.die)
        await scene.play(400, scene.watchdog("one"), scene.watchdog("two"))

    run(play())

    assert scene.broker.sent == ["CANCEL 2"]
    assert scene.ears.codes.count("EMERGENCY_DONE") == 1


def test_watchdog_at_work_keeps_others_away(scene: Scene) -> None:
    async def play() -> None:
        scene.broker.halted.update(scene.broker.held)
        scene.after(60, scene.die)
        dogs = [scene.watchdog(name, Reach.LIQUIDATE) for name in ("one", "two")]
        await scene.play(250, *dogs)

    run(play())

    assert scene.broker.epochs == [2]


def test_watchdog_that_dies_at_work_is_followed_by_another(scene: Scene) -> None:
    async def play() -> None:
        scene.store.lease = Lease("watchdog:dead", 7, 3)
        dog = asyncio.create_task(scene.watchdog().run())
        await asyncio.sleep(100)
        dog.cancel()

    run(play())

    assert scene.broker.sent == ["CANCEL 2"]


def test_watchdog_that_was_paused_itself_does_not_take_that_for_death(scene: Scene) -> None:
    async def play() -> None:
        dog = scene.watchdog()
        executing = asyncio.create_task(scene.execute())
        await dog.look()
        scene.die()
        await asyncio.sleep(1_000)  # nobody looks, nobody beats: the machine was paused
        await dog.look()
        scene.is_alive = True
        for _ in range(100):
            await asyncio.sleep(1)
            await dog.look()
        executing.cancel()

    run(play())

    assert scene.broker.epochs == []


def test_watchdog_when_an_executor_takes_over_stops_at_once(scene: Scene) -> None:
    def restart() -> None:
        scene.store.lease = Lease("executor-2", 9, 0)
        Epochs(scene.home).claim(9, "executor-2")

    async def play() -> None:
        for number in range(30):
            scene.broker.work(f"{number:06}", Side.BUY, 1)
        scene.after(60, scene.die)
        scene.after(90, restart)
        await scene.play(97)

    run(play())

    assert 0 < len(scene.broker.sent) < 25
    assert scene.broker.arrivals[-1] <= 90 * SECOND


def test_watchdog_when_the_broker_is_away_tries_again_ever_more_rarely(scene: Scene) -> None:
    async def play() -> None:
        scene.broker.is_reachable = False
        scene.after(60, scene.die)
        scene.after(200, lambda: setattr(scene.broker, "is_reachable", True))
        await scene.play(400)

    run(play())

    assert scene.broker.sent == ["CANCEL 2"]
    assert 3 < scene.ears.codes.count("EMERGENCY_NOT_CONNECTED") < 10
    assert scene.ears.codes[-1] == "EMERGENCY_DONE"


def test_watchdog_when_no_disk_and_no_store_prove_its_epoch_sends_nothing(scene: Scene) -> None:
    async def play() -> None:
        scene.after(50, lambda: setattr(scene.store, "is_down", True))
        scene.after(60, lambda: (scene.home / "epochs").write_text("not a folder"))
        scene.after(60, scene.die)
        await scene.play(150)

    run(play())

    assert scene.broker.epochs == []
    assert "EMERGENCY_NO_EPOCH" in scene.ears.codes


def test_executor_that_comes_back_at_the_last_moment_is_left_alone(scene: Scene) -> None:
    async def play() -> None:
        dog = scene.watchdog()
        executing = asyncio.create_task(scene.execute())
        await asyncio.sleep(10)
        for second in range(100):
            scene.store.is_down = second > 5
            scene.is_alive = second < 10
            await asyncio.sleep(1)
            await dog._observe()
        assert dog._is_dead()
        scene.is_alive = True
        await asyncio.sleep(4)
        await dog._act(Reach.CANCEL_ALL)
        executing.cancel()

    run(play())

    assert (scene.broker.epochs, scene.broker.sent) == ([], [])


def test_executor_that_stopped_on_purpose_is_not_dead(scene: Scene) -> None:
    async def play() -> None:
        scene.store.lease = Lease("executor", 4, 9)
        Heartbeat(scene.home).show(Lease(FREE, 4, 9))
        dog = asyncio.create_task(scene.watchdog().run())
        await asyncio.sleep(100)
        dog.cancel()

    run(play())

    assert (scene.broker.epochs, scene.ears.codes) == ([], [])


def test_exposure_is_an_open_order_a_position_or_a_pressed_switch() -> None:
    empty, killed, ordered = CoreState(), CoreState(kill=KillLevel.STOP_NEW), CoreState()
    ordered.orders[an_order().cl_ord_id] = an_order()

    assert [has_exposure(state) for state in (empty, killed, ordered)] == [False, True, True]
