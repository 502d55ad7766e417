"""A server that cannot reach the control socket posts to the inbox of PostgreSQL instead."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import msgspec
import pytest
from sqlalchemy import update

from maemae.app.owner import OWNER
from maemae.clocks import SystemWallClock
from maemae.domain.errors import ConfigError, InvalidValueError
from maemae.domain.terms import Mode
from maemae.server.executor_line import ExecutorLine
from maemae.storage.inbox import Inbox
from maemae.storage.reading import open_executor_reading
from maemae.storage.server_store import ServerStore, open_server_store
from maemae.storage.tables.journal import inbox
from maemae.trading.control.commands import LimitsQuery, PlaceOrder, StatusQuery
from maemae.trading.control.inbox_reader import GOOD_FOR, as_posted, read_reply_text
from maemae.trading.control.replies import Accepted, Failed, Reply, Status, Usages
from tests.brokers.sim_rig import ACCOUNT
from tests.crash.executor_rig import ExecutorRig
from tests.crash.executor_street import FAR, Street, a_street, an_order
from tests.postgres_server import PostgresProcess
from tests.server.trading import PATIENT
from tests.waiting import until

pytestmark = pytest.mark.thorough

WALL = SystemWallClock()


class Replica(msgspec.Struct, frozen=True, eq=False):
    """What an API process elsewhere has, and the executor it cannot reach."""

    line: ExecutorLine
    store: ServerStore
    box: Inbox
    street: Street
    executor: ExecutorRig


@pytest.fixture(scope="module")
def replica(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replica]:
    folder = tmp_path_factory.mktemp("inbox")
    with ExitStack() as stack:
        url = stack.enter_context(PostgresProcess()).new_database()
        street = stack.enter_context(a_street(folder))
        executor = street.executor("home", database=url, **PATIENT)
        street.open(executor)
        store = stack.enter_context(
            open_server_store(url, backup=lambda: None, is_market_open=lambda: False)
        )
        reading = stack.enter_context(open_executor_reading(url, OWNER, Mode.SIM))
        box = Inbox(store.writer, reading.executor_id)
        line = ExecutorLine(Mode.SIM, folder / "elsewhere", (ACCOUNT,), reading, (box, WALL))
        yield Replica(line, store, box, street, executor)


def test_questions_and_commands_are_answered_through_the_inbox(replica: Replica) -> None:
    assert isinstance(replica.line.ask(StatusQuery()), Status)
    assert isinstance(replica.line.ask(LimitsQuery()), Usages)

    done = replica.line.ask(an_order(price=FAR, key="posted-1"))

    assert isinstance(done, Accepted)
    assert len(done.numbers) == 1
    taken = replica.box.find("posted-1")
    assert taken is not None
    assert taken.seq is not None


def test_key_is_done_once_whichever_way_it_comes(replica: Replica) -> None:
    wish = an_order(price=FAR, qty=2, key="both-ways")
    before = len(replica.street.submits)

    ways: list[Callable[[PlaceOrder], Reply | None]] = [replica.executor.ask, replica.line.ask]
    with ThreadPoolExecutor(12) as crowd:
        replies = list(crowd.map(lambda way: way(wish), ways * 6))
    later = [way(wish) for way in ways]

    assert len({repr(reply) for reply in [*replies, *later]}) == 1
    assert isinstance(replies[0], Accepted)
    until(lambda: len(replica.street.submits) == before + 1)
    with pytest.raises(InvalidValueError, match="belongs to another"):
        replica.line.ask(an_order(price=FAR, qty=3, key="both-ways"))
    assert len(replica.street.submits) == before + 1


def test_command_whose_executor_died_before_it_answered_is_answered_by_the_journal(
    replica: Replica,
) -> None:
    wish = an_order(price=FAR, qty=4, key="no-answer")
    done = replica.line.ask(wish)
    lost = update(inbox).where(inbox.c.key == "no-answer").values(answer=None)
    replica.store.writer.run(lambda connection: connection.execute(lost))

    assert replica.line.ask(wish) == done


def test_command_that_waited_too_long_is_refused_in_words(replica: Replica) -> None:
    before = len(replica.street.submits)
    late = as_posted("late", "kim", an_order(price=FAR, key="late"), WALL.now() - 2 * GOOD_FOR)
    replica.box.post(late)

    def answer() -> str | None:
        taken = replica.box.find("late")
        return None if taken is None else taken.answer

    until(answer)
    reply = read_reply_text(answer() or "")
    assert isinstance(reply, Failed)
    assert "not done" in reply.text.en
    assert len(replica.street.submits) == before


def test_command_that_nobody_takes_is_withdrawn_and_never_done(replica: Replica) -> None:
    replica.executor.kill()
    wish = an_order(price=FAR, qty=6, key="nobody")

    with pytest.raises(ConfigError, match="not done"):
        replica.line.ask(wish, 0.5)

    replica.executor.start()
    assert replica.executor.settles()
    assert not any(order.order_qty == 6 for order in replica.street.orders)
    assert isinstance(replica.line.ask(StatusQuery()), Status)
