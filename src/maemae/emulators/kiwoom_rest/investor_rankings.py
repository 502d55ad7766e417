"""
Instruments by who trades them: ka10044, ka10058, ka10062, ka10063, ka10065, ka10066, ka90009.

Sums of money are in millions, shares in ka90009 in thousands. Who trades is a model, see
`crowd`; what was a moment ago is not kept, so columns of increase are 0.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import zip_longest
from typing import Final

from maemae.emulators.kiwoom_rest.board import Line
from maemae.emulators.kiwoom_rest.crowd import (
    Investor,
    Shares,
    Turnover,
    institutions,
    investors,
)
from maemae.emulators.kiwoom_rest.formats import (
    doubly_signed,
    price,
    sign_code,
    signed,
    signed_rate,
)
from maemae.emulators.kiwoom_rest.history import Bar
from maemae.emulators.kiwoom_rest.investors import by_kind, cut, measure_of
from maemae.emulators.kiwoom_rest.part import Part
from maemae.emulators.kiwoom_rest.screen import MILLION, RANKED, choice, day, sifted
from maemae.emulators.kiwoom_rest.trading_days import bars_between
from maemae.emulators.kiwoom_rest.wire import DONE, Answer, Ask, Row, Tr

Who = Investor | None
"""A kind of investor; None for all institutions."""

Traded = tuple[Line, Turnover]


class InvestorRankings(Part):
    """Answers with instruments in the order in which some investors traded them."""

    def served(self) -> dict[str, Tr]:
        """Return what is answered here."""
        return {
            "ka10044": Tr(_OF_INSTITUTIONS, self._of_institutions, page_rows=RANKED),
            "ka10058": Tr(_OF_KIND, self._of_kind, page_rows=RANKED),
            "ka10062": Tr(_ALIKE, self._alike, page_rows=RANKED),
            "ka10063": Tr(_THROUGH_THE_DAY, self._through_the_day, page_rows=RANKED),
            "ka10065": Tr(("trde_tp", "mrkt_tp", "orgn_tp"), self._most, page_rows=RANKED),
            "ka10066": Tr(_OF_THE_DAY, self._of_the_day, page_rows=RANKED),
            "ka90009": Tr(_SIDE_BY_SIDE, self._side_by_side, page_rows=RANKED),
        }

    def _of_institutions(self, ask: Ask) -> Answer:
        rows = [
            {
                "stk_cd": line.symbol,
                "stk_nm": line.name,
                "netprps_qty": signed(part.net),
                "netprps_amt": signed(cut(part.net_value, MILLION)),
                "prsm_avg_pric": str(_average(part)),
                "cur_prc": price(line.price, line.base),
                "avg_pric_pre": doubly_signed(line.price - _average(part)),
                "pre_rt": signed_rate(line.price - _average(part), _average(part)),
            }
            for line, part, _ in self._ranked(ask, None)
        ]
        return Answer({}, "daly_orgn_trde_stk", rows, text=DONE)

    def _of_kind(self, ask: Ask) -> Answer:
        rows = [
            {
                "stk_cd": line.symbol,
                "stk_nm": line.name,
                "netslmt_qty": signed(part.net),
                "netslmt_amt": signed(cut(part.net_value, MILLION)),
                "prsm_avg_pric": str(_average(part)),
                "cur_prc": price(line.price, line.base),
                "pre_sig": sign_code(line.price, line.base, line.band),
                "pred_pre": signed(line.change),
                "avg_pric_pre": doubly_signed(line.price - _average(part)),
                "pre_rt": signed_rate(line.price - _average(part), _average(part)),
                "dt_trde_qty": str(sum(bar.volume for bar in bars)),
            }
            for line, part, bars in self._ranked(ask, choice(ask, "invsr_tp", KINDS))
        ]
        return Answer({}, "invsr_daly_trde_stk", rows, text=DONE)

    def _ranked(self, ask: Ask, who: Who) -> list[tuple[Line, Turnover, list[Bar]]]:
        """Return who was sold (1) or bought (2) net between two days, the most first."""
        direction = choice(ask, "trde_tp", {"1": -1, "2": 1})
        first, last = day(ask, "strt_dt"), day(ask, "end_dt")
        found = []
        for line in sifted(self._desk, ask):
            bars = bars_between(self._desk, line, first, last)
            part = _part_of(investors(line.symbol, bars), who)
            if part.net * direction > 0:
                found.append((line, part, bars))
        found.sort(key=lambda each: -each[1].net * direction)
        return found

    def _alike(self, ask: Ask) -> Answer:
        """Return what institutions and foreigners both bought (1), or both sold (2)."""
        direction = choice(ask, "trde_tp", {"1": 1, "2": -1})
        is_by_value = ask.field("sort_cnd") != "1"
        unit = 1_000 if ask.field("unit_tp") == "1000" else 1
        first = day(ask, "strt_dt")
        last = day(ask, "end_dt") if ask.field("end_dt") else self._desk.today
        found: list[tuple[int, Line, Turnover, Turnover]] = []
        for line in sifted(self._desk, ask):
            shares = investors(line.symbol, bars_between(self._desk, line, first, last))
            orgn, foreign = institutions(shares), _part_of(shares, Investor.FOREIGNER)
            if orgn.net * direction > 0 and foreign.net * direction > 0:
                size = _size(orgn.plus(foreign), is_by_value=is_by_value)
                found.append((-size * direction, line, orgn, foreign))
        found.sort(key=lambda each: each[0])
        rows = []
        for rank, (_, line, orgn, foreign) in enumerate(found, 1):
            both = orgn.plus(foreign)
            rows.append(
                {
                    "stk_cd": line.symbol,
                    "rank": str(rank),
                    "stk_nm": line.name,
                    **_moved(line),
                    "acc_trde_qty": str(line.volume),
                    **_netted("orgn_nettrde", orgn, unit),
                    "orgn_nettrde_avg_pric": str(_average(orgn)),
                    **_netted("for_nettrde", foreign, unit),
                    "for_nettrde_avg_pric": str(_average(foreign)),
                    **_netted("nettrde", both, unit),
                }
            )
        return Answer({}, "eql_nettrde_rank", rows, text=DONE)

    def _through_the_day(self, ask: Ask) -> Answer:
        who = choice(ask, "invsr", _OF_THE_HOUR)
        is_alike = ask.field("smtm_netprps_tp") == "1"
        rows = []
        for line, shares in self._today(ask):
            part, others = _part_of(shares, who), (institutions(shares), shares.get(_FOREIGN))
            if is_alike and not all(each and each.net > 0 for each in others):
                continue
            rows.append((part.net, _hourly(line, part)))
        rows.sort(key=lambda each: -each[0])
        return Answer({}, "opmr_invsr_trde", [row for _, row in rows], text=DONE)

    def _most(self, ask: Ask) -> Answer:
        direction = choice(ask, "trde_tp", {"1": 1, "2": -1})
        who = choice(ask, "orgn_tp", KINDS)
        found = [(line, _part_of(shares, who)) for line, shares in self._today(ask)]
        rows = [
            {
                "stk_cd": line.symbol,
                "stk_nm": line.name,
                "sel_qty": signed(-part.sold),
                "buy_qty": signed(part.bought),
                "netslmt": signed(part.net),
            }
            for line, part in _in_order(found, direction)
        ]
        return Answer({}, "opmr_invsr_trde_upper", rows, text=DONE)

    def _of_the_day(self, ask: Ask) -> Answer:
        measure, unit = measure_of(ask), MILLION if ask.field("amt_qty_tp") == "1" else 1
        rows = []
        for line, shares in self._today(ask):
            numbers = by_kind(shares, measure, unit)
            del numbers["natfor"]
            columns = {name: str(number) for name, number in numbers.items()}
            head = {"stk_cd": line.symbol, "stk_nm": line.name, **_moved(line)}
            rows.append({**head, "trde_qty": str(line.volume), **columns})
        return Answer({}, "opaf_invsr_trde", rows, text=DONE)

    def _side_by_side(self, ask: Ask) -> Answer:
        """Return four rankings beside one another: sold and bought, by both kinds."""
        is_by_value = choice(ask, "amt_qty_tp", {"0": True, "1": True, "2": False})
        on = day(ask, "date") if ask.field("qry_dt_tp") == "1" else self._desk.today
        traded = []
        for line in sifted(self._desk, ask):
            bars = bars_between(self._desk, line, on, on)
            if bars:
                traded.append((line, investors(line.symbol, bars)))
        columns: list[list[Row]] = []
        for name, who in (("for", Investor.FOREIGNER), ("orgn", None)):
            parts = [(line, _part_of(shares, who)) for line, shares in traded]
            for side, direction in (("netslmt", -1), ("netprps", 1)):
                ranked = _in_order(parts, direction, is_by_value=is_by_value)
                columns.append([_beside(f"{name}_{side}", *each) for each in ranked])
        blanks = [_blank(f"{name}_{side}") for name, side in _COLUMNS]
        rows = [
            {
                name: text
                for cell, blank in zip(cells, blanks, strict=True)
                for name, text in (cell or blank).items()
            }
            for cells in zip_longest(*columns)
        ]
        return Answer({}, "frgnr_orgn_trde_upper", rows, text=DONE)

    def _today(self, ask: Ask) -> list[tuple[Line, Shares[Investor]]]:
        return [
            (line, investors(line.symbol, [line.bar]))
            for line in sifted(self._desk, ask)
            if line.bar is not None
        ]


def _part_of(shares: Shares[Investor], who: Who) -> Turnover:
    return institutions(shares) if who is None else shares.get(who, Turnover())


def _in_order(
    parts: Iterable[Traded], direction: int, *, is_by_value: bool = False
) -> list[Traded]:
    """Return who was bought (1) or sold (-1) net, the most first."""
    found = [each for each in parts if each[1].net * direction > 0]
    return sorted(found, key=lambda each: -direction * _size(each[1], is_by_value=is_by_value))


def _size(part: Turnover, *, is_by_value: bool) -> int:
    return part.net_value if is_by_value else part.net


def _average(part: Turnover) -> int:
    """Return what a share cost net [won]; 0 where nothing is left over."""
    return part.net_value // part.net if part.net else 0


def _moved(line: Line) -> Row:
    return {
        "cur_prc": price(line.price, line.base),
        "pre_sig": sign_code(line.price, line.base, line.band),
        "pred_pre": signed(line.change),
        "flu_rt": signed_rate(line.change, line.base),
    }


def _netted(name: str, part: Turnover, unit: int) -> Row:
    return {
        f"{name}_qty": signed(cut(part.net, unit)),
        f"{name}_amt": signed(cut(part.net_value, MILLION)),
    }


def _hourly(line: Line, part: Turnover) -> Row:
    return {
        "stk_cd": line.symbol,
        "stk_nm": line.name,
        **_moved(line),
        "acc_trde_qty": str(line.volume),
        "netprps_amt": doubly_signed(cut(part.net_value, MILLION)),
        "prev_netprps_amt": doubly_signed(cut(part.net_value, MILLION)),
        "buy_amt": doubly_signed(cut(part.paid, MILLION)),
        "netprps_amt_irds": "0",
        "buy_amt_irds": "0",
        "sell_amt": doubly_signed(-cut(part.received, MILLION)),
        "sell_amt_irds": "0",
        "netprps_qty": doubly_signed(part.net),
        "prev_pot_netprps_qty": doubly_signed(part.net),
        "netprps_irds": "0",
        "buy_qty": doubly_signed(part.bought),
        "buy_qty_irds": "0",
        "sell_qty": doubly_signed(-part.sold),
        "sell_qty_irds": "0",
    }


def _beside(name: str, line: Line, part: Turnover) -> Row:
    return {
        f"{name}_stk_cd": line.symbol,
        f"{name}_stk_nm": line.name,
        f"{name}_amt": signed(cut(part.net_value, MILLION)),
        f"{name}_qty": signed(cut(part.net, _THOUSAND)),
    }


def _blank(name: str) -> Row:
    return dict.fromkeys((f"{name}_{end}" for end in ("stk_cd", "stk_nm", "amt", "qty")), "")


_THOUSAND: Final = 1_000
_FOREIGN: Final = Investor.FOREIGNER
KINDS: Final[dict[str, Who]] = {
    "8000": Investor.INDIVIDUAL,
    "9000": Investor.FOREIGNER,
    "9100": Investor.FOREIGNER,
    "1000": Investor.BROKER,
    "2000": Investor.INSURER,
    "3000": Investor.TRUST,
    "4000": Investor.BANK,
    "5000": Investor.OTHER_FINANCE,
    "6000": Investor.PENSION,
    "7000": Investor.STATE,
    "7100": Investor.COMPANY,
    "9999": None,
}
"""Codes of kinds of investor."""

_OF_THE_HOUR: Final[dict[str, Who]] = {
    "0": Investor.INSURER,
    "1": Investor.TRUST,
    "2": Investor.BANK,
    "3": Investor.PENSION,
    "4": Investor.STATE,
    "5": Investor.COMPANY,
    "6": Investor.FOREIGNER,
    "7": None,
}
_COLUMNS: Final = (
    *(("for", "netslmt"), ("for", "netprps")),
    *(("orgn", "netslmt"), ("orgn", "netprps")),
)
_OF_INSTITUTIONS: Final = ("strt_dt", "end_dt", "trde_tp", "mrkt_tp", "stex_tp")
_OF_KIND: Final = ("strt_dt", "end_dt", "trde_tp", "mrkt_tp", "invsr_tp", "stex_tp")
_ALIKE: Final = ("strt_dt", "mrkt_tp", "trde_tp", "sort_cnd", "unit_tp", "stex_tp")
_THROUGH_THE_DAY: Final = (
    *("mrkt_tp", "amt_qty_tp", "invsr", "frgn_all", "smtm_netprps_tp", "stex_tp"),
)
_OF_THE_DAY: Final = ("mrkt_tp", "amt_qty_tp", "trde_tp", "stex_tp")
_SIDE_BY_SIDE: Final = ("mrkt_tp", "amt_qty_tp", "qry_dt_tp", "stex_tp")
