"""
A real server for tests: uvicorn on a free port of this machine, over stores of its own.

    with a_server(tmp_path) as server:
        owner = server.a_person(Role.ADMIN)
        with server.logged_in(owner) as client:
            client.get("/api/auth/me")

    with a_trading_server(tmp_path) as (server, street, executor):  # all of it
        ...
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Final

import httpx
import msgspec
import pyotp
from fastapi import APIRouter, FastAPI

from maemae.app.listening import ServeRequest
from maemae.app.owner import OWNER
from maemae.app.servers import executor_lines, open_services
from maemae.app.web_server import server_of
from maemae.clocks import SystemWallClock
from maemae.domain.ids import AccountId
from maemae.domain.instant import SECOND
from maemae.domain.terms import Mode
from maemae.server.config import ServerConfig
from maemae.server.directory import Directory
from maemae.server.executor_line import ExecutorLine
from maemae.server.factory import create_app
from maemae.server.security.cookie import COOKIE, MARK
from maemae.server.security.passwords import Passwords
from maemae.server.security.patient_protocol import Tolerance
from maemae.server.security.rates import Rates
from maemae.server.security.roles import GRANTS, Role
from maemae.server.security.secret import hash_of, new_id, new_secret
from maemae.server.services import Services
from maemae.settings import Settings
from maemae.storage.people.armings import Arming
from maemae.storage.people.invitations import Invitation
from maemae.storage.people.logins import Login
from maemae.storage.people.tokens import Token
from maemae.storage.reading import open_executor_reading
from maemae.storage.server_store import open_server_store
from maemae.storage.store import open_store
from maemae.storage.tables.people import Permission
from tests.crash.executor_rig import ExecutorRig
from tests.crash.executor_street import Street, a_street
from tests.waiting import PATIENCE_SECS

SENTENCE: Final = "한강을 건너 남산에 오른다 42"
FREELY: Final = Rates(*[1_000_000] * len(Rates.__struct_fields__))

_STEP: Final = 30 * SECOND
_NAMES: Final = count(1)


class LeapingWall(SystemWallClock):
    """The wall's time, which a test can put forward."""

    def __init__(self) -> None:
        self._leapt = 0

    def now(self) -> int:
        """Return the time of day [ns, UTC]."""
        return super().now() + self._leapt

    def leap(self, nanos: int) -> None:
        """Let so much time pass."""
        self._leapt += nanos


_WALLS: Final[dict[Path, LeapingWall]] = {}
"""Times of folders: a server that starts again goes on past the codes that were shown before."""


class Person(msgspec.Struct):
    """Somebody who can log in."""

    user_id: str
    password: str
    totp_secret: str


