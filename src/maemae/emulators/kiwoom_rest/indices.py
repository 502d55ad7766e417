"""Indices (업종) now and by day: ka20001 to ka20003, ka20009."""

from __future__ import annotations

from typing import Final

from maemae.emulators.kiwoom_rest.desk import Desk
from maemae.emulators.kiwoom_rest.formats import (
    clock,
    day_text,
    hundredths,
    price,
    sign_code,
    signed,
    signed_rate,
)
from maemae.emulators.kiwoom_rest.history import Bar
from maemae.emulators.kiwoom_rest.index_levels import INDICES, IndexLevels
from maemae.emulators.kiwoom_rest.part import Part
from maemae.emulators.kiwoom_rest.wire import DONE, Answer, Ask, Fields, Row, Tr

_MILLION: Final = 1_000_000


class Indices(Part):
    """Answers about indices."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._levels = IndexLevels(desk)

    def served(self) -> dict[str, Tr]:
        """Return what is answered here."""
        return {
            "ka20001": Tr(("mrkt_tp", "inds_cd"), self._now),
            "ka20002": Tr(("mrkt_tp", "inds_cd", "stex_tp"), self._stocks),
            "ka20003": Tr(("inds_cd",), self._all),
            "ka20009": Tr(("mrkt_tp", "inds_cd"), self._daily),
        }

    def _now(self, ask: Ask) -> Answer:
        code = ask.field("inds_cd")
        bars = self._levels.today(code)
        rows: list[Row] = []
        total, base = 0, self._levels.value(code).base
        for bar in bars:
            total += bar.volume
            rows.append(
                {
                    "tm_n": clock(bar.at),
                    "cur_prc_n": _signed_level(bar.close, base),
                    "pred_pre_sig_n": sign_code(bar.close, base, None),
                    "pred_pre_n": _signed(bar.close - base),
                    "flu_rt_n": signed_rate(bar.close - base, base),
                    "trde_qty_n": str(bar.volume),
                    "acc_trde_qty_n": str(total),
                    "stex_tp": "",
                }
            )
        rows.reverse()
        fields = self._summary(code, bars)
        return Answer(fields, "inds_cur_prc_tm", rows, is_newest_first=True, text=DONE)

    def _daily(self, ask: Ask) -> Answer:
        code = ask.field("inds_cd")
        bars = self._levels.days(code)
        rows: list[Row] = []
        before = bars[0].open if bars else 0
        for bar in bars:
            rows.append(
                {
                    "dt_n": day_text(bar.day),
                    "cur_prc_n": _signed_level(bar.close, before),
                    "pred_pre_sig_n": sign_code(bar.close, before, None),
                    "pred_pre_n": _signed(bar.close - before),
                    "flu_rt_n": signed_rate(bar.close - before, before),
                    "acc_trde_qty_n": str(bar.volume),
                }
            )
            before = bar.close
        rows.reverse()
        fields = self._summary(code, self._levels.today(code))
        return Answer(fields, "inds_cur_prc_daly_rept", rows, is_newest_first=True, text=DONE)

    def _summary(self, code: str, today: list[Bar]) -> Fields:
        now, days = self._levels.value(code), self._levels.days(code)
        opened = today[0].open if today else now.base
        high = max([bar.high for bar in today], default=now.base)
        low = min([bar.low for bar in today], default=now.base)
        top = max(days, key=lambda bar: bar.high, default=None)
        bottom = min(days, key=lambda bar: bar.low, default=None)
        fields: Fields = {
            "cur_prc": _signed_level(now.last, now.base),
            "pred_pre_sig": sign_code(now.last, now.base, None),
            "pred_pre": _signed(now.last - now.base),
            "flu_rt": signed_rate(now.last - now.base, now.base),
            "trde_qty": str(now.volume),
            "trde_prica": str(now.value // _MILLION),
            "trde_frmatn_stk_num": str(now.traded),
            "trde_frmatn_rt": signed_rate(now.traded, now.listed),
            "open_pric": _signed_level(opened, now.base),
            "high_pric": _signed_level(high, now.base),
            "low_pric": _signed_level(low, now.base),
            "upl": str(now.at_upper),
            "rising": str(now.up),
            "stdns": str(now.level),
            "fall": str(now.down),
            "lst": str(now.at_lower),
        }
        for name, bar, level in (
            ("52wk_hgst_pric", top, top.high if top else 0),
            ("52wk_lwst_pric", bottom, bottom.low if bottom else 0),
        ):
            fields[name] = _signed_level(level, now.base)
            fields[f"{name}_dt"] = day_text(bar.day) if bar else ""
            fields[f"{name}_pre_rt"] = signed_rate(now.last - level, level)
        return fields

    def _stocks(self, ask: Ask) -> Answer:
        rows = []
        for line in self._levels.lines(ask.field("inds_cd")):
            depth = self._desk.depth(line)
            rows.append(
                {
                    "stk_cd": line.symbol,
                    "stk_nm": line.name,
                    "cur_prc": price(line.price, line.base),
                    "pred_pre_sig": sign_code(line.price, line.base, line.band),
                    "pred_pre": signed(line.change),
                    "flu_rt": signed_rate(line.change, line.base),
                    "now_trde_qty": str(line.volume),
                    "sel_bid": price(depth.ask, line.base),
                    "buy_bid": price(depth.bid, line.base),
                    "open_pric": price(line.open, line.base),
                    "high_pric": price(line.high, line.base),
                    "low_pric": price(line.low, line.base),
                }
            )
        return Answer({}, "inds_stkpc", rows, text=DONE)

    def _all(self, ask: Ask) -> Answer:
        wanted = self._levels.index(ask.field("inds_cd"))
        rows = []
        for code, index in INDICES.items():
            if index.market is not wanted.market:
                continue
            now = self._levels.value(code)
            rows.append(
                {
                    "stk_cd": code,
                    "stk_nm": index.name,
                    "cur_prc": _signed_level(now.last, now.base),
                    "pre_sig": sign_code(now.last, now.base, None),
                    "pred_pre": _signed(now.last - now.base),
                    "flu_rt": signed_rate(now.last - now.base, now.base),
                    "trde_qty": str(now.volume),
                    "wght": "",
                    "trde_prica": str(now.value // _MILLION),
                    "upl": str(now.at_upper),
                    "rising": str(now.up),
                    "stdns": str(now.level),
                    "fall": str(now.down),
                    "lst": str(now.at_lower),
                    "flo_stk_num": str(now.listed),
                }
            )
        return Answer({}, "all_inds_idex", rows, text=DONE)


def _signed(value: int) -> str:
    return f"+{hundredths(value)}" if value > 0 else hundredths(value)


def _signed_level(level: int, base: int) -> str:
    sign = "+" if level > base else "-" if level < base else ""
    return f"{sign}{hundredths(level)}"
