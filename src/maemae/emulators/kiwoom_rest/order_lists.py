"""Account queries about orders and fills: ka10075, ka10076, ka10088, kt00007, kt00009."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

import msgspec

from maemae.domain.statement import StatedExecution, StatedStatus
from maemae.domain.terms import Side
from maemae.emulators.books import CancelRow, Row
from maemae.emulators.kiwoom_rest import codes
from maemae.emulators.kiwoom_rest.codes import SIDE_CODES, SIDE_WORDS
from maemae.emulators.kiwoom_rest.desk import symbol_of
from maemae.emulators.kiwoom_rest.formats import (
    clock,
    clock_with_colons,
    find_day,
    padded,
    price,
)
from maemae.emulators.kiwoom_rest.order_news import (
    NO_ORDER,
    fill_number,
    kind_of,
    route_code,
    word_of,
)
from maemae.emulators.kiwoom_rest.part import Part
from maemae.emulators.kiwoom_rest.wire import ASKED, Answer, Ask, Tr
from maemae.emulators.kiwoom_rest.wire import Row as Shown

_WIDTH: Final = 10


class _Item(msgspec.Struct, frozen=True):
    """One number of a day: an order's, or a cancel's."""

    number: str
    row: Row
    cancel: CancelRow | None = None


class OrderLists(Part):
    """Answers about orders."""

    def served(self) -> dict[str, Tr]:
        """Return what is answered here."""
        return {
            "ka10075": Tr(("all_stk_tp", "trde_tp", "stex_tp"), self._open),
            "ka10076": Tr(("qry_tp", "sell_tp", "stex_tp"), self._executed),
            "ka10088": Tr(("ord_no",), self._children),
            "kt00007": Tr(("qry_tp", "stk_bond_tp", "sell_tp", "dmst_stex_tp"), self._detail),
            "kt00009": Tr(
                ("stk_bond_tp", "mrkt_tp", "sell_tp", "qry_tp", "dmst_stex_tp"), self._status
            ),
        }

    def _open(self, ask: Ask) -> Answer:
        rows = self._desk.rows(ask.account_id, self._desk.today)
        code = ask.field("stk_cd") if ask.field("all_stk_tp") == "1" else ""
        chosen = [
            row
            for row in _of(rows, code, ask.field("trde_tp"))
            if row.leaves_qty and _is_on(row, ask.field("stex_tp"))
        ]
        shown = [self._open_row(row) for row in reversed(chosen)]
        return Answer({}, "oso", shown, is_newest_first=True, text=ASKED)

    def _open_row(self, row: Row) -> Shown:
        line = self._desk.line(row.symbol)
        depth = self._desk.depth(line)
        qty, notional = _filled(row)
        fee, tax = self._desk.deals.charges(row.account_id, self._desk.today, row.fills)
        return {
            "acnt_no": row.account_id,
            "ord_no": row.order_id,
            "mang_empno": "",
            "stk_cd": row.symbol,
            "tsk_tp": "",
            "ord_stt": "접수",
            "stk_nm": line.name,
            "ord_qty": str(row.order_qty - row.carried),
            "ord_pric": str(row.price or 0),
            "oso_qty": str(row.leaves_qty),
            "cntr_tot_amt": str(notional),
            "orig_ord_no": row.orig_order_id or NO_ORDER,
            "io_tp_nm": kind_of(row),
            "trde_tp": word_of(row),
            "tm": clock(row.at),
            "cntr_no": fill_number(row.fills[-1]) if row.fills else "",
            "cntr_pric": str(notional // qty if qty else 0),
            "cntr_qty": str(qty),
            "cur_prc": price(line.price, line.base),
            "sel_bid": price(depth.ask, line.base),
            "buy_bid": price(depth.bid, line.base),
            "unit_cntr_pric": str(row.fills[-1].px) if row.fills else "",
            "unit_cntr_qty": str(row.fills[-1].qty) if row.fills else "",
            "tdy_trde_cmsn": str(fee),
            "tdy_trde_tax": str(tax),
            "ind_invsr": "",
            **_route(row),
            "stop_pric": "0",
        }

    def _executed(self, ask: Ask) -> Answer:
        rows = self._desk.rows(ask.account_id, self._desk.today)
        code = ask.field("stk_cd") if ask.field("qry_tp") == "1" else ""
        before = ask.field("ord_no").zfill(self._desk.config.order_digits)
        chosen = [
            row
            for row in _of(rows, code, ask.field("sell_tp"))
            if self._is_executed(row)
            and _is_on(row, ask.field("stex_tp"))
            and (not ask.field("ord_no") or row.order_id < before)
        ]
        shown = [self._executed_row(row) for row in reversed(chosen)]
        return Answer({}, "cntr", shown, is_newest_first=True, text=ASKED)

    def _is_executed(self, row: Row) -> bool:
        if row.fills:
            return True
        return self._desk.config.doubts.lists_cancels and row.status is StatedStatus.CANCELED

    def _executed_row(self, row: Row) -> Shown:
        qty, notional = _filled(row)
        fee, tax = self._desk.deals.charges(row.account_id, self._desk.today, row.fills)
        return {
            "ord_no": row.order_id,
            "stk_nm": self._desk.line(row.symbol).name,
            "io_tp_nm": kind_of(row),
            "ord_pric": str(row.price or 0),
            "ord_qty": str(row.order_qty - row.carried),
            "cntr_pric": str(notional // qty if qty else 0),
            "cntr_qty": str(qty),
            "oso_qty": str(row.leaves_qty),
            "tdy_trde_cmsn": str(fee),
            "tdy_trde_tax": str(tax),
            "ord_stt": "체결" if qty else "취소",
            "trde_tp": word_of(row),
            "orig_ord_no": row.orig_order_id or NO_ORDER,
            "ord_tm": clock(row.at),
            "stk_cd": row.symbol,
            **_route(row),
            "stop_pric": "0",
        }

    def _children(self, ask: Ask) -> Answer:
        """Return the leg of a routed order that waits at KRX, the one exchange played here."""
        wanted = ask.field("ord_no").zfill(self._desk.config.order_digits)
        rows = [
            row
            for row in self._desk.rows(ask.account_id, self._desk.today)
            if row.order_id == wanted and row.route == "SOR" and row.leaves_qty
        ]
        shown = [
            {
                "stk_cd": row.symbol,
                "stk_nm": self._desk.line(row.symbol).name,
                "ord_no": row.order_id,
                "ord_qty": str(row.order_qty - row.carried),
                "ord_pric": str(row.price or 0),
                "osop_qty": str(row.leaves_qty),
                "io_tp_nm": kind_of(row),
                "trde_tp": word_of(row),
                "sell_tp": SIDE_CODES[row.side],
                "cntr_qty": str(_filled(row)[0]),
                "ord_stt": "접수",
                "cur_prc": price(
                    self._desk.line(row.symbol).price, self._desk.line(row.symbol).base
                ),
                "stex_tp": "1",
                "stex_tp_txt": "S-KRX",
            }
            for row in rows
        ]
        return Answer({}, "osop", shown, text=ASKED)

    def _detail(self, ask: Ask) -> Answer:
        items = self._items(ask, _day(ask) or self._desk.today)
        order = ask.field("qry_tp")
        if order == "3":
            items = [item for item in items if item.cancel is None and item.row.leaves_qty]
        elif order == "4":
            items = [item for item in items if item.cancel is None and item.row.fills]
        rows = [self._detail_row(item) for item in items]
        if order == "2":
            rows.reverse()
        text = self._desk.asked(is_empty=not rows)
        return Answer({}, "acnt_ord_cntr_prps_dtl", rows, is_newest_first=order == "2", text=text)

    def _detail_row(self, item: _Item) -> Shown:
        row, cancel = item.row, item.cancel
        qty, notional = (0, 0) if cancel else _filled(row)
        asked = cancel.qty if cancel else row.order_qty - row.carried
        changed = "취소" if cancel else "정정" if row.orig_order_id else ""
        at = cancel.at if cancel else row.at
        return {
            "ord_no": item.number,
            "stk_cd": f"A{row.symbol}",
            "trde_tp": word_of(row),
            "crd_tp": "보통매매",
            "ord_qty": padded(asked, _WIDTH),
            "ord_uv": padded(row.price or 0, _WIDTH),
            "cnfm_qty": padded(asked if changed else 0, _WIDTH),
            "acpt_tp": "확인" if changed else "접수",
            "rsrv_tp": "",
            "ord_tm": clock_with_colons(at),
            "ori_ord": row.order_id if cancel else row.orig_order_id or NO_ORDER,
            "stk_nm": self._desk.line(row.symbol).name,
            "io_tp_nm": f"현금{SIDE_WORDS[row.side]}",
            "loan_dt": "",
            "cntr_qty": padded(qty, _WIDTH),
            "cntr_uv": padded(notional // qty if qty else 0, _WIDTH),
            "ord_remnq": padded(0 if cancel else row.leaves_qty, _WIDTH),
            "comm_ord_tp": "REST API",
            "mdfy_cncl": changed,
            "cnfm_tm": clock_with_colons(at) if changed else "",
            "dmst_stex_tp": row.route or "KRX",
            "cond_uv": padded(row.trigger or 0, _WIDTH),
        }

    def _status(self, ask: Ask) -> Answer:
        day = _day(ask)
        if day is None and not self._desk.config.is_paper:
            day = self._desk.today
        items = [] if day is None else self._items(ask, day)
        if ask.field("qry_tp") == "1":
            items = [item for item in items if item.cancel is None and item.row.fills]
        rows = [shown for item in items for shown in self._status_rows(item)]
        traded = {Side.BUY: 0, Side.SELL: 0}
        for item in items:
            if item.cancel is None:
                traded[item.row.side] += _filled(item.row)[1]
        fields = {
            "sell_grntl_engg_amt": padded(traded[Side.SELL], 12),
            "buy_engg_amt": padded(traded[Side.BUY], 12),
            "engg_amt": padded(sum(traded.values()), 12),
        }
        text = self._desk.asked(is_empty=not rows)
        return Answer(fields, "acnt_ord_cntr_prst_array", rows, text=text)

    def _status_rows(self, item: _Item) -> list[Shown]:
        fills = [] if item.cancel else item.row.fills
        if not fills:
            return [self._status_row(item, 0, 0, "", 0)]
        if self._desk.config.doubts.lists_fills:
            return [
                self._status_row(item, fill.qty, fill.px, fill_number(fill), fill.at)
                for fill in fills
            ]
        qty, notional = _filled(item.row)
        last = fills[-1]
        return [self._status_row(item, qty, notional // qty, fill_number(last), last.at)]

    def _status_row(self, item: _Item, qty: int, px: int, number: str, at: int) -> Shown:
        row, cancel = item.row, item.cancel
        asked = cancel.qty if cancel else row.order_qty - row.carried
        changed = "취소" if cancel else "정정" if row.orig_order_id else ""
        return {
            "stk_bond_tp": "1",
            "ord_no": item.number,
            "stk_cd": f"A{row.symbol}",
            "trde_tp": word_of(row),
            "io_tp_nm": f"현금{SIDE_WORDS[row.side]}",
            "ord_qty": padded(asked, _WIDTH),
            "ord_uv": padded(row.price or 0, _WIDTH),
            "cnfm_qty": padded(asked if changed else 0, _WIDTH),
            "rsrv_oppo": "",
            "cntr_no": number.zfill(7) if number else "",
            "acpt_tp": "확인" if changed else "접수",
            "orig_ord_no": row.order_id if cancel else row.orig_order_id or NO_ORDER,
            "stk_nm": self._desk.line(row.symbol).name,
            "setl_tp": "보통매매",
            "crd_deal_tp": "보통매매",
            "cntr_qty": padded(qty, _WIDTH),
            "cntr_uv": padded(px, _WIDTH),
            "comm_ord_tp": "REST API",
            "mdfy_cncl_tp": changed,
            "cntr_tm": clock_with_colons(at) if at else "",
            "dmst_stex_tp": row.route or "KRX",
            "cond_uv": padded(row.trigger or 0, _WIDTH),
        }

    def _items(self, ask: Ask, day: date) -> list[_Item]:
        """Return every number of a day that is asked for, in the order they were given."""
        if ask.field("stk_bond_tp") == "2":
            return []
        code, side = ask.field("stk_cd"), ask.field("sell_tp")
        first = ask.field("fr_ord_no").zfill(self._desk.config.order_digits)
        rows = _of(self._desk.rows(ask.account_id, day), code, side)
        items = [_Item(row.order_id, row) for row in rows]
        known = {id(row) for row in rows}
        items += [
            _Item(cancel.order_id, cancel.row, cancel)
            for cancel in self._desk.cancels(ask.account_id, day)
            if id(cancel.row) in known
        ]
        route = ask.field("dmst_stex_tp")
        return sorted(
            (
                item
                for item in items
                if item.number >= first and route in ("%", item.row.route or "KRX")
            ),
            key=_number_of,
        )


def _of(rows: Iterable[Row], code: str, side: str) -> list[Row]:
    """Return the orders of an instrument and side; an empty code and side 0 are any."""
    symbol = symbol_of(code) if code else None
    return [
        row
        for row in rows
        if (symbol is None or row.symbol == symbol)
        and (side in ("", "0") or SIDE_CODES[row.side] == side)
    ]


def _filled(row: Row) -> tuple[int, int]:
    """Return what a number filled [shares, won]."""
    fills: list[StatedExecution] = row.fills
    return sum(fill.qty for fill in fills), sum(fill.qty * fill.px for fill in fills)


def _is_on(row: Row, exchange: str) -> bool:
    """Return whether an order was sent to an exchange: 0 any, 1 KRX, 2 NXT."""
    return exchange == "0" or route_code(row) == exchange


def _route(row: Row) -> Shown:
    return {
        "stex_tp": "0" if row.route == "SOR" else route_code(row),
        "stex_tp_txt": row.route or "KRX",
        "sor_yn": "Y" if row.route == "SOR" else "N",
    }


def _day(ask: Ask) -> date | None:
    """
    Return the day that is asked for, None if it is left open.

    Raises:
        RefusalError: It is no day.
    """
    text = ask.field("ord_dt")
    day = find_day(text)
    if text and day is None:
        raise codes.bad_field("ord_dt", text)
    return day


def _number_of(item: _Item) -> str:
    return item.number
