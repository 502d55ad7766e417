"""Time in which a guarded position could not have been left."""

from __future__ import annotations

from maemae.core.events import CeilingSet
from maemae.core.machine import TradingCore
from maemae.domain.instant import SECOND
from maemae.domain.order_status import ExecType
from maemae.domain.terms import TradingState
from maemae.trading.unprotected import UnprotectedMeter, count_unprotected
from tests.builders import NOON, SAMSUNG, a_core, a_price, a_report, feed, hold


def guarded() -> TradingCore:
    """Return a core that holds shares bought at 10,000 won with a stop at 9,700."""
    core = a_core()
    hold(core, stop_loss=30_000)
    return core


def test_count_when_a_guard_watches_is_zero() -> None:
    assert count_unprotected(guarded().state) == 0


def test_count_when_nothing_has_a_guard_is_zero() -> None:
    core = a_core()
    hold(core)
    feed(core, CeilingSet(TradingState.HALTED, "recovery", NOON))
    assert count_unprotected(core.state) == 0


def test_count_while_trading_is_halted_is_every_guarded_position() -> None:
    core = guarded()
    feed(core, CeilingSet(TradingState.HALTED, "recovery", NOON))
    assert count_unprotected(core.state) == 1


def test_count_while_an_exit_works_is_zero_and_once_it_was_rejected_one() -> None:
    core = guarded()
    feed(core, a_price(9_600, at=NOON + SECOND))
    number = core.state.last_cl_ord_id
    assert count_unprotected(core.state) == 0
    feed(core, a_report(ExecType.REJECTED, cl_ord_id=number, at=NOON + SECOND))
    assert count_unprotected(core.state) == 1


def test_count_while_the_instrument_shows_no_prices_is_one() -> None:
    core = guarded()
    core.state.blinded[SAMSUNG] = True
    assert count_unprotected(core.state) == 1


def test_meter_adds_up_the_time_between_looks() -> None:
    core, meter = guarded(), UnprotectedMeter()
    meter.look(core.state, NOON)
    meter.look(core.state, NOON + 5 * SECOND)
    assert meter.spent == 0
    feed(core, CeilingSet(TradingState.HALTED, "recovery", NOON))
    meter.look(core.state, NOON + 7 * SECOND)
    meter.look(core.state, NOON + 6 * SECOND)
    assert meter.spent == 2 * SECOND
