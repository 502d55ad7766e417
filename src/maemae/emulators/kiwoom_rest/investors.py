"""
Who traded an instrument, by kind of investor: ka10045, ka10059, ka10060, ka10061, ka10064.

Sums of money are in millions. Who trades is a model, see `crowd`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from maemae.domain.ids import Symbol
from maemae.domain.instant import MINUTE
from maemae.emulators.kiwoom_rest.board import Line
from maemae.emulators.kiwoom_rest.crowd import (
    Investor,
    Shares,
    Turnover,
    foreign_members,
    institutions,
    investors,
    members,
    programmes,
)
from maemae.emulators.kiwoom_rest.desk import Desk
from maemae.emulators.kiwoom_rest.foreigners import ForeignHoldings
from maemae.emulators.kiwoom_rest.formats import clock, day_text, doubly_signed, signed
from maemae.emulators.kiwoom_rest.history import Bar, bars_of_trades, grouped, growing
from maemae.emulators.kiwoom_rest.part import Part
from maemae.emulators.kiwoom_rest.screen import MILLION, choice, day
from maemae.emulators.kiwoom_rest.trading_days import TradingDay, bars_between, days_of
from maemae.emulators.kiwoom_rest.wire import DONE, Answer, Ask, Fields, Row, Tr

Measure = Callable[[Turnover], int]

KINDS: Final = {
    Investor.BROKER: "fnnc_invt",
    Investor.INSURER: "insrnc",
    Investor.TRUST: "invtrt",
    Investor.OTHER_FINANCE: "etc_fnnc",
    Investor.BANK: "bank",
    Investor.PENSION: "penfnd_etc",
    Investor.PRIVATE_FUND: "samo_fund",
    Investor.STATE: "natn",
    Investor.COMPANY: "etc_corp",
}
"""Columns of kinds of investor beside individuals, foreigners and all institutions."""


class Investors(Part):
    """Answers about one instrument."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._foreign = ForeignHoldings(desk)

    def served(self) -> dict[str, Tr]:
        """Return what is answered here."""
        by_day = ("dt", "stk_cd", "amt_qty_tp", "trde_tp", "unit_tp")
        return {
            "ka10045": Tr(_OF_INSTITUTIONS, self._of_institutions),
            "ka10059": Tr(by_day, self._by_day),
            "ka10060": Tr(by_day, self._chart),
            "ka10061": Tr(_OF_PERIOD, self._of_period),
            "ka10064": Tr(("mrkt_tp", "amt_qty_tp", "trde_tp", "stk_cd"), self._through_the_day),
        }

    def _by_day(self, ask: Ask) -> Answer:
        line, days = self._until(ask)
        rows = [
            {
                "dt": day_text(each.day),
                "cur_prc": each.close,
                "pre_sig": each.sign,
                "pred_pre": each.change,
                "flu_rt": signed(int(each.rate.replace(".", ""))),
                "acc_trde_qty": str(each.bar.volume),
                "acc_trde_prica": str(each.bar.value // MILLION),
                **self._columns(ask, line, each),
            }
            for each in days
        ]
        return _list(line, "stk_invsr_orgn", rows)

    def _chart(self, ask: Ask) -> Answer:
        line, days = self._until(ask)
        rows = [
            {
                "dt": day_text(each.day),
                "cur_prc": each.close,
                "pred_pre": each.change,
                "acc_trde_prica": str(each.bar.value // MILLION),
                **self._columns(ask, line, each),
            }
            for each in days
        ]
        return _list(line, "stk_invsr_orgn_chart", rows)

    def _of_period(self, ask: Ask) -> Answer:
        line = self._desk.line(ask.field("stk_cd"))
        bars = bars_between(self._desk, line, day(ask, "strt_dt"), day(ask, "end_dt"))
        numbers = by_kind(investors(line.symbol, bars), measure_of(ask), _unit(ask))
        row = {name: doubly_signed(number) for name, number in numbers.items()}
        return Answer({}, "stk_invsr_orgn_tot", [row] if bars else [], text=DONE)

    def _through_the_day(self, ask: Ask) -> Answer:
        """Return the sums of today after every ten minutes in which it traded, oldest first."""
        line = self._desk.line(ask.field("stk_cd"))
        measure, unit = measure_of(ask), MILLION if ask.field("amt_qty_tp") == "1" else 1
        prints = bars_of_trades(self._desk.exchange.prints.get(line.symbol, []))
        steps = grouped(prints, lambda bar: bar.at // _STEP)
        rows = []
        for step, so_far in zip(steps, growing(steps), strict=True):
            numbers = by_kind(investors(line.symbol, [so_far]), measure, unit)
            columns = {name: str(numbers[name]) for name in _OF_CHART}
            rows.append({"tm": clock(step.at), **columns})
        return Answer({}, "opmr_invsr_trde_chart", rows, text=DONE)

    def _of_institutions(self, ask: Ask) -> Answer:
        line = self._desk.line(ask.field("stk_cd"))
        first, last = day(ask, "strt_dt"), day(ask, "end_dt")
        # Some clients write 0 where the interface knows 1 and 2.
        prices = {"0": _bought_at, "1": _bought_at, "2": _sold_at}
        asked = [choice(ask, f"{who}_prsm_unp_tp", prices) for who in ("orgn", "for")]
        days = [each for each in days_of(self._desk, line) if first <= each.day <= last]
        sums = Turnover(), Turnover()
        rows: list[Row] = []
        rates = self._foreign.rates(line)
        for each in days:
            shares = investors(line.symbol, [each.bar])
            parts = institutions(shares), shares[Investor.FOREIGNER]
            sums = sums[0].plus(parts[0]), sums[1].plus(parts[1])
            rows.append(
                {
                    "dt": day_text(each.day),
                    "close_pric": each.close,
                    "pre_sig": each.sign,
                    "pred_pre": each.change,
                    "flu_rt": each.rate,
                    "trde_qty": str(each.bar.volume),
                    "orgn_dt_acc": str(sums[0].net),
                    "orgn_daly_nettrde_qty": str(parts[0].net),
                    "for_dt_acc": str(sums[1].net),
                    "for_daly_nettrde_qty": str(parts[1].net),
                    "limit_exh_rt": rates[each.day],
                }
            )
        fields: Fields = {
            "orgn_prsm_avg_pric": str(asked[0](sums[0])),
            "for_prsm_avg_pric": str(asked[1](sums[1])),
        }
        rows.reverse()
        return _list(line, "stk_orgn_trde_trnsn", rows, fields)

    def _until(self, ask: Ask) -> tuple[Line, list[TradingDay]]:
        line, last = self._desk.line(ask.field("stk_cd")), day(ask, "dt")
        days = [each for each in days_of(self._desk, line) if each.day <= last]
        return line, days[::-1]

    def _columns(self, ask: Ask, line: Line, each: TradingDay) -> Row:
        numbers = by_kind(investors(line.symbol, [each.bar]), measure_of(ask), _unit(ask))
        return {name: str(number) for name, number in numbers.items()}


def measure_of(ask: Ask) -> Measure:
    """
    Return what is counted of a turnover: shares or money, net or of one side.

    Raises:
        RefusalError: A field chooses nothing that there is.
    """
    measures = choice(ask, "amt_qty_tp", {"1": _OF_MONEY, "2": _OF_SHARES})
    return choice(ask, "trde_tp", measures)


def by_kind(shares: Shares[Investor], measure: Measure, unit: int) -> dict[str, int]:
    """Return the number of every column; what a unit cuts off is cut towards zero."""
    parts: dict[str, Turnover] = {
        "ind_invsr": shares.get(Investor.INDIVIDUAL, Turnover()),
        "frgnr_invsr": shares.get(Investor.FOREIGNER, Turnover()),
        "orgn": institutions(shares),
        **{name: shares.get(kind, Turnover()) for kind, name in KINDS.items()},
        "natfor": shares.get(Investor.RESIDENT_FOREIGNER, Turnover()),
    }
    return {name: cut(measure(part), unit) for name, part in parts.items()}


def columns_of_day(symbol: Symbol, bar: Bar, *, is_money: bool) -> Row:
    """Return the net columns of a list of days (ka10086): shares, or money in millions."""
    shares = investors(symbol, [bar])
    arbitrage, other = programmes(symbol, [bar])
    parts = {
        "ind": shares[Investor.INDIVIDUAL],
        "orgn": institutions(shares),
        "for_qty": shares[Investor.FOREIGNER],
        "frgn": foreign_members(members(symbol, [bar])),
        "prm": arbitrage.plus(other),
    }
    nets = {
        name: doubly_signed(cut(part.net_value, MILLION) if is_money else part.net)
        for name, part in parts.items()
    }
    again = {"for_netprps": "for_qty", "orgn_netprps": "orgn", "ind_netprps": "ind"}
    return {**nets, **{name: nets[same] for name, same in again.items()}}


def cut(number: int, unit: int) -> int:
    """Return a number in larger units, cut towards zero."""
    return abs(number) // unit * (-1 if number < 0 else 1)


def _unit(ask: Ask) -> int:
    """Return what a column counts: millions of won, or the shares that were asked for."""
    shares = choice(ask, "unit_tp", {"1000": 1_000, "1": 1})
    return MILLION if ask.field("amt_qty_tp") == "1" else shares


def _list(line: Line, key: str, rows: list[Row], fields: Fields | None = None) -> Answer:
    return Answer(fields or {}, key, rows, is_newest_first=True, text=DONE, scope=line.symbol)


def _bought_at(part: Turnover) -> int:
    return part.paid // part.bought if part.bought else 0


def _sold_at(part: Turnover) -> int:
    return part.received // part.sold if part.sold else 0


_STEP: Final = 10 * MINUTE
_OF_MONEY: Final[Mapping[str, Measure]] = {
    "0": lambda part: part.net_value,
    "1": lambda part: part.paid,
    "2": lambda part: part.received,
}
_OF_SHARES: Final[Mapping[str, Measure]] = {
    "0": lambda part: part.net,
    "1": lambda part: part.bought,
    "2": lambda part: part.sold,
}
_OF_CHART: Final = (
    *("frgnr_invsr", "orgn", "invtrt", "insrnc", "bank", "penfnd_etc", "etc_corp", "natn"),
)
_OF_INSTITUTIONS: Final = ("stk_cd", "strt_dt", "end_dt", "orgn_prsm_unp_tp", "for_prsm_unp_tp")
_OF_PERIOD: Final = ("stk_cd", "strt_dt", "end_dt", "amt_qty_tp", "trde_tp", "unit_tp")
