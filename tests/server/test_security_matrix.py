"""Every route and socket, found in the app itself, tried as nobody and as everybody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from enum import unique
from typing import Any, Final

import httpx
import pytest
from fastapi import APIRouter
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from maemae.domain.errors import ConfigError
from maemae.domain.ids import AccountId
from maemae.domain.terms import Mode, Term
from maemae.server.factory import described_app
from maemae.server.security.cookie import COOKIE
from maemae.server.security.public import PUBLIC, SOCKET, offered, require_gates
from maemae.server.security.roles import Role
from maemae.server.security.secret import hash_of, new_secret
from maemae.storage.tables.people import Permission
from tests.server.access_table import ACCESS, Access
from tests.server.example_bodies import example_body, example_parameters, names_account
from tests.server.rig import ServerRig, a_line, a_server
from tests.waiting import PATIENCE_SECS

MINE, THEIRS, NOWHERE = AccountId("5012345610"), AccountId("5012345611"), AccountId("5012345699")


@unique
class Caller(Term):
    """Who tries."""

    NOBODY = "NOBODY"
    FORGED = "FORGED"  # shows a cookie that never was
    HALF_WAY = "HALF_WAY"  # an administrator who showed the password only
    LOCKED = "LOCKED"  # an administrator who was locked out
    VIEWER = "VIEWER"
    VIEWER_STEPPED_UP = "VIEWER_STEPPED_UP"
    PAPER_TRADER = "PAPER_TRADER"
    PAPER_TRADER_STEPPED_UP = "PAPER_TRADER_STEPPED_UP"
    REAL_TRADER = "REAL_TRADER"
    ADMIN = "ADMIN"
    ADMIN_STEPPED_UP = "ADMIN_STEPPED_UP"
    READING_PROGRAM = "READING_PROGRAM"  # an administrator's
    TRADING_PROGRAM = "TRADING_PROGRAM"  # an administrator's
    WATCHING_PROGRAM = "WATCHING_PROGRAM"  # an administrator's
    VIEWERS_WATCHING_PROGRAM = "VIEWERS_WATCHING_PROGRAM"
    FORGED_PROGRAM = "FORGED_PROGRAM"


DESCRIBED: Final = described_app().openapi()
EVERYBODY: Final = frozenset(Caller)
STEPPED_UP: Final = frozenset(
    {Caller.VIEWER_STEPPED_UP, Caller.PAPER_TRADER_STEPPED_UP, Caller.ADMIN_STEPPED_UP}
)
LOGINS: Final = STEPPED_UP | {
    *(Caller.VIEWER, Caller.PAPER_TRADER, Caller.REAL_TRADER, Caller.ADMIN)
}
TRADERS: Final = frozenset(
    {
        *(Caller.PAPER_TRADER, Caller.PAPER_TRADER_STEPPED_UP, Caller.REAL_TRADER),
        *(Caller.ADMIN, Caller.ADMIN_STEPPED_UP, Caller.TRADING_PROGRAM),
    }
)
LET_IN: Final[dict[Access, frozenset[Caller]]] = {
    Access.ANYBODY: EVERYBODY,
    Access.HALF_WAY: LOGINS | {Caller.HALF_WAY},
    Access.LOGIN: LOGINS,
    Access.LOGIN_STEPPED_UP: STEPPED_UP,
    Access.VIEWER: LOGINS | {Caller.READING_PROGRAM, Caller.TRADING_PROGRAM},
    Access.TRADER: TRADERS,
    Access.TRADER_STEPPED_UP: TRADERS & STEPPED_UP,
    Access.WATCHER: frozenset({Caller.ADMIN, Caller.ADMIN_STEPPED_UP, Caller.WATCHING_PROGRAM}),
    Access.ADMIN: frozenset({Caller.ADMIN, Caller.ADMIN_STEPPED_UP}),
    Access.ADMIN_STEPPED_UP: frozenset({Caller.ADMIN_STEPPED_UP}),
}
KEPT_OUT: Final = frozenset(
    {
        *("NOT_LOGGED_IN", "SECOND_FACTOR_NEEDED", "STEP_UP_NEEDED"),
        *("NOT_ALLOWED", "LOGIN_NEEDED"),
    }
)
"""What a gate says; whatever else is answered comes from behind it."""


class House:
    """A server, and one person for each kind of caller."""

    def __init__(self, server: ServerRig) -> None:
        self.server = server
        self._people = {role: server.a_person(role, MINE) for role in Role}
        self._locked = server.a_person(Role.ADMIN, MINE)
        server.services.people.users.set_locked(self._locked.user_id, is_locked=True)

    def headers(self, caller: Caller) -> dict[str, str]:
        """Return what a caller shows, fresh each time."""
        programs = {
            Caller.READING_PROGRAM: (Permission.VIEW,),
            Caller.TRADING_PROGRAM: tuple(frozenset(Permission) - {Permission.WATCH}),
            Caller.WATCHING_PROGRAM: (Permission.WATCH,),
            Caller.VIEWERS_WATCHING_PROGRAM: (Permission.WATCH,),
        }
        owners = {Caller.VIEWERS_WATCHING_PROGRAM: self._people[Role.VIEWER]}
        if caller is Caller.NOBODY:
            return {}
        if caller is Caller.FORGED:
            return {"Cookie": f"{COOKIE}={new_secret()}"}
        if caller is Caller.FORGED_PROGRAM:
            return {"Authorization": f"Bearer {new_secret()}"}
        if caller in programs:
            owner = owners.get(caller, self._people[Role.ADMIN])
            return {"Authorization": f"Bearer {self.server.a_token(owner, *programs[caller])}"}
        return {"Cookie": self._cookie(caller)}

    def _cookie(self, caller: Caller) -> str:
        if caller is Caller.HALF_WAY:
            return self.server.a_cookie(self._people[Role.ADMIN], factors=1)
        if caller is Caller.LOCKED:
            return self.server.a_cookie(self._locked)
        role = Role(caller.removesuffix("_STEPPED_UP"))
        return self.server.a_cookie(self._people[role], is_stepped_up=caller in STEPPED_UP)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    with ExitStack() as stack:
        lines = [
            stack.enter_context(a_line(folder, Mode.SIM, MINE, THEIRS)),
            stack.enter_context(a_line(folder, Mode.REAL, AccountId("REAL-1"))),
        ]
        yield House(stack.enter_context(a_server(folder, lines)))


@pytest.fixture(scope="module")
def client(house: House) -> Iterator[httpx.Client]:
    headers = {"Origin": house.server.url}
    with httpx.Client(base_url=house.server.url, headers=headers, timeout=PATIENCE_SECS) as found:
        yield found


def routes() -> list[tuple[str, str]]:
    return sorted((method, path) for method, path, _ in offered(described_app().routes))


def filled(path: str, account_id: str = NOWHERE) -> str:
    return re.sub(r"\{[^}]+\}", "x-1", path.replace("{account_id}", account_id))


def is_let_in(house: House, client: httpx.Client, row: tuple[str, str], caller: Caller) -> bool:
    method, path = row
    headers = house.headers(caller)
    if method == SOCKET:
        return is_socket_opened(house.server, path, headers)
    answer = client.request(
        method, filled(path), headers=headers, json={} if body(method) else None
    )
    assert answer.status_code < 500 or answer.status_code == 503, answer.text
    if answer.is_success:
        return True
    code = answer.json()["code"]
    return code not in KEPT_OUT


def body(method: str) -> bool:
    return method in {"POST", "PUT", "PATCH"}


def is_socket_opened(server: ServerRig, path: str, headers: dict[str, str]) -> bool:
    ticket, now = new_secret(), server.wall.now()
    cookie = headers.get("Cookie", "").partition("=")[2]
    people = server.services.people
    if people.logins.find(hash_of(cookie), now, server.services.config.patience.idle) is not None:
        people.tickets.issue(hash_of(ticket), hash_of(cookie), now, now + 10**9)
    url = f"{server.url.replace('http', 'ws')}{path}?ticket={ticket}"
    try:
        with connect(url, origin=Origin(server.url), additional_headers=headers):
            return True
    except InvalidStatus as refused:
        return refused.response.status_code not in {401, 403}


def test_table_names_every_route_and_socket_and_nothing_else() -> None:
    unknown, gone = set(routes()) - set(ACCESS), set(ACCESS) - set(routes())
    assert (unknown, gone) == (set(), set()), "write a row for each in access_table.py"


def test_public_list_is_what_the_table_opens_to_anybody() -> None:
    opened = {row for row, access in ACCESS.items() if access is Access.ANYBODY}
    assert opened == PUBLIC


@pytest.mark.parametrize("row", sorted(ACCESS), ids=" ".join)
def test_route_lets_in_exactly_whom_the_table_names(
    house: House, client: httpx.Client, row: tuple[str, str]
) -> None:
    let_in = {caller for caller in Caller if is_let_in(house, client, row, caller)}

    assert let_in == LET_IN[ACCESS[row]]


def told_of(
    house: House, client: httpx.Client, row: tuple[str, str], account_id: str
) -> tuple[int, Any]:
    """Ask a route about an account, wherever it takes one; return its answer."""
    method, path = row
    in_path = example_parameters(DESCRIBED, method, path, "path") | {"account_id": account_id}
    query = example_parameters(DESCRIBED, method, path, "query") | {"account_id": account_id}
    asked = example_body(DESCRIBED, method, path)
    if asked is not None:
        asked |= {name: account_id for name in asked if name == "account_id"}
        asked |= NOT_SAID_BY_ITS_MODEL.get(row, {})
    headers = house.headers(Caller.PAPER_TRADER_STEPPED_UP) | {"Idempotency-Key": new_secret()}
    answer = client.request(
        method, path.format(**in_path), params=query, headers=headers, json=asked
    )
    told = answer.json()
    return answer.status_code, told | {"request_id": ""}


ABOUT_ACCOUNTS: Final = [
    row
    for row in sorted(ACCESS)
    if row[0] != SOCKET and names_account(DESCRIBED, *row) and not row[1].startswith("/api/users")
]
NOT_SAID_BY_ITS_MODEL: Final[dict[tuple[str, str], dict[str, object]]] = {
    ("POST", "/api/orders"): {"quantity": 1},
    ("POST", "/api/orders/preview"): {"quantity": 1},
}
"""What a body must have beside what its model says is required."""


def test_routes_about_accounts_are_found() -> None:
    assert ("POST", "/api/orders") in ABOUT_ACCOUNTS
    assert ("GET", "/api/positions") in ABOUT_ACCOUNTS
    assert ("GET", "/api/accounts/{account_id}") in ABOUT_ACCOUNTS


@pytest.mark.parametrize("row", ABOUT_ACCOUNTS, ids=" ".join)
def test_account_when_of_somebody_else_is_told_as_one_that_is_not_there(
    house: House, client: httpx.Client, row: tuple[str, str]
) -> None:
    theirs, nowhere = (told_of(house, client, row, each) for each in (THEIRS, NOWHERE))

    assert theirs == nowhere
    assert theirs[0] == 404, theirs


def test_app_when_a_route_has_no_gate_does_not_start() -> None:
    open_router = APIRouter(prefix="/api/open")
    open_router.add_api_route("", lambda: None, methods=["GET"])
    app = described_app()
    app.include_router(open_router)

    with pytest.raises(ConfigError, match="GET /api/open"):
        require_gates(app.routes)


def test_app_when_a_socket_has_no_gate_does_not_start() -> None:
    open_router = APIRouter()
    open_router.add_api_websocket_route("/anywhere", lambda _socket: None)
    app = described_app()
    app.include_router(open_router)

    with pytest.raises(ConfigError, match="SOCKET /anywhere"):
        require_gates(app.routes)
