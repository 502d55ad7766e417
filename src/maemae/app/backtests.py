"""A backtest, put together from what a person asked for."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Final

import msgspec

from maemae.app.assumed import assumed
from maemae.app.datasets import choose_dataset
from maemae.app.journals import forget_journal
from maemae.app.market_tape import open_tape
from maemae.catalogue.catalogue import Catalogue
from maemae.catalogue.manifest import Manifest
from maemae.catalogue.universe import UniverseSpec
from maemae.catalogue.universes import Universes
from maemae.domain.errors import (
    InvalidValueError,
    StorageError,
    StrategyError,
    StrategyRaisedError,
)
from maemae.domain.ids import Symbol
from maemae.domain.text import Language, Text
from maemae.krx.costs import KIS_BANKIS, KIWOOM_PAPER, KIWOOM_REAL, CostSchedule
from maemae.krx.instrument import Instrument
from maemae.research.backtest import BacktestPlan, BacktestResult, assumptions_for, backtest
from maemae.research.benchmark import benchmark_from_file, single_holding
from maemae.research.honesty.remark import Remark, Weight
from maemae.research.report.model import Benchmark, RunReport
from maemae.research.reporting import parameters_of, refusal_counts, run_report
from maemae.simulation.calendar_axis import CalendarAxis
from maemae.simulation.recorder import Journal
from maemae.storage.fingerprint import build_fingerprint
from maemae.storage.journal import SqliteJournal
from maemae.storage.records import Header, encode
from maemae.strategies.loading import load_strategy
from maemae.strategy.author import Strategy
from maemae.strategy.panel import Panel
from maemae.strategy.parameters import values_from_text

FEES: Final[Mapping[str, CostSchedule]] = {
    "kiwoom": KIWOOM_REAL,
    "paper": KIWOOM_PAPER,
    "kis": KIS_BANKIS,
}
"""What brokers charge, by the word of the command line."""


_UNIVERSE: Final = "universe"


class BacktestRequest(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a person asks a backtest for.

    Attributes:
        strategy: A bundled name, `my.py:MyStrategy`, or one that is made already.
        values: Parameters as they were typed.
        dataset: Name of the data; None for the only dataset that has the symbols.
        symbols: What may be traded; None for everything in the dataset.
        first, last: Korean days; None is open.
        cash: At the start [won].
        fees: One of `FEES`.
        dense: Whether to visit every bar.
        benchmark: What to compare with: a symbol of the dataset, or a CSV file; None for the
            universe held equally.
        universe: Who may be bought on a day; see `maemae.catalogue.universe`.
        assumed: Models of the market by short words, in place of the usual ones; see `app.assumed`.
        tape: A file of every trade and quote within the bars.
    """

    strategy: str | Strategy
    values: Mapping[str, str] = {}
    dataset: str | None = None
    symbols: tuple[Symbol, ...] | None = None
    first: date | None = None
    last: date | None = None
    cash: int = 10_000_000
    fees: CostSchedule = KIWOOM_REAL
    dense: bool = False
    benchmark: str | None = None
    universe: UniverseSpec | None = None
    assumed: Mapping[str, str] = {}
    tape: Path | None = None


class BacktestSetup(msgspec.Struct, frozen=True, eq=False):
    """Everything a backtest is run with; nothing of it has run yet."""

    strategy: Strategy
    manifest: Manifest
    panel: Panel
    instruments: Mapping[Symbol, Instrument]
    plan: BacktestPlan
    benchmark: Benchmark | None = None
    universe: UniverseSpec | None = None

    def run(
        self, *, journal: Journal | None = None, watch: Callable[[int], None] | None = None
    ) -> BacktestResult:
        """
        Run it.

        Raises:
            StrategyError: The strategy failed, or every single order of it was refused.
        """
        with _no_exit():
            result = backtest(self.strategy, self.panel, self.plan, journal=journal, watch=watch)
        if result.refusals and not result.orders:
            raise _all_refused(result)
        return result

    def report(self, result: BacktestResult, language: Language) -> RunReport:
        """Return the report of a run of it."""
        report = run_report(
            self.strategy,
            self.panel,
            result,
            self.instruments,
            self.manifest,
            language,
            benchmark=self.benchmark,
        )
        return report if self.universe is None else self._with_universe(report, result)

    def _with_universe(self, report: RunReport, result: BacktestResult) -> RunReport:
        """Return a report that tells of the universe, too."""
        members = self.panel.members
        if self.universe is None or members is None:
            return report
        sizes = members.sum(axis=0)
        told = (int(sizes.mean()), int(sizes.min()), int(sizes.max()), result.turned_away)
        remark = Remark(
            _UNIVERSE.upper(),
            Weight.MIND,
            Text(
                "유니버스는 평균 {:,}종목입니다(최소 {:,}, 최대 {:,}). 밖이라 내지 않은 매수는 "
                "{:,}건입니다.".format(*told),
                "The universe held {:,} instruments in the mean ({:,} to {:,}); {:,} buys outside "
                "of it were not sent.".format(*told),
            ),
        )
        return msgspec.structs.replace(
            report,
            parameters={**report.parameters, _UNIVERSE: self.universe.text},
            remarks=[*report.remarks, remark],
        )

    def with_strategy(self, spec: str, values: Mapping[str, str]) -> BacktestSetup:
        """
        Return the same run of another strategy.

        Raises:
            StrategyError: There is no such strategy, or a parameter is unknown or out of range.
        """
        return msgspec.structs.replace(self, strategy=_strategy(spec, values))


