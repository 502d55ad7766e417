"""Which processes make a whole maemae, and how each shows that it is ready."""

from __future__ import annotations

import secrets
import socket
from http.client import HTTPConnection
from pathlib import Path
from typing import Final

import msgspec

from maemae.app.kiwoom.place import find_kiwoom_place
from maemae.app.sim_place import find_place
from maemae.app.stack import Member
from maemae.app.trade_request import BrokerName
from maemae.domain.errors import MaemaeError
from maemae.domain.terms import Mode
from maemae.settings import Settings
from maemae.trading.control.client import ask_executor
from maemae.trading.control.commands import LimitsQuery, StatusQuery
from maemae.trading.control.replies import Status, Usages

BROKER: Final = "broker"
EMULATOR: Final = "emulator"
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
        broker: Whose adapter it trades through.
        port: Of the page.
        speed: Of the simulated exchange.
        strategies: What trades.
        dataset: What strategies warm up with at a broker of the outside; None for none.
        symbols: What is traded there, as it was typed; None for everything in the dataset.
        is_demo: Whether the broker runs on this machine and the login is the demo's.
    """

    mode: Mode
    broker: BrokerName
    port: int
    speed: int
    strategies: tuple[str, ...]
    dataset: str | None
    symbols: str | None
    is_demo: bool


def members_of(settings: Settings, plan: StackPlan) -> list[Member]:
    """Return the processes in the order in which they need each other."""
    members = [_executor(settings, plan), _server(plan)]
    if not plan.is_demo:
        return members
    brokers = {BrokerName.SIM: _sim_broker, BrokerName.KIWOOM_REST: _kiwoom_emulator}
    return [brokers[plan.broker](settings, plan), *members]


def _sim_broker(settings: Settings, plan: StackPlan) -> Member:
    words = ("emulate", "sim", *_usual(plan))
    return Member(BROKER, words, lambda: _listens(find_place(settings).port))


def _kiwoom_emulator(settings: Settings, plan: StackPlan) -> Member:
    """Return an emulator with keys of its own, which no server of Kiwoom's knows."""
    app_key, secret_key = secrets.token_hex(16), secrets.token_hex(16)
    keys = ("--app-key", app_key, "--secret-key", secret_key)

    def listens() -> bool:
        place = find_kiwoom_place(settings)
        return place is not None and place.app_key == app_key and _listens(place.port)

    return Member(EMULATOR, ("emulate", "kiwoom-rest", *_usual(plan), *keys), listens)


def _usual(plan: StackPlan) -> tuple[str, ...]:
    return "--port", str(_free_port()), "--speed", str(plan.speed), "--skip-nights"


def _free_port() -> int:
    """Return a port that is free now; a broker that is started again must have the same one."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _executor(settings: Settings, plan: StackPlan) -> Member:
    words = ["trade", "--mode", plan.mode.lower(), "--broker", word_of(plan.broker)]
    for name in plan.strategies:
        words += ["--strategy", name]
    for option, given in (("--dataset", plan.dataset), ("--symbols", plan.symbols)):
        if given is not None:
            words += [option, given]
    if plan.is_demo:
        words += ["--cash", _CASH, "--state", "active"]
        if plan.broker is not BrokerName.SIM:
            words.append("--emulator")
    home = settings.data_folder(plan.mode)
    # A broker of the outside may be closed for the night; the server then learns of accounts later.
    is_ready = _has_sleeves if plan.is_demo else _answers
    return Member(EXECUTOR, words, lambda: is_ready(home))


def _server(plan: StackPlan) -> Member:
    words = ["serve", "--port", str(plan.port)]
    if plan.is_demo:
        words.append("--demo")
    return Member(SERVER, words, lambda: _serves(plan.port))


def word_of(broker: BrokerName) -> str:
    """Return what a person types for a broker."""
    return broker.value.lower().replace("_", "-")


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), _KNOCK_SECS):
            return True
    except OSError:
        return False


def _answers(home: Path) -> bool:
    try:
        return isinstance(ask_executor(home, StatusQuery(), _KNOCK_SECS), Status)
    except MaemaeError:
        return False


def _has_sleeves(home: Path) -> bool:
    """Whether recovery has come so far that there is an account to look at."""
    try:
        told = ask_executor(home, LimitsQuery(), _KNOCK_SECS)
    except MaemaeError:
        return False
    return isinstance(told, Usages) and bool(told.usages)


def _serves(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=_KNOCK_SECS)
    try:
        connection.request("GET", "/api/system/health")
        return connection.getresponse().status == _OK
    except OSError:
        return False
    finally:
        connection.close()
