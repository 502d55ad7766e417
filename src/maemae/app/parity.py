"""A recorded day beside the same strategies over the same day in the backtester."""

from __future__ import annotations

from collections.abc import Sequence

from maemae.analytics.parity import ParityReport, compare
from maemae.analytics.traded_day import BarSeen, DroppedSeen, Surroundings
from maemae.app.day_backtest import DayBacktest
from maemae.app.parity_request import ParityRequest
from maemae.app.recorded_trading import RecordedTrading, recorded_trading
from maemae.catalogue.catalogue import Catalogue
from maemae.domain.errors import MissingDataError
from maemae.domain.ids import Symbol
from maemae.krx.calendar import previous_session
from maemae.settings import Settings
from maemae.strategy.panel import FIELDS, Panel
from maemae.trading.dropped import DroppedLog
from maemae.trading.row_log import FileRowLog


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
    live = recorded_trading(settings, request, known)
    instruments = catalogue.instruments(request.dataset)
    backtested = DayBacktest(request, panel, first, live.sleeves, instruments).run()
    around = _surroundings(settings, request, panel, first, live)
    return compare(live.day, backtested, around)


def _surroundings(
    settings: Settings, request: ParityRequest, panel: Panel, first: int, live: RecordedTrading
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
