"""Rules for new risk: each lets an order through on one side of its bound and refuses beyond."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import msgspec
import pytest

from maemae.core import gate
from maemae.core.actions import IntentRefused, SubmitOrder
from maemae.core.entry_checks import ENTRY_CHECKS
from maemae.core.entry_policy import EntryPolicy
from maemae.core.events import Event, LimitsSet, PhaseChanged, SessionStarted
from maemae.core.limits import Limits
from maemae.core.machine import TradingCore
from maemae.domain.exit_terms import ExitTerms
from maemae.domain.instant import HOUR, MINUTE
from maemae.domain.order_status import ExecType
from maemae.domain.refusal import REASONS, Reason
from maemae.domain.terms import Side
from maemae.krx.session import Phase
from tests.builders import (
    ACCOUNT,
    CASH,
    DAY_2,
    DAY_3,
    HYNIX,
    NOON,
    SAMSUNG,
    SLEEVE,
    a_core,
    a_fill,
    a_price,
    a_report,
    an_intent,
    feed,
    hold,
    rules,
    sleeve_of,
)

R = Reason
Scene = Callable[[], TradingCore]


def fresh() -> TradingCore:
    return a_core()


def holding_half() -> TradingCore:
    core = a_core()
    hold(core, 500, symbol=HYNIX)
    return core


def buying() -> TradingCore:
    return a_core(an_intent(symbol=HYNIX, intent_id="first", price=9_000))


def fallen() -> TradingCore:
    core = holding_half()
    feed(core, a_price(9_000, HYNIX))
    return core


def stopped_out() -> TradingCore:
    core = a_core()
    hold(core, 10, symbol=HYNIX, stop_loss=30_000)
    feed(core, a_price(9_700, HYNIX), a_fill(10, 9_700, "X", 2))
    return core


def rejected() -> TradingCore:
    return a_core(an_intent(symbol=HYNIX, intent_id="first"), a_report(ExecType.REJECTED))


def risen() -> TradingCore:
    return a_core(a_price(11_000))


def losing() -> TradingCore:
    core = a_core()
    hold(core, 10)
    feed(core, a_price(9_500))
    return core


def under(core: TradingCore, policy: EntryPolicy) -> TradingCore:
    """Give a core its policy; what is stricter holds at once."""
    feed(core, LimitsSet(ACCOUNT, SLEEVE, Limits(entry=policy), NOON))
    return core


RULES: dict[Reason, tuple[Scene, EntryPolicy, EntryPolicy]] = {
    R.EXPOSURE_TOO_HIGH: (
        holding_half,
        EntryPolicy(max_exposure=513_000),
        EntryPolicy(max_exposure=512_999),
    ),
    R.TOO_MANY_OPEN_ORDERS: (
        buying,
        EntryPolicy(max_open_orders=2),
        EntryPolicy(max_open_orders=1),
    ),
    R.DRAWDOWN: (fallen, EntryPolicy(max_drawdown=50_001), EntryPolicy(max_drawdown=50_000)),
    R.TOO_MANY_STOPS: (stopped_out, EntryPolicy(max_stops=2), EntryPolicy(max_stops=1)),
    R.TOO_MANY_REJECTIONS: (
        rejected,
        EntryPolicy(max_rejections=2),
        EntryPolicy(max_rejections=1),
    ),
    R.RISEN_TOO_FAR: (risen, EntryPolicy(max_rise=100_000), EntryPolicy(max_rise=99_999)),
    R.PRICE_TOO_LOW: (fresh, EntryPolicy(min_price=10_000), EntryPolicy(min_price=10_001)),
    R.ADDS_TO_LOSS: (
        losing,
        EntryPolicy(max_loss_to_add=50_000),
        EntryPolicy(max_loss_to_add=49_999),
    ),
    R.OUTSIDE_HOURS: (
        fresh,
        EntryPolicy(from_clock=12 * HOUR, until_clock=12 * HOUR + 1),
        EntryPolicy(until_clock=12 * HOUR),
    ),
}


def answer(core: TradingCore, event: Event) -> set[Reason]:
    action = core.handle(event)[0]
    if isinstance(action, IntentRefused):
        return {refusal.reason for refusal in action.refusals}
    assert isinstance(action, SubmitOrder)
    return set()


@pytest.mark.parametrize("reason", RULES)
def test_buy_at_the_bound_passes_and_beyond_it_is_refused_for_just_that(reason: Reason) -> None:
    scene, passes, refuses = RULES[reason]

    assert answer(under(scene(), passes), an_intent()) == set()
    assert answer(under(scene(), refuses), an_intent()) == {reason}


@pytest.mark.parametrize("reason", RULES)
def test_sale_is_no_new_risk_and_passes(reason: Reason) -> None:
    scene, _, refuses = RULES[reason]
    core = scene()
    if SAMSUNG not in sleeve_of(core).positions:
        hold(core, 10)
    under(core, refuses)

    assert answer(core, an_intent(Side.SELL, 5, intent_id="sale")) == set()


def test_entry_before_the_hours_is_refused_too() -> None:
    assert answer(under(fresh(), EntryPolicy(from_clock=12 * HOUR + 1)), an_intent()) == {
        R.OUTSIDE_HOURS
    }


def next_session(core: TradingCore, day: date, at: int) -> None:
    feed(
        core,
        PhaseChanged(Phase.CLOSED, at - HOUR),
        SessionStarted(day, at),
        rules(day=day, at=at),
        rules(HYNIX, day=day, at=at),
        a_price(at=at),
        a_price(at=at, symbol=HYNIX),
        PhaseChanged(Phase.CONTINUOUS, at),
    )


def test_counts_of_a_session_begin_anew_with_the_next() -> None:
    core = under(stopped_out(), EntryPolicy(max_stops=1))
    next_session(core, DAY_2, NOON + 24 * HOUR)

    assert answer(core, an_intent(at=core.now)) == set()


def test_drawdown_is_measured_from_the_best_beginning_of_a_session() -> None:
    core = under(holding_half(), EntryPolicy(max_drawdown=100_000))
    feed(core, a_price(12_000, HYNIX))
    at = NOON + 24 * HOUR
    feed(core, SessionStarted(DAY_2, at), rules(day=DAY_2, at=at), a_price(at=at))
    assert sleeve_of(core).best_profit == CASH // 10

    feed(core, a_price(9_810, HYNIX, at))  # 1,095,000 of 11,000,000 won
    assert answer(core, an_intent(at=at)) == set()
    feed(core, a_price(9_800, HYNIX, at))
    assert answer(core, an_intent(intent_id="next", at=at)) == {R.DRAWDOWN}


def test_what_was_left_is_not_bought_again_before_its_session() -> None:
    core = a_core()
    hold(core, 10, stop_loss=30_000, exits=ExitTerms(cooldown=2))
    feed(core, a_price(9_700), a_fill(10, 9_700, "X", 2))
    assert answer(core, an_intent(intent_id="again")) == {R.COOLING_DOWN}
    assert answer(core, an_intent(symbol=HYNIX, intent_id="other")) == set()

    next_session(core, DAY_2, NOON + 24 * HOUR)
    assert answer(core, an_intent(intent_id="next day", at=core.now)) == {R.COOLING_DOWN}
    next_session(core, DAY_3, NOON + 48 * HOUR)
    assert answer(core, an_intent(intent_id="third day", at=core.now)) == set()
    assert sleeve_of(core).cooling == {}


def test_policy_when_set_is_at_once_only_where_it_is_stricter() -> None:
    core = under(fresh(), EntryPolicy(max_stops=3, min_price=1_000))
    under(core, EntryPolicy(max_stops=1, min_price=500))

    assert sleeve_of(core).limits.entry == EntryPolicy(max_stops=1, min_price=1_000)
    next_session(core, DAY_2, NOON + 24 * HOUR)
    assert sleeve_of(core).limits.entry == EntryPolicy(max_stops=1, min_price=500)


def test_checks_are_asked_only_of_new_risk_under_a_policy_or_a_cooldown() -> None:
    core = a_core(an_intent())
    order, sleeve = core.state.orders[min(core.state.orders)], sleeve_of(core)
    assert not set(ENTRY_CHECKS) & set(gate.checks_of(order, sleeve))

    sleeve.cooling[HYNIX] = DAY_2
    assert set(ENTRY_CHECKS) <= set(gate.checks_of(order, sleeve))


def test_every_reason_has_its_sentences_and_there_are_forty() -> None:
    assert set(REASONS) == set(Reason)
    assert len(Reason) == 40


def test_sentence_tells_ratios_in_percent_and_times_as_people_say_them() -> None:
    core = under(fallen(), EntryPolicy(max_drawdown=50_000, until_clock=11 * HOUR + 30 * MINUTE))
    (action,) = core.handle(an_intent())
    assert isinstance(action, IntentRefused)
    fall, late = (refusal.text.en for refusal in action.refusals)

    assert fall.startswith("5.0 % below")
    assert late.startswith("It is 12:00, ")


def test_limits_of_an_older_journal_have_no_policy() -> None:
    assert msgspec.json.decode(b"{}", type=Limits).entry is None
