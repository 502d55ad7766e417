"""Measures, prints and writes what `bench_backtest.py` explains."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from rich.console import Console

from benchmarks.bar_sets import ONE_LONG, ROOT, SETS
from benchmarks.peers.environment import FORMS, PEERS, Peer, installed
from benchmarks.results import DOCUMENT, write_document, write_json
from benchmarks.runs import (
    Clock,
    MeasurementError,
    Run,
    Series,
    processor,
    run_from_output,
    run_module,
    series,
    wall,
)
from benchmarks.tables import Ours, ratio_table, speed_table

_OUR_FORMS: Final = ("quiet", "mute", "trigger", "on_bar")
_COMPARED: Final = {"maemae trigger": "trigger", "maemae on_bar": "on_bar"}
_CLOCKS: Final[Mapping[str, Clock]] = {"wall": wall, "cpu": processor}
_WIDTH: Final = 110  # columns, also where the output is a file
_BUSY: Final = 1.1  # wall time over processor time; above it something else was running


def measure_ours(names: Iterable[str], runs: int) -> Ours:
    """
    Measure every form over every set.

    Raises:
        MeasurementError: A run failed, or the two forms of one strategy differ in their orders.
    """
    found: dict[str, dict[str, Series]] = {}
    for name in names:
        print(f"  {SETS[name].title} …", flush=True)
        forms = {form: series([_ours(name, form) for _ in range(runs)]) for form in _OUR_FORMS}
        series([forms["trigger"].runs[0], forms["on_bar"].runs[0]])
        found[name] = forms
    return found


def measure_peers(runs: int, length: int) -> dict[str, Series]:
    """
    Measure the peers that can be installed, in turn with ours.

    Raises:
        MeasurementError: One of our own runs failed.
    """
    found: dict[str, list[Run]] = {name: [] for name in _COMPARED}
    present = [peer for peer in PEERS if installed(peer)]
    for turn in range(runs):
        print(f"  {turn + 1}/{runs} …", flush=True)
        for name, form in _COMPARED.items():
            found[name].append(_ours(ONE_LONG.name, form, str(length)))
        for peer in present:
            for form in FORMS:
                name = f"{peer.name} {peer.version} {form}"
                found.setdefault(name, []).extend(_theirs(peer, form, length))
    return {name: series(one) for name, one in found.items() if one}


def _ours(name: str, form: str, *length: str) -> Run:
    return run_from_output(run_module("benchmarks.measure", name, form, *length))


def _theirs(peer: Peer, form: str, length: int) -> list[Run]:
    try:
        return [peer.measure(ONE_LONG, length, form)]
    except MeasurementError as error:
        print(f"  {peer.name} {form}: 잴 수 없습니다 / cannot be measured: {error}")
        return []


def main() -> None:
    """Measure, print, write."""
    asked = _arguments()
    clock = _CLOCKS[asked.clock]
    console = Console(width=max(_WIDTH, Console().width))
    print("봉을 만듭니다 / making the bars", flush=True)
    run_module("benchmarks.bar_files")
    print("maemae 를 잽니다 / measuring maemae", flush=True)
    ours = measure_ours(asked.sets, asked.runs)
    peers: dict[str, Series] = {}
    if asked.peers:
        print("다른 프로그램과 번갈아 잽니다 / measuring in turn with the peers", flush=True)
        peers = measure_peers(asked.peer_runs, asked.peer_bars)
    tables = [speed_table(ours, clock)]
    if peers:
        tables.append(ratio_table(peers, tuple(_COMPARED), clock))
    notes = _notes([*(one for forms in ours.values() for one in forms.values()), *peers.values()])
    for table in tables:
        console.print(table)
    for note in notes:
        print(note)
    print(f"기록 / written: {write_json(ours, peers, asked.clock).relative_to(ROOT)}")
    if asked.docs:
        write_document(tables, notes, asked.clock)
        print(f"고침 / renewed: {DOCUMENT.relative_to(ROOT)}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Speed of the backtest, beside its peers.")
    parser.add_argument("--runs", type=int, default=5, help="processes a figure (5)")
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument("--clock", choices=_CLOCKS, default="wall", help="time that counts")
    parser.add_argument("--peers", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--peer-runs", type=int, default=3, help="turns with the peers (3)")
    parser.add_argument("--peer-bars", type=int, default=ONE_LONG.length)
    parser.add_argument("--docs", action="store_true", help="renew docs/benchmarks.md")
    return parser.parse_args()


def _notes(every: Sequence[Series]) -> list[str]:
    """Say what makes the figures worth less, if anything does."""
    held_up = max(run.seconds / run.cpu_seconds for one in every for run in one.runs)
    refused = max(run.refused for one in every for run in one.runs)
    notes = []
    if held_up > _BUSY:
        notes.append(
            f"다른 일로 바쁜 컴퓨터였습니다: 가장 느려진 실행이 {held_up:.1f}배 걸렸습니다 / "
            f"the machine was busy: the worst run took {held_up:.1f} times its processor time"
        )
    if refused:
        notes.append(
            f"거부된 주문이 있습니다: {refused:,} / orders were refused: the figures are not of "
            "the run that is meant"
        )
    return notes


if __name__ == "__main__":
    try:
        main()
    except MeasurementError as error:
        sys.exit(f"✘ {error}")
