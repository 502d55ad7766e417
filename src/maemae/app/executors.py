"""An executor, put together from settings: folder, store, broker, strategies, control socket."""

from __future__ import annotations

import asyncio
import gc
import signal
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Final

from maemae import failpoints
from maemae.app.backups import daily_backup
from maemae.app.broker_ends import BrokerEnds, require_broker, sim_ends
from maemae.app.kiwoom.booked_fills import booked_fills
from maemae.app.kiwoom.parts import CRITICAL, kiwoom_ends
from maemae.app.last_resort import LastResort
from maemae.app.listeners import AllEars, Opener
from maemae.app.offsite import RunningCopy
from maemae.app.owner import OWNER
from maemae.app.strategy_runs import asked_runs, bars_folder, strategies_of, teller
from maemae.app.trade_request import BrokerName, TradeRequest, plan_of
from maemae.backup.database_copy import copy_database
from maemae.brokers.kiwoom_rest.fill_desk import Booked
from maemae.clocks import SystemWallClock
from maemae.core.events import Event, KillLevel
from maemae.domain.errors import (
    ConfigError,
    JournalCorruptError,
    OutcomeUnknownError,
    StorageError,
)
from maemae.domain.ids import AccountId
from maemae.domain.instant import MINUTE
from maemae.domain.terms import Mode
from maemae.domain.text import Text
from maemae.krx.session import is_regular, phase_at
from maemae.ports import Alert, Notifier
from maemae.settings import Settings
from maemae.storage.store import SqlStore, open_store
from maemae.storage.tape import Tape, newest_seq
from maemae.trading.alert_book import AlertBook
from maemae.trading.clerk import Clerk
from maemae.trading.control.client import ask_executor
from maemae.trading.control.commands import StatusQuery
from maemae.trading.control.frames import socket_path
from maemae.trading.control.inbox_reader import InboxReader
from maemae.trading.control.server import ControlServer
from maemae.trading.control.watchers import Watchers
from maemae.trading.dropped import DroppedLog
from maemae.trading.durable_core import RunTape
from maemae.trading.emergency.epochs import Epochs
from maemae.trading.emergency.heartbeat import Heartbeat
from maemae.trading.emergency.kill_signals import KillSignals
from maemae.trading.emergency.kill_switch import KillSwitch
from maemae.trading.engine import Listener
from maemae.trading.executor import Ending, Executor
from maemae.trading.job_works import JobParts
from maemae.trading.jobs import JobBook
from maemae.trading.lease import LeaseKeeper
from maemae.trading.once import Once
from maemae.trading.outside import Outside
from maemae.trading.plan import Rhythm
from maemae.trading.run_desk import RunDesk
from maemae.trading.signs import FolderSigns

_KNOCK_SECS: Final = 1.0
_LOCK_TRIES: Final = 4
_LOCK_PAUSE_SECS: Final = 0.5  # a watchdog or a backup may hold the file for a moment


def trade(
    settings: Settings,
    request: TradeRequest,
    notifier: Notifier,
    on_ready: Callable[[], None],
    listener: Listener | None = None,
) -> Ending:
    """
    Run an executor until SIGTERM or SIGINT, or until another one takes over.

    Args:
        settings: Where everything is kept.
        request: What to run.
        notifier: Tells a person of alerts.
        on_ready: Called once commands are taken.
        listener: Told what happens; it may neither block nor fail.

    Raises:
        ConfigError: It cannot be run like this, or another one runs on the data folder.
        StorageError: The store cannot be opened.
    """
    require_broker(request.broker, request.mode)
    if settings.failpoints:
        failpoints.arm(settings.failpoints)
    home = settings.data_folder(request.mode)
    _make_home(home)
    _require_alone(home)
    url = request.database or settings.database_url(request.mode)
    store = _open_patiently(url, request.mode, home)
    try:
        gc.freeze()  # what is imported stays: a full collection over it would hold up an order
        return asyncio.run(_run(settings, request, (store, url), notifier, on_ready, listener))
    finally:
        store.close()


