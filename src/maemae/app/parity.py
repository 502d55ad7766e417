"""A recorded day beside the same strategies over the same day in the backtester."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, time
from heapq import merge
from itertools import takewhile

import msgspec
import numpy as np
from sqlalchemy import select

from maemae.analytics.parity import ParityReport, compare
from maemae.analytics.traded_day import BarSeen, DroppedSeen, Outage, Surroundings, TradedDay
from maemae.app.replays import copied_store
from maemae.app.trade_request import StrategyRequest, core_config
from maemae.catalogue.catalogue import Catalogue
from maemae.core.actions import Action, HoldingAdjusted, ProtectionSet, SleeveAdded, SubmitOrder
from maemae.core.config import CoreConfig
from maemae.core.events import Event, TradingStateSet
from maemae.core.fold import fold
from maemae.core.machine import TradingCore
from maemae.core.state import CoreState, Sleeve
from maemae.domain.errors import MissingDataError
from maemae.domain.ids import AccountId, SleeveId, Symbol
from maemae.domain.instant import kst_nanos
from maemae.domain.intent import Intent
from maemae.domain.terms import Market, Mode, PriceBasis, Product, TradingState
from maemae.domain.text import Text
from maemae.krx.calendar import previous_session
from maemae.krx.instrument import Instrument
from maemae.ports import Entry
from maemae.research.watchdog import watchdog
from maemae.settings import Settings
from maemae.simulation.book import SleeveBook
from maemae.simulation.recorder import Recorder
from maemae.simulation.simulation import Simulation
from maemae.storage.records import decode_state, encode
from maemae.storage.store import SqlStore
from maemae.storage.tables.journal import journal
from maemae.storage.tables.operations import alerts
from maemae.storage.tape import DayTape, Rebuilt, Taped
from maemae.strategies.loading import load_strategy
from maemae.strategy.host import StrategyHost
from maemae.strategy.news import Filled
from maemae.strategy.panel import FIELDS, Ints, Panel
from maemae.trading.day_trace import DayTrace
from maemae.trading.dropped import DroppedLog
from maemae.trading.replay import rebuild
from maemae.trading.row_log import FileRowLog
from maemae.venue.assumptions import RELAXED_ADJUSTED, STRICT_KRX
from maemae.venue.house import House


class ParityRequest(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a recorded day is compared with.

    Attributes:
        mode: Whose executor recorded it.
        day: The session.
        account_id: The account.
        strategies: As the executor was started with them; their cash and limits come from the
            journal.
        dataset: Bars of the day and of the warm-up.
        symbols: What they may trade; None for everything in the dataset.
        database: URL; None for the usual one.
        is_emulated: Whether an emulator played the broker.
    """

    mode: Mode
    day: date
    account_id: AccountId
    strategies: Sequence[StrategyRequest]
    dataset: str
    symbols: tuple[Symbol, ...] | None = None
    database: str | None = None
    is_emulated: bool = False


def compare_day(settings: Settings, request: ParityRequest) -> ParityReport:
    """
    Compare a recorded day with a backtest of it; nothing that is kept is changed.

    The backtest begins with cash, shares, guards and limits of each strategy as they stood
    before its first order of the day.

    Args:
        settings: Where everything is kept.
        request: What to compare.

    Raises:
        MissingDataError: Nothing is recorded of that day, or the dataset lacks its bars.
        JournalCorruptError: Journal or tape are damaged.
        StorageError: They cannot be read.
        StrategyError: A strategy cannot be run.
    """
    catalogue = Catalogue(settings.catalogue)
    # The executor's strategies know the instruments that had a bar before the day.
    warm_up = catalogue.panel(request.dataset, request.symbols, None, previous_session(request.day))
    panel = catalogue.panel(request.dataset, warm_up.symbols, None, request.day)
    first = len(warm_up)
    if len(panel) == first:
        raise MissingDataError(
            f"{request.dataset} 에 {request.day} 의 봉이 없습니다. 데이터를 가져오세요.",
            f"{request.dataset} has no bars of {request.day}. Import them.",
        )
    known = panel.known[first:].tolist()
    live = _live_day(settings, request, known)
    instruments = catalogue.instruments(request.dataset)
    backtested = _Backtest(request, panel, first, live.sleeves, instruments).run()
    around = _surroundings(settings, request, panel, first, live)
    return compare(live.day, backtested, around)


