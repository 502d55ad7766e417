"""The token: one issuer for each key, renewed before it ends, and never of another world."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import date, time
from pathlib import Path

import pytest

from maemae.brokers.kiwoom_rest.auth import AppKey, TokenOwner
from maemae.brokers.kiwoom_rest.client import KiwoomClient
from maemae.brokers.kiwoom_rest.config import PAPER_CONFIG
from maemae.brokers.kiwoom_rest.hosts import Host, emulator_host, host_of
from maemae.brokers.kiwoom_rest.token_file import TokenFile
from maemae.clocks import SystemWallClock
from maemae.domain.errors import BrokerUnavailableError, ConfigError
from maemae.domain.instant import MINUTE, SECOND, kst_nanos
from maemae.domain.terms import Mode
from tests.kiwoom_server import KiwoomServer, Reply, refuse

KEY = AppKey(Mode.PAPER, "app-key", "secret-key")
NOON = kst_nanos(date(2026, 11, 30), time(12))
HOSTS = [
    host_of(Mode.PAPER),
    host_of(Mode.REAL),
    emulator_host(Mode.PAPER, "http://127.0.0.1:1", "ws://127.0.0.1:2/x"),
    emulator_host(Mode.SIM, "http://127.0.0.1:1", "ws://127.0.0.1:2/x"),
]


class Wall(SystemWallClock):
    """Shows a time of day that a test sets; waits by the machine's."""

    def __init__(self, at: int = NOON) -> None:
        self.at = at

    def now(self) -> int:
        return self.at


class Owners:
    """Processes of one data folder, as far as they differ: each has an owner of its own."""

    def __init__(self, server: KiwoomServer, folder: Path, wall: Wall) -> None:
        self.client = KiwoomClient(PAPER_CONFIG)
        self.wall = wall
        self._server = server
        self._folder = folder

    def another(self) -> TokenOwner:
        file = TokenFile(self._folder, Mode.PAPER, KEY.app_key, self.wall)
        return TokenOwner(self._server.host, KEY, self.client, PAPER_CONFIG, file, self.wall)


def with_server(
    tmp_path: Path, act: Callable[[KiwoomServer, Owners], Awaitable[None]], at: int = NOON
) -> KiwoomServer:
    async def play() -> KiwoomServer:
        async with KiwoomServer(NOON) as server:
            owners = Owners(server, tmp_path, Wall(at))
            try:
                await act(server, owners)
            finally:
                await owners.client.close()
            return server

    return asyncio.run(play())


def test_token_is_asked_for_once_by_all_who_need_it(tmp_path: Path) -> None:
    async def act(_: KiwoomServer, owners: Owners) -> None:
        one, other = owners.another(), owners.another()
        told = await asyncio.gather(*(each.token() for each in (one, one, other, other)))
        assert set(told) == {"token-1"}

    server = with_server(tmp_path, act)
    assert server.count("/oauth2/token") == 1
    assert server.bodies("/oauth2/token")[0] == {
        "grant_type": "client_credentials",
        "appkey": "app-key",
        "secretkey": "secret-key",
    }


