"""A trailing stop follows the highest price since the entry, never falls, and fires as a stop."""

from __future__ import annotations

import msgspec
import pytest

from maemae.core.actions import Action, ProtectionSet, SubmitOrder
from maemae.core.events import CorporateActionDue, PhaseChanged
from maemae.core.machine import TradingCore
from maemae.core.state import CoreState
from maemae.core.trailing import lifts_at, stop_under
from maemae.domain.corporate_action import ShareChange
from maemae.domain.exit_terms import ExitTerms, Trail
from maemae.domain.terms import Cause
from maemae.krx.session import Phase
from tests.builders import (
    DAY_1,
    NOON,
    SAMSUNG,
    a_config,
    a_core,
    a_fill,
    a_price,
    an_intent,
    feed,
    hold,
    rules,
    sleeve_of,
)

TENTH = ExitTerms(trail=Trail(ppm=100_000))
FIFTY_WON = ExitTerms(trail=Trail(won=50))


def trailing(terms: ExitTerms = TENTH, *, stop_loss: int | None = None) -> TradingCore:
    core = a_core()
    hold(core, 10, exits=terms, stop_loss=stop_loss)
    return core


def stop_of(core: TradingCore) -> int:
    return sleeve_of(core).protections[SAMSUNG].stop_px


def sent(actions: list[Action]) -> list[tuple[int, Cause]]:
    orders = [action.order for action in actions if isinstance(action, SubmitOrder)]
    return [(order.order_qty, order.cause) for order in orders]


def test_stop_begins_under_the_price_of_the_entry() -> None:
    assert stop_of(trailing()) == 9_000
    assert stop_of(trailing(FIFTY_WON)) == 9_950


def test_stop_follows_the_price_up_and_never_down() -> None:
    core = trailing()
    feed(core, a_price(11_000), a_price(10_000), a_price(10_990))

    assert stop_of(core) == 9_900


def test_stop_when_reached_sells_everything_as_a_stop() -> None:
    core = trailing()
    feed(core, a_price(11_000))

    assert sent(core.handle(a_price(9_910))) == []
    assert sent(core.handle(a_price(9_900))) == [(10, Cause.STOP)]


def test_stop_when_a_price_lifts_it_is_told_once_for_each_rise() -> None:
    core = trailing()
    told = [len(core.handle(a_price(price))) for price in (10_500, 10_500, 10_400, 10_510)]

    assert told == [1, 0, 0, 1]


def test_stop_when_a_fixed_one_stands_higher_is_that_one_until_it_is_passed() -> None:
    core = trailing(stop_loss=20_000)

    assert stop_of(core) == 9_800
    feed(core, a_price(10_880))
    assert stop_of(core) == 9_800
    feed(core, a_price(10_900))
    assert stop_of(core) == 9_810


def test_stop_when_more_is_bought_lower_does_not_fall() -> None:
    core = trailing()
    feed(core, a_price(11_000))
    hold(core, 10, 10_100, exits=TENTH, stop_loss=200_000)

    assert stop_of(core) == 9_900


def test_stop_when_a_later_buy_names_no_trail_goes_on_following() -> None:
    core = trailing()
    hold(core, 5, 10_000)
    feed(core, a_price(12_000))

    assert stop_of(core) == 10_800


@pytest.mark.parametrize(
    "trail", [Trail(ppm=1), Trail(ppm=33_333), Trail(ppm=999_999), Trail(won=7)]
)
@pytest.mark.parametrize("stop_px", [0, 1, 9_999, 123_457])
def test_price_that_lifts_is_the_lowest_that_does(trail: Trail, stop_px: int) -> None:
    price = lifts_at(trail, stop_px)

    assert stop_under(trail, price) > stop_px >= stop_under(trail, price - 1)


def test_core_tells_which_price_lifts_a_stop_and_none_once_it_is_left() -> None:
    core = trailing()
    assert core.lifts_at(SAMSUNG) == 10_002  # nine tenths of it are 9,001 whole won

    feed(core, a_price(9_000))
    assert core.lifts_at(SAMSUNG) == 0
    assert core.state.trailing == {SAMSUNG: 1}
    feed(core, a_fill(10, 9_000, "X", 2))
    assert core.state.trailing == {}


def test_split_halves_the_stop_and_its_distance() -> None:
    core = trailing(FIFTY_WON)
    split = ShareChange(SAMSUNG, DAY_1, NOON, 2, 1, 0)
    feed(core, CorporateActionDue(split, NOON), a_price(6_000))

    assert stop_of(core) == 5_975


def test_book_that_is_stored_and_read_follows_on() -> None:
    core = trailing()
    feed(core, a_price(11_000))
    stored = msgspec.msgpack.encode(core.state)

    again = TradingCore(a_config(), msgspec.msgpack.decode(stored, type=CoreState))
    for seen in (rules(), a_price(11_000), PhaseChanged(Phase.CONTINUOUS, NOON)):
        again.observe(seen)
    for price in (10_500, 12_000, 10_900, 10_800):
        assert again.handle(a_price(price)) == core.handle(a_price(price))
    assert sleeve_of(again).protections[SAMSUNG].leaving is Cause.STOP


def test_fact_of_an_older_journal_reads_as_a_guard_that_stays() -> None:
    old = {"type": "PROTECTION_SET", "account_id": "A", "sleeve_id": "S", "symbol": "005930"}
    read = msgspec.convert({**old, "stop_px": 1, "take_px": 2}, ProtectionSet)

    assert (read.trail, read.leave_at) == (None, 0)
    assert (
        msgspec.json.decode(msgspec.json.encode(an_intent()), type=type(an_intent())).exits is None
    )