class _Live(msgspec.Struct, frozen=True, eq=False):
    """What is recorded: the day, the sleeves as they began it, and what went wrong."""

    day: TradedDay
    sleeves: Mapping[SleeveId, Sleeve]
    outages: Sequence[Outage]
    failures: dict[SleeveId, Text]


def _live_day(settings: Settings, request: ParityRequest, known: Sequence[int]) -> _Live:
    url = request.database or settings.database_url(request.mode)
    with copied_store(url, request.mode) as store:
        tape = DayTape(settings.tapes(request.mode), request.day)
        newest = store.recover().seq
        recorded = takewhile(lambda taped: taped.seq <= newest, tape)
        reading = _Reading(request, _book_before(store, request.day), known)
        sources: tuple[Iterator[Entry | Taped], ...] = (
            iter(store.records(request.day)),
            iter(recorded),
        )
        for record in merge(*sources, key=lambda record: record.seq):
            reading.take(record)
        return reading.finished(_failures(store, [each.sleeve_id for each in request.strategies]))


def _failures(store: SqlStore, sleeves: Sequence[SleeveId]) -> dict[SleeveId, Text]:
    """Return what was alerted last of strategies that failed."""
    query = (
        select(alerts.c.subject, alerts.c.ko, alerts.c.en)
        .where(alerts.c.executor_id == store.executor_id, alerts.c.code == "STRATEGY_FAILED")
        .order_by(alerts.c.last_at)
    )
    with store.database.reading.connect() as connection:
        rows = {row.subject: Text(row.ko, row.en) for row in connection.execute(query)}
    found = {sleeve: rows.get(sleeve) or rows.get("ALL") for sleeve in sleeves}
    return {sleeve: text for sleeve, text in found.items() if text is not None}


def _book_before(store: SqlStore, day: date) -> CoreState:
    """Return the book as the sessions before a day left it."""
    mine = journal.c.executor_id == store.executor_id
    query = select(journal.c.session_date).where(mine).distinct()
    with store.database.reading.connect() as connection:
        days = sorted(connection.execute(query).scalars())
    if day not in days:
        raise MissingDataError(
            f"{day} 은(는) 기록된 날이 아닙니다.", f"Nothing is recorded of {day}."
        )
    book = CoreState()
    for each in days[: days.index(day)]:
        for entry in store.records(each):
            for action in entry.actions:
                fold(book, action)
    return book


class _Reading:
    """Repeats a recorded day, input by input, and notes what was known at each order."""

    def __init__(self, request: ParityRequest, book: CoreState, known: Sequence[int]) -> None:
        self._request = request
        self._config = core_config(
            request.mode, request.account_id, is_emulated=request.is_emulated
        )
        self._core = TradingCore(self._config, book)
        self._trace = DayTrace(known)
        self._began: dict[SleeveId, Sleeve] = {}
        self._outages: list[Outage] = []
        self._trace.begin(self._sleeves().values(), 0)

    def take(self, record: Entry | Taped) -> None:
        """Go on with the next input."""
        if isinstance(record, Entry):
            self._note_begin(record.actions)
            self._core.repeat(record.event, record.actions)
            self._trace.take(record.event, record.actions, self._core)
        elif isinstance(record.event, Rebuilt):
            told = record.event
            if not told.market and self._core.now > 0:
                self._outages.append(Outage(self._core.now, told.at))
            self._core = rebuild(self._config, self._core.state, told)
        else:
            self._core.repeat(record.event, ())
            self._trace.take(record.event, (), self._core)

    def finished(self, failures: dict[SleeveId, Text]) -> _Live:
        """Return what was read."""
        sleeves = {**_copies(self._sleeves()), **self._began}
        return _Live(self._trace.finished(self._core), sleeves, self._outages, failures)

    def _note_begin(self, actions: Sequence[Action]) -> None:
        """Keep a sleeve as it is before its first order."""
        for action in actions:
            if isinstance(action, SubmitOrder):
                sleeve = self._sleeves().get(action.order.sleeve_id)
                if sleeve is not None and sleeve.sleeve_id not in self._began:
                    self._began |= _copies({sleeve.sleeve_id: sleeve})

    def _sleeves(self) -> dict[SleeveId, Sleeve]:
        sleeves = self._core.state.account(self._request.account_id)
        return {sleeve.sleeve_id: sleeve for sleeve in sleeves}


