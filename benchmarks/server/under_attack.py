"""Measures, prints and writes what `bench_attacks.py` explains."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, sleep
from typing import Final

import httpx
import msgspec
from rich.console import Console
from rich.table import Table

from benchmarks.bar_sets import OUTPUT
from benchmarks.machine import load, machine
from benchmarks.results import write_document
from benchmarks.server.attacks import PLANS, Stolen
from benchmarks.server.orders import Order, await_trading
from benchmarks.server.stack import Running, a_stack, logged_in
from maemae.app.demo_login import find_demo_login

_ROUNDS: Final = 5
_ORDERS: Final = 16  # of a stretch
_PACE: Final = 0.22  # s; the broker takes five requests a second
_WARM: Final = 40  # orders that are not counted
_ENDED: Final = 1.0  # s until nothing of an attack is left
_SETTLED: Final = 1.0  # s until what was sent has filled
_SHARE: Final = 0.95
_WIDTH: Final = 130


class Attacked(msgspec.Struct):
    """
    What an attack did to orders.

    Attributes:
        quiet, attacked: 95th percentile of each stretch, from the request to the answer [ms].
        refused: How often the attacker was answered what.
    """

    quiet: list[float]
    attacked: list[float]
    refused: dict[str, int]

    @property
    def change(self) -> float:
        """Median change of a round, as a share: each stretch is beside its own quiet one."""
        pairs = zip(self.quiet, self.attacked, strict=True)
        return median(attacked / quiet - 1 for quiet, attacked in pairs)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description="What an order costs under attack.")
    parser.add_argument("--rounds", type=int, default=_ROUNDS)
    parser.add_argument("--orders", type=int, default=_ORDERS, help="of a stretch")
    parser.add_argument("--attacks", nargs="*", default=list(PLANS), choices=list(PLANS))
    parser.add_argument("--docs", action="store_true", help="renew docs/benchmarks.md")
    asked = parser.parse_args(arguments)
    busy = load()
    with TemporaryDirectory() as folder:
        found = _measure(Path(folder) / "home", asked.attacks, asked.rounds, asked.orders)
    table = _table(found)
    Console(width=_WIDTH).print(table)
    content = {
        "measured": datetime.now(UTC),
        "machine": machine(),
        "load": busy,
        "attacks": found,
        "changes": {name: attacked.change for name, attacked in found.items()},
    }
    OUTPUT.mkdir(parents=True, exist_ok=True)
    path = OUTPUT / "attacks.json"
    path.write_bytes(msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n")
    if asked.docs:
        note = (
            f"시작할 때 부하 {busy} / load {busy} at the beginning; {asked.rounds} rounds of "
            f"{asked.orders} orders, quiet and attacked in turn"
        )
        write_document([table], [note], "wall", "attacks")


def _measure(home: Path, names: Sequence[str], rounds: int, orders: int) -> dict[str, Attacked]:
    found = {name: Attacked([], [], {}) for name in names}
    with a_stack(home) as running, logged_in(running) as client:
        await_trading(client)
        stolen = _steal(running, client)
        sender = _Sender(client)
        sender.stretch(_WARM)
        for number in range(rounds):
            for name, attacked in found.items():
                _round(sender, stolen, name, attacked, orders, is_quiet_first=number % 2 == 0)
    return found


def _round(
    sender: _Sender, stolen: Stolen, name: str, into: Attacked, orders: int, *, is_quiet_first: bool
) -> None:
    if is_quiet_first:
        into.quiet.append(sender.stretch(orders))
    with _attacking(name, stolen) as refused:
        sleep(PLANS[name].begun)
        into.attacked.append(sender.stretch(orders))
    into.refused = dict(Counter(into.refused) + refused)
    if not is_quiet_first:
        sleep(_ENDED)
        into.quiet.append(sender.stretch(orders))


class _Sender:
    """Sends orders one after the other."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self._number = -1

    def stretch(self, orders: int) -> float:
        """Return the 95th percentile of so many orders [ms]; they sell what the last bought."""
        sleep(_SETTLED)
        self._number += 1
        took = []
        for _ in range(orders):
            order = Order(self._client, self._number)
            self._number += 2
            began = perf_counter()
            order.send()
            took.append((perf_counter() - began) * 1_000)
            sleep(_PACE)
        return sorted(took)[round((orders - 1) * _SHARE)]


@contextmanager
def _attacking(name: str, stolen: Stolen) -> Iterator[Counter[str]]:
    """Let a process attack; what it counted is there at the end."""
    refused: Counter[str] = Counter()
    command = [sys.executable, "-m", "benchmarks.server.attacks", name]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    stdin = process.stdin
    if stdin is None:
        raise RuntimeError("the attacker cannot be told anything")
    stdin.write(msgspec.json.encode(stolen) + b"\n")
    stdin.flush()
    yield refused
    told, _ = process.communicate()
    refused.update(msgspec.json.decode(told, type=dict[str, int]))


def _steal(running: Running, client: httpx.Client) -> Stolen:
    """Take what an attacker might have; what is good for nothing must be so already."""
    login = find_demo_login(running.settings)
    if login is None:
        raise RuntimeError("the demo has left no login")
    asked = {"name": "stolen", "scope": "READ"}
    made = client.post("/api/auth/tokens", json=asked).raise_for_status().json()
    client.delete(f"/api/auth/tokens/{made['shown']['token_id']}").raise_for_status()
    ended = _begun(running, login.user_id, login.password)
    with httpx.Client(base_url=running.url, headers={"Origin": running.url}) as other:
        other.post("/api/auth/logout", headers={"Cookie": ended}).raise_for_status()
    return Stolen(
        url=running.url,
        user_id=login.user_id,
        cookie=client.headers["Cookie"],
        ended=ended,
        half_way=_begun(running, login.user_id, login.password),
        code=login.code()[0],
        token=made["token"],
    )


def _begun(running: Running, user_id: str, password: str) -> str:
    """Return the cookie of a login before its second factor."""
    asked = {"user_id": user_id, "password": password}
    with httpx.Client(base_url=running.url, headers={"Origin": running.url}) as client:
        answer = client.post("/api/auth/login", json=asked).raise_for_status()
    return answer.headers["set-cookie"].partition(";")[0]


def _table(found: dict[str, Attacked]) -> Table:
    table = Table(title="공격받는 동안의 주문 / an order under attack, p95 [ms]")
    table.add_column("")
    for title in ("조용할 때 / quiet", "공격 중 / attacked", "변화 / change"):
        table.add_column(title, justify="right")
    table.add_column("거절 / refused with")
    for name, attacked in found.items():
        told = sorted(attacked.refused.items(), key=lambda each: -each[1])
        table.add_row(
            name,
            f"{median(attacked.quiet):.1f}",
            f"{median(attacked.attacked):.1f}",
            f"{attacked.change:+.0%}",
            ", ".join(f"{what.strip()} ×{times:,}" for what, times in told[:3]),
        )
    return table


if __name__ == "__main__":
    main()
