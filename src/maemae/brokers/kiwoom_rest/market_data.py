"""Quotes, books, trades, charts, lists and indices of Kiwoom, asked for over REST."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import unique
from typing import Final

import msgspec

from maemae.brokers.kiwoom_rest import transactions
from maemae.brokers.kiwoom_rest.codes import MARKET_CODES, Exchange
from maemae.brokers.kiwoom_rest.http import KiwoomHttp, rows_from
from maemae.brokers.kiwoom_rest.messages import (
    CandleRow,
    HoldingRow,
    IndexReply,
    InstrumentRow,
    QuoteReply,
    QuoteRow,
    RealizedRow,
    TradeRow,
)
from maemae.brokers.kiwoom_rest.paging import every_row, pages
from maemae.brokers.kiwoom_rest.prints import LEVELS
from maemae.brokers.kiwoom_rest.reading import (
    count,
    day,
    instant,
    is_blank,
    moment,
    number,
    price,
    symbol,
    won,
)
from maemae.brokers.kiwoom_rest.transactions import Transaction
from maemae.domain.errors import InvalidValueError
from maemae.domain.ids import Symbol
from maemae.domain.instant import kst_date
from maemae.domain.market_data import Trade
from maemae.domain.terms import PriceBasis, Term


@unique
class Suffix(Term):
    """Whose prices of an instrument: the exchange's suffix to its code, empty for KRX."""

    KRX = ""
    NXT = "_NX"
    BOTH = "_AL"


@unique
class Chart(Term):
    """Kind of bar."""

    TICK = "TICK"
    MINUTE = "MINUTE"
    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"
    YEAR = "YEAR"


class Quote(msgspec.Struct, frozen=True):
    """
    An instrument as it stands.

    Attributes:
        px: Last price [won]; 0 before the first.
        base_price, lower, upper: Of the day [won].
        volume: Shares today.
    """

    symbol: Symbol
    name: str
    px: int
    base_price: int
    lower: int
    upper: int
    volume: int


class Book(msgspec.Struct, frozen=True):
    """
    The ten best prices of each side.

    Attributes:
        asks, bids: Price [won] and shares, best first.
    """

    symbol: Symbol
    asks: tuple[tuple[int, int], ...]
    bids: tuple[tuple[int, int], ...]


class Candle(msgspec.Struct, frozen=True):
    """
    One bar of a chart.

    Attributes:
        at: What the server labels it with [ns, UTC]: the start of a minute, or midnight of a
            day; the first day, or another one, of a week and longer.
        volume: Shares.
    """

    at: int
    open: int
    high: int
    low: int
    close: int
    volume: int


class CandlePage(msgspec.Struct, frozen=True):
    """
    One page of a chart, newest first.

    Attributes:
        next_key: Where it goes on, for a later session too; empty on the last page.
    """

    candles: tuple[Candle, ...]
    next_key: str


class IndexQuote(msgspec.Struct, frozen=True):
    """An index as it stands; values have two decimals."""

    code: str
    value: Decimal
    open: Decimal
    high: Decimal
    low: Decimal


class RealizedDay(msgspec.Struct, frozen=True):
    """What was realised on a day [won]."""

    day: date
    profit: int
    commission: int
    tax: int


class _Trades(msgspec.Struct, frozen=True):
    cntr_infr: list[TradeRow] | None = None


