"""An executor whose store fails: nothing new leaves, the kill switch works, and it heals."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psutil
import pytest

from maemae.brokers.sim.messages import Cancel
from maemae.clocks import SystemWallClock
from maemae.core.events import KillLevel
from maemae.domain.instant import SECOND
from maemae.domain.terms import Side
from maemae.trading.control.commands import ReleaseKill
from maemae.trading.control.replies import Accepted
from maemae.trading.emergency.kill_switch import KillSwitch
from tests.brokers.sim_rig import RISING
from tests.crash.executor_judge import judge
from tests.crash.executor_rig import ExecutorRig
from tests.crash.executor_street import FAR, Street, a_street, an_order, holdings, objection, place, until
from tests.crash.postgres_server import PostgresProcess

WORKING = 5
HELD = 10
ROOM = 64 * 1024
"""What a file may grow to on the full disk: what is short can be written, the database cannot."""

Fault = Callable[[ExecutorRig], AbstractContextManager[None]]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresProcess]:
    with PostgresProcess(tmp_path_factory.mktemp("faults")) as server:
        yield server


def stood_still(server: PostgresProcess) -> Fault:
    @contextmanager
    def fault(_executor: ExecutorRig) -> Iterator[None]:
        server.pause()
        try:
            yield
        finally:
            server.go_on()

    return fault


def killed(server: PostgresProcess) -> Fault:
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
    process = psutil.Process(executor.pid)
    soft, hard = process.rlimit(resource.RLIMIT_FSIZE)
    process.rlimit(resource.RLIMIT_FSIZE, (ROOM, hard))
    try:
        yield
    finally:
        process.rlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def failing_sync(executor: ExecutorRig) -> Iterator[None]:
    executor.kill()
    executor.start("store.before_commit=raise@20")
    assert executor.settles(), executor.said[-4_000:]
    try:
        yield
    finally:
        executor.kill()
        executor.start()


def buys_since(street: Street, instant: int) -> list[object]:
    return [
        asked
        for asked in street.submits
        if asked.wall > instant and asked.request.side is Side.BUY
    ]


T0=time.monotonic()
def drill(street: Street, executor: ExecutorRig, fault: Fault) -> None:
    print('%6.2f'%(time.monotonic()-T0), 'street.open(executor)', flush=True)
    street.open(executor)
    print('%6.2f'%(time.monotonic()-T0), 'place(executor, *(an_order(price=FAR + 10 * number) for numb', flush=True)
    place(executor, *(an_order(price=FAR + 10 * number) for number in range(WORKING)))
    print('%6.2f'%(time.monotonic()-T0), 'place(executor, an_order(RISING, HELD, stop_loss=300_000))', flush=True)
    place(executor, an_order(RISING, HELD, stop_loss=300_000))
    print('%6.2f'%(time.monotonic()-T0), 'assert until(lambda: street.held(RISING) == HELD), executor.', flush=True)
    assert until(lambda: street.held(RISING) == HELD), executor.said[-4_000:]
    print('%6.2f'%(time.monotonic()-T0), 'assert executor.settles(), executor.said[-4_000:]', flush=True)
    assert executor.settles(), executor.said[-4_000:]
    print('%6.2f'%(time.monotonic()-T0), 'switch = KillSwitch(executor.home, SystemWallClock())', flush=True)
    switch = KillSwitch(executor.home, SystemWallClock())

    print('%6.2f'%(time.monotonic()-T0), 'with fault(executor):', flush=True)
    with fault(executor):
        print('%6.2f'%(time.monotonic()-T0), 'with ThreadPoolExecutor(4) as clients:', flush=True)
        with ThreadPoolExecutor(4) as clients:
            while "STORE_FAILED" not in executor.said:
                wishes = [an_order(price=FAR - 100) for _ in range(4)]
                list(clients.map(lambda wish: objection(executor, wish), wishes))
        print('%6.2f'%(time.monotonic()-T0), 'failed_at = time.time_ns()', flush=True)
        failed_at = time.time_ns()
        print('%6.2f'%(time.monotonic()-T0), 'time.sleep(2.0)  # longer than its lease lasts', flush=True)
        time.sleep(2.0)  # longer than its lease lasts

        pressed_at = time.time_ns()
        print('%6.2f'%(time.monotonic()-T0), 'switch.press(KillLevel.CANCEL_ALL, "test", "drill")', flush=True)
        switch.press(KillLevel.CANCEL_ALL, "test", "drill")
        print('%6.2f'%(time.monotonic()-T0), 'assert until(lambda: len(street.cancels) >= WORKING), execut', flush=True)
        assert until(lambda: len(street.cancels) >= WORKING), executor.said[-4_000:]
        took = (street.cancels[WORKING - 1].wall - pressed_at) / SECOND
        print('%6.2f'%(time.monotonic()-T0), 'assert took < 2.0, f"the cancels took {took:.1f} s"', flush=True)
        assert took < 2.0, f"the cancels took {took:.1f} s"
        print('%6.2f'%(time.monotonic()-T0), 'assert street.held(RISING) == HELD', flush=True)
        assert street.held(RISING) == HELD

        print('%6.2f'%(time.monotonic()-T0), 'switch.press(KillLevel.LIQUIDATE, "test", "drill")', flush=True)
        switch.press(KillLevel.LIQUIDATE, "test", "drill")
        print('%6.2f'%(time.monotonic()-T0), 'assert until(lambda: street.held(RISING) == 0), executor.sai', flush=True)
        assert until(lambda: street.held(RISING) == 0), executor.said[-4_000:]
        print('%6.2f'%(time.monotonic()-T0), 'assert buys_since(street, failed_at) == []', flush=True)
        assert buys_since(street, failed_at) == []

    print('%6.2f'%(time.monotonic()-T0), 'assert until(lambda: is_killed(executor), 10.0), executor.sa', flush=True)
    assert until(lambda: is_killed(executor), 10.0), executor.said[-4_000:]
    print('%6.2f'%(time.monotonic()-T0), 'executor.kill()', flush=True)
    executor.kill()
    print('%6.2f'%(time.monotonic()-T0), 'executor.start()', flush=True)
    executor.start()
    print('%6.2f'%(time.monotonic()-T0), 'assert until(lambda: is_killed(executor), 10.0), executor.sa', flush=True)
    assert until(lambda: is_killed(executor), 10.0), executor.said[-4_000:]
    print('%6.2f'%(time.monotonic()-T0), 'assert buys_since(street, failed_at) == []', flush=True)
    assert buys_since(street, failed_at) == []

    release = ReleaseKill("go", "test", "mended", switch.file.text())
    print('%6.2f'%(time.monotonic()-T0), 'assert until(lambda: isinstance(executor.ask(release), Accep', flush=True)
    assert until(lambda: isinstance(executor.ask(release), Accepted))
    print('%6.2f'%(time.monotonic()-T0), 'executor.open_trading()', flush=True)
    executor.open_trading()
    print('%6.2f'%(time.monotonic()-T0), 'street.show(executor)', flush=True)
    street.show(executor)
    print('%6.2f'%(time.monotonic()-T0), 'assert holdings(executor) == ()', flush=True)
    assert holdings(executor) == ()
    print('%6.2f'%(time.monotonic()-T0), 'place(executor, an_order(price=FAR))', flush=True)
    place(executor, an_order(price=FAR))
    print('%6.2f'%(time.monotonic()-T0), 'assert executor.settles(), executor.said[-4_000:]', flush=True)
    assert executor.settles(), executor.said[-4_000:]
    print('%6.2f'%(time.monotonic()-T0), 'assert executor.stop() == 0', flush=True)
    assert executor.stop() == 0
    print('%6.2f'%(time.monotonic()-T0), 'assert judge(', flush=True)
    assert judge(
        executor.database, Path(street.broker.config.ledger), executor.home
    ).faults == []


def is_killed(executor: ExecutorRig) -> bool:
    status = executor.status()
    return (
        status is not None
        and status.kill is KillLevel.LIQUIDATE
        and not status.unknown_orders
        and not status.open_orders
        and not status.positions
    )


@pytest.mark.parametrize("kind", [stood_still, killed])
def test_executor_when_postgresql_fails_can_be_killed_and_heals(
    tmp_path: Path, server: PostgresProcess, kind: Callable[[PostgresProcess], Fault]
) -> None:
    with a_street(tmp_path, speed=30) as street:
        executor = street.executor(database=server.new_database())
        drill(street, executor, kind(server))


@pytest.mark.parametrize("fault", [full_disk, failing_sync])
def test_executor_when_its_disk_fails_can_be_killed_and_heals(
    tmp_path: Path, fault: Fault
) -> None:
    with a_street(tmp_path, speed=30) as street:
        drill(street, street.executor(), fault)
