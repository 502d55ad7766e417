"""A wild print neither fires a stop nor sizes an order; silence while the market trades pages."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from maemae.core.actions import (
    Action,
    AlarmCode,
    AlarmRaised,
    PriceDoubted,
    ProtectionBlinded,
    ProtectionSighted,
    SubmitOrder,
)
from maemae.core.config import PriceGuard
from maemae.core.events import Event, PhaseChanged, PriceUpdated, SessionStarted, TimePassed
from maemae.core.machine import TradingCore
from maemae.domain.ids import ClOrdId
from maemae.domain.instant import SECOND
from maemae.domain.intent import CancelIntent, Cash
from maemae.domain.order_status import ExecType
from maemae.domain.terms import Side
from maemae.krx.halt import VI_OVER_AFTER
from maemae.krx.session import Phase
from maemae.krx.status import InstrumentState
from tests.builders import (
    DAY_2,
    HYNIX,
    NOON,
    SAMSUNG,
    a_config,
    a_core,
    a_fill,
    a_report,
    an_intent,
    feed,
    hold,
    opening,
    rules,
    sleeve_of,
)

GUARD = PriceGuard(
    jump_ppm=100_000, tolerance_ppm=10_000, confirm_after=SECOND, blind_after=5 * SECOND
)
CONFIG = replace(a_config(), price_guard=GUARD)
WILD = 7_500  # 25 % below the last price, inside the day's limits


def guarded(*events: Event) -> TradingCore:
    """Return a core that holds 10 shares with a stop at 9,700 and judges prints."""
    core = TradingCore(CONFIG)
    feed(core, *opening())
    hold(core, 10, stop_loss=30_000)
    feed(core, *events)
    return core


def at(price: int, millis: int, *, is_confirmed: bool = False) -> PriceUpdated:
    return PriceUpdated(SAMSUNG, price, NOON + millis * SECOND // 1_000, is_confirmed)


def names(actions: list[Action]) -> list[str]:
    return [type(action).__name__ for action in actions]


def fires(actions: list[Action]) -> bool:
    return any(isinstance(action, SubmitOrder) for action in actions)


def test_print_when_nobody_judges_it_fires() -> None:
    core = a_core()
    hold(core, 10, stop_loss=30_000)
    assert fires(core.handle(at(WILD, 1)))


def test_print_when_it_moves_no_further_than_a_jump_fires_at_once() -> None:
    assert fires(guarded().handle(at(9_000, 1)))
    assert not fires(guarded().handle(at(8_999, 1)))


@pytest.mark.parametrize("price", [WILD, 13_010, 6_990, 1, 13_000])
def test_print_when_it_can_hardly_be_true_is_doubted_and_counts_for_nothing(price: int) -> None:
    core = guarded()
    assert core.handle(at(price, 1)) == [
        PriceDoubted(SAMSUNG, price, 10_000, NOON + SECOND // 1_000)
    ]
    assert core.market.prices[SAMSUNG] == 10_000
    feed(core, an_intent(size=Cash(100_000), intent_id="ten"))
    assert core.state.orders[core.state.working[SAMSUNG][-1]].order_qty == 10


def test_doubt_when_it_goes_on_is_told_once() -> None:
    core = guarded(at(WILD, 1))
    assert feed(core, at(WILD, 2), at(7_100, 3), at(7_900, 4)) == []


def test_doubt_when_prints_near_it_go_on_for_long_enough_ends_and_the_stop_fires() -> None:
    core = guarded(at(WILD, 0))
    assert core.handle(at(7_480, 999)) == []
    assert fires(core.handle(at(7_450, 1_000)))


def test_doubt_when_prints_fall_on_step_by_step_is_confirmed_by_them() -> None:
    core = guarded(at(8_900, 0), at(8_850, 400), at(8_780, 800))
    assert fires(core.handle(at(8_700, 1_200)))


def test_doubt_when_prints_contradict_each_other_begins_anew() -> None:
    core = guarded(at(WILD, 0), at(12_500, 900))
    assert not fires(core.handle(at(WILD, 1_100)))
    assert not fires(core.handle(at(WILD, 2_000)))
    assert fires(core.handle(at(WILD, 2_100)))


def test_doubt_when_ordinary_prints_return_is_over_and_a_new_one_is_told() -> None:
    core = guarded(at(WILD, 0), at(10_000, 100))
    assert core.market.doubts == {}
    assert names(core.handle(at(WILD, 1_500))) == ["PriceDoubted"]


@pytest.mark.parametrize("price", [WILD, 5_000])
def test_print_when_a_second_source_confirms_it_fires_at_once(price: int) -> None:
    core = guarded(at(WILD, 0))
    assert fires(core.handle(at(price, 0, is_confirmed=True)))
    assert core.market.doubts == {}


def test_print_when_a_second_source_contradicts_it_is_forgotten() -> None:
    core = guarded(at(WILD, 0))
    assert not fires(core.handle(at(9_990, 100, is_confirmed=True)))
    assert (core.market.doubts, core.market.prices[SAMSUNG]) == ({}, 9_990)


def test_print_when_older_than_the_last_never_fires() -> None:
    core = guarded(at(10_010, 500))
    assert feed(core, at(9_000, 499), at(9_000, 0, is_confirmed=True)) == []
    assert core.market.prices[SAMSUNG] == 10_010


def test_print_when_it_is_the_first_is_judged_by_the_base_price() -> None:
    core = TradingCore(CONFIG, guarded().state)
    for event in (PhaseChanged(Phase.CONTINUOUS, NOON), rules()):
        core.observe(event)
    assert names(core.handle(at(WILD, 1))) == ["PriceDoubted"]
    assert fires(core.handle(at(9_500, 2)))


def test_print_when_the_rules_are_of_another_day_is_judged_by_the_last_price_alone() -> None:
    core = guarded(SessionStarted(DAY_2, NOON))
    feed(core, at(9_100, 1), at(8_300, 2), at(7_600, 3), at(6_900, 4))
    assert core.market.prices[SAMSUNG] == 6_900


def test_print_when_observed_is_judged_as_well() -> None:
    core = guarded()
    core.observe(at(WILD, 1))
    assert core.market.prices[SAMSUNG] == 10_000
    assert core.handle(at(WILD, 2)) == []


def test_guard_when_no_print_comes_is_blind_once() -> None:
    core = guarded()
    blind_at = NOON + 5 * SECOND
    assert core.wakes_at() == blind_at
    assert core.handle(TimePassed(blind_at - 1)) == []
    blinded, alarm = core.handle(TimePassed(blind_at))
    assert blinded == ProtectionBlinded(SAMSUNG, blind_at)
    assert alarm == AlarmRaised(AlarmCode.BLIND, SAMSUNG, blind_at, symbol=SAMSUNG)
    assert core.wakes_at() is None
    again = TradingCore(CONFIG, core.state)
    assert feed(again, rules(), PhaseChanged(Phase.CONTINUOUS, NOON)) == []
    assert again.handle(TimePassed(blind_at + 60 * SECOND)) == []


def test_guard_when_prints_return_sees_again() -> None:
    core = guarded(TimePassed(NOON + 5 * SECOND))
    assert core.handle(at(10_010, 6_000)) == [ProtectionSighted(SAMSUNG, NOON + 6 * SECOND)]
    assert core.wakes_at() == NOON + 11 * SECOND


def test_guard_when_only_wild_prints_come_is_blind() -> None:
    core = guarded(at(WILD, 4_000))
    assert names(core.handle(TimePassed(NOON + 5 * SECOND)))[0] == "ProtectionBlinded"


def test_guard_when_a_second_source_repeats_the_last_trade_sees() -> None:
    core = guarded(TimePassed(NOON + 5 * SECOND), TimePassed(NOON + 9 * SECOND))
    assert names(core.handle(at(10_000, 0, is_confirmed=True))) == ["ProtectionSighted"]
    assert core.wakes_at() == NOON + 14 * SECOND


@pytest.mark.parametrize(
    "event",
    [
        PhaseChanged(Phase.CLOSED, NOON),
        PhaseChanged(Phase.CLOSING_AUCTION, NOON),
        rules(states=(InstrumentState.HALTED,)),
    ],
)
def test_guard_when_nothing_ought_to_trade_is_not_blind(event: Event) -> None:
    core = guarded(event)
    assert core.wakes_at() is None
    assert core.handle(TimePassed(NOON + 60 * SECOND)) == []


def test_guard_in_an_interruption_is_blind_only_once_that_must_be_over() -> None:
    core = guarded(rules(states=(InstrumentState.VI,)))
    assert core.handle(TimePassed(NOON + 60 * SECOND)) == []
    actions = core.handle(TimePassed(NOON + VI_OVER_AFTER))
    assert names(actions) == ["ProtectionBlinded", "AlarmRaised"]


def test_print_after_an_interruption_began_shows_that_it_is_over() -> None:
    core = guarded(rules(states=(InstrumentState.VI,)))
    assert not fires(core.handle(at(9_600, 999)))  # of the second in which it began
    assert fires(core.handle(at(9_600, 1_000)))


def test_exits_in_a_halt_that_nobody_told_are_sent_ever_more_rarely() -> None:
    core = guarded(at(9_600, 0))
    sent = []
    for second in range(1, 1_201):
        number = max(core.state.orders)
        if not core.state.orders[number].is_closed:
            sent.append(second)
            rejected = a_report(ExecType.REJECTED, cl_ord_id=number, at=core.now)
            feed(core, rejected)
        feed(core, TimePassed(NOON + second * SECOND), at(9_600, 0, is_confirmed=True))
    assert (sent[:8], len(sent)) == ([1, 2, 3, 4, 5, 6, 8, 10], 55)
    feed(core, a_report(ExecType.REJECTED, cl_ord_id=max(core.state.orders), at=core.now))
    assert fires(core.handle(at(9_500, 1_201_000)))  # the market trades again


def test_guard_when_the_market_opens_is_given_its_time_from_then() -> None:
    opens = NOON + 3_600 * SECOND
    core = guarded(PhaseChanged(Phase.CLOSED, NOON), PhaseChanged(Phase.CONTINUOUS, opens))
    assert core.wakes_at() == opens + 5 * SECOND
    feed(core, PhaseChanged(Phase.CONTINUOUS, opens + SECOND))
    assert core.wakes_at() == opens + 5 * SECOND


def test_silence_when_nothing_is_guarded_pages_nobody() -> None:
    core = TradingCore(CONFIG)
    feed(core, *opening())
    hold(core, 10, symbol=HYNIX)
    assert core.wakes_at() is None


def test_blindness_when_the_position_goes_is_over() -> None:
    core = guarded(TimePassed(NOON + 5 * SECOND))
    feed(core, an_intent(Side.SELL, 10, intent_id="sale"))
    assert core.state.blinded == {SAMSUNG: True}
    feed(core, a_fill(10, 10_000, "X", 2))
    assert (sleeve_of(core).positions, core.state.blinded) == ({}, {})


# ── stamps from the future ───────────────────────────────────────────────────────────────

HOURS = 2 * 3_600 * 1_000


def test_print_when_stamped_hours_ahead_leaves_time_and_later_prints_alone() -> None:
    core = guarded(at(10_010, HOURS))
    assert core.now == NOON
    assert core.market.prices[SAMSUNG] == 10_010
    assert core.market.priced_at[SAMSUNG] == core.market.sighted_at[SAMSUNG] == NOON
    assert fires(core.handle(at(9_500, 1)))


def test_print_when_stamped_hours_ahead_fires_as_of_now() -> None:
    (_, sent) = guarded(TimePassed(NOON + 3 * SECOND)).handle(at(9_500, HOURS))
    assert isinstance(sent, SubmitOrder)
    assert sent.order.at == NOON + 3 * SECOND


def test_guard_when_all_prints_are_stamped_ahead_is_blind_only_once_they_end() -> None:
    core = guarded()
    for second in range(1, 20):
        assert feed(core, TimePassed(NOON + second * SECOND), at(10_000, HOURS + second)) == []
    assert core.wakes_at() == NOON + 24 * SECOND
    assert names(core.handle(TimePassed(NOON + 24 * SECOND)))[0] == "ProtectionBlinded"


def test_guard_when_one_print_came_from_the_future_is_blind_in_time() -> None:
    core = guarded(at(10_010, HOURS))
    assert names(core.handle(TimePassed(NOON + 5 * SECOND)))[0] == "ProtectionBlinded"


def test_print_when_in_doubt_and_stamped_ahead_is_not_confirmed_by_its_stamp() -> None:
    core = guarded(at(WILD, 0))
    assert not fires(core.handle(at(WILD, HOURS)))


@pytest.mark.parametrize(("ahead", "now"), [(5_000, 5_000), (5_001, 0)])
def test_stamp_when_within_the_tolerance_is_taken(ahead: int, now: int) -> None:
    assert guarded(at(10_010, ahead)).now == NOON + now * SECOND // 1_000


def test_stamps_when_each_is_a_little_ahead_of_the_last_do_not_creep() -> None:
    core = guarded(*(at(10_010, millis) for millis in range(0, 60_000, 4_000)))
    assert core.now == NOON + 4 * SECOND
    assert fires(feed(core, TimePassed(NOON + 5 * SECOND), at(9_500, 5_000)))


@pytest.mark.parametrize(
    "event",
    [
        an_intent(Side.SELL, 1, intent_id="late"),
        CancelIntent(ClOrdId(1), NOON),
        rules(),
    ],
    ids=["wish", "cancel", "rules"],
)
def test_stamp_when_a_strategy_or_the_feed_repeats_it_tells_no_time_either(event: Event) -> None:
    core = guarded()
    far = replace(event, at=NOON + 3_600 * SECOND)
    feed(core, far)
    assert core.now == NOON
    assert fires(core.handle(at(9_500, 1)))


def test_time_when_the_executor_tells_it_moves_whatever_it_was() -> None:
    core = guarded(TimePassed(NOON + 3_600 * SECOND), at(10_010, 3_600_000))
    assert core.now == core.market.priced_at[SAMSUNG] == NOON + 3_600 * SECOND


def test_print_when_stamped_ahead_after_one_within_the_tolerance_makes_no_later_one_old() -> None:
    core = guarded(PriceUpdated(HYNIX, 10_000, NOON + 4 * SECOND), at(10_010, HOURS))
    assert fires(core.handle(at(9_500, 1)))


def test_time_when_an_older_event_follows_stays() -> None:
    core = guarded(TimePassed(NOON + 3_600 * SECOND), TimePassed(NOON), at(10_010, 3_600_000))
    assert core.market.priced_at[SAMSUNG] == NOON + 3_600 * SECOND


def test_print_when_nobody_judges_it_moves_time() -> None:
    core = a_core(at(10_010, HOURS))
    assert core.now == core.market.priced_at[SAMSUNG] == NOON + HOURS * SECOND // 1_000


def test_print_when_the_core_is_built_anew_keeps_its_time() -> None:
    before = guarded(TimePassed(NOON + 3_600 * SECOND), at(10_010, 3_600_000))
    core = TradingCore(CONFIG, before.state)
    for event in (rules(), at(10_010, 3_600_000), PhaseChanged(Phase.CONTINUOUS, before.now)):
        core.observe(event)
    assert core.now == core.market.priced_at[SAMSUNG] == NOON + 3_600 * SECOND
    assert fires(core.handle(at(9_500, 3_600_001)))


def test_print_when_repeated_from_a_journal_counts_as_it_did() -> None:
    core = guarded()
    core.repeat(at(10_010, HOURS), ())
    assert core.now == core.market.priced_at[SAMSUNG] == NOON
