"""
Exchange-traded funds (ETF): ka40001 to ka40004, ka40006 to ka40010.

The market that is played knows a fund's price and not what it holds, so its net asset value is
its price: it never trades away from it, and what it follows is not told.
"""

from __future__ import annotations

from typing import Final

from maemae.domain.terms import Product
from maemae.emulators.kiwoom_rest import codes
from maemae.emulators.kiwoom_rest.board import Line
from maemae.emulators.kiwoom_rest.crowd import Investor, institutions, investors
from maemae.emulators.kiwoom_rest.formats import (
    clock,
    day_text,
    doubly_signed,
    price,
    sign_code,
    signed,
    signed_rate,
)
from maemae.emulators.kiwoom_rest.history import bars_of_trades, growing
from maemae.emulators.kiwoom_rest.part import Part
from maemae.emulators.kiwoom_rest.screen import MILLION, choice
from maemae.emulators.kiwoom_rest.trading_days import TradingDay, days_of
from maemae.emulators.kiwoom_rest.wire import DONE, Answer, Ask, Fields, Row, Tr


class Funds(Part):
    """Answers about funds."""

    def served(self) -> dict[str, Tr]:
        """Return what is answered here."""
        return {
            "ka40001": Tr(("stk_cd", "dt"), self._returns),
            "ka40002": Tr(("stk_cd",), self._about),
            "ka40003": Tr(("stk_cd",), self._by_day),
            "ka40004": Tr(_ALL, self._all),
            "ka40006": Tr(("stk_cd",), self._through_the_day),
            "ka40007": Tr(("stk_cd",), self._prints),
            "ka40008": Tr(("stk_cd",), self._who_by_day),
            "ka40009": Tr(("stk_cd",), self._values),
            "ka40010": Tr(("stk_cd",), self._foreign_by_day),
        }

    def _returns(self, ask: Ask) -> Answer:
        line = self._fund(ask)
        days = days_of(self._desk, line)[-choice(ask, "dt", _SPANS) :]
        rows: list[Row] = []
        if days:
            earned = signed_rate(days[-1].bar.close - days[0].before, days[0].before)
            shares = investors(line.symbol, [each.bar for each in days])
            rows.append(
                {
                    "etfprft_rt": earned,
                    "cntr_prft_rt": earned,
                    "for_netprps_qty": doubly_signed(shares[Investor.FOREIGNER].net),
                    "orgn_netprps_qty": doubly_signed(institutions(shares).net),
                }
            )
        return Answer({}, "etfprft_rt_lst", rows, text=DONE)

    def _about(self, ask: Ask) -> Answer:
        return Answer(_described(self._fund(ask)), text=DONE)

    def _by_day(self, ask: Ask) -> Answer:
        line = self._fund(ask)
        rows = [
            {
                "cntr_dt": day_text(each.day),
                **_moved(each),
                "pre_rt": each.rate,
                "trde_qty": str(each.bar.volume),
                "nav": f"{each.close}.00",
                "acc_trde_prica": str(each.bar.value // MILLION),
                **dict.fromkeys(("navidex_dispty_rt", "navetfdispty_rt"), "0.00"),
                **dict.fromkeys(("trace_eor_rt", "trace_cur_prc", "trace_pred_pre"), "0"),
                "trace_pre_sig": "3",
            }
            for each in reversed(days_of(self._desk, line))
        ]
        return _newest_first(line, "etfdaly_trnsn", rows)

    def _all(self, ask: Ask) -> Answer:
        rules = self._desk.books.rules
        funds = [
            line
            for line in self._desk.board.lines()
            if rules[line.symbol].instrument.product is Product.ETF
        ]
        rises = choice(ask, "navpre", {"0": (-1, 0, 1), "1": (1,), "2": (-1,)})
        rows = [
            {
                "stk_cd": line.symbol,
                "stk_cls": _CLASS,
                "stk_nm": line.name,
                "close_pric": price(line.price, line.base),
                "pre_sig": sign_code(line.price, line.base, line.band),
                "pred_pre": signed(line.change),
                "pre_rt": signed_rate(line.change, line.base),
                "trde_qty": str(line.volume),
                "nav": f"{line.price}.00",
                "trace_eor_rt": "0.00",
                **dict.fromkeys(_UNKNOWN, ""),
                "trace_flu_rt": "0.00",
            }
            for line in funds
            if (line.change > 0) - (line.change < 0) in rises
        ]
        return Answer({}, "etfall_mrpr", rows, text=DONE)

    def _through_the_day(self, ask: Ask) -> Answer:
        line = self._fund(ask)
        bars = bars_of_trades(self._desk.exchange.prints.get(line.symbol, []))
        rows = [
            {
                "tm": clock(bar.at),
                "close_pric": price(bar.close, line.base),
                "pre_sig": sign_code(bar.close, line.base, line.band),
                "pred_pre": signed(bar.close - line.base),
                "flu_rt": signed_rate(bar.close - line.base, line.base),
                "trde_qty": str(so_far.volume),
                "nav": f"{price(bar.close, line.base)}.00",
                "trde_prica": str(so_far.value // MILLION),
                **dict.fromkeys(("navidex", "navetf", "trace"), "0.00"),
                **dict.fromkeys(("trace_idex", "trace_idex_pred_pre"), "0"),
                "trace_idex_pred_pre_sig": "3",
            }
            for bar, so_far in zip(bars, growing(bars), strict=True)
        ]
        rows.reverse()
        return _newest_first(line, "etftisl_trnsn", rows, _described(line))

    def _prints(self, ask: Ask) -> Answer:
        line = self._fund(ask)
        rows = [
            {
                "cntr_tm": clock(trade.at),
                "cur_prc": price(trade.px, line.base),
                "pre_sig": sign_code(trade.px, line.base, line.band),
                "pred_pre": signed(trade.px - line.base),
                "trde_qty": str(trade.qty),
                "stex_tp": "KRX",
            }
            for trade in reversed(self._desk.exchange.prints.get(line.symbol, []))
        ]
        fields: Fields = {
            "stk_cls": _CLASS,
            "stk_nm": line.name,
            "etfobjt_idex_nm": "",
            "etfobjt_idex_cd": "",
            "objt_idex_pre_rt": "0.00",
            "wonju_pric": "0",
        }
        return _newest_first(line, "etftisl_cntr_array", rows, fields)

    def _who_by_day(self, ask: Ask) -> Answer:
        line, rows = self._fund(ask), list[Row]()
        for each in reversed(days_of(self._desk, line)):
            shares = investors(line.symbol, [each.bar])
            rows.append(
                {
                    "dt": day_text(each.day),
                    "cur_prc_n": each.close,
                    "pre_sig_n": each.sign,
                    "pred_pre_n": each.change,
                    "acc_trde_qty": str(each.bar.volume),
                    "for_netprps_qty": doubly_signed(shares[Investor.FOREIGNER].net),
                    "orgn_netprps_qty": doubly_signed(institutions(shares).net),
                }
            )
        fields: Fields = {
            "cntr_tm": clock(line.at or self._desk.now),
            "cur_prc": price(line.price, line.base),
            "pre_sig": sign_code(line.price, line.base, line.band),
            "pred_pre": signed(line.change),
            "trde_qty": str(line.volume),
        }
        return _newest_first(line, "etfnetprps_qty_array", rows, fields)

    def _values(self, ask: Ask) -> Answer:
        line = self._fund(ask)
        rows = [
            {
                "nav": f"{each.close}.00",
                "navpred_pre": each.change,
                "navflu_rt": each.rate,
                **dict.fromkeys(("trace_eor_rt", "dispty_rt"), "0.00"),
                "stkcnt": str(line.listed_shares // 1_000),
                "base_pric": str(each.before),
                **dict.fromkeys(_UNKNOWN_VALUES, ""),
            }
            for each in reversed(days_of(self._desk, line))
        ]
        return _newest_first(line, "etfnavarray", rows)

    def _foreign_by_day(self, ask: Ask) -> Answer:
        line, rows = self._fund(ask), list[Row]()
        for each in reversed(days_of(self._desk, line)):
            net = investors(line.symbol, [each.bar])[Investor.FOREIGNER].net
            rows.append(
                {
                    **_moved(each),
                    "trde_qty": str(each.bar.volume),
                    "for_netprps": doubly_signed(net),
                }
            )
        return _newest_first(line, "etftisl_trnsn", rows)

    def _fund(self, ask: Ask) -> Line:
        """
        Return the fund that is asked for.

        Raises:
            RefusalError: No fund is listed under the code.
        """
        line = self._desk.line(ask.field("stk_cd"))
        if self._desk.books.rules[line.symbol].instrument.product is not Product.ETF:
            raise codes.unknown_symbol(ask.field("stk_cd"))
        return line


def _moved(each: TradingDay) -> Row:
    return {"cur_prc": each.close, "pre_sig": each.sign, "pred_pre": each.change}


def _described(line: Line) -> Fields:
    taxed = dict.fromkeys(("etftxon_type", "etntxon_type"), "보유기간과세")
    return {"stk_nm": line.name, "etfobjt_idex_nm": "", "wonju_pric": "0", **taxed}


def _newest_first(line: Line, key: str, rows: list[Row], fields: Fields | None = None) -> Answer:
    return Answer(fields or {}, key, rows, is_newest_first=True, text=DONE, scope=line.symbol)


_CLASS: Final = "19"
_SPANS: Final = {"0": 5, "1": 20, "2": 120, "3": 250}
"""Sessions of each period: a week, a month, half a year, a year."""

_ALL: Final = ("txon_type", "navpre", "mngmcomp", "txon_yn", "trace_idex", "stex_tp")
_UNKNOWN: Final = (
    *("txbs", "dvid_bf_base", "pred_dvida", "trace_idex_nm", "drng"),
    *("trace_idex_cd", "trace_idex"),
)
_UNKNOWN_VALUES: Final = ("for_rmnd_qty", "repl_pric", "conv_pric", "drstk", "wonju_pric")
