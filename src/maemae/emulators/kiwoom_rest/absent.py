"""
What this broker and its market do not have, and say so.

No stock is lent money for (kt20016, kt20017), none was bought on credit (ka10013, ka10033),
after the close nothing is traded (ka10087, ka10098), no rights are listed (ka10011), and no
earnings are known, so that nobody has a ratio to rank by (ka10026).
"""

from __future__ import annotations

from typing import Final

from maemae.emulators.kiwoom_rest.formats import clock, day_text, price
from maemae.emulators.kiwoom_rest.part import Part
from maemae.emulators.kiwoom_rest.screen import day
from maemae.emulators.kiwoom_rest.trading_days import days_of
from maemae.emulators.kiwoom_rest.wire import DONE, Answer, Ask, Fields, Row, Tr


class Absent(Part):
    """Answers that nothing is there."""

    def served(self) -> dict[str, Tr]:
        """Return what is answered here."""
        return {
            "ka10011": Tr(("newstk_recvrht_tp",), self._rights),
            "ka10013": Tr(("stk_cd", "dt", "qry_tp"), self._credit_by_day),
            "ka10026": Tr(("pertp", "stex_tp"), self._by_earnings),
            "ka10033": Tr(_BY_CREDIT, self._by_credit),
            "ka10087": Tr(("stk_cd",), self._after_hours),
            "ka10098": Tr(_AFTER_HOURS, self._ranked_after_hours),
            "kt20016": Tr(("mrkt_deal_tp",), self._lendable),
            "kt20017": Tr(("stk_cd",), self._is_lendable),
        }

    def _credit_by_day(self, ask: Ask) -> Answer:
        line, last = self._desk.line(ask.field("stk_cd")), day(ask, "dt")
        rows: list[Row] = [
            {
                "dt": day_text(each.day),
                "cur_prc": each.close,
                "pred_pre_sig": each.sign,
                "pred_pre": each.change,
                "trde_qty": str(each.bar.volume),
                **dict.fromkeys(("new", "rpya", "remn", "amt", "pre"), "0"),
                **dict.fromkeys(("shr_rt", "remn_rt"), "0.00"),
            }
            for each in reversed(days_of(self._desk, line))
            if each.day <= last
        ]
        key = "crd_trde_trend"
        return Answer({}, key, rows, is_newest_first=True, text=DONE, scope=line.symbol)

    def _rights(self, _ask: Ask) -> Answer:
        return Answer({}, "newstk_recvrht_mrpr", [], text=DONE)

    def _by_earnings(self, _ask: Ask) -> Answer:
        return Answer({}, "high_low_per", [], text=DONE)

    def _by_credit(self, _ask: Ask) -> Answer:
        return Answer({}, "crd_rt_upper", [], text=DONE)

    def _lendable(self, _ask: Ask) -> Answer:
        fields: Fields = {"crd_loan_able": "신용융자 불가"}
        return Answer(fields, "crd_loan_pos_stk", [], text=self._desk.asked(is_empty=True))

    def _is_lendable(self, ask: Ask) -> Answer:
        self._desk.line(ask.field("stk_cd"))
        return Answer({"crd_alow_yn": "< 신용융자 불가 >"}, text=self._desk.asked())

    def _after_hours(self, ask: Ask) -> Answer:
        line = self._desk.line(ask.field("stk_cd"))
        depth = self._desk.depth(line)
        fields: Fields = {"bid_req_base_tm": clock(self._desk.now)}
        for side in ("sel", "buy"):
            for n in range(1, _LEVELS + 1):
                for kind in ("bid_jub_pre", "bid_qty", "bid"):
                    fields[f"ovt_sigpric_{side}_{kind}_{n}"] = "0"
            fields[f"ovt_sigpric_{side}_bid_tot_req"] = "0"
            fields[f"ovt_{side}_bid_tot_req"] = "0"
            fields[f"ovt_{side}_bid_tot_req_jub_pre"] = "0"
            fields[f"{side}_bid_tot_req_jub_pre"] = "0"
        return Answer(
            {
                **fields,
                "sel_bid_tot_req": str(depth.asked),
                "buy_bid_tot_req": str(depth.bidden),
                "ovt_sigpric_cur_prc": price(line.price, line.base),
                "ovt_sigpric_pred_pre_sig": "3",
                "ovt_sigpric_pred_pre": "0",
                "ovt_sigpric_flu_rt": "0.00",
                "ovt_sigpric_acc_trde_qty": "0",
            },
            text=DONE,
        )

    def _ranked_after_hours(self, _ask: Ask) -> Answer:
        return Answer({}, "ovt_sigpric_flu_rt_rank", [], text=DONE)


_LEVELS: Final = 5
_BY_CREDIT: Final = ("mrkt_tp", "trde_qty_tp", "stk_cnd", "updown_incls", "crd_cnd", "stex_tp")
_AFTER_HOURS: Final = (
    *("mrkt_tp", "sort_base", "stk_cnd", "trde_qty_cnd", "crd_cnd", "trde_prica"),
)
