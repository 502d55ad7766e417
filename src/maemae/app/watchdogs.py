"""A watchdog of one data folder, put together: its broker, and a look at the store."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import msgspec
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from maemae.app.broker_ends import require_broker
from maemae.app.executors import open_executor_store
from maemae.app.kiwoom.parts import kiwoom_watch_broker
from maemae.app.owner import OWNER
from maemae.app.trade_request import BrokerName
from maemae.backup.database_copy import disposing, reading_engine
from maemae.brokers.sim.broker import SimBroker
from maemae.brokers.sim.stream import SimAddress
from maemae.clocks import SystemWallClock
from maemae.domain.errors import ConfigError, StorageError
from maemae.domain.ids import AccountId
from maemae.domain.terms import Mode
from maemae.ports import Broker, Lease, Notifier, Recovered
from maemae.settings import Settings
from maemae.storage.lease import read_lease
from maemae.storage.store import SqlStore
from maemae.storage.tables.accounts import executors
from maemae.trading.emergency.epochs import Epochs
from maemae.trading.emergency.heartbeat import Heartbeat
from maemae.trading.emergency.kill_switch import KillSwitch
from maemae.trading.emergency.reach import Reach
from maemae.trading.emergency.store_line import StoreLine
from maemae.trading.emergency.watchdog import Guard, Watchdog, run_watchdog

T = TypeVar("T")


class WatchRequest(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a person asks a watchdog for.

    Attributes:
        port: Of the simulated broker.
        policy: How far it goes by itself when an executor is dead that had something open.
        broker: Where the executor trades.
        emulator_port: Of an emulator of that broker on this machine.
    """

    mode: Mode
    account_id: AccountId
    port: int
    policy: Reach
    database: str | None = None
    broker: BrokerName = BrokerName.SIM
    emulator_port: int | None = None


class BriefStore:
    """
    The executor's store, held only while a question is answered.

    A SQLite file has one writer, and an executor that is started again must get it: the lease
    is read beside whoever writes, and everything else opens the store for that one question.

    Args:
        url: Of the database.
        mode: Mode whose executor is watched.
    """

    def __init__(self, url: str, mode: Mode) -> None:
        self._url = url
        self._mode = mode

    def read_lease(self) -> Lease:
        """Return who holds the lease."""
        try:
            with disposing(reading_engine(self._url)) as engine, engine.connect() as connection:
                number = connection.execute(
                    select(executors.c.executor_id).where(
                        executors.c.owner == OWNER, executors.c.mode == self._mode.value
                    )
                ).scalar_one()
                return read_lease(connection, number)
        except SQLAlchemyError as error:
            raise StorageError(
                "저장소에서 임대를 읽지 못했습니다. 데이터베이스를 확인하세요.",
                "The lease cannot be read from the store. Check the database.",
            ) from error

    def take_lease(self, holder: str, seen: Lease) -> Lease | None:
        """Take the lease if it still is as it was seen."""
        return self._ask(lambda store: store.take_lease(holder, seen))

    def beat(self, lease: Lease) -> Lease | None:
        """Show that the holder lives."""
        return self._ask(lambda store: store.beat(lease))

    def recover(self) -> Recovered:
        """Return what is durable."""
        return self._ask(lambda store: store.recover())

    def _ask(self, question: Callable[[SqlStore], T]) -> T:
        with closing(open_executor_store(self._url, self._mode)) as store:
            return question(store)


def watch(
    settings: Settings, request: WatchRequest, notifier: Notifier, on_ready: Callable[[], None]
) -> None:
    """
    Watch over the executor of a data folder until SIGTERM or SIGINT.

    Args:
        settings: Where everything is kept.
        request: What to watch.
        notifier: Tells a person.
        on_ready: Called before the first look.

    Raises:
        ConfigError: There is no such data folder, or no broker for the mode.
    """
    home = settings.data_folder(request.mode)
    require_broker(request.broker, request.mode)
    _require_watchable(home)
    wall, hurry = SystemWallClock(), settings.hurry
    name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
    usual = Guard(name, (request.account_id,), request.policy)
    guard = msgspec.structs.replace(
        usual,
        dead_after=usual.dead_after // hurry,
        killed_after=usual.killed_after // hurry,
        look_every=usual.look_every // hurry,
    )
    url = request.database or settings.database_url(request.mode)
    store = StoreLine(lambda: BriefStore(url, request.mode))
    broker = _broker(settings, request, wall)
    folder = (KillSwitch(home, wall), Epochs(home), Heartbeat(home))
    on_ready()
    run_watchdog(Watchdog(guard, folder, store, broker, notifier, wall))


def _broker(settings: Settings, request: WatchRequest, wall: SystemWallClock) -> Broker:
    if request.broker is BrokerName.SIM:
        return SimBroker(SimAddress(request.port), wall)
    return kiwoom_watch_broker(
        settings, request.mode, request.account_id, request.emulator_port, wall
    )


def _require_watchable(home: Path) -> None:
    if not home.is_dir():
        raise ConfigError(
            f"지킬 데이터 폴더가 없습니다: {home}. maemae trade 를 먼저 시작하세요.",
            f"There is no data folder to watch: {home}. Start maemae trade first.",
        )
