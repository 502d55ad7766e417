"""A backtest: the live host, core, checks and costs over the simulated house."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import msgspec

from maemae.analytics.costs import Execution
from maemae.analytics.summary import Activity, Curve, Summary, summarize
from maemae.analytics.trades import RoundTrip, TradeFill, round_trips
from maemae.core.actions import FillBooked
from maemae.core.config import CoreConfig
from maemae.core.events import SleeveOpened, TradingStateSet
from maemae.core.limits import Limits
from maemae.core.machine import TradingCore
from maemae.core.state import CoreState, book_hash
from maemae.domain.errors import InvalidValueError
from maemae.domain.ids import AccountId, SleeveId, Symbol
from maemae.domain.refusal import Reason
from maemae.domain.terms import Mode, PriceBasis, Side, TradingState
from maemae.krx.costs import KIWOOM_REAL, CostSchedule
from maemae.krx.instrument import Instrument
from maemae.research.curve import equity_curve
from maemae.research.executions import executions_of
from maemae.research.trade_events import trade_events
from maemae.simulation.book import SleeveBook
from maemae.simulation.corporate_actions import Change
from maemae.simulation.recorder import Journal, Recorder
from maemae.simulation.simulation import Simulation
from maemae.simulation.tape_walk import MarketTape
from maemae.strategies.call_limit import setup_limit, watchdog
from maemae.strategy.author import Strategy
from maemae.strategy.host import StrategyHost
from maemae.strategy.panel import Panel
from maemae.venue.assumptions import RELAXED_ADJUSTED, STRICT_KRX, STRICT_REPLAY, Assumptions
from maemae.venue.house import House

ACCOUNT = AccountId("BACKTEST")

BACKTEST_LIMITS = Limits(max_position_weight=1_000_000, max_orders_per_sec=5_000)
"""Limits of a run that names none: wide, because a backtest asks what would have happened."""


class BacktestPlan(msgspec.Struct, frozen=True):
    """
    What a backtest is run with.

    Attributes:
        cash: Cash at the start [won].
        instruments: Master data; what is missing counts as a KOSPI stock.
        schedule: What the broker charges.
        assumptions: How the market behaves where bars do not tell; None chooses by the price
            basis: strict KRX rules on raw prices, none about ticks and bands on adjusted ones.
        limits: Risk limits of the strategy's sleeve.
        dense: Visit every bar instead of only those at which something can happen.
        tape: Every trade and quote within the bars; None where only the bars are known.
    """

    cash: int = 10_000_000
    instruments: Mapping[Symbol, Instrument] = {}
    schedule: CostSchedule = KIWOOM_REAL
    assumptions: Assumptions | None = None
    limits: Limits = BACKTEST_LIMITS
    dense: bool = False
    tape: MarketTape | None = None


DEFAULT_PLAN = BacktestPlan()
"""Ten million won, Kiwoom's charges, wide limits."""


class BacktestResult(msgspec.Struct, frozen=True, eq=False):
    """
    What came of a backtest.

    Attributes:
        curve: The book at each session's close.
        trips: Closed trades, in the order they were closed.
        summary: The figures of the run.
        fills: Every booking.
        changes: What corporate actions did to holdings and cash.
        executions: The same fills beside the prices that they met.
        orders: Orders sent.
        refusals: Refusals by reason.
        state: The final book.
        house: The simulated broker, with its own books.
        assumptions: How the market behaved.
        order_hash: Equal for runs with equal orders.
        book_hash: Equal for runs with equal final books.
        turned_away: Buys that were wished of instruments outside of the universe.
    """

    curve: Curve
    trips: Sequence[RoundTrip]
    summary: Summary
    fills: Sequence[FillBooked]
    changes: Sequence[Change]
    executions: Sequence[Execution]
    orders: int
    refusals: Counter[Reason]
    state: CoreState
    house: House
    assumptions: Assumptions
    order_hash: str
    book_hash: str
    turned_away: int = 0


def backtest(
    strategy: Strategy,
    panel: Panel,
    plan: BacktestPlan = DEFAULT_PLAN,
    *,
    journal: Journal | None = None,
    watch: Callable[[int], None] | None = None,
) -> BacktestResult:
    """
    Run a strategy over a panel of bars.

    Args:
        strategy: With its parameters.
        panel: Bars of every instrument that it may trade.
        plan: Cash, costs, assumptions, limits.
        journal: Takes every event and action, if given.
        watch: Called with the index of each visited bar.

    Raises:
        InvalidValueError: The cash is not positive, or the panel is empty.
        StrategyError: The strategy's own code failed, did not come back, or looks ahead.
    """
    stage = set_stage(strategy, panel, plan, journal)
    with watchdog([stage.host]):
        stage.simulation.run(dense=plan.dense, watch=watch)
    return _result(stage)