class KiwoomMarketData:
    """
    Asks for market data, within the quotas.

    Args:
        http: Asks the REST server.
    """

    def __init__(self, http: KiwoomHttp) -> None:
        self._http = http

    async def quote(self, code: Symbol, suffix: Suffix = Suffix.KRX) -> Quote:
        """
        Return an instrument as it stands.

        Raises:
            BrokerUnavailableError: It is not answered, or cannot be understood.
        """
        answer = await self._http.ask(transactions.QUOTE, {"stk_cd": f"{code}{suffix.value}"})
        row = rows_from(answer, QuoteReply)
        return Quote(
            symbol("stk_cd", row.stk_cd),
            row.stk_nm.strip(),
            _price_or_0(row.cur_prc),
            _price_or_0(row.base_pric),
            _price_or_0(row.lst_pric),
            _price_or_0(row.upl_pric),
            _price_or_0(row.trde_qty),
        )

    async def book(self, code: Symbol) -> Book:
        """
        Return the ten best prices of each side at KRX; raises as `quote`.

        The server writes its ordinals 2th and 3th, and the first level by another name.
        """
        answer = await self._http.ask(transactions.BOOK, {"stk_cd": code})
        values = rows_from(answer, dict[str, str | int])
        sides = [
            tuple(
                level for place in range(1, LEVELS + 1) if (level := _level(values, side, place))[0]
            )
            for side in ("sel", "buy")
        ]
        return Book(code, *sides)

    async def trades(self, code: Symbol, on: date) -> tuple[Trade, ...]:
        """Return the last prints of a day, newest first; raises as `quote`."""
        answer = await self._http.ask(transactions.LAST_TRADES, {"stk_cd": code})
        rows = rows_from(answer, _Trades).cntr_infr or ()
        return tuple(
            Trade(
                code,
                price("cur_prc", row.cur_prc),
                price("cntr_trde_qty", row.cntr_trde_qty),
                instant("tm", on, row.tm),
            )
            for row in rows
            if not is_blank(row.tm)
        )

    async def quotes(self, codes: Sequence[Symbol]) -> dict[Symbol, QuoteRow]:
        """Return the quotes of many instruments, a hundred a request; raises as `quote`."""
        found: dict[Symbol, QuoteRow] = {}
        for start in range(0, len(codes), _BATCH):
            body = {"stk_cd": "|".join(codes[start : start + _BATCH])}
            rows = await every_row(self._http, transactions.QUOTES, body, QuoteRow, _quoted)
            found |= {symbol("stk_cd", row.stk_cd): row for row in rows}
        return found

    async def instruments(
        self, codes: Sequence[Symbol] | None = None
    ) -> dict[Symbol, InstrumentRow]:
        """
        Return entries of the lists of instruments, board by board; raises as `quote`.

        Args:
            codes: Which are looked for, and no list is read once all are found; None for all.
        """
        found: dict[Symbol, InstrumentRow] = {}
        missing = None if codes is None else set(codes)
        for market in _BOARDS:
            if missing is not None and not missing:
                break
            rows = await every_row(
                self._http,
                transactions.INSTRUMENTS,
                {"mrkt_tp": market},
                InstrumentRow,
                _listed,
            )
            for row in rows:
                code = row.code.strip()
                if missing is None or code in missing:
                    found[symbol("code", code)] = row
            if missing is not None:
                missing -= found.keys()
        return found

    async def held_closes(self) -> dict[Symbol, int | None]:
        """
        Return what the account of the key holds, and its close before today [won].

        None where the server names none; raises as `quote`.
        """
        body = {"qry_tp": "1", "dmst_stex_tp": Exchange.KRX.value}
        rows = await every_row(self._http, transactions.HOLDINGS, body, HoldingRow, _held)
        return {
            symbol("stk_cd", row.stk_cd): _price_or_0(row.pred_close_pric) or None
            for row in rows
            if count("rmnd_qty", row.rmnd_qty)
        }

    async def candles(
        self,
        code: Symbol,
        chart: Chart,
        basis: PriceBasis,
        newest: date,
        scope: int = 1,
        next_key: str = "",
    ) -> AsyncIterator[CandlePage]:
        """
        Yield a chart page by page, newest first, as far back as it is asked for.

        Args:
            code: The instrument, with the exchange's suffix if another's prices are meant.
            chart: Kind of bar.
            basis: As traded, or rewritten for later corporate actions.
            newest: Last day that is wanted.
            scope: Ticks or minutes of a bar; 1 for the others.
            next_key: Of the page before, to go on where another session ended.

        Raises:
            InvalidValueError: There are no bars of that many ticks or minutes.
            BrokerUnavailableError: A page failed.
        """
        if scope not in _SCOPES.get(chart, (1,)):
            raise InvalidValueError(
                f"{chart} 차트에 {scope} 단위는 없습니다. {_SCOPES.get(chart, (1,))} 중 고르세요.",
                f"There is no {chart} chart of {scope}. Use one of {_SCOPES.get(chart, (1,))}.",
            )
        body = {
            "stk_cd": code,
            "upd_stkpc_tp": "1" if basis is PriceBasis.ADJUSTED else "0",
        }
        if chart in _SCOPES:
            body["tic_scope"] = str(scope)
        if chart is not Chart.TICK:
            body["base_dt"] = f"{newest:%Y%m%d}"
        transaction = _CHARTS[chart]
        async for rows, following in pages(
            self._http, transaction, body, CandleRow, _charted, next_key
        ):
            yield CandlePage(tuple(candle_of(row) for row in rows), following)

    async def close_before(self, code: Symbol, day: date) -> int | None:
        """Return the close of the last session before a day, as traded [won]; raises as `quote`."""
        async for page in self.candles(code, Chart.DAY, PriceBasis.RAW, day):
            for candle in page.candles:
                if kst_date(candle.at) < day:
                    return candle.close
        return None

    async def index(self, market: str, code: str) -> IndexQuote:
        """
        Return an index as it stands; raises as `quote`.

        Args:
            market: 0 KOSPI, 1 KOSDAQ, 2 KOSPI 200.
            code: 001 KOSPI, 101 KOSDAQ, 201 KOSPI 200.
        """
        answer = await self._http.ask(transactions.INDEX, {"mrkt_tp": market, "inds_cd": code})
        row = rows_from(answer, IndexReply)
        texts = (row.cur_prc, row.open_pric, row.high_pric, row.low_pric)
        value, opened, high, low = (abs(number("지수", text)) for text in texts)
        return IndexQuote(code, value, opened, high, low)

    async def index_days(self, code: str, newest: date) -> AsyncIterator[CandlePage]:
        """Yield an index day by day, newest first; values are a hundred times the index's."""
        body = {"inds_cd": code, "base_dt": f"{newest:%Y%m%d}"}
        async for rows, following in pages(
            self._http, transactions.INDEX_DAY_CHART, body, CandleRow, _charted
        ):
            yield CandlePage(tuple(candle_of(row) for row in rows), following)

    async def realized(self, first: date, last: date) -> tuple[RealizedDay, ...]:
        """Return what was realised on each day, by the broker's books; raises as `quote`."""
        body = {"strt_dt": f"{first:%Y%m%d}", "end_dt": f"{last:%Y%m%d}"}
        rows = await every_row(self._http, transactions.REALIZED, body, RealizedRow, _dated)
        return tuple(
            RealizedDay(
                day("dt", row.dt),
                won("tdy_sel_pl", row.tdy_sel_pl),
                won("tdy_trde_cmsn", row.tdy_trde_cmsn),
                won("tdy_trde_tax", row.tdy_trde_tax),
            )
            for row in rows
        )


