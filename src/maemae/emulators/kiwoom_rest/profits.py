"""Account queries about realised profit: ka10072, ka10073, ka10074, ka10077, ka10170."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from maemae.domain.ids import Symbol
from maemae.emulators.kiwoom_rest import codes
from maemae.emulators.kiwoom_rest.deals import Deal
from maemae.emulators.kiwoom_rest.desk import symbol_of
from maemae.emulators.kiwoom_rest.formats import day_text, find_day, rate, signed, signed_rate
from maemae.emulators.kiwoom_rest.part import Part
from maemae.emulators.kiwoom_rest.valuation import cash_of
from maemae.emulators.kiwoom_rest.wire import ASKED, Answer, Ask, Fields, Row, Tr

_SAME_DAY: Final = "1"


class Profits(Part):
    """Answers about what sales earned."""

    def served(self) -> dict[str, Tr]:
        """Return what is answered here."""
        return {
            "ka10072": Tr(("strt_dt",), self._from_day),
            "ka10073": Tr(("strt_dt", "end_dt"), self._between),
            "ka10074": Tr(("strt_dt", "end_dt"), self._by_day),
            "ka10077": Tr(("stk_cd",), self._today),
            "ka10170": Tr(("ottks_tp", "ch_crd_tp"), self._diary),
        }

    def _from_day(self, ask: Ask) -> Answer:
        sales = self._sales(ask, _day(ask, "strt_dt"), self._desk.today)
        may_leave = cash_of(self._desk, ask.account_id).withdrawable
        rows = [
            {
                **self._sale(deal),
                "wthd_alowa": str(may_leave),
                "loan_dt": "",
                "crd_tp": "00",
                "stk_cd_1": f"A{deal.symbol}",
                "tdy_sel_pl_1": signed(deal.profit),
            }
            for deal in sales
        ]
        return Answer({}, "dt_stk_div_rlzt_pl", rows, is_newest_first=True, text=ASKED)

    def _between(self, ask: Ask) -> Answer:
        sales = self._sales(ask, _day(ask, "strt_dt"), _day(ask, "end_dt"))
        may_leave = cash_of(self._desk, ask.account_id).withdrawable
        rows = [
            {
                "dt": day_text(deal.day),
                "tdy_htssel_cmsn": str(deal.fee),
                **self._sale(deal),
                "wthd_alowa": str(may_leave),
                "loan_dt": "",
                "crd_tp": "00",
            }
            for deal in sales
        ]
        return Answer({}, "dt_stk_rlzt_pl", rows, is_newest_first=True, text=ASKED)

    def _sale(self, deal: Deal) -> Row:
        return {
            "stk_nm": self._desk.line(deal.symbol).name,
            "cntr_qty": str(deal.fill.qty),
            "buy_uv": _average(deal),
            "cntr_pric": str(deal.fill.px),
            "tdy_sel_pl": signed(deal.profit),
            "pl_rt": signed_rate(deal.profit, deal.cost),
            "stk_cd": f"A{deal.symbol}",
            "tdy_trde_cmsn": str(deal.fee),
            "tdy_trde_tax": str(deal.tax),
        }

    def _by_day(self, ask: Ask) -> Answer:
        first, last = _day(ask, "strt_dt"), _day(ask, "end_dt")
        deals = [
            deal for deal in self._desk.deals.deals(ask.account_id) if first <= deal.day <= last
        ]
        rows = []
        for day in sorted({deal.day for deal in deals}, reverse=True):
            own = [deal for deal in deals if deal.day == day]
            rows.append(
                {
                    "dt": day_text(day),
                    "buy_amt": str(_traded(own, is_sale=False)),
                    "sell_amt": str(_traded(own, is_sale=True)),
                    "tdy_sel_pl": signed(_profit(own)),
                    "tdy_trde_cmsn": str(sum(deal.fee for deal in own)),
                    "tdy_trde_tax": str(sum(deal.tax for deal in own)),
                }
            )
        fields: Fields = {
            "tot_buy_amt": str(_traded(deals, is_sale=False)),
            "tot_sell_amt": str(_traded(deals, is_sale=True)),
            "rlzt_pl": str(_profit(deals)),
            "trde_cmsn": str(sum(deal.fee for deal in deals)),
            "trde_tax": str(sum(deal.tax for deal in deals)),
        }
        return Answer(fields, "dt_rlzt_pl", rows, is_newest_first=True, text=ASKED)

    def _today(self, ask: Ask) -> Answer:
        sales = self._sales(ask, self._desk.today, self._desk.today)
        rows = [self._sale(deal) for deal in sales]
        fields: Fields = {"tdy_rlzt_pl": signed(_profit(sales))}
        return Answer(fields, "tdy_rlzt_pl_dtl", rows, is_newest_first=True, text=ASKED)

    def _diary(self, ask: Ask) -> Answer:
        day = find_day(ask.field("base_dt")) or self._desk.today
        deals = self._desk.deals.of_day(ask.account_id, day)
        if ask.field("ottks_tp") == _SAME_DAY:
            bought = {deal.symbol for deal in deals if not deal.is_sale}
            deals = [deal for deal in deals if deal.symbol in bought]
        charges = sum(deal.fee + deal.tax for deal in deals)
        sold, paid = _traded(deals, is_sale=True), _traded(deals, is_sale=False)
        cost = sum(deal.cost for deal in deals)
        fields: Fields = {
            "tot_sell_amt": str(sold),
            "tot_buy_amt": str(paid),
            "tot_cmsn_tax": str(charges),
            "tot_exct_amt": str(sold - paid - charges),
            "tot_pl_amt": str(_profit(deals)),
            "tot_prft_rt": rate(_profit(deals), cost),
        }
        rows = [self._diary_row(symbol, deals) for symbol in sorted({d.symbol for d in deals})]
        return Answer(fields, "tdy_trde_diary", rows, text=ASKED)

    def _diary_row(self, symbol: Symbol, deals: Iterable[Deal]) -> Row:
        own = [deal for deal in deals if deal.symbol == symbol]
        bought = sum(deal.fill.qty for deal in own if not deal.is_sale)
        sold = sum(deal.fill.qty for deal in own if deal.is_sale)
        paid, received = _traded(own, is_sale=False), _traded(own, is_sale=True)
        return {
            "stk_nm": self._desk.line(symbol).name,
            "buy_avg_pric": str(paid // bought if bought else 0),
            "buy_qty": str(bought),
            "sel_avg_pric": str(received // sold if sold else 0),
            "sell_qty": str(sold),
            "cmsn_alm_tax": str(sum(deal.fee + deal.tax for deal in own)),
            "pl_amt": str(_profit(own)),
            "sell_amt": str(received),
            "buy_amt": str(paid),
            "prft_rt": rate(_profit(own), sum(deal.cost for deal in own)),
            "stk_cd": symbol,
        }

    def _sales(self, ask: Ask, first: date, last: date) -> list[Deal]:
        """Return the sales of these days, of one instrument if one is named, newest first."""
        code = ask.field("stk_cd")
        symbol = symbol_of(code) if code else None
        return [
            deal
            for deal in reversed(self._desk.deals.deals(ask.account_id))
            if deal.is_sale
            and first <= deal.day <= last
            and (symbol is None or deal.symbol == symbol)
        ]


def _average(deal: Deal) -> str:
    """Return what a sold share had cost [won], with two decimals where it does not come out."""
    whole, rest = divmod(deal.cost, deal.fill.qty)
    return str(whole) if not rest else f"{whole}.{rest * 100 // deal.fill.qty:02d}"


def _traded(deals: Iterable[Deal], *, is_sale: bool) -> int:
    return sum(deal.notional for deal in deals if deal.is_sale is is_sale)


def _profit(deals: Iterable[Deal]) -> int:
    return sum(deal.profit for deal in deals)


def _day(ask: Ask, name: str) -> date:
    """
    Return a day.

    Raises:
        RefusalError: It is none.
    """
    day = find_day(ask.field(name))
    if day is None:
        raise codes.bad_field(name, ask.field(name))
    return day
