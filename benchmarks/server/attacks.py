"""
Attacks on a server, each for so long as it is told: `python -m benchmarks.server.attacks …`.

Each goes on at a pace of its own, and counts how it was refused. They come from another address
of this machine, so that what is counted by address is not the measuring client's.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

import httpx
import msgspec
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin

from maemae.server.security.cookie import COOKIE

ADDRESS: Final = "127.0.0.66"
LOGINS_A_SECOND: Final = 200 / 60  # ten times what an address may try

_MEGABYTE: Final = "x" * 1_000_000
_SLOW_LINES: Final = 200
_TRICKLE_SECS: Final = 0.5
_FIRST_REFUSED: Final = 11.0  # s; a request may take ten


class Stolen(msgspec.Struct, frozen=True):
    """
    What an attacker has.

    Attributes:
        url: Of the server.
        user_id: A name that there is.
        cookie: Of a login that goes on, as `name=secret`.
        ended: Of one that has ended.
        half_way: Of one before its second factor.
        code: One that was used already.
        token: Of a program, revoked.
    """

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
        where.hostname, where.port, local_addr=(ADDRESS, 0)
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
    """

    attack: Attack
    a_second: float
    at_once: int = 4
    begun: float = 1.5


PLANS: Final[Mapping[str, Plan]] = {
    "nothing": Plan(_nothing, 1),
    "replayed TOTP": Plan(_replayed_code, 20),
    "stolen ticket": Plan(_stolen_ticket, 5),
    "foreign Origin": Plan(_foreign_origin, 40),
    "spoofed X-Forwarded-For": Plan(_spoofed_address, 20),
    "expired login": Plan(_expired_login, 40),
    "revoked token": Plan(_revoked_token, 40),
    "1 MB frame": Plan(_megabyte_frame, 5),
    "slowloris": Plan(_slow_line, _SLOW_LINES, _SLOW_LINES, _FIRST_REFUSED),
    "10x login rate": Plan(_logins, LOGINS_A_SECOND),
}
"""Every attack, by name."""


def _socket(stolen: Stolen, ticket: str, cookie: str) -> connect:
    return connect(
        f"{stolen.url.replace('http', 'ws')}/api/stream?ticket={ticket}",
        origin=Origin(stolen.url),
        additional_headers={"Cookie": cookie},
        local_addr=(ADDRESS, 0),
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
    """Attack until the other side of the standard input is closed."""
    told: Told = Counter()
    transport = httpx.AsyncHTTPTransport(local_address=ADDRESS)
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

        attackers = [asyncio.create_task(one_after_the_other()) for _ in range(plan.at_once)]
        await asyncio.to_thread(sys.stdin.buffer.read)
        for attacker in attackers:
            attacker.cancel()
        await asyncio.gather(*attackers, return_exceptions=True)
    return told


def main(name: str) -> None:
    """Read what was stolen from the first line, attack, and say how it was refused as JSON."""
    stolen = msgspec.json.decode(sys.stdin.buffer.readline(), type=Stolen)
    told = asyncio.run(_go_on(stolen, PLANS[name]))
    sys.stdout.write(msgspec.json.encode(dict(told)).decode() + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
