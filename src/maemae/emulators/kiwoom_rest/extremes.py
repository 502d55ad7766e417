"""
Rankings by the range of prices and volumes: ka10016, ka10017, ka10018, ka10024, ka10028.

Source: the broker's list of the interface, edition of April 2026. It leaves the order of
ka10016, ka10018 and ka10024 open: the strongest come first here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice, pairwise, takewhile
from typing import Final

from maemae.emulators.kiwoom_rest.board import Line
from maemae.emulators.kiwoom_rest.formats import price, rate, sign_code, signed_rate
from maemae.emulators.kiwoom_rest.history import Bar
from maemae.emulators.kiwoom_rest.part import Part
from maemae.emulators.kiwoom_rest.screen import RANKED, choice, head, millionths, number, sifted
from maemae.emulators.kiwoom_rest.wire import DONE, Answer, Ask, Row, Tr
from maemae.krx.band import price_band


class Extremes(Part):
    """Answers with instruments at the ends of a range."""

    def served(self) -> dict[str, Tr]:
        """Return what is answered here."""
        return {
            "ka10016": Tr(_NEW, self._new, page_rows=RANKED),
            "ka10017": Tr(_LIMITS, self._directions, page_rows=RANKED),
            "ka10018": Tr(_NEAR, self._near, page_rows=RANKED),
            "ka10024": Tr(_BUSIEST, self._busiest, page_rows=RANKED),
            "ka10028": Tr(_SINCE, self._since, page_rows=RANKED),
        }

    def _new(self, ask: Ask) -> Answer:
        """Return who is beyond all of the sessions before, today left out."""
        direction, extreme = choice(ask, "ntl_tp", _ENDS)
        reach = choice(ask, "high_low_close_tp", {"1": extreme, "2": _close})
        count = number(ask, "dt", 1)
        found = []
        for line in sifted(self._desk, ask):
            days = self._desk.history.days(line.symbol)[-count:]
            if line.bar and days:
                reached = reach(line.bar) * direction
                if all(reached > reach(bar) * direction for bar in days):
                    found.append(line)
        found.sort(key=lambda line: -direction * millionths(line.change, line.base))
        rows = [
            {
                **head(line),
                "trde_qty": str(line.volume),
                "pred_trde_qty_pre_rt": signed_rate(
                    line.volume - line.previous_volume, line.previous_volume
                ),
                **self._best(line),
                "high_pric": price(line.high, line.base),
                "low_pric": price(line.low, line.base),
            }
            for line in found
        ]
        return Answer({}, "ntl_pric", rows, text=DONE)

    def _directions(self, ask: Ask) -> Answer:
        """Return who goes one way today, or stood at a limit yesterday, and for how long."""
        sessions_ago, wanted = choice(ask, "updown_tp", _DIRECTIONS)
        order = choice(ask, "sort_tp", _ORDERS)
        direction = -1 if "4" in wanted else 1
        found: list[tuple[Line, int]] = []
        for line in sifted(self._desk, ask):
            signs = islice(self._signs(line), sessions_ago, None)
            sessions = sum(1 for _ in takewhile(wanted.__contains__, signs))
            if sessions:
                found.append((line, sessions))
        found.sort(key=lambda pair: order(pair[0], pair[1], direction))
        rows = []
        for line, sessions in found:
            depth = self._desk.depth(line)
            rows.append(
                {
                    "stk_infr": "",
                    **head(line),
                    "trde_qty": str(line.volume),
                    "pred_trde_qty": str(line.previous_volume),
                    "sel_req": str(depth.asks[0].qty),
                    **self._best(line),
                    "buy_req": str(depth.bids[0].qty),
                    "cnt": str(sessions),
                }
            )
        return Answer({}, "updown_pric", rows, text=DONE)

    def _near(self, ask: Ask) -> Answer:
        """Return who is within some tenths of a percent of the day's high or low."""
        is_high = choice(ask, "high_low_tp", {"1": True, "2": False})
        tenths = number(ask, "alacc_rt")
        found: list[tuple[int, Line]] = []
        for line in sifted(self._desk, ask):
            end = line.high if is_high else line.low
            gap = abs(end - line.price)
            if line.last and gap * 1_000 <= tenths * end:
                found.append((millionths(gap, end), line))
        found.sort(key=lambda pair: pair[0])
        rows = [
            {
                **head(line),
                "trde_qty": str(line.volume),
                **self._best(line),
                "tdy_high_pric": price(line.high, line.base),
                "tdy_low_pric": price(line.low, line.base),
            }
            for _, line in found
        ]
        return Answer({}, "high_low_pric_alacc", rows, text=DONE)

    def _busiest(self, ask: Ask) -> Answer:
        """Return whose volume is above that of each of the sessions before."""
        count = number(ask, "cycle_tp", 1)
        found: list[tuple[Line, int]] = []
        for line in sifted(self._desk, ask):
            days = self._desk.history.days(line.symbol)[-count:]
            most = max([bar.volume for bar in days], default=0)
            if days and line.volume > most:
                found.append((line, most))
        found.sort(key=lambda pair: -pair[0].volume)
        rows = [
            {
                **head(line),
                "prev_trde_qty": str(most),
                "now_trde_qty": str(line.volume),
                **self._best(line),
            }
            for line, most in found
        ]
        return Answer({}, "trde_qty_updt", rows, text=DONE)

    def _since(self, ask: Ask) -> Answer:
        """Return everyone by the distance from the day's open, high, low or base."""
        start_of = choice(ask, "sort_tp", _STARTS)
        direction = choice(ask, "flu_cnd", {"1": 1, "2": -1})
        lines = [line for line in sifted(self._desk, ask) if line.last]
        lines.sort(
            key=lambda line: -direction * millionths(line.price - start_of(line), start_of(line))
        )
        rows = [
            {
                **head(line),
                "open_pric": price(line.open, line.base),
                "high_pric": price(line.high, line.base),
                "low_pric": price(line.low, line.base),
                "open_pric_pre": signed_rate(line.price - line.open, line.open),
                "now_trde_qty": str(line.volume),
                "cntr_str": rate(line.bought, line.sold),
            }
            for line in lines
        ]
        return Answer({}, "open_pric_pre_flu_rt", rows, text=DONE)

    def _signs(self, line: Line) -> Iterator[str]:
        """Yield the direction of each session, today's first."""
        yield sign_code(line.price, line.base, line.band)
        instrument = self._desk.books.rules[line.symbol].instrument
        for bar, before in pairwise(reversed(self._desk.history.days(line.symbol))):
            band = price_band(before.close, instrument, bar.day) if line.band else None
            yield sign_code(bar.close, before.close, band)

    def _best(self, line: Line) -> Row:
        depth = self._desk.depth(line)
        return {"sel_bid": price(depth.ask, line.base), "buy_bid": price(depth.bid, line.base)}


