"""Orders by hand: what is asked of the executor, and what is said of its answer."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from maemae.domain.ids import AccountId, ClOrdId, IntentId, SleeveId, Symbol
from maemae.domain.intent import Cash, Everything, Shares
from maemae.domain.order import Order
from maemae.domain.order_status import OrderStatus
from maemae.domain.refusal import Reason, Refusal
from maemae.domain.terms import OrdType, Side
from maemae.domain.text import Text
from maemae.trading.control.commands import Ask, Cancel, OrdersQuery, PlaceOrder, Replace, Withdraw
from maemae.trading.control.replies import Accepted, Failed, Orders, Reply
from maemae.trading.waiting import Waiting, WaitsFor
from tests.builders import ACCOUNT, SLEEVE, an_order
from tests.fake_executor import answering
from tests.unit.cli.conftest import CommandLine

BAD_WORDS = {
    "quantity 0": ["buy", "005930", "--qty", "0"],
    "quantity below 0": ["buy", "005930", "--qty", "-1"],
    "quantity 10^12": ["buy", "005930", "--qty", "1" + "0" * 12],
    "quantity in words": ["buy", "005930", "--qty", "many"],
    "cash 0": ["buy", "005930", "--cash", "0"],
    "no size": ["buy", "005930"],
    "two sizes": ["buy", "005930", "--qty", "1", "--cash", "1000"],
    "sell everything and some": ["sell", "005930", "--all", "--qty", "1"],
    "limit 0": ["buy", "005930", "--qty", "1", "--limit", "0"],
    "limit in words": ["buy", "005930", "--qty", "1", "--limit", "cheap"],
    "stop 0": ["buy", "005930", "--qty", "1", "--stop", "0%"],
    "stop of all": ["buy", "005930", "--qty", "1", "--stop", "100%"],
    "target in words": ["buy", "005930", "--qty", "1", "--take", "much"],
    "no symbol": ["buy", "삼성전자", "--qty", "1"],
    "short symbol": ["buy", "5930", "--qty", "1"],
    "empty key": ["buy", "005930", "--qty", "1", "--key", " "],
    "cancel nothing": ["cancel"],
    "cancel one and all": ["cancel", "1", "--all"],
    "cancel no number": ["cancel", "first"],
    "cancel 0": ["cancel", "0"],
    "replace nothing": ["replace", "1"],
    "settle without a word": ["settle", "1", "--reason", "seen"],
    "settle both ways": ["settle", "1", "--absent", "--broker-number", "7", "--reason", "seen"],
    "settle without a reason": ["settle", "1", "--absent"],
    "replace to 0": ["replace", "1", "--price", "0"],
    "mode": ["buy", "005930", "--qty", "1", "--mode", "live"],
}


class Book:
    """Orders of a fake executor, which takes every command."""

    def __init__(
        self, *orders: Order, refusals: tuple[Text, ...] = (), waiting: tuple[str, ...] = ()
    ) -> None:
        self.orders = orders
        self.waiting = waiting
        self.refusals = refusals
        self.numbers = tuple(order.cl_ord_id for order in orders)

    def answer(self, ask: Ask) -> Reply:
        if isinstance(ask, OrdersQuery):
            shown = [each for each in self.orders if not (ask.is_open_only and each.is_closed)]
            wishes = [
                Waiting(IntentId(each), ACCOUNT, SLEEVE, None, None, WaitsFor.MARKET)
                for each in self.waiting
            ]
            return Orders(tuple(shown), tuple(wishes))
        key = str(getattr(ask, "key", ""))
        return Accepted(key, () if self.refusals else self.numbers, self.refusals)


def order_of(status: OrderStatus, cum_qty: int = 0, **changes: object) -> Order:
    order = msgspec.structs.replace(an_order(), status=status, standing=status, cum_qty=cum_qty)
    return msgspec.structs.replace(order, notional=cum_qty * 10_000, **changes)


@pytest.fixture
def sim(home: Path) -> Path:
    return home / "sim"


@pytest.mark.parametrize("what", BAD_WORDS)
@pytest.mark.parametrize("language", ["ko", "en"])
def test_order_when_the_words_are_bad_is_one_sentence_and_asks_nobody(
    maemae: CommandLine, home: Path, what: str, language: str
) -> None:
    outcome = maemae(*BAD_WORDS[what], "--lang", language)

    assert (outcome.code, outcome.out) == (1, "")
    assert len(outcome.sentences) == 1
    assert "maemae trade" not in outcome.err
    assert not home.exists()


@pytest.mark.parametrize(
    "words",
    [["buy", "005930", "--qty", "1"], ["cancel", "--all"], ["replace", "1", "--qty", "2"]],
)
def test_order_when_no_executor_runs_says_how_to_start_one(
    maemae: CommandLine, words: list[str]
) -> None:
    outcome = maemae(*words)

    assert outcome.code == 1
    assert len(outcome.sentences) == 1
    assert "maemae trade" in outcome.err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["buy", "005930", "--qty", "10"], (Side.BUY, Shares(10), None, None, None)),
        (
            ["buy", "005930", "--cash", "100만", "--limit", "70,000", "--stop", "3%"],
            (Side.BUY, Cash(1_000_000), 70_000, 30_000, None),
        ),
        (
            ["buy", "005930", "--qty", "1", "--take", "2.5%"],
            (Side.BUY, Shares(1), None, None, 25_000),
        ),
        (["sell", "005930", "--all"], (Side.SELL, Everything(), None, None, None)),
    ],
)
def test_order_is_asked_as_it_was_typed(
    maemae: CommandLine, sim: Path, words: list[str], expected: tuple[object, ...]
) -> None:
    with answering(sim, Book(order_of(OrderStatus.FILLED, 10)).answer) as asked:
        assert maemae(*words, "--key", "k1").code == 0

    order = asked[0]
    assert isinstance(order, PlaceOrder)
    assert (order.side, order.size, order.price, order.stop_loss, order.take_profit) == expected
    assert (order.key, order.account_id, order.symbol) == ("k1", AccountId("SIM"), "005930")
    assert order.sleeve_id == SleeveId("MANUAL")


def test_order_without_a_key_has_one_of_its_own_each_time(maemae: CommandLine, sim: Path) -> None:
    with answering(sim, Book(order_of(OrderStatus.FILLED, 10)).answer) as asked:
        maemae("buy", "005930", "--qty", "1")
        maemae("buy", "005930", "--qty", "1")

    keys = {ask.key for ask in asked if isinstance(ask, PlaceOrder)}
    assert len(keys) == 2


@pytest.mark.parametrize(
    ("status", "said", "code"),
    [
        (OrderStatus.FILLED, "전량 체결", 0),
        (OrderStatus.NEW, "접수", 0),
        (OrderStatus.PENDING_NEW, "답이 오지 않았습니다", 0),
        (OrderStatus.UNKNOWN, "다시 내지 마세요", 0),
        (OrderStatus.REJECTED, "거부", 1),
    ],
)
def test_order_when_sent_says_where_it_stands(
    maemae: CommandLine, sim: Path, status: OrderStatus, said: str, code: int
) -> None:
    order = order_of(status, ord_type=OrdType.LIMIT, price=10_000)

    with answering(sim, Book(order).answer):
        outcome = maemae("buy", "005930", "--qty", "10", "--limit", "10000")

    assert outcome.code == code
    assert said in outcome.out


def test_order_when_refused_says_each_reason_as_a_sentence(maemae: CommandLine, sim: Path) -> None:
    off_tick, killed = Refusal(Reason.OFF_TICK, 10_001, 10).text, Refusal(Reason.KILLED).text

    with answering(sim, Book(refusals=(off_tick, killed)).answer):
        outcome = maemae("buy", "005930", "--qty", "1", "--limit", "10001")

    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.sentences == [f"✘ {off_tick.ko}", f"✘ {killed.ko}"]


def test_order_when_its_key_was_used_shows_the_order_of_then(
    maemae: CommandLine, sim: Path
) -> None:
    book = Book(order_of(OrderStatus.FILLED, 10, intent_id="MANUAL:k1"))
    book.numbers = ()

    with answering(sim, book.answer):
        again = maemae("buy", "005930", "--qty", "10", "--key", "k1")
        other = maemae("buy", "005930", "--qty", "10", "--key", "k2")

    assert "전량 체결" in again.out
    assert "보낸 주문이 없습니다" in other.out


def test_order_when_the_market_is_closed_says_that_it_waits(maemae: CommandLine, sim: Path) -> None:
    with answering(sim, lambda _: Accepted("k", is_parked=True)):
        outcome = maemae("buy", "005930", "--qty", "1")

    assert outcome.code == 0
    assert "다음 장" in outcome.out


def test_order_when_the_executor_cannot_says_its_sentence(maemae: CommandLine, sim: Path) -> None:
    with answering(sim, lambda _: Failed(Text("연결하는 중입니다.", "It is reaching its broker."))):
        outcome = maemae("buy", "005930", "--qty", "1", "--lang", "en")

    assert (outcome.code, outcome.err) == (1, "✘ It is reaching its broker.\n")


def test_cancel_all_cancels_every_open_order_under_keys_of_their_own(
    maemae: CommandLine, sim: Path
) -> None:
    first, second = order_of(OrderStatus.NEW), order_of(OrderStatus.NEW, cl_ord_id=ClOrdId(2))
    done = order_of(OrderStatus.FILLED, 10, cl_ord_id=ClOrdId(3))

    with answering(sim, Book(first, second, done).answer) as asked:
        assert maemae("cancel", "--all", "--key", "k").code == 0

    cancels = [(ask.cl_ord_id, ask.key) for ask in asked if isinstance(ask, Cancel)]
    assert cancels == [(1, "k:1"), (2, "k:2")]


def test_cancel_of_what_waits_takes_it_back_under_its_key(maemae: CommandLine, sim: Path) -> None:
    with answering(sim, Book().answer) as asked:
        outcome = maemae("cancel", "SIM:golden:1:005930:0", "--key", "k")

    (withdrawal,) = asked
    assert isinstance(withdrawal, Withdraw)
    assert (withdrawal.intent_id, withdrawal.key) == ("SIM:golden:1:005930:0", "k")
    assert outcome.code == 0
    assert "거두었습니다" in outcome.out


def test_cancel_all_takes_back_what_waits_still_after_the_orders(
    maemae: CommandLine, sim: Path
) -> None:
    """The cancel of a part takes its parent back; it is not asked for a second time."""
    book = Book(order_of(OrderStatus.NEW), waiting=("S:parent", "S:lone"))

    def answer(ask: Ask) -> Reply:
        if isinstance(ask, Cancel):
            book.waiting = ("S:lone",)
        return book.answer(ask)

    with answering(sim, answer) as asked:
        assert maemae("cancel", "--all", "--key", "k").code == 0

    done = [(type(ask), ask.key) for ask in asked if isinstance(ask, Cancel | Withdraw)]
    assert done == [(Cancel, "k:1"), (Withdraw, "k:S:lone")]


def test_replace_keeps_what_was_not_named(maemae: CommandLine, sim: Path) -> None:
    order = order_of(OrderStatus.NEW, ord_type=OrdType.LIMIT, price=10_000)

    with answering(sim, Book(order).answer) as asked:
        assert maemae("replace", "#1", "--qty", "7").code == 0
        assert maemae("replace", "1", "--price", "10,010").code == 0
        assert maemae("replace", "9", "--qty", "7").code == 1

    asks = [ask for ask in asked if isinstance(ask, Replace)]
    assert [(ask.price, ask.order_qty) for ask in asks] == [(10_000, 7), (10_010, order.order_qty)]


def test_replace_of_an_order_at_market_asks_for_a_price(maemae: CommandLine, sim: Path) -> None:
    with answering(sim, Book(order_of(OrderStatus.NEW, price=None)).answer) as asked:
        outcome = maemae("replace", "1", "--qty", "7")

    assert (outcome.code, len(outcome.sentences)) == (1, 1)
    assert not [ask for ask in asked if isinstance(ask, Replace)]


def test_symbol_is_taken_in_letters_of_either_case(maemae: CommandLine, sim: Path) -> None:
    with answering(sim, Book(order_of(OrderStatus.FILLED, 10)).answer) as asked:
        maemae("buy", "z00010", "--qty", "1")

    order = asked[0]
    assert isinstance(order, PlaceOrder)
    assert order.symbol == Symbol("Z00010")
