"""Account queries about what is held: kt00004, kt00005, kt00018, ka10085, ka01690."""

from __future__ import annotations

from typing import Final

from maemae.emulators.kiwoom_rest.desk import Desk
from maemae.emulators.kiwoom_rest.formats import (
    NAUGHT_DATE,
    day_text,
    padded,
    padded_rate,
    price,
    rate,
    signed,
)
from maemae.emulators.kiwoom_rest.part import Part
from maemae.emulators.kiwoom_rest.valuation import Flow, Position, cash_of, flows_of, positions_of
from maemae.emulators.kiwoom_rest.wire import ASKED, Answer, Ask, Fields, Row, Tr
from maemae.krx.calendar import previous_session

_WIDE: Final = 15
_NARROW: Final = 12
_MARGINS: Final = (20, 30, 40, 50, 60, 100)


class Positions(Part):
    """Answers about what is held."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._rate = padded_rate if desk.config.is_paper else rate

    def served(self) -> dict[str, Tr]:
        """Return what is answered here."""
        return {
            "kt00004": Tr(("qry_tp", "dmst_stex_tp"), self._evaluation),
            "kt00005": Tr(("dmst_stex_tp",), self._balance),
            "kt00018": Tr(("qry_tp", "dmst_stex_tp"), self._holdings, page_rows=20),
            "ka10085": Tr(("stex_tp",), self._returns),
            "ka01690": Tr(("qry_dt",), self._by_day),
        }

    def _holdings(self, ask: Ask) -> Answer:
        desk = self._desk
        held = positions_of(desk, ask.account_id)
        cost = sum(each.cost for each in held)
        value = sum(each.value for each in held)
        profit = sum(each.profit for each in held)
        fields: Fields = {
            "tot_pur_amt": padded(cost, _WIDE),
            "tot_evlt_amt": padded(value, _WIDE),
            "tot_evlt_pl": padded(profit, _WIDE),
            "tot_prft_rt": self._rate(profit, cost),
            "prsm_dpst_aset_amt": padded(cash_of(desk, ask.account_id).in_two + value, _WIDE),
            "tot_loan_amt": padded(0, _WIDE),
            "tot_crd_loan_amt": padded(0, _WIDE),
            "tot_crd_ls_amt": padded(0, _WIDE),
        }
        today = flows_of(desk, ask.account_id, desk.today)
        before = flows_of(desk, ask.account_id, previous_session(desk.today))
        rows = [
            self._holding(each, value, today.get(each.symbol), before.get(each.symbol))
            for each in held
        ]
        text = desk.asked(is_empty=not rows)
        return Answer(fields, "acnt_evlt_remn_indv_tot", rows, text=text)

    def _holding(self, held: Position, value: int, today: Flow | None, before: Flow | None) -> Row:
        now, then = today or _STILL, before or _STILL
        previous = held.line.previous
        return {
            "stk_cd": f"A{held.symbol}",
            "stk_nm": held.line.name,
            "evltv_prft": padded(held.profit, _WIDE),
            "prft_rt": self._rate(held.profit, held.cost),
            "pur_pric": padded(held.average, _WIDE),
            "pred_close_pric": padded(previous.close if previous else held.line.base, _NARROW),
            "rmnd_qty": padded(held.qty, _WIDE),
            "trde_able_qty": padded(held.sellable, _WIDE),
            "cur_prc": padded(held.line.price, _NARROW),
            "pred_buyq": padded(then.bought, _WIDE),
            "pred_sellq": padded(then.sold, _WIDE),
            "tdy_buyq": padded(now.bought, _WIDE),
            "tdy_sellq": padded(now.sold, _WIDE),
            "pur_amt": padded(held.cost, _WIDE),
            "pur_cmsn": padded(held.bought_fee, _WIDE),
            "evlt_amt": padded(held.value, _WIDE),
            "sell_cmsn": padded(held.sold_fee, _WIDE),
            "tax": padded(held.tax, _WIDE),
            "sum_cmsn": padded(held.fees, _WIDE),
            "poss_rt": rate(held.value, value),
            "crd_tp": "00",
            "crd_tp_nm": "",
            "crd_loan_dt": "",
        }

    def _evaluation(self, ask: Ask) -> Answer:
        desk, cash = self._desk, cash_of(self._desk, ask.account_id)
        held = positions_of(desk, ask.account_id)
        cost = sum(each.cost for each in held)
        value = sum(each.value for each in held)
        deals = desk.deals.deals(ask.account_id)
        month = desk.today.replace(day=1)
        today = sum(deal.profit for deal in deals if deal.day == desk.today)
        monthly = sum(deal.profit for deal in deals if deal.day >= month)
        opened = desk.config.accounts[ask.account_id]
        amounts = {
            "entr": cash.settled,
            "d2_entra": cash.in_two,
            "tot_est_amt": value,
            "aset_evlt_amt": cash.in_two + value,
            "tot_pur_amt": cost,
            "prsm_dpst_aset_amt": cash.in_two + value,
            "tot_grnt_sella": 0,
            "tdy_lspft_amt": opened,
            "invt_bsamt": opened,
            "lspft_amt": opened,
            "tdy_lspft": today,
            "lspft2": monthly,
            "lspft": sum(deal.profit for deal in deals),
        }
        fields: Fields = {
            "acnt_nm": "모의투자" if desk.config.is_paper else "위탁",
            "brch_nm": "",
            **{name: padded(amount, _NARROW) for name, amount in amounts.items()},
            "tdy_lspft_rt": rate(amounts["tdy_lspft"], opened),
            "lspft_ratio": rate(amounts["lspft2"], opened),
            "lspft_rt": rate(amounts["lspft"], opened),
        }
        flows = flows_of(desk, ask.account_id, desk.today)
        before = flows_of(desk, ask.account_id, previous_session(desk.today))
        rows = [
            self._evaluated(each, flows.get(each.symbol), before.get(each.symbol)) for each in held
        ]
        return Answer(fields, "stk_acnt_evlt_prst", rows, text=desk.asked(is_empty=not rows))

    def _evaluated(self, held: Position, today: Flow | None, before: Flow | None) -> Row:
        now, then = today or _STILL, before or _STILL
        return {
            "stk_cd": f"A{held.symbol}",
            "stk_nm": held.line.name,
            "rmnd_qty": padded(held.qty, _NARROW),
            "avg_prc": padded(held.average, _NARROW),
            "cur_prc": padded(held.line.price, _NARROW),
            "evlt_amt": padded(held.value, _NARROW),
            "pl_amt": padded(held.profit, _NARROW),
            "pl_rt": rate(held.profit, held.cost),
            "loan_dt": "",
            "pur_amt": padded(held.cost, _NARROW),
            "setl_remn": padded(max(0, held.qty - now.bought - then.bought), _NARROW),
            "pred_buyq": padded(then.bought, _NARROW),
            "pred_sellq": padded(then.sold, _NARROW),
            "tdy_buyq": padded(now.bought, _NARROW),
            "tdy_sellq": padded(now.sold, _NARROW),
        }

    def _balance(self, ask: Ask) -> Answer:
        desk, cash = self._desk, cash_of(self._desk, ask.account_id)
        held = positions_of(desk, ask.account_id)
        profit, cost = sum(each.profit for each in held), sum(each.cost for each in held)
        amounts = dict.fromkeys(_BALANCE.split(), 0) | {
            "entr": cash.settled,
            "entr_d1": cash.in_one,
            "entr_d2": cash.in_two,
            "pymn_alow_amt": cash.withdrawable,
            "ord_alowa": cash.orderable,
            "stk_buy_tot_amt": cost,
            "evlt_amt_tot": sum(each.value for each in held),
            "tot_pl_tot": profit,
        }
        for percent in _MARGINS:
            amounts[f"{percent}ord_alow_amt"] = cash.orderable * 100 // percent
        fields: Fields = {name: padded(amount, _NARROW) for name, amount in amounts.items()}
        fields["tot_pl_rt"] = rate(profit, cost)
        rows = [
            {
                "crd_tp": "00",
                "loan_dt": "",
                "expr_dt": "",
                "stk_cd": f"A{each.symbol}",
                "stk_nm": each.line.name,
                "setl_remn": padded(each.qty, _NARROW),
                "cur_qty": padded(each.qty, _NARROW),
                "cur_prc": padded(each.line.price, _NARROW),
                "buy_uv": padded(each.average, _NARROW),
                "pur_amt": padded(each.cost, _NARROW),
                "evlt_amt": padded(each.value, _NARROW),
                "evltv_prft": padded(each.profit, _NARROW),
                "pl_rt": rate(each.profit, each.cost),
            }
            for each in held
        ]
        return Answer(fields, "stk_cntr_remn", rows, text=desk.asked(is_empty=not rows))

    def _returns(self, ask: Ask) -> Answer:
        desk = self._desk
        deals = desk.deals.of_day(ask.account_id, desk.today)
        rows = []
        for each in positions_of(desk, ask.account_id):
            own = [deal for deal in deals if deal.symbol == each.symbol]
            rows.append(
                {
                    "dt": NAUGHT_DATE,
                    "stk_cd": each.symbol,
                    "stk_nm": each.line.name,
                    "cur_prc": price(each.line.price, each.line.base),
                    "pur_pric": str(each.average),
                    "pur_amt": str(each.cost),
                    "rmnd_qty": str(each.qty),
                    "tdy_sel_pl": signed(sum(deal.profit for deal in own)),
                    "tdy_trde_cmsn": str(sum(deal.fee for deal in own)),
                    "tdy_trde_tax": str(sum(deal.tax for deal in own)),
                    "crd_tp": "00",
                    "loan_dt": NAUGHT_DATE,
                    "setl_remn": str(each.qty),
                    "clrn_alow_qty": str(each.sellable),
                    "crd_amt": "0",
                    "crd_int": "0",
                    "expr_dt": NAUGHT_DATE,
                }
            )
        return Answer({}, "acnt_prft_rt", rows, text=ASKED)

    def _by_day(self, ask: Ask) -> Answer:
        desk, cash = self._desk, cash_of(self._desk, ask.account_id)
        is_today = ask.field("qry_dt") == day_text(desk.today)
        held = positions_of(desk, ask.account_id) if is_today else []
        cost, value = sum(each.cost for each in held), sum(each.value for each in held)
        profit = sum(each.profit for each in held)
        worth = cash.in_two + value
        fields: Fields = {
            "dt": ask.field("qry_dt"),
            "tot_buy_amt": str(cost),
            "tot_evlt_amt": str(value),
            "tot_evltv_prft": str(profit),
            "tot_prft_rt": rate(profit, cost),
            "dbst_bal": str(cash.settled),
            "day_stk_asst": str(worth),
            "buy_wght": rate(cash.in_two, worth),
        }
        rows = [
            {
                "cur_prc": str(each.line.price),
                "stk_cd": each.symbol,
                "stk_nm": each.line.name,
                "rmnd_qty": str(each.qty),
                "buy_uv": str(each.average),
                "buy_wght": rate(each.cost, cost),
                "evltv_prft": str(each.profit),
                "prft_rt": rate(each.profit, each.cost),
                "evlt_amt": str(each.value),
                "evlt_wght": rate(each.value, value),
            }
            for each in held
        ]
        return Answer(fields, "day_bal_rt", rows, text=ASKED)


_STILL: Final = Flow()
_BALANCE: Final = (
    "entr entr_d1 entr_d2 pymn_alow_amt uncl_stk_amt repl_amt rght_repl_amt ord_alowa ch_uncla "
    "crd_int_npay_gold etc_loana nrpy_loan profa_ch repl_profa stk_buy_tot_amt evlt_amt_tot "
    "tot_pl_tot tot_pl_rt tot_re_buy_alowa 20ord_alow_amt 30ord_alow_amt 40ord_alow_amt "
    "50ord_alow_amt 60ord_alow_amt 100ord_alow_amt crd_loan_tot crd_loan_ls_tot crd_grnt_rt "
    "dpst_grnt_use_amt_amt grnt_loan_amt"
)
