"""The exchange: durable before it tells, and the same again after any end of its process."""

from __future__ import annotations

import os
from datetime import time
from pathlib import Path
from time import sleep

import msgspec
import pytest

from maemae.domain.errors import ConfigError, JournalCorruptError
from maemae.domain.ids import AccountId, ClOrdId, OrderId
from maemae.domain.instant import MINUTE, SECOND
from maemae.domain.statement import Notice, StatedExecution, StatedHolding, StatedOrder
from maemae.domain.terms import OrdType, Side, TimeInForce
from maemae.emulators.books import Outcome
from maemae.emulators.exchange import Exchange, Listeners
from maemae.emulators.ledger import Filled, Ledger, Record, Requested, read_ledger
from maemae.emulators.market_source import CatalogueSource, MarketData, load_market
from maemae.emulators.requests import Cancel, Replace, Request, Submit
from maemae.emulators.sim.config import SimBrokerConfig
from maemae.krx.status import InstrumentState
from tests.brokers.sim_rig import ACCOUNT, CASH, DAY, PRICE, RISING, STILL, make_market
from tests.samsung_split import EX_DATE, LISTED, SAMSUNG, samsung


class Wall:
    """The machine's time of day, moved by hand."""

    def __init__(self) -> None:
        self.time = 1_000 * SECOND

    def now(self) -> int:
        return self.time

    def monotonic(self) -> int:
        return self.time

    async def sleep(self, nanos: int) -> None:
        self.time += nanos


class Venue:
    """A broker whose process ends and begins again as a test wants; one second is a minute."""

    def __init__(self, folder: Path, data: MarketData) -> None:
        self.path = folder / "ledger"
        self.config = SimBrokerConfig(
            ledger=str(self.path),
            accounts={ACCOUNT: CASH},
            market=CatalogueSource("", ""),
            opens_at=time(10),
            speed=60,
        )
        self.data = data
        self.wall = Wall()
        self.notices: list[Notice] = []
        self.number = 0

    def begin(self, **settings: object) -> Exchange:
        config = msgspec.structs.replace(self.config, **settings)
        listeners = Listeners(self.notices.append, _ignore, _ignore, _ignore)
        exchange = Exchange(config, self.data, self.wall, listeners)
        exchange.begin()
        return exchange

    def again(self, exchange: Exchange, away: int = 0) -> Exchange:
        """End the process and begin it again after that long [ns]."""
        exchange.close()
        self.wall.time += away
        return self.begin()

    def buy(self, exchange: Exchange, qty: int = 10, price: int | None = None) -> Outcome:
        self.number += 1
        return exchange.handle(a_submit(self.number, qty, price), 1)


def a_submit(number: int, qty: int, price: int | None, side: Side = Side.BUY) -> Submit:
    kind = OrdType.MARKET if price is None else OrdType.LIMIT
    number_ = ClOrdId(number)
    return Submit(number_, ACCOUNT, STILL, side, kind, TimeInForce.DAY, price, qty)


def everything(
    exchange: Exchange,
) -> tuple[list[StatedOrder], list[StatedExecution], list[StatedHolding], object]:
    books = exchange.books
    return (
        books.orders(ACCOUNT, DAY),
        books.executions(ACCOUNT, DAY),
        books.holdings(ACCOUNT),
        books.cash(ACCOUNT),
    )


def _ignore(_: object) -> None:
    pass


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> MarketData:
    return load_market(make_market(tmp_path_factory.mktemp("market")))


@pytest.fixture
def venue(tmp_path: Path, data: MarketData) -> Venue:
    return Venue(tmp_path, data)


def test_rules_tell_the_close_that_the_base_price_follows_from(venue: Venue) -> None:
    rules = venue.begin().books.rules
    told = [(rules[symbol].base_price, rules[symbol].last_close) for symbol in (STILL, RISING)]
    assert told == [(PRICE, PRICE), (10_900, 10_900)]


