"""Indices (업종): ka20001 to ka20009 and ka20019, and their value: weighted by listed shares."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Final

import msgspec

from maemae.domain.ids import Symbol
from maemae.domain.terms import Market, Product
from maemae.emulators.kiwoom_rest import codes
from maemae.emulators.kiwoom_rest.board import Line
from maemae.emulators.kiwoom_rest.desk import Desk
from maemae.emulators.kiwoom_rest.formats import (
    clock,
    day_text,
    find_day,
    hundredths,
    price,
    sign_code,
    signed,
    signed_rate,
    stamp,
)
from maemae.emulators.kiwoom_rest.history import (
    Bar,
    bars_of_trades,
    grouped,
    minutes,
    week_of,
)
from maemae.emulators.kiwoom_rest.wire import DONE, Answer, Ask, Fields, Row, Tr
from maemae.krx.band import PriceBand

_MILLION: Final = 1_000_000
_DAILY_ROWS: Final = 600


class Index(msgspec.Struct, frozen=True):
    """
    One index.

    Attributes:
        name: In Korean.
        market_code: Of the list of indices: 0 KOSPI, 1 KOSDAQ, 2 KOSPI200.
        market: Board of its stocks.
        start: Value at the close of the first session of the market [hundredths].
    """

    name: str
    market_code: str
    market: Market
    start: int


INDICES: Final = {
    "001": Index("종합(KOSPI)", "0", Market.KOSPI, 250_000),
    "101": Index("종합(KOSDAQ)", "1", Market.KOSDAQ, 80_000),
    "201": Index("KOSPI200", "2", Market.KOSPI, 33_000),
}


class IndexValue(msgspec.Struct, frozen=True):
    """
    An index now, in hundredths, and what its stocks did.

    Attributes:
        base: At the close of the session before.
        last: At the newest prices; the base before the first print.
        at: Of the newest print [ns, UTC], 0 before the first.
        volume, value: Shares, and what they traded for [won].
        up, level, down, at_upper, at_lower: Stocks by direction; those at a limit are in `up` and
            `down` too.
        traded: Stocks with a print.
        listed: All of them.
    """

    base: int
    last: int
    at: int
    volume: int
    value: int
    up: int
    level: int
    down: int
    at_upper: int
    at_lower: int
    traded: int
    listed: int


class Indices:
    """
    Answers about indices.

    Args:
        desk: What they are computed from.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def served(self) -> dict[str, Tr]:
        """Return what is answered here."""
        base = "inds_cd", "base_dt"
        return {
            "ka20001": Tr(("mrkt_tp", "inds_cd"), self._now),
            "ka20002": Tr(("mrkt_tp", "inds_cd", "stex_tp"), self._stocks),
            "ka20003": Tr(("inds_cd",), self._all),
            "ka20009": Tr(("mrkt_tp", "inds_cd"), self._daily),
            "ka20005": Tr(("inds_cd", "tic_scope"), self._minutes, page_rows=900),
            "ka20006": Tr(base, self._days, page_rows=_DAILY_ROWS),
            "ka20007": Tr(base, self._weeks, page_rows=_DAILY_ROWS),
            "ka20008": Tr(base, self._months, page_rows=_DAILY_ROWS),
            "ka20019": Tr(base, self._years, page_rows=_DAILY_ROWS),
        }

    def value(self, code: str) -> IndexValue:
        """
        Return an index as it stands now.

        Raises:
            RefusalError: There is none.
        """
        lines = self._lines(code)
        start = self._start(code)
        base = self._level(code, ((line, line.base) for line in lines), start)
        last = self._level(code, ((line, line.price) for line in lines), start)
        bands = [(line, line.band) for line in lines]
        return IndexValue(
            base,
            last,
            max((line.at for line in lines), default=0),
            sum(line.volume for line in lines),
            sum(line.value for line in lines),
            sum(line.price > line.base for line in lines),
            sum(line.price == line.base for line in lines),
            sum(line.price < line.base for line in lines),
            sum(_is_at(line, band, "1") for line, band in bands),
            sum(_is_at(line, band, "4") for line, band in bands),
            sum(bool(line.last) for line in lines),
            len(lines),
        )

    def codes_of(self, symbol: Symbol) -> list[str]:
        """Return the indices that a stock belongs to."""
        instrument = self._desk.books.rules[symbol].instrument
        if instrument.product is not Product.STOCK:
            return []
        return [code for code, index in INDICES.items() if index.market is instrument.market]

    def _now(self, ask: Ask) -> Answer:
        code = ask.field("inds_cd")
        bars = self._intraday(code)
        rows: list[Row] = []
        total, base = 0, self.value(code).base
        for bar in bars:
            total += bar.volume
            rows.append(
                {
                    "tm_n": clock(bar.at),
                    "cur_prc_n": _signed_level(bar.close, base),
                    "pred_pre_sig_n": sign_code(bar.close, base, None),
                    "pred_pre_n": _signed(bar.close - base),
                    "flu_rt_n": signed_rate(bar.close - base, base),
                    "trde_qty_n": str(bar.volume),
                    "acc_trde_qty_n": str(total),
                    "stex_tp": "",
                }
            )
        rows.reverse()
        fields = self._summary(code, bars)
        return Answer(fields, "inds_cur_prc_tm", rows, is_newest_first=True, text=DONE)

    def _daily(self, ask: Ask) -> Answer:
        code = ask.field("inds_cd")
        bars = self._daily_bars(code)
        rows: list[Row] = []
        before = bars[0].open if bars else 0
        for bar in bars:
            rows.append(
                {
                    "dt_n": day_text(bar.day),
                    "cur_prc_n": _signed_level(bar.close, before),
                    "pred_pre_sig_n": sign_code(bar.close, before, None),
                    "pred_pre_n": _signed(bar.close - before),
                    "flu_rt_n": signed_rate(bar.close - before, before),
                    "acc_trde_qty_n": str(bar.volume),
                }
            )
            before = bar.close
        rows.reverse()
        fields = self._summary(code, self._intraday(code))
        return Answer(fields, "inds_cur_prc_daly_rept", rows, is_newest_first=True, text=DONE)

    def _summary(self, code: str, today: list[Bar]) -> Fields:
        now, days = self.value(code), self._daily_bars(code)
        opened = today[0].open if today else now.base
        high = max([bar.high for bar in today], default=now.base)
        low = min([bar.low for bar in today], default=now.base)
        top = max(days, key=lambda bar: bar.high, default=None)
        bottom = min(days, key=lambda bar: bar.low, default=None)
        fields: Fields = {
            "cur_prc": _signed_level(now.last, now.base),
            "pred_pre_sig": sign_code(now.last, now.base, None),
            "pred_pre": _signed(now.last - now.base),
            "flu_rt": signed_rate(now.last - now.base, now.base),
            "trde_qty": str(now.volume),
            "trde_prica": str(now.value // _MILLION),
            "trde_frmatn_stk_num": str(now.traded),
            "trde_frmatn_rt": signed_rate(now.traded, now.listed),
            "open_pric": _signed_level(opened, now.base),
            "high_pric": _signed_level(high, now.base),
            "low_pric": _signed_level(low, now.base),
            "upl": str(now.at_upper),
            "rising": str(now.up),
            "stdns": str(now.level),
            "fall": str(now.down),
            "lst": str(now.at_lower),
        }
        for name, bar, level in (
            ("52wk_hgst_pric", top, top.high if top else 0),
            ("52wk_lwst_pric", bottom, bottom.low if bottom else 0),
        ):
            fields[name] = _signed_level(level, now.base)
            fields[f"{name}_dt"] = day_text(bar.day) if bar else ""
            fields[f"{name}_pre_rt"] = signed_rate(now.last - level, level)
        return fields

    def _stocks(self, ask: Ask) -> Answer:
        rows = []
        for line in self._lines(ask.field("inds_cd")):
            depth = self._desk.depth(line)
            rows.append(
                {
                    "stk_cd": line.symbol,
                    "stk_nm": line.name,
                    "cur_prc": price(line.price, line.base),
                    "pred_pre_sig": sign_code(line.price, line.base, line.band),
                    "pred_pre": signed(line.change),
                    "flu_rt": signed_rate(line.change, line.base),
                    "now_trde_qty": str(line.volume),
                    "sel_bid": price(depth.ask, line.base),
                    "buy_bid": price(depth.bid, line.base),
                    "open_pric": price(line.open, line.base),
                    "high_pric": price(line.high, line.base),
                    "low_pric": price(line.low, line.base),
                }
            )
        return Answer({}, "inds_stkpc", rows, text=DONE)

    def _all(self, ask: Ask) -> Answer:
        wanted = self._index(ask.field("inds_cd"))
        rows = []
        for code, index in INDICES.items():
            if index.market is not wanted.market:
                continue
            now = self.value(code)
            rows.append(
                {
                    "stk_cd": code,
                    "stk_nm": index.name,
                    "cur_prc": _signed_level(now.last, now.base),
                    "pre_sig": sign_code(now.last, now.base, None),
                    "pred_pre": _signed(now.last - now.base),
                    "flu_rt": signed_rate(now.last - now.base, now.base),
                    "trde_qty": str(now.volume),
                    "wght": "",
                    "trde_prica": str(now.value // _MILLION),
                    "upl": str(now.at_upper),
                    "rising": str(now.up),
                    "stdns": str(now.level),
                    "fall": str(now.down),
                    "lst": str(now.at_lower),
                    "flo_stk_num": str(now.listed),
                }
            )
        return Answer({}, "all_inds_idex", rows, text=DONE)

    def _minutes(self, ask: Ask) -> Answer:
        code, text = ask.field("inds_cd"), ask.field("tic_scope")
        if not text.isdecimal() or int(text) < 1:
            raise codes.bad_field("tic_scope", text)
        base, total, rows = self.value(code).base, 0, list[Row]()
        for bar in minutes(self._intraday(code), int(text)):
            total += bar.volume
            rows.append(
                {
                    "cur_prc": price(bar.close, base),
                    "trde_qty": str(bar.volume),
                    "cntr_tm": stamp(bar.at),
                    "open_pric": price(bar.open, base),
                    "high_pric": price(bar.high, base),
                    "low_pric": price(bar.low, base),
                    "acc_trde_qty": str(total),
                    "pred_pre": signed(bar.close - base),
                    "pred_pre_sig": sign_code(bar.close, base, None),
                }
            )
        rows.reverse()
        return Answer({"inds_cd": code}, "inds_min_pole_qry", rows, is_newest_first=True, text=DONE)

    def _days(self, ask: Ask) -> Answer:
        return self._long(ask, "inds_dt_pole_qry", lambda bar: bar.day)

    def _weeks(self, ask: Ask) -> Answer:
        return self._long(ask, "inds_stk_pole_qry", week_of)

    def _months(self, ask: Ask) -> Answer:
        return self._long(ask, "inds_mth_pole_qry", lambda bar: bar.day.replace(day=1))

    def _years(self, ask: Ask) -> Answer:
        return self._long(ask, "inds_yr_pole_qry", lambda bar: bar.day.year)

    def _long(self, ask: Ask, list_key: str, key: Callable[[Bar], object]) -> Answer:
        code, last = ask.field("inds_cd"), find_day(ask.field("base_dt"))
        if last is None:
            raise codes.bad_field("base_dt", ask.field("base_dt"))
        bars = grouped((bar for bar in self._daily_bars(code) if bar.day <= last), key)
        rows = [
            {
                "cur_prc": str(bar.close),
                "trde_qty": str(bar.volume),
                "dt": day_text(bar.day),
                "open_pric": str(bar.open),
                "high_pric": str(bar.high),
                "low_pric": str(bar.low),
                "trde_prica": str(bar.value // _MILLION),
            }
            for bar in reversed(bars)
        ]
        return Answer({"inds_cd": code}, list_key, rows, is_newest_first=True, text=DONE)

    def _daily_bars(self, code: str) -> list[Bar]:
        """
        Return the index by day, today's unfinished one too.

        Of earlier days only opening and close are known; they stand for high and low as well.
        """
        by_day: dict[date, list[tuple[Line, Bar]]] = {}
        lines = self._lines(code)
        for line in lines:
            for bar in self._desk.history.days(line.symbol):
                by_day.setdefault(bar.day, []).append((line, bar))
        closes = {line.symbol: 0 for line in lines}
        start, days = self._start(code), list[Bar]()
        for day in sorted(by_day):
            traded = by_day[day]
            opens = closes | {line.symbol: bar.open for line, bar in traded}
            closes |= {line.symbol: bar.close for line, bar in traded}
            opened, closed = (
                self._level(code, ((line, prices[line.symbol]) for line in lines), start)
                for prices in (opens, closes)
            )
            volume = sum(bar.volume for _, bar in traded)
            value = sum(bar.value for _, bar in traded)
            high, low = max(opened, closed), min(opened, closed)
            days.append(Bar(traded[0][1].at, opened, high, low, closed, volume, value))
        return [*days, *grouped(self._intraday(code), lambda bar: bar.day)]

    def _intraday(self, code: str) -> list[Bar]:
        """Return the index by minute of today, from the prints of its stocks."""
        lines, start = self._lines(code), self._start(code)
        trades = [
            (line, bar)
            for line in lines
            for bar in bars_of_trades(self._desk.exchange.prints.get(line.symbol, []))
        ]
        trades.sort(key=lambda pair: pair[1].at)
        prices = {line.symbol: line.base for line in lines}
        total = sum(line.base * _weight(line) for line in lines)
        walked = []
        for line, bar in trades:
            total += (bar.close - prices[line.symbol]) * _weight(line)
            prices[line.symbol] = bar.close
            level = INDICES[code].start * total // start if start else INDICES[code].start
            walked.append(Bar(bar.at, level, level, level, level, bar.volume, bar.value))
        return minutes(walked, 1)

    def _level(self, code: str, prices: Iterable[tuple[Line, int]], start: int) -> int:
        total = sum(px * _weight(line) for line, px in prices)
        return INDICES[code].start * total // start if start else INDICES[code].start

    def _start(self, code: str) -> int:
        """Return what all stocks were worth at the close of the first session [won]."""
        total = 0
        for line in self._lines(code):
            days = self._desk.history.days(line.symbol)
            total += (days[0].close if days else line.base) * _weight(line)
        return total

    def _lines(self, code: str) -> list[Line]:
        market = self._index(code).market
        rules = self._desk.books.rules
        return [
            line
            for line in self._desk.board.lines()
            if rules[line.symbol].instrument.market is market
            and rules[line.symbol].instrument.product is Product.STOCK
        ]

    def _index(self, code: str) -> Index:
        index = INDICES.get(code)
        if index is None:
            raise codes.bad_field("inds_cd", code)
        return index


def _weight(line: Line) -> int:
    return line.listed_shares or 1


def _is_at(line: Line, band: PriceBand | None, code: str) -> bool:
    return sign_code(line.price, line.base, band) == code


def _signed(value: int) -> str:
    return f"+{hundredths(value)}" if value > 0 else hundredths(value)


def _signed_level(level: int, base: int) -> str:
    sign = "+" if level > base else "-" if level < base else ""
    return f"{sign}{hundredths(level)}"
