"""The whole stack on PostgreSQL, in processes: two servers are as one, with Redis and without."""

from __future__ import annotations

import asyncio
import re
import signal
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest

from tests.brokers.sim_rig import ACCOUNT
from tests.commands.processes import COMMAND, environment
from tests.crash.executor_street import Street, a_street
from tests.postgres_server import PostgresProcess
from tests.server.redis_server import RedisProcess
from tests.server.rig import SENTENCE
from tests.server.sockets import Message, Socket, a_socket, a_ticket, cookie_of
from tests.server.trading import ORDERS, PATIENT, comes_to, detail, place, post, resting
from tests.waiting import PATIENCE_SECS, until

pytestmark = pytest.mark.thorough

ANSWERS = re.compile(r"answers at (http://127\.0\.0\.1:\d+)")
LINK = re.compile(r"/setup#(\S+)")
READY_SECS = 60.0


class Server:
    """
    A `maemae serve` of its own.

    Args:
        home: Its data folder.
        more: Of its environment.
    """

    def __init__(self, home: Path, more: dict[str, str]) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self._said = home / "serve.log"
        with self._said.open("wb") as said:
            self._process = subprocess.Popen(
                [*COMMAND, "serve", "--port", "0", "--lang", "en"],
                env=environment(home) | more,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
            )

    def said(self, what: re.Pattern[str]) -> str:
        """Wait until it has said something; return the part that matters."""
        until(lambda: what.search(self._said.read_text()), READY_SECS, said=self._said.read_text)
        found = what.search(self._said.read_text())
        assert found is not None
        return found[1]

    @property
    def url(self) -> str:
        """Where it answers."""
        return self.said(ANSWERS)

    def end(self) -> int:
        """End it as a person would; return its code."""
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(PATIENCE_SECS)


class Stack:
    """Broker, executor, database, Redis and two servers, of which one is far from the executor."""

    def __init__(self, street: Street, redis: RedisProcess, near: Server, far: Server) -> None:
        self.street = street
        self.redis = redis
        self.servers = (near, far)
        with self.browser(near.url) as browser:
            asked = {"secret": near.said(LINK), "user_id": "owner", "password": SENTENCE}
            assert _post(browser, "setup", asked)["next"] == "ENROL"
            secret = _post(browser, "totp/enrol")["secret"]
            _post(browser, "totp/confirm", {"code": pyotp.TOTP(secret).now()})
            self.cookie = cookie_of(browser)

    def browser(self, url: str, cookie: str = "") -> httpx.Client:
        """Return a browser at one of the servers."""
        headers = {"Origin": url} | ({"Cookie": cookie} if cookie else {})
        return httpx.Client(base_url=url, headers=headers, timeout=PATIENCE_SECS)

    def numbers_at_the_broker(self) -> int:
        """Return how many orders the broker has taken."""
        return len(self.street.orders)


def _post(browser: httpx.Client, what: str, asked: object = None) -> dict[str, Any]:
    answer = browser.post(f"/api/auth/{what}", json=asked)
    assert answer.is_success, answer.text
    line = next(iter(answer.headers.get_list("set-cookie")), None)
    if line is not None:
        browser.headers["Cookie"] = line.partition(";")[0]
    told: dict[str, Any] = answer.json()
    return told


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("replicas")
    with ExitStack() as opened:
        url = opened.enter_context(PostgresProcess()).new_database()
        redis = opened.enter_context(RedisProcess(folder))
        street = opened.enter_context(a_street(folder))
        executor = street.executor("home", database=url, **PATIENT)
        street.open(executor)
        more = {
            "MAEMAE_DATABASE": url,
            "MAEMAE_REDIS": redis.url,
            "MAEMAE_KEYS": str(folder / "keys"),
        }
        near = Server(executor.home.parent, more)
        assert near.url  # one after the other: the first makes the tables
        far = Server(folder / "far", more)
        running = Stack(street, redis, near, far)
        yield running
        assert [server.end() for server in running.servers] == [0, 0]


@pytest.fixture
def browsers(stack: Stack) -> Iterator[tuple[httpx.Client, httpx.Client]]:
    """Give one login at both servers."""
    near, far = (stack.browser(server.url, stack.cookie) for server in stack.servers)
    with near, far:
        yield near, far


