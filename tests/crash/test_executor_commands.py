"""Commands of several hands at once, said twice, and the end of an executor under load."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import msgspec
import pytest

from maemae.app.owner import OWNER
from maemae.clocks import SystemWallClock
from maemae.core.entry_policy import EntryPolicy
from maemae.core.limits import Limits
from maemae.domain.ids import ClOrdId
from maemae.domain.instant import DAY, SECOND
from maemae.domain.order_status import OrderStatus
from maemae.domain.terms import Mode
from maemae.server.executor_line import ExecutorLine
from maemae.storage.inbox import Inbox
from maemae.storage.reading import open_executor_reading
from maemae.storage.server_store import open_server_store
from maemae.storage.store import open_store
from maemae.trading.control.commands import PlaceOrder
from maemae.trading.control.replies import Accepted, Reply
from maemae.trading.lease import FREE
from tests.brokers.sim_rig import ACCOUNT, PRICE, STILL
from tests.crash.executor_judge import judge
from tests.crash.executor_rig import Customer, ExecutorRig
from tests.crash.executor_street import (
    FAR,
    Street,
    a_street,
    an_order,
    place,
)
from tests.postgres_server import PostgresProcess
from tests.waiting import PATIENCE_SECS, until

LIMIT = 10
WISHES = 20
SLOW = 10
"""How fast the exchange goes: neither prices nor orders grow old while a machine is busy."""
UNHURRIED = 2
"""How fast the wall's constants go: no lease ends while a machine is busy."""

CALM = Limits(max_repeats=1_000, max_price_age=DAY)
A_DAY = msgspec.structs.replace(CALM, max_orders_per_day=LIMIT)
AT_ONCE = msgspec.structs.replace(CALM, entry=EntryPolicy(max_open_orders=LIMIT))

Way = Callable[[PlaceOrder], Reply | None]


def insist(way: Way, wish: PlaceOrder) -> Accepted:
    """Return the answer to a wish; one that has none is said again."""
    deadline = time.monotonic() + PATIENCE_SECS
    while not isinstance(reply := way(wish), Accepted):
        assert time.monotonic() < deadline, reply
    return reply


def wish_at_once(turn: str, *ways: Way) -> list[Accepted]:
    """Let two sources wish at once; return what they are told."""

    def wish(number: int) -> Accepted:
        source = number % len(ways)
        return insist(ways[source], an_order(price=FAR, key=f"{turn}-{source}-{number}"))

    with ThreadPoolExecutor(WISHES) as clients:
        return list(clients.map(wish, range(WISHES)))


def numbers_of(answers: Sequence[Accepted]) -> set[ClOrdId]:
    """Return the orders that wishes became; the others were refused."""
    assert all(bool(answer.numbers) is not bool(answer.refusals) for answer in answers), answers
    return {number for answer in answers for number in answer.numbers}


def race(street: Street, executor: ExecutorRig, other: Way, repeats: int) -> None:
    """
    Let two sources race for a limit again and again, with the broker's ledger as judge.

    An order that could not leave, as the connection was gone for a moment on a busy machine,
    is closed and gives its place back.
    """
    sent = 0
    for repeat in range(repeats):
        passed = numbers_of(wish_at_once(f"{repeat}", executor.ask, other))
        assert executor.settles(), executor.said[-4_000:]
        told = executor.orders()
        assert told is not None
        unsent = {order.cl_ord_id for order in told.orders if order.is_closed} & passed
        assert LIMIT <= len(passed) <= LIMIT + len(unsent), (passed, unsent, told.orders[-30:])
        sent += len(passed) - len(unsent)
        assert len(street.submits) == sent, executor.said[-4_000:]
        assert executor.comes_to_rest(), executor.said[-4_000:]


