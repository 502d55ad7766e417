"""Instruments by the members of the exchange that traded them: ka10037, ka10039."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from maemae.emulators.kiwoom_rest.board import Line
from maemae.emulators.kiwoom_rest.crowd import Turnover, foreign_members, members
from maemae.emulators.kiwoom_rest.formats import signed, signed_rate
from maemae.emulators.kiwoom_rest.history import Bar
from maemae.emulators.kiwoom_rest.investors import cut
from maemae.emulators.kiwoom_rest.members import member_of
from maemae.emulators.kiwoom_rest.part import Part
from maemae.emulators.kiwoom_rest.screen import MILLION, RANKED, choice, head, sifted
from maemae.emulators.kiwoom_rest.trading_days import SPANS, TradingDay, days_of, span
from maemae.emulators.kiwoom_rest.wire import DONE, Answer, Ask, Tr


class MemberRankings(Part):
    """Answers with instruments in the order in which some members traded them."""

    def served(self) -> dict[str, Tr]:
        """Return what is answered here."""
        return {
            "ka10037": Tr(_OF_FOREIGN, self._of_foreign, page_rows=RANKED),
            "ka10039": Tr(_OF_ONE, self._of_one, page_rows=RANKED),
        }

    def _of_foreign(self, ask: Ask) -> Answer:
        """Return what foreign members traded, by money (1) or by shares (2)."""
        sizes = choice(ask, "sort_tp", {"1": _MONEY, "2": _SHARES})
        size = choice(ask, "trde_tp", sizes)
        found = []
        for line, days in self._lines(ask):
            bars = [each.bar for each in days]
            part = foreign_members(members(line.symbol, bars))
            if size(part) > 0:
                found.append((size(part), line, part, bars))
        found.sort(key=lambda each: -each[0])
        rows = [
            {
                "rank": str(rank),
                **head(line),
                "sel_trde_qty": f"-{part.sold}",
                "buy_trde_qty": f"+{part.bought}",
                "netprps_trde_qty": signed(part.net),
                "netprps_prica": signed(cut(part.net_value, MILLION)),
                "trde_qty": str(_volume(bars)),
                "trde_prica": str(sum(bar.value for bar in bars) // MILLION),
            }
            for rank, (_, line, part, bars) in enumerate(found, 1)
        ]
        return Answer({}, "frgn_wicket_trde_upper", rows, text=DONE)

    def _of_one(self, ask: Ask) -> Answer:
        """Return what one member bought (1) or sold (2) net."""
        code = member_of(ask)
        direction = choice(ask, "trde_tp", {"1": 1, "2": -1})
        found = []
        for line, days in self._lines(ask):
            part = members(line.symbol, [each.bar for each in days])[code]
            if part.net * direction > 0:
                found.append((line, days, part))
        found.sort(key=lambda each: -each[2].net * direction)
        rows = []
        for rank, (line, days, part) in enumerate(found, 1):
            moved = days[-1].bar.close - days[0].before
            rows.append(
                {
                    "rank": str(rank),
                    "stk_cd": line.symbol,
                    "stk_nm": line.name,
                    "prid_stkpc_flu": signed(moved),
                    "flu_rt": signed_rate(moved, days[0].before),
                    "prid_trde_qty": str(_volume([each.bar for each in days])),
                    "netprps": signed(part.net),
                    "buy_trde_qty": signed(part.bought),
                    "sel_trde_qty": signed(-part.sold),
                    "netprps_amt": signed(cut(part.net_value, MILLION)),
                    "buy_amt": signed(cut(part.paid, MILLION)),
                    "sell_amt": signed(-cut(part.received, MILLION)),
                }
            )
        return Answer({}, "sec_trde_upper", rows, text=DONE)

    def _lines(self, ask: Ask) -> list[tuple[Line, list[TradingDay]]]:
        """Return the instruments that are asked for, with the days that are."""
        count = choice(ask, "dt", SPANS)
        found = []
        for line in sifted(self._desk, ask):
            days = span(days_of(self._desk, line), count, self._desk.today)
            if days:
                found.append((line, days))
        return found


def _volume(bars: list[Bar]) -> int:
    return sum(bar.volume for bar in bars)


_MONEY: Final[dict[str, Callable[[Turnover], int]]] = {
    "1": lambda part: part.net_value,
    "2": lambda part: -part.net_value,
    "3": lambda part: part.paid,
    "4": lambda part: part.received,
}
_SHARES: Final[dict[str, Callable[[Turnover], int]]] = {
    "1": lambda part: part.net,
    "2": lambda part: -part.net,
    "3": lambda part: part.bought,
    "4": lambda part: part.sold,
}
_OF_FOREIGN: Final = ("mrkt_tp", "dt", "trde_tp", "sort_tp", "stex_tp")
_OF_ONE: Final = ("mmcm_cd", "trde_qty_tp", "trde_tp", "dt", "stex_tp")
