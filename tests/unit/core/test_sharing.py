"""A sale from elsewhere is booked in the sleeves whose shares it took, and they know of it."""

from __future__ import annotations

import pytest

from maemae.core.actions import (
    Action,
    AlarmCode,
    AlarmRaised,
    CancelOrder,
    FillBooked,
    FillShared,
    OrderReported,
    SleeveStateChanged,
)
from maemae.core.events import Event, ExternalOrderSeen, SessionStarted
from maemae.core.machine import TradingCore
from maemae.domain.ids import EXTERNAL_SLEEVE, ClOrdId, SleeveId
from maemae.domain.order_status import ExecType
from maemae.domain.position import Position
from maemae.domain.terms import Side
from maemae.krx.costs import CostSchedule, Rounding
from tests.builders import (
    CASH,
    DAY_2,
    FREE,
    NOON,
    OTHER_SLEEVE,
    SAMSUNG,
    SLEEVE,
    a_core,
    a_fill,
    a_price,
    a_report,
    an_intent,
    feed,
    hold,
    sleeve_of,
)
from tests.statements import an_external_order

E = ExecType
SALE = 9  # number of the adopted sale in `sold`


def sold(
    *events: Event,
    mine: int = 10,
    other: int = 0,
    external: int = 0,
    schedule: CostSchedule = FREE,
    stop_loss: int | None = None,
    open_sales: tuple[int, ...] = (),
) -> TradingCore:
    """Return a core whose sleeves hold these shares, and a sale of 100 in HTS."""
    core = a_core(sleeves=(SLEEVE, OTHER_SLEEVE), schedule=schedule)
    if external:
        feed(core, ExternalOrderSeen(an_external_order(order_id="0008001"), NOON))
        feed(core, a_fill(external, 9_900, "B", core.state.last_cl_ord_id))
        feed(core, a_report(E.CANCELED, cl_ord_id=core.state.last_cl_ord_id))
    for sleeve_id, qty in ((SLEEVE, mine), (OTHER_SLEEVE, other)):
        if qty:
            hold(core, qty, sleeve_id=sleeve_id, stop_loss=stop_loss)
    for count, qty in enumerate(open_sales):
        feed(core, an_intent(Side.SELL, qty, intent_id=f"own-{count}", price=11_000 + 10 * count))
    core.state.last_cl_ord_id = ClOrdId(SALE - 1)
    sale = an_external_order(Side.SELL, 100, 10_500)
    feed(core, ExternalOrderSeen(sale, NOON), *events)
    return core


def fill(qty: int, exec_id: str = "X", px: int = 10_500) -> Event:
    return a_fill(qty, px, exec_id, SALE)


def held(core: TradingCore) -> dict[str, int]:
    """Return the shares of every sleeve that has any."""
    return {
        sleeve.sleeve_id: sleeve.positions[SAMSUNG].qty
        for sleeve in core.state.sleeves.values()
        if SAMSUNG in sleeve.positions
    }


def alarms(actions: list[Action]) -> list[tuple[AlarmCode, str]]:
    return [(one.code, one.detail) for one in actions if isinstance(one, AlarmRaised)]


def test_sale_from_elsewhere_of_a_strategys_shares_is_booked_in_its_sleeve() -> None:
    core = sold()
    actions = core.handle(fill(6))
    kinds = [type(action) for action in actions]
    assert kinds == [OrderReported, FillBooked, FillShared, AlarmRaised]
    assert alarms(actions) == [(AlarmCode.SOLD_ELSEWHERE, f"{SLEEVE} {SAMSUNG} -6")]
    mine, external = sleeve_of(core), sleeve_of(core, EXTERNAL_SLEEVE)
    assert mine.positions == {SAMSUNG: Position(4, 40_000, NOON)}
    tax = 18 + 94  # 0.03 % and 0.15 % of 63,000 won, each cut down
    assert (mine.cash, mine.realized) == (CASH - 100_000 + 63_000 - tax, 3_000 - tax)
    assert (external.cash, external.realized, external.positions) == (0, 0, {})
    assert not mine.halted


@pytest.mark.parametrize(
    ("qty", "left"),
    [
        (3, {EXTERNAL_SLEEVE: 2, SLEEVE: 4, OTHER_SLEEVE: 7}),
        (5, {SLEEVE: 4, OTHER_SLEEVE: 7}),
        (9, {SLEEVE: 4, OTHER_SLEEVE: 3}),
        (14, {SLEEVE: 2}),
        (16, {}),
        (18, {EXTERNAL_SLEEVE: -2}),
    ],
)
def test_sale_from_elsewhere_takes_external_shares_then_the_largest_holding(
    qty: int, left: dict[SleeveId, int]
) -> None:
    core = sold(mine=4, other=7, external=5)
    assert len(alarms(core.handle(fill(qty)))) == (qty > 5) + (qty > 16)
    assert held(core) == left


def test_sale_from_elsewhere_when_two_hold_as_much_takes_the_first_by_name() -> None:
    assert held(sold(fill(6), mine=5, other=5)) == {OTHER_SLEEVE: 4}


def test_sale_from_elsewhere_of_what_nobody_holds_is_oversold_and_halts_nobody() -> None:
    core = sold(mine=4)
    actions = core.handle(fill(10))
    assert [code for code, _ in alarms(actions)] == [
        AlarmCode.OVERSOLD,
        AlarmCode.SOLD_ELSEWHERE,
    ]
    assert held(core) == {EXTERNAL_SLEEVE: -6}
    assert not any(isinstance(action, SleeveStateChanged) for action in actions)


def test_purchase_from_elsewhere_is_external_whoever_holds_the_shares() -> None:
    core = sold()
    feed(core, ExternalOrderSeen(an_external_order(order_id="0008001"), NOON))
    feed(core, a_fill(3, 9_900, "B", SALE + 1))
    assert held(core) == {SLEEVE: 10, EXTERNAL_SLEEVE: 3}


