"""Measures, prints and writes what `bench_sweep.py` explains."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec
from rich.console import Console
from rich.table import Table

from benchmarks.bar_sets import MANY_DAILY, OUTPUT, ROOT
from benchmarks.machine import load, machine
from benchmarks.peers.environment import Peer, installed
from benchmarks.results import DOCUMENT, write_document
from benchmarks.runs import (
    Clock,
    MeasurementError,
    Run,
    Series,
    processor,
    run_command,
    run_from_output,
    run_module,
    series,
    wall,
)
from benchmarks.sweep.grid import PAIRS, cells

RATE: Final = 50e6  # bars/s a core, at least
TIMES: Final = 10.0  # as fast as vectorbt, at least
NEAR: Final = 1.8  # as fast on two cores as on one, at least
FORMS: Final = ("shares", "weight")
_PATIENCE: Final = 1_800  # s; a thousand pairs of vectorbt on a busy machine

VECTORBT: Final = Peer("vectorbt", "vectorbt", "vectorbt_signals.py")
_CLOCKS: Final[Mapping[str, Clock]] = {"wall": wall, "cpu": processor}


def main() -> None:
    """Measure, print, write."""
    asked = _arguments()
    clock = _CLOCKS[asked.clock]
    began = load()
    print("봉을 만듭니다 / making the bars", flush=True)
    run_module("benchmarks.bar_files")
    found = _measured(asked)
    beside = _beside(asked)
    grown = {count: _ours("weight", count, 1) for count in asked.memory}
    tables = [_speeds(found, clock), _cores(beside), _growth(grown)]
    notes = _notes(asked, began)
    console = Console(width=max(110, Console().width))
    for table in tables:
        console.print(table)
    for note in notes:
        print(note)
    path = OUTPUT / "sweep.json"
    content = {
        "measured": datetime.now(UTC),
        "machine": machine(),
        "load": began,
        "clock": asked.clock,
        "speed": found,
        "cores": beside,
        "memory": {str(count): run for count, run in grown.items()},
    }
    path.write_bytes(msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n")
    print(f"기록 / written: {path.relative_to(ROOT)}")
    if asked.docs:
        write_document(tables, notes, asked.clock, "sweep")
        print(f"고침 / renewed: {DOCUMENT.relative_to(ROOT)}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Speed of the sweep, beside vectorbt.")
    parser.add_argument("--runs", type=int, default=3, help="turns of ours (3)")
    parser.add_argument("--peer-runs", type=int, default=1, help="turns of vectorbt (1)")
    parser.add_argument("--pairs", type=int, default=PAIRS, help="pairs, of both (1000)")
    parser.add_argument("--memory", type=int, nargs="*", default=[100, 1_000, 3_000, 10_000])
    parser.add_argument("--clock", choices=_CLOCKS, default="wall", help="time that counts")
    parser.add_argument("--docs", action="store_true", help="renew docs/benchmarks.md")
    return parser.parse_args()


def _measured(asked: argparse.Namespace) -> dict[str, dict[str, Series]]:
    """Return the runs of ours and of the peer by form, taken in turn."""
    with_peer = installed(VECTORBT)
    found: dict[str, dict[str, Series]] = {}
    for form in FORMS:
        runs: dict[str, list[Run]] = {}
        for turn in range(max(asked.runs, asked.peer_runs)):
            print(f"  {form} {turn + 1}/{asked.runs} …", flush=True)
            if turn < asked.runs:
                runs.setdefault("maemae", []).append(_ours(form, asked.pairs, 1))
            if with_peer and turn < asked.peer_runs:
                runs.setdefault(VECTORBT.name, []).append(_theirs(form, asked.pairs))
        found[form] = {name: series(each) for name, each in runs.items()}
    return found


def _beside(asked: argparse.Namespace) -> list[Series]:
    """Return the runs on one core and on two, taken in turn."""
    turns = [[_ours("weight", asked.pairs, jobs) for jobs in (1, 2)] for _ in range(asked.runs)]
    return [series(runs) for runs in zip(*turns, strict=True)]


def _ours(form: str, count: int, jobs: int) -> Run:
    words = (form, str(count), str(jobs))
    return run_from_output(run_module("benchmarks.sweep.measure", *words, patience=_PATIENCE))


def _theirs(form: str, count: int) -> Run:
    words = ";".join(f"{int(pair['fast'])},{int(pair['slow'])}" for pair in cells(count))
    script = str(VECTORBT.requirements.parent / VECTORBT.script)
    command = [str(VECTORBT.python), script, str(MANY_DAILY.path), form, words]
    try:
        return run_from_output(run_command(command, OUTPUT, _PATIENCE))
    except MeasurementError as error:
        raise MeasurementError(f"vectorbt: {error}") from error


def _speeds(found: Mapping[str, Mapping[str, Series]], clock: Clock) -> Table:
    table = Table(title="한 코어 / one core", title_justify="left")
    for head in (
        "",
        "M bars/s",
        "목표 / target",
        "s",
        "주문 / orders",
        "× vectorbt",
        "목표 / target",
    ):
        table.add_column(head, justify="right" if head else "left")
    for form, both in found.items():
        peer = both.get(VECTORBT.name)
        for name, each in both.items():
            rate = each.rate(clock)
            is_ours = each is not peer
            times = rate / peer.rate(clock) if peer is not None else None
            table.add_row(
                f"{name if is_ours else _titled(VECTORBT)} {form}",
                f"{rate / 1e6:,.1f}",
                f"≥ {RATE / 1e6:.0f} {_tick(rate >= RATE)}" if is_ours else "",
                f"{each.seconds(clock):,.1f}",
                f"{each.orders:,}",
                "" if times is None else f"{times:.1f}",
                f"≥ {TIMES:.0f} {_tick(times >= TIMES)}" if is_ours and times is not None else "",
            )
    return table


def _titled(peer: Peer) -> str:
    return f"{peer.name} {peer.version}"


def _cores(beside: Sequence[Series]) -> Table:
    table = Table(title="코어 / cores", title_justify="left")
    for head in ("", "s", "cpu s", "× 1", "목표 / target"):
        table.add_column(head, justify="right")
    alone = beside[0].seconds(wall)
    for jobs, each in enumerate(beside, 1):
        times = alone / each.seconds(wall)
        table.add_row(
            str(jobs),
            f"{each.seconds(wall):.1f}",
            f"{each.seconds(processor):.1f}",
            f"{times:.2f}",
            f"≥ {NEAR:.1f} {_tick(times >= NEAR)}" if jobs > 1 else "",
        )
    return table


def _growth(grown: Mapping[int, Run]) -> Table:
    table = Table(title="메모리 / memory", title_justify="left")
    for head in ("조합 / pairs", "MB", "s", "cpu s"):
        table.add_column(head, justify="right")
    for count, run in grown.items():
        times = f"{run.seconds:.1f}", f"{run.cpu_seconds:.1f}"
        table.add_row(f"{count:,}", f"{run.peak_mb:,.0f}", *times)
    return table


def _notes(asked: argparse.Namespace, busy: float | None) -> list[str]:
    notes = [f"{asked.pairs:,} 조합, 양쪽 같음 / pairs, the same on both sides"]
    if busy is not None and busy > 0.5:
        notes.append(f"시작할 때 부하 {busy:.1f} / load {busy:.1f} at the beginning")
    return notes


def _tick(is_met: object) -> str:
    return "✔" if is_met else "✘"


if __name__ == "__main__":
    main()
