"""Tokens of programs and tickets of sockets: good for little, and not for long."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from fastapi import APIRouter, WebSocket
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from maemae.domain.ids import AccountId
from maemae.domain.instant import DAY, SECOND
from maemae.domain.terms import Mode
from maemae.server.security.roles import Role
from maemae.server.security.secret import hash_of, new_secret
from maemae.server.security.sockets import SocketViewer, actor_again
from maemae.storage.tables.people import Permission
from tests.server.rig import Person, ServerRig, a_line, a_server

ACCOUNT = AccountId("5012345610")

sockets = APIRouter()


@sockets.websocket("/api/whoami")
async def whoami(socket: WebSocket, actor: SocketViewer) -> None:
    """Say who opened it, then again whenever asked, until they may not have it open any more."""
    await socket.accept()
    services = socket.app.state.services
    while (again := actor_again(services, actor)) is not None:
        await socket.send_text(again.user_id)
        await socket.receive_text()
    await socket.close(4401)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerRig]:
    folder = tmp_path_factory.mktemp("server")
    with (
        a_line(folder, Mode.SIM, ACCOUNT) as line,
        a_server(folder, [line], more=[sockets]) as running,
    ):
        yield running


def a_ticket(client: httpx.Client) -> str:
    ticket: str = client.post("/api/auth/ticket").json()["ticket"]
    return ticket


def refusal(
    server: ServerRig, ticket: str, cookie: str = "", *, origin: str = "", token: str = ""
) -> int | None:
    """Try to open a socket; return the status it was refused with, None if it was opened."""
    headers = {}
    if cookie:
        headers["Cookie"] = cookie
    if token:
        headers["Authorization"] = f"Bearer {token}"
    url = f"{server.url.replace('http', 'ws')}/api/whoami?ticket={ticket}"
    try:
        with connect(url, origin=Origin(origin or server.url), additional_headers=headers) as line:
            line.recv()
            return None
    except InvalidStatus as refused:
        return refused.response.status_code


@pytest.fixture
def owner(server: ServerRig) -> Person:
    return server.a_person(Role.ADMIN, ACCOUNT)


def test_ticket_when_used_again_opens_nothing(server: ServerRig, owner: Person) -> None:
    with server.logged_in(owner) as client:
        cookie, ticket = client.headers["Cookie"], a_ticket(client)
        first = refusal(server, ticket, cookie)
        second = refusal(server, ticket, cookie)

    assert (first, second) == (None, 401)


def test_ticket_when_stolen_opens_nothing_without_the_cookie_of_its_login(
    server: ServerRig, owner: Person
) -> None:
    thief = server.a_cookie(server.a_person(Role.ADMIN))
    with server.logged_in(owner) as client:
        mine, tickets = client.headers["Cookie"], [a_ticket(client) for _ in range(3)]

    assert refusal(server, tickets[0], thief) == 401
    assert refusal(server, tickets[1]) == 401
    assert refusal(server, tickets[2], mine) is None  # they were good all the while


def test_ticket_when_older_than_half_a_minute_opens_nothing(
    server: ServerRig, owner: Person
) -> None:
    with server.logged_in(owner) as client:
        cookie, ticket = client.headers["Cookie"], a_ticket(client)
        server.wall.leap(30 * SECOND)
        assert refusal(server, ticket, cookie) == 401


def test_ticket_when_its_login_has_ended_opens_nothing(server: ServerRig, owner: Person) -> None:
    with server.logged_in(owner) as client:
        cookie, ticket = client.headers["Cookie"], a_ticket(client)
        client.post("/api/auth/logout")

    assert refusal(server, ticket, cookie) == 401


def test_socket_when_opened_by_a_foreign_page_is_refused_before_it_is_accepted(
    server: ServerRig, owner: Person
) -> None:
    with server.logged_in(owner) as client:
        cookie, ticket = client.headers["Cookie"], a_ticket(client)
        foreign = refusal(server, ticket, cookie, origin="https://elsewhere.example")
        ours = refusal(server, ticket, cookie)

    assert (foreign, ours) == (403, None)


def test_socket_when_its_login_ends_is_told_so(server: ServerRig, owner: Person) -> None:
    with server.logged_in(owner) as client:
        url = f"{server.url.replace('http', 'ws')}/api/whoami?ticket={a_ticket(client)}"
        headers = {"Cookie": client.headers["Cookie"]}
        with connect(url, origin=Origin(server.url), additional_headers=headers) as line:
            assert line.recv() == owner.user_id
            server.step_up(client, owner)  # a new secret, the same login
            line.send("still?")
            assert line.recv() == owner.user_id
            client.post("/api/auth/logout")
            line.send("still?")
            with pytest.raises(ConnectionClosed, match="4401"):
                line.recv()


def test_program_when_it_shows_a_token_opens_a_socket(server: ServerRig, owner: Person) -> None:
    assert refusal(server, "", token=server.a_token(owner)) is None
    assert refusal(server, "", token=new_secret()) == 401


def test_token_when_made_is_shown_once_and_only_its_hash_is_kept(
    server: ServerRig, owner: Person
) -> None:
    with server.logged_in(owner) as client:
        asked = {"name": "notebook", "scope": "READ"}
        made = client.post("/api/auth/tokens", json=asked).json()
        (listed,) = client.get("/api/auth/tokens").json()
    with server.program(made["token"]) as program:
        works = program.get("/api/accounts")

    assert listed["token_id"] == hash_of(made["token"]).hex()
    assert made["token"] not in str(listed)
    assert works.is_success


def test_token_when_made_without_the_second_factor_shown_lately_is_refused(
    server: ServerRig, owner: Person
) -> None:
    with server.logged_in(owner) as client:
        server.forget_step_up()
        refused = client.post("/api/auth/tokens", json={"name": "n", "scope": "READ"})

    assert refused.json()["code"] == "STEP_UP_NEEDED"


def test_token_when_its_scope_is_more_than_its_owner_may_is_not_made(server: ServerRig) -> None:
    viewer = server.a_person(Role.VIEWER)
    with server.logged_in(viewer) as client:
        refused = client.post("/api/auth/tokens", json={"name": "n", "scope": "TRADE_PAPER"})

    assert refused.status_code == 403


def test_token_when_asked_to_administer_is_not_made(server: ServerRig, owner: Person) -> None:
    with server.logged_in(owner) as client:
        refused = client.post("/api/auth/tokens", json={"name": "n", "scope": "ADMINISTER"})

    assert refused.status_code == 422


def test_token_when_its_owner_may_less_than_before_can_do_less(server: ServerRig) -> None:
    trader = server.a_person(Role.PAPER_TRADER, ACCOUNT)
    token = server.a_token(trader, Permission.VIEW, Permission.TRADE_PAPER)
    with server.program(token) as program:
        before = program.get(f"/api/accounts/{ACCOUNT}").json()["may_trade"]
        server.services.people.users.set_permissions(
            trader.user_id, [Permission.VIEW], server.wall.now()
        )
        after = program.get(f"/api/accounts/{ACCOUNT}").json()["may_trade"]

    assert (before, after) == (True, False)


def test_token_when_only_for_reading_trades_nothing(server: ServerRig, owner: Person) -> None:
    with server.program(server.a_token(owner, Permission.VIEW)) as program:
        seen = program.get(f"/api/accounts/{ACCOUNT}").json()
        refused = program.post(f"/api/accounts/{ACCOUNT}/disarm", json={})

    assert seen["may_trade"] is False
    assert refused.json()["code"] == "NOT_ALLOWED"


def test_token_when_revoked_is_dead_at_once(server: ServerRig, owner: Person) -> None:
    token = server.a_token(owner)
    with server.logged_in(owner) as client, server.program(token) as program:
        assert program.get("/api/accounts").is_success
        revoked = client.delete(f"/api/auth/tokens/{hash_of(token).hex()}")
        refused = program.get("/api/accounts")

    assert (revoked.status_code, refused.status_code) == (204, 401)


def test_token_when_of_somebody_else_cannot_be_revoked(server: ServerRig, owner: Person) -> None:
    token, other = server.a_token(owner), server.a_person(Role.ADMIN)
    with server.logged_in(other) as client, server.program(token) as program:
        refused = client.delete(f"/api/auth/tokens/{hash_of(token).hex()}")
        nonsense = client.delete("/api/auth/tokens/nonsense")
        works = program.get("/api/accounts")

    assert (refused.status_code, nonsense.status_code) == (404, 404)
    assert works.is_success


def test_token_when_it_has_expired_is_dead(server: ServerRig, owner: Person) -> None:
    with server.logged_in(owner) as client:
        asked = {"name": "short", "scope": "READ", "days": 1}
        token = client.post("/api/auth/tokens", json=asked).json()["token"]
    with server.program(token) as program:
        before = program.get("/api/accounts").status_code
        server.wall.leap(DAY)
        after = program.get("/api/accounts").status_code

    assert (before, after) == (200, 401)


def test_token_when_its_owner_was_deleted_or_locked_is_dead_at_once(server: ServerRig) -> None:
    gone, locked = server.a_person(Role.ADMIN), server.a_person(Role.ADMIN)
    admin = server.a_person(Role.ADMIN)
    with (
        server.program(server.a_token(gone)) as first,
        server.program(server.a_token(locked)) as second,
        server.logged_in(admin) as client,
    ):
        before = [each.get("/api/accounts").status_code for each in (first, second)]
        client.delete(f"/api/users/{gone.user_id}")
        client.post(f"/api/users/{locked.user_id}/lock")
        after = [each.get("/api/accounts").status_code for each in (first, second)]

    assert (before, after) == ([200, 200], [401, 401])


def test_token_when_used_is_known_to_have_been(server: ServerRig, owner: Person) -> None:
    token = server.a_token(owner)
    with server.program(token) as program:
        program.get("/api/accounts")
    (kept,) = server.services.people.tokens.of(owner.user_id, server.wall.now())

    assert kept.last_used_at is not None


def test_token_when_put_into_a_cookie_or_a_url_opens_nothing(
    server: ServerRig, owner: Person
) -> None:
    token = server.a_token(owner)
    with server.client() as client:
        in_url = client.get(f"/api/accounts?token={token}&access_token={token}")

    assert (in_url.status_code, server.status_with(f"__Host-maemae={token}")) == (401, 401)


def test_authorization_when_of_another_kind_is_not_taken(server: ServerRig, owner: Person) -> None:
    token, cookie = server.a_token(owner), server.a_cookie(owner)
    statuses = []
    for shown in ("Basic b3duZXI6cGFzc3dvcmQ=", f"Digest {token}", f"Bearer {token}"):
        with server.client(Authorization=shown, Cookie=cookie) as client:
            statuses.append(client.get("/api/accounts").status_code)

    assert statuses == [401, 401, 200]


def test_frame_when_of_a_megabyte_ends_the_socket(server: ServerRig, owner: Person) -> None:
    with server.logged_in(owner) as client:
        url = f"{server.url.replace('http', 'ws')}/api/whoami?ticket={a_ticket(client)}"
        headers = {"Cookie": client.headers["Cookie"]}
        with connect(url, origin=Origin(server.url), additional_headers=headers) as line:
            line.recv()
            line.send("x" * 1_000_000)
            with pytest.raises(ConnectionClosed, match="1009"):
                line.recv()