class Stage(msgspec.Struct, frozen=True, eq=False):
    """Everything of a run, put together and not begun."""

    panel: Panel
    plan: BacktestPlan
    assumptions: Assumptions
    core: TradingCore
    house: House
    host: StrategyHost
    simulation: Simulation
    recorder: Recorder


def set_stage(
    strategy: Strategy, panel: Panel, plan: BacktestPlan, journal: Journal | None = None
) -> Stage:
    """
    Put a run together; `backtest` runs it, and whoever wants to look closer can too.

    Raises:
        InvalidValueError: The cash is not positive, or the panel is empty.
        StrategyError: The strategy's setup failed.
    """
    if plan.cash <= 0:
        raise InvalidValueError(
            f"시작 자금이 {plan.cash:,}원입니다. 1원 이상을 주세요.",
            f"The starting cash is {plan.cash:,} won. Give at least 1 won.",
        )
    if not len(panel):
        raise InvalidValueError(
            "기간 안에 봉이 하나도 없습니다. --from 과 --to 를 확인하세요.",
            "There is no bar in the period. Check --from and --to.",
        )
    assumptions = plan.assumptions or assumptions_for(panel.basis, plan.tape)
    sleeve_id = SleeveId(type(strategy).__name__)
    core = _open_core(panel, plan, sleeve_id)
    house = House(plan.schedule, assumptions)
    house.open_account(ACCOUNT, plan.cash)
    recorder = Recorder(journal, core.market.prices)
    book = SleeveBook(core.state.get_sleeve(ACCOUNT, sleeve_id), core.market)
    with setup_limit():
        host = StrategyHost(strategy, panel, ACCOUNT, sleeve_id, book)
    simulation = Simulation(panel, plan.instruments, core, house, [host], recorder, plan.tape)
    book.mark = simulation.mark
    return Stage(panel, plan, assumptions, core, house, host, simulation, recorder)


def assumptions_for(basis: PriceBasis, tape: MarketTape | None) -> Assumptions:
    """Return what is assumed of the market where a plan names nothing."""
    if basis is PriceBasis.ADJUSTED:
        return RELAXED_ADJUSTED
    return STRICT_KRX if tape is None else STRICT_REPLAY


def _open_core(panel: Panel, plan: BacktestPlan, sleeve_id: SleeveId) -> TradingCore:
    core = TradingCore(CoreConfig(Mode.SIM, {ACCOUNT: plan.schedule}))
    begin = int(panel.opened[0]) - 1
    core.handle(SleeveOpened(ACCOUNT, sleeve_id, plan.cash, plan.limits, begin))
    core.handle(TradingStateSet(TradingState.ACTIVE, "backtest", begin))
    return core


def _result(stage: Stage) -> BacktestResult:
    panel, plan, recorder = stage.panel, stage.plan, stage.recorder
    fills = recorder.fills
    changes = stage.simulation.actions.changes
    curve = equity_curve(panel, fills, plan.cash, changes)
    trips = round_trips(trade_events(_trade_fills(recorder), changes))
    activity = Activity(
        orders=recorder.orders,
        fills=len(fills),
        traded=sum([abs(fill.qty) * fill.px for fill in fills]),
        commission=sum([fill.commission for fill in fills]),
        tax=sum([fill.tax for fill in fills]),
    )
    return BacktestResult(
        curve=curve,
        trips=trips,
        summary=summarize(curve, activity, trips),
        fills=fills,
        changes=changes,
        executions=executions_of(panel, fills, recorder.seen),
        orders=recorder.orders,
        refusals=recorder.refusals,
        state=stage.core.state,
        house=stage.house,
        assumptions=stage.assumptions,
        order_hash=recorder.order_hash,
        book_hash=book_hash(stage.core.state),
        turned_away=0 if stage.host.universe is None else stage.host.universe.turned_away,
    )


def _trade_fills(recorder: Recorder) -> list[TradeFill]:
    buy, sell, reasons = Side.BUY, Side.SELL, recorder.reasons
    return [
        TradeFill(
            fill.sleeve_id,
            fill.symbol,
            fill.cl_ord_id,
            buy if fill.qty > 0 else sell,
            abs(fill.qty),
            fill.px,
            fill.commission,
            fill.tax,
            fill.at,
            reasons.get(fill.cl_ord_id, SIGNAL),
        )
        for fill in recorder.fills
    ]


SIGNAL = "SIGNAL"
"""Reason of an exit that the strategy itself asked for."""
