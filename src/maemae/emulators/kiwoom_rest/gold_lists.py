"""
Orders for gold and their fills: kt50030, kt50031 and kt50075.

They are the day's list of orders of stocks (kt00007) in other words.

Source: names and samples in the broker's list of the interface, edition of April 2026.
"""

from __future__ import annotations

from typing import Final

import msgspec

from maemae.emulators.kiwoom_rest.desk import Desk
from maemae.emulators.kiwoom_rest.order_lists import OrderLists
from maemae.emulators.kiwoom_rest.part import Part
from maemae.emulators.kiwoom_rest.wire import Answer, Ask, Row, Tr


class GoldLists(Part):
    """Answers about orders for gold."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._of_stocks = OrderLists(desk).served()["kt00007"]

    def served(self) -> dict[str, Tr]:
        """Return what is answered here."""
        day = "ord_dt", "mrkt_deal_tp", "stk_bond_tp"
        return {
            "kt50030": Tr((*day, "slby_tp"), self._all),
            "kt50031": Tr(("qry_tp", "stk_bond_tp", "sell_tp", "dmst_stex_tp"), self._detail),
            "kt50075": Tr((*day, "sell_tp"), self._open),
        }

    def _detail(self, ask: Ask) -> Answer:
        answer = self._of_stocks.handle(ask)
        return msgspec.structs.replace(answer, rows=[_of_gold(row) for row in answer.rows])

    def _all(self, ask: Ask) -> Answer:
        order = ask.field("qry_tp") or _OLDEST_FIRST
        answer = self._detail(_day(ask, order, ask.field("slby_tp")))
        rows = [_short(row) for row in answer.rows]
        return msgspec.structs.replace(answer, list_key="acnt_ord_cntr_prst", rows=rows)

    def _open(self, ask: Ask) -> Answer:
        answer = self._detail(_day(ask, _OPEN, ask.field("sell_tp")))
        rows = [_short(row) for row in answer.rows]
        is_reversed = ask.field("qry_tp") == _NEWEST_FIRST
        if is_reversed:
            rows.reverse()
        return msgspec.structs.replace(
            answer, list_key="acnt_ord_oso_prst", rows=rows, is_newest_first=is_reversed
        )


def _day(ask: Ask, order: str, side: str) -> Ask:
    """Return the same question of the list that all three are made of."""
    route = ask.field("dmst_stex_tp") or "%"
    return ask.as_kind("kt00007", qry_tp=order, sell_tp=side, dmst_stex_tp=route)


def _of_gold(row: Row) -> Row:
    """Return a row of the list in the words of gold, which is always ordered at a limit."""
    return {
        **row,
        "stk_cd": row["stk_cd"].removeprefix("A"),
        "trde_tp": row["trde_tp"].replace("보통", "지정가"),
        "io_tp_nm": row["io_tp_nm"].removeprefix("현금"),
    }


def _short(row: Row) -> Row:
    """Return a row as the lists without times have it."""
    return {
        "stk_bond_tp": "1",
        **{name: row[name] for name in ("ord_no", "stk_cd", "trde_tp", "io_tp_nm")},
        **{name: row[name] for name in ("ord_qty", "ord_uv", "cnfm_qty")},
        "data_send_end_tp": row["acpt_tp"],
        "mrkt_deal_tp": _GOLD_MARKET,
        "rsrv_tp": row["rsrv_tp"],
        "orig_ord_no": row["ori_ord"],
        "stk_nm": row["stk_nm"],
        "dcd_tp_nm": "당일",
        "crd_deal_tp": "",
        **{name: row[name] for name in ("cntr_qty", "cntr_uv", "ord_remnq", "comm_ord_tp")},
        "mdfy_cncl_tp": row["mdfy_cncl"],
        **{name: row[name] for name in ("dmst_stex_tp", "cond_uv")},
    }


_OLDEST_FIRST: Final = "1"
_NEWEST_FIRST: Final = "2"
_OPEN: Final = "3"
_GOLD_MARKET: Final = "5"