@contextmanager
def inbox_of(url: str, nowhere: Path) -> Iterator[Way]:
    """Give the way of an API process on another machine."""
    with (
        open_server_store(url, backup=lambda: None, is_market_open=lambda: False) as store,
        open_executor_reading(url, OWNER, Mode.SIM) as reading,
    ):
        box = Inbox(store.writer, reading.executor_id)
        line = ExecutorLine(Mode.SIM, nowhere, (ACCOUNT,), reading, (box, SystemWallClock()))
        yield lambda wish: line.ask(wish, PATIENCE_SECS)


def test_limit_when_two_sources_race_for_it_lets_exactly_so_many_pass(tmp_path: Path) -> None:
    with a_street(tmp_path, speed=1) as street:
        executor = street.executor(limits=AT_ONCE, hurry=UNHURRIED)
        street.open(executor, prints={STILL: PRICE})
        race(street, executor, executor.ask, 5)


@pytest.mark.soak
def test_limit_when_socket_and_inbox_race_a_hundred_times_lets_exactly_so_many_pass(
    tmp_path: Path,
) -> None:
    with PostgresProcess() as server, a_street(tmp_path, speed=1) as street:
        url = server.new_database()
        executor = street.executor(database=url, limits=AT_ONCE, hurry=UNHURRIED)
        street.open(executor, prints={STILL: PRICE})
        with inbox_of(url, tmp_path / "nowhere") as other:
            race(street, executor, other, 100)


def test_limit_of_the_day_when_it_was_reached_is_reached_after_a_restart_too(
    tmp_path: Path,
) -> None:
    with a_street(tmp_path, speed=1) as street:
        executor = street.executor(limits=A_DAY)
        street.open(executor, prints={STILL: PRICE})
        assert len(numbers_of(wish_at_once("first", executor.ask, executor.ask))) == LIMIT
        assert executor.settles(), executor.said[-4_000:]
        executor.kill()
        executor.start()
        assert executor.settles(), executor.said[-4_000:]
        assert not numbers_of(wish_at_once("second", executor.ask, executor.ask))
        assert len(street.submits) == LIMIT


def test_command_when_it_is_repeated_is_done_once_also_after_a_restart(tmp_path: Path) -> None:
    with a_street(tmp_path, speed=SLOW) as street:
        executor = street.executor()
        street.open(executor)
        wish = an_order(price=FAR)
        for _ in range(3):
            assert isinstance(executor.ask(wish), Accepted)
        until(lambda: len(street.submits) == 1)

        executor.kill()
        executor.start()
        assert executor.settles(), executor.said[-4_000:]
        for _ in range(3):
            assert isinstance(executor.ask(wish), Accepted)
        place(executor, an_order(price=FAR - 10))  # and what is new still is done

        assert executor.settles(), executor.said[-4_000:]
        assert len(street.submits) == 2
        assert executor.stop() == 0
        assert judge(executor.database, Path(street.broker.config.ledger)).faults == []


def test_executor_when_it_is_told_to_end_under_load_ends_clean_and_frees_the_lease(
    tmp_path: Path,
) -> None:
    # Slow enough that the market does not fall back meanwhile, and no stop fires at the end.
    with a_street(tmp_path, speed=10, quiet_period=SECOND, orders_per_sec=20) as street:
        executor = street.executor()
        street.open(executor)
        is_over = Event()

        def load(seed: int) -> None:
            customer = Customer(executor, seed)
            while not is_over.is_set():
                customer.act()

        with ThreadPoolExecutor(2) as clients:
            loads = [clients.submit(load, seed) for seed in range(2)]
            until(lambda: len(street.submits) > 20)
            ends_with = executor.stop()
            is_over.set()
            for each in loads:
                each.result()

        assert ends_with == 0, executor.said[-4_000:]
        with open_store(
            executor.database, OWNER, Mode.SIM, backup=lambda: None, is_market_open=lambda: False
        ) as store:
            assert store.read_lease().holder == FREE
            orders = store.recover().state.orders.values()
            assert not [order for order in orders if order.standing is OrderStatus.PENDING_NEW]
        executor.start()
        assert executor.settles(), executor.said[-4_000:]
        assert executor.stop() == 0
        assert judge(executor.database, Path(street.broker.config.ledger)).faults == []