@contextmanager
def backtest_journal(setup: BacktestSetup, path: Path) -> Iterator[Journal]:
    """
    Yield a journal for a backtest in a new file; a run that fails leaves none.

    Raises:
        StorageError: The file is there already, or cannot be written.
    """
    if path.exists():
        raise StorageError(
            f"{path} 이(가) 이미 있습니다. 백테스트의 저널은 새 파일에만 씁니다.",
            f"{path} is there already. The journal of a backtest goes to a new file.",
        )
    partial = path.with_name(f"{path.name}.partial")
    forget_journal(partial)
    try:
        with SqliteJournal(partial, _header(setup, path.name)) as journal:
            yield journal
            journal.commit()
        partial.replace(path)
    finally:
        forget_journal(partial)


def set_up_backtest(catalogue: Catalogue, request: BacktestRequest) -> BacktestSetup:
    """
    Find the strategy and the data, and check everything that can be checked before a run.

    Raises:
        StrategyError: There is no such strategy, or a parameter is unknown or out of range.
        MissingDataError: There is no such dataset, or no bar in the period.
        UnknownSymbolError: No dataset has the symbols; near ones are suggested.
        InvalidValueError: The cash is not positive, or the days are the wrong way round.
    """
    asked = request.strategy
    strategy = _strategy(asked, request.values) if isinstance(asked, str) else asked
    _require_sound(request)
    name = request.dataset or choose_dataset(catalogue, request.symbols)
    instruments = catalogue.instruments(name)
    panel = catalogue.panel(name, request.symbols, request.first, request.last)
    if request.universe is not None:
        panel = Universes(catalogue).limited(name, request.universe, panel)
    tape = None if request.tape is None else open_tape(request.tape)
    usual = assumptions_for(panel.basis, tape)
    return BacktestSetup(
        strategy=strategy,
        manifest=catalogue.describe(name),
        panel=panel,
        instruments=instruments,
        plan=BacktestPlan(
            cash=request.cash,
            instruments=instruments,
            schedule=request.fees,
            assumptions=assumed(usual, request.assumed) if request.assumed else None,
            dense=request.dense,
            tape=tape,
        ),
        benchmark=_benchmark(catalogue, name, request.benchmark, panel),
        universe=request.universe,
    )


def _strategy(spec: str, values: Mapping[str, str]) -> Strategy:
    with _no_exit():
        kind = load_strategy(spec)
    return kind(**values_from_text(kind, values))


def _benchmark(
    catalogue: Catalogue, dataset: str, asked: str | None, panel: Panel
) -> Benchmark | None:
    if asked is None:
        return None
    axis = CalendarAxis(panel)
    days = [axis.session_date(session) for session in range(len(axis.starts))]
    if asked.lower().endswith(".csv"):
        return benchmark_from_file(Path(asked), days)
    symbol = Symbol(asked)
    own = catalogue.panel(dataset, (symbol,), None, days[-1])
    return single_holding(own, days, symbol, catalogue.instruments(dataset)[symbol].name)


def _require_sound(request: BacktestRequest) -> None:
    if request.cash <= 0:
        raise InvalidValueError(
            f"시작 자금이 {request.cash:,}원입니다. --cash 에 1원 이상을 주세요.",
            f"The starting cash is {request.cash:,} won. Give --cash at least 1 won.",
        )
    first, last = request.first, request.last
    if first is not None and last is not None and first > last:
        raise InvalidValueError(
            f"시작일 {first} 이(가) 종료일 {last} 보다 뒤입니다. --from 과 --to 를 바꾸세요.",
            f"The first day {first} comes after the last day {last}. Swap --from and --to.",
        )


@contextmanager
def _no_exit() -> Iterator[None]:
    """Turn a strategy that ends the process into a failure like any other."""
    try:
        yield
    except SystemExit as error:
        raise StrategyRaisedError(
            "전략이 프로그램을 끝내려 했습니다. sys.exit() 나 quit() 를 지우세요.",
            "The strategy tried to end the program. Remove its sys.exit() or quit().",
        ) from error


def _all_refused(result: BacktestResult) -> StrategyError:
    main = refusal_counts(result.refusals)[0]
    return StrategyError(
        f"주문이 모두 거부되어 매매가 없었습니다. 가장 많은 까닭({main.count:,}건): "
        f"{main.sentence.ko}",
        f"Every order was refused, so nothing was traded. Mostly ({main.count:,} times): "
        f"{main.sentence.en}",
    )


def _header(setup: BacktestSetup, run_id: str) -> Header:
    manifest, plan, panel = setup.manifest, setup.plan, setup.panel
    market = (manifest.content_hash, panel.symbols, panel.dates[0], panel.dates[-1])
    strategy = (type(setup.strategy).__name__, parameters_of(setup.strategy))
    config = (strategy, plan.cash, plan.schedule, plan.limits)
    return Header(
        run_id=run_id,
        market=hashlib.sha256(encode(market)).hexdigest(),
        config=hashlib.sha256(encode(config)).hexdigest(),
        fingerprint=build_fingerprint(),
        started=time.time_ns(),
    )
