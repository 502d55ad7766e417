"""The market: instruments by name, prices now and before, and whether it is open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from maemae.domain.errors import ConfigError, OutcomeUnknownError
from maemae.domain.ids import AccountId, Symbol
from maemae.domain.instant import kst_date
from maemae.domain.terms import Market, PriceBasis, Product
from maemae.krx.calendar import is_session, next_session
from maemae.krx.session import Phase, is_regular, phase_at, phases
from maemae.server.asking import Here, SymbolText, ask
from maemae.server.book import Books, BookView
from maemae.server.chart import Wanted, chart
from maemae.server.executor_line import ExecutorLine
from maemae.server.market_data import Found
from maemae.server.models import Moment, Told
from maemae.server.security.actor import Actor
from maemae.server.security.gates import Viewer, line_to_see
from maemae.server.services import Services
from maemae.trading.control.commands import BarsQuery
from maemae.trading.control.replies import MadeBars
from maemae.trading.control.watch import Pulse, Quote

router = APIRouter(prefix="/api/market", tags=["market"])

Of = Annotated[
    AccountId | None,
    Query(max_length=64, description="Whose market; null for the first executor that runs."),
]
Living = Annotated[
    AccountId | None,
    Query(
        max_length=64,
        description="With it, the present session is told by its executor, of the bars that it "
        "has made of prints; null for the catalogue alone.",
        examples=["5012345610"],
    ),
]
Symbols = Annotated[
    str,
    Query(
        pattern=r"^[0-9A-Z]{6}(,[0-9A-Z]{6}){0,499}$",
        description="Short codes, with commas between.",
        examples=["005930,000660"],
    ),
]


class InstrumentRow(Told):
    """An instrument."""

    symbol: Symbol = Field(examples=["005930"])
    name: str = Field(examples=["삼성전자"])
    market: Market
    product: Product
    listed_shares: int = Field(description="0 where it is not known.")
    datasets: list[str] = Field(description="Which have its bars.", examples=[["synthetic"]])


class DatasetRow(Told):
    """A dataset of the catalogue."""

    dataset: str = Field(examples=["synthetic"])
    basis: PriceBasis
    interval: str = Field(examples=["DAY"])
    symbols: int
    rows: int
    first: date
    last: date
    source: str


class QuoteRow(Told):
    """The last print of an instrument."""

    symbol: Symbol
    name: str | None
    price: int = Field(description="Of the last print [won].", examples=[70_000])
    qty: int = Field(description="Shares of that print.")
    at: Moment
    base_price: int | None = Field(description="Of the day [won].")
    change: int | None = Field(description="From the base price [won].")
    change_ppm: int | None = Field(description="From the base price, in millionths.")


class Bar(Told):
    """A bar; `at` is its first instant, in seconds since 1970 (UTC), as charts want it."""

    at: int = Field(examples=[1_767_225_600])
    open: int
    high: int
    low: int
    close: int
    volume: int


class BarRows(Told):
    """Bars of an instrument, oldest first."""

    symbol: Symbol
    dataset: str | None = Field(description="Whence bars are; null if all are the session's own.")
    interval: str
    basis: PriceBasis = Field(description="ADJUSTED prices were not traded at on their day.")
    session_date: date | None = Field(description="The session that its executor told, if one did.")
    bars: list[Bar]


class Clock(Told):
    """The exchange's time, and what goes on."""

    at: Moment
    is_live: bool = Field(description="Told by an executor; otherwise the calendar says so.")
    phase: Phase
    is_regular: bool
    session_date: date | None = Field(description="The session that goes on; null between them.")
    next_phase: Phase
    next_change_at: Moment


