"""Frames about the market: trades, books, phases, VI, indices; by type, as they are registered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from typing import Final

from maemae.domain.ids import Symbol
from maemae.domain.instant import MINUTE, SECOND, kst_nanos
from maemae.domain.market_data import Trade
from maemae.domain.terms import ExecutionVenue, Market
from maemae.emulators.kiwoom_rest.board import Line
from maemae.emulators.kiwoom_rest.crowd_news import CrowdNews
from maemae.emulators.kiwoom_rest.depth import LEVELS
from maemae.emulators.kiwoom_rest.desk import AUCTIONS, Desk
from maemae.emulators.kiwoom_rest.formats import (
    NAUGHT_TIME,
    clock,
    hundredths,
    price,
    rate,
    sign_code,
    signed,
    signed_rate,
)
from maemae.emulators.kiwoom_rest.index_levels import IndexLevels
from maemae.emulators.kiwoom_rest.order_news import Entry, Values
from maemae.krx.session import Phase, phases

_MILLION: Final = 1_000_000
_EOK: Final = 100_000_000


class MarketNews:
    """
    Words the market as frames.

    Args:
        desk: What they are computed from.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._indices = IndexLevels(desk)
        self._by_type: dict[str, Callable[[Line, str], Entry | None]] = {
            "0A": self._quote,
            "0C": self._best,
            "0D": self._book,
            "0H": self._expected,
            "0g": self._information,
            **CrowdNews(desk).by_type,
        }

    def trade(self, line: Line, trade: Trade, item: str) -> Entry:
        """Return type 0B (주식체결); the line has counted the trade, or never will."""
        base, depth = line.base, self._desk.depth(line)
        px, bought = trade.px, line.is_bought
        before = line.previous_volume
        less = line.volume - before
        pace = self._desk.history.volume_until(line.symbol, trade.at)
        bought_now, sold_now = (trade.qty, 0) if bought else (0, trade.qty)
        value = px * trade.qty // 1_000
        values = {
            "20": clock(trade.at),
            "10": price(px, base),
            "11": signed(px - base),
            "12": signed_rate(px - base, base),
            "27": price(depth.ask, base),
            "28": price(depth.bid, base),
            "15": f"{'+' if bought else '-'}{trade.qty}",
            "13": str(line.volume),
            "14": str(line.value // _MILLION),
            "16": price(line.open, base),
            "17": price(line.high, base),
            "18": price(line.low, base),
            "25": sign_code(px, base, line.band),
            "26": signed(less),
            "29": signed(line.value - (line.previous.value if line.previous else 0)),
            "30": _with_sign(rate(line.volume, before), less),
            "31": rate(line.volume, line.listed_shares),
            "32": str(px * _COST_PPM // _MILLION),
            "228": rate(line.bought, line.sold),
            "311": str(px * line.listed_shares // _EOK),
            "290": _SESSION_CODES.get(self._desk.phase, "2"),
            "691": "0",
            "567": self._limit_time(line, "1"),
            "568": self._limit_time(line, "4"),
            "851": str(line.volume * 10_000 // pace) if pace else "0",
            "1890": clock(line.opened_at),
            "1891": clock(line.high_at),
            "1892": clock(line.low_at),
            "1030": str(line.sold),
            "1031": str(line.bought),
            "1032": _buying_share(line),
            "1071": str(line.sells),
            "1072": str(line.buys),
            "1313": f"{'+' if bought else '-'}{value}",
            "1315": f"-{sold_now}" if sold_now else " 0",
            "1316": f"+{bought_now}" if bought_now else " 0",
            "1314": signed(bought_now - sold_now),
            "1497": str(px * 40 // 100),
            "1498": str(px * 32 // 100),
            "620": str(line.value // line.volume if line.volume else px),
            "732": str(px * _CFD_COST_PPM // _MILLION),
            "852": str(px * _LENDING_COST_PPM // _MILLION),
            "9081": "KRX",
        }
        return Entry(values, "0B", "주식체결", item)

    def of_type(self, kind: str, line: Line, item: str) -> Entry | None:
        """Return what a type says of an instrument now, None for a type that says nothing."""
        if kind == "0H" and self._desk.phase not in AUCTIONS:
            return None
        make = self._by_type.get(kind)
        return None if make is None else make(line, item)

    def _quote(self, line: Line, item: str) -> Entry:
        """Return type 0A (주식기세)."""
        trade = Trade(line.symbol, line.price, max(1, line.qty), line.at or self._desk.now)
        values = self.trade(line, trade, item).values
        return Entry({name: values[name] for name in _QUOTE}, "0A", "주식기세", item)

    def _best(self, line: Line, item: str) -> Entry:
        """Return type 0C (주식우선호가)."""
        depth = self._desk.depth(line)
        values = {"27": price(depth.ask, line.base), "28": price(depth.bid, line.base)}
        return Entry(values, "0C", "주식우선호가", item)

    def _book(self, line: Line, item: str) -> Entry:
        """Return type 0D (주식호가잔량)."""
        depth, base = self._desk.depth(line), line.base
        values: Values = {"21": clock(self._desk.now)}
        for n in range(LEVELS):
            ask, bid = depth.asks[n], depth.bids[n]
            values[str(41 + n)] = price(ask.px, base)
            values[str(61 + n)] = str(ask.qty)
            values[str(81 + n)] = "0"
            values[str(51 + n)] = price(bid.px, base)
            values[str(71 + n)] = str(bid.qty)
            values[str(91 + n)] = "0"
        asked, bidden = depth.asked, depth.bidden
        is_auction = self._desk.phase in AUCTIONS
        expected = line.price if is_auction else 0
        values |= {
            "121": str(asked),
            "122": "0",
            "125": str(bidden),
            "126": "0",
            "23": price(expected, base),
            "24": "0",
            "128": signed(bidden - asked),
            "129": signed_rate(bidden, asked),
            "138": signed(asked - bidden),
            "139": signed_rate(asked, bidden),
            "200": signed(expected - base) if expected else "0",
            "201": signed_rate(expected - base, base) if expected else "0.00",
            "238": sign_code(expected, base, line.band),
            "291": price(expected, base),
            "292": "0",
            "293": sign_code(expected, base, line.band),
            "294": signed(expected - base) if expected else "0",
            "295": signed_rate(expected - base, base) if expected else "0.00",
            **{str(fid): "0" for fid in range(621, 641)},
            "13": str(line.volume),
            "299": "0.00",
            "215": "0",
            "216": "",
        }
        for n in range(LEVELS):
            values[str(6_044 + n)] = str(depth.asks[n].qty)
            values[str(6_054 + n)] = str(depth.bids[n].qty)
        values |= {"6064": str(asked), "6065": str(bidden)}
        values |= {str(fid): "0" for fid in range(6_066, 6_088)}
        middle = (depth.ask + depth.bid) // 2 if depth.ask and depth.bid else 0
        values |= {"6100": "0", "6101": "0", "6102": price(middle, base), "6103": "0"}
        values |= {str(fid): "0" for fid in range(6_104, 6_110)}
        values |= {
            "6110": signed(middle - base) if middle else "0",
            "6111": sign_code(middle, base, line.band),
            "6112": signed_rate(middle - base, base) if middle else "0.00",
            **{str(fid): "0" for fid in range(6_113, 6_116)},
        }
        return Entry(values, "0D", "주식호가잔량", item)

    def _expected(self, line: Line, item: str) -> Entry:
        """Return type 0H (주식예상체결): in an auction the newest price stands for it."""
        px, base = line.price, line.base
        values = {
            "20": clock(self._desk.now),
            "10": price(px, base),
            "11": signed(px - base),
            "12": signed_rate(px - base, base),
            "15": "0",
            "13": str(line.volume),
            "25": sign_code(px, base, line.band),
        }
        return Entry(values, "0H", "주식예상체결", item)

    def _information(self, line: Line, item: str) -> Entry:
        """Return type 0g (주식종목정보)."""
        band = line.band
        values = {
            "297": "",
            "592": "",
            "593": "",
            "305": price(band.upper if band else 0, line.base),
            "306": price(band.lower if band else 0, line.base),
            "307": str(line.base),
            "689": "",
            "594": "원",
            "382": "",
            "370": "",
        }
        return Entry(values, "0g", "주식종목정보", item)

    def index(self, code: str) -> Entry:
        """Return type 0J (업종지수)."""
        now = self._indices.value(code)
        change = now.last - now.base
        plus = "+" if change > 0 else ""
        sign = "+" if change > 0 else "-" if change < 0 else ""
        level = f"{sign}{hundredths(now.last)}"
        values = {
            "20": clock(now.at or self._desk.now),
            "10": level,
            "11": f"{plus}{hundredths(change)}",
            "12": signed_rate(change, now.base),
            "15": "0",
            "13": str(now.volume),
            "14": str(now.value // _MILLION),
            "16": level,
            "17": level,
            "18": level,
            "25": sign_code(now.last, now.base, None),
            "26": "0",
        }
        return Entry(values, "0J", "업종지수", code)

    def breadth(self, code: str) -> Entry:
        """Return type 0U (업종등락)."""
        now = self._indices.value(code)
        values = {
            "20": clock(now.at or self._desk.now),
            "252": str(now.up),
            "251": str(now.at_upper),
            "253": str(now.level),
            "255": str(now.down),
            "254": str(now.at_lower),
            "13": str(now.volume),
            "14": str(now.value // _MILLION),
            **{name: self.index(code).values[name] for name in ("10", "11", "12")},
            "256": str(now.traded),
            "257": rate(now.traded, now.listed),
            "25": sign_code(now.last, now.base, None),
        }
        return Entry(values, "0U", "업종등락", code)

    def indices_of(self, symbol: Symbol) -> list[str]:
        """Return the indices that a trade of an instrument moves."""
        return self._indices.codes_of(symbol)

    def interruption(self, symbol: Symbol, *, is_on: bool, count: int) -> Entry:
        """Return type 1h (VI발동/해제)."""
        line = self._desk.line(symbol)
        market = self._desk.books.rules[symbol].instrument.market
        now, release = self._desk.now, self._desk.now + 2 * MINUTE
        values = {
            "9001": symbol,
            "302": line.name,
            "13": str(line.volume),
            "14": str(line.value // _MILLION),
            "9068": "1" if is_on else "2",
            "9008": _MARKET_CODES[market],
            "9075": "1",
            "1221": str(line.price),
            "1223": clock(now),
            "1224": clock(release) if is_on else clock(now),
            "1225": "정적",
            "1236": str(line.base),
            "1237": "0",
            "1238": signed_rate(line.change, line.base),
            "1239": "0.00",
            "1489": signed_rate(line.price - line.open, line.open),
            "1490": str(count),
            "9069": "1" if line.change >= 0 else "2",
            "1279": f"{'+' if line.change >= 0 else '-'}정적",
        }
        return Entry(values, "1h", "VI발동/해제", symbol)

    def phase(self, code: str, at: int, left: int) -> Entry:
        """Return type 0s (장시작시간): a code, when, and the time left until it holds [ns]."""
        secs = max(0, left) // SECOND
        text = f"{secs // 3_600:02d}{secs // 60 % 60:02d}{secs % 60:02d}"
        return Entry({"215": code, "20": clock(at), "214": text}, "0s", "장시작시간", "")

    def _limit_time(self, line: Line, code: str) -> str:
        at = line.high_at if code == "1" else line.low_at
        px = line.high if code == "1" else line.low
        return clock(at) if px and sign_code(px, line.base, line.band) == code else NAUGHT_TIME


def phase_codes(day: date, *, is_paper: bool) -> list[tuple[int, str, int]]:
    """Return what type 0s tells on a day, by time: when [ns], code, and what is left [ns]."""
    known = {change.phase: change.at for change in phases(day)}
    opens, closes = known[Phase.CONTINUOUS], known[Phase.AFTER_HOURS_CLOSE]
    told: list[tuple[int, str, int]] = [(opens - 20 * MINUTE, "0", 20 * MINUTE), (opens, "3", 0)]
    told += [(closes - 10 * MINUTE, "2", 10 * MINUTE), (closes, "4", 0), (closes + SECOND, "8", 0)]
    told += [(closes + 10 * MINUTE, "a", 0), (closes + 30 * MINUTE, "b", 0)]
    if Phase.AFTER_HOURS_SINGLE in known:
        told += [(known[Phase.AFTER_HOURS_SINGLE], "c", 0), (known[Phase.CLOSED], "d", 0)]
    told.append((max(known[Phase.CLOSED], kst_nanos(day, _EVENING)), "9", 0))
    if not is_paper:
        told += _nextrade_codes(day)
    return sorted(told)


def _nextrade_codes(day: date) -> list[tuple[int, str, int]]:
    known = {change.phase: change.at for change in phases(day, ExecutionVenue.NXT)}
    changes = phases(day, ExecutionVenue.NXT)
    pauses = [change.at for change in changes if change.phase is Phase.PAUSE]
    told: list[tuple[int, str, int]] = []
    if Phase.PRE_MARKET in known:
        told += [(known[Phase.PRE_MARKET], "P", 0), (pauses[0], "Q", 0)]
    if Phase.CONTINUOUS in known:
        told += [(known[Phase.CONTINUOUS], "R", 0), (pauses[-1], "S", 0)]
        told += [(known[Phase.AFTER_MARKET], "U", 0), (known[Phase.CLOSED], "V", 0)]
    return told


def _buying_share(line: Line) -> str:
    """Return the share of what buyers began; a minus marks less than half."""
    share = rate(line.bought, line.bought + line.sold)
    return share if line.bought >= line.sold else f"-{share}"


def _with_sign(text: str, number: int) -> str:
    return f"{'+' if number > 0 else '-' if number < 0 else ''}{text}"


_COST_PPM: Final = 2_309  # so that 257,750 gives 595 and 258,000 gives 595, as recorded
_CFD_COST_PPM: Final = 5_021
_LENDING_COST_PPM: Final = 4_016
_QUOTE: Final = (
    *("10", "11", "12", "27", "28", "13", "14", "16", "17", "18", "25", "26", "29", "30"),
    *("31", "32", "311", "567", "568"),
)
_SESSION_CODES: Final = {
    Phase.PRE_OPEN_AUCTION: "1",
    Phase.CONTINUOUS: "2",
    Phase.CLOSING_AUCTION: "2",
    Phase.AFTER_HOURS_CLOSE: "3",
    Phase.AFTER_HOURS_SINGLE: "3",
    Phase.AFTER_MARKET: "3",
}
_MARKET_CODES: Final = {Market.KOSPI: "001", Market.KOSDAQ: "101", Market.KONEX: "101"}
_EVENING: Final = time(18)
