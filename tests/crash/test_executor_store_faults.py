"""An executor whose store fails: nothing new leaves, the kill switch works, and it heals."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from maemae.clocks import SystemWallClock
from maemae.core.events import KillLevel
from maemae.domain.instant import SECOND
from maemae.domain.terms import Side
from maemae.emulators.ledger import Requested
from maemae.trading.control.commands import ReleaseKill
from maemae.trading.control.replies import Accepted
from maemae.trading.emergency.kill_switch import KillSwitch
from tests.brokers.sim_rig import RISING
from tests.crash.executor_faults import Fault, failing_sync, full_disk, killed, stood_still
from tests.crash.executor_judge import judge
from tests.crash.executor_rig import ExecutorRig
from tests.crash.executor_street import (
    FAR,
    Street,
    a_street,
    an_order,
    holdings,
    objection,
    place,
)
from tests.postgres_server import PostgresProcess
from tests.waiting import until

WORKING = 5
HELD = 10


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresProcess]:
    with PostgresProcess() as server:
        yield server


def buys_since(street: Street, instant: int) -> list[Requested]:
    """Return what was asked for after an instant [ns, wall] and adds risk."""
    return [asked for asked in street.submits_of(Side.BUY) if asked.wall > instant]


def drill(street: Street, executor: ExecutorRig, fault: Fault) -> None:
    street.open(executor)
    place(executor, *(an_order(price=FAR + 10 * number) for number in range(WORKING)))
    place(executor, an_order(RISING, HELD, stop_loss=300_000))
    until(lambda: street.held(RISING) == HELD, said=lambda: executor.said[-4_000:])
    assert executor.settles(), executor.said[-4_000:]
    switch = KillSwitch(executor.home, SystemWallClock())

    with fault(executor):
        with ThreadPoolExecutor(4) as clients:
            while "STORE_FAILED" not in executor.said:
                wishes = [an_order(price=FAR - 100) for _ in range(4)]
                list(clients.map(lambda wish: objection(executor, wish), wishes))
        failed_at = time.time_ns()
        time.sleep(1.2)  # longer than its lease lasts

        pressed_at = time.time_ns()
        switch.press(KillLevel.CANCEL_ALL, "test", "drill")
        until(lambda: len(street.cancels) >= WORKING, said=lambda: executor.said[-4_000:])
        took = (street.cancels[WORKING - 1].wall - pressed_at) / SECOND
        assert took < 2.0, f"the cancels took {took:.1f} s"
        assert street.held(RISING) == HELD

        switch.press(KillLevel.LIQUIDATE, "test", "drill")
        until(lambda: street.held(RISING) == 0, said=lambda: executor.said[-4_000:])
        assert buys_since(street, failed_at) == []

    until(lambda: is_killed(executor), said=lambda: executor.said[-4_000:])
    executor.kill()
    executor.start()
    until(lambda: is_killed(executor), said=lambda: executor.said[-4_000:])
    assert buys_since(street, failed_at) == []

    release = ReleaseKill("go", "test", "mended", switch.file.text())
    until(lambda: isinstance(executor.ask(release), Accepted))
    executor.open_trading()
    street.show(executor)
    assert holdings(executor) == ()
    place(executor, an_order(price=FAR))
    assert executor.settles(), executor.said[-4_000:]
    assert "ALERT NOTICE_PARKED" not in executor.said
    assert executor.stop() == 0
    assert judge(executor.database, Path(street.broker.config.ledger), executor.home).faults == []


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
def test_executor_when_its_disk_fails_can_be_killed_and_heals(tmp_path: Path, fault: Fault) -> None:
    with a_street(tmp_path, speed=30) as street:
        drill(street, street.executor(), fault)


def test_executor_when_told_to_end_while_its_database_hangs_ends_within_ten_seconds(
    tmp_path: Path, server: PostgresProcess
) -> None:
    with a_street(tmp_path, speed=30) as street:
        executor = street.executor(database=server.new_database())
        street.open(executor)
        place(executor, an_order(price=FAR))

        with stood_still(server)(executor), ThreadPoolExecutor(1) as clients:
            asked = clients.submit(executor.ask, an_order(price=FAR - 100))
            time.sleep(0.5)  # its commit hangs
            assert executor.stop(within_secs=10.0) == 1, executor.said[-4_000:]
            asked.result()
        assert "기다리지 않고 끝냈습니다" in executor.said

        executor.start()
        assert executor.settles(), executor.said[-4_000:]
        assert executor.stop() == 0
        assert judge(executor.database, Path(street.broker.config.ledger)).faults == []
