"""Prices now: ka10001, ka10003, ka10004, ka10006, ka10007, ka10055, ka10084, ka10095, ka10054."""

from __future__ import annotations

from typing import Final

from maemae.domain.market_data import Trade
from maemae.emulators.kiwoom_rest import codes
from maemae.emulators.kiwoom_rest.board import Line
from maemae.emulators.kiwoom_rest.depth import LEVELS, Depth
from maemae.emulators.kiwoom_rest.formats import (
    NAUGHT_DATE,
    NAUGHT_TIME,
    clock,
    day_text,
    price,
    rate,
    sign_code,
    signed,
    signed_rate,
)
from maemae.emulators.kiwoom_rest.history import Bar
from maemae.emulators.kiwoom_rest.part import Part
from maemae.emulators.kiwoom_rest.wire import DONE, Answer, Ask, Fields, Row, Tr
from maemae.krx.status import InstrumentState

MOST_CODES: Final = 100
_MILLION: Final = 1_000_000
_EOK: Final = 100_000_000
_PAR: Final = 100
_YESTERDAY: Final = "2"


class Quotes(Part):
    """Answers about prices now."""

    def served(self) -> dict[str, Tr]:
        """Return what is answered here."""
        return {
            "ka10001": Tr(("stk_cd",), self._stock),
            "ka10003": Tr(("stk_cd",), self._trades),
            "ka10004": Tr(("stk_cd",), self._book),
            "ka10006": Tr(("stk_cd",), self._now),
            "ka10007": Tr(("stk_cd",), self._table),
            "ka10054": Tr(_VI_FIELDS, self._interrupted),
            "ka10055": Tr(("stk_cd", "tdy_pred"), self._sizes_of_day),
            "ka10084": Tr(("stk_cd", "tdy_pred", "tic_min"), self._trades_of_day),
            "ka10095": Tr(("stk_cd",), self._watched),
        }

    def _stock(self, ask: Ask) -> Answer:
        line = self._desk.line(ask.field("stk_cd"))
        base, px = line.base, line.price
        days = [*self._desk.history.days(line.symbol), *([line.bar] if line.bar else [])]
        top = max(days, key=lambda bar: bar.high, default=None)
        bottom = min(days, key=lambda bar: bar.low, default=None)
        high, low = (top.high if top else 0), (bottom.low if bottom else 0)
        year = [bar for bar in days if bar.day.year == self._desk.today.year]
        shares, worth = line.listed_shares, line.listed_shares * px
        fields: Fields = {
            "stk_cd": ask.field("stk_cd"),
            "stk_nm": line.name,
            "setl_mm": "12",
            "fav": str(_PAR),
            "cap": str(shares * _PAR // _EOK),
            "flo_stk": str(shares // 1_000),
            "crd_rt": "0.00",
            "oyr_hgst": price(max([bar.high for bar in year], default=0), base),
            "oyr_lwst": price(min([bar.low for bar in year], default=0), base),
            "mac": str(worth // _EOK),
            "mac_wght": "",
            "for_exh_rt": "0.00",
            "repl_pric": str(base * 7 // 10),
            **dict.fromkeys(_OF_A_VENDOR, ""),
            "250hgst": price(high, base),
            "250lwst": price(low, base),
            "high_pric": price(line.high, base),
            "open_pric": price(line.open, base),
            "low_pric": price(line.low, base),
            "upl_pric": price(line.band.upper if line.band else 0, base),
            "lst_pric": price(line.band.lower if line.band else 0, base),
            "base_pric": str(base),
            "exp_cntr_pric": "",
            "exp_cntr_qty": "",
            "250hgst_pric_dt": _day_of(top),
            "250hgst_pric_pre_rt": signed_rate(px - high, high),
            "250lwst_pric_dt": _day_of(bottom),
            "250lwst_pric_pre_rt": signed_rate(px - low, low),
            "cur_prc": price(px, base),
            "pre_sig": sign_code(px, base, line.band),
            "pred_pre": signed(line.change),
            "flu_rt": signed_rate(line.change, base),
            "trde_qty": str(line.volume),
            "trde_pre": signed_rate(line.volume - line.previous_volume, line.previous_volume),
            "fav_unit": "원",
            "dstr_stk": str(shares // 1_000),
            "dstr_rt": "100.0" if shares else "0.0",
        }
        if self._desk.is_elsewhere(ask.field("stk_cd")):
            fields = dict.fromkeys(fields, "")
        return Answer(fields, text=DONE)

    def _trades(self, ask: Ask) -> Answer:
        line = self._desk.line(ask.field("stk_cd"))
        rows = self._told(line, self._desk.exchange.prints.get(line.symbol, []))
        return Answer({}, "cntr_infr", rows, is_newest_first=True, text=DONE, scope=line.symbol)

    def _trades_of_day(self, ask: Ask) -> Answer:
        """Return today's trades; of the day before no single trade is kept."""
        line, rows = self._of_day(ask)
        return Answer({}, "tdy_pred_cntr", rows, is_newest_first=True, text=DONE, scope=line.symbol)

    def _sizes_of_day(self, ask: Ask) -> Answer:
        """Return the same in another spelling, value in millions."""
        line, told = self._of_day(ask)
        rows = [
            {
                "cntr_tm": row["tm"],
                "cntr_pric": row["cur_prc"],
                "pred_pre_sig": row["sign"],
                "pred_pre": row["pred_pre"],
                "flu_rt": row["pre_rt"],
                "cntr_qty": row["cntr_trde_qty"],
                "acc_trde_qty": row["acc_trde_qty"],
                "acc_trde_prica": str(int(row["acc_trde_prica"]) // _MILLION),
            }
            for row in told
        ]
        key = "tdy_pred_cntr_qty"
        return Answer({}, key, rows, is_newest_first=True, text=DONE, scope=line.symbol)

    def _of_day(self, ask: Ask) -> tuple[Line, list[Row]]:
        line = self._desk.line(ask.field("stk_cd"))
        is_yesterday = ask.field("tdy_pred") == _YESTERDAY
        trades = [] if is_yesterday else self._desk.exchange.prints.get(line.symbol, [])
        return line, self._told(line, trades)

    def _told(self, line: Line, trades: list[Trade]) -> list[Row]:
        """Return trades as the list shows them, the newest first."""
        depth, base = self._desk.depth(line), line.base
        shown = Line(line.symbol, line.name, base, line.band, line.previous, line.listed_shares)
        rows = []
        for trade in trades:
            shown.take(trade)
            rows.append(
                {
                    "tm": clock(trade.at),
                    "cur_prc": price(trade.px, base),
                    "pred_pre": signed(trade.px - base),
                    "pre_rt": signed_rate(trade.px - base, base),
                    "pri_sel_bid_unit": price(depth.ask, base),
                    "pri_buy_bid_unit": price(depth.bid, base),
                    "cntr_trde_qty": f"{'+' if shown.is_bought else '-'}{trade.qty}",
                    "sign": sign_code(trade.px, base, line.band),
                    "acc_trde_qty": str(shown.volume),
                    "acc_trde_prica": str(shown.value),
                    "cntr_str": rate(shown.bought, shown.sold),
                    "stex_tp": "KRX",
                }
            )
        rows.reverse()
        return rows

    def _book(self, ask: Ask) -> Answer:
        line = self._desk.line(ask.field("stk_cd"))
        depth, base = self._desk.depth(line), line.base
        fields: Fields = {"bid_req_base_tm": clock(self._desk.now)}
        for n in range(LEVELS, 1, -1):
            level = depth.asks[n - 1]
            fields[f"sel_{n}th_pre_req_pre"] = "0"
            fields[f"sel_{n}th_pre_req"] = str(level.qty)
            fields[f"sel_{n}th_pre_bid"] = price(level.px, base)
        fields |= {
            "sel_1th_pre_req_pre": "0",
            "sel_fpr_req": str(depth.asks[0].qty),
            "sel_fpr_bid": price(depth.ask, base),
            "buy_fpr_bid": price(depth.bid, base),
            "buy_fpr_req": str(depth.bids[0].qty),
            "buy_1th_pre_req_pre": "0",
        }
        for n in range(2, LEVELS + 1):
            level = depth.bids[n - 1]
            fields[f"buy_{n}th_pre_bid"] = price(level.px, base)
            fields[f"buy_{n}th_pre_req"] = str(level.qty)
            fields[f"buy_{n}th_pre_req_pre"] = "0"
        fields |= {
            "tot_sel_req_jub_pre": "0",
            "tot_sel_req": str(depth.asked),
            "tot_buy_req": str(depth.bidden),
            "tot_buy_req_jub_pre": "0",
            "ovt_sel_req_pre": "0",
            "ovt_sel_req": "0",
            "ovt_buy_req": "0",
            "ovt_buy_req_pre": "0",
        }
        return Answer(fields, text=DONE)

    def _now(self, ask: Ask) -> Answer:
        line = self._desk.line(ask.field("stk_cd"))
        base = line.base
        fields: Fields = {
            "date": day_text(self._desk.today),
            "open_pric": price(line.open, base),
            "high_pric": price(line.high, base),
            "low_pric": price(line.low, base),
            "close_pric": price(line.price, base),
            "pre": signed(line.change),
            "flu_rt": signed_rate(line.change, base),
            "trde_qty": str(line.volume),
            "trde_prica": str(line.value // _MILLION),
            "cntr_str": rate(line.bought, line.sold),
        }
        return Answer(fields, text=DONE)

    def _table(self, ask: Ask) -> Answer:
        line = self._desk.line(ask.field("stk_cd"))
        base, depth = line.base, self._desk.depth(line)
        previous, volume = line.previous, line.previous_volume
        fields: Fields = {
            "stk_nm": line.name,
            "stk_cd": line.symbol,
            "date": day_text(self._desk.today),
            "tm": clock(line.at or self._desk.now),
            "pred_close_pric": str(previous.close if previous else base),
            "pred_trde_qty": str(volume),
            "upl_pric": price(line.band.upper if line.band else 0, base),
            "lst_pric": price(line.band.lower if line.band else 0, base),
            "pred_trde_prica": str((previous.value if previous else 0) // _MILLION),
            "flo_stkcnt": str(line.listed_shares // 1_000),
            "cur_prc": price(line.price, base),
            "smbol": sign_code(line.price, base, line.band),
            "flu_rt": signed_rate(line.change, base),
            "pred_rt": signed_rate(line.volume, volume),
            "open_pric": price(line.open, base),
            "high_pric": price(line.high, base),
            "low_pric": price(line.low, base),
            "cntr_qty": str(line.qty) if line.last else "",
            "trde_qty": str(line.volume),
            "trde_prica": str(line.value // _MILLION),
            **dict.fromkeys(("exp_cntr_pric", "exp_cntr_qty"), "0"),
            **dict.fromkeys(("exp_sel_pri_bid", "exp_buy_pri_bid"), "0"),
            "trde_strt_dt": NAUGHT_DATE,
            "exec_pric": "0",
            **dict.fromkeys(("hgst_pric", "lwst_pric", "hgst_pric_dt", "lwst_pric_dt"), ""),
            **_sides(depth, base),
        }
        return Answer(fields, text=DONE)

    def _watched(self, ask: Ask) -> Answer:
        wanted = [code for code in ask.field("stk_cd").split("|") if code]
        if len(wanted) > MOST_CODES:
            raise codes.too_many_codes(MOST_CODES)
        rows = [self._watched_row(code, self._desk.line(code)) for code in wanted]
        return Answer({}, "atn_stk_infr", rows, text=DONE)

    def _watched_row(self, code: str, line: Line) -> Row:
        base, depth = line.base, self._desk.depth(line)
        volume = line.previous_volume
        row = {
            "stk_cd": code,
            "stk_nm": line.name,
            "cur_prc": price(line.price, base),
            "base_pric": str(base),
            "pred_pre": signed(line.change),
            "pred_pre_sig": sign_code(line.price, base, line.band),
            "flu_rt": signed_rate(line.change, base),
            "trde_qty": str(line.volume),
            "trde_prica": str(line.value // _MILLION),
            "cntr_qty": f"{'+' if line.is_bought else '-'}{line.qty}" if line.last else "",
            "cntr_str": rate(line.bought, line.sold),
            "pred_trde_qty_pre": signed_rate(line.volume, volume),
            "sel_bid": price(depth.ask, base),
            "buy_bid": price(depth.bid, base),
        }
        for side, levels in (("sel", depth.asks), ("buy", depth.bids)):
            for n in range(1, 6):
                row[f"{side}_{n}th_bid"] = price(levels[n - 1].px, base)
        return row | {
            "upl_pric": price(line.band.upper if line.band else 0, base),
            "lst_pric": price(line.band.lower if line.band else 0, base),
            "open_pric": price(line.open, base),
            "high_pric": price(line.high, base),
            "low_pric": price(line.low, base),
            "close_pric": price(line.price, base),
            "cntr_tm": clock(line.at) if line.last else "",
            "exp_cntr_pric": "0",
            "exp_cntr_qty": "0",
            "cap": str(line.listed_shares * _PAR // _EOK),
            "fav": str(_PAR),
            "mac": str(line.listed_shares * line.price // _EOK),
            "stkcnt": str(line.listed_shares // 1_000),
            "bid_tm": clock(self._desk.now),
            "dt": day_text(self._desk.today),
            "pri_sel_req": str(depth.asks[0].qty),
            "pri_buy_req": str(depth.bids[0].qty),
            "pri_sel_cnt": "",
            "pri_buy_cnt": "",
            "tot_sel_req": str(depth.asked),
            "tot_buy_req": str(depth.bidden),
            "tot_sel_cnt": "",
            "tot_buy_cnt": "",
            **dict.fromkeys(_OF_WARRANTS, "0"),
        }

    def _interrupted(self, ask: Ask) -> Answer:
        rows = []
        for line in self._desk.board.lines():
            rules = self._desk.books.rules[line.symbol]
            if InstrumentState.VI not in rules.states:
                continue
            rows.append(
                {
                    "stk_cd": line.symbol,
                    "stk_nm": line.name,
                    "acc_trde_qty": str(line.volume),
                    "motn_pric": str(line.price),
                    "dynm_dispty_rt": "0.00",
                    "trde_cntr_proc_time": clock(rules.at),
                    "virelis_time": NAUGHT_TIME,
                    "viaplc_tp": "정적",
                    "dynm_stdpc": "0",
                    "static_stdpc": str(line.base),
                    "static_dispty_rt": signed_rate(line.change, line.base),
                    "open_pric_pre_flu_rt": signed_rate(line.price - line.open, line.open),
                    "vimotn_cnt": "1",
                    "stex_tp": "KRX",
                }
            )
        return Answer({}, "motn_stk", rows, text=DONE)


def _sides(depth: Depth, base: int) -> Row:
    """Return the book as ka10007 spells it."""
    row: Row = {}
    sides = (("sel", depth.asks), ("buy", depth.bids))
    for side, levels in sides:
        row |= {f"{side}_{n}bid": price(level.px, base) for n, level in enumerate(levels, 1)}
    for side, levels in sides:
        row |= {f"{side}_{n}bid_req": str(level.qty) for n, level in enumerate(levels, 1)}
    for side, levels in sides:
        row |= {f"{side}_{n}bid_jub_pre": "0" for n in range(1, len(levels) + 1)}
    for side, _ in sides:
        row |= {f"{side}_{n}bid_cnt": "" for n in range(1, 6)}
    for side in ("lpsel", "lpbuy"):
        row |= {f"{side}_{n}bid_req": "0" for n in range(1, LEVELS + 1)}
    return row | {
        "tot_buy_req": str(depth.bidden),
        "tot_sel_req": str(depth.asked),
        "tot_buy_cnt": "",
        "tot_sel_cnt": "0",
    }


def _day_of(bar: Bar | None) -> str:
    return day_text(bar.day) if bar else ""


_OF_A_VENDOR: Final = ("per", "eps", "roe", "pbr", "ev", "bps", "sale_amt", "bus_pro", "cup_nga")
_OF_WARRANTS: Final = (
    *("prty", "gear", "pl_qutr", "cap_support", "elwexec_pric", "cnvt_rt", "elwexpr_dt"),
    *("cntr_engg", "cntr_pred_pre", "theory_pric", "innr_vltl", "delta", "gam", "theta"),
    *("vega", "law"),
)
_VI_FIELDS: Final = (
    *("mrkt_tp", "bf_mkrt_tp", "motn_tp", "skip_stk", "trde_qty_tp", "min_trde_qty"),
    *("max_trde_qty", "trde_prica_tp", "min_trde_prica", "max_trde_prica", "motn_drc"),
    "stex_tp",
)
