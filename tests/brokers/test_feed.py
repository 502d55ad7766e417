"""Cards 28 to 32: prices, states and the exchange's time."""

from __future__ import annotations

import asyncio

import pytest

from maemae.core.events import InstrumentUpdated
from maemae.domain.errors import BrokerUnavailableError, NotAcceptedError
from maemae.domain.instant import MINUTE, SECOND, kst_date
from maemae.domain.market_data import Trade
from maemae.domain.statement import StatedStatus
from maemae.krx.halt import VI_OVER_AFTER
from maemae.krx.session import Phase, phase_at
from maemae.krx.status import InstrumentState
from maemae.ports import BrokerEvent
from tests.brokers.cards import GIVES_UP, a_cancel, an_order, filled, take_until
from tests.brokers.conftest import MakeRig
from tests.brokers.rig import Rig
from tests.brokers.sim_rig import DAYS


def test_card_28_feed_streams_what_is_subscribed_and_nothing_else(rig: Rig) -> None:
    async def play() -> None:
        async with rig.watching(rig.symbol) as feed:
            told = await take_until(feed.trades(), lambda told: len(told) == 3)
            assert {_trade(each).symbol for each in told} == {rig.symbol}
            assert [_trade(each).qty for each in told] == [1_000] * 3
            await feed.subscribe([rig.other_symbol])
            await take_until(
                feed.trades(), lambda told: _trade(told[-1]).symbol == rig.other_symbol
            )

    asyncio.run(play())


