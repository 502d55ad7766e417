"""Cards 13 to 27 and 33: what a broker does when it, or the way to it, fails."""

from __future__ import annotations

import asyncio

import pytest

from maemae.core.actions import ReplaceOrder
from maemae.domain.errors import (
    BrokerUnavailableError,
    NotAcceptedError,
    OutcomeUnknownError,
)
from maemae.domain.ids import OrderId
from maemae.domain.instant import SECOND
from maemae.domain.order_status import ExecType
from maemae.domain.statement import (
    Notice,
    StatedCash,
    StatedExecution,
    StatedHolding,
    StatedOrder,
    StatedStatus,
)
from maemae.ports import BrokerEvent
from tests.brokers.cards import (
    GIVES_UP,
    a_cancel,
    a_replace,
    an_order,
    filled,
    fills,
    kinds,
    take_until,
)
from tests.brokers.conftest import MakeRig
from tests.brokers.rig import PlayedBroker, Rig


def test_card_13_order_when_its_answer_is_lost_shows_in_the_lists_after_the_tail(
    make_rig: MakeRig,
) -> None:
    rig = make_rig(patience=GIVES_UP)

    async def play() -> None:
        await rig.set_faults(lose_next=1, tail=5 * SECOND)
        async with rig.connected() as broker:
            with pytest.raises(OutcomeUnknownError):
                await broker.submit(an_order(rig, 1, 10, rig.far_price))
            assert await broker.orders(rig.account, rig.day) == ()
            await asyncio.sleep(3.5)
            (row,) = await broker.orders(rig.account, rig.day)
            assert row.status is StatedStatus.WORKING

    asyncio.run(play())
    assert [order.order_qty for order in rig.orders] == [10]


def test_card_14_order_when_the_connection_is_cut_is_in_doubt_and_exists(rig: Rig) -> None:
    async def play() -> None:
        await rig.set_faults(lose_next=1, lost_reply="CUT")
        async with rig.connected() as broker:
            with pytest.raises(OutcomeUnknownError):
                await broker.submit(an_order(rig, 1, 10, rig.far_price))
            if rig.loses_link:
                await take_until(broker.notices(), lambda told: kinds(told)[-2:] == [False, True])
            assert len(await broker.orders(rig.account, rig.day)) == 1

    asyncio.run(play())


def test_card_15_order_when_nothing_listens_is_proved_not_accepted(rig: Rig) -> None:
    async def play() -> None:
        async with rig.connected() as broker:
            rig.kill()
            await take_until(broker.notices(), lambda told: kinds(told) == [False])
            with pytest.raises(NotAcceptedError) as refused:
                await broker.submit(an_order(rig, 1, 10, rig.far_price))
            assert refused.value.resend

    asyncio.run(play())
    assert rig.orders == []


def test_card_16_lists_when_longer_than_a_page_are_whole(make_rig: MakeRig) -> None:
    rig = make_rig(page_size=4)

    async def play() -> None:
        async with rig.connected() as broker:
            sent = [await broker.submit(an_order(rig, n, n, rig.far_price)) for n in range(1, 10)]
            for number, symbol in ((10, rig.symbol), (11, rig.other_symbol)):
                await broker.submit(an_order(rig, number, 10, symbol=symbol))
            rows = await broker.orders(rig.account, rig.day)
            assert [row.order_id for row in rows][:9] == sent
            assert len(rows) == 11
            assert len(await broker.executions(rig.account, rig.day)) == 2
            assert len(await broker.holdings(rig.account)) == 2

    asyncio.run(play())


def test_card_16_holdings_when_longer_than_a_page_are_whole(make_rig: MakeRig) -> None:
    rig = make_rig(page_size=1)

    async def play() -> None:
        async with rig.connected() as broker:
            for number, symbol in ((1, rig.symbol), (2, rig.other_symbol)):
                await broker.submit(an_order(rig, number, 10, symbol=symbol))
            held = await broker.holdings(rig.account)
            assert sorted(each.symbol for each in held) == sorted([rig.symbol, rig.other_symbol])

    asyncio.run(play())


@pytest.mark.parametrize("page", [1, 2, 3])
def test_card_17_list_when_any_page_fails_is_no_list(make_rig: MakeRig, page: int) -> None:
    rig = make_rig(page_size=4)

    async def play() -> None:
        async with rig.connected() as broker:
            for number in range(1, 11):
                await broker.submit(an_order(rig, number, number, rig.far_price))
            await rig.set_faults(fail_page=page)
            with pytest.raises(BrokerUnavailableError):
                await broker.orders(rig.account, rig.day)

    asyncio.run(play())