def test_token_is_kept_for_its_owner_alone_and_shown_nowhere(tmp_path: Path) -> None:
    async def act(_: KiwoomServer, owners: Owners) -> None:
        await owners.another().token()

    with_server(tmp_path, act)
    modes = {path.suffix: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == {".json": 0o600, ".lock": 0o600}
    assert "secret-key" not in repr(KEY)
    assert all(KEY.app_key not in path.name for path in tmp_path.iterdir())


def test_token_when_it_was_refused_is_exchanged_once_for_all(tmp_path: Path) -> None:
    async def act(server: KiwoomServer, owners: Owners) -> None:
        one, other = owners.another(), owners.another()
        refused = [await one.token(), await other.token()]
        server.live = ""
        told = await asyncio.gather(one.renew(refused[0]), other.renew(refused[1]))
        assert set(told) == {"token-2"}
        assert await one.renew(refused[0]) == "token-2"

    server = with_server(tmp_path, act)
    assert server.tokens == 2


def test_token_when_the_server_gives_the_refused_one_again_is_revoked_first(
    tmp_path: Path,
) -> None:
    async def act(_: KiwoomServer, owners: Owners) -> None:
        owner = owners.another()
        assert await owner.renew(await owner.token()) == "token-2"

    assert with_server(tmp_path, act).count("/oauth2/revoke") == 1


@pytest.mark.parametrize(("left", "tokens"), [(11 * MINUTE, 1), (9 * MINUTE, 2)])
def test_token_is_renewed_ten_minutes_before_it_ends(
    tmp_path: Path, left: int, tokens: int
) -> None:
    async def act(_: KiwoomServer, owners: Owners) -> None:
        await owners.another().token()
        owners.wall.at += 24 * 60 * MINUTE - left
        await owners.another().token()

    assert with_server(tmp_path, act).tokens == tokens


@pytest.mark.parametrize(
    ("at", "tokens"),
    [(time(7, 40), 2), (time(12), 1), (time(6), 1)],
)
def test_token_that_would_not_last_the_day_is_exchanged_before_the_opening(
    tmp_path: Path, at: time, tokens: int
) -> None:
    async def act(server: KiwoomServer, owners: Owners) -> None:
        owner = owners.another()
        await owner.token()  # ends tomorrow at noon
        owners.wall.at = kst_nanos(date(2026, 12, 1), at)
        keeping = asyncio.create_task(owner.keep())
        with suppress(TimeoutError):
            async with asyncio.timeout(0.3):
                await server.asked_for("/oauth2/token", 3)
        keeping.cancel()

    assert with_server(tmp_path, act).tokens == tokens


@pytest.mark.parametrize(
    ("code", "said"),
    [("8001", "Enter the keys again"), ("8030", "other world"), ("8050", "not registered")],
)
def test_token_when_it_is_refused_says_what_to_do(tmp_path: Path, code: str, said: str) -> None:
    async def act(server: KiwoomServer, owners: Owners) -> None:
        server.answers["/oauth2/token"] = lambda *_: refuse(3, f"인증 실패[{code}:사유]")
        with pytest.raises(BrokerUnavailableError, match=said):
            await owners.another().token()

    with_server(tmp_path, act)


def test_token_when_the_limit_is_passed_is_asked_for_again(tmp_path: Path) -> None:
    replies = [refuse(5, "[1700:초과]", 429)]

    async def act(server: KiwoomServer, owners: Owners) -> None:
        usual = server.answers

        def once(*_: object) -> Reply:
            del usual["/oauth2/token"]
            return replies.pop()

        usual["/oauth2/token"] = once
        assert await owners.another().token() == "token-1"

    assert with_server(tmp_path, act).count("/oauth2/token") == 2


@pytest.mark.parametrize("body", [b"<html>Request Blocked</html>", b"", b"[]"])
def test_token_when_the_answer_is_none_raises(tmp_path: Path, body: bytes) -> None:
    async def act(server: KiwoomServer, owners: Owners) -> None:
        server.answers["/oauth2/token"] = lambda *_: (400, body, {})
        with pytest.raises(BrokerUnavailableError):
            await owners.another().token()

    with_server(tmp_path, act)


def show_as_of(folder: Path, host: str, other: str) -> None:
    path = next(folder.glob("*.json"))
    path.write_text(path.read_text().replace(host, other))


def test_token_of_another_server_is_not_shown_to_this_one(tmp_path: Path) -> None:
    async def act(server: KiwoomServer, owners: Owners) -> None:
        await owners.another().token()
        show_as_of(tmp_path, server.host.rest, "https://api.kiwoom.com")
        server.live = ""
        assert await owners.another().token() == "token-2"

    with_server(tmp_path, act)


def test_token_when_another_process_holds_the_lock_waits(tmp_path: Path) -> None:
    async def act(_: KiwoomServer, owners: Owners) -> None:
        file = TokenFile(tmp_path, Mode.PAPER, KEY.app_key, owners.wall)
        async with file.locked(SECOND):
            asking = asyncio.create_task(owners.another().token())
            await asyncio.sleep(0.05)
            assert not asking.done()
            with pytest.raises(BrokerUnavailableError, match="Another process"):
                async with file.locked(SECOND // 50):
                    pass
        assert await asking == "token-1"

    with_server(tmp_path, act)


@pytest.mark.parametrize("host", HOSTS, ids=lambda host: f"{host.mode}-{host.rest}")
@pytest.mark.parametrize("mode", list(Mode))
def test_key_of_another_world_is_refused_before_anything_is_sent(
    tmp_path: Path, host: Host, mode: Mode
) -> None:
    async def make() -> None:
        wall = SystemWallClock()
        file = TokenFile(tmp_path, mode, "k", wall)
        client = KiwoomClient(PAPER_CONFIG)
        TokenOwner(host, AppKey(mode, "k", "s"), client, PAPER_CONFIG, file, wall)

    if mode is host.mode:
        asyncio.run(make())
    else:
        with pytest.raises(ConfigError):
            asyncio.run(make())
    assert not list(tmp_path.iterdir())