def test_card_28_trades_of_a_bar_add_up_and_stay_inside_it(rig: Rig) -> None:
    async def play() -> None:
        async with rig.watching(rig.other_symbol) as feed:
            told = await take_until(feed.trades(), lambda told: len(told) == 16)
            trades = [_trade(each) for each in told]
            assert [trade.at for trade in trades] == sorted(trade.at for trade in trades)
            minute = trades[-1].at // MINUTE - 1
            bar = [trade for trade in trades if trade.at // MINUTE == minute]
            risen = bar[0].px
            assert sum(trade.qty for trade in bar) == 50_000
            assert {trade.px for trade in bar} == {risen, risen + 10, risen + 20}

    asyncio.run(play())


def test_card_29_instruments_carry_the_rules_of_the_day(make_rig: MakeRig) -> None:
    rig = make_rig(patience=GIVES_UP)

    async def play() -> None:
        async with rig.watching() as feed:
            rules = {rule.instrument.symbol: rule for rule in await feed.instruments(rig.day)}
            assert set(rules) == {rig.symbol, rig.other_symbol}
            assert rules[rig.symbol].base_price == rig.price
            assert rules[rig.symbol].session_date == rig.day
            if rig.lists_days:
                assert await feed.instruments(DAYS[3]) == ()
            await rig.set_faults(silent=True)
            with pytest.raises(BrokerUnavailableError):
                await feed.instruments(rig.day)

    asyncio.run(play())


def test_card_29_base_price_of_what_is_held_follows_from_the_close(rig: Rig) -> None:
    async def play() -> None:
        async with rig.connected() as broker, rig.watching(rig.symbol) as feed:
            await broker.submit(an_order(rig, 1, 10))
            await take_until(broker.notices(), lambda told: filled(told) == 10)
            rules = {rule.instrument.symbol: rule for rule in await feed.instruments(rig.day)}
            told = rules[rig.symbol]
            assert told.last_close == told.base_price

    asyncio.run(play())


def test_card_30_halt_is_streamed_refuses_orders_and_lets_cancels_through(rig: Rig) -> None:
    async def play() -> None:
        async with rig.connected() as broker, rig.watching(rig.symbol) as feed:
            order = an_order(rig, 1, 10, rig.far_price)
            order_id = await broker.submit(order)
            await rig.set_states(InstrumentState.HALTED)
            trades = feed.trades()
            if rig.streams_halts:
                told = await take_until(
                    trades, lambda told: isinstance(told[-1], InstrumentUpdated)
                )
                update = told[-1]
                assert isinstance(update, InstrumentUpdated)
                assert update.states == (InstrumentState.HALTED,)
            with pytest.raises(NotAcceptedError):
                await broker.submit(an_order(rig, 2, 10, rig.price))
            await broker.cancel(order, a_cancel(order, order_id))
            (row,) = await broker.orders(rig.account, rig.day)
            assert row.status is StatedStatus.CANCELED
            halted_at = await broker.server_time()
            await asyncio.sleep(1.2)  # two minutes of the exchange
            resumed_at = await broker.server_time()  # or later: no print may be older
            await rig.set_states()
            told = await take_until(trades, lambda told: isinstance(told[-1], Trade))
            printed = [each.at for each in told if isinstance(each, Trade)]
            assert not [at for at in printed if halted_at < at < resumed_at]
            await broker.submit(an_order(rig, 3, 10))
            await take_until(broker.notices(), lambda told: filled(told) == 10)

    asyncio.run(play())


def test_card_30_interruption_whose_end_is_lost_is_over_in_the_rules(rig: Rig) -> None:
    async def play() -> None:
        async with rig.connected() as broker, rig.watching(rig.symbol) as feed:
            trades, clock = feed.trades(), rig.clock_of(broker)
            await feed.instruments(rig.day)
            await rig.set_states(InstrumentState.VI)
            if rig.streams_halts:
                await take_until(trades, lambda told: isinstance(told[-1], InstrumentUpdated))
            await rig.drop_connections()
            await rig.set_states()
            up = BrokerEvent(is_connected=True)
            await take_until(trades, lambda told: up in told)
            await clock.sleep_until(clock.now() + VI_OVER_AFTER)
            rules = {rule.instrument.symbol: rule for rule in await feed.instruments(rig.day)}
            assert rules[rig.symbol].states == ()

    asyncio.run(play())


def test_card_31_print_when_insane_is_streamed_and_not_confirmed_by_a_query(
    rig: Rig,
) -> None:
    async def play() -> None:
        async with rig.connected() as broker, rig.watching(rig.symbol) as feed:
            await take_until(feed.trades(), lambda told: len(told) == 1)
            await rig.print_trade(7_500, 1)
            await take_until(feed.trades(), lambda told: _trade(told[-1]).px == 7_500)
            last = await broker.last_trade(rig.symbol)
            assert last is not None
            assert last.px == rig.price

    asyncio.run(play())


def test_card_31_feed_when_frozen_stays_connected_and_the_market_goes_on(rig: Rig) -> None:
    async def play() -> None:
        async with rig.connected() as broker, rig.watching(rig.symbol) as feed:
            await take_until(feed.trades(), lambda told: len(told) == 1)
            await rig.set_faults(frozen=True)
            frozen_at = await broker.server_time()
            await broker.submit(an_order(rig, 1, 250))
            await take_until(broker.notices(), lambda told: filled(told) == 250)
            await rig.set_faults()
            told = await take_until(feed.trades(), lambda told: _trade(told[-1]).at > frozen_at)
            last = await broker.last_trade(rig.symbol)
            assert last is not None
            assert _trade(told[-1]).at > frozen_at + MINUTE
            assert BrokerEvent(is_connected=False) not in told

    asyncio.run(play())


def test_card_31_feed_when_cut_comes_back_subscribed(rig: Rig) -> None:
    async def play() -> None:
        async with rig.watching(rig.symbol) as feed:
            trades = feed.trades()
            await rig.drop_connections()
            down, up = BrokerEvent(is_connected=False), BrokerEvent(is_connected=True)
            told = await take_until(trades, lambda told: up in told)
            assert told.index(down) < told.index(up)
            await take_until(trades, lambda told: isinstance(told[-1], Trade))

    asyncio.run(play())


def test_card_32_time_is_the_exchanges_and_follows_its_speed(rig: Rig) -> None:
    async def play() -> None:
        async with rig.connected() as broker:
            before, clock = await broker.server_time(), rig.clock_of(broker)
            assert kst_date(before) == rig.day
            assert phase_at(before) is Phase.CONTINUOUS
            await clock.sleep_until(before + 30 * SECOND)
            assert await broker.server_time() >= before + 29 * SECOND
            await rig.set_faults(clock_offset=3_600 * SECOND)
            assert await broker.server_time() > clock.now() + 3_000 * SECOND

    asyncio.run(play())


def test_card_32_sessions_when_nights_are_skipped_follow_each_other(make_rig: MakeRig) -> None:
    rig = make_rig(speed=20_000, skips_nights=True, opens_at=None)

    async def play() -> None:
        async with rig.connected() as broker, rig.watching(rig.symbol) as feed:
            clock = rig.clock_of(broker)
            resting = await broker.submit(an_order(rig, 1, 10, rig.far_price))
            told = await take_until(feed.trades(), lambda told: kst_date(_at(told[-1])) == DAYS[3])
            days = sorted({kst_date(_at(each)) for each in told})
            assert days == list(DAYS[1:])
            assert kst_date(clock.now()) >= DAYS[3]
            old = await broker.orders(rig.account, DAYS[2])
            assert resting not in {row.order_id for row in old}
            with pytest.raises(BrokerUnavailableError):
                await broker.orders(rig.account, DAYS[0])

    asyncio.run(play())


def _trade(told: Trade | InstrumentUpdated | BrokerEvent) -> Trade:
    assert isinstance(told, Trade)
    return told


def _at(told: Trade | InstrumentUpdated | BrokerEvent) -> int:
    assert not isinstance(told, BrokerEvent)
    return told.at
