"""What waits for a client is bounded; what must not be lost goes first; frames are paced."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from maemae.server.stream import client as module
from maemae.server.stream.client import (
    BACKGROUND_FRAME_SECS,
    ENDED,
    FRAME_SECS,
    HEARTBEAT_SECS,
    MOST_BYTES,
    MOST_WAITING,
    TOO_SLOW,
    Client,
)
from tests.stream_listening import an_actor
from tests.virtual_time import run


def a_client() -> Client:
    return Client(an_actor(), lambda: "beat")


def test_messages_are_told_in_order_and_none_is_lost() -> None:
    async def main() -> None:
        client = a_client()
        for number in range(MOST_WAITING):
            client.tell(str(number))
        told: list[str] = []
        while client.waiting:
            told += await client.take()
        assert told == [str(number) for number in range(MOST_WAITING)]

    run(main())


def test_client_when_its_queue_is_full_is_dropped_and_holds_nothing() -> None:
    async def main() -> None:
        client = a_client()
        client.show("state", lambda: "state")
        for number in range(MOST_WAITING + 1):
            client.tell(str(number))
        assert client.closing == TOO_SLOW
        assert client.waiting == 0
        client.tell("more")
        assert client.waiting == 0
        assert await client.take() == []

    run(main())


def test_client_when_few_messages_are_too_much_is_dropped() -> None:
    async def main() -> None:
        client = a_client()
        client.tell("x" * MOST_BYTES)
        assert client.closing is None
        client.tell("x")
        assert client.closing == TOO_SLOW

    run(main())


def test_bytes_that_were_taken_make_room_for_others() -> None:
    async def main() -> None:
        client = a_client()
        for _ in range(5):
            client.tell("x" * MOST_BYTES)
            await client.take()
        assert client.closing is None

    run(main())


def test_state_is_told_once_as_it_is_when_there_is_room() -> None:
    async def main() -> None:
        client = a_client()
        state = ["first"]
        for _ in range(100):
            client.show("state", lambda: state[0])
        state[0] = "last"
        assert await client.take() == ["last"]

    run(main())


@pytest.mark.parametrize(
    ("is_visible", "every"), [(True, FRAME_SECS), (False, BACKGROUND_FRAME_SECS)]
)
def test_frames_come_at_their_pace_however_often_something_changes(
    *, is_visible: bool, every: float
) -> None:
    async def main() -> list[float]:
        client = a_client()
        client.is_visible = is_visible
        clock = asyncio.get_running_loop().time

        async def change() -> None:
            while True:
                client.show("state", lambda: "state")
                await asyncio.sleep(0.002)

        changing = asyncio.create_task(change())
        at = []
        for _ in range(20):
            await client.take()
            at.append(clock())
        changing.cancel()
        return at

    at = run(main())
    gaps = [later - earlier for earlier, later in pairwise(at)]
    assert gaps[1:] == pytest.approx([every] * 18, abs=0.005)


def test_message_that_must_not_be_lost_waits_for_no_frame() -> None:
    async def main() -> float:
        client = a_client()
        client.show("state", lambda: "state")
        await client.take()
        client.show("state", lambda: "state")
        clock = asyncio.get_running_loop().time
        asyncio.get_running_loop().call_later(0.01, client.tell, "order")
        began = clock()
        assert await client.take() == ["order"]
        return clock() - began

    assert run(main()) == pytest.approx(0.01)


def test_client_when_nothing_happens_is_told_a_heartbeat() -> None:
    async def main() -> list[float]:
        client, clock, at = a_client(), asyncio.get_running_loop().time, []
        for _ in range(3):
            assert await client.take() == ["beat"]
            at.append(clock())
        return at

    assert run(main()) == pytest.approx([HEARTBEAT_SECS, 2 * HEARTBEAT_SECS, 3 * HEARTBEAT_SECS])


def test_client_when_closed_says_so_at_once_and_keeps_the_first_reason() -> None:
    async def main() -> None:
        client = a_client()
        asyncio.get_running_loop().call_later(1, client.close, ENDED)
        assert await client.take() == []
        client.close(TOO_SLOW)
        await client.ended()
        assert client.closing == ENDED

    run(main())


def test_state_of_which_nothing_is_left_is_not_told() -> None:
    async def main() -> None:
        client = a_client()
        client.show("gone", lambda: "gone")
        client.show("empty", lambda: None)
        client.hide("gone")
        client.show("there", lambda: "there")
        assert await client.take() == ["there"]

    run(main())


def test_limits_are_what_they_are_said_to_be() -> None:
    assert module.FRAME_SECS == 0.1
    assert module.HEARTBEAT_SECS == 10
