"""Short sales by day: ka10014. How much of a day was sold short is a model, see `crowd`."""

from __future__ import annotations

from typing import Final

from maemae.emulators.kiwoom_rest.crowd import sold_short
from maemae.emulators.kiwoom_rest.desk import Desk
from maemae.emulators.kiwoom_rest.formats import day_text, signed_rate
from maemae.emulators.kiwoom_rest.screen import day
from maemae.emulators.kiwoom_rest.trading_days import days_of
from maemae.emulators.kiwoom_rest.wire import DONE, Answer, Ask, Row, Tr


class ShortSales:
    """
    Answers about short sales.

    Args:
        desk: What they are computed from.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def served(self) -> dict[str, Tr]:
        """Return what is answered here."""
        return {"ka10014": Tr(("stk_cd", "strt_dt", "end_dt"), self._by_day)}

    def _by_day(self, ask: Ask) -> Answer:
        line, rows, added = self._desk.line(ask.field("stk_cd")), list[Row](), 0
        first, last = day(ask, "strt_dt"), day(ask, "end_dt")
        for each in days_of(self._desk, line):
            if not first <= each.day <= last:
                continue
            shares, bar = sold_short(line.symbol, each.bar), each.bar
            value = bar.value * shares // bar.volume if bar.volume else 0
            added += shares
            rows.append(
                {
                    "dt": day_text(each.day),
                    "close_pric": each.close,
                    "pred_pre_sig": each.sign,
                    "pred_pre": each.change,
                    "flu_rt": each.rate,
                    "trde_qty": str(bar.volume),
                    "shrts_qty": str(shares),
                    "ovr_shrts_qty": str(added),
                    "trde_wght": signed_rate(shares, bar.volume),
                    "shrts_trde_prica": str(value // _THOUSAND),
                    "shrts_avg_pric": str(value // shares if shares else 0),
                }
            )
        rows.reverse()
        key = "shrts_trnsn"
        return Answer({}, key, rows, is_newest_first=True, text=DONE, scope=line.symbol)


_THOUSAND: Final = 1_000
