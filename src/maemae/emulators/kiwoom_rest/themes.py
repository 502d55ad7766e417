"""
Themes (테마) and their stocks: ka90001, ka90002.

The market that is played has no themes, so each stock is in one of a few, by a checksum of its
code. What a theme earned is the mean of what its stocks did.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from zlib import crc32

import msgspec

from maemae.domain.ids import Symbol
from maemae.domain.terms import Product
from maemae.emulators.kiwoom_rest import codes
from maemae.emulators.kiwoom_rest.board import Line
from maemae.emulators.kiwoom_rest.desk import symbol_of
from maemae.emulators.kiwoom_rest.formats import (
    price,
    sign_code,
    signed,
    signed_rate,
)
from maemae.emulators.kiwoom_rest.part import Part
from maemae.emulators.kiwoom_rest.screen import MILLION, choice, millionths, number
from maemae.emulators.kiwoom_rest.trading_days import days_of
from maemae.emulators.kiwoom_rest.wire import DONE, Answer, Ask, Row, Tr


class Theme(msgspec.Struct, frozen=True):
    """
    A theme as it stands now.

    Attributes:
        lines: Its stocks, by code.
        change, earned: Mean change of today, and since days ago [millionths].
    """

    code: str
    name: str
    lines: tuple[Line, ...]
    change: int
    earned: int


class Themes(Part):
    """Answers about themes."""

    def served(self) -> dict[str, Tr]:
        """Return what is answered here."""
        return {
            "ka90001": Tr(("qry_tp", "date_tp", "flu_pl_amt_tp", "stex_tp"), self._ranked),
            "ka90002": Tr(("thema_grp_cd", "stex_tp"), self._stocks),
        }

    def _ranked(self, ask: Ask) -> Answer:
        key = choice(ask, "flu_pl_amt_tp", _ORDERS)
        is_wanted = choice(ask, "qry_tp", {"0": _every, "1": _is_named, "2": _has})
        themes = [each for each in self._themes(number(ask, "date_tp", 1)) if is_wanted(each, ask)]
        themes.sort(key=key)
        rows = [
            {
                "thema_grp_cd": theme.code,
                "thema_nm": theme.name,
                "stk_num": str(len(theme.lines)),
                "flu_sig": sign_code(MILLION + theme.change, MILLION, None),
                "flu_rt": signed_rate(theme.change, MILLION),
                "rising_stk_num": str(sum(line.change > 0 for line in theme.lines)),
                "fall_stk_num": str(sum(line.change < 0 for line in theme.lines)),
                "dt_prft_rt": signed_rate(theme.earned, MILLION),
                "main_stk": max(theme.lines, key=lambda line: line.value).name,
            }
            for theme in themes
        ]
        return Answer({}, "thema_grp", rows, text=DONE)

    def _stocks(self, ask: Ask) -> Answer:
        days = number(ask, "date_tp", 1) if ask.field("date_tp") else 1
        wanted = [each for each in self._themes(days) if each.code == ask.field("thema_grp_cd")]
        if not wanted:
            raise codes.bad_field("thema_grp_cd", ask.field("thema_grp_cd"))
        rows: list[Row] = []
        for line in wanted[0].lines:
            depth = self._desk.depth(line)
            rows.append(
                {
                    "stk_cd": line.symbol,
                    "stk_nm": line.name,
                    "cur_prc": price(line.price, line.base),
                    "flu_sig": sign_code(line.price, line.base, line.band),
                    "pred_pre": signed(line.change),
                    "flu_rt": signed_rate(line.change, line.base),
                    "acc_trde_qty": str(line.volume),
                    "sel_bid": price(depth.ask, line.base),
                    "sel_req": str(depth.asks[0].qty),
                    "buy_bid": price(depth.bid, line.base),
                    "buy_req": str(depth.bids[0].qty),
                    "dt_prft_rt_n": signed_rate(self._earned(line, days), MILLION),
                }
            )
        fields = {
            "flu_rt": signed_rate(wanted[0].change, MILLION),
            "dt_prft_rt": signed_rate(wanted[0].earned, MILLION),
        }
        return Answer(fields, "thema_comp_stk", rows, text=DONE)

    def _themes(self, days: int) -> list[Theme]:
        """Return the themes that have stocks, by code."""
        groups: dict[int, list[Line]] = {}
        for line in self._desk.board.lines():
            if self._desk.books.rules[line.symbol].instrument.product is Product.STOCK:
                groups.setdefault(_place(line.symbol), []).append(line)
        return [
            Theme(
                str(_FIRST_CODE + place),
                _NAMES[place],
                tuple(lines),
                sum(millionths(line.change, line.base) for line in lines) // len(lines),
                sum(self._earned(line, days) for line in lines) // len(lines),
            )
            for place, lines in sorted(groups.items())
        ]

    def _earned(self, line: Line, days: int) -> int:
        """Return what a stock earned since so many days ago [millionths]."""
        chosen = days_of(self._desk, line)[-days:]
        if not chosen:
            return 0
        return millionths(line.price - chosen[0].before, chosen[0].before)


def _place(symbol: Symbol) -> int:
    return crc32(symbol.encode()) % len(_NAMES)


def _every(_theme: Theme, _ask: Ask) -> bool:
    return True


def _is_named(theme: Theme, ask: Ask) -> bool:
    return ask.field("thema_nm") in theme.name


def _has(theme: Theme, ask: Ask) -> bool:
    return symbol_of(ask.field("stk_cd")) in {line.symbol for line in theme.lines}


_FIRST_CODE: Final = 100
_NAMES: Final = (
    "반도체_장비",
    "2차전지",
    "제약_바이오",
    "로봇",
    "게임",
    "조선",
    "방위산업",
    "은행",
)
_ORDERS: Final[dict[str, Callable[[Theme], int]]] = {
    "1": lambda theme: -theme.earned,
    "2": lambda theme: theme.earned,
    "3": lambda theme: -theme.change,
    "4": lambda theme: theme.change,
}
