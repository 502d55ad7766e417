"""The stream over a real server: who is let in, what they are told, and when it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from maemae.domain.ids import AccountId
from maemae.domain.instant import SECOND
from maemae.domain.intent import Shares
from maemae.domain.terms import Mode, Side
from maemae.server.security.roles import Role
from maemae.server.stream.envelope import LARGEST_MESSAGE, Channel
from maemae.storage.tables.people import Permission
from maemae.trading.control.commands import Cancel, PlaceOrder
from tests.brokers.sim_rig import ACCOUNT, STILL
from tests.crash.executor_rig import ExecutorRig
from tests.server.rig import ServerRig, a_line, a_server, a_trading_server
from tests.server.sockets import Message, a_socket, a_ticket, cookie_of, refused

MINE = AccountId("5012345610")
OTHERS = AccountId("9990000001")
CHANNELS = [channel.value for channel in Channel]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerRig]:
    """Yield a server that knows two accounts, whose executor does not run."""
    folder = tmp_path_factory.mktemp("server")
    with a_line(folder, Mode.SIM, MINE, OTHERS) as line, a_server(folder, [line]) as rig:
        yield rig


def test_socket_is_opened_with_a_ticket_and_the_cookie_that_asked_for_it(
    server: ServerRig,
) -> None:
    person = server.a_person(Role.VIEWER, MINE)

    async def main(ticket: str, cookie: str) -> None:
        async with a_socket(server.url, ticket, Cookie=cookie) as stream:
            await stream.subscribe({"channel": "ORDERS", "account_id": MINE})
            assert (await stream.until_of("ORDERS", "SNAPSHOT"))["data"] == []

    with server.logged_in(person) as client:
        asyncio.run(main(a_ticket(client), cookie_of(client)))


def test_socket_is_refused_before_it_is_accepted(server: ServerRig) -> None:
    person, other = server.a_person(Role.VIEWER, MINE), server.a_person(Role.VIEWER, MINE)

    async def main() -> None:
        with server.logged_in(person) as client, server.logged_in(other) as thief:
            cookie = cookie_of(client)
            assert await refused(server.url) == 401
            assert await refused(server.url, Cookie=cookie) == 401
            assert await refused(server.url, "made-up", Cookie=cookie) == 401
            assert await refused(server.url, a_ticket(client)) == 401
            assert await refused(server.url, a_ticket(client), Cookie=cookie_of(thief)) == 401
            foreign = await refused(server.url, a_ticket(client), "https://evil.example")
            assert foreign == 403
            nowhere = await refused(server.url, a_ticket(client), "", Cookie=cookie)
            assert nowhere == 403
            ticket = a_ticket(client)
            assert await refused(server.url, ticket, Cookie=cookie) == 0
            assert await refused(server.url, ticket, Cookie=cookie) == 401  # used
            late = a_ticket(client)
            server.wall.leap(server.services.config.patience.ticket + SECOND)
            assert await refused(server.url, late, Cookie=cookie) == 401  # expired

    asyncio.run(main())


def test_program_opens_a_socket_with_its_token_from_no_page(server: ServerRig) -> None:
    person = server.a_person(Role.PAPER_TRADER, MINE)
    token = server.a_token(person, Permission.VIEW)

    async def main() -> None:
        async with a_socket(server.url, origin="", Authorization=f"Bearer {token}") as stream:
            await stream.subscribe({"channel": "STATUS", "account_id": MINE})
            await stream.until_of("STATUS", "SNAPSHOT")

    asyncio.run(main())


def test_account_of_somebody_else_is_told_nobody(server: ServerRig) -> None:
    person = server.a_person(Role.VIEWER, MINE)

    async def main(ticket: str, cookie: str) -> None:
        async with a_socket(server.url, ticket, Cookie=cookie) as stream:
            for channel in ("ORDERS", "ALERTS", "POSITIONS", "QUOTES", "STATUS", "CLOCK"):
                for account in (OTHERS, "0000000000"):
                    await stream.subscribe({"channel": channel, "account_id": account})
                    error = await stream.until(lambda message: message["kind"] == "ERROR")
                    assert error["code"] == "NO_SUCH_ACCOUNT"
            await stream.subscribe({"channel": "ORDERS"})
            error = await stream.until(lambda message: message["kind"] == "ERROR")
            assert error["code"] == "ACCOUNT_NEEDED"
            assert {message["kind"] for message in stream.messages} == {"ERROR"}

    with server.logged_in(person) as client:
        asyncio.run(main(a_ticket(client), cookie_of(client)))


def test_socket_is_closed_within_seconds_of_a_logout(server: ServerRig) -> None:
    person = server.a_person(Role.VIEWER, MINE)

    async def main() -> None:
        with server.logged_in(person) as client:
            ticket, cookie = a_ticket(client), cookie_of(client)
            async with a_socket(server.url, ticket, Cookie=cookie) as stream:
                assert client.post("/api/auth/logout").is_success
                async with asyncio.timeout(5):
                    assert await stream.ends() == (4001, "LOGIN_ENDED")

    asyncio.run(main())


def test_account_that_is_not_granted_any_more_is_told_no_more(server: ServerRig) -> None:
    person = server.a_person(Role.VIEWER, MINE, OTHERS)

    async def main(ticket: str, cookie: str) -> None:
        async with a_socket(server.url, ticket, Cookie=cookie) as stream:
            await stream.subscribe(
                {"channel": "ORDERS", "account_id": MINE},
                {"channel": "ORDERS", "account_id": OTHERS},
            )
            await stream.until(lambda message: message.get("account_id") == OTHERS)
            server.services.people.grants.withdraw(person.user_id, OTHERS)
            error = await stream.until(lambda message: message["kind"] == "ERROR")
            assert (error["code"], error["account_id"]) == ("NO_SUCH_ACCOUNT", OTHERS)

    with server.logged_in(person) as client:
        asyncio.run(main(a_ticket(client), cookie_of(client)))


def test_message_that_is_large_frequent_or_strange_ends_or_is_answered(server: ServerRig) -> None:
    person = server.a_person(Role.VIEWER, MINE)

    async def main() -> None:
        with server.logged_in(person) as client:
            cookie = cookie_of(client)
            async with a_socket(server.url, a_ticket(client), Cookie=cookie) as stream:
                for said in ("", "{", "[]", '{"op":"TRADE"}', "null", "9" * 10_000):
                    await stream.line.send(said)
                    error = await stream.until(lambda message: message["kind"] == "ERROR")
                    assert error["code"] == "INVALID"
                    assert error["ko"]
                await stream.line.send(b"\x00\xff")
                assert (await stream.until(lambda one: one["kind"] == "ERROR"))["code"] == "INVALID"
            async with a_socket(server.url, a_ticket(client), Cookie=cookie) as stream:
                await stream.line.send("x" * (LARGEST_MESSAGE + 1))
                assert (await stream.ends())[0] == 1009
            async with a_socket(server.url, a_ticket(client), Cookie=cookie) as stream:
                await stream.line.send("x" * 1024 * 1024)
                assert (await stream.ends())[0] == 1009
            async with a_socket(server.url, a_ticket(client), Cookie=cookie) as stream:
                for _ in range(60):
                    await stream.say(op="VISIBILITY", is_visible=True)
                assert await stream.ends() == (4029, "TOO_MANY_MESSAGES")

    asyncio.run(main())


@pytest.fixture(scope="module")
def trading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ServerRig, ExecutorRig]]:
    """Yield a server over an executor that trades."""
    with a_trading_server(tmp_path_factory.mktemp("t")) as (server, _, executor):
        yield server, executor


def test_order_is_told_from_its_sending_to_its_end(
    trading: tuple[ServerRig, ExecutorRig],
) -> None:
    server, executor = trading
    person = server.a_person(Role.PAPER_TRADER, ACCOUNT)

    async def main(ticket: str, cookie: str) -> None:
        async with a_socket(server.url, ticket, Cookie=cookie) as stream:
            await stream.subscribe(
                *({"channel": name, "account_id": ACCOUNT} for name in ("ORDERS", "QUOTES")),
                {"channel": "CLOCK"},
            )
            await stream.until_of("ORDERS", "SNAPSHOT")
            order = PlaceOrder("o1", "kim", ACCOUNT, STILL, Side.BUY, Shares(3), price=9_000)
            assert await asyncio.to_thread(executor.ask, order) is not None
            working = await stream.until(lambda message: is_order(message, "NEW"))
            number = working["data"][0]["cl_ord_id"]
            assert await asyncio.to_thread(executor.ask, Cancel("c1", "kim", number)) is not None
            await stream.until(lambda message: is_order(message, "CANCELED"))
            statuses = [
                row["status"]
                for message in stream.messages
                if message.get("channel") == "ORDERS" and message["kind"] == "EVENT"
                for row in message["data"]
            ]
            assert statuses == ["PENDING_NEW", "NEW", "PENDING_CANCEL", "CANCELED"]
            await stream.until_of("QUOTES", "DELTA")
            clocks = [one for one in stream.messages if one.get("channel") == "CLOCK"]
            assert clocks[-1]["data"]["is_live"]

    with server.logged_in(person) as client:
        asyncio.run(main(a_ticket(client), cookie_of(client)))


def channels_of(messages: list[Message]) -> set[str]:
    return {message["channel"] for message in messages if "channel" in message}


def is_order(message: Message, status: str) -> bool:
    data = message.get("data")
    return message.get("channel") == "ORDERS" and bool(data) and status in str(data)


def test_client_that_does_not_read_holds_up_nobody(
    trading: tuple[ServerRig, ExecutorRig],
) -> None:
    server, _ = trading
    person = server.a_person(Role.VIEWER, ACCOUNT)

    async def main() -> None:
        with server.logged_in(person) as client:
            cookie = cookie_of(client)
            async with (
                a_socket(server.url, a_ticket(client), Cookie=cookie) as stuck,
                a_socket(server.url, a_ticket(client), Cookie=cookie) as stream,
            ):
                stuck.line.transport.pause_reading()
                every = [{"channel": name, "account_id": ACCOUNT} for name in CHANNELS]
                for _ in range(25):
                    await stuck.subscribe(*every)
                await stream.subscribe(*every)
                await stream.until(lambda _: {*CHANNELS} <= channels_of(stream.messages))
                await stream.until_of("QUOTES", "DELTA")
                stuck.line.transport.abort()

    asyncio.run(main())
