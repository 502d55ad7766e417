"""
Kiwoom's transactions (TR) that are used here: where each is asked, and where its rows are.

Source: Kiwoom REST API guide, list of all APIs, read 2026-11.
"""

from __future__ import annotations

from typing import Final

import msgspec


class Transaction(msgspec.Struct, frozen=True):
    """
    One kind of request.

    Attributes:
        api_id: Its name, which decides what is done.
        path: Of the URL; only names the category.
        rows: Key of its list of rows, empty if it has none.
        ends_blank: Whether a blank row is the end of its list, whatever the header says: measured
            of charts.
    """

    api_id: str
    path: str
    rows: str = ""
    ends_blank: bool = False


_ACCOUNT: Final = "/api/dostk/acnt"
_ORDER: Final = "/api/dostk/ordr"
_STOCK: Final = "/api/dostk/stkinfo"
_MARKET: Final = "/api/dostk/mrkcond"
_CHART: Final = "/api/dostk/chart"
_INDEX: Final = "/api/dostk/sect"

BUY: Final = Transaction("kt10000", _ORDER)
SELL: Final = Transaction("kt10001", _ORDER)
REPLACE: Final = Transaction("kt10002", _ORDER)
CANCEL: Final = Transaction("kt10003", _ORDER)
ORDERS: Final = (BUY, SELL, REPLACE, CANCEL)

ACCOUNT_NUMBER: Final = Transaction("ka00001", _ACCOUNT)
CASH: Final = Transaction("kt00001", _ACCOUNT)
HOLDINGS: Final = Transaction("kt00018", _ACCOUNT, "acnt_evlt_remn_indv_tot")
DAY_ORDERS: Final = Transaction("kt00007", _ACCOUNT, "acnt_ord_cntr_prps_dtl")
DAY_FILLS: Final = Transaction("kt00009", _ACCOUNT, "acnt_ord_cntr_prst_array")
OPEN_ORDERS: Final = Transaction("ka10075", _ACCOUNT, "oso")
FILLED_ORDERS: Final = Transaction("ka10076", _ACCOUNT, "cntr")
REALIZED: Final = Transaction("ka10074", _ACCOUNT, "dt_rlzt_pl")

QUOTE: Final = Transaction("ka10001", _STOCK)
LAST_TRADES: Final = Transaction("ka10003", _STOCK, "cntr_infr")
QUOTES: Final = Transaction("ka10095", _STOCK, "atn_stk_infr")
INSTRUMENTS: Final = Transaction("ka10099", _STOCK, "list")
BOOK: Final = Transaction("ka10004", _MARKET)
INDEX: Final = Transaction("ka20001", _INDEX, "inds_cur_prc_tm")

TICK_CHART: Final = Transaction("ka10079", _CHART, "stk_tic_chart_qry", ends_blank=True)
MINUTE_CHART: Final = Transaction("ka10080", _CHART, "stk_min_pole_chart_qry", ends_blank=True)
DAY_CHART: Final = Transaction("ka10081", _CHART, "stk_dt_pole_chart_qry", ends_blank=True)
WEEK_CHART: Final = Transaction("ka10082", _CHART, "stk_stk_pole_chart_qry", ends_blank=True)
MONTH_CHART: Final = Transaction("ka10083", _CHART, "stk_mth_pole_chart_qry", ends_blank=True)
YEAR_CHART: Final = Transaction("ka10094", _CHART, "stk_yr_pole_chart_qry", ends_blank=True)
INDEX_DAY_CHART: Final = Transaction("ka20006", _CHART, "inds_dt_pole_qry", ends_blank=True)

ISSUE_PATH: Final = "/oauth2/token"
REVOKE_PATH: Final = "/oauth2/revoke"
