"""Writes what was measured: as JSON, and as the figures in the document."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec
from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table

from benchmarks.bar_sets import OUTPUT, ROOT, SETS
from benchmarks.machine import load, machine
from benchmarks.runs import Series
from benchmarks.tables import Ours

DOCUMENT: Final = ROOT / "docs" / "benchmarks.md"


def write_json(ours: Ours, peers: Mapping[str, Series], clock: str) -> Path:
    """Write every run, and return where."""
    content = {
        "measured": datetime.now(UTC),
        "machine": machine(),
        "load": load(),
        "clock": clock,
        "sets": {name: SETS[name] for name in ours},
        "ours": ours,
        "peers": peers,
    }
    path = OUTPUT / "backtest.json"
    path.write_bytes(msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n")
    return path


def write_document(
    tables: Sequence[Table], notes: Sequence[str], clock: str, part: str = "figures"
) -> None:
    """Put tables between the marks of their part of the document; what is around them stays."""
    begin, end = f"<!-- {part}: begin -->", f"<!-- {part}: end -->"
    before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(begin)
    after = rest.partition(end)[2]
    facts = machine()
    where = f"{facts['processor']}, {facts['cores']} cores, {facts['system']}"
    when = f"{datetime.now(UTC):%Y-%m-%d}"
    first = f"{when}; {where}; Python {facts['python']}; {clock} time."
    parts = [first, *notes, *map(_markdown, tables)]
    text = "\n\n".join([before + begin, *parts, end + after])
    DOCUMENT.write_text(text, encoding="utf-8")


def _markdown(table: Table) -> str:
    """Return the table in Markdown, its title above it."""
    title, table.title, table.box = table.title, None, MARKDOWN
    page = io.StringIO()
    Console(file=page, width=400).print(table)
    lines = [line.strip() for line in page.getvalue().splitlines() if line.strip()]
    return "\n".join([f"**{title}**", "", *lines] if title else lines)
