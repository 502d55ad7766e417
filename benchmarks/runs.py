"""Runs measurements one after the other, each in a process of its own, and takes medians."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Final

import msgspec

from benchmarks.bar_sets import ROOT

_PATIENCE: Final = 300  # s; a run that takes longer is not worth its figure

Clock = Callable[["Run"], float]


class MeasurementError(Exception):
    """A measured process failed; its own last words say why."""


class Run(msgspec.Struct, frozen=True):
    """
    What one process measured.

    Attributes:
        seconds: Wall time [s].
        cpu_seconds: Processor time [s]; far below the wall time if the machine was busy.
        bars: Bars of all instruments.
        peak_mb: Peak of the resident memory, the bars included [MB].
        orders: Orders sent.
        end_equity: Equity at the last close [won].
        refused: Orders refused by a check.
        order_hash: Hash over all requests and reports; peers have none.
        journal_records: Records encoded.
        journal_bytes: Their length [bytes].
    """

    seconds: float
    cpu_seconds: float
    bars: int
    peak_mb: float
    orders: int
    end_equity: float
    refused: int = 0
    order_hash: str = ""
    journal_records: int = 0
    journal_bytes: int = 0


class Series(msgspec.Struct, frozen=True):
    """The runs of one thing; they agree in everything but time and memory."""

    runs: Sequence[Run]

    @property
    def orders(self) -> int:
        """Orders of every run."""
        return self.runs[0].orders

    @property
    def peak_mb(self) -> float:
        """Largest peak [MB]."""
        return max(run.peak_mb for run in self.runs)

    def seconds(self, clock: Clock) -> float:
        """Return the median time of a run [s]."""
        return median(clock(run) for run in self.runs)

    def rate(self, clock: Clock) -> float:
        """Return the median speed [bars/s]."""
        return self.runs[0].bars / self.seconds(clock)


def series(runs: Sequence[Run]) -> Series:
    """
    Put runs of the same thing together.

    Raises:
        MeasurementError: They differ in their orders: what they measured is not one thing.
    """
    if len({(run.orders, run.order_hash, run.end_equity) for run in runs}) > 1:
        raise MeasurementError(
            "같은 실행인데 주문이 서로 다릅니다 / runs of the same thing differ in their orders"
        )
    return Series(runs)


def wall(run: Run) -> float:
    """Return the wall time of a run [s]."""
    return run.seconds


def processor(run: Run) -> float:
    """Return the processor time of a run [s]."""
    return run.cpu_seconds


def run_module(module: str, *args: str, patience: int = _PATIENCE) -> str:
    """Run one of our modules in a process of its own and return its output."""
    return run_command([sys.executable, "-m", module, *args], ROOT, patience)


def run_command(command: Sequence[str], folder: Path, patience: int = _PATIENCE) -> str:
    """
    Run a process to its end, which must come in time [s], and return its output.

    Raises:
        MeasurementError: It failed, or took too long.
    """
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            timeout=patience,
            capture_output=True,
            text=True,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise MeasurementError(f"{patience}초를 넘겼습니다 / took over {patience} s") from None
    if done.returncode:
        words = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise MeasurementError(words[-1] if words else f"exit code {done.returncode}")
    return done.stdout


def run_from_output(output: str) -> Run:
    """Return what a measured process says in its last line."""
    return msgspec.json.decode(output.strip().splitlines()[-1], type=Run)
