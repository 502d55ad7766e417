"""
What a customer does with the package `kiwoom-rest-api`; runs in its environment, not in ours.

Base URL and keys are its own settings, in the environment. Prints what it found as JSON.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from kiwoom_rest_api.auth.token import TokenManager
from kiwoom_rest_api.core.base import APIError
from kiwoom_rest_api.koreanstock.account import Account
from kiwoom_rest_api.koreanstock.chart import Chart
from kiwoom_rest_api.koreanstock.market_condition import MarketCondition
from kiwoom_rest_api.koreanstock.order import Order
from kiwoom_rest_api.koreanstock.stockinfo import StockInfo


def play() -> dict[str, Any]:
    """Log in, page a chart, read balances, place, amend, cancel, fill."""
    base_url = os.environ["KIWOOM_DEFAULT_BASE_URL"]
    tokens = TokenManager()
    stocks, charts, books, accounts, orders = (
        each(base_url=base_url, token_manager=tokens)
        for each in (StockInfo, Chart, MarketCondition, Account, Order)
    )
    found: dict[str, Any] = {"token": tokens.get_token()}
    found["stock"] = stocks.basic_stock_information_request_ka10001("005930")
    found["pages"] = minutes(charts)
    found["days"] = charts.stock_daily_chart_request_ka10081("005930", "20250902", "1")
    found["book"] = books.stock_quote_request_ka10004("005930")
    found["cash"] = accounts.deposit_detail_status_request_kt00001("3")
    placed = orders.stock_buy_order_request_kt10000("KRX", "005930", "7", "0", "9000")
    found["placed"] = placed
    found["open"] = accounts.unfilled_orders_request_ka10075("0", "0", "0")
    found["amended"] = orders.stock_modify_order_request_kt10002(
        "KRX", placed["ord_no"], "005930", "7", "9010"
    )
    found["canceled"] = orders.stock_cancel_order_request_kt10003(
        "KRX", found["amended"]["ord_no"], "005930", "0"
    )
    found["left"] = accounts.unfilled_orders_request_ka10075("0", "0", "0")
    found["bought"] = orders.stock_buy_order_request_kt10000("KRX", "005930", "3", "3")
    for _ in range(500):
        found["filled"] = accounts.filled_orders_request_ka10076("0", "0", "0")
        if found["filled"]["cntr"]:
            break
        time.sleep(0.02)
    found["held"] = accounts.account_evaluation_balance_detail_request_kt00018("1", "KRX")
    found["refused"] = orders.stock_sell_order_request_kt10001("KRX", "005930", "99", "3")
    found["too_many"] = too_many(stocks)
    return found


def minutes(charts: Chart) -> list[Any]:
    """Return every page of a minute chart; the client puts the paging headers in the body."""
    pages, cont_yn, next_key = [], "N", ""
    while True:
        page = charts.stock_minute_chart_request_ka10080("005930", "1", "1", cont_yn, next_key)
        pages.append(page["stk_min_pole_chart_qry"])
        cont_yn, next_key = page["cont-yn"], page["next-key"]
        if cont_yn != "Y":
            return pages


def too_many(stocks: StockInfo) -> int:
    """Return the status of a request over the quota; many at once, to outrun it anywhere."""

    def ask(_: int) -> int:
        try:
            stocks.basic_stock_information_request_ka10001("005930")
        except APIError as error:
            return int(error.status_code)
        return 0

    with ThreadPoolExecutor(8) as pool:
        return max(pool.map(ask, range(100)))


if __name__ == "__main__":
    with contextlib.redirect_stdout(io.StringIO()):  # the client prints of its own
        outcome = play()
    json.dump(outcome, sys.stdout)
