"""What tests of trading over the API do again and again."""

from __future__ import annotations

import uuid
from typing import Any, Final

import httpx

from maemae.core.limits import Limits
from maemae.domain.ids import Symbol
from maemae.domain.instant import SECOND
from tests.brokers.sim_rig import ACCOUNT, STILL
from tests.crash.executor_street import FAR
from tests.waiting import until

ORDERS: Final = "/api/orders"
PATIENT: Final = {"limits": Limits(max_price_age=86_400 * SECOND)}
"""Of an executor whose market is accelerated: on a busy machine its prices look old."""


def buy(qty: int = 1, symbol: Symbol = STILL, **terms: object) -> dict[str, Any]:
    """Return a body that buys shares at the market."""
    return {"account_id": ACCOUNT, "symbol": symbol, "side": "BUY", "quantity": qty, **terms}


def resting(qty: int = 1) -> dict[str, Any]:
    """Return a body that buys at a price at which nothing trades."""
    return buy(qty, price=FAR)


def keyed(key: str = "") -> dict[str, str]:
    """Return the header that makes a request one of its kind."""
    return {"Idempotency-Key": key or uuid.uuid4().hex}


def post(client: httpx.Client, path: str, body: object = None, key: str = "") -> httpx.Response:
    """Post under a key."""
    return client.post(path, json=body, headers=keyed(key))


def place(client: httpx.Client, body: object, key: str = "") -> int:
    """Place an order that is sent; return its number."""
    answer = post(client, ORDERS, body, key)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["outcome"] == "SENT", told
    (number,) = told["cl_ord_ids"]
    return int(number)


def detail(client: httpx.Client, number: int) -> dict[str, Any]:
    """Return an order with everything that happened to it."""
    answer = client.get(f"{ORDERS}/{ACCOUNT}/{number}")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def comes_to(client: httpx.Client, number: int, *statuses: str) -> None:
    """Wait until an order has one of these statuses."""
    until(lambda: detail(client, number)["order"]["status"] in statuses)
