"""Ready-made values: every argument is optional, so that a test names only what it is about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time

from maemae.core.actions import Action
from maemae.core.config import CashRule, CoreConfig
from maemae.core.events import (
    Event,
    InstrumentUpdated,
    PhaseChanged,
    PriceUpdated,
    SessionStarted,
    SleeveOpened,
    TradingStateSet,
)
from maemae.core.limits import Limits
from maemae.core.machine import TradingCore
from maemae.core.state import Sleeve
from maemae.domain.execution import ExecutionReport
from maemae.domain.exit_terms import ExitTerms
from maemae.domain.ids import AccountId, ClOrdId, ExecId, IntentId, OrderId, SleeveId, Symbol
from maemae.domain.instant import kst_nanos
from maemae.domain.intent import OrderIntent, Shares, Size, TargetWeights
from maemae.domain.order import Order
from maemae.domain.order_status import ExecType
from maemae.domain.terms import (
    Cause,
    Market,
    Mode,
    OrdType,
    Product,
    Purpose,
    Side,
    TimeInForce,
    TradingState,
)
from maemae.krx.band import PriceBand
from maemae.krx.costs import CostSchedule, Rounding
from maemae.krx.instrument import Instrument
from maemae.krx.session import Phase
from maemae.krx.status import InstrumentState

ACCOUNT = AccountId("A-1")
SLEEVE = SleeveId("golden_cross")
OTHER_SLEEVE = SleeveId("momentum")
SAMSUNG = Symbol("005930")
HYNIX = Symbol("000660")
DAY_1 = date(2024, 3, 4)
DAY_2 = date(2024, 3, 5)
DAY_3 = date(2024, 3, 6)
DAY_4 = date(2024, 3, 7)
NOON = kst_nanos(DAY_1, time(12))
CASH = 10_000_000
FREE = CostSchedule("무료", 0, 100_000, cut=1)
CHARGED = CostSchedule("시험", 15, 100_000, cut=10, rounding=Rounding.PER_ORDER)


def an_order(
    order_qty: int = 100,
    price: int | None = 10_000,
    side: Side = Side.BUY,
    *,
    cl_ord_id: int = 1,
    symbol: Symbol = SAMSUNG,
    time_in_force: TimeInForce = TimeInForce.DAY,
    charge_ppm: int = 0,
) -> Order:
    """Return an order that was sent and of which nothing has been heard."""
    return Order(
        ClOrdId(cl_ord_id),
        ACCOUNT,
        SLEEVE,
        symbol,
        side,
        OrdType.MARKET if price is None else OrdType.LIMIT,
        time_in_force,
        price,
        order_qty,
        Purpose.NEW,
        IntentId(f"intent-{cl_ord_id}"),
        NOON,
        reserve_px=0 if side is Side.SELL else (price or 13_000),
        charge_ppm=charge_ppm,
    )


def a_report(
    exec_type: ExecType = ExecType.NEW,
    qty: int = 0,
    px: int = 10_000,
    *,
    cl_ord_id: int = 1,
    exec_id: str | None = None,
    at: int = NOON,
    order_id: str | None = "0000001",
    price: int | None = None,
    order_qty: int | None = None,
    request_id: int | None = None,
    ref: str | None = None,
) -> ExecutionReport:
    """Return a report; its number follows from what it says, as an adapter would make it."""
    return ExecutionReport(
        ClOrdId(cl_ord_id),
        ExecId(exec_id or f"{cl_ord_id}-{exec_type}-{qty}-{request_id}-{ref}-{at}"),
        exec_type,
        at,
        None if order_id is None else OrderId(order_id),
        last_qty=qty,
        last_px=px if qty else 0,
        price=price,
        order_qty=order_qty,
        request_id=None if request_id is None else ClOrdId(request_id),
        exec_ref_id=None if ref is None else ExecId(ref),
    )


def a_fill(
    qty: int, px: int = 10_000, exec_id: str = "F1", cl_ord_id: int = 1, at: int = NOON
) -> ExecutionReport:
    """Return a report of shares that changed hands."""
    return a_report(ExecType.TRADE, qty, px, exec_id=exec_id, cl_ord_id=cl_ord_id, at=at)


def an_intent(
    side: Side = Side.BUY,
    size: Size | int = 10,
    *,
    intent_id: str = "wish-1",
    symbol: Symbol = SAMSUNG,
    price: int | None = None,
    within: int | None = None,
    stop_loss: int | None = None,
    take_profit: int | None = None,
    sleeve_id: SleeveId = SLEEVE,
    account_id: AccountId = ACCOUNT,
    time_in_force: TimeInForce = TimeInForce.DAY,
    purpose: Purpose = Purpose.NEW,
    cause: Cause = Cause.SIGNAL,
    at: int = NOON,
    exits: ExitTerms | None = None,
) -> OrderIntent:
    """Return a wish for a market order over 10 shares."""
    return OrderIntent(
        IntentId(intent_id),
        account_id,
        sleeve_id,
        symbol,
        side,
        Shares(size) if isinstance(size, int) else size,
        at,
        price=price,
        within=within,
        stop_loss=stop_loss,
        take_profit=take_profit,
        time_in_force=time_in_force,
        purpose=purpose,
        cause=cause,
        exits=exits,
    )


def target_weights(
    weights: Mapping[Symbol, int],
    *,
    intent_id: str = "weights-1",
    sleeve_id: SleeveId = SLEEVE,
    within: int | None = None,
    band: int = 0,
    at: int = NOON,
) -> TargetWeights:
    """Return a wish to hold these shares of equity [ppm]."""
    return TargetWeights(
        IntentId(intent_id), ACCOUNT, sleeve_id, tuple(weights.items()), at, within, band
    )


def an_instrument(
    symbol: Symbol = SAMSUNG, *, listed_shares: int = 0, market: Market = Market.KOSPI
) -> Instrument:
    """Return a KOSPI stock."""
    return Instrument(symbol, "시험전자", market, Product.STOCK, listed_shares)


def rules(
    symbol: Symbol = SAMSUNG,
    *,
    base_price: int | None = 10_000,
    day: date = DAY_1,
    states: tuple[InstrumentState, ...] = (),
    listed_shares: int = 0,
    at: int = NOON,
) -> InstrumentUpdated:
    """Return a day's rules: ticks and a band of 30 % around the base price."""
    band = None
    if base_price is not None:
        band = PriceBand(base_price * 7 // 10, base_price * 13 // 10)
    instrument = an_instrument(symbol, listed_shares=listed_shares)
    return InstrumentUpdated(instrument, day, base_price, band, at, states)


def a_price(price: int = 10_000, symbol: Symbol = SAMSUNG, at: int = NOON) -> PriceUpdated:
    """Return a trade seen at the exchange."""
    return PriceUpdated(symbol, price, at)


def open_sleeve(
    sleeve_id: SleeveId = SLEEVE, *, cash: int = CASH, limits: Limits | None = None, at: int = NOON
) -> SleeveOpened:
    """Return the allotment of a sleeve."""
    return SleeveOpened(ACCOUNT, sleeve_id, cash, Limits() if limits is None else limits, at)


def opening(
    *,
    cash: int = CASH,
    limits: Limits | None = None,
    sleeves: tuple[SleeveId, ...] = (SLEEVE,),
    symbols: tuple[Symbol, ...] = (SAMSUNG, HYNIX),
    state: TradingState = TradingState.ACTIVE,
    phase: Phase = Phase.CONTINUOUS,
    price: int = 10_000,
) -> list[Event]:
    """Return the events after which a core trades on DAY_1 at noon."""
    events: list[Event] = [
        open_sleeve(sleeve_id, cash=cash, limits=limits) for sleeve_id in sleeves
    ]
    events += [TradingStateSet(state, "시험", NOON), SessionStarted(DAY_1, NOON)]
    events += [rules(symbol, base_price=price) for symbol in symbols]
    events += [a_price(price, symbol) for symbol in symbols]
    return [*events, PhaseChanged(phase, NOON)]


def a_config(
    *,
    schedule: CostSchedule = FREE,
    mode: Mode = Mode.SIM,
    cash_rule: CashRule = CashRule.SHRINK,
    cash_spare: int = 0,
) -> CoreConfig:
    """Return a simulated executor with one account and no charges."""
    return CoreConfig(mode, {ACCOUNT: schedule}, cash_rule=cash_rule, cash_spare=cash_spare)


def a_core(
    *events: Event,
    schedule: CostSchedule = FREE,
    mode: Mode = Mode.SIM,
    cash_rule: CashRule = CashRule.SHRINK,
    cash_spare: int = 0,
    cash: int = CASH,
    limits: Limits | None = None,
    sleeves: tuple[SleeveId, ...] = (SLEEVE,),
    state: TradingState = TradingState.ACTIVE,
    phase: Phase = Phase.CONTINUOUS,
) -> TradingCore:
    """Return a core that trades on DAY_1 at noon, and has handled these events."""
    core = TradingCore(
        a_config(schedule=schedule, mode=mode, cash_rule=cash_rule, cash_spare=cash_spare)
    )
    feed(core, *opening(cash=cash, limits=limits, sleeves=sleeves, state=state, phase=phase))
    feed(core, *events)
    return core


def feed(core: TradingCore, *events: Event) -> list[Action]:
    """Handle events and return all that followed."""
    return [action for event in events for action in core.handle(event)]


def hold(
    core: TradingCore,
    qty: int = 10,
    px: int = 10_000,
    *,
    symbol: Symbol = SAMSUNG,
    sleeve_id: SleeveId = SLEEVE,
    stop_loss: int | None = None,
    take_profit: int | None = None,
    exits: ExitTerms | None = None,
) -> None:
    """Buy shares at a price and be filled at once."""
    number = core.state.last_cl_ord_id + 1
    at = max(core.now, NOON)
    wish = an_intent(
        size=qty,
        intent_id=f"hold-{number}",
        symbol=symbol,
        sleeve_id=sleeve_id,
        stop_loss=stop_loss,
        take_profit=take_profit,
        at=at,
        exits=exits,
    )
    fill = a_fill(qty, px, f"F{number}", number, at)
    feed(core, wish, a_report(cl_ord_id=number, order_id=f"{number:07d}", at=at), fill)


def sleeve_of(core: TradingCore, sleeve_id: SleeveId = SLEEVE) -> Sleeve:
    """Return a sleeve of the one account."""
    return core.state.get_sleeve(ACCOUNT, sleeve_id)
