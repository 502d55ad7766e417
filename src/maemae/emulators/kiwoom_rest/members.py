"""
Members of the exchange (거래원) in one instrument: ka10002, ka10038 to ka10043, ka10053, ka10078.

The list of all is ka10102; ka10039 is a ranking, see `member_rankings`.

Who trades is a model, see `crowd`. As every member's part grows with the volume, nobody drops
out of the first five during a day, and there is no increase since a moment ago.
"""

from __future__ import annotations

from typing import Final

from maemae.emulators.kiwoom_rest import codes
from maemae.emulators.kiwoom_rest.board import Line
from maemae.emulators.kiwoom_rest.crowd import (
    MEMBERS,
    Turnover,
    foreign_members,
    members,
)
from maemae.emulators.kiwoom_rest.formats import (
    day_text,
    price,
    sign_code,
    signed,
    signed_rate,
)
from maemae.emulators.kiwoom_rest.history import Bar
from maemae.emulators.kiwoom_rest.part import Part
from maemae.emulators.kiwoom_rest.screen import choice, day, number
from maemae.emulators.kiwoom_rest.trading_days import TradingDay, days_of
from maemae.emulators.kiwoom_rest.wire import DONE, Answer, Ask, Fields, Tr


class Members(Part):
    """Answers about members."""

    def served(self) -> dict[str, Tr]:
        """Return what is answered here."""
        return {
            "ka10002": Tr(("stk_cd",), self._now),
            "ka10038": Tr(("stk_cd", "qry_tp", "dt"), self._ranked),
            "ka10040": Tr(("stk_cd",), self._of_today),
            "ka10042": Tr(("stk_cd", "qry_dt_tp", "pot_tp", "sort_base"), self._net_buyers),
            "ka10043": Tr(_BY_PRICE, self._of_one),
            "ka10053": Tr(("stk_cd",), self._dropped_out),
            "ka10078": Tr(("mmcm_cd", "stk_cd", "strt_dt", "end_dt"), self._by_day),
            "ka10102": Tr((), self._all),
        }

    def _all(self, ask: Ask) -> Answer:
        rows = [
            {"code": code, "name": member.name, "gb": "1" if member.is_foreign else "0"}
            for code, member in MEMBERS.items()
        ]
        return Answer({}, "list", rows, text=DONE)

    def _now(self, ask: Ask) -> Answer:
        line = self._desk.line(ask.field("stk_cd"))
        fields: Fields = {
            "stk_cd": ask.field("stk_cd"),
            "stk_nm": line.name,
            "cur_prc": price(line.price, line.base),
            "flu_smbol": sign_code(line.price, line.base, line.band),
            "base_pric": str(line.base),
            "pred_pre": signed(line.change),
            "flu_rt": signed_rate(line.change, line.base),
        }
        for n, (seller, buyer) in enumerate(first_five(line), 1):
            for side, (code, qty) in (("sel", seller), ("buy", buyer)):
                fields |= {
                    f"{side}_trde_ori_nm_{n}": name_of(code),
                    f"{side}_trde_ori_{n}": code,
                    f"{side}_trde_qty_{n}": str(qty),
                }
        return Answer(fields, text=DONE)

    def _of_today(self, ask: Ask) -> Answer:
        line = self._desk.line(ask.field("stk_cd"))
        fields: Fields = {}
        for n, ((seller, sold), (buyer, bought)) in enumerate(first_five(line), 1):
            fields |= {
                f"sel_trde_ori_irds_{n}": "0",
                f"sel_trde_ori_qty_{n}": signed(-sold),
                f"sel_trde_ori_{n}": name_of(seller),
                f"sel_trde_ori_cd_{n}": seller,
                f"buy_trde_ori_{n}": name_of(buyer),
                f"buy_trde_ori_cd_{n}": buyer,
                f"buy_trde_ori_qty_{n}": signed(bought),
                f"buy_trde_ori_irds_{n}": "0",
            }
        foreign = foreign_members(members(line.symbol, _today(line)))
        fields |= {
            "frgn_sel_prsm_sum_chang": "0",
            "frgn_sel_prsm_sum": signed(-foreign.sold),
            "frgn_buy_prsm_sum": signed(foreign.bought),
            "frgn_buy_prsm_sum_chang": "0",
        }
        return Answer(fields, "tdy_main_trde_ori", [], text=DONE)

    def _dropped_out(self, ask: Ask) -> Answer:
        self._desk.line(ask.field("stk_cd"))
        return Answer({}, "tdy_upper_scesn_ori", [], text=DONE)

    def _ranked(self, ask: Ask) -> Answer:
        """Return the members by what they sold (1) or bought (2) net."""
        direction = choice(ask, "qry_tp", {"1": -1, "2": 1})
        line = self._desk.line(ask.field("stk_cd"))
        days = days_of(self._desk, line)
        if ask.field("strt_dt"):
            first, last = day(ask, "strt_dt"), day(ask, "end_dt")
            days = [each for each in days if first <= each.day <= last]
        else:
            count = number(ask, "dt", 1)
            days = days[-(count if count == 1 else count + 1) :]  # 4 is the code of five days
        bars = [each.bar for each in days]
        parts = members(line.symbol, bars)
        found = [each for each in parts.items() if each[1].net * direction > 0]
        found.sort(key=lambda each: -each[1].net * direction)
        rows = [
            {
                "rank": str(rank),
                "mmcm_nm": name_of(code),
                "buy_qty": signed(part.bought),
                "sell_qty": signed(-part.sold),
                "acc_netprps_qty": signed(part.net),
            }
            for rank, (code, part) in enumerate(found, 1)
        ]
        sums = Turnover()
        for _, part in found:
            sums = sums.plus(part)
        fields: Fields = {
            "rank_1": signed(sums.bought),
            "rank_2": signed(-sums.sold),
            "rank_3": signed(sums.net),
            "prid_trde_qty": str(sum(bar.volume for bar in bars)),
        }
        return Answer(fields, "stk_sec_rank", rows, text=DONE)

    def _net_buyers(self, ask: Ask) -> Answer:
        line, days = self._period(ask)
        parts = members(line.symbol, [each.bar for each in days])
        found = sorted(
            (each for each in parts.items() if each[1].net > 0), key=lambda each: -each[1].net
        )
        rows = [
            {"rank": str(rank), "mmcm_cd": code.lstrip("0"), "mmcm_nm": name_of(code)}
            for rank, (code, _) in enumerate(found, 1)
        ]
        return Answer({}, "netprps_trde_ori_rank", rows, text=DONE)

    def _of_one(self, ask: Ask) -> Answer:
        """Return what one member traded, by price (1) or by day (2), the highest first."""
        code, (line, days) = member_of(ask), self._period(ask)
        if choice(ask, "sort_base", {"1": True, "2": False}):
            days.sort(key=lambda each: each.bar.close)
        rows = []
        for each in reversed(days):
            part = members(line.symbol, [each.bar])[code]
            both = part.bought + part.sold
            rows.append(
                {
                    "dt": day_text(each.day),
                    "close_pric": str(each.bar.close),
                    "pre_sig": each.sign,
                    "pred_pre": each.change,
                    "sel_qty": str(part.sold),
                    "buy_qty": str(part.bought),
                    "netprps_qty": str(part.net),
                    "trde_qty_sum": str(both),
                    "trde_wght": signed_rate(both, each.bar.volume),
                }
            )
        return Answer({}, "trde_ori_prps_anly", rows, text=DONE)

    def _by_day(self, ask: Ask) -> Answer:
        code, line = member_of(ask), self._desk.line(ask.field("stk_cd"))
        first, last = day(ask, "strt_dt"), day(ask, "end_dt")
        rows = []
        for each in reversed(days_of(self._desk, line)):
            if not first <= each.day <= last:
                continue
            part = members(line.symbol, [each.bar])[code]
            rows.append(
                {
                    "dt": day_text(each.day),
                    "cur_prc": each.close,
                    "pre_sig": each.sign,
                    "pred_pre": each.change,
                    "flu_rt": each.rate,
                    "acc_trde_qty": str(each.bar.volume),
                    "netprps_qty": str(part.net),
                    "buy_qty": str(part.bought),
                    "sell_qty": str(part.sold),
                }
            )
        key = "sec_stk_trde_trend"
        return Answer({}, key, rows, is_newest_first=True, text=DONE, scope=line.symbol)

    def _period(self, ask: Ask) -> tuple[Line, list[TradingDay]]:
        """Return the days that are asked for: so many until now or until yesterday, or a range."""
        line = self._desk.line(ask.field("stk_cd"))
        days = days_of(self._desk, line)
        if choice(ask, "qry_dt_tp", {"0": False, "1": True}):
            first, last = day(ask, "strt_dt"), day(ask, "end_dt")
            return line, [each for each in days if first <= each.day <= last]
        if choice(ask, "pot_tp", {"0": False, "1": True}):
            days = [each for each in days if each.day < self._desk.today]
        return line, days[-number(ask, "dt", 1) :]


