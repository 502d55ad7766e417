"""How long an order over the API takes: `python -m benchmarks.server.orders ORDERS`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import httpx
import msgspec

from benchmarks.server.beside import bare_commit, empty_route
from benchmarks.server.stack import Ready, Running, a_stack, logged_in

_ACCOUNT: Final = "SIM"
_SYMBOL: Final = "Z00010"
_PACE: Final = 0.3  # s; the broker takes five requests a second
_LOOK: Final = 0.002  # s
_PATIENCE: Final = 60.0  # s
_SETTLE: Final = 20.0  # s before memory is read
_BEFORE_ACKNOWLEDGED: Final = ("PENDING_NEW", "UNKNOWN")


class Served(msgspec.Struct):
    """
    All that one run measured [ms of wall time], each as p50, p95 and p99.

    Attributes:
        ready: By process.
        answered: From the request to the answer: the order is durable by then.
        acknowledged: From the request until a query tells the broker's number.
        looked: One such query, which is the grain of `acknowledged`.
        empty: A route that does nothing.
        commit: A bare insert and commit on the same disk.
    """

    ready: dict[str, Ready]
    answered: tuple[float, float, float]
    acknowledged: tuple[float, float, float]
    looked: tuple[float, float, float]
    empty: tuple[float, float, float]
    commit: tuple[float, float, float]


def measure(folder: Path, orders: int) -> Served:
    """Measure in turn, so that whatever else the machine does falls on all alike."""
    with (
        a_stack(folder / "home") as running,
        logged_in(running) as client,
        empty_route() as beside,
        bare_commit(folder) as commit,
    ):
        await_trading(client)
        time.sleep(_SETTLE)
        running.measure_memory()
        answered, acknowledged, looked, empty, bare = ([] for _ in range(5))
        for number in range(orders):
            one = Order(client, number)
            answered.append(_timed(one.send))
            acknowledged.append(answered[-1] + _timed(one.await_acknowledged))
            looked.append(_timed(one.look))
            empty.append(_timed(lambda: beside.post("/empty", json={}).raise_for_status()))
            bare.append(_timed(commit))
            time.sleep(_PACE)
        return _served(running, answered, acknowledged, looked, empty, bare)


class Order:
    """
    A share bought, or sold again, at market.

    Args:
        client: Who sends.
        number: Even ones buy, odd ones sell.
    """

    def __init__(self, client: httpx.Client, number: int) -> None:
        self._client = client
        self._body = {
            "account_id": _ACCOUNT,
            "symbol": _SYMBOL,
            "side": "SELL" if number % 2 else "BUY",
            "quantity": 1,
        }
        self._key = f"bench-{number:05}"
        self._path = ""

    def send(self) -> None:
        """Send it; it is durable when this returns."""
        headers = {"Idempotency-Key": self._key}
        answer = self._client.post("/api/orders", json=self._body, headers=headers)
        told = answer.raise_for_status().json()
        if not told["cl_ord_ids"]:
            raise RuntimeError(f"the order was refused: {told}")
        self._path = f"/api/orders/{_ACCOUNT}/{told['cl_ord_ids'][0]}"

    def look(self) -> dict[str, Any]:
        """Return how it stands."""
        found: dict[str, Any] = self._client.get(self._path).raise_for_status().json()["order"]
        return found

    def await_acknowledged(self) -> None:
        """Wait until the broker has it."""
        _until(lambda: self.look()["status"] not in _BEFORE_ACKNOWLEDGED)


def await_trading(client: httpx.Client) -> None:
    """Wait until a preview says that an order would leave."""
    asked = {"account_id": _ACCOUNT, "symbol": _SYMBOL, "side": "BUY", "quantity": 1}

    def would_leave() -> bool:
        answer = client.post("/api/orders/preview", json=asked)
        return answer.is_success and answer.json()["outlook"] == "SENT"

    _until(would_leave)


def await_filled(client: httpx.Client) -> None:
    """Wait until nothing is open that an order on the other side could trade with."""
    asked: dict[str, str | bool] = {"account_id": _ACCOUNT, "open_only": True}

    def is_filled() -> bool:
        answer = client.get("/api/orders", params=asked)
        return answer.is_success and not answer.json()["orders"]  # 429 if it was asked too often

    _until(is_filled)


def _until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(_LOOK)


def _timed(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return (time.perf_counter() - began) * 1_000


def _served(running: Running, *series: list[float]) -> Served:
    return Served(running.ready, *map(_spread, series))


def _spread(values: list[float]) -> tuple[float, float, float]:
    ordered = sorted(values)
    last = len(ordered) - 1
    p50, p95, p99 = (ordered[round(last * share)] for share in (0.5, 0.95, 0.99))
    return p50, p95, p99


def main(orders: str) -> None:
    """Measure, and say it as JSON."""
    with TemporaryDirectory() as folder:
        served = measure(Path(folder), int(orders))
    sys.stdout.write(msgspec.json.encode(served).decode() + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