def test_card_18_query_when_refused_is_not_an_empty_answer(make_rig: MakeRig) -> None:
    rig = make_rig(patience=GIVES_UP)

    async def play() -> None:
        async with rig.connected() as broker:
            await rig.set_faults(fail_page=1)
            for asked in (
                broker.holdings(rig.account),
                broker.executions(rig.account, rig.day),
                broker.orders(rig.account, rig.day),
            ):
                with pytest.raises(BrokerUnavailableError):
                    await asked
            await rig.set_faults(silent=True)
            with pytest.raises(BrokerUnavailableError):
                await broker.cash(rig.account)

    asyncio.run(play())


def test_card_19_external_order_is_in_the_lists_and_told(rig: Rig) -> None:
    async def play() -> None:
        async with rig.connected() as broker:
            entered = await rig.enter_by_hand(10, rig.price)
            notices = broker.notices()
            told = await take_until(notices, lambda told: filled(told) == 10)
            (row,) = await broker.orders(rig.account, rig.day)
            assert row.order_id == entered == fills(told)[0].order_id
            resting = await rig.enter_by_hand(10, rig.far_price)
            assert resting is not None
            await rig.cancel_by_hand(resting)
            await take_until(notices, lambda told: kinds(told)[-1] is ExecType.CANCELED)

    asyncio.run(play())
    assert [order.order_qty for order in rig.orders] == [10, 10]


def test_card_20_broker_when_cut_says_so_and_comes_back(rig: Rig) -> None:
    async def play() -> None:
        async with rig.connected() as broker:
            notices = broker.notices()
            await rig.drop_connections()
            told = await take_until(notices, lambda told: len(told) == 2)
            assert told == [BrokerEvent(is_connected=False), BrokerEvent(is_connected=True)]
            await broker.submit(an_order(rig, 1, 10))
            assert await take_until(notices, lambda told: filled(told) == 10)

    asyncio.run(play())


def test_card_21_broker_when_silent_is_given_up_and_comes_back(make_rig: MakeRig) -> None:
    rig = make_rig(patience=GIVES_UP)

    async def play() -> None:
        async with rig.connected() as broker:
            notices = broker.notices()
            await rig.set_faults(silent=True)
            with pytest.raises(OutcomeUnknownError):
                await broker.submit(an_order(rig, 1, 10, rig.far_price))
            assert kinds(await take_until(notices, lambda told: len(told) == 1)) == [False]
            await rig.set_faults()
            assert kinds(await take_until(notices, lambda told: len(told) == 1)) == [True]
            assert len(await broker.orders(rig.account, rig.day)) == 1

    asyncio.run(play())


def test_card_21_broker_when_idle_stays_connected(make_rig: MakeRig) -> None:
    rig = make_rig(patience=GIVES_UP)

    async def play() -> None:
        async with rig.connected() as broker:
            await asyncio.sleep(2 * rig.silent_after)
            await broker.submit(an_order(rig, 1, 10))
            told = await take_until(broker.notices(), lambda told: filled(told) == 10)
            assert kinds(told) == [ExecType.NEW, ExecType.TRADE]

    asyncio.run(play())


@pytest.mark.parametrize(
    "faults",
    [
        pytest.param({"duplicate_ppm": 1_000_000}, id="duplicate"),
        pytest.param({"reorder": 4}, id="reordered"),
        pytest.param({"late_by": 500_000_000}, id="late"),
        pytest.param({"duplicate_ppm": 500_000, "reorder": 5, "late_by": 1_000_000}, id="all"),
    ],
)
def test_card_22_notices_when_repeated_reordered_or_late_are_the_same(
    rig: Rig, faults: dict[str, int]
) -> None:
    async def play() -> None:
        await rig.set_faults(**faults)
        async with rig.connected() as broker:
            await broker.submit(an_order(rig, 1, 250))
            told = await take_until(broker.notices(), lambda told: filled(told) == 250)
            executions = await broker.executions(rig.account, rig.day)
            assert {(f.exec_id, f.last_qty, f.last_px, f.at) for f in fills(told)} == {
                (fill.exec_id, fill.qty, fill.px, fill.at) for fill in executions
            }

    asyncio.run(play())


