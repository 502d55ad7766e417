"""Daily bars by way of pykrx and FinanceDataReader; neither is needed by anything else."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from importlib import import_module, metadata
from importlib.util import find_spec
from typing import Any, Final, Protocol

import numpy.typing as npt
import polars as pl

from maemae.catalogue.sources.polite import PoliteRequests
from maemae.catalogue.sources.source import COLUMNS, DaySource, Window
from maemae.domain.errors import (
    ConfigError,
    InvalidValueError,
    MaemaeError,
    SchemaError,
    SourceUnavailableError,
)
from maemae.domain.ids import Symbol
from maemae.domain.terms import PriceBasis


class Column(Protocol):
    """Whatever pandas calls a Series or an Index."""

    def to_numpy(self) -> npt.NDArray[Any]:
        """Return the values."""
        ...


class Table(Protocol):
    """Whatever pandas calls a DataFrame, as far as it is used here."""

    columns: Sequence[str]
    index: Column

    def __len__(self) -> int: ...

    def __getitem__(self, name: str) -> Column: ...


class PykrxSource:
    """
    pykrx: adjusted bars of Naver, raw ones of KRX itself.

    KRX gives raw bars to who is logged in only; pykrx takes the account from the environment,
    KRX_ID and KRX_PW.

    Raises:
        ConfigError: pykrx is not installed.
    """

    def __init__(self, basis: PriceBasis, polite: PoliteRequests) -> None:
        version = _version("pykrx", "pykrx")
        self._is_raw = basis is PriceBasis.RAW
        self.name = f"pykrx {version}, {'data.krx.co.kr' if self._is_raw else 'Naver'}"
        self._polite = polite

    def windows(self, symbol: Symbol, first: date, last: date) -> list[Window]:
        """Return one window for each two calendar years of raw bars, else one for all."""
        return _two_years(symbol, first, last) if self._is_raw else [Window(symbol, first, last)]

    def overhead(self) -> int:
        """Return the login, and the lists of what is and was listed."""
        return _LOGIN_AND_LISTS if self._is_raw else 0

    def read(self, window: Window) -> pl.DataFrame:
        """Ask pykrx for a window."""

        def ask() -> Table:
            stock: Any = import_module("pykrx.stock")
            table: Table = stock.get_market_ohlcv_by_date(
                f"{window.first:%Y%m%d}",
                f"{window.last:%Y%m%d}",
                str(window.symbol),
                adjusted=not self._is_raw,
            )
            return table

        self._polite.rows = 0
        frame = _asked("pykrx", ask, self._polite)
        if self._is_raw and not len(frame) and self._polite.rows:
            raise _not_understood("pykrx", "the site answered, and pykrx gave nothing")
        return _bars("pykrx", frame, window, _KOREAN)


class FdrSource:
    """
    FinanceDataReader: adjusted bars of Naver.

    Its other Korean source, KRX, is adjusted as well, in windows of two years that need not agree
    with each other; it is not used.

    Raises:
        ConfigError: FinanceDataReader is not installed.
        InvalidValueError: Raw bars are asked for.
    """

    def __init__(self, basis: PriceBasis, polite: PoliteRequests) -> None:
        if basis is PriceBasis.RAW:
            raise InvalidValueError(
                "FinanceDataReader 에는 원주가가 없습니다. --basis adjusted 로 받거나, 원주가는 "
                "--from pykrx 나 --from kiwoom 으로 받으세요.",
                "FinanceDataReader has no raw prices. Take --basis adjusted, or raw ones with "
                "--from pykrx or --from kiwoom.",
            )
        version = _version("FinanceDataReader", "finance-datareader")
        self.name = f"FinanceDataReader {version}, Naver"
        self._polite = polite

    def windows(self, symbol: Symbol, first: date, last: date) -> list[Window]:
        """Return one window: the site gives a series whole."""
        return [Window(symbol, first, last)]

    def overhead(self) -> int:
        """Return nothing: there is neither a login nor a list."""
        return 0

    def read(self, window: Window) -> pl.DataFrame:
        """Ask FinanceDataReader for a window."""

        def ask() -> Table:
            library: Any = import_module("FinanceDataReader")
            days = f"{window.first:%Y-%m-%d}", f"{window.last:%Y-%m-%d}"
            table: Table = library.DataReader(f"NAVER:{window.symbol}", *days)
            return table

        frame = _asked("FinanceDataReader", ask, self._polite)
        return _bars("FinanceDataReader", frame, window, _ENGLISH)


SOURCES: Final[dict[str, Callable[[PriceBasis, PoliteRequests], DaySource]]] = {
    "pykrx": PykrxSource,
    "fdr": FdrSource,
}
"""The sources by the word of the command line."""


def _version(module: str, package: str) -> str:
    if find_spec(module) is None:
        raise ConfigError(
            f"{module} 이(가) 없습니다. `pip install 'maemae[sources]'` 로 설치하세요.",
            f"{module} is not there. Install it with `pip install 'maemae[sources]'`.",
        )
    return metadata.version(package)


def _asked(library: str, ask: Callable[[], Table], polite: PoliteRequests) -> Table:
    """Let a library ask, quietly; whatever it raises is one clear sentence."""
    with polite.watching(), _quiet():
        try:
            return ask()
        except MaemaeError:
            raise
        except Exception as error:
            raise _not_understood(library, f"{type(error).__name__}: {error}") from error


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep what a library prints and warns of away from the screen."""
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _not_understood(library: str, why: str) -> SourceUnavailableError:
    return SourceUnavailableError(
        f"{library} 이(가) 사이트의 답을 읽지 못했습니다({why}). 사이트가 바뀌었을 수 있으니 "
        f"{library} 를 새로 설치해 보세요. 받은 것은 그대로 있습니다.",
        f"{library} could not read the site's answer ({why}). The site may have changed: try a "
        f"newer {library}. What came is kept.",
    )


def _bars(library: str, frame: Table, window: Window, names: dict[str, str]) -> pl.DataFrame:
    """Return a frame of pandas as bars of the window."""
    if not len(frame):
        return pl.DataFrame(schema=COLUMNS)
    absent = [theirs for theirs in names.values() if theirs not in frame.columns]
    if absent:
        raise SchemaError(
            f"{library} 의 표에 {', '.join(absent)} 열이 없습니다. 다른 판의 {library} 를 쓰세요.",
            f"The table of {library} has no {', '.join(absent)}. Use another version of it.",
        )
    columns = {ours: frame[theirs].to_numpy() for ours, theirs in names.items()}
    bars = pl.DataFrame({"date": frame.index.to_numpy(), **columns}).with_columns(
        pl.lit(str(window.symbol)).alias("symbol"), pl.col("date").cast(pl.Date)
    )
    in_window = pl.col("date").is_between(window.first, window.last)
    return bars.select(pl.col(name).cast(kind) for name, kind in COLUMNS.items()).filter(in_window)


def _two_years(symbol: Symbol, first: date, last: date) -> list[Window]:
    """Return the days in spans of two calendar years, the most that KRX gives at once."""
    spans = []
    while first <= last:
        end = min(last, date(first.year + 1 - first.year % 2, 12, 31))
        spans.append(Window(symbol, first, end))
        first = date(end.year + 1, 1, 1)
    return spans


_KOREAN: Final = {
    "open": "시가",
    "high": "고가",
    "low": "저가",
    "close": "종가",
    "volume": "거래량",
}
_ENGLISH: Final = {name: name.capitalize() for name in _KOREAN}
_LOGIN_AND_LISTS: Final = 5
