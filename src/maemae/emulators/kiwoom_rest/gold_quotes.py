"""
Prices of gold now and by day: ka50010, ka50012, ka50087, ka50100; who trades it: ka52301.

Trades and days are told as those of stocks in other words. Who trades is a model, see `crowd`.

Source: names and samples in the broker's list of the interface, edition of April 2026; units of
sums of money: one project, the real server, August 2026.
"""

from __future__ import annotations

from typing import Final

import msgspec

from maemae.domain.instant import MINUTE
from maemae.emulators.kiwoom_rest.board import Line, prints_until
from maemae.emulators.kiwoom_rest.charts import Charts
from maemae.emulators.kiwoom_rest.crowd import (
    Investor,
    Shares,
    Turnover,
    investors,
    total,
)
from maemae.emulators.kiwoom_rest.desk import AUCTIONS, Desk
from maemae.emulators.kiwoom_rest.formats import (
    clock,
    price,
    rate,
    sign_code,
    signed,
    signed_rate,
)
from maemae.emulators.kiwoom_rest.history import bars_of_trades, merged
from maemae.emulators.kiwoom_rest.investors import cut
from maemae.emulators.kiwoom_rest.part import Part
from maemae.emulators.kiwoom_rest.quotes import Quotes
from maemae.emulators.kiwoom_rest.wire import DONE, Answer, Ask, Fields, Row, Tr

_THOUSAND: Final = 1_000
_EOK: Final = 100_000_000


