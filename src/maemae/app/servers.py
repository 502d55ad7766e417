"""The server, put together from settings: its tables, its people, its executors, its socket."""

from __future__ import annotations

import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Final

import msgspec

from maemae.app.demo_login import leave_demo_login
from maemae.app.listening import ServeRequest, is_loopback, listening, origins_of, require_safe
from maemae.app.newcomers import Newcomers, Traded
from maemae.app.owner import OWNER
from maemae.app.server_parts import anchor_place, audit_keeper, backtest_desk, duties
from maemae.app.web_server import server_of
from maemae.backup.database_copy import copy_database
from maemae.clocks import SystemWallClock
from maemae.domain.errors import ConfigError, StorageError
from maemae.domain.instant import SECOND
from maemae.domain.terms import Mode
from maemae.krx.session import is_regular, phase_at
from maemae.ports import WallClock
from maemae.server.alarm import Alarm
from maemae.server.config import ServerConfig
from maemae.server.directory import Directory
from maemae.server.executor_line import ExecutorLine
from maemae.server.factory import create_app
from maemae.server.habits import Habits
from maemae.server.logs import kept_log
from maemae.server.market_data import MarketData
from maemae.server.metrics import Metrics
from maemae.server.preview_token import PreviewTokens
from maemae.server.pulse_reader import PulseReader
from maemae.server.security.addresses import AllowList, network_from_text
from maemae.server.security.lockout import pause_of_address, pause_of_person
from maemae.server.security.passwords import Passwords
from maemae.server.security.rates import RateLimits
from maemae.server.security.roles import Role
from maemae.server.security.secret import hash_of, new_secret
from maemae.server.security.supabase import Supabase
from maemae.server.security.turnstile import Turnstile
from maemae.server.sentry import start_sentry
from maemae.server.services import Services
from maemae.server.upkeep import Duty, Upkeep
from maemae.settings import Settings
from maemae.storage.credentials import Credentials
from maemae.storage.envelope import Vault
from maemae.storage.inbox import Inbox
from maemae.storage.master_keys import MASTER_KEYS, MasterKeys
from maemae.storage.people.invitations import Invitation
from maemae.storage.people.people import People
from maemae.storage.reading import Reading, open_executor_reading
from maemae.storage.server_store import ServerStore, open_server_store

_LOOKED_EVERY: Final = 5 * SECOND
_TURN_SECS: Final = 0.0005
"""How long a thread runs while another waits: an order's waits often, and no longer each time."""


class Greeting(msgspec.Struct, frozen=True):
    """
    What a person is told once the server answers.

    Attributes:
        url: Of the page.
        setup_url: Makes the first administrator, once; None if there is one.
        modes: Whose executors were found.
    """

    url: str
    setup_url: str | None
    modes: tuple[Mode, ...]


def serve(settings: Settings, request: ServeRequest, on_ready: Callable[[Greeting], None]) -> None:
    """
    Serve until SIGTERM or SIGINT.

    Args:
        settings: Where everything is kept.
        request: Where to listen and whom to believe.
        on_ready: Called once requests are taken.

    Raises:
        ConfigError: It cannot be served like this.
        StorageError: The server's tables cannot be opened.
    """
    wall = SystemWallClock()
    sys.setswitchinterval(_TURN_SECS)
    with (
        _until_sigterm(),
        listening(request) as listener,
        kept_log(settings.logs, f"server-{listener.getsockname()[1]}"),
    ):
        if settings.sentry is not None:
            start_sentry(settings.sentry)
        while _serve_until_changed(settings, request, listener, wall, on_ready):
            request = msgspec.structs.replace(request, is_demo=False)  # its login stays


def _serve_until_changed(
    settings: Settings,
    request: ServeRequest,
    listener: socket.socket,
    wall: WallClock,
    on_ready: Callable[[Greeting], None],
) -> bool:
    """Serve the executors there are; return whether others came, and not that it shall end."""
    config = server_config(settings, request, listener.getsockname()[1])
    with (
        open_store(settings) as store,
        executor_lines(settings, store) as lines,
        open_services(config, store, settings.keys, Directory(lines), wall) as services,
    ):
        if request.is_demo:
            leave_demo_login(services, settings)
        url = config.origins[0]
        greeting = Greeting(url, first_link(services, url), tuple(line.mode for line in lines))
        server = server_of(create_app(services), request, lambda: on_ready(greeting))
        newcomers = Newcomers(known=_shown(lines), find=lambda: _found(settings))

        def look() -> None:
            server.should_exit = server.should_exit or newcomers.have_come()

        looking = Duty("look for executors", _LOOKED_EVERY, look)
        with Upkeep((*duties(settings, store, services), looking), wall):
            server.run(sockets=[listener.dup()])  # it closes what it is given
        return newcomers.were_seen


@contextmanager
def _until_sigterm() -> Iterator[None]:
    """Let SIGTERM close everything as Ctrl-C does, and be a good end."""
    was_told = False

    def end(_number: int, _frame: FrameType | None) -> None:
        nonlocal was_told
        was_told = True
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)
    try:
        yield
    except KeyboardInterrupt:
        if not was_told:
            raise


def _shown(lines: Sequence[ExecutorLine]) -> Traded:
    return frozenset((line.mode, line.accounts) for line in lines)


