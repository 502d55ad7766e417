"""Two executors on one PostgreSQL: while one stands still, the other takes over."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from maemae.domain.ids import ClOrdId
from maemae.domain.instant import SECOND
from maemae.emulators.ledger import Requested
from maemae.emulators.requests import Submit
from maemae.trading.plan import Rhythm
from tests.brokers.sim_rig import PRICE, STILL
from tests.crash.executor_judge import judge
from tests.crash.executor_rig import HURRY, ExecutorRig
from tests.crash.executor_street import FAR, Street, a_street, an_order, place
from tests.postgres_server import PostgresProcess
from tests.waiting import until

WISHES = 20
STOPPED_SECS = 3 * Rhythm().faster(HURRY).lease_ttl / SECOND


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresProcess]:
    with PostgresProcess() as server:
        yield server


def numbers_of(executor: ExecutorRig) -> set[ClOrdId]:
    """Return our numbers of an executor's orders."""
    orders = executor.orders()
    assert orders is not None
    return {order.cl_ord_id for order in orders.orders}


def pause_and_take_over(street: Street, url: str, mutant: str = "") -> list[Requested]:
    """
    Stop the first executor while it has work, let a second trade, wake the first.

    Returns what the first sent after it woke, taken by the broker or not.
    """
    first = street.executor("first", database=url)
    second = street.executor("second", database=url)
    street.open(first, mutant=mutant, prints={STILL: PRICE})
    place(first, *(an_order(price=FAR + 10 * number) for number in range(WISHES)))
    theirs = numbers_of(first)
    until(lambda: street.submits)
    first.send(signal.SIGSTOP)
    sent = len(street.submits)
    assert 0 < sent < WISHES, "it must have work when it stops"

    second.start(mutant=mutant)
    until(lambda: (status := second.status()) and status.epoch, said=lambda: second.said[-4_000:])
    time.sleep(STOPPED_SECS)
    assert second.settles(), second.said[-4_000:]
    street.show(second, {STILL: PRICE})
    place(second, an_order(price=FAR - 10))
    assert second.settles(), second.said[-4_000:]

    woke = time.time_ns()
    first.send(signal.SIGCONT)
    until(lambda: first.is_dead or sent_after(street, woke, theirs))
    place(second, an_order(price=FAR - 20))
    assert second.settles() or mutant, second.said[-4_000:]
    assert second.stop() == 0
    first.kill()
    return sent_after(street, woke, theirs)


def sent_after(street: Street, instant: int, numbers: set[ClOrdId]) -> list[Requested]:
    """Return what was asked of the broker under some numbers since then, and every cancel."""
    return [
        asked
        for asked in street.requests
        if asked.wall > instant
        and (not isinstance(asked.request, Submit) or asked.request.cl_ord_id in numbers)
    ]


@pytest.mark.parametrize("mutant", ["", "only_the_lease"])
def test_executor_when_it_wakes_after_another_took_over_sends_nothing(
    tmp_path: Path, server: PostgresProcess, mutant: str
) -> None:
    with a_street(tmp_path, speed=1, orders_per_sec=3, quiet_period=SECOND // 2) as street:
        url = server.new_database()
        sent = pause_and_take_over(street, url, mutant)

        assert sent == []
        assert [asked for asked in street.requests if asked.code is not None] == []
        first = (tmp_path / "first" / "said").read_text()
        assert first.rstrip().endswith("FENCED"), first[-2_000:]
        assert judge(url, Path(street.broker.config.ledger)).faults == []


def test_executor_when_its_lease_fences_nothing_is_found_out(
    tmp_path: Path, server: PostgresProcess
) -> None:
    with a_street(tmp_path, speed=1, orders_per_sec=3, quiet_period=SECOND // 2) as street:
        url = server.new_database()
        sent = pause_and_take_over(street, url, mutant="unfenced_lease")

        assert sent, "the harness does not see stale sends"