def test_card_23_fill_when_told_wrong_is_corrected_by_reference(rig: Rig) -> None:
    async def play() -> None:
        await rig.set_faults(wrong_next=1)
        async with rig.connected() as broker:
            await broker.submit(an_order(rig, 1, 10))
            told = await take_until(
                broker.notices(), lambda told: kinds(told)[-1] is ExecType.TRADE_CORRECT
            )
            (execution,) = await broker.executions(rig.account, rig.day)
            wrong, correction = told[-2:]
            assert isinstance(wrong, Notice)
            assert isinstance(correction, Notice)
            assert (wrong.exec_id, wrong.last_qty) == (execution.exec_id, 11)
            assert correction.exec_ref_id == execution.exec_id != correction.exec_id
            assert correction.last_qty == execution.qty == 10

    asyncio.run(play())


@pytest.mark.parametrize("ghosts", [False, True])
def test_card_24_order_when_refused_for_its_rate_is_in_doubt(
    make_rig: MakeRig, *, ghosts: bool
) -> None:
    rig = make_rig(orders_per_sec=1)

    async def play() -> None:
        await rig.set_faults(ghosts=ghosts)
        async with rig.connected() as patient, rig.hasty() as hasty:
            outcomes = await asyncio.gather(
                *(hasty.submit(an_order(rig, n, n, rig.far_price)) for n in range(1, 5)),
                return_exceptions=True,
            )
            refused = [each for each in outcomes if isinstance(each, OutcomeUnknownError)]
            assert refused
            listed = 4 if ghosts else 4 - len(refused)
            assert len(await patient.orders(rig.account, rig.day)) == listed

    asyncio.run(play())


def test_card_24_broker_keeps_below_the_rate_by_itself(make_rig: MakeRig) -> None:
    rig = make_rig(orders_per_sec=5)

    async def play() -> None:
        async with rig.connected() as broker:
            await asyncio.gather(
                *(broker.submit(an_order(rig, n, n, rig.far_price)) for n in range(1, 13))
            )

    asyncio.run(play())
    assert [asked.code for asked in rig.requests] == [None] * 12


def test_card_25_older_epoch_is_refused_and_its_orders_stay(rig: Rig) -> None:
    async def play() -> None:
        async with rig.connected(epoch=3) as executor:
            order = an_order(rig, 1, 10, rig.far_price)
            order_id = await executor.submit(order)
            async with rig.connected(epoch=4) as watchdog:
                for request in (
                    executor.submit(an_order(rig, 2, 10, rig.far_price)),
                    executor.cancel(order, a_cancel(order, order_id)),
                ):
                    with pytest.raises(NotAcceptedError) as refused:
                        await request
                    assert (refused.value.code, refused.value.resend) == ("FENCED", False)
                await watchdog.cancel(order, a_cancel(order, order_id))
            with pytest.raises(BrokerUnavailableError):
                async with rig.connected(epoch=3):
                    pass
            (row,) = await executor.orders(rig.account, rig.day)
            assert row.status is StatedStatus.CANCELED

    asyncio.run(play())
    assert [(asked.epoch, asked.code) for asked in rig.requests] == [
        (3, None),
        (3, "FENCED"),
        (3, "FENCED"),
        (4, None),
    ]


def test_card_25_epoch_when_the_broker_was_killed_still_fences(rig: Rig) -> None:
    async def play() -> None:
        async with rig.connected(epoch=7):
            pass
        rig.kill()
        rig.start()
        with pytest.raises(BrokerUnavailableError):
            async with rig.connected(epoch=6):
                pass

    asyncio.run(play())


def test_card_26_broker_when_killed_goes_on_with_everything(rig: Rig) -> None:
    async def play() -> None:
        async with rig.connected() as broker:
            bought = an_order(rig, 1, 50)
            await broker.submit(bought)
            resting = an_order(rig, 2, 30, rig.far_price)
            resting_id = await broker.submit(resting)
            await broker.replace(resting, _replacement(rig, resting_id))
            notices = broker.notices()
            await take_until(notices, lambda told: filled(told) == 50)
            before = await _everything(rig, broker)
            rig.kill()
            rig.start()
            await take_until(notices, lambda told: kinds(told)[-2:] == [False, True])
            assert await _everything(rig, broker) == before
            after = await broker.submit(an_order(rig, 3, 10))
            assert after not in {row.order_id for row in before[0]}
            assert await take_until(notices, lambda told: filled(told) == 10)

    asyncio.run(play())


