"""Frames of types 00 (주문체결) and 04 (잔고): what happened to orders and positions."""

from __future__ import annotations

from typing import Final, TypeAlias

import msgspec

from maemae.domain.ids import AccountId
from maemae.domain.order_status import ExecType
from maemae.domain.statement import Notice, StatedExecution
from maemae.emulators.books import CancelRow, Row
from maemae.emulators.kiwoom_rest.codes import BY_HAND, FORMS, SIDE_CODES, SIDE_SIGNS, SIDE_WORDS
from maemae.emulators.kiwoom_rest.desk import Desk
from maemae.emulators.kiwoom_rest.formats import NAUGHT_DATE, clock, price, rate, signed

Values: TypeAlias = dict[str, str]


class Entry(msgspec.Struct, frozen=True):
    """
    One entry of a REAL frame, in the order in which it is written.

    Attributes:
        values: By the number of the field (FID).
        type: Kind of data.
        name: The kind in Korean.
        item: The registered item that it is sent for.
    """

    values: Values
    type: str
    name: str
    item: str


class OrderEntry(msgspec.Struct, frozen=True):
    """An entry that only sessions of one account are sent."""

    account_id: AccountId
    entry: Entry


class _Told(msgspec.Struct, frozen=True):
    """
    What one frame of type 00 says beyond the order itself.

    Attributes:
        number: 주문번호.
        state: 주문상태.
        qty, leaves: 주문수량 and 미체결수량 [shares].
        orig: 원주문번호.
        kind: 주문구분.
        at: When it happened [ns, UTC].
        fills: Under the number so far; the last one is told if `is_fill`.
    """

    number: str
    state: str
    qty: int
    leaves: int
    orig: str
    kind: str
    at: int
    fills: tuple[StatedExecution, ...] = ()
    is_fill: bool = False