def test_rules_when_shares_were_split_tell_the_close_in_old_shares(tmp_path: Path) -> None:
    exchange = Venue(tmp_path, MarketData(samsung(), dict(LISTED))).begin()
    while exchange.books.day < EX_DATE:
        exchange.start_session()
    rule = exchange.books.rules[SAMSUNG]
    assert (rule.base_price, rule.last_close) == (53_000, 2_650_000)


def test_numbers_have_ten_digits_and_every_request_takes_one(venue: Venue) -> None:
    exchange = venue.begin()
    first = venue.buy(exchange, 10, 9_000)
    second = exchange.handle(_replace(first, 9_010, 20), 1)
    third = exchange.handle(_cancel(second), 1)
    fourth = venue.buy(exchange)
    assert [each.order_id for each in (first, second, third, fourth)] == [
        "0000000001",
        "0000000002",
        "0000000003",
        "0000000004",
    ]


def test_number_when_replaced_is_no_longer_one(venue: Venue) -> None:
    exchange = venue.begin()
    first = venue.buy(exchange, 10, 9_000)
    exchange.handle(_replace(first, 9_010, 20), 1)
    assert exchange.handle(_cancel(first), 1).order_id is None
    other = msgspec.structs.replace(_cancel(first), account_id=AccountId("another"))
    assert exchange.handle(other, 1).order_id is None


