"""A time stop leaves a position once it has been held for so long, whatever the price."""

from __future__ import annotations

from datetime import date, time

import msgspec
import pytest

from maemae.core.actions import Action, ProtectionTriggered, SubmitOrder
from maemae.core.deadlines import deadline
from maemae.core.events import KillLevel, KillSet, PhaseChanged, SessionStarted, TimePassed
from maemae.core.machine import TradingCore
from maemae.core.state import CoreState
from maemae.domain.exit_terms import ExitTerms, Hold
from maemae.domain.instant import HOUR, MINUTE, SECOND, kst_nanos
from maemae.domain.terms import Cause
from maemae.krx.session import Phase
from tests.builders import (
    DAY_1,
    DAY_2,
    NOON,
    SAMSUNG,
    a_config,
    a_core,
    a_fill,
    a_price,
    feed,
    hold,
    rules,
    sleeve_of,
)

AN_HOUR = ExitTerms(hold=Hold(lasts=HOUR))
FRIDAY = date(2024, 3, 8)


def held(terms: ExitTerms = AN_HOUR) -> TradingCore:
    core = a_core()
    hold(core, 10, exits=terms)
    return core


def sent(actions: list[Action]) -> list[tuple[int, Cause]]:
    orders = [action.order for action in actions if isinstance(action, SubmitOrder)]
    return [(order.order_qty, order.cause) for order in orders]


@pytest.mark.parametrize(
    ("hold_terms", "entered", "left"),
    [
        (Hold(sessions=1), (DAY_1, time(9)), (DAY_2, time(9))),
        (Hold(sessions=1), (FRIDAY, time(15, 20)), (date(2024, 3, 11), time(9))),
        (Hold(sessions=0, until=15 * HOUR), (DAY_1, time(10)), (DAY_1, time(15))),
        (Hold(until=15 * HOUR), (DAY_1, time(10)), (DAY_1, time(15))),
        (Hold(until=10 * HOUR), (FRIDAY, time(10)), (date(2024, 3, 11), time(10))),
        (Hold(sessions=2, until=15 * HOUR), (DAY_1, time(10)), (date(2024, 3, 6), time(15))),
        (Hold(lasts=HOUR), (DAY_1, time(10)), (DAY_1, time(11))),
        (Hold(lasts=HOUR), (DAY_1, time(15)), (DAY_2, time(9, 30))),
        (Hold(lasts=7 * HOUR), (FRIDAY, time(9)), (date(2024, 3, 11), time(9, 30))),
        (Hold(sessions=3, lasts=HOUR), (DAY_1, time(10)), (DAY_1, time(11))),
    ],
)
def test_deadline_counts_sessions_and_trading_time(
    hold_terms: Hold, entered: tuple[date, time], left: tuple[date, time]
) -> None:
    assert deadline(hold_terms, kst_nanos(*entered)) == kst_nanos(*left)


def test_deadline_when_the_calendar_ends_counts_days() -> None:
    last = kst_nanos(date(2028, 12, 28), time(10))
    assert deadline(Hold(sessions=40), last) - last == 40 * 24 * HOUR


def test_position_when_its_time_is_over_is_sold_at_market() -> None:
    core = held()
    assert core.wakes_at() == NOON + HOUR
    assert core.handle(TimePassed(NOON + HOUR - 1)) == []

    triggered, order = core.handle(TimePassed(NOON + HOUR))
    assert isinstance(triggered, ProtectionTriggered)
    assert sent([order]) == [(10, Cause.TIME)]
    feed(core, a_fill(10, 9_900, "X", 2))
    assert core.state.due == {}
    assert core.wakes_at() is None


def test_position_when_its_time_comes_while_closed_is_sold_at_the_next_opening() -> None:
    core = held(ExitTerms(hold=Hold(sessions=1)))
    begin = kst_nanos(DAY_2, time(9))
    feed(core, PhaseChanged(Phase.CLOSED, NOON + 4 * HOUR), SessionStarted(DAY_2, begin - HOUR))
    feed(core, rules(day=DAY_2, at=begin - HOUR))
    assert core.handle(TimePassed(begin)) == []

    assert sent(core.handle(PhaseChanged(Phase.CONTINUOUS, begin))) == [(10, Cause.TIME)]


def test_price_when_it_reaches_the_stop_first_is_a_stop() -> None:
    core = a_core()
    hold(core, 10, stop_loss=30_000, exits=AN_HOUR)

    assert sent(core.handle(a_price(9_700))) == [(10, Cause.STOP)]
    assert core.state.due == {}
    assert sent(core.handle(TimePassed(NOON + HOUR))) == []


def test_deadline_when_more_is_bought_stays_that_of_the_first_buy() -> None:
    core = held()
    feed(core, TimePassed(NOON + 10 * MINUTE), a_price(at=NOON + 10 * MINUTE))
    hold(core, 5, exits=AN_HOUR)

    assert core.wakes_at() == NOON + HOUR
    assert sent(core.handle(TimePassed(NOON + HOUR))) == [(15, Cause.TIME)]


def test_exit_when_killed_goes_on_after_the_release() -> None:
    core = held()
    feed(core, KillSet(KillLevel.STOP_NEW, "시험", NOON))

    assert sent(core.handle(TimePassed(NOON + HOUR))) == [(10, Cause.TIME)]


def test_book_that_is_stored_and_read_still_knows_the_time() -> None:
    core = held()
    stored = msgspec.msgpack.encode(core.state)
    again = TradingCore(a_config(), msgspec.msgpack.decode(stored, type=CoreState))
    for event in (rules(), a_price(), PhaseChanged(Phase.CONTINUOUS, NOON)):
        again.observe(event)

    assert again.wakes_at() == NOON + HOUR
    late = TimePassed(NOON + HOUR + 9 * SECOND)
    assert again.handle(late) == core.handle(late)
    assert sleeve_of(again).protections[SAMSUNG].leaving is Cause.TIME