class ServerRig:
    """
    A server that runs.

    Attributes:
        url: Its origin.
        services: What its routes work with.
        wall: Its time.
    """

    def __init__(self, url: str, services: Services, wall: LeapingWall) -> None:
        self.url = url
        self.services = services
        self.wall = wall

    def client(self, **headers: str) -> httpx.Client:
        """Return a browser that nobody has logged in with."""
        client = httpx.Client(
            base_url=self.url,
            headers={"Origin": self.url, "Accept-Language": "en", **headers},
            timeout=PATIENCE_SECS,
        )
        client.event_hooks = {"response": [lambda response: _keep_cookie(client, response)]}
        return client

    def status_with(self, cookie: str, path: str = "/api/auth/me") -> int:
        """Return what whoever shows a cookie is answered."""
        with self.client(Cookie=cookie) as client:
            return client.get(path).status_code

    def a_person(self, role: Role, *accounts: AccountId, user_id: str = "") -> Person:
        """Make somebody with both factors, to whom accounts are granted."""
        people, now = self.services.people, self.wall.now()
        name = user_id or f"{role.lower()}-{next(_NAMES)}"
        invitation = Invitation(
            secret_hash=hash_of(new_secret()),
            user_id=name,
            role=role.value,
            made_by="rig",
            made_at=now,
            expires_at=now + SECOND,
        )
        people.invitations.make(invitation)
        hashed = self.services.passwords.hash(SENTENCE)
        assert people.invitations.accept(invitation, name, hashed, GRANTS[role], now)
        secret = pyotp.random_base32()
        people.second_factors.offer(name, secret)
        offered = people.second_factors.offered(name)
        assert offered is not None
        assert people.second_factors.confirm(name, offered.sealed, 0)
        for account_id in accounts:
            people.grants.grant(name, account_id, "rig", now)
        return Person(name, SENTENCE, secret)

    def a_cookie(self, person: Person, *, factors: int = 2, is_stepped_up: bool = True) -> str:
        """Return the cookie of a new login of somebody, who has shown so many factors."""
        secret, now = new_secret(), self.wall.now()
        login = Login(
            secret_hash=hash_of(secret),
            login_id=new_id(),
            user_id=person.user_id,
            device="rig",
            address="127.0.0.1",
            factors=factors,
            began_at=now,
            seen_at=now,
            expires_at=now + self.services.config.patience.absolute,
            stepped_up_at=now if is_stepped_up and factors > 1 else None,
        )
        self.services.people.logins.begin(login)
        return f"{COOKIE}={secret}"

    def code(self, person: Person) -> str:
        """Return a code that was not used yet, good for half a minute; time goes on for it."""
        self.wall.leap(_STEP - self.wall.now() % _STEP)
        return pyotp.TOTP(person.totp_secret).at(self.wall.now() // SECOND)

    @contextmanager
    def logged_in(self, person: Person) -> Iterator[httpx.Client]:
        """Give a browser in which somebody has shown both factors."""
        with self.client() as client:
            self.log_in(client, person)
            yield client

    def log_in(self, client: httpx.Client, person: Person) -> None:
        """Show both factors; a moment later the login is stepped up."""
        asked = {"user_id": person.user_id, "password": person.password}
        answer = client.post("/api/auth/login", json=asked)
        assert answer.json() == {"next": "TOTP"}, answer.text
        answer = client.post("/api/auth/totp", json={"code": self.code(person)})
        assert answer.json() == {"next": "DONE"}, answer.text

    def a_mark(self, person: Person) -> str:
        """Return the cookie of a device with which somebody got in."""
        with self.client() as client:
            asked = {"user_id": person.user_id, "password": person.password}
            client.post("/api/auth/login", json=asked)
            answer = client.post("/api/auth/totp", json={"code": self.code(person)})
        (line,) = [each for each in answer.headers.get_list("set-cookie") if MARK in each]
        return line.partition(";")[0]

    def step_up(self, client: httpx.Client, person: Person) -> None:
        """Show the second factor again."""
        answer = client.post("/api/auth/step-up", json={"code": self.code(person)})
        assert answer.is_success, answer.text

    def forget_step_up(self) -> None:
        """Let so much time pass that whoever stepped up must do it again."""
        self.wall.leap(self.services.config.patience.stepped_up + SECOND)

    def a_token(self, person: Person, *scope: Permission) -> str:
        """Return a token of somebody's that may do this, for a minute."""
        secret, now = new_secret(), self.wall.now()
        token = Token(
            secret_hash=hash_of(secret),
            user_id=person.user_id,
            name="rig",
            scope=frozenset(scope or {Permission.VIEW}),
            made_at=now,
            expires_at=now + 60 * SECOND,
        )
        self.services.people.tokens.make(token)
        return secret

    def program(self, token: str) -> httpx.Client:
        """Return a program that shows a token, and comes from no page."""
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=PATIENCE_SECS)

    def arm(self, account_id: AccountId) -> None:
        """Arm an account, as if somebody had."""
        now = self.wall.now()
        until = now + self.services.config.patience.armed
        self.services.people.armings.arm(Arming(account_id, "rig", now, until))


