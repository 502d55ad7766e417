"""Who may listen to what, asked again and again; and the socket's own rules."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, MutableMapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from starlette.websockets import WebSocket

from maemae.domain.errors import StorageError
from maemae.domain.ids import AccountId, Symbol
from maemae.server.security.actor import Actor
from maemae.server.security.roles import Role
from maemae.server.stream import feed as feed_module
from maemae.server.stream import socket as socket_module
from maemae.server.stream.client import ENDED, FAILED, TOO_SLOW, Client
from maemae.server.stream.envelope import MOST_BOOKS, MOST_CHANNELS, Channel, ChannelAsked
from maemae.server.stream.feed import Feed
from maemae.server.stream.hub import KEPT_SECS, LOOK_AT_LOGINS_SECS, TRUSTED_SECS, Hub
from maemae.storage.store import SqlStore
from maemae.storage.stream_reading import StreamReading
from tests.builders import ACCOUNT
from tests.storage.databases import Desk, open_here, sqlite_url, trade
from tests.stream_listening import HandSource, Listener, Message, a_book, an_actor
from tests.virtual_time import VirtualWall, run

OTHER = AccountId("B-2")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    """Yield a store with a few orders."""
    with open_here(sqlite_url(tmp_path)) as opened:
        trade(Desk(opened), 1)
        yield opened


def same(actor: Actor) -> Actor | None:
    return actor


def a_hub(store: SqlStore, again: Callable[[Actor], Actor | None] = same) -> Hub:
    reading = StreamReading(store.database.reading, store.executor_id)
    feed = Feed((ACCOUNT, OTHER), reading, tuple, HandSource(), a_book)
    return Hub([feed], again, VirtualWall())


@asynccontextmanager
async def a_listener(hub: Hub, actor: Actor) -> AsyncIterator[Listener]:
    listener = Listener(client=hub.open(actor))
    listener.read()
    try:
        yield listener
    finally:
        await listener.stop()
        hub.leave(listener.client)


async def ask(hub: Hub, listener: Listener, channel: Channel, account: AccountId | None) -> None:
    await hub.subscribe(listener.client, ChannelAsked(channel=channel, account_id=account))
    await asyncio.sleep(0.5)


def errors(listener: Listener) -> list[str]:
    return [message["code"] for message in listener.messages if message["kind"] == "ERROR"]


def test_person_is_told_of_their_accounts_only(store: SqlStore) -> None:
    async def main() -> None:
        hub = a_hub(store)
        async with a_listener(hub, an_actor(Role.VIEWER, ACCOUNT)) as mine:
            for channel in Channel:
                await ask(hub, mine, channel, OTHER)
            assert errors(mine) == ["NO_SUCH_ACCOUNT"] * len(Channel)
            for channel in Channel:
                await ask(hub, mine, channel, None)
            of_any = {Channel.QUOTES, Channel.CLOCK}
            needed = [
                "SYMBOLS_NEEDED" if channel is Channel.BOOK else "ACCOUNT_NEEDED"
                for channel in Channel
                if channel not in of_any
            ]
            assert errors(mine)[len(Channel) :] == needed
            await ask(hub, mine, Channel.ORDERS, ACCOUNT)
            assert len(mine.of("ORDERS", "SNAPSHOT")) == 1
        async with a_listener(hub, an_actor(Role.ADMIN)) as administrator:
            await ask(hub, administrator, Channel.ORDERS, OTHER)
            assert administrator.of("ORDERS", "SNAPSHOT")[0]["data"] == []

    run(main())


def test_books_are_of_so_many_instruments_at_most(store: SqlStore) -> None:
    async def main() -> None:
        hub = a_hub(store)
        async with a_listener(hub, an_actor(Role.VIEWER, ACCOUNT)) as listener:
            for count in (MOST_BOOKS, MOST_BOOKS + 1):
                symbols = [Symbol(f"{number:06}") for number in range(count)]
                asked = ChannelAsked(channel=Channel.BOOK, account_id=ACCOUNT, symbols=symbols)
                await hub.subscribe(listener.client, asked)
            await asyncio.sleep(0.5)
            assert errors(listener) == ["SYMBOLS_NEEDED"]

    run(main())


def test_hub_without_an_executor_says_so() -> None:
    async def main() -> None:
        hub = Hub([], same, VirtualWall())
        async with a_listener(hub, an_actor()) as listener:
            await ask(hub, listener, Channel.QUOTES, None)
            assert errors(listener) == ["NO_EXECUTOR"]

    run(main())


def test_connection_has_an_end_of_channels_and_a_channel_begins_anew(store: SqlStore) -> None:
    async def main() -> None:
        accounts = [AccountId(f"C-{number}") for number in range(MOST_CHANNELS + 1)]
        reading = StreamReading(store.database.reading, store.executor_id)
        hub = Hub([Feed(accounts, reading, tuple, HandSource(), a_book)], same, VirtualWall())
        async with a_listener(hub, an_actor(Role.ADMIN)) as listener:
            for account in accounts:
                await ask(hub, listener, Channel.ORDERS, account)
            assert errors(listener) == ["TOO_MANY_CHANNELS"]
            await ask(hub, listener, Channel.ORDERS, accounts[0])
            assert len(listener.of("ORDERS", "SNAPSHOT")) == MOST_CHANNELS + 1

    run(main())


def test_connection_ends_within_seconds_of_the_login(store: SqlStore) -> None:
    ended: set[str] = set()

    def again(actor: Actor) -> Actor | None:
        return None if actor.login_id in ended else actor

    async def main() -> None:
        hub = a_hub(store, again)
        async with (
            a_listener(hub, an_actor(login="one")) as one,
            a_listener(hub, an_actor(login="two")) as two,
        ):
            ended.add("one")
            await asyncio.sleep(2 * LOOK_AT_LOGINS_SECS)
            assert one.client.closing == ENDED
            assert two.client.closing is None

    run(main())


def test_account_that_is_withdrawn_is_told_no_more(store: SqlStore) -> None:
    async def main() -> None:
        whole = an_actor(Role.VIEWER, ACCOUNT, OTHER)
        hub = a_hub(store, lambda actor: msgspec.structs.replace(actor, accounts={ACCOUNT}))
        async with a_listener(hub, whole) as listener:
            await ask(hub, listener, Channel.ORDERS, OTHER)
            await ask(hub, listener, Channel.ORDERS, ACCOUNT)
            await asyncio.sleep(2 * LOOK_AT_LOGINS_SECS)
            assert errors(listener) == ["NO_SUCH_ACCOUNT"]
            assert listener.messages[-1]["account_id"] == OTHER
            assert listener.client.closing is None

    run(main())


def test_role_without_a_view_ends_the_connection(store: SqlStore) -> None:
    async def main() -> None:
        nothing: frozenset[Any] = frozenset()
        hub = a_hub(store, lambda actor: msgspec.structs.replace(actor, permissions=nothing))
        async with a_listener(hub, an_actor()) as listener:
            await asyncio.sleep(2 * LOOK_AT_LOGINS_SECS)
            assert listener.client.closing == ENDED

    run(main())


def test_login_that_nobody_can_look_up_is_believed_in_for_a_minute(store: SqlStore) -> None:
    def away(_actor: Actor) -> Actor | None:
        raise StorageError("없음", "away")

    async def main() -> None:
        hub = a_hub(store, away)
        async with a_listener(hub, an_actor()) as listener:
            await asyncio.sleep(TRUSTED_SECS - 1)
            assert listener.client.closing is None
            await asyncio.sleep(2 * LOOK_AT_LOGINS_SECS + 1)
            assert listener.client.closing == ENDED

    run(main())


def test_hub_rests_when_nobody_listens_and_works_again(store: SqlStore) -> None:
    async def main() -> None:
        hub, before = a_hub(store), len(asyncio.all_tasks())
        async with a_listener(hub, an_actor()) as listener:
            await ask(hub, listener, Channel.ORDERS, ACCOUNT)
        assert len(asyncio.all_tasks()) > before
        await asyncio.sleep(KEPT_SECS + 1)
        assert len(asyncio.all_tasks()) == before
        assert hub.clients == 0
        async with a_listener(hub, an_actor()) as listener:
            await ask(hub, listener, Channel.ORDERS, ACCOUNT)
            assert listener.of("ORDERS", "SNAPSHOT")

    run(main())


def test_bug_in_a_feed_ends_every_connection(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(*_: object) -> None:
        raise ZeroDivisionError

    async def main() -> None:
        hub = a_hub(store)
        told: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
        async with a_listener(hub, an_actor()) as listener:
            await asyncio.sleep(1)
            assert listener.client.closing == FAILED
            assert len(told) == 1

    monkeypatch.setattr(feed_module.Feed, "_start", stumble)
    run(main())


class OtherSide:
    """
    The other side of a socket.

    Attributes:
        told: What came.
    """

    def __init__(self, hub: Hub, said: list[str], *, is_stuck: bool) -> None:
        self.told: list[Message] = []
        self._said = said
        self._is_stuck = is_stuck
        self._has_connected = False
        app = SimpleNamespace(state=SimpleNamespace(hub=hub))
        self.socket = WebSocket({"type": "websocket", "app": app}, self._receive, self._send)

    async def _receive(self) -> Message:
        if not self._has_connected:
            self._has_connected = True
            return {"type": "websocket.connect"}
        if self._said:
            return {"type": "websocket.receive", "text": self._said.pop(0)}
        await asyncio.Event().wait()
        raise AssertionError

    async def _send(self, message: MutableMapping[str, Any]) -> None:
        if self._is_stuck and message["type"] == "websocket.send":
            await asyncio.Event().wait()
        self.told.append(dict(message))


def test_client_that_takes_nothing_is_dropped_after_a_while(store: SqlStore) -> None:
    async def main() -> float:
        said = json.dumps({"op": "SUBSCRIBE", "channels": [{"channel": "EVERYTHING"}]})
        hub = a_hub(store)
        stuck = OtherSide(hub, [said], is_stuck=True)
        clock = asyncio.get_running_loop().time
        began = clock()
        await socket_module.stream(stuck.socket, an_actor())
        closed = {"type": "websocket.close", "code": TOO_SLOW.code, "reason": TOO_SLOW.reason}
        assert stuck.told[-1] == closed
        assert hub.clients == 0
        assert hub.ended["TOO_SLOW"] == 1
        return clock() - began

    assert run(main()) == pytest.approx(socket_module.SEND_SECS, abs=0.1)


class WatchedHub(Hub):
    """Remembers whom it opened."""

    opened: Client

    def open(self, actor: Actor) -> Client:
        self.opened = super().open(actor)
        return self.opened


def test_client_says_whether_anybody_looks() -> None:
    async def main() -> None:
        hub = WatchedHub([], same, VirtualWall())
        said = json.dumps({"op": "VISIBILITY", "is_visible": False})
        other = OtherSide(hub, [said], is_stuck=False)
        serving = asyncio.create_task(socket_module.stream(other.socket, an_actor()))
        await asyncio.sleep(0.1)
        assert not hub.opened.is_visible
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        assert hub.clients == 0

    run(main())
