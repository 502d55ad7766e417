"""
One simulated trading day as fast as the machine goes, journaled, and resumed after a crash.

The simulated house lives in this process and dies with it, so a restart runs the same day
from its beginning: what is in the journal is repeated, and the rest is decided.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, time

import msgspec

from maemae.core.actions import FillBooked
from maemae.core.config import CoreConfig
from maemae.core.events import Event, SleeveOpened, TradingStateSet
from maemae.core.limits import Limits
from maemae.core.machine import TradingCore
from maemae.core.market import MarketView
from maemae.core.state import CoreState, book_hash
from maemae.domain.errors import MissingDataError
from maemae.domain.ids import AccountId, SleeveId, Symbol
from maemae.domain.instant import kst_nanos
from maemae.domain.refusal import Reason
from maemae.domain.terms import Mode, PriceBasis, TradingState
from maemae.domain.text import Text
from maemae.krx.costs import KIWOOM_REAL, CostSchedule
from maemae.krx.instrument import Instrument
from maemae.simulation.book import SleeveBook
from maemae.simulation.calendar_axis import CalendarAxis
from maemae.simulation.recorder import Recorder
from maemae.simulation.simulation import Simulation
from maemae.storage.fingerprint import build_fingerprint
from maemae.storage.records import Header, encode
from maemae.strategy.author import Strategy
from maemae.strategy.host import StrategyHost
from maemae.strategy.panel import FIELDS, Panel
from maemae.trading.simulated_day.agreement import differences
from maemae.trading.simulated_day.journaled_host import JournaledHost
from maemae.trading.simulated_day.timeline import RunJournal, Timeline
from maemae.venue.assumptions import RELAXED_ADJUSTED, STRICT_KRX, Assumptions
from maemae.venue.house import House

ACCOUNT = AccountId("SIM")


class StrategyPlan(msgspec.Struct, frozen=True):
    """A strategy with its sleeve: cash [won] and limits."""

    sleeve_id: SleeveId
    strategy: Strategy
    cash: int
    limits: Limits = Limits()


class DayPlan(msgspec.Struct, frozen=True):
    """
    What a trading day is run with.

    Attributes:
        panel: Bars of the day, the last session in it, and of earlier ones: they warm the
            indicators up and give the day's base prices.
        seats: Strategies, run in this order at each time.
        instruments: Master data; what is missing counts as a KOSPI stock.
        schedule: What the broker charges.
    """

    panel: Panel
    seats: Sequence[StrategyPlan]
    instruments: Mapping[Symbol, Instrument] = {}
    schedule: CostSchedule = KIWOOM_REAL

    @property
    def assumptions(self) -> Assumptions:
        """How the market behaves where bars do not tell, by the price basis."""
        return STRICT_KRX if self.panel.basis is PriceBasis.RAW else RELAXED_ADJUSTED

    def header(self, run_id: str, started: int) -> Header:
        """
        Return the header of the day's journal; strategies may change and are not in it.

        Args:
            run_id: Name of the run, for people.
            started: The wall clock's time [ns, UTC].
        """
        panel = self.panel
        market = hashlib.sha256(encode((panel.symbols, panel.basis, self.instruments)))
        for values in (panel.opened, panel.known, *(getattr(panel, name) for name in FIELDS)):
            market.update(values.tobytes())
        sleeves = [(seat.sleeve_id, seat.cash, seat.limits) for seat in self.seats]
        config = hashlib.sha256(encode((ACCOUNT, sleeves, self.schedule, repr(self.assumptions))))
        return Header(run_id, market.hexdigest(), config.hexdigest(), build_fingerprint(), started)


class DayResult(msgspec.Struct, frozen=True):
    """
    What came of a trading day.

    Attributes:
        order_hash: Equal for days with equal orders.
        book_hash: Equal for days with equal final books.
        orders: Orders sent.
        fills: Every booking.
        refusals: Refusals by reason.
        repeated: Records that an earlier, interrupted run of the day had left.
        differences: Where our book and the broker's disagree; empty if they agree.
    """

    order_hash: str
    book_hash: str
    orders: int
    fills: Sequence[FillBooked]
    refusals: Counter[Reason]
    repeated: int
    differences: tuple[Text, ...]


class TradingDay:
    """
    A simulated trading day that can be killed at any moment and started again.

    Args:
        plan: Market, strategies, cash and costs.
        journal: Begun with the plan's header; what it holds already is repeated.
        house: Simulated broker without accounts; a new one unless given.

    Attributes:
        plan: As given.
        house: The simulated broker.
        hosts: The strategies' hosts, as a watchdog needs them.
        index: Index of the bar that was visited last; -1 before the first.

    Raises:
        MissingDataError: The panel does not hold the day and, on raw prices, one before it.
        StrategyError: A strategy declares what cannot be.
        JournalCorruptError: The journal tells of another day.
    """

    def __init__(self, plan: DayPlan, journal: RunJournal, house: House | None = None) -> None:
        self.plan = plan
        self.index = -1
        self._first = _first_of_day(plan.panel)
        core = TradingCore(CoreConfig(Mode.SIM, {ACCOUNT: plan.schedule}))
        self._timeline = Timeline(core, journal)
        self._recorder = Recorder(self._timeline)
        self.house = House(plan.schedule, plan.assumptions) if house is None else house
        self.house.open_account(ACCOUNT, sum(seat.cash for seat in plan.seats))
        for event in _opening(plan, self.session_date):
            self._recorder.record(event, self._timeline.handle(event))
        books = [
            SleeveBook(core.state.get_sleeve(ACCOUNT, seat.sleeve_id), core.market)
            for seat in plan.seats
        ]
        self.hosts = [
            StrategyHost(seat.strategy, plan.panel, ACCOUNT, seat.sleeve_id, book)
            for seat, book in zip(plan.seats, books, strict=True)
        ]
        journaled = [
            JournaledHost(host, plan.panel, self._first, self._timeline) for host in self.hosts
        ]
        self._simulation = Simulation(
            plan.panel, plan.instruments, self._timeline, self.house, journaled, self._recorder
        )
        for book in books:
            book.mark = self._simulation.mark

    @property
    def session_date(self) -> date:
        """The trading day."""
        return self.plan.panel.dates[self._first]

    @property
    def state(self) -> CoreState:
        """The book; read it only."""
        return self._timeline.state

    @property
    def market(self) -> MarketView:
        """What the core has seen of the market; read it only."""
        return self._timeline.market

    @property
    def is_live(self) -> bool:
        """Whether everything an earlier run had left in the journal has been repeated."""
        return self._timeline.is_live

    def run(self, watch: Callable[[TradingDay], None] | None = None) -> DayResult:
        """
        Run the day to its end.

        Args:
            watch: Called after every bar of the day, once what it brought is durable.

        Raises:
            CommitUnknownError: The store failed; open the journal anew and run the day again.
            JournalCorruptError: The journal tells of another day.
            StrategyError: A strategy's own code failed.
        """

        def after_bar(index: int) -> None:
            self.index = index
            self._recorder.commit()
            if watch is not None:
                watch(self)

        self._simulation.run(watch=after_bar)
        self._timeline.require_live()
        self._recorder.commit()
        return self.result()

    def result(self) -> DayResult:
        """Return what came of the day so far."""
        recorder = self._recorder
        return DayResult(
            order_hash=recorder.order_hash,
            book_hash=book_hash(self.state),
            orders=recorder.orders,
            fills=recorder.fills,
            refusals=recorder.refusals,
            repeated=self._timeline.repeated,
            differences=differences(self.state, self.house.account(ACCOUNT)),
        )


def _first_of_day(panel: Panel) -> int:
    """Return the index of the last session's first bar."""
    starts = CalendarAxis(panel).starts
    needed = 2 if panel.basis is PriceBasis.RAW else 1
    if len(starts) < needed:
        raise MissingDataError(
            f"거래일 {len(starts)}일치 봉뿐입니다. 당일과 기준가를 정할 전일까지 {needed}일이 "
            "필요합니다.",
            f"There are bars of {len(starts)} session(s). The day and, for its base prices, the "
            f"one before are needed: {needed}.",
        )
    return starts[-1]


def _opening(plan: DayPlan, day: date) -> list[Event]:
    """Return the commands that open the sleeves and then trading, at midnight."""
    begin = kst_nanos(day, time())
    events: list[Event] = [
        SleeveOpened(ACCOUNT, seat.sleeve_id, seat.cash, seat.limits, begin) for seat in plan.seats
    ]
    return [*events, TradingStateSet(TradingState.ACTIVE, "simulated day", begin)]
