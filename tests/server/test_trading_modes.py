"""The account decides the mode: whatever a paper trader says, nothing real is ever sent."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx
import pytest

from maemae.core.events import KillLevel
from maemae.domain.ids import AccountId
from maemae.domain.terms import Mode, TradingState
from maemae.server.factory import create_app, described_app
from maemae.server.security.roles import Role
from maemae.trading.control.commands import PlaceOrder, StatusQuery
from maemae.trading.control.replies import Status
from tests.brokers.sim_rig import ACCOUNT
from tests.server.mode_fuzz import ModeFuzz, Request
from tests.server.recording_line import RecordingLine
from tests.server.rig import ServerRig, a_line, a_server, a_trading_server
from tests.server.trading import ORDERS, post, resting

SIM, REAL = ACCOUNT, AccountId("5012345699")
SEED: Final = 20_261_130
AT_ONCE: Final = 8
EMULATED: Final = Status(
    mode=Mode.REAL,
    trading_state=TradingState.ACTIVE,
    trading_reason="",
    kill=KillLevel.OFF,
    kill_reason="",
    epoch=1,
    connections=(),
    venue_time=0,
    last_tick_age=None,
    open_orders=0,
    unknown_orders=0,
    positions=0,
    alerts=0,
    inbox=0,
    outbox=0,
    is_emulated=True,
)


@contextmanager
def two_executors(folder: Path) -> Iterator[tuple[ServerRig, RecordingLine, RecordingLine]]:
    """Give a server over a simulated and a real executor, both of which only write down."""
    with a_line(folder, Mode.SIM, SIM) as sim, a_line(folder, Mode.REAL, REAL) as real:
        lines = RecordingLine(sim), RecordingLine(real)
        with a_server(folder, lines) as server:
            server.arm(REAL)
            yield server, *lines


async def _send_all(server: ServerRig, cookie: str, requests: Sequence[Request]) -> Counter[int]:
    app = create_app(server.services)
    headers = {"Cookie": cookie, "Origin": server.url}
    statuses: Counter[int] = Counter()
    places = asyncio.Semaphore(AT_ONCE)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url=server.url, headers=headers
    ) as client:

        async def send(request: Request) -> None:
            async with places:
                answer = await client.request(
                    request.method, request.path, headers=request.headers, content=request.body
                )
            statuses[answer.status_code] += 1
            assert answer.status_code < 500 or answer.status_code == 503, answer.text

        await asyncio.gather(*(send(request) for request in requests))
    return statuses


@pytest.mark.parametrize(
    "count",
    [
        pytest.param(750, marks=pytest.mark.thorough),
        pytest.param(5_000, marks=pytest.mark.soak),
    ],
)
@pytest.mark.parametrize("is_granted", [True, False])
def test_paper_trader_who_says_real_wherever_it_can_be_said_sends_nothing_real(
    tmp_path: Path, count: int, *, is_granted: bool
) -> None:
    fuzz = ModeFuzz(described_app().routes, SIM, REAL, SEED + is_granted)
    requests = [fuzz.draw() for _ in range(count)]
    with two_executors(tmp_path) as (server, sim, real):
        accounts = (SIM, REAL) if is_granted else (SIM,)
        trader = server.a_person(Role.PAPER_TRADER, *accounts)

        statuses = asyncio.run(_send_all(server, server.a_cookie(trader), requests))

    assert statuses.total() == count
    assert real.commands == []
    # The operator's figures are of every executor, and ask each how it stands.
    assert is_granted or {type(asked) for asked in real.asked} <= {StatusQuery}
    placed = [asked for asked in sim.orders if isinstance(asked, PlaceOrder)]
    assert len(placed) > count // 20  # those who asked properly got through
    assert {asked.account_id for asked in placed} == {SIM}


def test_executor_that_trades_on_an_emulator_says_so_and_one_that_is_silent_does_not(
    tmp_path: Path,
) -> None:
    with two_executors(tmp_path) as (server, _, real):
        trader = server.a_person(Role.REAL_TRADER, REAL)
        with server.logged_in(trader) as client:
            (silent,) = client.get("/api/kill").json()
            real.status = EMULATED
            (told,) = client.get("/api/kill").json()
    assert (silent["mode"], silent["is_running"], silent["is_emulated"]) == ("REAL", False, False)
    assert (told["mode"], told["is_running"], told["is_emulated"]) == ("REAL", True, True)


def test_real_trader_reaches_the_real_executor_only_with_a_preview_of_the_very_order(
    tmp_path: Path,
) -> None:
    body = {**resting(), "account_id": REAL}
    with two_executors(tmp_path) as (server, sim, real):
        trader = server.a_person(Role.REAL_TRADER, REAL)
        with server.logged_in(trader) as client:
            needed = post(client, ORDERS, body)
            token = client.post(f"{ORDERS}/preview", json=body).json()["token"]
            sent = post(client, ORDERS, {**body, "preview_token": token})

    assert (needed.status_code, needed.json()["code"]) == (409, "PREVIEW_NEEDED")
    assert sent.status_code == 200, sent.text
    assert [type(asked) for asked in real.commands] == [PlaceOrder]
    assert sim.asked == []


def test_fuzzed_requests_on_a_real_stack_are_simulated_orders_or_nothing(tmp_path: Path) -> None:
    fuzz = ModeFuzz(described_app().routes, SIM, REAL, SEED)
    requests = [fuzz.draw() for _ in range(150)]
    with a_trading_server(tmp_path) as (server, street, _):
        trader = server.a_person(Role.PAPER_TRADER, SIM)

        statuses = asyncio.run(_send_all(server, server.a_cookie(trader), requests))
        submits = [asked.request for asked in street.submits]

    assert statuses[200] > 0
    assert submits
    assert all(not asked.is_by_hand for asked in street.submits)
