"""
Statements of an account: margin kt00013, what was settled kt00015, returns kt00016, today kt00017.

The paper server offers kt00013 alone of them.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import msgspec

from maemae.domain.ids import AccountId, Symbol
from maemae.emulators.kiwoom_rest.deals import Deal
from maemae.emulators.kiwoom_rest.desk import symbol_of
from maemae.emulators.kiwoom_rest.formats import clock_with_colons, day_text, padded, rate
from maemae.emulators.kiwoom_rest.part import Part
from maemae.emulators.kiwoom_rest.screen import choice, day
from maemae.emulators.kiwoom_rest.trading_days import days_of
from maemae.emulators.kiwoom_rest.valuation import cash_of, positions_of
from maemae.emulators.kiwoom_rest.wire import Answer, Ask, Fields, Row, Tr
from maemae.krx.calendar import settlement_date

_WIDE: Final = 15
_NARROW: Final = 12


class Worth(msgspec.Struct, frozen=True):
    """What an account was worth after a day: cash by trade date, and securities [won]."""

    cash: int
    securities: int

    @property
    def whole(self) -> int:
        """Both together [won]."""
        return self.cash + self.securities


class Statements(Part):
    """Answers about what became of an account."""

    def served(self) -> dict[str, Tr]:
        """Return what is answered here."""
        return {
            "kt00013": Tr((), self._margin),
            "kt00015": Tr(("strt_dt", "end_dt", "tp", "gds_tp", "dmst_stex_tp"), self._settled),
            "kt00016": Tr(("fr_dt", "to_dt"), self._returns),
            "kt00017": Tr((), self._today),
        }

    def _margin(self, ask: Ask) -> Answer:
        cash = cash_of(self._desk, ask.account_id)
        known = {
            "ch_amt": cash.settled,
            "ch_profa": max(0, cash.in_two - cash.orderable),
            "use_pos_ch": cash.orderable,
            "use_pos_ch_fin": cash.orderable,
            **{f"{percent}ord_alow_amt": cash.orderable * 100 // percent for percent in _MARGINS},
            "d2vexct_entr": cash.in_two,
            "d2ch_ord_alow_amt": cash.orderable,
        }
        fields: Fields = {name: padded(known.get(name, 0), _WIDE) for name in _MARGIN.split()}
        fields |= {"uncla": padded(0, _NARROW), "evlt_repl_rt": "0.0000000"}
        return Answer(fields, text=self._desk.asked())

    def _settled(self, ask: Ask) -> Answer:
        """Return what was settled between two days, the oldest first; cash never came or went."""
        first, last = day(ask, "strt_dt"), day(ask, "end_dt")
        sides = choice(ask, "tp", _SIDES)
        wanted = symbol_of(ask.field("stk_cd"))
        balance = cash_of(self._desk, ask.account_id).settled
        rows: list[Row] = []
        deals = [each for each in self._deals(ask) if settlement_date(each.day) <= self._desk.today]
        for place in range(len(deals), 0, -1):
            deal = deals[place - 1]
            is_within = first <= settlement_date(deal.day) <= last
            if is_within and deal.is_sale in sides and wanted in ("", deal.symbol):
                rows.append(self._settled_row(deal, place, balance))
            balance -= deal.flow
        rows.reverse()
        return Answer({}, "trst_ovrl_trde_prps_array", rows, text=self._desk.asked())

    def _settled_row(self, deal: Deal, place: int, balance: int) -> Row:
        zeros = dict.fromkeys(_ZEROS.split(), padded(0, _WIDE))
        row = {**dict.fromkeys(_SETTLED.split(), ""), **zeros, **_FOREIGN}
        return row | {
            "trde_dt": day_text(settlement_date(deal.day)),
            "trde_no": padded(place, 9),
            "rmrk_nm": "장내매도" if deal.is_sale else "장내매수",
            "crd_deal_tp_nm": "보통매매",
            "exct_amt": padded(abs(deal.flow), _WIDE),
            "entra_remn": padded(balance, _WIDE),
            "crnc_cd": "KRW",
            "trde_ocr_tp": "9",
            "trde_kind_nm": "매매",
            "stk_nm": self._desk.line(deal.symbol).name,
            "trde_amt": padded(deal.notional, _WIDE),
            "trde_agri_tax": padded(deal.tax, _WIDE),
            "mdia_tp_nm": "REST API",
            "io_tp": "1" if deal.is_sale else "2",
            "io_tp_nm": "매도" if deal.is_sale else "매수",
            "orig_deal_no": padded(0, 9),
            "stk_cd": f"A{deal.symbol}",
            "trde_qty_jwa_cnt": str(deal.fill.qty),
            "cmsn": padded(deal.fee, _WIDE),
            "proc_tm": clock_with_colons(deal.fill.at),
            "trde_unit": f"{deal.fill.px:,}",
            "cntr_dt": day_text(deal.day),
            "tax_sum_cmsn": padded(deal.tax + deal.fee, _WIDE),
            "trde_prtc_tp": "11",
        }

    def _returns(self, ask: Ask) -> Answer:
        first, last = day(ask, "fr_dt"), day(ask, "to_dt")
        begun = self._worth(ask.account_id, first, is_before=True)
        ended = self._worth(ask.account_id, last, is_before=False)
        earned = ended.whole - begun.whole
        traded = sum(each.notional for each in self._deals(ask) if first <= each.day <= last)
        known = {
            "entr_fr": begun.cash,
            "entr_to": ended.cash,
            "scrt_evlt_amt_fr": begun.securities,
            "scrt_evlt_amt_to": ended.securities,
            "tot_amt_fr": begun.whole,
            "tot_amt_to": ended.whole,
            "invt_bsamt": (begun.whole + ended.whole) // 2,
            "evltv_prft": earned,
        }
        fields: Fields = {
            **dict.fromkeys(("mang_empno", "mngr_nm", "dept_nm"), ""),
            **{name: padded(known.get(name, 0), _NARROW) for name in _RETURNS.split()},
            "prft_rt": rate(earned, begun.whole),
            "tern_rt": rate(traded, known["invt_bsamt"]),
        }
        return Answer(fields, text=self._desk.asked())

    def _today(self, ask: Ask) -> Answer:
        deals = self._desk.deals.of_day(ask.account_id, self._desk.today)
        held = positions_of(self._desk, ask.account_id)
        known = {
            "d2_entra": cash_of(self._desk, ask.account_id).in_two,
            "gnrl_stk_evlt_amt_d2": sum(each.value for each in held),
            "sell_amt": sum(deal.notional for deal in deals if deal.is_sale),
            "buy_amt": sum(deal.notional for deal in deals if not deal.is_sale),
            "cmsn": sum(deal.fee for deal in deals),
            "tax": sum(deal.tax for deal in deals),
        }
        fields: Fields = {name: padded(known.get(name, 0), _NARROW) for name in _TODAY.split()}
        return Answer(fields, text=self._desk.asked())

    def _worth(self, account_id: AccountId, on: date, *, is_before: bool) -> Worth:
        """Return what an account was worth after a day, or before it."""
        cash, shares = cash_of(self._desk, account_id).in_two, dict[Symbol, int]()
        for deal in self._desk.deals.deals(account_id):
            if deal.day > on or (is_before and deal.day == on):
                cash -= deal.flow
            else:
                change = -deal.fill.qty if deal.is_sale else deal.fill.qty
                shares[deal.symbol] = shares.get(deal.symbol, 0) + change
        value = sum(
            qty * self._close(symbol, on, is_before=is_before)
            for symbol, qty in shares.items()
            if qty
        )
        return Worth(cash, value)

    def _close(self, symbol: Symbol, on: date, *, is_before: bool) -> int:
        days = days_of(self._desk, self._desk.line(symbol))
        past = [each for each in days if each.day < on or (each.day == on and not is_before)]
        return past[-1].bar.close if past else 0

    def _deals(self, ask: Ask) -> list[Deal]:
        return self._desk.deals.deals(ask.account_id)


_MARGINS: Final = (20, 30, 40, 50, 60, 100)
_BOTH: Final = (True, False)
_SIDES: Final[dict[str, tuple[bool, ...]]] = {
    **dict.fromkeys(("0", "3"), _BOTH),
    "4": (False,),
    "5": (True,),
    **dict.fromkeys(("1", "2", "6", "7", "A", "B", "C", "F", "M", "G", "H", "I", "J"), ()),
}
"""Sales (True) and purchases (False) that each kind of transaction has; money never moves here."""

_MARGIN: Final = (
    "tdy_reu_objt_amt tdy_reu_use_amt tdy_reu_alowa tdy_reu_lmtt_amt tdy_reu_alowa_fin "
    "pred_reu_objt_amt pred_reu_use_amt pred_reu_alowa pred_reu_lmtt_amt pred_reu_alowa_fin "
    "ch_amt ch_profa use_pos_ch ch_use_lmtt_amt use_pos_ch_fin repl_amt_amt repl_profa "
    "use_pos_repl repl_use_lmtt_amt use_pos_repl_fin crd_grnta_ch crd_grnta_repl crd_grnt_ch "
    "crd_grnt_repl uncla ls_grnt_reu_gold 20ord_alow_amt 30ord_alow_amt 40ord_alow_amt "
    "50ord_alow_amt 60ord_alow_amt 100ord_alow_amt tdy_crd_rpya_loss_amt "
    "pred_crd_rpya_loss_amt tdy_ls_rpya_loss_repl_profa pred_ls_rpya_loss_repl_profa "
    "evlt_repl_amt_spg_use_skip evlt_repl_rt crd_repl_profa ch_ord_repl_profa "
    "crd_ord_repl_profa crd_repl_conv_gold repl_alowa repl_alowa_2 ch_repl_lck_gold "
    "crd_repl_lck_gold ch_ord_alow_repla crd_ord_alow_repla d2vexct_entr d2ch_ord_alow_amt"
)
_SETTLED: Final = (
    "trde_dt trde_no rmrk_nm crd_deal_tp_nm exct_amt loan_amt_rpya fc_trde_amt fc_exct_amt "
    "entra_remn crnc_cd trde_ocr_tp trde_kind_nm stk_nm trde_amt trde_agri_tax rpy_diffa "
    "fc_trde_tax dly_sum fc_entra mdia_tp_nm io_tp io_tp_nm orig_deal_no stk_cd "
    "trde_qty_jwa_cnt cmsn int_ls_usfe fc_cmsn fc_dly_sum vlbl_nowrm proc_tm isin_cd stex_cd "
    "stex_nm trde_unit incm_resi_tax loan_dt uncl_ocr rpym_sum cntr_dt rcpy_no prcsr "
    "proc_brch trde_stle txon_base_pric tax_sum_cmsn frgn_pay_txam fc_uncl_ocr rpym_sum_fr "
    "rcpmnyer trde_prtc_tp"
)
_ZEROS: Final = "loan_amt_rpya rpy_diffa dly_sum int_ls_usfe incm_resi_tax"
_FOREIGN: Final = dict.fromkeys(
    (
        *("fc_trde_amt", "fc_exct_amt", "fc_trde_tax", "fc_entra", "fc_cmsn", "fc_dly_sum"),
        *("txon_base_pric", "frgn_pay_txam", "fc_uncl_ocr"),
    ),
    "0.00",
)
_RETURNS: Final = (
    "entr_fr entr_to scrt_evlt_amt_fr scrt_evlt_amt_to ls_grnt_fr ls_grnt_to crd_loan_fr "
    "crd_loan_to ch_uncla_fr ch_uncla_to krw_asgna_fr krw_asgna_to ls_evlta_fr ls_evlta_to "
    "rght_evlta_fr rght_evlta_to loan_amt_fr loan_amt_to etc_loana_fr etc_loana_to "
    "crd_int_npay_gold_fr crd_int_npay_gold_to crd_int_fr crd_int_to tot_amt_fr tot_amt_to "
    "invt_bsamt evltv_prft termin_tot_trns termin_tot_pymn termin_tot_inq termin_tot_outq "
    "futr_repl_sella trst_repl_sella"
)
_TODAY: Final = (
    "d2_entra crd_int_npay_gold etc_loana gnrl_stk_evlt_amt_d2 dpst_grnt_use_amt_d2 "
    "crd_stk_evlt_amt_d2 crd_loan_d2 crd_loan_evlta_d2 crd_ls_grnt_d2 crd_ls_evlta_d2 ina_amt "
    "outa inq_amt outq_amt sell_amt buy_amt cmsn tax stk_pur_cptal_loan_amt rp_evlt_amt "
    "bd_evlt_amt elsevlt_amt crd_int_amt sel_prica_grnt_loan_int_amt_amt dvida_amt"
)
