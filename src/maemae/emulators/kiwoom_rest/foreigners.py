"""
What foreigners hold and trade: ka10008, ka10009, ka10034, ka10035, ka10036.

What they held before the first session is a model, as is what they trade, see `crowd`. They may
hold every listed share.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import msgspec

from maemae.domain.ids import Symbol
from maemae.emulators.kiwoom_rest.board import Line
from maemae.emulators.kiwoom_rest.crowd import (
    Investor,
    foreign_share,
    institutions,
    investors,
    net_of_foreigners,
)
from maemae.emulators.kiwoom_rest.desk import Desk
from maemae.emulators.kiwoom_rest.formats import day_text, price, signed, signed_rate
from maemae.emulators.kiwoom_rest.part import Part
from maemae.emulators.kiwoom_rest.screen import RANKED, choice, millionths, named, sifted
from maemae.emulators.kiwoom_rest.trading_days import SPANS, TradingDay, days_of, span
from maemae.emulators.kiwoom_rest.wire import DONE, Answer, Ask, Fields, Row, Tr


class Holding(msgspec.Struct, frozen=True):
    """
    What foreigners hold after a day.

    Attributes:
        shares: Never more than are listed; 0 where that is not known.
        change: What they bought that day, net [shares].
    """

    of: TradingDay
    shares: int
    change: int
    listed: int

    @property
    def day(self) -> date:
        """The trading day."""
        return self.of.day

    @property
    def rate(self) -> str:
        """Part of the listed shares, in percent with its sign."""
        return signed_rate(self.shares, self.listed)


class ForeignHoldings:
    """
    What foreigners hold of every instrument.

    Args:
        desk: What it is computed from.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._today = desk.today
        self._past: dict[Symbol, list[Holding]] = {}

    def after_days(self, line: Line) -> list[Holding]:
        """Return the holding after each day until now, the oldest first."""
        if self._today != self._desk.today:
            self._today = self._desk.today
            self._past.clear()
        days, past = days_of(self._desk, line), self._past.get(line.symbol)
        start = line.listed_shares * foreign_share(line.symbol) // 1_000
        if past is None:
            before = [each for each in days if each.day < self._today]
            past = self._past[line.symbol] = _after(line, before, start)
        return past + _after(line, days[len(past) :], past[-1].shares if past else start)

    def rates(self, line: Line) -> dict[date, str]:
        """Return the part of the listed shares that was held after each day, in percent."""
        return {each.day: each.rate for each in self.after_days(line)}