def _copies(sleeves: Mapping[SleeveId, Sleeve]) -> dict[SleeveId, Sleeve]:
    book = CoreState(sleeves={str(name): sleeve for name, sleeve in sleeves.items()})
    return {sleeve.sleeve_id: sleeve for sleeve in decode_state(encode(book)).sleeves.values()}


class _Backtest:
    """
    The day's strategies in the backtester.

    Args:
        request: What to run.
        panel: Bars up to the end of the day.
        first: Index of the day's first bar; the ones before are warm-up.
        sleeves: As they began the day.
        instruments: Master data.
    """

    def __init__(
        self,
        request: ParityRequest,
        panel: Panel,
        first: int,
        sleeves: Mapping[SleeveId, Sleeve],
        instruments: Mapping[Symbol, Instrument],
    ) -> None:
        self._panel = panel
        self._before = panel.dates.index(panel.dates[first - 1])  # where the session before begins
        self._first = first
        self._seats = [
            (asked, sleeves[asked.sleeve_id])
            for asked in request.strategies
            if asked.sleeve_id in sleeves
        ]
        self._instruments = instruments
        self._account_id = request.account_id
        self._begin = kst_nanos(request.day, time())
        schedule = core_config(request.mode, request.account_id).schedules[request.account_id]
        self._core = TradingCore(CoreConfig(Mode.SIM, {request.account_id: schedule}))
        is_raw = panel.basis is PriceBasis.RAW
        self._house = House(schedule, STRICT_KRX if is_raw else RELAXED_ADJUSTED)
        self._trace = DayTrace(panel.known[first:].tolist())

    def append(self, event: Event, actions: Sequence[Action]) -> None:
        """Note what came in and what followed (`maemae.simulation.recorder.Journal`)."""
        self._trace.take(event, actions, self._core)

    def commit(self) -> None:
        """Do nothing: nothing is kept."""

    def run(self) -> TradedDay:
        """Run the day and return it."""
        for _, sleeve in self._seats:
            self._core.restore([_added(sleeve)])
        market = _since(self._panel, self._before)
        books = {
            sleeve.sleeve_id: SleeveBook(
                self._core.state.get_sleeve(self._account_id, sleeve.sleeve_id), self._core.market
            )
            for _, sleeve in self._seats
        }
        hosts = [self._host(asked, books[asked.sleeve_id]) for asked, _ in self._seats]
        offset, count = self._before, len(market)
        seats = [_DayHost(host, offset, self._first, offset + count) for host in hosts]
        opening = _Opening(self._account_id, self._first - offset - 1, self._open)
        simulation = Simulation(
            market,
            self._instruments,
            self._core,
            self._house,
            [opening, *seats],
            Recorder(self),
        )
        for book in books.values():
            book.mark = simulation.mark
        with watchdog(hosts):
            simulation.run(dense=True)
        return self._trace.finished(self._core)

    def _host(self, asked: StrategyRequest, book: SleeveBook) -> StrategyHost:
        strategy = load_strategy(asked.spec)(**asked.values)
        return StrategyHost(strategy, self._panel, self._account_id, asked.sleeve_id, book)

    def _open(self) -> None:
        """Bring in what the day began with, once the session before it is over."""
        sleeves = [sleeve for _, sleeve in self._seats]
        holdings: dict[Symbol, tuple[int, int]] = {}
        for sleeve in sleeves:
            self._core.restore(_brought(sleeve, self._begin))
            for symbol, position in sleeve.positions.items():
                qty, cost = holdings.get(symbol, (0, 0))
                holdings[symbol] = (qty + position.qty, cost + position.cost)
        cash = sum(sleeve.cash for sleeve in sleeves)
        held = [(symbol, qty, cost) for symbol, (qty, cost) in holdings.items()]
        for symbol in holdings:  # the day's rules follow; until then it is only listed
            known = self._instruments.get(symbol)
            instrument = known or Instrument(symbol, symbol, Market.KOSPI, Product.STOCK)
            self._house.set_instrument(instrument, self._panel.dates[self._before], None, None)
        self._house.open_account(self._account_id, cash, held)
        self._core.handle(TradingStateSet(TradingState.ACTIVE, "backtest", self._begin))
        self._trace.begin(sleeves, 0)


