"""
Short sales (공매도) ka10014; and lending (대차) behind them: ka10068, ka10069, ka20068, ka90012.

How much of a day was sold short is a model, see `crowd`. What is sold short was lent on the
same day, and is given back five sessions later.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

import msgspec

from maemae.emulators.kiwoom_rest.board import Line
from maemae.emulators.kiwoom_rest.crowd import sold_short
from maemae.emulators.kiwoom_rest.formats import day_text, signed_rate
from maemae.emulators.kiwoom_rest.part import Part
from maemae.emulators.kiwoom_rest.screen import MILLION, day, sifted
from maemae.emulators.kiwoom_rest.trading_days import days_of
from maemae.emulators.kiwoom_rest.wire import DONE, Answer, Ask, Fields, Row, Tr


class Loan(msgspec.Struct, frozen=True):
    """What was lent and given back on a day, what was out after it [shares], and its worth."""

    lent: int = 0
    returned: int = 0
    out: int = 0
    worth: int = 0

    def plus(self, other: Loan) -> Loan:
        """Return the sum of both."""
        return Loan(
            self.lent + other.lent,
            self.returned + other.returned,
            self.out + other.out,
            self.worth + other.worth,
        )


class Lending(Part):
    """Answers about what is lent, and sold short."""

    def served(self) -> dict[str, Tr]:
        """Return what is answered here."""
        return {
            "ka10014": Tr(("stk_cd", "strt_dt", "end_dt"), self._sold_short),
            "ka10068": Tr(("all_tp",), self._of_market),
            "ka10069": Tr(("strt_dt", "mrkt_tp"), self._most),
            "ka20068": Tr(("stk_cd",), self._of_stock),
            "ka90012": Tr(("dt", "mrkt_tp"), self._of_day),
        }

    def _sold_short(self, ask: Ask) -> Answer:
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

    def _of_market(self, ask: Ask) -> Answer:
        return self._by_day(ask, self._desk.board.lines())

    def _of_stock(self, ask: Ask) -> Answer:
        return self._by_day(ask, [self._desk.line(ask.field("stk_cd"))])

    def _by_day(self, ask: Ask, lines: Iterable[Line]) -> Answer:
        first, last = self._range(ask)
        days: dict[date, Loan] = {}
        for line in lines:
            for on, loan in self._loans(line).items():
                days[on] = days.get(on, Loan()).plus(loan)
        rows = [
            {
                "dt": day_text(on),
                "dbrt_trde_cntrcnt": str(days[on].lent),
                "dbrt_trde_rpy": str(days[on].returned),
                "dbrt_trde_irds": str(days[on].lent - days[on].returned),
                "rmnd": str(days[on].out),
                "remn_amt": str(days[on].worth // MILLION),
            }
            for on in sorted(days, reverse=True)
            if first <= on <= last
        ]
        return Answer({}, "dbrt_trde_trnsn", rows, text=DONE)

    def _most(self, ask: Ask) -> Answer:
        """Return the ten that most was lent of in a period."""
        first, last = self._range(ask)
        loans = self._of_lines(ask, first, last)
        shown = [loan for _, loan in loans[:_SHOWN]]
        whole, most = _sum(loan for _, loan in loans), _sum(shown)
        fields: Fields = {
            "dbrt_trde_cntrcnt_sum": str(most.lent),
            "dbrt_trde_rpy_sum": str(most.returned),
            "rmnd_sum": str(most.out),
            "remn_amt_sum": str(most.worth // MILLION),
            "dbrt_trde_cntrcnt_rt": _hundredths(most.lent, whole.lent),
            "dbrt_trde_rpy_rt": _hundredths(most.returned, whole.returned),
            "rmnd_rt": _hundredths(most.out, whole.out),
            "remn_amt_rt": _hundredths(most.worth, whole.worth),
        }
        rows = [_row(line, loan) for line, loan in loans[:_SHOWN]]
        return Answer(fields, "dbrt_trde_upper_10stk", rows, text=DONE)

    def _of_day(self, ask: Ask) -> Answer:
        on = day(ask, "dt")
        rows = [_row(line, loan) for line, loan in self._of_lines(ask, on, on)]
        return Answer({}, "dbrt_trde_prps", rows, text=DONE)

    def _of_lines(self, ask: Ask, first: date, last: date) -> list[tuple[Line, Loan]]:
        """Return the loans of a period, what is out being that of its end; most lent first."""
        found = []
        for line in sifted(self._desk, ask):
            loans = [loan for on, loan in self._loans(line).items() if first <= on <= last]
            if loans:
                whole = _sum(loans)
                newest = msgspec.structs.replace(whole, out=loans[-1].out, worth=loans[-1].worth)
                found.append((line, newest))
        found.sort(key=lambda each: -each[1].lent)
        return found

    def _loans(self, line: Line) -> dict[date, Loan]:
        days = days_of(self._desk, line)
        lent = [sold_short(line.symbol, each.bar) for each in days]
        loans, out = {}, 0
        for place, each in enumerate(days):
            returned = lent[place - _TERM] if place >= _TERM else 0
            out += lent[place] - returned
            loans[each.day] = Loan(lent[place], returned, out, out * each.bar.close)
        return loans

    def _range(self, ask: Ask) -> tuple[date, date]:
        first = day(ask, "strt_dt") if ask.field("strt_dt") else date.min
        return first, day(ask, "end_dt") if ask.field("end_dt") else self._desk.today


def _sum(loans: Iterable[Loan]) -> Loan:
    whole = Loan()
    for loan in loans:
        whole = whole.plus(loan)
    return whole


def _row(line: Line, loan: Loan) -> Row:
    return {
        "stk_nm": line.name,
        "stk_cd": line.symbol,
        "dbrt_trde_cntrcnt": str(loan.lent),
        "dbrt_trde_rpy": str(loan.returned),
        "rmnd": str(loan.out),
        "remn_amt": str(loan.worth // MILLION),
    }


def _hundredths(part: int, whole: int) -> str:
    """Return a part in hundredths of a percent, as these fields have it."""
    return str(part * 10_000 // whole) if whole else "0"


_THOUSAND: Final = 1_000
_TERM: Final = 5
_SHOWN: Final = 10
