"""Measures, prints and writes what `bench_server.py` explains."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec
from rich.console import Console
from rich.table import Table

from benchmarks.bar_sets import OUTPUT
from benchmarks.machine import load, machine
from benchmarks.results import write_document
from benchmarks.runs import run_module
from benchmarks.server.orders import Served

_ORDERS: Final = "150"
_WIDTH: Final = 110  # columns, also where the output is a file


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description="What an order over the API costs.")
    parser.add_argument("--orders", default=_ORDERS, help=f"how many (default {_ORDERS})")
    parser.add_argument("--docs", action="store_true", help="renew docs/benchmarks.md")
    asked = parser.parse_args(arguments)
    busy = load()
    line = run_module("benchmarks.server.orders", asked.orders).strip().splitlines()[-1]
    served = msgspec.json.decode(line, type=Served)
    tables = [_latency(served), _parts(served)]
    console = Console(width=_WIDTH)
    for table in tables:
        console.print(table)
    _write_json(served, busy)
    if asked.docs:
        note = f"시작할 때 부하 {busy} / load {busy} at the beginning; {asked.orders} orders"
        write_document(tables, [note], "wall", "server")


def _latency(served: Served) -> Table:
    table = Table(title="API 로 낸 주문 / an order over the API [ms]")
    for title in ("", "p50", "p95", "p99"):
        table.add_column(title, justify="left" if not title else "right")
    for title, spread in (
        ("답까지 (저장됨) / to the answer, durable", served.answered),
        ("증권사 접수까지 / to the broker's acknowledgment", served.acknowledged),
        ("조회 한 번 / one query", served.looked),
        ("빈 FastAPI 경로 / an empty FastAPI route", served.empty),
        ("맨 커밋 / a bare commit", served.commit),
    ):
        table.add_row(title, *(f"{value:.2f}" for value in spread))
    return table


def _parts(served: Served) -> Table:
    table = Table(title="프로세스 / processes")
    for title in ("", "준비까지 / to ready [s]", "PSS [MB]"):
        table.add_column(title, justify="left" if not title else "right")
    for name, ready in served.ready.items():
        table.add_row(name, f"{ready.seconds:.1f}", f"{ready.memory:.0f}")
    seconds = sum(ready.seconds for ready in served.ready.values())
    memory = sum(ready.memory for ready in served.ready.values())
    table.add_row("모두 / all", f"{seconds:.1f}", f"{memory:.0f}")
    return table


def _write_json(served: Served, busy: float | None) -> None:
    content = {
        "measured": datetime.now(UTC),
        "machine": machine(),
        "load": busy,
        "served": served,
    }
    OUTPUT.mkdir(parents=True, exist_ok=True)
    path = OUTPUT / "server.json"
    path.write_bytes(msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n")


if __name__ == "__main__":
    main()