def test_login_of_one_server_is_one_of_the_other_and_an_order_is_the_same_at_both(
    stack: Stack, browsers: tuple[httpx.Client, httpx.Client]
) -> None:
    near, far = browsers
    before = stack.numbers_at_the_broker()

    here, there = place(near, resting(11)), place(far, resting(12))

    comes_to(far, here, "NEW")
    comes_to(near, there, "NEW")
    assert [detail(each, here)["order"]["order_qty"] for each in browsers] == [11, 11]
    paths = ("positions", "balances", "executions", "orders", "risk/limits")
    told = [
        [each.get(f"/api/{p}", params={"account_id": ACCOUNT}).json() for p in paths]
        for each in browsers
    ]
    assert told[0] == told[1]
    assert stack.numbers_at_the_broker() == before + 2


def test_key_at_both_servers_at_once_is_one_order_and_equal_answers(
    stack: Stack, browsers: tuple[httpx.Client, httpx.Client]
) -> None:
    before = stack.numbers_at_the_broker()

    with ThreadPoolExecutor(10) as crowd:
        answers = list(
            crowd.map(
                lambda n: post(browsers[n % 2], ORDERS, resting(13), "at-both-servers"), range(10)
            )
        )
    other = post(browsers[1], ORDERS, resting(14), "at-both-servers")

    assert {(each.status_code, each.content) for each in answers} == {(200, answers[0].content)}
    assert (other.status_code, other.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    until(lambda: stack.numbers_at_the_broker() == before + 1)


async def _told_alike(stack: Stack, browsers: tuple[httpx.Client, httpx.Client]) -> None:
    """Send orders at both in turn, kill Redis meanwhile, and compare what their sockets tell."""

    async def order(number: int) -> int:
        return await asyncio.to_thread(place, browsers[number % 2], resting(20 + number))

    urls = [server.url for server in stack.servers]
    tickets = [await asyncio.to_thread(a_ticket, each) for each in browsers]
    async with (
        a_socket(urls[0], tickets[1], Cookie=stack.cookie) as one,  # a ticket of the other
        a_socket(urls[1], tickets[0], Cookie=stack.cookie) as two,
    ):
        for socket in (one, two):
            await socket.subscribe({"channel": "ORDERS", "account_id": ACCOUNT})
            await socket.until_of("ORDERS", "SNAPSHOT")
        sent = [await order(number) for number in range(3)]
        killing = asyncio.create_task(asyncio.to_thread(stack.redis.kill))
        sent += [await order(number) for number in range(3, 8)]
        await killing
        await asyncio.to_thread(stack.redis.start)
        sent += [await order(number) for number in range(8, 10)]
        for socket in (one, two):
            await socket.until(partial(_has_told, socket, set(sent)))
    events = [
        [(each["sequence"], each["data"]) for each in socket.messages if each["kind"] == "EVENT"]
        for socket in (one, two)
    ]
    length = min(map(len, events))
    assert events[0][:length] == events[1][:length]
    for told in events:
        sequences = [sequence for sequence, _ in told]
        assert sequences == sorted(sequences)
    for number in sent:
        await asyncio.to_thread(comes_to, browsers[number % 2], number, "NEW")


def _has_told(socket: Socket, sent: set[int], _newest: Message) -> bool:
    return sent <= _acknowledged(socket)


def _acknowledged(socket: Socket) -> set[int]:
    """Return the orders that a socket has told to be at the broker."""
    return {
        row["cl_ord_id"]
        for message in socket.messages
        if message["kind"] == "EVENT"
        for row in _rows(message["data"])
        if row.get("status") == "NEW"
    }


def _rows(data: object) -> list[dict[str, Any]]:
    if isinstance(data, list):
        return data
    assert isinstance(data, dict)
    return [data, *(each for each in data.values() if isinstance(each, dict))]


def test_redis_when_killed_in_mid_flow_loses_nothing_at_either_server(
    stack: Stack, browsers: tuple[httpx.Client, httpx.Client]
) -> None:
    before = stack.numbers_at_the_broker()

    asyncio.run(_told_alike(stack, browsers))

    assert stack.numbers_at_the_broker() == before + 10


def test_login_when_ended_at_one_server_is_dead_at_the_other_at_once(
    stack: Stack, browsers: tuple[httpx.Client, httpx.Client]
) -> None:
    near, far = browsers
    assert far.get("/api/auth/me").is_success

    near.post("/api/auth/logins/end-all").raise_for_status()

    assert far.get("/api/auth/me").status_code == 401