def _found(settings: Settings) -> Traded:
    with executor_lines(settings) as lines:
        return _shown(lines)


def server_config(settings: Settings, request: ServeRequest, port: int) -> ServerConfig:
    """
    Return what a server is run with.

    Raises:
        ConfigError: It would be open to the network without TLS, or half of a pair is missing.
    """
    require_safe(request)
    is_loopback_only, has_tls = is_loopback(request.host), request.tls_cert is not None
    origins = origins_of(request, port, has_tls=has_tls, is_loopback_only=is_loopback_only)
    if not origins:
        raise ConfigError(
            f"{request.host} 로는 어떤 주소로 여는지 알 수 없습니다. --origin 으로 정하세요.",
            f"With {request.host} nobody knows the page's address. Give it with --origin.",
        )
    return ServerConfig(
        origins=origins,
        is_loopback_only=is_loopback_only,
        trusted_proxies=tuple(map(network_from_text, request.trusted_proxies)),
        allowed_networks=tuple(map(network_from_text, request.allowed)),
        home=settings.home,
        server_folder=settings.server_folder,
        anchor_folder=settings.anchors,
        anchor_place=anchor_place(settings),
        page=settings.page,
        redis_url=settings.redis,
        supabase_url=settings.supabase,
        has_tls=has_tls or (bool(request.trusted_proxies) and not is_loopback_only),
    )


def open_store(settings: Settings) -> ServerStore:
    """
    Open the server's tables; a copy is kept before they change.

    Raises:
        ConfigError: The URL cannot be used.
        StorageError: They cannot be opened.
    """
    url, folder = settings.server_database_url, settings.server_folder
    folder.mkdir(parents=True, exist_ok=True)

    def copy_before_change() -> None:
        copy_database(url, folder / f"before-migration-{SystemWallClock().now()}.db")

    def is_market_open() -> bool:
        return is_regular(phase_at(SystemWallClock().now()))

    return open_server_store(url, backup=copy_before_change, is_market_open=is_market_open)


@contextmanager
def executor_lines(
    settings: Settings, store: ServerStore | None = None
) -> Iterator[list[ExecutorLine]]:
    """
    Give the executors that ever ran in this home, each with its tables for reading.

    Args:
        settings: Where everything is kept.
        store: The server's own tables; where they lie beside the executors', commands can be
            posted too. None posts nothing.
    """
    with ExitStack() as stack:
        lines = []
        for mode in Mode:
            try:
                url = settings.database_url(mode)
                reading = stack.enter_context(open_executor_reading(url, OWNER, mode))
                accounts = {sleeve.account_id for sleeve in reading.queries.sleeves()}
            except StorageError:
                continue  # none ever ran
            home = settings.data_folder(mode)
            post = None if store is None else _post(store, reading)
            lines.append(ExecutorLine(mode, home, tuple(sorted(accounts)), reading, post))
        yield lines


def _post(store: ServerStore, reading: Reading) -> tuple[Inbox, WallClock] | None:
    """Return how commands are posted; an executor's SQLite file nobody else may write."""
    if store.is_alone:
        return None
    return Inbox(store.writer, reading.executor_id), SystemWallClock()


@contextmanager
def open_services(
    config: ServerConfig, store: ServerStore, keys: Path, directory: Directory, wall: WallClock
) -> Iterator[Services]:
    """
    Give the parts that routes work with.

    Args:
        config: What the server is run with.
        store: Its tables; the caller closes it.
        keys: Folder of its keys.
        directory: Executors and their accounts.
        wall: Real time.

    Raises:
        ConfigError: The key file cannot be used.
        StorageError: The tables cannot be written.
    """
    master = MasterKeys(keys / MASTER_KEYS)
    vault = Vault(master, wall)
    people = People(store, vault, pause_of_person, pause_of_address)
    passwords = Passwords()
    desk = backtest_desk(config, store, wall)
    try:
        yield Services(
            config=config,
            store=store,
            directory=directory,
            wall=wall,
            people=people,
            passwords=passwords,
            rates=RateLimits(config.rates, config.redis_url),
            turnstile=Turnstile(),
            allow_list=AllowList(config.allowed_networks, people.addresses),
            supabase=None if config.supabase_url is None else Supabase(config.supabase_url, wall),
            previews=PreviewTokens(master),
            credentials=Credentials(vault),
            audit=audit_keeper(config, store, keys, Alarm(directory.lines, wall)),
            market=MarketData(config.home / "catalogue"),
            pulses=PulseReader(wall),
            backtests=desk,
            metrics=Metrics(directory.lines, wall),
            habits=Habits(store),
        )
    finally:
        desk.close()
        passwords.close()


def first_link(services: Services, url: str) -> str | None:
    """Return a one-time link for the first administrator; None if there is one."""
    if services.people.users.has_administrator():
        return None
    secret, now = new_secret(), services.wall.now()
    services.people.invitations.make(
        Invitation(
            secret_hash=hash_of(secret),
            user_id=OWNER,
            role=Role.ADMIN.value,
            made_by=None,
            made_at=now,
            expires_at=now + services.config.patience.invitation,
        )
    )
    return f"{url}/setup#{secret}"  # what follows # is never sent, so no log has it
