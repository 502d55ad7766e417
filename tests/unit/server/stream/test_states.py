"""Of a state only what differs is told; the clock once a second and when its phase changes."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from maemae.domain.instant import SECOND
from maemae.krx.session import Phase
from maemae.server.stream.client import Client
from maemae.server.stream.envelope import Channel, PositionsMessage, StreamClock, StreamPosition
from maemae.server.stream.states import States
from tests.builders import ACCOUNT, DAY_1, NOON, SAMSUNG, SLEEVE
from tests.stream_listening import an_actor
from tests.virtual_time import run

PLACE = Channel.POSITIONS, ACCOUNT


def a_client() -> Client:
    return Client(an_actor(), lambda: '{"kind": "HEARTBEAT"}')


def positions(head: int, qty: int) -> PositionsMessage:
    held = {
        "account_id": ACCOUNT,
        "sleeve_id": SLEEVE,
        "symbol": SAMSUNG,
        "qty": qty,
        "cost": qty * 10,
        "opened_at": NOON,
        "stop_px": None,
        "take_px": None,
    }
    data = [StreamPosition.model_validate(held)]
    return PositionsMessage(sequence=head, account_id=ACCOUNT, data=data)


def clock(second: int, phase: Phase = Phase.CONTINUOUS) -> StreamClock:
    told = {"at": NOON + second * SECOND, "phase": phase, "session_date": DAY_1, "is_live": True}
    return StreamClock.model_validate(told)


async def told(client: Client) -> list[dict[str, Any]]:
    return [json.loads(text) for text in await client.take()]


def test_state_that_did_not_change_is_not_told_again() -> None:
    async def main() -> None:
        states, client = States(), a_client()
        states.join(client, PLACE)
        states.take(positions(1, 5))
        assert (await told(client))[0]["data"][0]["qty"] == 5
        states.take(positions(2, 5))
        assert (await told(client))[0]["kind"] == "HEARTBEAT"
        states.take(positions(3, 6))
        states.take(positions(4, 7))
        (message,) = await told(client)
        assert (message["sequence"], message["data"][0]["qty"]) == (4, 7)

    run(main())


def test_newcomer_is_told_what_is_known_and_is_noticed() -> None:
    async def main() -> None:
        states, first, second = States(), a_client(), a_client()
        states.join(first, PLACE)
        states.take(positions(1, 5))
        states.has_newcomers = False
        states.join(second, PLACE)
        assert states.has_newcomers
        assert (await told(second))[0]["data"][0]["qty"] == 5
        assert states.wanted(Channel.POSITIONS) == [ACCOUNT]
        states.leave(first, PLACE)
        states.leave(second, PLACE)
        assert states.wanted(Channel.POSITIONS) == []

    run(main())


def test_clock_is_told_once_a_second_and_when_its_phase_changes() -> None:
    async def main() -> list[str]:
        states, client = States(), a_client()
        states.join(client, (Channel.CLOCK, None))
        phases = []

        async def read() -> None:
            while True:
                phases.extend([message["data"]["phase"] for message in await told(client)])

        reading = asyncio.create_task(read())
        for tick in range(30):
            states.take_clock(clock(tick))
            await asyncio.sleep(0.1)
        states.take_clock(clock(30, Phase.CLOSING_AUCTION))
        await asyncio.sleep(0.2)
        reading.cancel()
        return phases

    assert run(main()) == ["CONTINUOUS"] * 3 + ["CLOSING_AUCTION"]


def test_clock_that_nobody_tells_any_more_is_told_as_such() -> None:
    async def main() -> None:
        states, client = States(), a_client()
        states.stop_clock()
        states.join(client, (Channel.CLOCK, ACCOUNT))
        states.take_clock(clock(1))
        assert (await told(client))[0]["data"]["is_live"] is True
        states.stop_clock()
        assert (await told(client))[0]["data"]["is_live"] is False

    run(main())
