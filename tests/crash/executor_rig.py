"""An executor's process and whoever commands it, for tests that kill it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from maemae.domain.errors import MaemaeError
from maemae.domain.ids import ClOrdId
from maemae.domain.intent import Shares
from maemae.domain.terms import Side, TradingState
from maemae.trading.control.client import ask_executor
from maemae.trading.control.commands import (
    Ask,
    Cancel,
    OrdersQuery,
    PlaceOrder,
    SetTradingState,
    StatusQuery,
)
from maemae.trading.control.replies import Accepted, Failed, Orders, Reply, Status
from tests.brokers.sim_rig import ACCOUNT, PRICE, RISING, STILL
from tests.crash.executor_process import Life

HURRY: Final = 20
_PATIENCE_SECS: Final = 60.0
_LOOK_SECS: Final = 0.05


class ExecutorRig:
    """
    One executor's data folder and the process that works on it.

    Args:
        home: Of settings; the executor's own folder is that of its mode in it.
        port: Of the broker.
        settings: What differs from the usual `Life`.
    """

    def __init__(self, home: Path, port: int, **settings: object) -> None:
        usual = Life(home=str(home), port=port, hurry=HURRY)
        self.life = msgspec.structs.replace(usual, **settings)
        self.home = home / self.life.mode.lower()
        self._process: subprocess.Popen[bytes] | None = None
        self._said = home / "said"
        home.mkdir(exist_ok=True)

    @property
    def database(self) -> str:
        """URL of its store."""
        return self.life.database or f"sqlite:///{self.home / 'maemae.db'}"

    @property
    def said(self) -> str:
        """Everything that its processes have said."""
        return self._said.read_text() if self._said.exists() else ""

    def start(self, failpoints: str = "", mutant: str = "") -> None:
        """Start a process; it takes commands soon."""
        life = msgspec.structs.replace(self.life, failpoints=failpoints, mutant=mutant)
        command = [sys.executable, "-m", "tests.crash.executor_process"]
        command.append(msgspec.json.encode(life).decode())
        with self._said.open("ab") as said:
            self._process = subprocess.Popen(command, stdout=said, stderr=said)

    @property
    def pid(self) -> int:
        """Number of its newest process."""
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """End it as `kill -9` does; it may be dead already."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=_PATIENCE_SECS)

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self._process is not None
        self._process.send_signal(number)

    def stop(self, within_secs: float = _PATIENCE_SECS) -> int:
        """Ask it to end; return what it exits with."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(timeout=within_secs)

    @property
    def is_dead(self) -> bool:
        """Whether the process has ended."""
        return self._process is None or self._process.poll() is not None

    def ask(self, ask: Ask) -> Reply | None:
        """Return its answer, None if there is none now."""
        try:
            reply = ask_executor(self.home, ask, timeout_secs=5.0)
        except MaemaeError:
            return None
        return None if isinstance(reply, Failed) else reply

    def status(self) -> Status | None:
        """Return how it stands, None if it does not say."""
        status = self.ask(StatusQuery())
        return status if isinstance(status, Status) else None

    def settles(self, within_secs: float = _PATIENCE_SECS) -> bool:
        """Wait until it trades and nothing is in doubt; return whether it came to that."""
        deadline = time.monotonic() + within_secs
        while time.monotonic() < deadline and not self.is_dead:
            status = self.status()
            if status is not None and _is_settled(status):
                return True
            time.sleep(_LOOK_SECS)
        return False

    def open_trading(self) -> None:
        """Let it trade; a restart keeps that."""
        deadline = time.monotonic() + _PATIENCE_SECS
        while self.ask(SetTradingState("open", "test", TradingState.ACTIVE, "test")) is None:
            if self.is_dead or time.monotonic() > deadline:
                raise AssertionError(f"it takes no command\n{self.said[-4_000:]}")
            time.sleep(_LOOK_SECS)
        assert self.settles(), self.said[-4_000:]

    def comes_to_rest(self, within_secs: float = _PATIENCE_SECS) -> bool:
        """Cancel what works, until nothing does: from then on broker and book stand still."""
        deadline = time.monotonic() + within_secs
        while time.monotonic() < deadline and not self.is_dead:
            told = self.ask(OrdersQuery())
            if isinstance(told, Orders):
                if not told.orders:
                    return True
                for order in told.orders:
                    self.ask(Cancel(f"rest-{uuid.uuid4().hex}", "test", order.cl_ord_id))
            time.sleep(4 * _LOOK_SECS)
        return False

    def orders(self) -> Orders | None:
        """Return its orders of the day, None if it does not say."""
        orders = self.ask(OrdersQuery(is_open_only=False))
        return orders if isinstance(orders, Orders) else None


def _is_settled(status: Status) -> bool:
    is_open = status.trading_state is TradingState.ACTIVE
    return is_open and not status.unknown_orders and not status.outbox


class Customer:
    """
    Commands an executor as an impatient program does: what has no answer is asked again.

    Args:
        rig: The executor.
        seed: Of what is wished.
    """

    def __init__(self, rig: ExecutorRig, seed: int) -> None:
        self._rig = rig
        self._random = np.random.default_rng(seed)
        self._count = 0
        self._unanswered: list[Ask] = []

    def act(self) -> None:
        """Wish one thing, or ask again for one that was not answered."""
        if self._unanswered and self._random.random() < 0.5:
            ask = self._unanswered.pop(0)
        else:
            ask = self._wish()
        if not isinstance(self._rig.ask(ask), Accepted):
            self._unanswered.append(ask)

    def insist(self) -> None:
        """Ask for everything again that was not answered."""
        waiting, self._unanswered = self._unanswered, []
        for ask in waiting:
            if not isinstance(self._rig.ask(ask), Accepted):
                self._unanswered.append(ask)

    def _wish(self) -> Ask:
        self._count += 1
        key, draw = f"wish-{self._count}", self._random.random()
        symbol = STILL if self._random.random() < 0.5 else RISING
        if draw < 0.15 and self._count > 5:
            number = ClOrdId(int(self._random.integers(1, self._count)))
            return Cancel(key, "test", number)
        side = Side.SELL if draw < 0.35 else Side.BUY
        price = (None, PRICE, PRICE - 100)[int(self._random.integers(3))]
        if symbol == RISING or side is Side.SELL:
            price = None
        stop = 30_000 if side is Side.BUY else None
        shares = Shares(int(self._random.integers(1, 5)))
        return PlaceOrder(key, "test", ACCOUNT, symbol, side, shares, price=price, stop_loss=stop)