def test_card_26_fills_while_the_broker_is_away_are_in_its_lists(rig: Rig) -> None:
    async def play() -> None:
        async with rig.connected() as broker:
            await broker.submit(an_order(rig, 1, 150))
            notices = broker.notices()
            await take_until(notices, lambda told: filled(told) == 100)
            rig.kill()
            await asyncio.sleep(1.5)  # more than a minute of the exchange
            rig.start()
            await take_until(notices, lambda told: kinds(told)[-1] is True)
            assert sum(fill.qty for fill in await broker.executions(rig.account, rig.day)) == 150

    asyncio.run(play())
    (order,) = rig.orders
    assert sum(fill.qty for fill in order.fills) == 150


def test_card_27_broker_when_asked_to_end_ends_cleanly(rig: Rig) -> None:
    async def play() -> None:
        async with rig.connected() as broker:
            await broker.submit(an_order(rig, 1, 10, rig.far_price))
            assert rig.terminate() == 0

    asyncio.run(play())


@pytest.mark.parametrize("code", ["REJECTED", "UNAVAILABLE"])
def test_card_27_order_when_refused_by_code_never_was(rig: Rig, code: str) -> None:
    async def play() -> None:
        await rig.set_faults(refuse_next=1, refuse_code=code)
        async with rig.connected() as broker:
            with pytest.raises(NotAcceptedError) as refused:
                await broker.submit(an_order(rig, 1, 10, rig.far_price))
            assert refused.value.code == rig.refusals.get(code, code)
            assert await broker.orders(rig.account, rig.day) == ()
            await broker.submit(an_order(rig, 1, 10, rig.far_price))

    asyncio.run(play())


Everything = tuple[
    tuple[StatedOrder, ...], tuple[StatedExecution, ...], tuple[StatedHolding, ...], StatedCash
]


def _replacement(rig: Rig, order_id: OrderId) -> ReplaceOrder:
    order = an_order(rig, 2, 30, rig.far_price)
    return a_replace(order, order_id, rig.far_price + 10, 40 if rig.changes_quantity else 30)


async def _everything(rig: Rig, broker: PlayedBroker) -> Everything:
    return (
        await broker.orders(rig.account, rig.day),
        await broker.executions(rig.account, rig.day),
        await broker.holdings(rig.account),
        await broker.cash(rig.account),
    )


def test_card_33_request_when_taken_and_its_outcome_is_never_told_shows_in_the_lists(
    rig: Rig,
) -> None:
    async def play() -> None:
        async with rig.connected() as broker:
            canceled, changed = (an_order(rig, n, 10 * n, rig.far_price) for n in (1, 2))
            first, second = [await broker.submit(order) for order in (canceled, changed)]
            notices = broker.notices()
            await take_until(notices, lambda told: len(told) == 2)
            await rig.set_faults(reorder=1_000)  # held for more that never comes: lost to us
            await broker.cancel(canceled, a_cancel(canceled, first))
            price, qty = rig.far_price + 10, changed.order_qty
            third = await broker.replace(changed, a_replace(changed, second, price, qty))
            await asyncio.sleep(rig.quiet_period / SECOND)
            rows = {row.order_id: row for row in await broker.orders(rig.account, rig.day)}
            assert rows[first].status is StatedStatus.CANCELED
            assert rows[second].status is StatedStatus.REPLACED
            assert (rows[third].status, rows[third].orig_order_id, rows[third].price) == (
                StatedStatus.WORKING,
                second,
                price,
            )
            with pytest.raises(NotAcceptedError):  # asked again, it finds nothing to cancel
                await broker.cancel(canceled, a_cancel(canceled, first, 1_001))

    asyncio.run(play())
    assert [order.order_qty for order in rig.orders] == [10, 20]


def test_card_34_login_when_it_ends_early_is_renewed_and_nothing_is_sent_twice(rig: Rig) -> None:
    async def play() -> None:
        async with rig.connected() as broker:
            first = await broker.submit(an_order(rig, 1, 10, rig.far_price))
            await rig.end_logins()
            second = await broker.submit(an_order(rig, 2, 20, rig.far_price))
            await rig.end_logins()
            listed = await broker.orders(rig.account, rig.day)
            assert {row.order_id for row in listed} == {first, second}
            notices = broker.notices()
            await broker.submit(an_order(rig, 3, 30))
            assert await take_until(notices, lambda told: filled(told) == 30)

    asyncio.run(play())
    assert [order.order_qty for order in rig.orders] == [10, 20, 30]