class GoldQuotes(Part):
    """Answers about prices of gold."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._of_stocks = Quotes(desk).served() | Charts(desk).served()

    def served(self) -> dict[str, Tr]:
        """Return what is answered here."""
        return {
            "ka50010": Tr(("stk_cd",), self._trades),
            "ka50012": Tr(("stk_cd", "base_dt"), self._by_day),
            "ka50087": Tr(("stk_cd",), self._expected),
            "ka50100": Tr(("stk_cd",), self._now),
            "ka52301": Tr((), self._by_investor),
        }

    def _trades(self, ask: Ask) -> Answer:
        answer = self._of_stocks["ka10003"].handle(ask)
        volume = self._desk.line(ask.field("stk_cd")).previous_volume
        rows = [
            {
                "cntr_pric": row["cur_prc"],
                "pred_pre": row["pred_pre"],
                "flu_rt": row["pre_rt"],
                "trde_qty": row["acc_trde_qty"],
                "acc_trde_prica": row["acc_trde_prica"],
                "cntr_trde_qty": row["cntr_trde_qty"],
                "tm": row["tm"],
                "pre_sig": row["sign"],
                "pri_sel_bid_unit": row["pri_sel_bid_unit"],
                "pri_buy_bid_unit": row["pri_buy_bid_unit"],
                "trde_pre": signed_rate(int(row["acc_trde_qty"]), volume),
                "trde_tern_rt": signed_rate(abs(int(row["cntr_trde_qty"])), volume),
                "cntr_str": row["cntr_str"],
            }
            for row in answer.rows
        ]
        return msgspec.structs.replace(answer, list_key="gold_cntr", rows=rows)

    def _by_day(self, ask: Ask) -> Answer:
        table = ask.as_kind("ka10086", qry_dt=ask.field("base_dt"), indc_tp="0")
        answer = self._of_stocks["ka10086"].handle(table)
        rows = [
            {
                "cur_prc": row["close_pric"],
                "pred_pre": row["pred_rt"],
                "flu_rt": row["flu_rt"],
                "trde_qty": row["trde_qty"],
                "acc_trde_prica": row["amt_mn"],
                **{name: row[name] for name in ("open_pric", "high_pric", "low_pric")},
                "dt": row["date"],
                "pre_sig": _SIGNS.get(row["close_pric"][0], "3"),
                **{name: _once(row[name]) for name in _WHO},
            }
            for row in answer.rows
        ]
        return msgspec.structs.replace(answer, list_key="gold_daly_trnsn", rows=rows)

    def _expected(self, ask: Ask) -> Answer:
        """Return the price that an auction is expected to make; the newest one stands for it."""
        line = self._desk.line(ask.field("stk_cd"))
        row = {
            "exp_cntr_pric": price(line.price, line.base),
            "exp_pred_pre": signed(line.change),
            "exp_flu_rt": f"+{signed_rate(line.change, line.base)}",
            "exp_acc_trde_qty": "0",
            "exp_cntr_trde_qty": "+0",
            "exp_tm": clock(self._desk.now),
            "exp_pre_sig": sign_code(line.price, line.base, line.band),
            "stex_tp": "KRX",
        }
        rows = [row] if self._desk.phase in AUCTIONS else []
        return Answer({}, "gold_expt_exec", rows, is_newest_first=True, text=DONE)

    def _now(self, ask: Ask) -> Answer:
        line = self._desk.line(ask.field("stk_cd"))
        base, band, volume = line.base, line.band, line.previous_volume
        direction = "-" if line.volume < volume else "+"
        fields: Fields = {
            "pred_pre_sig": sign_code(line.price, base, band),
            "pred_pre": signed(line.change),
            "flu_rt": signed_rate(line.change, base),
            "trde_qty": str(line.volume),
            "open_pric": price(line.open, base),
            "high_pric": price(line.high, base),
            "low_pric": price(line.low, base),
            "pred_rt": f"{direction}{rate(line.volume, volume)}",
            "upl_pric": price(band.upper if band else 0, base),
            "lst_pric": price(band.lower if band else 0, base),
            "pred_close_pric": str(line.previous.close if line.previous else base),
        }
        return Answer(fields, text=DONE)

    def _by_investor(self, _ask: Ask) -> Answer:
        """Return what each kind of investor traded of both kinds of gold today."""
        now, then = self._investors(self._desk.now), self._investors(self._desk.now - _BEFORE)
        rows = []
        for name, (code, kinds) in _INVESTORS.items():
            part = total(now[kind] for kind in kinds if kind in now)
            before = total(then[kind] for kind in kinds if kind in then)
            rows.append({**_told(part, before), "stk_nm": name, **_sum(part), "stk_cd": code})
        return Answer({}, "inve_trad_stat", rows, text=DONE)

    def _investors(self, at: int) -> Shares[Investor]:
        parts = [_until(self._desk, line, at) for line in self._desk.board.lines()]
        return {kind: total(part[kind] for part in parts if kind in part) for kind in Investor}


def _until(desk: Desk, line: Line, at: int) -> Shares[Investor]:
    """Return what was traded of one kind of gold today, up to a time."""
    prints = desk.exchange.prints.get(line.symbol, [])
    bars = bars_of_trades(prints[: prints_until(prints, at)])
    return investors(line.symbol, [merged(bars)]) if bars else {}


def _told(part: Turnover, before: Turnover) -> Row:
    """Return a kind of investor's turnover, and by how much it grew in the last minutes."""
    row: Row = {}
    for side, qty, amount, old_qty, old_amount in (
        ("sell", part.sold, part.received, before.sold, before.received),
        ("buy", part.bought, part.paid, before.bought, before.paid),
        ("netprps", part.net, part.net_value, before.net, before.net_value),
    ):
        row[f"all_dfrt_trst_{side}_qty"] = str(cut(qty, _THOUSAND))
        row[f"{side}_qty_irds"] = str(cut(qty, _THOUSAND) - cut(old_qty, _THOUSAND))
        row[f"all_dfrt_trst_{side}_amt"] = str(cut(amount, _EOK))
        row[f"{side}_amt_irds"] = str(cut(amount, _EOK) - cut(old_amount, _EOK))
    row["sell_uv"] = str(part.received // part.sold if part.sold else 0)
    row["buy_uv"] = str(part.paid // part.bought if part.bought else 0)
    return row


def _sum(part: Turnover) -> Row:
    return {
        "acc_netprps_amt": str(cut(part.net_value, _EOK)),
        "acc_netprps_qty": str(cut(part.net, _THOUSAND)),
    }


def _once(text: str) -> str:
    """Return a net sum with a minus only, where lists of stocks have a plus or two signs."""
    return text.removeprefix("+").replace("--", "-")


_BEFORE: Final = 10 * MINUTE
_SIGNS: Final = {"+": "2", "-": "5"}
_WHO: Final = ("orgn_netprps", "for_netprps", "ind_netprps")
_PERSONS: Final = (Investor.INDIVIDUAL,)
_FOREIGNERS: Final = (Investor.FOREIGNER, Investor.RESIDENT_FOREIGNER)
_INVESTORS: Final = {
    "개인": ("T94008", _PERSONS),
    "외국인": ("T94009", _FOREIGNERS),
    "기관계": (
        "T94014",
        tuple(kind for kind in Investor if kind not in (*_PERSONS, *_FOREIGNERS)),
    ),
}
"""Kinds of investor that the sample of the list names, by their codes; sums of nets are 0."""