def _high(bar: Bar) -> int:
    return bar.high


def _low(bar: Bar) -> int:
    return bar.low


def _close(bar: Bar) -> int:
    return bar.close


_ENDS: Final = {"1": (1, _high), "2": (-1, _low)}
_DIRECTIONS: Final = {
    "1": (0, frozenset({"1"})),
    "2": (0, frozenset({"1", "2"})),
    "3": (0, frozenset({"3"})),
    "4": (0, frozenset({"4"})),
    "5": (0, frozenset({"4", "5"})),
    "6": (1, frozenset({"1"})),
    "7": (1, frozenset({"4"})),
}
"""How many sessions ago it begins, and the directions that belong to it."""

_ORDERS: Final[dict[str, Callable[[Line, int, int], int]]] = {
    "1": lambda _line, _sessions, _direction: 0,
    "2": lambda _line, sessions, _direction: -sessions,
    "3": lambda line, _sessions, direction: -direction * millionths(line.change, line.base),
}
"""What each order sorts by; who is equal stays in the order of codes."""

_STARTS: Final[dict[str, Callable[[Line], int]]] = {
    "1": lambda line: line.open,
    "2": lambda line: line.high,
    "3": lambda line: line.low,
    "4": lambda line: line.base,
}
_NEW: Final = (
    *("mrkt_tp", "ntl_tp", "high_low_close_tp", "stk_cnd", "trde_qty_tp", "crd_cnd"),
    *("updown_incls", "dt", "stex_tp"),
)
_LIMITS: Final = (
    *("mrkt_tp", "updown_tp", "sort_tp", "stk_cnd", "trde_qty_tp", "crd_cnd", "trde_gold_tp"),
    "stex_tp",
)
_NEAR: Final = (
    *("high_low_tp", "alacc_rt", "mrkt_tp", "trde_qty_tp", "stk_cnd", "crd_cnd", "stex_tp"),
)
_BUSIEST: Final = ("mrkt_tp", "cycle_tp", "trde_qty_tp", "stex_tp")
_SINCE: Final = (
    *("sort_tp", "trde_qty_cnd", "mrkt_tp", "updown_incls", "stk_cnd", "crd_cnd"),
    *("trde_prica_cnd", "flu_cnd", "stex_tp"),
)
