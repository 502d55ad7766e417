"""
Attacks on a server, going on and resting as they are told: `python -m benchmarks.server.attacks …`.

Each goes on at a pace of its own, and counts how it was refused. They come from another address
of this machine, so that what is counted by address is not the measuring client's; and they give
way to everything else here, because an attacker has a machine of their own.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

import httpx
import msgspec
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin

from maemae.server.security.cookie import COOKIE

_FIRST_ADDRESS: Final = 66  # 127.0.0.66; each attack has an address that nobody has blocked yet
LOGINS_A_SECOND: Final = 200 / 60  # ten times what an address may try

READY: Final = b"ready\n"
GO: Final = b"go\n"
REST: Final = b"rest\n"

_MEGABYTE: Final = "x" * 1_000_000
_NICENESS: Final = 19
_SLOW_LINES: Final = 200
_TRICKLE_SECS: Final = 0.5
_FIRST_REFUSED: Final = 11.0  # s; a request may take ten


class Stolen(msgspec.Struct, frozen=True):
    """
    What an attacker has.

    Attributes:
        address: Where they are.
        url: Of the server.
        user_id: A name that there is.
        cookie: Of a login that goes on, as `name=secret`.
        ended: Of one that has ended.
        half_way: Of one before its second factor.
        code: One that was used already.
        token: Of a program, revoked.
    """

    address: str
    url: str
    user_id: str
    cookie: str
    ended: str
    half_way: str
    code: str
    token: str


Told = Counter[str]
"""How often each answer came: a status and a code, or a word for how a line ended."""

Attack = Callable[[Stolen, httpx.AsyncClient, Told], Awaitable[None]]


async def _nothing(_stolen: Stolen, _client: httpx.AsyncClient, _told: Told) -> None:
    await asyncio.sleep(0)


async def _replayed_code(stolen: Stolen, client: httpx.AsyncClient, told: Told) -> None:
    headers = {"Cookie": stolen.half_way}
    _note(told, await client.post("/api/auth/totp", json={"code": stolen.code}, headers=headers))


async def _stolen_ticket(stolen: Stolen, client: httpx.AsyncClient, told: Told) -> None:
    """Show a ticket of somebody else, without their cookie."""
    headers = {"Cookie": stolen.cookie}
    answer = await client.post("/api/auth/ticket", headers=headers)
    if not answer.is_success:
        _note(told, answer)
        return
    try:
        async with _socket(stolen, answer.json()["ticket"], f"{COOKIE}=another"):
            told["opened"] += 1
    except InvalidStatus as refused:
        told[f"{refused.response.status_code} {_code(refused.response.body or b'')}"] += 1


async def _foreign_origin(stolen: Stolen, client: httpx.AsyncClient, told: Told) -> None:
    headers = {"Cookie": stolen.cookie, "Origin": "https://elsewhere.example"}
    _note(told, await client.post("/api/auth/logins/end-all", headers=headers))


async def _spoofed_address(stolen: Stolen, client: httpx.AsyncClient, told: Told) -> None:
    """Guess, and say each time that one comes from elsewhere."""
    number = sum(told.values()) % 250
    headers = {"X-Forwarded-For": f"198.51.100.{number}"}
    asked = {"user_id": stolen.user_id, "password": "not the password"}
    _note(told, await client.post("/api/auth/login", json=asked, headers=headers))


async def _expired_login(stolen: Stolen, client: httpx.AsyncClient, told: Told) -> None:
    _note(told, await client.get("/api/auth/me", headers={"Cookie": stolen.ended}))


async def _revoked_token(stolen: Stolen, client: httpx.AsyncClient, told: Told) -> None:
    headers = {"Authorization": f"Bearer {stolen.token}"}
    _note(told, await client.get("/api/accounts", headers=headers))


async def _megabyte_frame(stolen: Stolen, client: httpx.AsyncClient, told: Told) -> None:
    answer = await client.post("/api/auth/ticket", headers={"Cookie": stolen.cookie})
    if not answer.is_success:
        _note(told, answer)
        return
    try:
        async with _socket(stolen, answer.json()["ticket"], stolen.cookie) as socket:
            await socket.send(_MEGABYTE)
            async for _ in socket:
                pass
            told[f"closed {socket.close_code}"] += 1
    except ConnectionClosed as closed:
        told[f"closed {closed.rcvd.code if closed.rcvd else 'without a word'}"] += 1


async def _logins(stolen: Stolen, client: httpx.AsyncClient, told: Told) -> None:
    asked = {"user_id": stolen.user_id, "password": "not the password"}
    _note(told, await client.post("/api/auth/login", json=asked))


async def _slow_line(stolen: Stolen, _client: httpx.AsyncClient, told: Told) -> None:
    """Open a connection and let headers trickle in until it is closed."""
    where = urlsplit(stolen.url)
    reader, writer = await asyncio.open_connection(
        where.hostname, where.port, local_addr=(stolen.address, 0)
    )
    writer.write(f"GET / HTTP/1.1\r\nHost: {where.netloc}\r\n".encode())
    reading = asyncio.create_task(reader.read())
    try:
        while not reading.done():
            with suppress(ConnectionError):
                writer.write(b"X-More: y\r\n")
                await writer.drain()
            await asyncio.wait([reading], timeout=_TRICKLE_SECS)
        head, _, body = (await reading).partition(b"\r\n\r\n")
        told[f"{head[9:12].decode()} {_code(body)}"] += 1
    except ConnectionError:
        told["reset"] += 1
    finally:
        reading.cancel()
        writer.close()


class Plan(msgspec.Struct, frozen=True):
    """
    How an attack goes.

    Attributes:
        attack: One of it.
        a_second: How many begin in a second.
        at_once: By how many attackers.
        begun: How long it goes on before anything is measured [s].
        rounds: In how many rounds it is measured; None for as many as the others.
    """

    attack: Attack
    a_second: float
    at_once: int = 4
    begun: float = 0.4
    rounds: int | None = None


PLANS: Final[Mapping[str, Plan]] = {
    "nothing": Plan(_nothing, 1),
    "replayed TOTP": Plan(_replayed_code, 20),
    "stolen ticket": Plan(_stolen_ticket, 5),
    "foreign Origin": Plan(_foreign_origin, 40),
    "spoofed X-Forwarded-For": Plan(_spoofed_address, 20),
    "expired login": Plan(_expired_login, 40),
    "revoked token": Plan(_revoked_token, 40),
    "1 MB frame": Plan(_megabyte_frame, 5),
    "slowloris": Plan(_slow_line, _SLOW_LINES, _SLOW_LINES, _FIRST_REFUSED, rounds=2),
    "10x login rate": Plan(_logins, LOGINS_A_SECOND),
}
"""Every attack, by name."""


def address_of(name: str) -> str:
    """Return where an attack comes from."""
    return f"127.0.0.{_FIRST_ADDRESS + list(PLANS).index(name)}"


def _socket(stolen: Stolen, ticket: str, cookie: str) -> connect:
    return connect(
        f"{stolen.url.replace('http', 'ws')}/api/stream?ticket={ticket}",
        origin=Origin(stolen.url),
        additional_headers={"Cookie": cookie},
        local_addr=(stolen.address, 0),
        max_size=None,
        compression=None,
    )


def _note(told: Told, answer: httpx.Response) -> None:
    code = "" if answer.is_success else answer.json().get("code", "")
    told[f"{answer.status_code} {code}"] += 1


def _code(body: bytes | bytearray) -> str:
    try:
        return str(msgspec.json.decode(body)["code"])
    except (msgspec.MsgspecError, KeyError):
        return "?"


async def _go_on(stolen: Stolen, plan: Plan) -> Told:
    """Attack and rest by the lines of the standard input, until its other side is closed."""
    told: Told = Counter()
    transport = httpx.AsyncHTTPTransport(local_address=stolen.address)
    async with httpx.AsyncClient(
        base_url=stolen.url, headers={"Origin": stolen.url}, transport=transport, timeout=30
    ) as client:

        async def one_after_the_other() -> None:
            every = plan.at_once / plan.a_second
            clock = asyncio.get_running_loop().time
            while True:
                due = clock() + every
                with suppress(httpx.HTTPError, OSError):
                    await plan.attack(stolen, client, told)
                await asyncio.sleep(max(0.0, due - clock()))

        attackers: list[asyncio.Task[None]] = []
        _say(READY)
        while line := await asyncio.to_thread(sys.stdin.buffer.readline):
            await _end(attackers)
            count = plan.at_once if line == GO else 0
            attackers = [asyncio.create_task(one_after_the_other()) for _ in range(count)]
        await _end(attackers)
    return told


async def _end(attackers: Sequence[asyncio.Task[None]]) -> None:
    for attacker in attackers:
        attacker.cancel()
    await asyncio.gather(*attackers, return_exceptions=True)


def _say(line: bytes) -> None:
    sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()


def main(name: str) -> None:
    """Read what was stolen from the first line, attack, and say how it was refused as JSON."""
    os.nice(_NICENESS)
    stolen = msgspec.json.decode(sys.stdin.buffer.readline(), type=Stolen)
    told = asyncio.run(_go_on(stolen, PLANS[name]))
    _say(msgspec.json.encode(dict(told)) + b"\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
