"""
What one member of the exchange traded a moment ago (거래원 순간거래량): ka10052.

A moment is a minute. Who trades is a model, see `crowd`: a member's part grows with the volume,
and what it grew by in a minute is what the member traded in it. The member that takes what is
left over by rounding may so lose some shares again; they are not told as traded twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from maemae.domain.ids import Symbol
from maemae.domain.terms import Market, Side
from maemae.emulators.kiwoom_rest.board import Line
from maemae.emulators.kiwoom_rest.crowd import members
from maemae.emulators.kiwoom_rest.formats import clock, price, sign_code, signed, signed_rate
from maemae.emulators.kiwoom_rest.history import Bar, bars_of_trades, growing, minutes
from maemae.emulators.kiwoom_rest.members import member_of, name_of
from maemae.emulators.kiwoom_rest.part import Part
from maemae.emulators.kiwoom_rest.screen import NEXTRADE, choice, number
from maemae.emulators.kiwoom_rest.wire import DONE, Answer, Ask, Row, Tr


class Moment(msgspec.Struct, frozen=True):
    """
    What a member bought, or sold, in one bar.

    Attributes:
        at: When the bar began [ns, UTC].
        qty: Shares.
        net: Shares it bought since the day began, less those it sold.
        px: The bar's last price [won].
    """

    at: int
    side: Side
    qty: int
    net: int
    px: int


def moments(symbol: Symbol, bars: Sequence[Bar], member: str) -> list[Moment]:
    """Return what a member traded in each of a day's consecutive bars, the oldest first."""
    found, told = list[Moment](), {Side.BUY: 0, Side.SELL: 0}
    for bar, so_far in zip(bars, growing(bars), strict=True):
        part = members(symbol, [so_far])[member]
        for side, traded in ((Side.BUY, part.bought), (Side.SELL, part.sold)):
            if traded > told[side]:
                found.append(Moment(bar.at, side, traded - told[side], part.net, bar.close))
                told[side] = traded
    return found


class MemberMoments(Part):
    """Answers about a member's trades."""

    def served(self) -> dict[str, Tr]:
        """Return what is answered here."""
        return {"ka10052": Tr(("mmcm_cd", "mrkt_tp", "qty_tp", "pric_tp", "stex_tp"), self._today)}

    def _today(self, ask: Ask) -> Answer:
        """Return the trades of today, of one instrument or of a market."""
        member = member_of(ask)
        least = number(ask, "qty_tp") * _THOUSAND
        low, high = choice(ask, "pric_tp", _PRICES)
        found = [
            (moment, line)
            for line in self._lines(ask)
            for moment in moments(line.symbol, self._minutes(line), member)
            if moment.qty >= least and low <= moment.px < high
        ]
        found.sort(key=lambda each: -each[0].at)
        rows = [_row(moment, line, member) for moment, line in found]
        return Answer({}, "trde_ori_mont_trde_qty", rows, is_newest_first=True, text=DONE)

    def _minutes(self, line: Line) -> list[Bar]:
        return minutes(bars_of_trades(self._desk.exchange.prints.get(line.symbol, [])), 1)

    def _lines(self, ask: Ask) -> list[Line]:
        """Return the instrument that is named, or else those of the market that is asked for."""
        market = choice(ask, "mrkt_tp", _MARKETS)
        if ask.field("stex_tp") == NEXTRADE:
            return []
        if ask.field("stk_cd") or ask.field("mrkt_tp") == _ONE:
            return [self._desk.line(ask.field("stk_cd"))]
        rules = self._desk.books.rules
        return [
            line
            for line in self._desk.board.lines()
            if market is None or rules[line.symbol].instrument.market is market
        ]


def _row(moment: Moment, line: Line, member: str) -> Row:
    is_bought, change = moment.side is Side.BUY, moment.px - line.base
    return {
        "tm": clock(moment.at),
        "stk_cd": line.symbol,
        "stk_nm": line.name,
        "trde_ori_nm": name_of(member),
        "tp": "+매수" if is_bought else "-매도",
        "mont_trde_qty": signed(moment.qty if is_bought else -moment.qty),
        "acc_netprps": signed(moment.net),
        "cur_prc": price(moment.px, line.base),
        "pred_pre_sig": sign_code(moment.px, line.base, line.band),
        "pred_pre": str(change),
        "flu_rt": signed_rate(change, line.base),
    }


_THOUSAND: Final = 1_000
_ONE: Final = "3"
_MARKETS: Final = {"0": None, "1": Market.KOSPI, "2": Market.KOSDAQ, _ONE: None}
_ENDLESS: Final = 10**12
_PRICES: Final = {
    "0": (0, _ENDLESS),
    "1": (0, 1_000),
    "2": (1_000, 2_000),
    "3": (2_000, 5_000),
    "4": (5_000, 10_000),
    "5": (10_000, _ENDLESS),
    "8": (1_000, _ENDLESS),
}
"""From which price on and below which [won]."""
