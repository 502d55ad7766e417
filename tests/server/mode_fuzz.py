"""Requests of somebody who wants real orders: the mode in every place where one can put it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from typing import Any, Final, TypeVar
from urllib.parse import quote, urlencode

import msgspec
import numpy as np
from starlette.routing import BaseRoute

from maemae.domain.ids import AccountId
from maemae.server.security.public import offered

REALS: Final = (
    *("REAL", "real", "Real", " REAL", "REAL\t", "실전", "REAL,SIM"),
    ["REAL"],
    {"is": "REAL"},
)
NAMES: Final = (
    *("mode", "Mode", "MODE", "x_mode", "trading_mode"),
    *("is_real", "real", "env", "account"),
)
HEADERS: Final = (
    *("X-Mode", "Mode", "X-Trading-Mode", "X-Real"),
    *("X-Forwarded-Mode", "X-Account-Id"),
)


T = TypeVar("T")


class _Dice:
    """Chance that repeats itself."""

    def __init__(self, seed: int) -> None:
        self._draw = np.random.default_rng(seed)

    def random(self) -> float:
        return float(self._draw.random())

    def randint(self, low: int, high: int) -> int:
        return int(self._draw.integers(low, high + 1))

    def choice(self, things: Sequence[T]) -> T:
        return things[self.randint(0, len(things) - 1)]

    def bytes(self, count: int) -> bytes:
        return self._draw.bytes(count)


class Request(msgspec.Struct, frozen=True):
    """One request, ready to be sent."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes | None


class ModeFuzz:
    """
    Draws requests; the same seed draws the same.

    Args:
        routes: Of the app.
        sim, real: Accounts.
        seed: Of the dice.
    """

    def __init__(
        self, routes: Sequence[BaseRoute], sim: AccountId, real: AccountId, seed: int
    ) -> None:
        self._dice = _Dice(seed)
        self._sim, self._real = sim, real
        self._offers = sorted(
            (method, path)
            for method, path, _ in offered(routes)
            if path.startswith("/api/") and "/auth/" not in path and method != "SOCKET"
        )

    def draw(self) -> Request:
        """Return the next one; more than half of them try to place an order."""
        dice = self._dice
        method, path = ("POST", "/api/orders")
        if dice.random() < 0.45:
            method, path = dice.choice(self._offers)
        path = self._filled(path)
        body = None if method in {"GET", "DELETE"} else self._body(path)
        query = self._query() if dice.random() < 0.6 else ""
        return Request(method, path + query, self._headers(has_body=body is not None), body)

    def _account(self) -> str:
        return self._dice.choice([self._sim, self._sim, self._real, "REAL", f"{self._sim}/REAL"])

    def _filled(self, path: str) -> str:
        parts = []
        for part in path.split("/"):
            if part == "{account_id}":
                part = quote(self._account(), safe="")
            elif part == "{cl_ord_id}":
                part = str(self._dice.randint(1, 3))
            elif part.startswith("{"):
                part = self._dice.choice(["golden_cross", "1", "REAL"])
            parts.append(part)
        return "/".join(parts)

    def _query(self) -> str:
        dice = self._dice
        pairs = [("account_id", self._account())] if dice.random() < 0.7 else []
        pairs += [(dice.choice(NAMES), str(dice.choice(REALS))) for _ in range(dice.randint(0, 3))]
        return "?" + urlencode(pairs) if pairs else ""

    def _headers(self, *, has_body: bool) -> dict[str, str]:
        dice = self._dice
        headers = {"Idempotency-Key": uuid.UUID(bytes=dice.bytes(16)).hex}
        if has_body:
            headers["Content-Type"] = "application/json"
        if dice.random() < 0.5:
            headers[dice.choice(HEADERS)] = dice.choice(["REAL", "real", str(self._real)])
        return headers

    def _body(self, path: str) -> bytes:
        dice = self._dice
        body = self._terms() if "orders" in path or dice.random() < 0.3 else self._other()
        for _ in range(dice.choice([0, 0, 0, 1, 2])):
            self._put_mode(body)
        text = json.dumps(body, ensure_ascii=False)
        if dice.random() < 0.1:  # the same name twice: which of them counts?
            text = text.replace("{", f'{{"account_id": "{self._real}", ', 1)
        return text.encode()

    def _terms(self) -> dict[str, Any]:
        dice = self._dice
        terms: dict[str, Any] = {
            "account_id": self._account(),
            "symbol": "005930",
            "side": dice.choice(["BUY", "SELL"]),
            "quantity": dice.randint(1, 9),
        }
        if dice.random() < 0.5:
            terms["price"] = dice.randint(1, 20_000)
        if dice.random() < 0.1:
            terms["preview_token"] = dice.choice(["REAL", "1.REAL.REAL"])
        return terms

    def _other(self) -> dict[str, Any]:
        dice = self._dice
        return {
            "account_id": self._account(),
            "sleeve_id": dice.choice(["MANUAL", "REAL"]),
            "spec": dice.choice(["golden_cross", "REAL"]),
            "cash": dice.randint(0, 10),
            "level": dice.choice(["STOP_NEW", "REAL"]),
            "state": dice.choice(["ACTIVE", "REAL"]),
            "reason": "REAL",
        }

    def _put_mode(self, body: dict[str, Any]) -> None:
        dice = self._dice
        value = dice.choice(REALS)
        if dice.random() < 0.3:
            body[dice.choice(sorted(body))] = value
        elif dice.random() < 0.3:
            body[dice.choice(NAMES)] = {dice.choice(NAMES): value, "account_id": self._real}
        else:
            body[dice.choice(NAMES)] = value
