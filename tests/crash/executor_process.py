"""
The executor as a process of its own, made to die where a test wants it to.

Started as `python -m tests.crash.executor_process HOME PORT HURRY FAILPOINTS MUTANT`; the last
two may be empty. It says `ready` once commands are taken.
"""

from __future__ import annotations

import sys
from pathlib import Path

from maemae import failpoints
from maemae.app.executors import trade
from maemae.app.trade_request import TradeRequest
from maemae.domain.terms import Mode
from maemae.ports import Alert
from maemae.settings import Settings
from tests.brokers.sim_rig import ACCOUNT
from tests.crash.executor_mutants import MUTANTS

MANUAL_CASH = 60_000_000


class Screen:
    """Alerts on the standard output."""

    async def notify(self, alert: Alert) -> None:
        """Tell one."""
        say(f"ALERT {alert.code} {alert.subject} {alert.text.en}")


def say(line: str) -> None:
    """Tell the process that started this one."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(home: str, port: str, hurry: str, armed: str, mutant: str) -> None:
    """Run until told to stop."""
    failpoints.arm(armed)
    if mutant:
        MUTANTS[mutant]()
    request = TradeRequest(
        mode=Mode.SIM,
        account_id=ACCOUNT,
        port=int(port),
        manual_cash=MANUAL_CASH,
        hurry=int(hurry),
    )
    ending = trade(Settings(home=Path(home)), request, Screen(), lambda: say("ready"))
    say(ending)


if __name__ == "__main__":
    main(*sys.argv[1:])