def first_five(line: Line) -> list[tuple[tuple[str, int], tuple[str, int]]]:
    """Return the five members who sold most today, each beside who bought most: code, shares."""
    parts = members(line.symbol, _today(line))
    sellers = [(code, part.sold) for code, part in parts.items()]
    buyers = [(code, part.bought) for code, part in parts.items()]
    return list(zip(_five(sellers), _five(buyers), strict=True))


def member_of(ask: Ask) -> str:
    """
    Return the code of the member that is asked for; zeros before it may be left out.

    Raises:
        RefusalError: There is none.
    """
    code = ask.field("mmcm_cd").zfill(3)
    if code not in MEMBERS:
        raise codes.bad_field("mmcm_cd", ask.field("mmcm_cd"))
    return code


def _five(parts: list[tuple[str, int]]) -> list[tuple[str, int]]:
    traded = sorted((part for part in parts if part[1]), key=lambda part: -part[1])
    return [*traded, *[_NOBODY] * _SHOWN][:_SHOWN]


def _today(line: Line) -> list[Bar]:
    return [] if line.bar is None else [line.bar]


def name_of(code: str) -> str:
    """Return the name of a member, empty for the code of nobody."""
    return "" if code == _NOBODY[0] else MEMBERS[code].name


_SHOWN: Final = 5
_NOBODY: Final = ("000", 0)
_BY_PRICE: Final = ("stk_cd", "qry_dt_tp", "pot_tp", "sort_base", "mmcm_cd", "stex_tp")
