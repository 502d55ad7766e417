"""Account queries about cash: ka00001, kt00001 to kt00003, kt00008, kt00010 to kt00012."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from maemae.emulators.kiwoom_rest import codes
from maemae.emulators.kiwoom_rest.deals import Deal
from maemae.emulators.kiwoom_rest.formats import NAUGHT_DATE, day_text, find_day, padded
from maemae.emulators.kiwoom_rest.part import Part
from maemae.emulators.kiwoom_rest.screen import number
from maemae.emulators.kiwoom_rest.valuation import cash_of, due_on, positions_of, proceeds
from maemae.emulators.kiwoom_rest.wire import DONE, Answer, Ask, Fields, Row, Tr
from maemae.krx.calendar import add_sessions, settlement_date

_WIDE: Final = 15
_NARROW: Final = 12


class Deposits(Part):
    """Answers about cash."""

    def served(self) -> dict[str, Tr]:
        """Return what is answered here."""
        return {
            "ka00001": Tr((), self._account),
            "kt00001": Tr(("qry_tp",), self._deposit),
            "kt00002": Tr(("start_dt", "end_dt"), self._by_day),
            "kt00003": Tr(("qry_tp",), self._estimate),
            "kt00008": Tr((), self._due_next),
            "kt00010": Tr(("stk_cd", "trde_tp", "uv"), self._orderable),
            "kt00011": Tr(("stk_cd",), self._by_margin),
            "kt00012": Tr(("stk_cd",), self._by_credit),
        }

    def _account(self, ask: Ask) -> Answer:
        return Answer({"acctNo": ask.account_id}, text=DONE)

    def _deposit(self, ask: Ask) -> Answer:
        desk, cash = self._desk, cash_of(self._desk, ask.account_id)
        first, second = add_sessions(desk.today, 1), add_sessions(desk.today, 2)
        known: dict[str, int] = {
            "entr": cash.settled,
            "pymn_alow_amt": cash.withdrawable,
            "ord_alow_amt": cash.orderable,
            "d1_entra": cash.in_one,
            "d2_entra": cash.in_two,
            "d1_pymn_alow_amt": min(cash.withdrawable, cash.in_one),
            "d2_pymn_alow_amt": min(cash.withdrawable, cash.in_two),
        }
        for prefix, day in (("d1", first), ("d2", second)):
            paid, received = due_on(desk, ask.account_id, day)
            known[f"{prefix}_buy_exct_amt"] = paid
            known[f"{prefix}_sel_exct_amt"] = received
            known[f"{prefix}_slby_exct_amt"] = received - paid
        for percent in _MARGINS:
            known[f"{percent}stk_ord_alow_amt"] = self._at_margin(cash.orderable, percent)
        fields: Fields = {name: padded(known.get(name, 0), _WIDE) for name in _DEPOSIT.split()}
        return Answer({**fields, "stk_entr_prst": []}, text=desk.asked())

    def _by_day(self, ask: Ask) -> Answer:
        """Return one row for today: what an account was worth before is not kept."""
        cash = cash_of(self._desk, ask.account_id)
        first, last = find_day(ask.field("start_dt")), find_day(ask.field("end_dt"))
        if first is None or last is None:
            raise codes.bad_field("start_dt", ask.field("start_dt"))
        worth = self._worth(ask)
        row = {
            "dt": day_text(self._desk.today),
            "entr": padded(cash.settled, _NARROW),
            "grnt_use_amt": padded(0, _NARROW),
            "crd_loan": padded(0, _NARROW),
            "ls_grnt": padded(0, _NARROW),
            "repl_amt": padded(0, _NARROW),
            "prsm_dpst_aset_amt": padded(worth, _NARROW),
            "prsm_dpst_aset_amt_bncr_skip": padded(worth, _NARROW),
        }
        rows = [row] if first <= self._desk.today <= last else []
        return Answer({}, "daly_prsm_dpst_aset_amt_prst", rows, text=self._desk.asked())

    def _estimate(self, ask: Ask) -> Answer:
        fields = {"prsm_dpst_aset_amt": padded(self._worth(ask), 11)}
        return Answer(fields, text=self._desk.asked())

    def _due_next(self, ask: Ask) -> Answer:
        desk = self._desk
        due = add_sessions(desk.today, 1)
        deals = [
            deal for deal in desk.deals.deals(ask.account_id) if settlement_date(deal.day) == due
        ]
        paid, received = due_on(desk, ask.account_id, due)
        traded = day_text(deals[0].day) if deals else NAUGHT_DATE
        fields: Fields = {
            "trde_dt": traded,
            "setl_dt": day_text(due),
            "sell_amt_sum": padded(received, _NARROW),
            "buy_amt_sum": padded(paid, _NARROW),
        }
        rows = [self._due_row(place, deal) for place, deal in enumerate(deals, 1)]
        return Answer(fields, "acnt_nxdy_setl_frcs_prps_array", rows, text=desk.asked())

    def _due_row(self, place: int, deal: Deal) -> Row:
        cost = deal.notional + deal.fee
        return {
            "seq": padded(place, 7),
            "stk_cd": f"A{deal.symbol}",
            "loan_dt": "",
            "qty": padded(deal.fill.qty, _NARROW),
            "engg_amt": padded(deal.notional, _NARROW),
            "cmsn": padded(deal.fee, _NARROW),
            "incm_tax": padded(0, _NARROW),
            "rstx": padded(0, _NARROW),
            "stk_nm": self._desk.line(deal.symbol).name,
            "sell_tp": "매도" if deal.is_sale else "매수",
            "unp": padded(deal.fill.px, _NARROW),
            "exct_amt": padded(proceeds(deal) if deal.is_sale else cost, _NARROW),
            "trde_tax": padded(deal.tax, _NARROW),
            "resi_tax": padded(0, _NARROW),
            "crd_tp": "보통매매",
        }

    def _orderable(self, ask: Ask) -> Answer:
        px = self._price(ask)
        cash = cash_of(self._desk, ask.account_id)
        known = {
            **self._by_percent(cash.orderable, px, "profa_{}ord_alow_amt", "profa_{}ord_alowq"),
            "entr": cash.settled,
            "ord_alowa": cash.orderable,
            "wthd_alowa": cash.withdrawable,
            "nxdy_wthd_alowa": cash.withdrawable,
            "d2entra": cash.in_two,
        }
        known["profa_rdex_60ord_alow_amt"] = known["profa_60ord_alow_amt"]
        known["profa_rdex_60ord_alowq"] = known["profa_60ord_alowq"]
        wanted = number(ask, "trde_qty")
        if wanted:
            notional = wanted * px
            fee = self._desk.config.schedule.commission(notional)
            known |= {"pur_amt": notional, "cmsn": fee, "pur_exct_amt": notional + fee}
        fields = _filled(_ORDERABLE, known)
        return Answer({**fields, "profa_rdex_aplc_tp": "0"}, text=self._desk.asked())

    def _by_margin(self, ask: Ask) -> Answer:
        px = self._price(ask)
        cash = cash_of(self._desk, ask.account_id)
        names = "profa_{}ord_alow_amt", "profa_{}ord_alowq"
        known = {
            **self._by_percent(cash.orderable, px, *names),
            "min_ord_alow_amt": cash.orderable,
            "min_ord_alowq": self._affordable(cash.orderable, px),
            "entr": cash.settled,
            "ord_alowa": cash.orderable,
        }
        rates = {"stk_profa_rt": "100%", "profa_rt": "100%", "aplc_rt": "100%"}
        return Answer({**rates, **_filled(_MARGIN, known)}, text=self._desk.asked())

    def _by_credit(self, ask: Ask) -> Answer:
        """Return what could be bought over credit: nothing, no account has an agreement on it."""
        self._desk.line(ask.field("stk_cd"))
        cash = cash_of(self._desk, ask.account_id)
        known = {"entr": cash.settled, "ord_alowa": cash.orderable}
        none = dict.fromkeys(("stk_assr_rt", "stk_assr_rt_nm"), "")
        return Answer({**none, **_filled(_CREDIT, known)}, text=self._desk.asked())

    def _worth(self, ask: Ask) -> int:
        held = positions_of(self._desk, ask.account_id)
        return cash_of(self._desk, ask.account_id).in_two + sum(each.value for each in held)

    def _price(self, ask: Ask) -> int:
        line = self._desk.line(ask.field("stk_cd").removeprefix("A"))
        return number(ask, "uv") or line.price

    def _by_percent(self, cash: int, px: int, amount: str, shares: str) -> dict[str, int]:
        found: dict[str, int] = {}
        for percent in _MARGINS:
            orderable = self._at_margin(cash, percent)
            found[amount.format(percent)] = orderable
            found[shares.format(percent)] = self._affordable(orderable, px)
        return found

    def _at_margin(self, cash: int, percent: int) -> int:
        return cash * 100 // percent

    def _affordable(self, cash: int, px: int) -> int:
        """Return how many shares a sum buys, commission included."""
        if px < 1:
            return 0
        schedule, qty = self._desk.config.schedule, cash // px
        while qty and qty * px + schedule.commission(qty * px) > cash:
            over = qty * px + schedule.commission(qty * px) - cash
            qty -= max(1, over // px)
        return qty


def _filled(names: str, known: Mapping[str, int]) -> Fields:
    return {name: padded(known.get(name, 0), _NARROW) for name in names.split()}


_MARGINS: Final = (20, 30, 40, 50, 60, 100)

_DEPOSIT: Final = (
    "entr profa_ch bncr_profa_ch nxdy_bncr_sell_exct fc_stk_krw_repl_set_amt crd_grnta_ch "
    "crd_grnt_ch add_grnt_ch etc_profa uncl_stk_amt shrts_prica crd_set_grnta chck_ina_amt "
    "etc_chck_ina_amt crd_grnt_ruse knx_asset_evltv elwdpst_evlta crd_ls_rght_frcs_amt "
    "lvlh_join_amt lvlh_trns_alowa repl_amt remn_repl_evlta trst_remn_repl_evlta "
    "bncr_remn_repl_evlta profa_repl crd_grnta_repl crd_grnt_repl add_grnt_repl rght_repl_amt "
    "pymn_alow_amt wrap_pymn_alow_amt ord_alow_amt bncr_buy_alowa 20stk_ord_alow_amt "
    "30stk_ord_alow_amt 40stk_ord_alow_amt 100stk_ord_alow_amt ch_uncla ch_uncla_dlfe "
    "ch_uncla_tot crd_int_npay int_npay_amt_dlfe int_npay_amt_tot etc_loana etc_loana_dlfe "
    "etc_loan_tot nrpy_loan loan_sum ls_sum crd_grnt_rt mdstrm_usfe min_ord_alow_yn "
    "loan_remn_evlt_amt dpst_grntl_remn sell_grntl_remn d1_entra d1_slby_exct_amt "
    "d1_buy_exct_amt d1_out_rep_mor d1_sel_exct_amt d1_pymn_alow_amt d2_entra "
    "d2_slby_exct_amt d2_buy_exct_amt d2_out_rep_mor d2_sel_exct_amt d2_pymn_alow_amt "
    "50stk_ord_alow_amt 60stk_ord_alow_amt"
)

_ORDERABLE: Final = (
    "profa_20ord_alow_amt profa_20ord_alowq profa_30ord_alow_amt profa_30ord_alowq "
    "profa_40ord_alow_amt profa_40ord_alowq profa_50ord_alow_amt profa_50ord_alowq "
    "profa_60ord_alow_amt profa_60ord_alowq profa_rdex_60ord_alow_amt profa_rdex_60ord_alowq "
    "profa_100ord_alow_amt profa_100ord_alowq pred_reu_alowa tdy_reu_alowa entr repl_amt "
    "uncla ord_pos_repl ord_alowa wthd_alowa nxdy_wthd_alowa pur_amt cmsn pur_exct_amt "
    "d2entra"
)

_MARGIN: Final = (
    "profa_20ord_alow_amt profa_20ord_alowq profa_20pred_reu_amt profa_20tdy_reu_amt "
    "profa_30ord_alow_amt profa_30ord_alowq profa_30pred_reu_amt profa_30tdy_reu_amt "
    "profa_40ord_alow_amt profa_40ord_alowq profa_40pred_reu_amt profa_40tdy_reu_amt "
    "profa_50ord_alow_amt profa_50ord_alowq profa_50pred_reu_amt profa_50tdy_reu_amt "
    "profa_60ord_alow_amt profa_60ord_alowq profa_60pred_reu_amt profa_60tdy_reu_amt "
    "profa_100ord_alow_amt profa_100ord_alowq profa_100pred_reu_amt profa_100tdy_reu_amt "
    "min_ord_alow_amt min_ord_alowq min_pred_reu_amt min_tdy_reu_amt entr repl_amt uncla "
    "ord_pos_repl ord_alowa"
)

_CREDIT: Final = (
    "assr_30ord_alow_amt assr_30ord_alowq assr_30pred_reu_amt assr_30tdy_reu_amt "
    "assr_40ord_alow_amt assr_40ord_alowq assr_40pred_reu_amt assr_40tdy_reu_amt "
    "assr_50ord_alow_amt assr_50ord_alowq assr_50pred_reu_amt assr_50tdy_reu_amt "
    "assr_60ord_alow_amt assr_60ord_alowq assr_60pred_reu_amt assr_60tdy_reu_amt entr repl_amt "
    "uncla ord_pos_repl ord_alowa out_alowa out_pos_qty min_amt min_qty"
)
