"""
What people look at (실시간종목조회순위): ka00198.

Nobody looks at the market that is played. What was traded for most money stands in for it.
"""

from __future__ import annotations

from typing import Final

from maemae.domain.instant import MINUTE, SECOND
from maemae.emulators.kiwoom_rest.board import Line, prints_until
from maemae.emulators.kiwoom_rest.formats import clock, day_text, price, sign_code, signed_rate
from maemae.emulators.kiwoom_rest.part import Part
from maemae.emulators.kiwoom_rest.screen import choice
from maemae.emulators.kiwoom_rest.wire import DONE, Answer, Ask, Tr


class Attention(Part):
    """Answers about interest."""

    def served(self) -> dict[str, Tr]:
        """Return what is answered here."""
        return {"ka00198": Tr(("qry_tp",), self._ranked)}

    def _ranked(self, ask: Ask) -> Answer:
        span, now = choice(ask, "qry_tp", _SPANS), self._desk.now
        ranked = self._in_order(now - span, now)
        before = {
            line.symbol: rank
            for rank, line in enumerate(self._in_order(now - 2 * span, now - span), 1)
        }
        rows = []
        for rank, line in enumerate(ranked[:_SHOWN], 1):
            moved = before.get(line.symbol, rank) - rank
            past = self._price_at(line, now - span)
            rows.append(
                {
                    "stk_nm": line.name,
                    "bigd_rank": str(rank),
                    "rank_chg": str(moved),
                    "rank_chg_sign": "+" if moved > 0 else "-" if moved < 0 else "N",
                    "past_curr_prc": price(line.price, line.base),
                    "base_comp_sign": sign_code(line.price, line.base, line.band),
                    "base_comp_chgr": signed_rate(line.change, line.base),
                    "prev_base_sign": sign_code(line.price, past, None),
                    "prev_base_chgr": signed_rate(line.price - past, past),
                    "dt": day_text(self._desk.today),
                    "tm": clock(now),
                    "stk_cd": line.symbol,
                }
            )
        return Answer({}, "item_inq_rank", rows, text=DONE)

    def _in_order(self, first: int, last: int) -> list[Line]:
        """Return what was traded after one time and until another, the most money first."""
        values = [(line, self._value(line, first, last)) for line in self._desk.board.lines()]
        traded = [each for each in values if each[1]]
        return [line for line, _ in sorted(traded, key=lambda each: -each[1])]

    def _value(self, line: Line, first: int, last: int) -> int:
        prints = self._desk.exchange.prints.get(line.symbol, [])
        chosen = prints[prints_until(prints, first) : prints_until(prints, last)]
        return sum(trade.px * trade.qty for trade in chosen)

    def _price_at(self, line: Line, at: int) -> int:
        """Return the newest price at an earlier time [won], the base price before the first."""
        prints = self._desk.exchange.prints.get(line.symbol, [])
        count = prints_until(prints, at)
        return prints[count - 1].px if count else line.base


_SHOWN: Final = 20
_SPANS: Final = {
    "1": MINUTE,
    "2": 10 * MINUTE,
    "3": 60 * MINUTE,
    "4": 1_440 * MINUTE,
    "5": 30 * SECOND,
}
"""How far back each choice looks [ns]; 4 is all of the day."""