class OrderNews:
    """
    Words notices as frames.

    Args:
        desk: What they are computed from.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._doubts = desk.config.doubts

    def of_notice(self, notice: Notice) -> list[OrderEntry]:
        """Return the frames of a notice; a cancel's are those of its own number."""
        row = self._desk.books.find_row(notice.order_id)
        if row is None:
            return []
        if notice.exec_type is ExecType.TRADE:
            return self._traded(row, notice)
        if notice.exec_type in (ExecType.NEW, ExecType.REPLACED):
            return self._accepted(row)
        is_lapsed = notice.exec_type is ExecType.CANCELED and notice.request_id is None
        if is_lapsed or (notice.exec_type is ExecType.EXPIRED and self._doubts.tells_expiry):
            return [self._lapsed(row, notice.at)]
        return []

    def of_cancel(self, cancel: CancelRow) -> list[OrderEntry]:
        """Return the frames of a cancel: taken, then confirmed."""
        row = cancel.row
        kind = f"{SIDE_WORDS[row.side]}취소"
        told = _Told(cancel.order_id, "접수", cancel.qty, cancel.qty, row.order_id, kind, cancel.at)
        confirmed = msgspec.structs.replace(told, state="확인", leaves=0)
        return [self._entry(row, told), self._entry(row, confirmed)]

    def _accepted(self, row: Row) -> list[OrderEntry]:
        qty = row.order_qty - row.carried
        orig = row.orig_order_id or NO_ORDER
        told = _Told(row.order_id, "접수", qty, qty, orig, kind_of(row), row.at)
        entries = [self._entry(row, told)]
        if row.orig_order_id is not None:
            entries.append(self._entry(row, msgspec.structs.replace(told, state="확인")))
        return entries

    def _lapsed(self, row: Row, at: int) -> OrderEntry:
        qty = row.order_qty - row.carried
        orig, fills = row.orig_order_id or NO_ORDER, tuple(row.fills)
        told = _Told(row.order_id, "취소", qty, 0, orig, kind_of(row), at, fills)
        return self._entry(row, told)

    def _traded(self, row: Row, notice: Notice) -> list[OrderEntry]:
        place = next(
            (n for n, fill in enumerate(row.fills) if fill.exec_id == notice.exec_id), None
        )
        if place is None:
            return []
        fills = tuple(row.fills[: place + 1])
        qty = row.order_qty - row.carried
        leaves = qty - row.taken_back - sum(fill.qty for fill in fills)
        told = _Told(
            row.order_id,
            "체결",
            qty,
            leaves,
            row.orig_order_id or NO_ORDER,
            kind_of(row),
            notice.at,
            fills,
            is_fill=True,
        )
        entries = [self._entry(row, told)]
        if self._doubts.tells_positions:
            entries.append(self._position(row))
        return entries

    def _entry(self, row: Row, told: _Told) -> OrderEntry:
        line = self._desk.line(row.symbol)
        depth, base = self._desk.depth(line), line.base
        fills, last = told.fills, told.fills[-1] if told.is_fill else None
        notional = sum(fill.px * fill.qty for fill in fills)
        filled = sum(fill.qty for fill in fills)
        fee, tax = self._desk.deals.charges(row.account_id, self._desk.today, fills)
        values = {
            "9201": row.account_id,
            "9203": told.number,
            "9205": "",
            "9001": row.symbol,
            "912": "JJ",
            "913": told.state,
            "302": line.name,
            "900": str(told.qty),
            "901": str(row.price or 0),
            "902": str(told.leaves),
            "903": str(notional),
            "904": told.orig,
            "905": told.kind,
            "906": word_of(row),
            "907": SIDE_CODES[row.side],
            "908": clock(told.at),
            "909": fill_number(last) if last else "",
            "910": self._px(last, notional, filled) if last else "",
            "911": self._qty(last, filled) if last else "",
            "10": price(last.px if last else line.price, base),
            "27": price(depth.ask, base),
            "28": price(depth.bid, base),
            "914": str(last.px) if last else "",
            "915": str(last.qty) if last else "",
            "938": str(fee),
            "939": str(tax),
            "919": "0",
            "920": "",
            "921": TERMINAL,
            "922": "00",
            "923": "",
            "10010": f" {line.previous.close if line.previous else line.base}",
            "2134": route_code(row),
            "2135": "NXT" if row.route == "NXT" else "KRX",
            "2136": "Y" if row.route == "SOR" else "N",
        }
        return OrderEntry(row.account_id, Entry(values, "00", "주문체결", row.symbol))

    def _px(self, last: StatedExecution, notional: int, filled: int) -> str:
        return str(notional // filled if self._doubts.fills_add_up else last.px)

    def _qty(self, last: StatedExecution, filled: int) -> str:
        return str(filled if self._doubts.fills_add_up else last.qty)

    def _position(self, row: Row) -> OrderEntry:
        line = self._desk.line(row.symbol)
        depth, base = self._desk.depth(line), line.base
        held = self._desk.books.house.account(row.account_id).holdings.get(row.symbol)
        qty, cost, sellable = (held.qty, held.cost, held.sellable) if held else (0, 0, 0)
        deals = [
            deal
            for deal in self._desk.deals.of_day(row.account_id, self._desk.today)
            if deal.symbol == row.symbol
        ]
        net = sum(-deal.fill.qty if deal.is_sale else deal.fill.qty for deal in deals)
        profit = sum(deal.profit for deal in deals)
        sold_cost = sum(deal.cost for deal in deals)
        values = {
            "9201": row.account_id,
            "9001": row.symbol,
            "917": "00",
            "916": NAUGHT_DATE,
            "302": line.name,
            "10": price(line.price, base),
            "930": str(qty),
            "931": str(cost // qty if qty else 0),
            "932": str(cost),
            "933": str(sellable),
            "945": str(net),
            "946": SIDE_CODES[row.side],
            "950": signed(profit),
            "951": "0",
            "27": price(depth.ask, base),
            "28": price(depth.bid, base),
            "307": str(base),
            "8019": rate(profit, sold_cost),
            "957": "0",
            "958": "0",
            "918": NAUGHT_DATE,
            "990": signed(profit),
            "991": rate(profit, sold_cost),
            "992": "0",
            "993": "0.00",
            "959": "0",
            "924": "0",
        }
        return OrderEntry(row.account_id, Entry(values, "04", "현물잔고", row.symbol))


def kind_of(row: Row) -> str:
    """Return the side in words with its colour's sign (주문구분)."""
    changed = "정정" if row.orig_order_id is not None else ""
    return f"{SIDE_SIGNS[row.side]}{SIDE_WORDS[row.side]}{changed}"


def word_of(row: Row) -> str:
    """Return the kind of order in words (매매구분)."""
    default = FORMS[BY_HAND if row.price is not None else "3"]
    return FORMS.get(row.form, default).word


def fill_number(fill: StatedExecution) -> str:
    """Return the exchange's number of a fill (체결번호), unique in its day."""
    return fill.exec_id.rpartition("-")[2].lstrip("0")


def route_code(row: Row) -> str:
    """Return the exchange as a code: 1 KRX, 2 NXT."""
    return "2" if row.route == "NXT" else "1"


NO_ORDER: Final = "0000000"
"""원주문번호 of an order that replaced none."""

TERMINAL: Final = "6801005"