def _added(sleeve: Sleeve) -> SleeveAdded:
    return SleeveAdded(sleeve.account_id, sleeve.sleeve_id, sleeve.cash, sleeve.limits)


def _brought(sleeve: Sleeve, at: int) -> Iterator[Action]:
    """Yield the facts that give a sleeve what it held."""
    account_id, sleeve_id = sleeve.account_id, sleeve.sleeve_id
    for symbol, position in sleeve.positions.items():
        yield HoldingAdjusted(account_id, sleeve_id, symbol, position.qty, position.cost, at)
    for symbol, guard in sleeve.protections.items():
        yield ProtectionSet(
            account_id,
            sleeve_id,
            symbol,
            guard.stop_px,
            guard.take_px,
            guard.trail,
            guard.leave_at,
            guard.cooldown,
        )


def _since(panel: Panel, first: int) -> Panel:
    """Return the bars from an index on."""
    fields = {name: getattr(panel, name)[:, first:] for name in FIELDS}
    return Panel(panel.symbols, panel.opened[first:], panel.known[first:], fields, panel.basis)


class _Opening:
    """Stands among the strategies, to open the book after the session before the day."""

    def __init__(self, account_id: AccountId, index: int, do: Callable[[], None]) -> None:
        self.account_id = account_id
        self.sleeve_id = SleeveId("")
        self.wakes: Ints = np.array([index])
        self._do = do

    def run(self, k: int) -> Sequence[Intent]:
        """Open the book."""
        self._do()
        return ()

    def fill(self, fill: Filled) -> Sequence[Intent]:
        """Wish nothing."""
        return ()


class _DayHost:
    """
    A strategy that acts on the day alone, however long its warm-up is.

    Args:
        host: Over all bars.
        offset: Index of the first bar that the simulation has.
        first, end: Indexes of the day.
    """

    def __init__(self, host: StrategyHost, offset: int, first: int, end: int) -> None:
        self.account_id = host.account_id
        self.sleeve_id = host.sleeve_id
        self.wakes: Ints = np.arange(first - offset, end - offset)
        self._host = host
        self._offset = offset

    def run(self, k: int) -> Sequence[Intent]:
        """Return what is wished at a barrier."""
        return self._host.run(k + self._offset)

    def fill(self, fill: Filled) -> Sequence[Intent]:
        """Return what is wished upon a fill."""
        return self._host.fill(fill)


def _surroundings(
    settings: Settings, request: ParityRequest, panel: Panel, first: int, live: _Live
) -> Surroundings:
    """Return what else is recorded of the live day."""
    folder = settings.data_folder(request.mode) / "bars"
    told = FileRowLog(folder).rows(request.day, len(panel.symbols))
    rows = {row.known: row for row in told}
    apart, equal = [], 0
    path: dict[tuple[Symbol, int], tuple[int, int, int, int]] = {}
    for k in range(first, len(panel)):
        known = int(panel.known[k])
        row = rows.get(known)
        for place, symbol in enumerate(panel.symbols):
            there = _bar([getattr(panel, name)[place, k] for name in FIELDS])
            here = None if row is None else _bar([getattr(row, name)[place] for name in FIELDS])
            if there is not None:
                path[symbol, known] = there[:4]
            if here != there:
                apart.append(BarSeen(symbol, known, here, there))
            elif there is not None:
                equal += 1
    dropped = [
        DroppedSeen(each.sleeve_id, each.at, each.heard_at, each.is_paused)
        for each in DroppedLog(folder).rows(request.day)
        if each.account_id == request.account_id
    ]
    return Surroundings(live.outages, dropped, live.failures, apart, equal, path)


def _bar(values: Sequence[int]) -> tuple[int, int, int, int, int] | None:
    """Return a bar; None where nothing traded."""
    opening, high, low, close, volume = map(int, values)
    return (opening, high, low, close, volume) if volume > 0 and opening > 0 else None