def candle_of(row: CandleRow) -> Candle:
    """
    Return a row of a chart as a bar.

    Raises:
        BrokerUnavailableError: It cannot be understood.
    """
    if row.cntr_tm:
        at = moment("cntr_tm", row.cntr_tm)
    else:
        at = instant("dt", day("dt", row.dt), _MIDNIGHT)
    return Candle(
        at,
        price("open_pric", row.open_pric),
        price("high_pric", row.high_pric),
        price("low_pric", row.low_pric),
        price("cur_prc", row.cur_prc),
        count("trde_qty", row.trde_qty),
    )


def _level(values: Mapping[str, str | int], side: str, place: int) -> tuple[int, int]:
    stem = "fpr" if place == 1 else f"{place}th_pre"
    px, qty = (str(values.get(f"{side}_{stem}_{what}", "")) for what in ("bid", "req"))
    return _price_or_0(px), _price_or_0(qty)


def _price_or_0(text: str) -> int:
    return 0 if is_blank(text) else price("값", text)


def _quoted(row: QuoteRow) -> str:
    return row.stk_cd


def _listed(row: InstrumentRow) -> str:
    return row.code


def _held(row: HoldingRow) -> str:
    return row.stk_cd


def _charted(row: CandleRow) -> str:
    return row.cntr_tm or row.dt


def _dated(row: RealizedRow) -> str:
    return row.dt


_BATCH: Final = 100
_MIDNIGHT: Final = "000000"
_BOARDS: Final = tuple(code for code, listing in MARKET_CODES.items() if listing is not None)
_SCOPES: Final = {
    Chart.TICK: (1, 3, 5, 10, 30),
    Chart.MINUTE: (1, 3, 5, 10, 15, 30, 45, 60),
}
_CHARTS: Final[Mapping[Chart, Transaction]] = {
    Chart.TICK: transactions.TICK_CHART,
    Chart.MINUTE: transactions.MINUTE_CHART,
    Chart.DAY: transactions.DAY_CHART,
    Chart.WEEK: transactions.WEEK_CHART,
    Chart.MONTH: transactions.MONTH_CHART,
    Chart.YEAR: transactions.YEAR_CHART,
}
