"""How long institutions and foreigners have bought or sold in a row: ka10131."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import takewhile
from typing import Final

import msgspec

from maemae.emulators.kiwoom_rest.board import Line
from maemae.emulators.kiwoom_rest.crowd import Investor, Turnover, institutions, investors, total
from maemae.emulators.kiwoom_rest.desk import Desk
from maemae.emulators.kiwoom_rest.formats import signed, signed_rate
from maemae.emulators.kiwoom_rest.index_levels import INDICES, IndexLevels
from maemae.emulators.kiwoom_rest.investors import cut
from maemae.emulators.kiwoom_rest.part import Part
from maemae.emulators.kiwoom_rest.screen import MILLION, RANKED, choice, day, number, sifted
from maemae.emulators.kiwoom_rest.trading_days import days_of
from maemae.emulators.kiwoom_rest.wire import DONE, Answer, Ask, Row, Tr


class Streak(msgspec.Struct, frozen=True):
    """
    What somebody traded in a period, and in one direction until its end.

    Attributes:
        days: In a row; negative for sales.
    """

    period: Turnover
    row: Turnover
    days: int


class Group(msgspec.Struct, frozen=True):
    """A stock, or an index with its stocks."""

    code: str
    name: str
    lines: tuple[Line, ...]


class Day(msgspec.Struct):
    """What a group did on a day: its worth before and after [won], and who traded it."""

    before: int = 0
    after: int = 0
    orgn: Turnover = Turnover()
    foreign: Turnover = Turnover()


class Streaks(Part):
    """Answers with stocks, or indices, by what was bought of them."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._levels = IndexLevels(desk)

    def served(self) -> dict[str, Tr]:
        """Return what is answered here."""
        return {"ka10131": Tr(_STREAKS, self._ranked, page_rows=RANKED)}

    def _ranked(self, ask: Ask) -> Answer:
        is_by_value = choice(ask, "amt_qty_tp", {"0": True, "1": False})
        groups = choice(ask, "stk_inds_tp", {"0": self._stocks, "1": self._indices})
        found: list[tuple[int, Row]] = []
        for group in groups(ask):
            days = self._chosen(ask, self._days(group))
            if not days:
                continue
            orgn, foreign = (
                streak_of(parts)
                for parts in ([each.orgn for each in days], [each.foreign for each in days])
            )
            both = orgn.period.plus(foreign.period)
            size = both.net_value if is_by_value else both.net
            if size > 0:
                found.append((-size, _row(group, days, orgn, foreign)))
        found.sort(key=lambda each: each[0])
        rows = [{"rank": str(rank), **row} for rank, (_, row) in enumerate(found, 1)]
        return Answer({}, "orgn_frgnr_cont_trde_prst", rows, text=DONE)

    def _stocks(self, ask: Ask) -> Iterable[Group]:
        return [Group(line.symbol, line.name, (line,)) for line in sifted(self._desk, ask)]

    def _indices(self, ask: Ask) -> Iterable[Group]:
        code = choice(ask, "mrkt_tp", {"001": "001", "101": "101"})
        market = INDICES[code].market
        return [
            Group(code, index.name, tuple(self._levels.lines(code)))
            for code, index in INDICES.items()
            if index.market is market
        ]

    def _days(self, group: Group) -> dict[date, Day]:
        days: dict[date, Day] = {}
        for line in group.lines:
            for each in days_of(self._desk, line)[-_LONGEST:]:
                day_of = days.setdefault(each.day, Day())
                shares = investors(line.symbol, [each.bar])
                day_of.before += each.before * (line.listed_shares or 1)
                day_of.after += each.bar.close * (line.listed_shares or 1)
                day_of.orgn = day_of.orgn.plus(institutions(shares))
                day_of.foreign = day_of.foreign.plus(shares[Investor.FOREIGNER])
        return days

    def _chosen(self, ask: Ask, days: dict[date, Day]) -> list[Day]:
        """Return the days of a period: the newest ones, or those of a range (0)."""
        count = number(ask, "dt")
        if count:
            return [days[each] for each in sorted(days)[-count:]]
        first, last = day(ask, "strt_dt"), day(ask, "end_dt")
        return [days[each] for each in sorted(days) if first <= each <= last]


def streak_of(parts: Sequence[Turnover]) -> Streak:
    """Return what the newest days have in common, of one or more, the oldest first."""
    direction = -1 if parts[-1].net < 0 else 1
    row = list(takewhile(lambda part: part.net * direction > 0, reversed(parts)))
    return Streak(total(parts), total(row), len(row) * direction)


def _row(group: Group, days: Sequence[Day], orgn: Streak, foreign: Streak) -> Row:
    moved = days[-1].after - days[0].before
    both, rows = orgn.period.plus(foreign.period), orgn.row.plus(foreign.row)
    return {
        "stk_cd": group.code,
        "stk_nm": group.name,
        "prid_stkpc_flu_rt": signed_rate(moved, days[0].before),
        "orgn_nettrde_amt": _money(orgn.period),
        "orgn_nettrde_qty": signed(orgn.period.net),
        "orgn_cont_netprps_dys": signed(orgn.days),
        "orgn_cont_netprps_qty": signed(orgn.row.net),
        "orgn_cont_netprps_amt": _money(orgn.row),
        "frgnr_nettrde_qty": signed(foreign.period.net),
        "frgnr_nettrde_amt": _money(foreign.period),
        "frgnr_cont_netprps_dys": signed(foreign.days),
        "frgnr_cont_netprps_qty": signed(foreign.row.net),
        "frgnr_cont_netprps_amt": _money(foreign.row),
        "nettrde_qty": signed(both.net),
        "nettrde_amt": _money(both),
        "tot_cont_netprps_dys": signed(orgn.days + foreign.days),
        "tot_cont_nettrde_qty": signed(rows.net),
        "tot_cont_netprps_amt": _money(rows),
    }


def _money(part: Turnover) -> str:
    return signed(cut(part.net_value, MILLION))


_LONGEST: Final = 120
_STREAKS: Final = ("dt", "mrkt_tp", "netslmt_tp", "stk_inds_tp", "amt_qty_tp", "stex_tp")
