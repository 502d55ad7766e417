"""Cards 1 to 12: the life of an order (docs/broker-acceptance.md)."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from maemae.domain.errors import NotAcceptedError
from maemae.domain.instant import SECOND
from maemae.domain.order_status import ExecType
from maemae.domain.statement import StatedStatus
from maemae.domain.terms import Side, TimeInForce
from maemae.ports import ClientIdSupport
from tests.brokers.cards import (
    a_cancel,
    a_replace,
    an_order,
    filled,
    fills,
    kinds,
    noticed,
    take_until,
)
from tests.brokers.conftest import MakeRig
from tests.brokers.rig import Rig


def test_card_01_broker_when_connected_reports_its_mode_and_traits(rig: Rig) -> None:
    async def play() -> None:
        async with rig.connected() as broker:
            assert broker.traits.mode is rig.mode
            assert broker.traits.client_id is ClientIdSupport.NONE
            assert broker.traits.quiet_period == rig.quiet_period
            assert broker.accounts == rig.accounts

    asyncio.run(play())


def test_card_02_order_when_acknowledged_works_in_the_list(rig: Rig) -> None:
    async def play() -> None:
        async with rig.connected() as broker:
            order_id = await broker.submit(an_order(rig, 1, 10, rig.far_price))
            (row,) = await broker.orders(rig.account, rig.day)
            assert (row.order_id, row.status) == (order_id, StatedStatus.WORKING)
            assert (row.order_qty, row.cum_qty, row.leaves_qty) == (10, 0, 10)
            assert (row.price, row.side, row.symbol) == (rig.far_price, Side.BUY, rig.symbol)
            for account in set(rig.accounts) - {rig.account}:
                assert await broker.orders(account, rig.day) == ()

    asyncio.run(play())


def test_card_03_fill_when_after_the_acknowledgment_is_told_after_it(rig: Rig) -> None:
    async def play() -> None:
        async with rig.connected() as broker:
            order_id = await broker.submit(an_order(rig, 1, 10))
            told = await take_until(broker.notices(), lambda told: filled(told) == 10)
            assert kinds(told) == [ExecType.NEW, ExecType.TRADE]
            assert [fill.order_id for fill in fills(told)] == [order_id]

    asyncio.run(play())


def test_card_04_fill_when_before_the_acknowledgment_carries_the_same_number(
    rig: Rig,
) -> None:
    async def play() -> None:
        await rig.set_faults(fills_first=True, slow_by=2 * SECOND)
        async with rig.connected() as broker:
            submitting = asyncio.create_task(broker.submit(an_order(rig, 1, 10)))
            told = await take_until(broker.notices(), lambda told: filled(told) == 10)
            assert not submitting.done()
            assert fills(told)[0].order_id == await submitting

    asyncio.run(play())


def test_card_05_partial_fills_add_up_in_notices_lists_and_holdings(rig: Rig) -> None:
    async def play() -> None:
        async with rig.connected() as broker:
            order_id = await broker.submit(an_order(rig, 1, 250))
            told = await take_until(broker.notices(), lambda told: filled(told) == 250)
            executions = await broker.executions(rig.account, rig.day)
            (row,) = await broker.orders(rig.account, rig.day)
            (held,) = await broker.holdings(rig.account)
            assert len(executions) > 1
            assert [
                (fill.exec_id, fill.last_qty, fill.last_px, fill.at) for fill in fills(told)
            ] == [(fill.exec_id, fill.qty, fill.px, fill.at) for fill in executions]
            assert {fill.order_id for fill in executions} == {order_id}
            assert (row.cum_qty, row.leaves_qty, row.status) == (250, 0, StatedStatus.FILLED)
            assert (held.qty, held.sellable, held.cost) == (250, 250, 250 * rig.price)

    asyncio.run(play())


def test_card_06_cancel_when_partly_filled_takes_back_the_rest(rig: Rig) -> None:
    async def play() -> None:
        async with rig.connected() as broker:
            order = an_order(rig, 1, 5_000, rig.price)
            order_id = await broker.submit(order)
            notices = broker.notices()
            told = await take_until(notices, lambda told: len(fills(told)) == 2)
            request_id = await broker.cancel(order, a_cancel(order, order_id))
            told += await take_until(notices, lambda told: kinds(told)[-1] is ExecType.CANCELED)
            (row,) = await broker.orders(rig.account, rig.day)
            assert request_id != order_id
            assert (noticed(told)[-1].order_id, noticed(told)[-1].request_id) == (
                order_id,
                request_id,
            )
            assert (row.status, row.leaves_qty) == (StatedStatus.CANCELED, 0)
            assert row.cum_qty == filled(told) < 5_000

    asyncio.run(play())


def test_card_07_cancel_when_filled_meanwhile_is_refused(rig: Rig) -> None:
    async def play() -> None:
        async with rig.connected() as broker:
            order = an_order(rig, 1, 10)
            order_id = await broker.submit(order)
            await take_until(broker.notices(), lambda told: filled(told) == 10)
            with pytest.raises(NotAcceptedError) as refused:
                await broker.cancel(order, a_cancel(order, order_id))
            assert not refused.value.resend
            (row,) = await broker.orders(rig.account, rig.day)
            assert row.status is StatedStatus.FILLED

    asyncio.run(play())


def test_card_08_replace_goes_on_under_a_number_of_its_own(rig: Rig) -> None:
    async def play() -> None:
        async with rig.connected() as broker:
            qty = 50 if rig.changes_quantity else 30
            order = an_order(rig, 1, 30, rig.far_price)
            first = await broker.submit(order)
            second = await broker.replace(order, a_replace(order, first, rig.price, qty))
            told = await take_until(broker.notices(), lambda told: filled(told) == qty)
            old, new = await broker.orders(rig.account, rig.day)
            replaced = noticed(told)[1]
            assert kinds(told)[:2] == [ExecType.NEW, ExecType.REPLACED]
            assert (replaced.order_id, replaced.orig_order_id) == (second, first)
            assert (replaced.price, replaced.order_qty) == (rig.price, qty)
            assert (old.order_id, old.status, old.leaves_qty) == (first, StatedStatus.REPLACED, 0)
            assert (new.order_id, new.orig_order_id, new.cum_qty) == (second, first, qty)
            assert {fill.order_id for fill in fills(told)} == {second}

    asyncio.run(play())


def test_card_09_replace_when_partly_filled_counts_what_was_filled(rig: Rig) -> None:
    async def play() -> None:
        async with rig.connected() as broker:
            qty = 800 if rig.changes_quantity else 1_000
            order = an_order(rig, 1, 1_000, rig.price)
            first = await broker.submit(order)
            notices = broker.notices()
            told = await take_until(notices, lambda told: len(fills(told)) == 1)
            order = msgspec.structs.replace(order, cum_qty=filled(told))
            second = await broker.replace(order, a_replace(order, first, rig.far_price, qty))
            _, row = await broker.orders(rig.account, rig.day)
            executions = await broker.executions(rig.account, rig.day)
            assert (row.order_id, row.order_qty) == (second, qty)
            assert row.cum_qty == sum(fill.qty for fill in executions) > 0
            assert row.cum_qty + row.leaves_qty == qty
            with pytest.raises(NotAcceptedError):
                await broker.replace(order, a_replace(order, first, rig.price, qty))

    asyncio.run(play())


@pytest.mark.parametrize(
    ("qty", "price", "side"),
    [
        pytest.param(10, 9_003, Side.BUY, id="off the tick"),
        pytest.param(10, 20_000, Side.BUY, id="outside the band"),
        pytest.param(100_000, 9_000, Side.BUY, id="not enough cash"),
        pytest.param(10, 10_000, Side.SELL, id="not enough shares"),
    ],
)
def test_card_10_order_when_the_broker_refuses_it_never_was(
    rig: Rig, request: pytest.FixtureRequest, qty: int, price: int, side: Side
) -> None:
    reason = request.node.callspec.id.removeprefix(f"{rig.mode.lower()}-")
    code = rig.refusals.get(reason, "REJECTED")

    async def play() -> None:
        async with rig.connected() as broker:
            before = await broker.cash(rig.account)
            with pytest.raises(NotAcceptedError) as refused:
                await broker.submit(an_order(rig, 1, qty, price, side))
            assert (refused.value.code, refused.value.resend) == (code, False)
            assert await broker.orders(rig.account, rig.day) == ()
            assert await broker.cash(rig.account) == before

    asyncio.run(play())


def test_card_11_immediate_order_when_it_cannot_fill_whole_ends_at_once(rig: Rig) -> None:
    async def play() -> None:
        async with rig.connected() as broker:
            await broker.submit(an_order(rig, 1, 5_000, rig.price, life=TimeInForce.IOC))
            told = await take_until(
                broker.notices(), lambda told: kinds(told)[-1] is ExecType.CANCELED
            )
            (row,) = await broker.orders(rig.account, rig.day)
            assert (row.status, row.cum_qty) == (StatedStatus.CANCELED, filled(told))
            assert noticed(told)[-1].request_id is None

    asyncio.run(play())


def test_card_12_client_number_is_in_the_ledger_alone(rig: Rig) -> None:
    async def play() -> None:
        async with rig.connected() as broker:
            await broker.submit(an_order(rig, 77, 10))
            told = await take_until(broker.notices(), lambda told: filled(told) == 10)
            (row,) = await broker.orders(rig.account, rig.day)
            assert row.cl_ord_id is None
            assert [notice.cl_ord_id for notice in noticed(told)] == [None, None]

    asyncio.run(play())
    (order,) = rig.orders
    assert order.cl_ord_id == 77
    assert sum(fill.qty for fill in order.fills) == 10


@pytest.mark.parametrize("support", [ClientIdSupport.ECHOED, ClientIdSupport.DEDUPED])
def test_card_12_client_number_when_kept_is_shown(
    make_rig: MakeRig, support: ClientIdSupport
) -> None:
    rig = make_rig(client_id=support)

    async def play() -> None:
        async with rig.connected() as broker:
            await broker.submit(an_order(rig, 77, 10))
            told = await take_until(broker.notices(), lambda told: filled(told) == 10)
            (row,) = await broker.orders(rig.account, rig.day)
            assert row.cl_ord_id == 77
            assert [notice.cl_ord_id for notice in noticed(told)] == [77, 77]

    asyncio.run(play())


def test_card_12_client_number_when_deduped_is_taken_once(make_rig: MakeRig) -> None:
    rig = make_rig(client_id=ClientIdSupport.DEDUPED)

    async def play() -> None:
        async with rig.connected() as broker:
            await broker.submit(an_order(rig, 77, 10, rig.far_price))
            rig.kill()
            rig.start()
        async with rig.connected() as broker:
            with pytest.raises(NotAcceptedError) as refused:
                await broker.submit(an_order(rig, 77, 10, rig.far_price))
            assert refused.value.code == "DUPLICATE"
            assert len(await broker.orders(rig.account, rig.day)) == 1

    asyncio.run(play())
