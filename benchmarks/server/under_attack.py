"""Measures, prints and writes what `bench_attacks.py` explains."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, sleep
from typing import IO, Final

import httpx
import msgspec
import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.bar_sets import OUTPUT
from benchmarks.machine import load, machine
from benchmarks.results import write_document
from benchmarks.server.attacks import GO, PLANS, READY, REST, Stolen, address_of
from benchmarks.server.orders import Order, await_filled, await_trading
from benchmarks.server.stack import Running, a_stack, logged_in
from maemae.app.demo_login import find_demo_login

_ROUNDS: Final = 4
_ORDERS: Final = 100  # of a row, quiet and attacked each
_PACE: Final = 0.2  # s; the broker takes five requests a second
_WARM: Final = 24  # orders that are not counted, and shares that are there to be sold
_ENDED: Final = 0.4  # s until nothing of an attack is left
_MOST: Final = 0.2  # change that is put up with
_DRAWS: Final = 2_000
_WIDTH: Final = 140
_NOTHING: Final = "nothing"
_ALL: Final = "모두 함께 / all of them together"


class Attacked(msgspec.Struct, frozen=True):
    """
    What an attack did to orders.

    Attributes:
        quiet, attacked: What each order took, from the request to the answer [ms].
        refused: How often the attacker was answered what.
    """

    quiet: list[float]
    attacked: list[float]
    refused: dict[str, int]

    @property
    def change(self) -> float:
        """Change of the 95th percentile, as a share."""
        return _p95(self.attacked) / _p95(self.quiet) - 1

    @property
    def spread(self) -> tuple[float, float]:
        """Between what nine of ten changes lie when orders like these are drawn again."""
        dice = np.random.default_rng(0)

        def drawn(values: list[float]) -> list[float]:
            return [_p95(dice.choice(values, len(values)).tolist()) for _ in range(_DRAWS)]

        pairs = zip(drawn(self.attacked), drawn(self.quiet), strict=True)
        low, high = np.quantile([attacked / quiet - 1 for attacked, quiet in pairs], (0.05, 0.95))
        return float(low), float(high)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description="What an order costs under attack.")
    parser.add_argument("--rounds", type=int, default=_ROUNDS)
    parser.add_argument("--orders", type=int, default=_ORDERS, help="of a row, on each side")
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
        "changes": {name: (row.change, *row.spread) for name, row in found.items()},
    }
    OUTPUT.mkdir(parents=True, exist_ok=True)
    path = OUTPUT / "attacks.json"
    path.write_bytes(msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n")
    if asked.docs:
        note = (
            f"시작할 때 부하 {busy} / load {busy} at the beginning; in each row {asked.orders} "
            "orders while it is quiet and as many under attack"
        )
        write_document([table], [note], "wall", "attacks")


def _measure(home: Path, names: Sequence[str], rounds: int, orders: int) -> dict[str, Attacked]:
    found: dict[str, Attacked] = {}
    with a_stack(home) as running, logged_in(running) as client:
        await_trading(client)
        stolen = _steal(running, client)
        sender = _Sender(client)
        sender.stretch(_WARM)
        for name in names:
            found[name] = _row(sender, stolen, name, rounds, orders)
    attacks = [row for name, row in found.items() if name != _NOTHING]
    return {**found, _ALL: _together(attacks)} if len(attacks) > 1 else found


def _row(sender: _Sender, stolen: Stolen, name: str, rounds: int, orders: int) -> Attacked:
    """Measure an attack: quiet, attacked, attacked, quiet, and so on."""
    plan, row = PLANS[name], Attacked([], [], {})
    rounds = plan.rounds or rounds
    with _attacker(name, stolen, row.refused) as tell:
        for number in range(rounds):
            for is_attacked in (number % 2 == 1, number % 2 == 0):
                tell(REST)
                sender.settle()
                tell(GO if is_attacked else REST)
                sleep(plan.begun if is_attacked else _ENDED)
                took = sender.stretch(orders // rounds)
                (row.attacked if is_attacked else row.quiet).extend(took)
    return row


def _together(rows: Sequence[Attacked]) -> Attacked:
    quiet = [took for row in rows for took in row.quiet]
    attacked = [took for row in rows for took in row.attacked]
    return Attacked(quiet, attacked, {})


def _p95(values: Sequence[float]) -> float:
    return float(np.quantile(values, 0.95))


class _Sender:
    """Sends orders one after the other, at a pace."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self._number = -1

    def settle(self) -> None:
        """Wait until what was sent has filled."""
        await_filled(self._client)

    def stretch(self, orders: int) -> list[float]:
        """Return what so many orders took [ms]; they sell what the last stretch bought."""
        self._number += 1
        took = []
        for _ in range(orders):
            order = Order(self._client, self._number)
            self._number += 2
            await_trading(self._client)  # an instrument may go a minute without a print
            began = perf_counter()
            order.send()
            took.append((perf_counter() - began) * 1_000)
            sleep(max(0.0, began + _PACE - perf_counter()))
        return took


@contextmanager
def _attacker(
    name: str, stolen: Stolen, refused: dict[str, int]
) -> Iterator[Callable[[bytes], None]]:
    """Give what tells a process to attack or to rest; what it counted is there at the end."""
    command = [sys.executable, "-m", "benchmarks.server.attacks", name]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    stdin, stdout = _ends(process)

    def tell(line: bytes) -> None:
        stdin.write(line)
        stdin.flush()

    there = msgspec.structs.replace(stolen, address=address_of(name))
    tell(msgspec.json.encode(there) + b"\n")
    if stdout.readline() != READY:
        raise RuntimeError("the attacker does not begin")
    try:
        yield tell
    finally:
        told, _ = process.communicate()
    refused.update(msgspec.json.decode(told, type=dict[str, int]))


def _ends(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("the attacker cannot be told anything")
    return process.stdin, process.stdout


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
        address="",
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
    for title in ("조용할 때 / quiet", "공격 중 / attacked", "변화 / change (< 20 %)", "90 %"):
        table.add_column(title, justify="right")
    table.add_column("거절 / refused with")
    for name, row in found.items():
        told = sorted(row.refused.items(), key=lambda each: -each[1])
        low, high = row.spread
        table.add_row(
            name,
            f"{_p95(row.quiet):.1f}",
            f"{_p95(row.attacked):.1f}",
            f"{row.change:+.0%} {'✔' if row.change < _MOST else '✘'}",
            f"{low:+.0%} … {high:+.0%}",
            ", ".join(f"{what.strip()} ×{times:,}" for what, times in told[:3]),
        )
    return table


if __name__ == "__main__":
    main()
