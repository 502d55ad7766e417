"""
Backtests from a notebook or a script: `from maemae import backtest`.

Data is the name of a dataset, a file, or a frame of polars or pandas; the result shows itself in
Jupyter and hands its tables on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Protocol, TypeVar

import msgspec
import polars as pl

from maemae.app.backtests import FEES, BacktestRequest, BacktestSetup, set_up_backtest
from maemae.app.datasets import SYNTHETIC, SYNTHETIC_DAYS, ensure_synthetic, open_catalogue
from maemae.app.simulated_day import SEED
from maemae.app.trials import remember_runs
from maemae.catalogue.catalogue import Catalogue
from maemae.catalogue.import_spec import ImportSpec
from maemae.catalogue.interval import interval_from_text
from maemae.catalogue.universe_text import universe_from_text
from maemae.domain.errors import InvalidValueError
from maemae.domain.ids import Symbol
from maemae.domain.near_match import suggestion
from maemae.domain.terms import PriceBasis
from maemae.research.notebook import Result
from maemae.research.reporting import parameters_of
from maemae.settings import read_settings
from maemae.strategies.loading import load_strategy
from maemae.strategy.author import Strategy

_FRAME: Final = "frame"
_BASES: Final = {"raw": PriceBasis.RAW, "adjusted": PriceBasis.ADJUSTED}

Choice = TypeVar("Choice")


class PandasFrame(Protocol):
    """Whatever pandas calls a DataFrame; maemae does not need pandas itself."""

    def to_dict(self, orient: str) -> dict[str, list[Any]]:
        """Return the columns as lists."""
        ...


Data = str | Path | pl.DataFrame | PandasFrame
"""Name of a dataset, a file, or a frame."""

Day = date | str | None
"""A Korean day."""


def backtest(
    strategy: type[Strategy] | Strategy | str,
    data: Data = SYNTHETIC,
    *,
    symbols: Sequence[str] | str | None = None,
    period: tuple[Day, Day] = (None, None),
    cash: int = 10_000_000,
    fees: str = "kiwoom",
    basis: str = "raw",
    interval: str = "1d",
    **parameters: float,
) -> Result:
    """
    Run a strategy over the past.

    Every call is counted as a trial, as the command line's are.

    Args:
        strategy: Your class, a bundled name such as `golden_cross`, or `my.py:MyStrategy`; or a
            strategy with its parameters, such as `Dip(period=5)`, of which the run gets a copy.
        data: Name of a dataset of `maemae data list`; a CSV or Parquet file; or a frame with
            columns symbol, date or datetime, open, high, low, close [won] and volume
            [shares]. `synthetic` is made if it is not there.
        symbols: What may be traded: codes; a universe that changes with the days, in words
            such as `market=kospi top=200 value>=10억`; None for everything in the data.
        period: First and last Korean day, dates or `2024-01-02`; None is open.
        cash: At the start [won].
        fees: Whose commission: kiwoom, paper or kis.
        basis: Of prices in a file or frame: `raw` as they were traded, or `adjusted`.
        interval: Of bars in a file or frame: `1d`, `5m`.
        parameters: Of the strategy, such as `fast=5`; those that are called like one of the words
            above are given to the strategy itself.

    Returns:
        The run: its figures, tables, report.

    Raises:
        MaemaeError: Anything about it cannot be done; the sentence says what.
    """
    words = symbols if isinstance(symbols, str) else ""
    first, last = _days(period)
    request = BacktestRequest(
        strategy=_made(strategy, parameters),
        symbols=None if symbols is None or words else tuple(Symbol(each) for each in symbols),
        first=first,
        last=last,
        cash=cash,
        fees=_known("fees", fees, FEES),
        universe=universe_from_text(words) if words else None,
    )
    spec = ImportSpec(
        dataset=_FRAME,
        basis=_known("basis", basis, _BASES),
        interval=interval_from_text(interval),
    )
    settings = read_settings()
    setup = _set_up(open_catalogue(settings), data, request, spec)
    result = setup.run()
    remember_runs(settings, [setup], [result])
    return Result(setup.report(result, settings.language), result, settings.language)


def _set_up(
    catalogue: Catalogue, data: Data, request: BacktestRequest, spec: ImportSpec
) -> BacktestSetup:
    if isinstance(data, str) and not data.lower().endswith((".csv", ".parquet")):
        known = {manifest.dataset for manifest in catalogue.datasets()}
        if data == SYNTHETIC and data not in known:
            ensure_synthetic(catalogue, SYNTHETIC, SEED, SYNTHETIC_DAYS)
        return set_up_backtest(catalogue, msgspec.structs.replace(request, dataset=data))
    with TemporaryDirectory() as folder:
        own = Catalogue(Path(folder))
        if isinstance(data, str | Path):
            own.import_file(Path(data), spec)
        else:
            own.import_frame(_polars(data), spec, _FRAME)
        return set_up_backtest(own, msgspec.structs.replace(request, dataset=_FRAME))


def _polars(data: pl.DataFrame | PandasFrame) -> pl.DataFrame:
    return data if isinstance(data, pl.DataFrame) else pl.DataFrame(data.to_dict("list"))


def _made(strategy: type[Strategy] | Strategy | str, parameters: Mapping[str, float]) -> Strategy:
    """Return a strategy that no run has used yet."""
    if isinstance(strategy, Strategy):
        return type(strategy)(**{**parameters_of(strategy), **parameters})
    return (load_strategy(strategy) if isinstance(strategy, str) else strategy)(**parameters)


def _days(period: object) -> tuple[date | None, date | None]:
    """Return the first and the last day; a parameter of that name is a mistake easily made."""
    match period:
        case [first, last]:
            return _day(first), _day(last)
        case _:
            raise InvalidValueError(
                f'period 는 첫날과 끝날의 짝이어야 합니다: {period!r}. ("2024-01-02", None) 처럼 '
                "쓰세요. 전략의 매개변수 period 라면 MyStrategy(period=5) 를 넘기세요.",
                f"period is the first and the last day, not {period!r}: "
                '("2024-01-02", None). If the strategy has a parameter period, hand over '
                "MyStrategy(period=5).",
            )


def _day(day: object) -> date | None:
    if day is None or isinstance(day, date):
        return day
    try:
        return date.fromisoformat(str(day))
    except ValueError as error:
        raise InvalidValueError(
            f"period 의 {day!r} 은(는) 날짜가 아닙니다. 2024-01-02 처럼 쓰세요.",
            f"{day!r} in period is no date. Write it like 2024-01-02.",
        ) from error


def _known(name: str, word: str, choices: Mapping[str, Choice]) -> Choice:
    if word in choices:
        return choices[word]
    hint = suggestion(word, choices)
    raise InvalidValueError(
        f"{name} {word!r} 은(는) 쓸 수 없습니다. {hint.ko}",
        f"{name} {word!r} cannot be used. {hint.en}",
    )