def open_executor_store(url: str, mode: Mode, copies: Path | None = None) -> SqlStore:
    """
    Open the store of a mode and bring it up to date; a copy is kept before tables change.

    Args:
        url: Of the database.
        mode: Whose market.
        copies: Folder for that copy; None for who must not change tables.

    Raises:
        ConfigError: The URL cannot be used.
        StorageError: It cannot be opened.
    """

    def copy_before_change() -> None:
        if copies is None:
            raise StorageError(
                "데이터베이스가 이전 버전의 구조입니다. maemae trade 로 실행기를 한 번 시작하세요.",
                "The database has the tables of an earlier version. Start the executor once with "
                "maemae trade.",
            )
        copy_database(url, copies / f"before-migration-{SystemWallClock().now()}.db")

    return open_store(url, OWNER, mode, backup=copy_before_change, is_market_open=_is_market_open)


def _make_home(home: Path) -> None:
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"데이터 폴더 {home} 을(를) 만들 수 없습니다 ({error.strerror}). 경로를 확인하세요.",
            f"The data folder {home} cannot be made ({error.strerror}). Check its path.",
        ) from error


def _require_alone(home: Path) -> None:
    """Refuse to start beside an executor that answers on the same folder."""
    try:
        ask_executor(home, StatusQuery(), _KNOCK_SECS)
    except ConfigError:
        socket_path(home)  # raises if the folder cannot have a socket at all
        return
    except OutcomeUnknownError:
        pass  # it is there, and busy
    raise ConfigError(
        f"다른 실행기가 이 데이터 폴더에서 돌고 있습니다: {home}. 먼저 그것을 멈추세요.",
        f"Another executor runs on this data folder: {home}. Stop that one first.",
    )


def _open_patiently(url: str, mode: Mode, home: Path) -> SqlStore:
    """Open the store; what holds it for a moment only is waited for."""
    for _ in range(_LOCK_TRIES):
        try:
            return open_executor_store(url, mode, home)
        except JournalCorruptError:
            raise
        except StorageError:
            time.sleep(_LOCK_PAUSE_SECS)
    return open_executor_store(url, mode, home)


def _is_market_open() -> bool:
    return is_regular(phase_at(SystemWallClock().now()))


def _alert_book(
    settings: Settings, store: SqlStore, wall: SystemWallClock, notifier: Notifier
) -> AlertBook:
    def resolve(code: str, subject: str) -> None:
        store.alerts.resolve_all(code, subject, wall.now())

    def acknowledge(code: str, subject: str, who: str) -> None:
        store.alerts.acknowledge_all(code, subject, who, wall.now())

    again_every = settings.tell_again * MINUTE
    book = AlertBook(store.alerts.open, resolve, acknowledge, notifier, wall, again_every)
    book.recall(
        Alert(shown.code, shown.subject, shown.is_critical, Text(shown.ko, shown.en), shown.last_at)
        for shown in store.queries.open_alerts()
    )
    return book


