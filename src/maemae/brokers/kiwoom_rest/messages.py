"""
Bodies and rows of Kiwoom's REST answers, as far as they are read here; all values are text.

A field without a default must be there. The vendor's own names stay in this package.

Source: Kiwoom REST API guide, fields of each transaction, read 2026-11.
"""

from __future__ import annotations

import msgspec
from msgspec import field


class OrderTaken(msgspec.Struct, frozen=True):
    """Answer to kt10000-kt10003; `base_orig_ord_no` is the first order of a chain."""

    ord_no: str = ""
    base_orig_ord_no: str = ""


class AccountNumber(msgspec.Struct, frozen=True):
    """Answer to ka00001."""

    number: str = field(name="acctNo")


class CashReply(msgspec.Struct, frozen=True):
    """Answer to kt00001."""

    entr: str
    d2_entra: str
    ord_alow_amt: str
    orderable: str = field(name="100stk_ord_alow_amt")


class HoldingRow(msgspec.Struct, frozen=True):
    """Row of kt00018."""

    stk_cd: str
    rmnd_qty: str
    trde_able_qty: str
    pur_amt: str
    pur_pric: str
    pred_close_pric: str = ""


class DayOrderRow(msgspec.Struct, frozen=True):
    """Row of kt00007: an order of a day, or a request about one."""

    ord_no: str
    stk_cd: str
    trde_tp: str
    ord_qty: str
    ord_uv: str
    ord_tm: str
    ori_ord: str
    io_tp_nm: str
    cntr_qty: str
    cntr_uv: str
    ord_remnq: str
    mdfy_cncl: str = ""
    acpt_tp: str = ""


class OpenOrderRow(msgspec.Struct, frozen=True):
    """Row of ka10075."""

    ord_no: str
    stk_cd: str
    trde_tp: str
    ord_qty: str
    ord_pric: str
    oso_qty: str
    orig_ord_no: str
    io_tp_nm: str
    tm: str
    cntr_qty: str = ""
    cntr_pric: str = ""
    ord_stt: str = ""


class FilledOrderRow(msgspec.Struct, frozen=True):
    """Row of ka10076: an order of today with its fills added up."""

    ord_no: str
    stk_cd: str
    trde_tp: str
    ord_qty: str
    ord_pric: str
    oso_qty: str
    orig_ord_no: str
    io_tp_nm: str
    ord_tm: str
    cntr_qty: str
    cntr_pric: str
    ord_stt: str = ""


class FillRow(msgspec.Struct, frozen=True):
    """Row of kt00009; whether one is a fill or an order is not documented."""

    ord_no: str
    cntr_no: str
    cntr_qty: str
    cntr_uv: str


class RealizedRow(msgspec.Struct, frozen=True):
    """Row of ka10074: a day."""

    dt: str
    buy_amt: str
    sell_amt: str
    tdy_sel_pl: str
    tdy_trde_cmsn: str
    tdy_trde_tax: str


class QuoteReply(msgspec.Struct, frozen=True):
    """Answer to ka10001."""

    stk_cd: str
    stk_nm: str
    cur_prc: str
    base_pric: str
    upl_pric: str
    lst_pric: str
    open_pric: str
    high_pric: str
    low_pric: str
    trde_qty: str


class QuoteRow(msgspec.Struct, frozen=True):
    """Row of ka10095."""

    stk_cd: str
    stk_nm: str
    cur_prc: str
    base_pric: str
    upl_pric: str
    lst_pric: str
    trde_qty: str
    open_pric: str = ""
    high_pric: str = ""
    low_pric: str = ""


class TradeRow(msgspec.Struct, frozen=True):
    """Row of ka10003, newest first."""

    tm: str
    cur_prc: str
    cntr_trde_qty: str


class InstrumentRow(msgspec.Struct, frozen=True):
    """Row of ka10099."""

    code: str
    name: str
    list_count: str = field(name="listCount")
    last_price: str = field(name="lastPrice")
    market_code: str = field(name="marketCode")
    audit_info: str = field(name="auditInfo", default="")
    state: str = ""
    order_warning: str = field(name="orderWarning", default="0")
    nxt_enable: str = field(name="nxtEnable", default="")


class CandleRow(msgspec.Struct, frozen=True):
    """
    Row of a chart, newest first; `cur_prc` is the close.

    Day and longer charts have `dt`, those of ticks and minutes `cntr_tm`.
    """

    cur_prc: str
    trde_qty: str
    open_pric: str
    high_pric: str
    low_pric: str
    dt: str = ""
    cntr_tm: str = ""
    trde_prica: str = ""


class IndexReply(msgspec.Struct, frozen=True):
    """Answer to ka20001; values have two decimals."""

    cur_prc: str
    open_pric: str
    high_pric: str
    low_pric: str
    flu_rt: str
    trde_qty: str
