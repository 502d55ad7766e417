"""
What rankings look at: the fields that sift instruments, and the columns that rows begin with.

Market, shares traded and the daily limits sift; conditions on credit, margin and price do not.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final, TypeVar

from maemae.domain.terms import Market
from maemae.emulators.kiwoom_rest import codes
from maemae.emulators.kiwoom_rest.board import Line
from maemae.emulators.kiwoom_rest.desk import Desk
from maemae.emulators.kiwoom_rest.formats import find_day, price, sign_code, signed, signed_rate
from maemae.emulators.kiwoom_rest.wire import Ask, Row

RANKED: Final = 100
"""Rows of a page of a ranking."""

MILLION: Final = 1_000_000

NEXTRADE: Final = "2"
"""What a field asks for that wants Nextrade alone (`stex_tp`)."""

Choice = TypeVar("Choice")


def choice(ask: Ask, name: str, known: Mapping[str, Choice]) -> Choice:
    """
    Return what a field chooses.

    Raises:
        RefusalError: It chooses nothing that there is.
    """
    text = ask.field(name)
    if text not in known:
        raise codes.bad_field(name, text)
    return known[text]


def number(ask: Ask, name: str, least: int = 0) -> int:
    """
    Return a field as a number, 0 where it is absent.

    Raises:
        RefusalError: It is none, or a smaller one, or one that no field has room for.
    """
    text = ask.field(name) or "0"
    if not text.isdecimal() or len(text) > _DIGITS or int(text) < least:
        raise codes.bad_field(name, text)
    return int(text)


def day(ask: Ask, name: str) -> date:
    """
    Return a field as a day.

    Raises:
        RefusalError: It names none.
    """
    found = find_day(ask.field(name))
    if found is None:
        raise codes.bad_field(name, ask.field(name))
    return found


def sifted(desk: Desk, ask: Ask) -> list[Line]:
    """
    Return the instruments that a ranking asks for, by code; none are traded at Nextrade.

    Raises:
        RefusalError: The least volume is no number.
    """
    if ask.field("stex_tp") == NEXTRADE:
        return []
    wanted = _MARKETS.get(ask.field("mrkt_tp"))
    volume = next((name for name in _VOLUMES if ask.field(name)), None)
    least = number(ask, volume) * _THOUSAND if volume else 0
    has_limits = ask.field("updown_incls") != "0"
    rules = desk.books.rules
    return [
        line
        for line in desk.board.lines()
        if (wanted is None or rules[line.symbol].instrument.market is wanted)
        and line.volume >= least
        and (has_limits or sign_code(line.price, line.base, line.band) not in _LIMITS)
    ]


def head(line: Line) -> Row:
    """Return what a ranking begins a row with."""
    return {**named(line), "flu_rt": signed_rate(line.change, line.base)}


def named(line: Line) -> Row:
    """Return the same without the rate of change."""
    return {
        "stk_cd": line.symbol,
        "stk_nm": line.name,
        "cur_prc": price(line.price, line.base),
        "pred_pre_sig": sign_code(line.price, line.base, line.band),
        "pred_pre": signed(line.change),
    }


def millionths(part: int, whole: int) -> int:
    """Return `part / whole` in millionths, to sort by; 0 of nothing."""
    return part * MILLION // whole if whole else 0


_DIGITS: Final = 12
_MARKETS: Final = {"001": Market.KOSPI, "101": Market.KOSDAQ}
_VOLUMES: Final = ("trde_qty_tp", "trde_qty_cnd")
_THOUSAND: Final = 1_000
_LIMITS: Final = frozenset({"1", "4"})
