"""The gate: every reason is given where it must be, every check bites, purposes differ as told."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from maemae.core.actions import IntentRefused, KillChanged, SubmitOrder
from maemae.core.config import CoreConfig
from maemae.core.events import Event, KillLevel, KillSet, SessionStarted, SleeveOpened
from maemae.core.limits import Limits
from maemae.core.machine import TradingCore
from maemae.domain.ids import MANUAL_SLEEVE, AccountId, ClOrdId, SleeveId, Symbol
from maemae.domain.instant import MINUTE, SECOND
from maemae.domain.intent import MILLION, ReplaceIntent
from maemae.domain.order_status import ExecType
from maemae.domain.refusal import Reason
from maemae.domain.terms import Cause, Mode, Purpose, Side, TimeInForce, TradingState
from maemae.krx.session import Phase
from maemae.krx.status import InstrumentState
from tests.architecture.source_tree import called, dotted, modules
from tests.builders import (
    ACCOUNT,
    DAY_2,
    HYNIX,
    NOON,
    OTHER_SLEEVE,
    SLEEVE,
    a_core,
    a_fill,
    a_price,
    a_report,
    an_intent,
    feed,
    hold,
    opening,
    rules,
)
from tests.unit.core.test_entry_checks import RULES

R = Reason
NAVER = Symbol("035420")
KILL = KillSet(KillLevel.STOP_NEW, "시험", NOON)
LATER = NOON + 2 * SECOND
OPEN_COLLAR = Limits(collar=MILLION)
Scene = tuple[TradingCore, Event]


def holding(
    *events: Event,
    limits: Limits | None = None,
    mode: Mode = Mode.SIM,
    state: TradingState = TradingState.ACTIVE,
    sleeve_id: SleeveId = SLEEVE,
    phase: Phase = Phase.CONTINUOUS,
) -> TradingCore:
    """Return a core whose sleeve holds 100 shares of Samsung, after these events."""
    core = a_core(limits=limits, sleeves=(SLEEVE, OTHER_SLEEVE, MANUAL_SLEEVE))
    hold(core, 100, sleeve_id=sleeve_id)
    rest = a_core(mode=mode, state=state, phase=phase)
    carried = TradingCore(rest._desk.config, core.state)
    carried.state.trading_state = state
    for told in core.market.instruments.values():
        carried.observe(told)
    carried.market.phase = phase
    feed(carried, a_price(at=LATER), *events)
    return carried


def _overfilled() -> Scene:
    core = a_core(an_intent(size=10), a_fill(12))
    return core, an_intent(intent_id="next")


def _at_a_loss() -> Scene:
    core = a_core(limits=Limits(max_daily_loss=10_000))
    hold(core, 10, symbol=HYNIX)
    feed(core, a_price(9_000, HYNIX))
    return core, an_intent()


def _one_too_many() -> Scene:
    core = a_core(limits=Limits(max_positions=1))
    hold(core, 10, symbol=HYNIX)
    return core, an_intent()


def _buy_before(
    limits: Limits | None = None, symbol: Symbol = HYNIX, at: int = NOON, *reports: Event
) -> Scene:
    first = an_intent(symbol=symbol, intent_id="first")
    return a_core(first, *reports, limits=limits), an_intent(at=at)


def _in_doubt() -> Scene:
    core, wish = _buy_before()
    feed(core, an_intent(intent_id="lost"), a_report(ExecType.OUTCOME_UNKNOWN, cl_ord_id=2))
    return core, wish


def _against_own_sell() -> Scene:
    resting = an_intent(Side.SELL, 10, price=10_100, intent_id="resting", at=LATER)
    return holding(resting), an_intent(size=5, intent_id="buy", at=LATER)


def _limit_against_own_sell() -> Scene:
    resting = an_intent(Side.SELL, 10, price=10_100, intent_id="resting", at=LATER)
    wish = an_intent(price=10_100, intent_id="buy", sleeve_id=OTHER_SLEEVE, at=LATER)
    return holding(resting), wish


def _nothing_new() -> Scene:
    core = a_core(an_intent(price=9_900), a_report())
    return core, ReplaceIntent(ClOrdId(1), 9_900, 10, NOON)


BUYS: dict[str, tuple[Reason, Callable[[], Scene]]] = {
    "kill switch": (R.KILLED, lambda: (a_core(KILL), an_intent())),
    "halted": (R.TRADING_HALTED, lambda: (a_core(state=TradingState.HALTED), an_intent())),
    "reducing": (R.REDUCE_ONLY, lambda: (a_core(state=TradingState.REDUCING), an_intent())),
    "sleeve halted": (R.SLEEVE_HALTED, _overfilled),
    "no account": (
        R.UNKNOWN_ACCOUNT,
        lambda: (a_core(), an_intent(account_id=AccountId("B-2"))),
    ),
    "no sleeve": (R.UNKNOWN_ACCOUNT, lambda: (a_core(), an_intent(sleeve_id=OTHER_SLEEVE))),
    "not armed": (R.REAL_NOT_ARMED, lambda: (a_core(mode=Mode.REAL), an_intent())),
    "IOC in an auction": (
        R.PHASE_REFUSES_TYPE,
        lambda: (
            a_core(phase=Phase.CLOSING_AUCTION),
            an_intent(price=10_000, time_in_force=TimeInForce.IOC),
        ),
    ),
    "never told of": (
        R.NO_INSTRUMENT_STATE,
        lambda: (a_core(a_price(symbol=NAVER)), an_intent(symbol=NAVER)),
    ),
    "rules of another day": (
        R.NO_INSTRUMENT_STATE,
        lambda: (a_core(SessionStarted(DAY_2, NOON)), an_intent()),
    ),
    "warned": (
        R.INSTRUMENT_BLOCKED,
        lambda: (a_core(rules(states=(InstrumentState.WARNING,))), an_intent()),
    ),
    "waits in a VI": (
        R.INSTRUMENT_BLOCKED,
        lambda: (a_core(rules(states=(InstrumentState.VI,))), an_intent()),
    ),
    "between ticks": (R.OFF_TICK, lambda: (a_core(), an_intent(price=10_003))),
    "above the band": (
        R.OUTSIDE_BAND,
        lambda: (a_core(limits=OPEN_COLLAR), an_intent(price=13_010)),
    ),
    "below the band": (R.OUTSIDE_BAND, lambda: (a_core(), an_intent(price=6_990))),
    "beyond the collar": (R.OUTSIDE_COLLAR, lambda: (a_core(), an_intent(price=11_010))),
    "no price of adjusted data": (
        R.OUTSIDE_COLLAR,
        lambda: (a_core(rules(base_price=None)), an_intent(price=0)),
    ),
    "never traded": (
        R.NO_PRICE,
        lambda: (a_core(rules(NAVER)), an_intent(symbol=NAVER)),
    ),
    "a bound on no price": (
        R.NO_PRICE,
        lambda: (a_core(rules(NAVER)), an_intent(symbol=NAVER, within=10_000)),
    ),
    "an old price": (R.STALE_PRICE, lambda: (a_core(), an_intent(at=NOON + MINUTE + 1))),
    "no shares": (R.QTY_NOT_POSITIVE, lambda: (a_core(), an_intent(size=0))),
    "above the cap": (
        R.QTY_ABOVE_EXCHANGE_CAP,
        lambda: (a_core(rules(listed_shares=1_000)), an_intent(size=51)),
    ),
    "too much at once": (
        R.VALUE_ABOVE_LIMIT,
        lambda: (a_core(limits=Limits(max_order_value=129_999)), an_intent()),
    ),
    "a won short": (R.NOT_ENOUGH_CASH, lambda: (a_core(cash=129_999), an_intent())),
    "the spare is not spent": (
        R.NOT_ENOUGH_CASH,
        lambda: (a_core(cash=130_000, cash_spare=1), an_intent()),
    ),
    "one position too many": (R.TOO_MANY_POSITIONS, _one_too_many),
    "one open buy too many": (
        R.TOO_MANY_POSITIONS,
        lambda: _buy_before(Limits(max_positions=1)),
    ),
    "too heavy": (
        R.POSITION_TOO_HEAVY,
        lambda: (a_core(limits=Limits(max_position_weight=9_999)), an_intent()),
    ),
    "too heavy with the open buy": (
        R.POSITION_TOO_HEAVY,
        lambda: _buy_before(Limits(max_position_weight=19_999), Symbol("005930")),
    ),
    "lost enough today": (R.DAILY_LOSS, _at_a_loss),
    "second within a second": (
        R.ORDER_RATE,
        lambda: _buy_before(Limits(max_orders_per_sec=1)),
    ),
    "no orders allowed": (
        R.ORDER_RATE,
        lambda: (a_core(limits=Limits(max_orders_per_sec=0)), an_intent()),
    ),
    "second of the day": (
        R.TOO_MANY_ORDERS_TODAY,
        lambda: _buy_before(Limits(max_orders_per_day=1), HYNIX, LATER),
    ),
    "the same again": (
        R.REPEATED_ORDER,
        lambda: _buy_before(Limits(max_repeats=1), Symbol("005930")),
    ),
    "against my own sell": (R.SELF_TRADE, _against_own_sell),
    "limit against another sleeve's": (R.SELF_TRADE, _limit_against_own_sell),
    "one in doubt": (R.ORDER_IN_DOUBT, _in_doubt),
    "replace of none": (
        R.ORDER_NOT_WORKING,
        lambda: (a_core(), ReplaceIntent(ClOrdId(9), 9_900, 10, NOON)),
    ),
    "replace by the same": (R.NOTHING_TO_CHANGE, _nothing_new),
}

# What is never bypassed: each refuses a sale of a stop and of the kill switch alike.
SALES: dict[str, tuple[Reason, Callable[[Purpose], Scene]]] = {
    "not armed": (
        R.REAL_NOT_ARMED,
        lambda why: (holding(mode=Mode.REAL), sale(why)),
    ),
    "IOC in an auction": (
        R.PHASE_REFUSES_TYPE,
        lambda why: (holding(phase=Phase.CLOSING_AUCTION), sale(why, life=TimeInForce.IOC)),
    ),
    "halted instrument": (
        R.INSTRUMENT_BLOCKED,
        lambda why: (holding(rules(states=(InstrumentState.HALTED,))), sale(why)),
    ),
    "between ticks": (R.OFF_TICK, lambda why: (holding(), sale(why, price=10_003))),
    "outside the band": (R.OUTSIDE_BAND, lambda why: (holding(), sale(why, price=13_010))),
    "no shares": (R.QTY_NOT_POSITIVE, lambda why: (holding(), sale(why, 0))),
    "above the cap": (
        R.QTY_ABOVE_EXCHANGE_CAP,
        lambda why: (holding(rules(listed_shares=1_000)), sale(why, 51)),
    ),
    "more than is held": (R.NOT_ENOUGH_SELLABLE, lambda why: (holding(), sale(why, 101))),
    "a bound on no price": (
        R.NO_PRICE,
        lambda why: (_unpriced(), sale(why, within=10_000)),
    ),
    "against my own buy": (
        R.SELF_TRADE,
        lambda why: (holding(an_intent(intent_id="buy", at=LATER)), sale(why)),
    ),
}


REDUCTIONS: dict[str, tuple[Reason, Callable[[], Scene]]] = {
    "trading halted": (
        R.TRADING_HALTED,
        lambda: (holding(state=TradingState.HALTED), sale(Purpose.REDUCE)),
    ),
    "beyond the collar": (
        R.OUTSIDE_COLLAR,
        lambda: (holding(), sale(Purpose.REDUCE, price=8_990)),
    ),
    "the same again": (
        R.REPEATED_ORDER,
        lambda: (
            holding(sale(Purpose.REDUCE, intent_id="first"), limits=Limits(max_repeats=1)),
            sale(Purpose.REDUCE),
        ),
    ),
}


def sale(
    purpose: Purpose,
    size: int = 10,
    *,
    price: int | None = None,
    within: int | None = None,
    life: TimeInForce = TimeInForce.DAY,
    intent_id: str = "sale",
    sleeve_id: SleeveId = SLEEVE,
    cause: Cause = Cause.SIGNAL,
) -> Event:
    return an_intent(
        Side.SELL,
        size,
        price=price if life is TimeInForce.DAY else 10_000,
        within=within,
        time_in_force=life,
        purpose=purpose,
        intent_id=intent_id,
        sleeve_id=sleeve_id,
        at=LATER,
        cause=cause,
    )


def _unpriced() -> TradingCore:
    """Return a core after a restart: the book is there, no price has been seen."""
    core = TradingCore(holding()._desk.config, holding().state)
    core.observe(rules())
    core.market.phase = Phase.CONTINUOUS
    return core


def reasons(scene: Scene) -> set[Reason]:
    core, event = scene
    actions = core.handle(event)
    assert not any(isinstance(action, SubmitOrder) for action in actions)
    refused = [action for action in actions if isinstance(action, IntentRefused)]
    return {refusal.reason for action in refused for refusal in action.refusals}


def reasons_or_none(core: TradingCore, event: Event) -> set[Reason]:
    (action,) = core.handle(event)
    if isinstance(action, IntentRefused):
        return {refusal.reason for refusal in action.refusals}
    assert isinstance(action, SubmitOrder)
    return set()


@pytest.mark.parametrize(("reason", "scene"), BUYS.values(), ids=BUYS)
def test_buy_when_one_thing_is_wrong_is_refused_for_just_that(
    reason: Reason, scene: Callable[[], Scene]
) -> None:
    assert reasons(scene()) == {reason}


@pytest.mark.parametrize("why", [Purpose.REDUCE, Purpose.LIQUIDATE])
@pytest.mark.parametrize(("reason", "scene"), SALES.values(), ids=SALES)
def test_sale_when_the_exchange_or_the_holding_forbids_is_refused_whatever_its_purpose(
    reason: Reason, scene: Callable[[Purpose], Scene], why: Purpose
) -> None:
    assert reasons(scene(why)) == {reason}


@pytest.mark.parametrize(("reason", "scene"), REDUCTIONS.values(), ids=REDUCTIONS)
def test_reduction_when_its_own_checks_fail_is_refused(
    reason: Reason, scene: Callable[[], Scene]
) -> None:
    assert reasons(scene()) == {reason}


def test_reasons_are_all_reachable() -> None:
    reached = {reason for reason, _ in [*BUYS.values(), *REDUCTIONS.values()]}
    reached |= {reason for reason, _ in SALES.values()}
    # A wish that waited too long never reaches the gate (test_orders.py).
    assert reached == set(Reason) - {R.INTENT_EXPIRED, R.COOLING_DOWN} - set(RULES)


HARD_TIMES: dict[str, Callable[[], TradingCore]] = {
    "kill switch": lambda: holding(KILL),
    "reducing": lambda: holding(state=TradingState.REDUCING),
    "sleeve halted": lambda: holding(
        an_intent(size=1, intent_id="over", at=LATER),
        a_fill(2, exec_id="over", cl_ord_id=2, at=LATER),
    ),
    "stale price": lambda: holding(a_price(symbol=HYNIX, at=LATER + 2 * MINUTE)),
    "daily loss": lambda: holding(a_price(9_000, at=LATER), limits=Limits(max_daily_loss=1)),
    "orders of the day": lambda: holding(limits=Limits(max_orders_per_day=1)),
    "value": lambda: holding(limits=Limits(max_order_value=1_300_000)),
}


@pytest.mark.parametrize("purpose", [Purpose.REDUCE, Purpose.LIQUIDATE])
@pytest.mark.parametrize("hard_time", HARD_TIMES.values(), ids=HARD_TIMES)
def test_exit_when_new_risk_is_refused_passes(
    hard_time: Callable[[], TradingCore], purpose: Purpose
) -> None:
    assert reasons((hard_time(), an_intent(size=101, intent_id="new", at=LATER)))
    (action,) = hard_time().handle(sale(purpose, 100))
    assert isinstance(action, SubmitOrder)


def test_liquidation_when_trading_is_halted_passes() -> None:
    core = holding(state=TradingState.HALTED)
    actions = core.handle(KillSet(KillLevel.LIQUIDATE, "drill", LATER))
    assert [type(action) for action in actions] == [KillChanged, SubmitOrder]


def test_sale_when_a_strategy_calls_it_a_liquidation_passes_no_more_than_an_exit() -> None:
    core = holding(state=TradingState.HALTED)
    assert reasons((core, sale(Purpose.LIQUIDATE))) == {R.TRADING_HALTED}


def _replaced_buy() -> tuple[TradingCore, Event]:
    """Return a buy at 9,900 that is being raised to 10,000, and a sale at 10,000."""
    core = holding(an_intent(price=9_900, intent_id="buy", at=LATER), a_report(cl_ord_id=2))
    feed(core, ReplaceIntent(ClOrdId(2), 10_000, 10, LATER))
    return core, sale(Purpose.REDUCE, price=10_000)


def _replaced_sale() -> tuple[TradingCore, Event]:
    """Return a sale at 10,100 that is being lowered to 10,000, and a buy at 10,000."""
    core = holding(sale(Purpose.REDUCE, price=10_100, intent_id="s"), a_report(cl_ord_id=2))
    feed(core, ReplaceIntent(ClOrdId(2), 10_000, 10, LATER))
    return core, an_intent(price=10_000, at=LATER)


@pytest.mark.parametrize("scene", [_replaced_buy, _replaced_sale])
def test_order_when_it_could_meet_the_new_price_of_my_other_is_refused(
    scene: Callable[[], Scene],
) -> None:
    assert reasons(scene()) == {R.SELF_TRADE}


def test_exit_when_another_sale_is_in_doubt_sells_the_rest_and_no_more() -> None:
    lost = a_report(ExecType.OUTCOME_UNKNOWN, cl_ord_id=2)
    core = holding(sale(Purpose.REDUCE, intent_id="lost"), lost)
    assert reasons((core, sale(Purpose.REDUCE, 91, intent_id="more"))) == {R.NOT_ENOUGH_SELLABLE}
    assert reasons_or_none(core, sale(Purpose.REDUCE, 90)) == set()


@pytest.mark.parametrize("price", [None, 9_900])
def test_exit_when_it_could_meet_a_buy_in_doubt_passes(price: int | None) -> None:
    buy = an_intent(price=10_000, intent_id="buy", at=LATER)
    core = holding(buy, a_report(ExecType.OUTCOME_UNKNOWN, cl_ord_id=2))
    assert reasons_or_none(core, sale(Purpose.REDUCE, price=price)) == set()


def test_buy_when_it_could_meet_a_sale_in_doubt_is_refused() -> None:
    lost = a_report(ExecType.OUTCOME_UNKNOWN, cl_ord_id=2)
    core = holding(sale(Purpose.REDUCE, price=10_000, intent_id="lost"), lost)
    assert R.SELF_TRADE in reasons((core, an_intent(price=10_000, at=LATER)))


def test_order_when_the_other_side_is_in_doubt_passes() -> None:
    buy = an_intent(price=9_900, intent_id="buy", at=LATER)
    core = holding(buy, a_report(ExecType.OUTCOME_UNKNOWN, cl_ord_id=2))
    assert reasons_or_none(core, sale(Purpose.REDUCE, price=10_000)) == set()


def test_order_when_another_account_is_in_doubt_passes() -> None:
    other, schedule = AccountId("B-2"), a_core()._desk.config.schedules[ACCOUNT]
    core = TradingCore(CoreConfig(Mode.SIM, {ACCOUNT: schedule, other: schedule}))
    feed(core, *opening(), SleeveOpened(other, SLEEVE, 10_000_000, Limits(), NOON))
    feed(core, an_intent(), a_report(ExecType.OUTCOME_UNKNOWN))
    wish = an_intent(intent_id="other", account_id=other)
    assert reasons_or_none(core, wish) == set()


def test_buy_when_an_auction_collects_orders_needs_no_price_of_this_minute() -> None:
    core = a_core(phase=Phase.PRE_OPEN_AUCTION)
    assert reasons_or_none(core, an_intent(at=NOON + 2 * MINUTE)) == set()


def test_core_when_new_starts_halted() -> None:
    assert TradingCore(a_core()._desk.config).state.trading_state is TradingState.HALTED


@pytest.mark.parametrize("purpose", [Purpose.REDUCE, Purpose.LIQUIDATE])
def test_buy_when_it_calls_itself_an_exit_is_still_new_risk(purpose: Purpose) -> None:
    wish = an_intent(size=1_000, purpose=purpose)
    assert reasons((a_core(KILL), wish)) == {R.KILLED, R.NOT_ENOUGH_CASH}


def test_order_when_much_is_wrong_is_refused_with_every_reason() -> None:
    core = a_core(KILL, state=TradingState.HALTED, cash=1)
    found = reasons((core, an_intent(size=0, price=13_003, at=NOON + 2 * MINUTE)))
    assert found == {
        R.KILLED,
        R.TRADING_HALTED,
        R.OFF_TICK,
        R.OUTSIDE_BAND,
        R.OUTSIDE_COLLAR,
        R.QTY_NOT_POSITIVE,
        R.STALE_PRICE,
    }


def test_refusal_when_read_names_the_numbers() -> None:
    core = a_core(cash=129_999)
    (refused,) = core.handle(an_intent())
    assert isinstance(refused, IntentRefused)
    text = refused.refusals[0].text
    assert "130,000원이 필요한데" in text.ko
    assert "129,999 won can be ordered" in text.en


@pytest.mark.parametrize(
    ("states", "cause", "passes"),
    [
        ((InstrumentState.DELISTING,), Cause.SIGNAL, False),
        ((InstrumentState.DELISTING,), Cause.PERSON, True),
        ((InstrumentState.DELISTING, InstrumentState.HALTED), Cause.PERSON, False),
        ((InstrumentState.WARNING,), Cause.SIGNAL, True),
        ((InstrumentState.LIMIT_LOCKED,), Cause.SIGNAL, True),
        ((InstrumentState.UNKNOWN,), Cause.SIGNAL, False),
    ],
)
def test_sale_when_the_instrument_has_states_obeys_the_strictest(
    states: tuple[InstrumentState, ...], cause: Cause, *, passes: bool
) -> None:
    core = holding(rules(states=states))
    (action,) = core.handle(sale(Purpose.REDUCE, cause=cause))
    assert isinstance(action, SubmitOrder) is passes


def test_sale_when_only_a_person_may_is_not_let_through_by_the_manual_sleeve_alone() -> None:
    core = holding(rules(states=(InstrumentState.DELISTING,)), sleeve_id=MANUAL_SLEEVE)
    assert reasons((core, sale(Purpose.REDUCE, sleeve_id=MANUAL_SLEEVE))) == {R.INSTRUMENT_BLOCKED}


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("constructor", "module"),
    [("Approved", "maemae.core.gate"), ("SubmitOrder", "maemae.core.orders")],
)
def test_source_when_an_order_is_approved_or_sent_does_so_in_one_place(
    constructor: str, module: str
) -> None:
    makers = {
        dotted(path)
        for path in modules()
        for name in called(path)
        if name.rpartition(".")[2] == constructor
    }
    assert makers == {module}
