"""The mailbox: order, urgency, answers."""

from __future__ import annotations

import asyncio

from maemae.core.events import KillLevel, KillSet, PriceUpdated
from maemae.domain.ids import Symbol
from maemae.trading.mailbox import Mailbox

PRICES = [PriceUpdated(Symbol("005930"), 1_000 + k, k) for k in range(5)]
KILL = KillSet(KillLevel.STOP_NEW, "test", 9)


def test_take_returns_letters_in_the_order_they_came() -> None:
    async def run() -> list[object]:
        box = Mailbox()
        box.put(PRICES[0])
        box.put_all(PRICES[1:])
        return [letter.event for letter in await box.take(10)]

    assert asyncio.run(run()) == PRICES


def test_take_when_something_is_urgent_returns_it_first() -> None:
    async def run() -> list[object]:
        box = Mailbox()
        box.put_all(PRICES)
        asking = asyncio.create_task(box.ask(KILL, urgent=True))
        await asyncio.sleep(0)
        first = await box.take(2)
        asking.cancel()
        return [letter.event for letter in first]

    assert asyncio.run(run()) == [KILL, PRICES[0]]


def test_take_when_more_waits_than_a_turn_holds_leaves_the_rest() -> None:
    async def run() -> tuple[int, int]:
        box = Mailbox()
        box.put_all(PRICES)
        return len(await box.take(3)), len(box)

    assert asyncio.run(run()) == (3, 2)


def test_take_when_empty_waits_for_a_letter() -> None:
    async def run() -> object:
        box = Mailbox()
        taking = asyncio.create_task(box.take(1))
        await asyncio.sleep(0)
        assert not taking.done()
        box.put(PRICES[0])
        return (await taking)[0].event

    assert asyncio.run(run()) == PRICES[0]


def test_ask_returns_what_followed() -> None:
    async def run() -> object:
        box = Mailbox()
        asking = asyncio.create_task(box.ask(PRICES[0], "key"))
        (letter,) = await box.take(1)
        assert letter.command_id == "key"
        assert letter.answer is not None
        letter.answer.set_result(())
        return await asking

    assert asyncio.run(run()) == ()
