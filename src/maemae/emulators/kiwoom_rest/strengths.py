"""
Strength of buyers (체결강도), through the day and by days: ka10046, ka10047.

It is the shares that buyers began against those that sellers began, by the tick rule: over
prints today, over bars in earlier sessions, where no print is kept. The columns named after 5,
20 and 60 are the mean of so many minutes or sessions, the row's own among them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date
from itertools import accumulate
from typing import Final

from maemae.domain.instant import MINUTE
from maemae.emulators.kiwoom_rest.board import Line
from maemae.emulators.kiwoom_rest.formats import (
    clock,
    day_text,
    hundredths,
    price,
    sign_code,
    signed,
    signed_rate,
)
from maemae.emulators.kiwoom_rest.history import Bar
from maemae.emulators.kiwoom_rest.part import Part
from maemae.emulators.kiwoom_rest.screen import MILLION
from maemae.emulators.kiwoom_rest.wire import DONE, Answer, Ask, Row, Tr
from maemae.krx.band import PriceBand


class Strengths(Part):
    """Answers about who pushes."""

    def served(self) -> dict[str, Tr]:
        """Return what is answered here."""
        return {
            "ka10046": Tr(("stk_cd",), self._of_prints),
            "ka10047": Tr(("stk_cd",), self._of_days),
        }

    def _of_prints(self, ask: Ask) -> Answer:
        line = self._desk.line(ask.field("stk_cd"))
        shown = Line(
            line.symbol, line.name, line.base, line.band, line.previous, line.listed_shares
        )
        rows: list[Row] = []
        ats: list[int] = []
        strengths: list[int] = []
        for trade in self._desk.exchange.prints.get(line.symbol, []):
            shown.take(trade)
            ats.append(trade.at)
            strengths.append(_strength(shown.bought, shown.sold))
            rows.append(
                {
                    "cntr_tm": clock(trade.at),
                    **_change(trade.px, line.base, line.band),
                    "trde_qty": f"{'+' if shown.is_bought else '-'}{trade.qty}",
                    "acc_trde_prica": str(shown.value // MILLION),
                    "acc_trde_qty": str(shown.volume),
                }
            )
        starts = {span: [bisect_right(ats, at - span * MINUTE) for at in ats] for span in _SPANS}
        rows = [
            {**row, **means, "stex_tp": "KRX"}
            for row, means in zip(rows, _means(strengths, starts), strict=True)
        ]
        rows.reverse()
        return Answer({}, "cntr_str_tm", rows, is_newest_first=True, text=DONE, scope=line.symbol)

    def _of_days(self, ask: Ask) -> Answer:
        line = self._desk.line(ask.field("stk_cd"))
        history = self._desk.history
        days = [*history.days(line.symbol), *([line.bar] if line.bar else [])]
        by_day = _strengths_of_days(history.minutes(line.symbol))
        by_day[self._desk.today] = _strength(line.bought, line.sold)
        strengths = [by_day.get(bar.day, 0) for bar in days]
        starts = {
            span: [max(0, place - span) for place in range(1, len(days) + 1)] for span in _SPANS
        }
        rows: list[Row] = []
        before = days[0].open if days else 0
        for bar, means in zip(days, _means(strengths, starts), strict=True):
            rows.append(
                {
                    "dt": day_text(bar.day),
                    **_change(bar.close, before, None),
                    "trde_qty": "",
                    "acc_trde_prica": str(bar.value // MILLION),
                    "acc_trde_qty": str(bar.volume),
                    **means,
                }
            )
            before = bar.close
        rows.reverse()
        key = "cntr_str_daly"
        return Answer({}, key, rows, is_newest_first=True, text=DONE, scope=line.symbol)


def _change(px: int, base: int, band: PriceBand | None) -> Row:
    return {
        "cur_prc": price(px, base),
        "pred_pre": signed(px - base),
        "pred_pre_sig": sign_code(px, base, band),
        "flu_rt": signed_rate(px - base, base),
    }


def _strength(bought: int, sold: int) -> int:
    """Return shares that buyers began per share that sellers did [hundredths of a percent]."""
    return bought * 10_000 // sold if sold else 0


def _strengths_of_days(bars: Iterable[Bar]) -> dict[date, int]:
    sums: dict[date, tuple[int, int]] = {}
    is_bought, before = True, 0
    for bar in bars:
        if bar.close != before:
            is_bought = bar.close > before
        bought, sold = sums.get(bar.day, (0, 0))
        sums[bar.day] = (bought + bar.volume, sold) if is_bought else (bought, sold + bar.volume)
        before = bar.close
    return {day: _strength(*pair) for day, pair in sums.items()}


def _means(strengths: list[int], starts: dict[int, list[int]]) -> list[Row]:
    """Return each strength as it is written, with its means from where each span begins."""
    sums = [0, *accumulate(strengths)]
    rows: list[Row] = []
    for place, strength in enumerate(strengths):
        row = {"cntr_str": hundredths(strength)}
        for span, firsts in starts.items():
            first, end = firsts[place], place + 1
            row[f"cntr_str_{span}min"] = hundredths((sums[end] - sums[first]) // (end - first))
        rows.append(row)
    return rows


_SPANS: Final = (5, 20, 60)
