"""A session that is traded by real processes, recorded, and ready to be looked at."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import msgspec

from maemae.app.trade_request import StrategyRequest, strategy_request
from maemae.domain.errors import MaemaeError
from maemae.domain.ids import AccountId
from maemae.domain.instant import MINUTE, SECOND
from maemae.domain.terms import Mode
from maemae.emulators.market_source import CatalogueSource
from maemae.emulators.sim.config import SimBrokerConfig
from maemae.krx.calendar import previous_session
from maemae.krx.session import regular_close
from maemae.settings import Settings
from maemae.trading.control.client import ask_executor
from maemae.trading.control.commands import StatusQuery
from maemae.trading.control.replies import Status
from tests.commands.processes import COMMAND, environment

ACCOUNT = AccountId("SIM")
CASH = 500_000_000
_HURRY = 10
_BUILD = {"MAEMAE_TEST_BUILD": "1", "MAEMAE_HURRY": str(_HURRY)}
_PATIENCE_SECS = 120.0
_LOOK_SECS = 0.2


class TradedSession(msgspec.Struct, frozen=True):
    """
    A session to trade.

    Attributes:
        home: Of settings; its catalogue holds the dataset.
        day: The session; the one before it is in the dataset too.
        values: Parameters of the only strategy, as they are typed.
        speed: Seconds of the exchange in a second of the wall.
    """

    home: Path
    dataset: str
    day: date
    strategy: str
    values: Mapping[str, str]
    cash: int
    speed: int

    @property
    def settings(self) -> Settings:
        """Settings of its home."""
        return Settings(home=self.home)

    def request(self) -> list[StrategyRequest]:
        """Return the strategy as the executor has it."""
        return [strategy_request(self.strategy, self.values, self.cash)]

    def trade(self) -> None:
        """Trade the session from its order entry to its close, then end the executor gently."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = int(free.getsockname()[1])
        with self._executor(port) as executor:
            self._until(executor, "no broker yet", lambda: "BROKER_UNREACHABLE" in self.log)
            with self._broker(port):
                closed = regular_close(self.day) + MINUTE
                self._until(executor, "the close", lambda: self._venue_time() >= closed)
                executor.send_signal(signal.SIGTERM)
                assert executor.wait(_PATIENCE_SECS) == 0, self.log

    @property
    def log(self) -> str:
        """What the executor has said."""
        return (self.home / "trade.log").read_text("utf-8")

    def _until(
        self, executor: subprocess.Popen[bytes], what: str, is_so: Callable[[], bool]
    ) -> None:
        deadline = time.monotonic() + _PATIENCE_SECS
        while not is_so():
            assert executor.poll() is None, self.log
            assert time.monotonic() < deadline, f"{what}\n{self.log}"
            time.sleep(_LOOK_SECS)

    def _venue_time(self) -> int:
        try:
            status = ask_executor(self.settings.data_folder(Mode.SIM), StatusQuery(), 5.0)
        except MaemaeError:
            return 0
        return status.venue_time if isinstance(status, Status) else 0

    @contextmanager
    def _executor(self, port: int) -> Iterator[subprocess.Popen[bytes]]:
        words = ["trade", "--mode", "sim", "--state", "active", "--account", ACCOUNT]
        words += ["--strategy", self.strategy, "--dataset", self.dataset]
        words += ["--cash", str(self.cash), "--broker-port", str(port)]
        for name, value in self.values.items():
            words += ["--set", f"{name}={value}"]
        with (self.home / "trade.log").open("wb") as log:
            process = subprocess.Popen(
                [*COMMAND, *words],
                env=environment(self.home) | _BUILD,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            yield process
        finally:
            process.kill()
            process.wait(_PATIENCE_SECS)

    @contextmanager
    def _broker(self, port: int) -> Iterator[None]:
        market = CatalogueSource(
            str(self.settings.catalogue),
            self.dataset,
            first=previous_session(self.day),
            last=self.day,
        )
        config = SimBrokerConfig(
            ledger=str(self.home / "broker.ledger"),
            accounts={ACCOUNT: CASH},
            market=market,
            port=port,
            speed=self.speed,
            orders_per_sec=5 * _HURRY,
            queries_per_sec=5 * _HURRY,
            quiet_period=SECOND,
        )
        path = self.home / "broker.json"
        path.write_bytes(msgspec.json.encode(config))
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.brokers.sim_process", str(path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        try:
            yield
        finally:
            process.kill()
            process.wait(_PATIENCE_SECS)