def _keep_cookie(client: httpx.Client, response: httpx.Response) -> None:
    """Do what browsers do on a loopback, where they take secure cookies without TLS."""
    for line in response.headers.get_list("set-cookie"):
        pair = line.partition(";")[0]
        if pair.startswith(f"{MARK}="):
            continue  # who comes again is a stranger, unless a test shows the mark
        client.headers["Cookie"] = pair
        if pair.endswith(("=", '=""')):
            del client.headers["Cookie"]


@contextmanager
def a_server(
    folder: Path,
    lines: Sequence[ExecutorLine] = (),
    *,
    more: Sequence[APIRouter] = (),
    tolerance: Tolerance | None = None,
    **settings: object,
) -> Iterator[ServerRig]:
    """
    Give a server that runs; nothing is limited unless a test says so.

    Args:
        folder: For everything it keeps.
        lines: Executors that it knows.
        more: Routes beside those there are.
        tolerance: Of slow clients; None for the usual.
        settings: What differs from the usual `ServerConfig`.
    """
    with _server(folder, lines, more, tolerance, settings) as server:
        yield server


@contextmanager
def _server(
    folder: Path,
    lines: Sequence[ExecutorLine],
    more: Sequence[APIRouter],
    tolerance: Tolerance | None,
    settings: Mapping[str, object],
) -> Iterator[ServerRig]:
    home, wall = folder / "home", _WALLS.setdefault(folder, LeapingWall())
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        usual = ServerConfig(
            origins=(url,),
            is_loopback_only=True,
            home=home,
            server_folder=home / "server",
            rates=FREELY,
        )
        config = msgspec.structs.replace(usual, **settings)
        database = f"sqlite:///{home / 'server' / 'maemae.db'}"
        store = stack.enter_context(
            open_server_store(database, backup=lambda: None, is_market_open=lambda: False)
        )
        keys = home / "server" / "keys"
        services = stack.enter_context(open_services(config, store, keys, Directory(lines), wall))
        quick = Passwords(memory_kib=64, passes=1)
        stack.callback(quick.close)
        services = replace(services, passwords=quick)
        app = create_app(services)
        for router in more:
            app.include_router(router)
        stack.enter_context(_running(app, listener, tolerance))
        yield ServerRig(url, services, wall)


@contextmanager
def _running(app: FastAPI, listener: socket.socket, tolerance: Tolerance | None) -> Iterator[None]:
    ready = threading.Event()
    server = server_of(app, ServeRequest(), ready.set, tolerance)
    thread = threading.Thread(target=server.run, args=([listener],), name="server")
    thread.start()
    try:
        assert ready.wait(PATIENCE_SECS)
        yield
    finally:
        server.should_exit = True
        thread.join(PATIENCE_SECS)
        assert not thread.is_alive()


@contextmanager
def a_trading_server(
    folder: Path, life: Mapping[str, object] | None = None, **settings: object
) -> Iterator[tuple[ServerRig, Street, ExecutorRig]]:
    """
    Give a server over a real executor that trades on a real simulated broker.

    Args:
        folder: For everything.
        life: What differs from the usual `Life` of its process.
        settings: What differs from the usual `ServerConfig`.
    """
    with a_street(folder) as street:
        executor = street.executor("home")
        executor.life = msgspec.structs.replace(executor.life, **(life or {}))
        street.open(executor)
        home = Settings(home=executor.home.parent)
        with executor_lines(home) as lines, _server(folder, lines, (), None, settings) as server:
            yield server, street, executor


@contextmanager
def a_line(folder: Path, mode: Mode, *accounts: AccountId) -> Iterator[ExecutorLine]:
    """Give the line of an executor that ran once and does not run now."""
    home = folder / f"dead-{mode.lower()}"
    url = f"sqlite:///{home / 'maemae.db'}"
    store = open_store(url, OWNER, mode, backup=lambda: None, is_market_open=lambda: False)
    store.close()
    with open_executor_reading(url, OWNER, mode) as reading:
        yield ExecutorLine(mode, home, accounts, reading)
