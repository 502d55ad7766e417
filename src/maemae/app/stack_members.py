"""Which processes make a whole maemae, and how each shows that it is ready."""

from __future__ import annotations

import socket
from http.client import HTTPConnection
from pathlib import Path
from typing import Final

import msgspec

from maemae.app.sim_place import find_place
from maemae.app.stack import Member
from maemae.domain.errors import MaemaeError
from maemae.domain.terms import Mode
from maemae.settings import Settings
from maemae.trading.control.client import ask_executor
from maemae.trading.control.commands import StatusQuery
from maemae.trading.control.replies import Status

BROKER: Final = "broker"
EXECUTOR: Final = "executor"
SERVER: Final = "server"

_KNOCK_SECS: Final = 0.5
_OK: Final = 200
_CASH: Final = "20000000"  # of each strategy, of the ₩50,000,000 that the account has


class StackPlan(msgspec.Struct, frozen=True, kw_only=True):
    """
    What shall run.

    Attributes:
        mode: Whose market the executor trades on.
        port: Of the page.
        speed: Of the simulated exchange.
        strategies: What trades.
        is_demo: Whether the broker is simulated and the login is the demo's.
    """

    mode: Mode
    port: int
    speed: int
    strategies: tuple[str, ...]
    is_demo: bool


def members_of(settings: Settings, plan: StackPlan) -> list[Member]:
    """Return the processes in the order in which they need each other."""
    members = [_executor(settings, plan), _server(plan)]
    return [_sim_broker(settings, plan), *members] if plan.is_demo else members


def _sim_broker(settings: Settings, plan: StackPlan) -> Member:
    words = ("emulate", "sim", "--port", "0", "--speed", str(plan.speed), "--skip-nights")
    return Member(BROKER, words, lambda: _listens(find_place(settings).port))


def _executor(settings: Settings, plan: StackPlan) -> Member:
    words = ["trade", "--mode", plan.mode.lower()]
    for name in plan.strategies:
        words += ["--strategy", name]
    if plan.is_demo:
        words += ["--cash", _CASH, "--state", "active"]
    return Member(EXECUTOR, words, lambda: _trades(settings.data_folder(plan.mode)))


def _server(plan: StackPlan) -> Member:
    words = ["serve", "--port", str(plan.port)]
    if plan.is_demo:
        words.append("--demo")
    return Member(SERVER, words, lambda: _serves(plan.port))


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), _KNOCK_SECS):
            return True
    except OSError:
        return False


def _trades(home: Path) -> bool:
    try:
        return isinstance(ask_executor(home, StatusQuery(), _KNOCK_SECS), Status)
    except MaemaeError:
        return False


def _serves(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=_KNOCK_SECS)
    try:
        connection.request("GET", "/api/system/health")
        return connection.getresponse().status == _OK
    except OSError:
        return False
    finally:
        connection.close()