def test_answer_comes_after_a_sync_that_follows_its_record(
    venue: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    sync = os.fsync

    def counted(file: int) -> None:
        sync(file)
        synced.append(len(read_ledger(venue.path)))

    monkeypatch.setattr(os, "fsync", counted)
    exchange = venue.begin()
    before = len(read_ledger(venue.path))
    venue.buy(exchange)
    assert synced[-1] == len(read_ledger(venue.path)) == before + 2  # the order and its fill
    exchange.refuse(a_submit(9, 1, None), 1, "FENCED", "")
    assert synced[-1] == len(read_ledger(venue.path)) == before + 3


def test_fill_when_told_is_in_the_ledger(venue: Venue) -> None:
    exchange = venue.begin()
    told: list[int] = []
    listeners = Listeners(lambda _: told.append(len(_fills(venue))), _ignore, _ignore, _ignore)
    exchange._listeners = listeners
    venue.buy(exchange, 250)
    exchange._advance(exchange.now + 3 * MINUTE)
    assert len(told) == 2
    assert told[-1] == 3


def test_broker_when_begun_again_is_the_same(venue: Venue) -> None:
    exchange = venue.begin()
    venue.buy(exchange, 250)
    resting = venue.buy(exchange, 30, 9_000)
    exchange.handle(_replace(resting, 9_010, 40), 1)
    venue.buy(exchange, 5, 123)  # refused
    exchange.set_states(RISING, (InstrumentState.HALTED,))
    exchange.raise_epoch(5)
    before = everything(exchange)

    exchange = venue.again(exchange)

    assert everything(exchange) == before
    assert exchange.epoch == 5
    assert exchange.books.rules[RISING].states == (InstrumentState.HALTED,)
    assert venue.buy(exchange).order_id == "0000000004"


def test_exchange_goes_on_while_its_broker_is_away(venue: Venue) -> None:
    exchange = venue.begin()
    began = exchange.now
    venue.buy(exchange, 250)

    exchange = venue.again(exchange, away=3 * SECOND)

    assert exchange.now >= began + 2 * MINUTE  # what passed before counts at full speed
    assert sum(fill.qty for fill in exchange.books.executions(ACCOUNT, DAY)) == 250
    assert len(_fills(venue)) == 3


def test_time_when_the_wall_was_set_back_does_not_go_back(venue: Venue) -> None:
    exchange = venue.begin()
    venue.buy(exchange, 10, 9_000)
    before = exchange.books.orders(ACCOUNT, DAY)[-1].at

    exchange = venue.again(exchange, away=-900 * SECOND)

    assert exchange.now >= before


@pytest.mark.thorough
def test_broker_when_its_ledger_is_cut_anywhere_goes_on(venue: Venue) -> None:
    exchange = venue.begin()
    first = venue.buy(exchange, 150)
    exchange._advance(exchange.now + 2 * MINUTE)
    venue.buy(exchange, 30, 9_000)
    exchange.handle(_cancel(venue.buy(exchange, 30, 9_010)), 1)
    exchange.handle(a_submit(99, 50, PRICE, Side.SELL), 1)
    exchange.close()
    raw, count = venue.path.read_bytes(), len(read_ledger(venue.path))
    assert first.order_id is not None

    seen = set()
    for length in range(0, len(raw) + 1, 3):
        venue.path.write_bytes(raw[:length])
        exchange = venue.begin()
        fills = exchange.books.executions(ACCOUNT, DAY)
        assert [fill.exec_id for fill in fills] == [fill.exec_id for fill in _fills(venue)]
        held = sum(holding.qty for holding in exchange.books.holdings(ACCOUNT))
        assert held == sum(f.qty if f.side is Side.BUY else -f.qty for f in fills)
        seen.add(len(read_ledger(venue.path)))
        exchange.close()
    assert max(seen) >= count


def test_ledger_when_it_does_not_repeat_is_refused(venue: Venue) -> None:
    exchange = venue.begin()
    venue.buy(exchange)
    exchange.close()
    records = read_ledger(venue.path)
    changed = [
        msgspec.structs.replace(each, px=each.px + 10) if isinstance(each, Filled) else each
        for each in records
    ]
    _rewrite(venue, changed)
    with pytest.raises(JournalCorruptError):
        venue.begin()
    _rewrite(venue, [each for each in records if not isinstance(each, Requested)])
    with pytest.raises(JournalCorruptError):
        venue.begin()


def test_ledger_when_its_numbers_do_not_repeat_is_refused(venue: Venue) -> None:
    exchange = venue.begin()
    venue.buy(exchange, 10, 9_000)
    exchange.close()
    other = OrderId("0000000002")
    records = read_ledger(venue.path)
    changed = [
        msgspec.structs.replace(each, order_id=other) if isinstance(each, Requested) else each
        for each in records
    ]
    _rewrite(venue, changed)
    with pytest.raises(JournalCorruptError):
        venue.begin()


def test_ledger_when_begun_with_another_seed_is_refused(venue: Venue) -> None:
    venue.begin().close()
    with pytest.raises(ConfigError):
        venue.begin(seed=2)


def test_day_when_it_ends_expires_orders_and_the_next_counts_anew(venue: Venue) -> None:
    exchange = venue.begin()
    venue.buy(exchange, 10, 9_000)
    exchange._advance(exchange.now + 600 * MINUTE)
    assert exchange.next_at is None
    assert exchange.books.orders(ACCOUNT, DAY)[0].status == "EXPIRED"

    exchange.start_session()
    opens = exchange.books.day
    assert exchange.books.orders(ACCOUNT, opens) == []
    assert venue.buy(exchange, 10, 9_000).order_id == "0000000001"
    exchange = venue.again(exchange)
    assert exchange.books.day == opens
    assert len(exchange.books.orders(ACCOUNT, opens)) == 1
    assert len(exchange.books.orders(ACCOUNT, DAY)) == 1


def test_time_when_a_session_begins_late_does_not_go_back(venue: Venue) -> None:
    exchange = venue.begin(speed=50_000_000)
    sleep(0.01)  # days of the exchange
    exchange.advance()
    before = exchange.now
    exchange.start_session()
    assert exchange.now >= before


def _cancel(outcome: Outcome) -> Request:
    return Cancel(ClOrdId(0), ACCOUNT, _number(outcome))


def _replace(outcome: Outcome, price: int, qty: int) -> Request:
    return Replace(ClOrdId(0), ACCOUNT, _number(outcome), price, qty)


def _number(outcome: Outcome) -> OrderId:
    assert outcome.order_id is not None
    return outcome.order_id


def _fills(venue: Venue) -> list[Filled]:
    return [record for record in read_ledger(venue.path) if isinstance(record, Filled)]


def _rewrite(venue: Venue, records: list[Record]) -> None:
    venue.path.unlink()
    ledger = Ledger(venue.path)
    for record in records:
        ledger.append(record)
    ledger.sync()
    ledger.close()
