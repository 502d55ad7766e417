"""A base price that does not follow from the close: guards wait for a person, and then go on."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from maemae.core.actions import Action, BasePriceDoubted
from maemae.core.events import InstrumentUpdated, PriceUpdated, SessionStarted, SymbolReleased
from maemae.core.machine import TradingCore
from maemae.domain.instant import DAY, SECOND
from maemae.domain.terms import Side
from maemae.trading.alarms import alert_of
from maemae.trading.unprotected import count_unprotected
from tests.builders import (
    ACCOUNT,
    DAY_2,
    NOON,
    SAMSUNG,
    SLEEVE,
    a_core,
    a_price,
    an_intent,
    feed,
    hold,
    rules,
    sleeve_of,
)

TOMORROW = NOON + DAY


def next_day(base_price: int | None, last_close: int | None = 10_000) -> InstrumentUpdated:
    told = rules(day=DAY_2, base_price=base_price, at=TOMORROW)
    return replace(told, last_close=last_close)


def overnight(base_price: int, last_close: int | None = 10_000) -> TradingCore:
    """Return a core that holds 100 shares since yesterday with a stop at 9,700."""
    core = a_core()
    hold(core, 100, stop_loss=30_000, take_profit=90_000)
    feed(core, next_day(base_price, last_close), SessionStarted(DAY_2, TOMORROW))
    return core


def at(price: int, secs: int = 1) -> PriceUpdated:
    return a_price(price, at=TOMORROW + secs * SECOND)


def release(secs: int = 2) -> SymbolReleased:
    return SymbolReleased(ACCOUNT, SAMSUNG, "무상증자", TOMORROW + secs * SECOND)


def names(actions: list[Action]) -> list[str]:
    return [type(action).__name__ for action in actions]


def test_base_price_that_does_not_follow_is_a_fact_and_pages_a_person() -> None:
    core = a_core()
    hold(core, 100, stop_loss=30_000)
    (doubted,) = core.handle(next_day(5_000))
    falls = ((SLEEVE, 500_000),)
    assert doubted == BasePriceDoubted(ACCOUNT, SAMSUNG, DAY_2, 10_000, 5_000, TOMORROW, falls)
    alert = alert_of(doubted, core.state, 0)
    assert alert is not None
    assert (alert.code, alert.subject, alert.is_critical) == ("QUARANTINED", "A-1:005930", True)
    assert count_unprotected(core.state) == 1
    assert core.handle(next_day(5_000)) == []
    assert core.market.prices[SAMSUNG] == 5_000


@pytest.mark.parametrize(
    ("base_price", "last_close"),
    [(10_000, 10_000), (10_010, 10_000), (9_990, 10_000), (5_000, None), (None, 10_000)],
    ids=["ordinary", "a tick above", "a tick below", "close not known", "no base price"],
)
def test_base_price_that_follows_or_cannot_be_judged_stops_nothing(
    base_price: int | None, last_close: int | None
) -> None:
    core = a_core()
    hold(core, 100, stop_loss=30_000)
    assert core.handle(next_day(base_price, last_close)) == []


def test_base_price_of_what_nobody_holds_is_not_judged() -> None:
    assert a_core().handle(next_day(5_000)) == []


@pytest.mark.parametrize("price", [5_000, 11_000])
def test_guard_when_the_base_price_is_in_doubt_fires_at_no_price(price: int) -> None:
    core = overnight(5_000)
    assert core.handle(at(price)) == []
    assert sleeve_of(core).positions[SAMSUNG].qty == 100


def test_guard_when_a_person_has_looked_goes_on_in_prices_of_the_new_shares() -> None:
    core = overnight(5_000)
    feed(core, at(5_000))
    assert names(core.handle(release())) == ["ProtectionSet", "QuarantineLifted"]
    guard = sleeve_of(core).protections[SAMSUNG]
    assert (guard.stop_px, guard.take_px) == (4_850, 5_450)
    assert core.handle(next_day(5_000)) == []  # told again, as after a restart
    assert core.handle(at(4_860, 3)) == []
    assert names(core.handle(at(4_850, 4))) == ["ProtectionTriggered", "SubmitOrder"]


def test_guard_after_a_person_s_word_waits_for_a_price_of_the_new_shares() -> None:
    core = overnight(2_000)
    feed(core, release())
    assert core.handle(a_price(10_000, at=TOMORROW - DAY)) == []
    assert names(core.handle(at(1_900, 3)))[0] == "ProtectionTriggered"


def test_doubts_of_two_days_are_multiplied_until_a_person_has_looked() -> None:
    core = overnight(5_000)
    third = replace(rules(day=DAY_2.replace(day=6), base_price=2_500), last_close=5_000)
    feed(core, third, release())
    assert sleeve_of(core).protections[SAMSUNG].stop_px == 2_425


def test_buy_of_what_is_in_doubt_is_refused_and_a_sale_by_wish_is_not() -> None:
    core = overnight(5_000)
    feed(core, at(5_000))
    later = TOMORROW + 2 * SECOND
    assert "IntentRefused" in names(core.handle(an_intent(intent_id="buy", at=later)))
    sale = an_intent(Side.SELL, 10, intent_id="sale", at=later)
    assert "SubmitOrder" in names(core.handle(sale))