def charges(core: TradingCore) -> tuple[int, int]:
    """Return what all sleeves together were charged: commission and tax [won]."""
    sleeves = core.state.sleeves.values()
    return sum(one.commission for one in sleeves), sum(one.tax for one in sleeves)


@pytest.mark.parametrize("rounding", Rounding)
def test_charges_when_a_sale_is_shared_are_those_of_the_whole_sale(rounding: Rounding) -> None:
    schedule = CostSchedule("시험", 35, 10_000, cut=10, rounding=rounding)
    shared = sold(mine=3, other=4, external=2, schedule=schedule)
    whole = sold(mine=0, external=9, schedule=schedule)
    costs = []
    for core in (shared, whole):
        before = charges(core)
        feed(core, fill(5, "X"), fill(4, "Y"))
        costs.append([now - then for now, then in zip(charges(core), before, strict=True)])
    assert held(shared) == held(whole) == {}
    assert costs[0] == costs[1] != [0, 0]


def test_sale_from_elsewhere_when_told_again_is_booked_once() -> None:
    core = sold(fill(6))
    assert core.handle(fill(6)) == []


def test_bust_gives_the_shares_back_to_whom_they_were_taken_from() -> None:
    core = sold(fill(3, "X"), fill(9, "Y"), mine=4, other=7, external=2)
    assert held(core) == {SLEEVE: 1}
    feed(core, a_report(E.TRADE_CANCEL, cl_ord_id=SALE, ref="X", at=NOON + 1))
    assert held(core) == {EXTERNAL_SLEEVE: 2, SLEEVE: 1, OTHER_SLEEVE: 1}
    feed(core, a_report(E.TRADE_CANCEL, cl_ord_id=SALE, ref="Y", at=NOON + 1))
    assert held(core) == {EXTERNAL_SLEEVE: 2, SLEEVE: 4, OTHER_SLEEVE: 7}
    assert core.state.shared_fills == {}
    assert sum(sleeve.cash for sleeve in core.state.sleeves.values()) == 2 * CASH - 129_800


ENDED = a_report(E.CANCELED, cl_ord_id=SALE)  # so that a purchase cannot meet it


@pytest.mark.parametrize(
    ("qty", "left", "told"),
    [
        (9, {SLEEVE: 12}, []),
        (8, {SLEEVE: 13}, []),
        (6, {SLEEVE: 14, OTHER_SLEEVE: 1}, []),
        (12, {SLEEVE: 9}, [(AlarmCode.SOLD_ELSEWHERE, f"{SLEEVE} {SAMSUNG} -3")]),
    ],
)
def test_correction_stays_with_those_whom_the_fill_had_taken_from(
    qty: int, left: dict[SleeveId, int], told: list[tuple[AlarmCode, str]]
) -> None:
    core = sold(fill(9), ENDED, mine=4, other=7)
    assert held(core) == {SLEEVE: 2}
    hold(core, 10)  # it is the largest holding now
    corrected = a_report(E.TRADE_CORRECT, qty, 10_600, cl_ord_id=SALE, ref="X", at=NOON + 1)
    assert alarms(core.handle(corrected)) == [(AlarmCode.FILL_REVISED, corrected.exec_id), *told]
    assert held(core) == left
    assert core.handle(corrected) == []


def test_correction_of_what_nobody_held_takes_nothing_from_who_bought_since() -> None:
    core = sold(fill(10), ENDED, mine=0)
    hold(core, 10)
    feed(core, a_report(E.TRADE_CORRECT, 8, 10_500, cl_ord_id=SALE, ref="X", at=NOON + 1))
    assert held(core) == {SLEEVE: 10, EXTERNAL_SLEEVE: -8}


def test_guard_when_all_its_shares_were_sold_elsewhere_ends() -> None:
    core = sold(stop_loss=30_000)
    feed(core, fill(6))
    assert SAMSUNG in sleeve_of(core).protections
    feed(core, fill(4, "Y"))
    assert sleeve_of(core).protections == {}
    assert core.handle(a_price(9_000)) == []


def test_own_sales_when_they_exceed_what_is_left_are_canceled_newest_first() -> None:
    core = sold(open_sales=(3, 4, 2))
    assert not any(isinstance(action, CancelOrder) for action in core.handle(fill(1)))
    canceled = [a.orig_cl_ord_id for a in core.handle(fill(3, "Y")) if isinstance(a, CancelOrder)]
    assert canceled == [4, 3]
    assert not any(isinstance(action, CancelOrder) for action in core.handle(fill(2, "Z")))


def test_exit_when_some_of_its_shares_were_sold_elsewhere_goes_on_with_the_rest() -> None:
    core = a_core()
    hold(core, 10, stop_loss=30_000)
    feed(core, a_price(9_000), a_report(cl_ord_id=2, order_id="0000002"))
    feed(core, ExternalOrderSeen(an_external_order(Side.SELL, 4, 10_500), NOON))
    actions = core.handle(a_fill(4, 10_500, "X", 3))
    assert [a.orig_cl_ord_id for a in actions if isinstance(a, CancelOrder)] == [2]
    feed(core, a_report(E.CANCELED, cl_ord_id=2, request_id=4))
    assert sleeve_of(core).selling == {SAMSUNG: 6}


def test_shares_of_a_sale_when_its_day_is_over_are_forgotten() -> None:
    core = sold(fill(6))
    assert core.state.shared_fills != {}
    feed(core, a_report(E.EXPIRED, cl_ord_id=SALE), SessionStarted(DAY_2, NOON + 1))
    assert core.state.shared_fills == {}
