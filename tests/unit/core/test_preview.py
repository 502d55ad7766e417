"""A preview in figures: price on the tick, costs, cash, position, and every check by name."""

from __future__ import annotations

from maemae.core.check_titles import TITLES
from maemae.core.entry_checks import ENTRY_CHECKS
from maemae.core.gate import CHECKS
from maemae.core.preview import Outlook
from maemae.domain.instant import SECOND
from maemae.domain.intent import Everything, Weight
from maemae.domain.refusal import Reason
from maemae.domain.terms import Side
from maemae.krx.session import Phase
from tests.builders import CASH, CHARGED, NOON, SAMSUNG, a_core, a_price, an_intent, hold


def test_preview_of_a_buy_shows_costs_cash_position_and_weight() -> None:
    core = a_core(schedule=CHARGED)

    shown = core.preview(an_intent(size=100, price=9_990, at=NOON + 3 * SECOND))

    assert shown.outlook is Outlook.SENT
    assert (shown.price, shown.order_qty, shown.value) == (9_990, 100, 999_000)
    assert (shown.commission, shown.tax) == (140, 0)
    assert (shown.cash_before, shown.cash_after) == (CASH, CASH - 999_140)
    assert (shown.qty_before, shown.qty_after) == (0, 100)
    assert (shown.weight_before, shown.weight_after) == (0, 100_001)
    assert (shown.last_price, shown.price_age) == (10_000, 3 * SECOND)


def test_preview_of_a_sale_owes_tax_and_gives_cash_back() -> None:
    core = a_core(schedule=CHARGED)
    hold(core, 100)

    shown = core.preview(an_intent(Side.SELL, Everything(), intent_id="out"))

    assert (shown.order_qty, shown.value, shown.tax) == (100, 1_000_000, 1_800)
    assert shown.cash_after == shown.cash_before + 1_000_000 - 1_800 - (shown.commission or 0)
    assert (shown.qty_before, shown.qty_after) == (100, 0)


def test_preview_when_several_checks_say_no_names_them_all() -> None:
    core = a_core()

    shown = core.preview(an_intent(size=10_000, price=13_011))

    assert shown.outlook is Outlook.REFUSED
    reasons = {refusal.reason for refusal in shown.refusals}
    assert reasons >= {Reason.OFF_TICK, Reason.OUTSIDE_BAND, Reason.NOT_ENOUGH_CASH}
    assert {checked.check for checked in shown.checks} >= {"CASH", "TICK", "DAILY_LOSS"}


def test_preview_while_the_market_is_closed_says_that_the_wish_waits() -> None:
    shown = a_core(phase=Phase.CLOSED).preview(an_intent())

    assert shown.outlook is Outlook.PARKED


def test_preview_of_a_wish_told_before_says_so() -> None:
    core = a_core(an_intent())

    assert core.preview(an_intent()).outlook is Outlook.TAKEN


def test_preview_sizes_a_weight_by_the_last_price() -> None:
    core = a_core(a_price(20_000, SAMSUNG, NOON + SECOND))

    shown = core.preview(an_intent(size=Weight(100_000), at=NOON + SECOND))

    assert shown.order_qty == CASH // 10 // 20_000


def test_every_check_of_the_gate_has_a_title() -> None:
    rows = [*CHECKS.values(), ENTRY_CHECKS]
    names = {check.__name__.upper() for row in rows for check in row}

    assert set(TITLES) == names