async def _run(
    settings: Settings,
    request: TradeRequest,
    opened: tuple[SqlStore, str],
    notifier: Notifier,
    on_ready: Callable[[], None],
    listener: Listener | None,
) -> Ending:
    store, url = opened
    home, wall, plan = settings.data_folder(request.mode), SystemWallClock(), plan_of(request)
    alerts = _alert_book(settings, store, wall, notifier)
    signs = FolderSigns(Epochs(home), Heartbeat(home))
    lease = LeaseKeeper(store, signs, plan.name, plan.rhythm.lease_ttl, wall)
    switch = KillSwitch(home, wall)
    booked = booked_fills(store.queries.executions)
    ends = _ends(
        settings, request, alerts, wall, lambda account: _armed_until(executor, account), booked
    )
    outside = _outside(ends, lease, switch, alerts, wall)
    strategies = strategies_of(settings, request, alerts, wall)
    opener = Opener(request.state, lambda event: _hand_in(executor, (event,)))
    watchers = Watchers(outside.venue, wall)
    ears = AllEars([each for each in (listener, strategies, opener, watchers) if each is not None])
    tapes = _tapes(settings.tapes(request.mode))
    back_up = daily_backup(settings, request.mode, url)
    office = JobParts(JobBook(store.jobs), home, store.records, back_up)
    copy = RunningCopy(settings, request.mode, url, store.executor_id, alerts, wall)
    executor = Executor(plan, store, tapes, outside, lease, switch, ears, office)
    strategies.hand_in = lambda intents: _hand_in(executor, intents)
    strategies.speed = lambda: outside.venue.speed
    once = Once(store.history.command, outside.venue.now)
    runs = RunDesk(
        store.runs,
        strategies,
        teller(executor, once),
        (outside.venue, wall),
        alerts.raise_,
        request.limits,
    )
    runs.recall(asked_runs(request, wall.now()))
    dropped = DroppedLog(bars_folder(home))
    clerk = Clerk(plan, executor, outside, switch, alerts, once, runs, dropped.rows)
    _listen_to_signals(executor, LastResort(settings.language))
    KillSignals(switch, outside).listen()
    telling = [asyncio.create_task(each.run()) for each in (alerts, watchers, copy)]
    readers = _inbox_readers(store, clerk, wall, plan.rhythm)
    telling += [asyncio.create_task(reader.run()) for reader in readers]
    try:
        async with ControlServer(home, clerk.handle, watchers):
            on_ready()
            return await executor.run()
    finally:
        await strategies.stop()
        for task in telling:
            task.cancel()
        await asyncio.gather(*telling, return_exceptions=True)


def _inbox_readers(
    store: SqlStore, clerk: Clerk, wall: SystemWallClock, rhythm: Rhythm
) -> Sequence[InboxReader]:
    """Return the way in through the store, where others than this process can write it."""
    if store.database.writing.dialect.name == "sqlite":
        return ()
    return (InboxReader(store.inbox, clerk.handle, wall, rhythm.tick, rhythm.retry_every),)


def _ends(
    settings: Settings,
    request: TradeRequest,
    alerts: AlertBook,
    wall: SystemWallClock,
    armed_until: Callable[[AccountId], int],
    booked: Booked,
) -> BrokerEnds:
    if request.broker is BrokerName.SIM:
        return sim_ends(request, wall)

    def warn(code: str, text: Text) -> None:
        alerts.raise_(Alert(code, "kiwoom", code in CRITICAL, text, wall.now()))

    return kiwoom_ends(settings, request, wall, warn, armed_until, booked)


def _armed_until(executor: Executor, account_id: AccountId) -> int:
    """Return until when an account is armed, by the durable book; 0 without one."""
    engine = executor.engine
    return 0 if engine is None else engine.state.armed.get(account_id, 0)


def _outside(
    ends: BrokerEnds,
    lease: LeaseKeeper,
    switch: KillSwitch,
    alerts: AlertBook,
    wall: SystemWallClock,
) -> Outside:
    return Outside(
        ends.broker,
        ends.feed,
        ends.venue,
        wall,
        lease.is_ours,
        lambda: switch.file.level() is not KillLevel.OFF,
        alerts.raise_,
        alerts.show,
        alerts.end,
        ends.leap,
    )


def _tapes(folder: Path) -> Callable[[int, date], tuple[RunTape, int]]:
    def open_tape(epoch: int, day: date) -> tuple[RunTape, int]:
        folder.mkdir(parents=True, exist_ok=True)
        last = newest_seq(folder)
        return Tape(folder, epoch, day), last

    return open_tape


def _hand_in(executor: Executor, events: Sequence[Event]) -> None:
    """Give wishes to the core; without one they are gone, as is the price they were made for."""
    if executor.engine is not None:
        executor.engine.mailbox.put_all(events)


def _listen_to_signals(executor: Executor, last_resort: LastResort) -> None:
    loop = asyncio.get_running_loop()

    def stop() -> None:
        last_resort.start_once()
        executor.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
