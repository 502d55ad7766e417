"""Fills are booked one after the other beside the loop, and told once they are durable."""

from __future__ import annotations

import asyncio
from pathlib import Path

from msgspec.structs import replace

from maemae.brokers.kiwoom_rest.fill_desk import FillDesk
from maemae.brokers.kiwoom_rest.fills import Covered, FillBook
from maemae.brokers.kiwoom_rest.frames import OrderValues
from maemae.domain.ids import AccountId, ExecId, OrderId
from maemae.domain.statement import Notice
from maemae.domain.terms import Side
from maemae.domain.text import Text
from tests.builders import SAMSUNG
from tests.unit.brokers.kiwoom_rest.test_notices import ACCOUNT, DAY, frame

FILLS = 20


def a_fill(reached: int) -> OrderValues:
    """Return the frame of one share, of which so many are filled with it."""
    return frame(
        state="체결",
        order_qty=f"{FILLS}",
        leaves_qty=f"{FILLS - reached}",
        amount=f"{100 * reached}",
        cum_qty=f"{reached}",
        cum_px="100",
        last_px="100",
        last_qty="1",
    )


class Told:
    """What a desk has told, and what the journal held when it did."""

    def __init__(self, folder: Path) -> None:
        self.fills: list[str] = []
        self.skipped: list[str] = []
        self.were_durable = True
        self.ticks = 0
        self._folder = folder

    def tell(self, notice: Notice) -> None:
        self.fills.append(notice.exec_id)
        kept = FillBook(self._folder, ACCOUNT, DAY).executions()
        self.were_durable &= notice.exec_id in {row.exec_id for row in kept}

    def skip(self, why: Text) -> None:
        self.skipped.append(why.en)

    async def tick(self) -> None:
        while True:
            self.ticks += 1
            await asyncio.sleep(0)


def played(folder: Path, *frames: OrderValues) -> Told:
    async def play() -> Told:
        told = Told(folder)
        desk = FillDesk(folder, ACCOUNT, told.tell, told.skip)
        ticking = asyncio.create_task(told.tick())
        for values in frames:
            desk.take(values, DAY)
        await desk.stop()
        ticking.cancel()
        return told

    return asyncio.run(play())


def test_fills_are_told_in_their_order_once_they_are_durable_and_hold_nobody_up(
    tmp_path: Path,
) -> None:
    told = played(tmp_path, *(a_fill(reached) for reached in range(1, FILLS + 1)))

    assert told.fills == [f"0048213:{reached}" for reached in range(1, FILLS + 1)]
    assert told.were_durable
    assert told.ticks > FILLS  # the loop went on while the disk was waited for


def test_fill_that_the_book_of_orders_has_is_not_told_again(tmp_path: Path) -> None:
    lost = FillBook(tmp_path / "lost", ACCOUNT, DAY)
    lost.add(OrderId("0048213"), SAMSUNG, Side.BUY, Covered(0, 1, 100, 7))
    another = replace(lost.executions()[0], account_id=AccountId("8100000999"))
    booked = (*lost.executions(), replace(another, exec_id=ExecId("0048213:2")))

    async def play() -> list[str]:
        told = Told(tmp_path)
        desk = FillDesk(tmp_path, ACCOUNT, told.tell, told.skip, lambda _: booked)
        desk.take(a_fill(1), DAY)
        desk.take(a_fill(2), DAY)
        await desk.stop()
        return told.fills

    assert asyncio.run(play()) == ["0048213:2"]


def test_fill_that_cannot_be_booked_is_told_and_costs_no_other(tmp_path: Path) -> None:
    told = played(tmp_path, a_fill(1), frame(state="체결", last_qty="0"), a_fill(2), a_fill(2))

    assert told.fills == ["0048213:1", "0048213:2"]
    assert len(told.skipped) == 1


def test_reading_that_is_given_up_ends_its_writing_first(tmp_path: Path) -> None:
    async def play() -> bool:
        told = Told(tmp_path)
        desk = FillDesk(tmp_path, ACCOUNT, told.tell, told.skip)
        reading = asyncio.create_task(desk.lacks((), DAY))
        await asyncio.sleep(0)
        reading.cancel()
        await asyncio.wait([reading])
        desk.take(a_fill(1), DAY)
        await desk.stop()
        return reading.cancelled() and told.fills == ["0048213:1"]

    assert asyncio.run(play())
