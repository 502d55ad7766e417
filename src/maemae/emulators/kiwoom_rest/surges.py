"""
Rankings by what changed within minutes or since sessions ago: ka10019, ka10021, ka10022, ka10023.

The book of an earlier minute is drawn as that minute's was. Volume against the day before is
held against that whole day.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from maemae.domain.instant import MINUTE
from maemae.domain.market_data import Trade
from maemae.emulators.kiwoom_rest.board import Line, prints_until
from maemae.emulators.kiwoom_rest.depth import Depth
from maemae.emulators.kiwoom_rest.formats import rate, signed, signed_rate
from maemae.emulators.kiwoom_rest.part import Part
from maemae.emulators.kiwoom_rest.screen import (
    MILLION,
    RANKED,
    choice,
    head,
    millionths,
    named,
    number,
    sifted,
)
from maemae.emulators.kiwoom_rest.wire import DONE, Answer, Ask, Tr


class Surges(Part):
    """Answers with instruments that moved."""

    def served(self) -> dict[str, Tr]:
        """Return what is answered here."""
        return {
            "ka10019": Tr(_OF_PRICE, self._of_price, page_rows=RANKED),
            "ka10021": Tr(_OF_BALANCE, self._of_balance, page_rows=RANKED),
            "ka10022": Tr(_OF_RATIO, self._of_ratio, page_rows=RANKED),
            "ka10023": Tr(_OF_VOLUME, self._of_volume, page_rows=RANKED),
        }

    def _of_price(self, ask: Ask) -> Answer:
        """Return who rose or fell since minutes or sessions ago."""
        direction = choice(ask, "flu_tp", {"1": 1, "2": -1})
        is_by_minute = choice(ask, "tm_tp", _BY_MINUTE)
        span = number(ask, "tm", 1)
        found: list[tuple[int, Line, int]] = []
        for line in sifted(self._desk, ask):
            base = self._price_before(line, span) if is_by_minute else self._close(line, span)
            if base and (line.price - base) * direction > 0:
                found.append((-direction * millionths(line.price - base, base), line, base))
        found.sort(key=lambda each: each[0])
        rows = [
            {
                "stk_cls": "",
                **head(line),
                "base_pric": str(base),
                "base_pre": str(line.price - base),
                "trde_qty": str(line.volume),
                "jmp_rt": signed_rate(line.price - base, base),
            }
            for _, line, base in found
        ]
        return Answer({}, "pric_jmpflu", rows, text=DONE)

    def _of_balance(self, ask: Ask) -> Answer:
        """Return on whose side of the book more shares wait than minutes ago."""
        is_buying = choice(ask, "trde_tp", {"1": True, "2": False})
        is_by_rate = choice(ask, "sort_tp", {"1": False, "2": True})
        found: list[tuple[int, Line, int, int]] = []
        for line, past, depth in self._books(ask):
            then = past.bidden if is_buying else past.asked
            now = depth.bidden if is_buying else depth.asked
            if now > then:
                key = millionths(now - then, then) if is_by_rate else now - then
                found.append((-key, line, then, now))
        found.sort(key=lambda each: each[0])
        rows = [
            {
                **named(line),
                "int": str(then),
                "now": str(now),
                "sdnin_qty": str(now - then),
                "sdnin_rt": signed_rate(now - then, then),
                "tot_buy_qty": str(line.bought),
            }
            for _, line, then, now in found
        ]
        return Answer({}, "bid_req_sdnin", rows, text=DONE)

    def _of_ratio(self, ask: Ask) -> Answer:
        """Return where one side of the book grew against the other since minutes ago."""
        is_buying = choice(ask, "rt_tp", {"1": True, "2": False})
        found: list[tuple[int, Line, tuple[int, int], tuple[int, int], Depth]] = []
        for line, past, depth in self._books(ask):
            then = _sides(past, is_buying=is_buying)
            now = _sides(depth, is_buying=is_buying)
            growth = millionths(*now) - millionths(*then)
            if growth > 0:
                found.append((-growth, line, then, now, depth))
        found.sort(key=lambda each: each[0])
        rows = [
            {
                **named(line),
                "int": signed_rate(*then),
                "now_rt": signed_rate(*now),
                "sdnin_rt": f"+{rate(-growth, MILLION)}",
                "tot_sel_req": str(depth.asked),
                "tot_buy_req": str(depth.bidden),
            }
            for growth, line, then, now, depth in found
        ]
        return Answer({}, "req_rt_sdnin", rows, text=DONE)

    def _of_volume(self, ask: Ask) -> Answer:
        """Return who trades more, or less, than in the minutes or on the day before."""
        direction, is_by_rate = choice(ask, "sort_tp", _VOLUME_ORDERS)
        is_by_minute = choice(ask, "tm_tp", _BY_MINUTE)
        span = number(ask, "tm", 1) if is_by_minute and ask.field("tm") else 1
        found: list[tuple[int, Line, int, int]] = []
        for line in sifted(self._desk, ask):
            then, now = line.previous_volume, line.volume
            if is_by_minute:
                then, now = self._volumes(line, span)
            growth = (now - then) * direction
            if growth > 0:
                key = millionths(growth, then) if is_by_rate else growth
                found.append((-key, line, then, now))
        found.sort(key=lambda each: each[0])
        rows = [
            {
                **head(line),
                "prev_trde_qty": str(then),
                "now_trde_qty": str(now),
                "sdnin_qty": signed(now - then),
                "sdnin_rt": signed_rate(now - then, then),
            }
            for _, line, then, now in found
        ]
        return Answer({}, "trde_qty_sdnin", rows, text=DONE)

    def _books(self, ask: Ask) -> list[tuple[Line, Depth, Depth]]:
        """Return instruments with their books of minutes ago and of now."""
        then = self._desk.now - number(ask, "tm_tp", 1) * MINUTE
        found = []
        for line in sifted(self._desk, ask):
            past = _as_of(line, self._prints(line), then)
            found.append((line, self._desk.depth(past, then), self._desk.depth(line)))
        return found

    def _price_before(self, line: Line, minutes: int) -> int:
        """Return the price of minutes ago [won]; before the first print it is the base price."""
        prints = self._prints(line)
        place = prints_until(prints, self._desk.now - minutes * MINUTE)
        return prints[place - 1].px if place else line.base

    def _close(self, line: Line, sessions: int) -> int:
        """Return the close of sessions ago [won], 0 if that is not known."""
        days = self._desk.history.days(line.symbol)
        return days[-sessions].close if sessions <= len(days) else 0

    def _volumes(self, line: Line, minutes: int) -> tuple[int, int]:
        """Return the shares of so many minutes, and of as many after them, until now."""
        prints, now = self._prints(line), self._desk.now
        first = prints_until(prints, now - 2 * minutes * MINUTE)
        middle = prints_until(prints, now - minutes * MINUTE)
        before = sum(trade.qty for trade in prints[first:middle])
        return before, sum(trade.qty for trade in prints[middle:])

    def _prints(self, line: Line) -> Sequence[Trade]:
        return self._desk.exchange.prints.get(line.symbol, [])


def _as_of(line: Line, prints: Sequence[Trade], at: int) -> Line:
    """Return an instrument with its price of an earlier time, and who had begun that print."""
    place = prints_until(prints, at)
    px = prints[place - 1].px if place else 0
    earlier = (trade.px for trade in reversed(prints[:place]) if trade.px != px)
    before = next(earlier, line.base)
    return msgspec.structs.replace(line, last=px, is_bought=px >= before or not place)


def _sides(depth: Depth, *, is_buying: bool) -> tuple[int, int]:
    return (depth.bidden, depth.asked) if is_buying else (depth.asked, depth.bidden)


_BY_MINUTE: Final = {"1": True, "2": False}
_VOLUME_ORDERS: Final = {"1": (1, False), "2": (1, True), "3": (-1, False), "4": (-1, True)}
_OF_PRICE: Final = (
    *("mrkt_tp", "flu_tp", "tm_tp", "tm", "trde_qty_tp", "stk_cnd", "crd_cnd", "pric_cnd"),
    *("updown_incls", "stex_tp"),
)
_OF_BALANCE: Final = (
    *("mrkt_tp", "trde_tp", "sort_tp", "tm_tp", "trde_qty_tp", "stk_cnd", "stex_tp"),
)
_OF_RATIO: Final = ("mrkt_tp", "rt_tp", "tm_tp", "trde_qty_tp", "stk_cnd", "stex_tp")
_OF_VOLUME: Final = (
    *("mrkt_tp", "sort_tp", "tm_tp", "trde_qty_tp", "stk_cnd", "pric_tp", "stex_tp"),
)
