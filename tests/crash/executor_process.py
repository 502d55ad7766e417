"""
The executor as a process of its own, made to die where a test wants it to.

Started as `python -m tests.crash.executor_process LIFE`, a JSON text. It says `ready` once
commands are taken.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final
from unittest.mock import patch

import msgspec

from maemae import failpoints
from maemae.app.executors import trade
from maemae.app.trade_request import BrokerName, StrategyRequest, TradeRequest
from maemae.core.limits import Limits
from maemae.domain.ids import Symbol
from maemae.domain.terms import Mode
from maemae.ports import Alert
from maemae.settings import Settings
from maemae.trading import durable_core
from tests.brokers.sim_rig import ACCOUNT
from tests.crash.executor_mutants import MUTANTS

MANUAL_CASH = 60_000_000
SNAPSHOT_EVERY: Final = 20
"""Records: in earnest a hundred times as many, so that a life of seconds would see none."""


class Life(msgspec.Struct, frozen=True, kw_only=True):
    """
    What one process is started with.

    Attributes:
        home: Of settings.
        port: Of the broker on this machine.
        mode: SIM for the simulated broker, PAPER for the emulated Kiwoom server.
        symbols: What is streamed; None for everything in the dataset.
        hurry: How many times as fast the wall's constants go.
        database: URL; None for a file in the data folder.
        limits: Of every sleeve.
        strategies: What trades by itself.
        dataset: Of the home, to warm strategies up with; None for `cards` if there are any.
        failpoints: Where it dies.
        mutant: Which of `MUTANTS` it is; empty for a sound one.
    """

    home: str
    port: int
    hurry: int
    mode: Mode = Mode.SIM
    symbols: tuple[Symbol, ...] | None = None
    database: str | None = None
    limits: Limits = Limits()
    strategies: tuple[StrategyRequest, ...] = ()
    dataset: str | None = None
    failpoints: str = ""
    mutant: str = ""


class Screen:
    """Alerts on the standard output."""

    async def notify(self, alert: Alert) -> None:
        """Tell one."""
        say(f"ALERT {alert.code} {alert.subject} {alert.text.en}")


def say(line: str) -> None:
    """Tell the process that started this one."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(life: Life) -> None:
    """Run until told to stop."""
    failpoints.arm(life.failpoints)
    patch.object(durable_core, "_SNAPSHOT_EVERY", SNAPSHOT_EVERY).start()
    if life.mutant:
        MUTANTS[life.mutant]()
    is_simulated = life.mode is Mode.SIM
    request = TradeRequest(
        mode=life.mode,
        account_id=ACCOUNT,
        port=life.port,
        broker=BrokerName.SIM if is_simulated else BrokerName.KIWOOM_REST,
        emulator_port=None if is_simulated else life.port,
        symbols=life.symbols,
        database=life.database,
        strategies=life.strategies,
        dataset=life.dataset or ("cards" if life.strategies else None),
        manual_cash=MANUAL_CASH,
        limits=life.limits,
        hurry=life.hurry,
    )
    ending = trade(Settings(home=Path(life.home)), request, Screen(), lambda: say("ready"))
    say(ending)


if __name__ == "__main__":
    main(msgspec.json.decode(sys.argv[1], type=Life))
