"""Journals with a little trading in them, and ways to look at one from outside."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

from maemae.core.actions import Action
from maemae.core.events import Event
from maemae.core.machine import TradingCore
from maemae.domain.instant import SECOND
from maemae.domain.terms import Side
from maemae.storage.journal import SqliteJournal
from maemae.storage.records import Header
from tests.builders import NOON, a_config, a_fill, a_price, a_report, an_intent, opening

Turn = tuple[Event, Sequence[Action]]


def a_header(*, market: str = "market", config: str = "config") -> Header:
    """Return the header of a run."""
    return Header("test", market, config, "build", NOON)


def a_journal(folder: Path, *, snapshot_every: int = 500) -> SqliteJournal:
    """Open the journal of a folder."""
    return SqliteJournal(folder / "journal.db", a_header(), snapshot_every=snapshot_every)


def some_trading(rounds: int = 3) -> list[Event]:
    """Return the events of a core that buys and sells 10 shares some times."""
    events = opening()
    for number in range(1, 2 * rounds + 1):
        side = Side.BUY if number % 2 else Side.SELL
        at = NOON + number * SECOND
        events += [
            an_intent(side, 10, intent_id=f"wish-{number}", at=at),
            a_report(cl_ord_id=number, order_id=f"{number:07d}", at=at),
            a_fill(4, 10_000, f"F{number}-1", number, at),
            a_price(10_000 + 10 * number, at=at),
            a_fill(6, 10_010, f"F{number}-2", number, at),
        ]
    return events


def journaled(journal: SqliteJournal, events: Iterable[Event]) -> tuple[TradingCore, list[Turn]]:
    """Let a new core handle events and journal every turn; return both."""
    core = TradingCore(a_config())
    turns: list[Turn] = []
    for event in events:
        actions = core.handle(event)
        turns.append((event, actions))
        journal.append(event, actions)
        if journal.wants_snapshot:
            journal.snapshot(core.state)
        journal.commit()
    return core, turns


def tamper(folder: Path, statement: str, *values: object) -> None:
    """Change a journal behind its back."""
    with closing(sqlite3.connect(folder / "journal.db")) as connection, connection:
        connection.execute(statement, values)


def in_another_process(script: str, path: Path) -> str:
    """Return what a script prints that is given a path and the sqlite3 module."""
    command = [sys.executable, "-S", "-c", f"import sqlite3, sys\npath = sys.argv[1]\n{script}"]
    done = subprocess.run([*command, str(path)], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def seen_from_outside(folder: Path) -> int:
    """Return how many records another process sees."""
    script = (
        "connection = sqlite3.connect(f'file:{path}?mode=ro', uri=True)\n"
        "print(connection.execute('SELECT count(*) FROM record').fetchone()[0])"
    )
    return int(in_another_process(script, folder / "journal.db"))