class Foreigners(Part):
    """Answers about foreigners."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._holdings = ForeignHoldings(desk)

    def served(self) -> dict[str, Tr]:
        """Return what is answered here."""
        return {
            "ka10008": Tr(("stk_cd",), self._by_day),
            "ka10009": Tr(("stk_cd",), self._now),
            "ka10034": Tr(("mrkt_tp", "trde_tp", "dt", "stex_tp"), self._most, page_rows=RANKED),
            "ka10035": Tr(_IN_A_ROW, self._in_a_row, page_rows=RANKED),
            "ka10036": Tr(("mrkt_tp", "dt", "stex_tp"), self._growing, page_rows=RANKED),
        }

    def _by_day(self, ask: Ask) -> Answer:
        line = self._desk.line(ask.field("stk_cd"))
        rows = [
            {
                "dt": day_text(each.day),
                "close_pric": each.of.close,
                "pred_pre": each.of.change,
                "trde_qty": str(each.of.bar.volume),
                "chg_qty": str(each.change),
                "poss_stkcnt": str(each.shares),
                "wght": each.rate,
                "gain_pos_stkcnt": str(each.listed - each.shares),
                "frgnr_limit": str(each.listed),
                "frgnr_limit_irds": "0",
                "limit_exh_rt": each.rate,
            }
            for each in reversed(self._holdings.after_days(line))
        ]
        return Answer({}, "stk_frgnr", rows, is_newest_first=True, text=DONE, scope=line.symbol)

    def _now(self, ask: Ask) -> Answer:
        line = self._desk.line(ask.field("stk_cd"))
        fields: Fields = {
            "date": day_text(self._desk.today),
            "close_pric": price(line.price, line.base),
            "pre": signed(line.change),
            **dict.fromkeys(_OF_NOW, ""),
        }
        held = self._holdings.after_days(line)
        if held:
            bars = [each.of.bar for each in held]
            newest = investors(line.symbol, bars[-1:])
            fields |= {
                "orgn_dt_acc": str(institutions(investors(line.symbol, bars)).net),
                "orgn_daly_nettrde": str(institutions(newest).net),
                "frgnr_daly_nettrde": str(newest[Investor.FOREIGNER].net),
                "frgnr_qota_rt": held[-1].rate,
            }
        return Answer(fields, text=DONE)

    def _most(self, ask: Ask) -> Answer:
        """Return who foreigners bought or sold most of, net; 3 is the order of purchases too."""
        direction = choice(ask, "trde_tp", {"1": -1, "2": 1, "3": 1})
        found = [(line, held, sum(each.change for each in held)) for line, held in self._held(ask)]
        found = [each for each in found if each[2] * direction > 0]
        found.sort(key=lambda each: -each[2] * direction)
        rows = []
        for rank, (line, held, net) in enumerate(found, 1):
            depth = self._desk.depth(line)
            rows.append(
                {
                    "rank": str(rank),
                    **named(line),
                    "sel_bid": price(depth.ask, line.base),
                    "buy_bid": price(depth.bid, line.base),
                    "trde_qty": str(line.volume),
                    "netprps_qty": signed(net),
                    "gain_pos_stkcnt": str(held[-1].listed - held[-1].shares),
                }
            )
        return Answer({}, "for_dt_trde_upper", rows, text=DONE)

    def _in_a_row(self, ask: Ask) -> Answer:
        """Return who foreigners bought, or sold, in each of three sessions."""
        direction = choice(ask, "trde_tp", {"1": -1, "2": 1})
        skipped = choice(ask, "base_dt_tp", {"0": 0, "1": 1})
        found: list[tuple[Line, list[Holding], int]] = []
        for line in sifted(self._desk, ask):
            held = self._holdings.after_days(line)
            newest = held[::-1][skipped:][:_ROW_LENGTH]
            is_row = all(each.change * direction > 0 for each in newest)
            if len(newest) == _ROW_LENGTH and is_row:
                found.append((line, newest, sum(each.change for each in newest)))
        found.sort(key=lambda each: -each[2] * direction)
        rows = [
            {
                **named(line),
                **{f"dm{n}": signed(each.change) for n, each in enumerate(newest, 1)},
                "tot": signed(net),
                "limit_exh_rt": newest[0].rate,
                **{f"pred_pre_{n}": "" for n in range(1, _ROW_LENGTH + 1)},
            }
            for line, newest, net in found
        ]
        return Answer({}, "for_cont_nettrde_upper", rows, text=DONE)

    def _growing(self, ask: Ask) -> Answer:
        """Return whose part in the hands of foreigners grew."""
        found: list[tuple[int, Row]] = []
        for line, held in self._held(ask):
            newest, base = held[-1], held[0].shares - held[0].change
            growth = newest.shares - base
            if growth > 0:
                row = {
                    **named(line),
                    "trde_qty": str(line.volume),
                    "poss_stkcnt": str(newest.shares),
                    "gain_pos_stkcnt": str(newest.listed - newest.shares),
                    "base_limit_exh_rt": signed_rate(base, newest.listed),
                    "limit_exh_rt": newest.rate,
                    "exh_rt_incrs": signed_rate(growth, newest.listed),
                }
                found.append((-millionths(growth, newest.listed), row))
        found.sort(key=lambda each: each[0])
        rows = [{"rank": str(rank), **row} for rank, (_, row) in enumerate(found, 1)]
        return Answer({}, "for_limit_exh_rt_incrs_upper", rows, text=DONE)

    def _held(self, ask: Ask) -> list[tuple[Line, list[Holding]]]:
        """Return the instruments that are asked for, with the days that are."""
        count = choice(ask, "dt", SPANS)
        found = []
        for line in sifted(self._desk, ask):
            held = self._holdings.after_days(line)
            chosen = span(held, count, self._desk.today)
            if chosen:
                found.append((line, chosen))
        return found


def _after(line: Line, days: list[TradingDay], shares: int) -> list[Holding]:
    """Return the holding after each of some days; what was held before them is given."""
    held = []
    for each in days:
        net = net_of_foreigners(line.symbol, each.bar)
        shares = min(max(0, shares + net), line.listed_shares)
        held.append(Holding(each, shares, net, line.listed_shares))
    return held


_ROW_LENGTH: Final = 3
_IN_A_ROW: Final = ("mrkt_tp", "trde_tp", "base_dt_tp", "stex_tp")
_OF_NOW: Final = ("orgn_dt_acc", "orgn_daly_nettrde", "frgnr_daly_nettrde", "frgnr_qota_rt")
