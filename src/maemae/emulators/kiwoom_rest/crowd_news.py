"""Who trades, worded as frames: 0F members, 0w programmes; and 0G, what a fund is worth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from maemae.domain.terms import Product
from maemae.emulators.kiwoom_rest.board import Line
from maemae.emulators.kiwoom_rest.crowd import Turnover, foreign_members, members, programmes
from maemae.emulators.kiwoom_rest.desk import Desk
from maemae.emulators.kiwoom_rest.formats import (
    clock,
    price,
    sign_code,
    signed,
    signed_rate,
)
from maemae.emulators.kiwoom_rest.investors import cut
from maemae.emulators.kiwoom_rest.members import first_five, name_of
from maemae.emulators.kiwoom_rest.order_news import Entry, Values
from maemae.emulators.kiwoom_rest.screen import MILLION


class CrowdNews:
    """
    Words who trades.

    Args:
        desk: What it is computed from.

    Attributes:
        by_type: What words each type, or None where a type says nothing of an instrument.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.by_type: Mapping[str, Callable[[Line, str], Entry | None]] = {
            "0F": self._members,
            "0G": self._worth,
            "0w": self._programmes,
        }

    def _members(self, line: Line, item: str) -> Entry:
        values: Values = {}
        for n, (seller, buyer) in enumerate(first_five(line)):
            for first, (code, qty), sign in ((141, seller, "-"), (151, buyer, "+")):
                values[str(first + n)] = name_of(code)
                values[str(first + n + 20)] = f"{sign}{qty}" if qty else "0"
                values[str(first + n + 25)] = "0"
                values[str(first + n + 5)] = code
                values[str(first + n + 130)] = ""
        part = foreign_members(members(line.symbol, [line.bar] if line.bar else []))
        values |= {
            "261": signed(-part.sold),
            "262": "0",
            "263": signed(part.bought),
            "264": "0",
            "267": signed(part.net),
            "268": "0",
            "337": "KRX",
        }
        return Entry(values, "0F", "주식당일거래원", item)

    def _programmes(self, line: Line, item: str) -> Entry:
        part = Turnover()
        for each in programmes(line.symbol, [line.bar] if line.bar else []):
            part = part.plus(each)
        values = {
            **self._moved(line),
            "202": str(part.sold),
            "204": str(cut(part.received, MILLION)),
            "206": str(part.bought),
            "208": str(cut(part.paid, MILLION)),
            "210": signed(part.net),
            "211": "0",
            "212": signed(cut(part.net_value, MILLION)),
            "213": "0",
            **dict.fromkeys(("214", "215", "216"), ""),
        }
        return Entry(values, "0w", "종목프로그램매매", item)

    def _worth(self, line: Line, item: str) -> Entry | None:
        """Return type 0G (ETF NAV) of a fund, which is worth its price here."""
        if self._desk.books.rules[line.symbol].instrument.product is not Product.ETF:
            return None
        values = {
            "36": f"{line.price}.00",
            "37": f"{line.change:+d}.00",
            "38": signed_rate(line.change, line.base),
            **dict.fromkeys(_NOUGHTS, "0.00"),
            **self._moved(line),
        }
        return Entry(values, "0G", "ETF NAV", item)

    def _moved(self, line: Line) -> Values:
        return {
            "20": clock(line.at or self._desk.now),
            "10": price(line.price, line.base),
            "25": sign_code(line.price, line.base, line.band),
            "11": signed(line.change),
            "12": signed_rate(line.change, line.base),
            "13": str(line.volume),
        }


_NOUGHTS: Final = ("39", "265", "266", "667", "668", "669")
"""Error of following, distances, and what only warrants have."""
