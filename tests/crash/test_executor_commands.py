"""Commands of several hands at once, said twice, and the end of an executor under load."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from maemae.app.owner import OWNER
from maemae.core.limits import Limits
from maemae.domain.instant import SECOND
from maemae.domain.terms import Mode
from maemae.storage.store import open_store
from maemae.trading.control.replies import Accepted
from maemae.trading.lease import FREE
from tests.crash.executor_judge import judge
from tests.crash.executor_rig import Customer, ExecutorRig
from tests.crash.executor_street import FAR, a_street, an_order, place, until

LIMIT = 10
WISHES = 20
SLOW = 10
"""How fast the exchange goes: neither prices nor orders grow old while a machine is busy."""

LIMITED = Limits(max_orders_per_day=LIMIT, max_repeats=WISHES)


def passed(executor: ExecutorRig, turn: str) -> Counter[str]:
    """Let two sources wish at once, by turns; return what the gate says, "" for a yes."""

    def wish(number: int) -> str:
        reply = executor.ask(an_order(price=FAR, key=f"{turn}-{number % 2}-{number}"))
        assert isinstance(reply, Accepted), executor.said[-4_000:]
        return " ".join(refusal.en for refusal in reply.refusals)

    with ThreadPoolExecutor(WISHES) as clients:
        return Counter(clients.map(wish, range(WISHES)))


def race(folder: Path, *, restarts: bool = False) -> None:
    """Let two sources race for a limit, and hold the broker's ledger against it."""
    folder.mkdir()
    with a_street(folder, speed=SLOW) as street:
        executor = street.executor(limits=LIMITED)
        street.open(executor)
        first = passed(executor, "first")
        assert first[""] == LIMIT, first
        assert executor.settles(), executor.said[-4_000:]
        assert len(street.submits) == LIMIT
        if restarts:
            executor.kill()
            executor.start()
            assert executor.settles(), executor.said[-4_000:]
        assert passed(executor, "second")[""] == 0  # the count of the day outlives the process
        assert len(street.submits) == LIMIT


@pytest.mark.parametrize("repeat", range(5))
def test_limit_when_two_sources_race_for_it_lets_exactly_so_many_pass(
    tmp_path: Path, repeat: int
) -> None:
    race(tmp_path / f"{repeat}", restarts=repeat == 0)


@pytest.mark.soak
def test_limit_when_two_sources_race_a_hundred_times_lets_exactly_so_many_pass(
    tmp_path: Path,
) -> None:
    for repeat in range(100):
        race(tmp_path / f"{repeat}")


def test_command_when_it_is_repeated_is_done_once_also_after_a_restart(tmp_path: Path) -> None:
    with a_street(tmp_path, speed=SLOW) as street:
        executor = street.executor()
        street.open(executor)
        wish = an_order(price=FAR)
        for _ in range(3):
            assert isinstance(executor.ask(wish), Accepted)
        assert until(lambda: len(street.submits) == 1)

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
    with a_street(tmp_path, speed=30, quiet_period=SECOND, orders_per_sec=20) as street:
        executor = street.executor()
        street.open(executor)
        is_over = Event()

        def load(seed: int) -> None:
            customer = Customer(executor, seed)
            while not is_over.is_set():
                customer.act()

        with ThreadPoolExecutor(2) as clients:
            loads = [clients.submit(load, seed) for seed in range(2)]
            assert until(lambda: len(street.submits) > 20)
            ends_with = executor.stop()
            is_over.set()
            for each in loads:
                each.result()

        assert ends_with == 0, executor.said[-4_000:]
        with open_store(
            executor.database, OWNER, Mode.SIM, backup=lambda: None, is_market_open=lambda: False
        ) as store:
            assert store.read_lease().holder == FREE
        executor.start()
        assert executor.settles(), executor.said[-4_000:]
        assert executor.stop() == 0
        assert judge(executor.database, Path(street.broker.config.ledger)).faults == []