@router.get("/search", operation_id="searchInstruments")
def search_instruments(
    _: Viewer,
    services: Here,
    q: Annotated[str, Query(min_length=1, max_length=40, examples=["ㅅㅅㅈㅈ"])],
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> list[InstrumentRow]:
    """Look for instruments by name, first consonants (초성) or code; the best match first."""
    return [_instrument(found) for found in services.market.search(q, limit)]


@router.get("/datasets", operation_id="listDatasets")
def list_datasets(_: Viewer, services: Here) -> list[DatasetRow]:
    """List the market data that there is."""
    return [DatasetRow.model_validate(each) for each in services.market.datasets()]


@router.get("/quotes", operation_id="listQuotes")
def list_quotes(
    symbols: Symbols, actor: Viewer, services: Here, account_id: Of = None
) -> list[QuoteRow]:
    """List the last prices; an instrument that has not traded is left out."""
    _, pulse = _pulse(services, actor, account_id)
    wanted = set(symbols.split(","))
    return [_quote(services, quote) for quote in pulse.quotes if quote.symbol in wanted]


@router.get("/bars", operation_id="listBars")
def list_bars(
    symbol: SymbolText,
    actor: Viewer,
    services: Here,
    account_id: Living = None,
    interval: Annotated[str | None, Query(pattern=r"^(DAY|[1-9]\d{0,2}m)$")] = None,
    first: Annotated[date | None, Query(alias="from")] = None,
    last: Annotated[date | None, Query(alias="to")] = None,
    limit: Annotated[int, Query(ge=1, le=5_000)] = 500,
) -> BarRows:
    """List the newest complete bars in a span of days: the catalogue's, and the session's own."""
    line = None if account_id is None else line_to_see(actor, services, account_id)
    made = MadeBars() if line is None else _made(services, line, symbol)
    series = chart(services.market, Wanted(symbol, interval, first, last, limit), made)
    names = ("at", "open", "high", "low", "close", "volume")
    bars = [
        Bar.model_validate(dict(zip(names, (opened // 10**9, *values), strict=True)))
        for opened, *values in series.bars
    ]
    return BarRows(
        symbol=symbol,
        dataset=series.dataset,
        interval=series.interval,
        basis=series.basis,
        session_date=made.session_date,
        bars=bars,
    )


@router.get("/book", operation_id="getBook")
def get_book(symbol: SymbolText, actor: Viewer, services: Here, account_id: Of = None) -> BookView:
    """Show the order book, where there is one; the simulated market's is made by its model."""
    line, pulse = _pulse(services, actor, account_id)
    quote = next((each for each in pulse.quotes if each.symbol == symbol), None)
    return Books(services.market, line.mode).find(symbol, quote)


@router.get("/clock", operation_id="getClock")
def get_clock(actor: Viewer, services: Here, account_id: Of = None) -> Clock:
    """Say which phase the exchange is in, and when that changes next."""
    pulse = next(
        (
            pulse
            for line in _lines(services, actor, account_id)
            if (pulse := services.pulses.find(line)) is not None
        ),
        None,
    )
    at = services.wall.now() if pulse is None else pulse.at
    day = kst_date(at)
    change = next((each for each in phases(day) if each.at > at), None)
    if change is None:
        change = phases(next_session(day))[0]
    phase = phase_at(at) if pulse is None else pulse.phase
    return Clock.model_validate(
        {
            "at": at,
            "is_live": pulse is not None,
            "phase": phase,
            "is_regular": is_regular(phase),
            "session_date": day if is_session(day) and phase is not Phase.CLOSED else None,
            "next_phase": change.phase,
            "next_change_at": int(change.at),
        }
    )


def _lines(
    services: Services, actor: Actor, account_id: AccountId | None
) -> Sequence[ExecutorLine]:
    if account_id is not None:
        return (line_to_see(actor, services, account_id),)
    return services.directory.lines


def _made(services: Services, line: ExecutorLine, symbol: Symbol) -> MadeBars:
    """Return what an executor has made of the session; nothing if it does not answer."""
    try:
        return ask(services, line, BarsQuery(symbol), MadeBars)
    except (ConfigError, OutcomeUnknownError):
        return MadeBars()


def _pulse(
    services: Services, actor: Actor, account_id: AccountId | None
) -> tuple[ExecutorLine, Pulse]:
    for line in _lines(services, actor, account_id):
        pulse = services.pulses.find(line)
        if pulse is not None:
            return line, pulse
    raise ConfigError(
        "시세를 알려 주는 실행기가 없습니다. maemae trade 로 시작하세요.",
        "No executor tells prices. Start one with maemae trade.",
    )


def _quote(services: Services, quote: Quote) -> QuoteRow:
    found = services.market.find(quote.symbol)
    base = quote.base_price
    change = None if base is None else quote.px - base
    return QuoteRow.model_validate(
        {
            "symbol": quote.symbol,
            "name": None if found is None else found.instrument.name,
            "price": quote.px,
            "qty": quote.qty,
            "at": quote.at,
            "base_price": base,
            "change": change,
            "change_ppm": None if not base or change is None else change * 10**6 // base,
        }
    )


def _instrument(found: Found) -> InstrumentRow:
    instrument = found.instrument
    return InstrumentRow(
        symbol=instrument.symbol,
        name=instrument.name,
        market=instrument.market,
        product=instrument.product,
        listed_shares=instrument.listed_shares,
        datasets=list(found.datasets),
    )
