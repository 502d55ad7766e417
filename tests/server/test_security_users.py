"""What administrators do with people, and how people come to be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pyotp
import pytest

from maemae.app.servers import first_link
from maemae.domain.ids import AccountId
from maemae.domain.instant import HOUR, SECOND
from maemae.domain.terms import Mode
from maemae.server.security.roles import Role
from tests.server.rig import SENTENCE, Person, ServerRig, a_line, a_server

ACCOUNT = AccountId("5012345610")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerRig]:
    folder = tmp_path_factory.mktemp("server")
    with a_line(folder, Mode.SIM, ACCOUNT) as line, a_server(folder, [line]) as running:
        yield running


@pytest.fixture
def admin(server: ServerRig) -> Iterator[httpx.Client]:
    with server.logged_in(server.a_person(Role.ADMIN)) as client:
        yield client


def secret_of(link: str) -> str:
    return link.partition("#")[2]


def answer_link(server: ServerRig, link: str, **more: str) -> httpx.Response:
    with server.client() as client:
        asked = {"secret": secret_of(link), "password": SENTENCE, **more}
        return client.post("/api/auth/setup", json=asked)


def enrol(server: ServerRig, client: httpx.Client) -> httpx.Response:
    secret = client.post("/api/auth/totp/enrol").json()["secret"]
    server.wall.leap(30 * SECOND)
    code = pyotp.TOTP(secret).at(server.wall.now() // SECOND)
    return client.post("/api/auth/totp/confirm", json={"code": code})


def test_first_start_makes_the_administrator_by_a_link_that_works_once(tmp_path: Path) -> None:
    with a_server(tmp_path) as fresh, fresh.client() as client:
        before = client.get("/api/auth/setup").json()
        link = first_link(fresh.services, fresh.url)
        assert link is not None
        asked = {"secret": secret_of(link), "user_id": "minji", "password": SENTENCE}
        begun = client.post("/api/auth/setup", json=asked).json()
        not_yet = client.get("/api/users")
        enrolled = enrol(fresh, client)
        users = client.get("/api/users").json()
        again = answer_link(fresh, link, user_id="somebody")
        after = client.get("/api/auth/setup").json()

    assert (before, begun, after) == ({"is_needed": True}, {"next": "ENROL"}, {"is_needed": False})
    assert not_yet.json()["code"] == "SECOND_FACTOR_NEEDED"
    assert enrolled.is_success
    assert [(user["user_id"], user["role"]) for user in users] == [("minji", "ADMIN")]
    assert (again.status_code, again.json()["code"]) == (404, "NO_SUCH_INVITATION")


def test_first_start_when_there_is_an_administrator_makes_no_link(server: ServerRig) -> None:
    server.a_person(Role.ADMIN)

    assert first_link(server.services, server.url) is None


def test_first_link_when_made_again_ends_the_one_before(tmp_path: Path) -> None:
    with a_server(tmp_path) as fresh:
        links = [first_link(fresh.services, fresh.url) for _ in range(2)]
        statuses = [answer_link(fresh, link or "").status_code for link in links]

    assert statuses == [404, 200]


def test_first_link_when_an_hour_old_is_no_good(tmp_path: Path) -> None:
    with a_server(tmp_path) as fresh:
        link = first_link(fresh.services, fresh.url)
        fresh.wall.leap(HOUR)
        late = answer_link(fresh, link or "")

    assert late.status_code == 404


def test_link_when_the_password_is_weak_can_be_used_again(
    server: ServerRig, admin: httpx.Client
) -> None:
    asked = {"user_id": "weak-at-first", "role": "VIEWER"}
    link = admin.post("/api/users/invite", json=asked).json()["path"]
    counted_up = "1234567890123456"
    weak = answer_link(server, link, password=counted_up)
    strong = answer_link(server, link)

    assert weak.json()["code"] == "WEAK_PASSWORD"
    assert strong.json() == {"next": "DONE"}


def test_invited_person_when_another_name_is_asked_for_keeps_the_one_given(
    server: ServerRig, admin: httpx.Client
) -> None:
    asked = {"user_id": "viewer-by-link", "role": "VIEWER"}
    link = admin.post("/api/users/invite", json=asked).json()["path"]
    answer_link(server, link, user_id="owner")
    found = admin.get("/api/users/viewer-by-link").json()

    assert (found["role"], found["has_password"]) == ("VIEWER", True)


def test_name_when_taken_or_once_taken_is_not_given_again(
    server: ServerRig, admin: httpx.Client
) -> None:
    taken, gone = server.a_person(Role.VIEWER), server.a_person(Role.VIEWER)
    admin.delete(f"/api/users/{gone.user_id}")
    refused = [
        admin.post("/api/users/invite", json={"user_id": each.user_id, "role": "ADMIN"})
        for each in (taken, gone)
    ]

    assert [(each.status_code, each.json()["code"]) for each in refused] == [
        (409, "NAME_TAKEN")
    ] * 2


def test_role_when_changed_holds_from_the_next_request_on(
    server: ServerRig, admin: httpx.Client
) -> None:
    viewer = server.a_person(Role.VIEWER, ACCOUNT)
    with server.logged_in(viewer) as client:
        before = client.get(f"/api/accounts/{ACCOUNT}").json()["may_trade"]
        admin.put(f"/api/users/{viewer.user_id}/role", json={"role": "PAPER_TRADER"})
        after = client.get(f"/api/accounts/{ACCOUNT}").json()["may_trade"]

    assert (before, after) == (False, True)


def test_person_when_left_without_any_permission_sees_nothing(
    server: ServerRig, admin: httpx.Client
) -> None:
    viewer = server.a_person(Role.VIEWER, ACCOUNT)
    with server.logged_in(viewer) as client:
        server.services.people.users.set_permissions(viewer.user_id, [], server.wall.now())
        refused = client.get("/api/accounts")

    assert (refused.status_code, refused.json()["code"]) == (403, "NOT_ALLOWED")
    assert admin.get("/api/accounts").is_success


def test_account_when_granted_and_withdrawn_is_seen_and_not_seen(
    server: ServerRig, admin: httpx.Client
) -> None:
    viewer = server.a_person(Role.VIEWER)
    path = f"/api/users/{viewer.user_id}/accounts/{ACCOUNT}"
    with server.logged_in(viewer) as client:
        statuses = [client.get(f"/api/accounts/{ACCOUNT}").status_code]
        admin.put(path)
        statuses.append(client.get(f"/api/accounts/{ACCOUNT}").status_code)
        admin.delete(path)
        statuses.append(client.get(f"/api/accounts/{ACCOUNT}").status_code)

    assert statuses == [404, 200, 404]


def test_person_when_locked_is_out_at_once_and_cannot_come_back(
    server: ServerRig, admin: httpx.Client
) -> None:
    trader = server.a_person(Role.PAPER_TRADER)
    with server.logged_in(trader) as client, server.client() as new:
        admin.post(f"/api/users/{trader.user_id}/lock")
        out = client.get("/api/auth/me")
        asked = {"user_id": trader.user_id, "password": trader.password}
        refused = new.post("/api/auth/login", json=asked)
        admin.post(f"/api/users/{trader.user_id}/unlock")
        taken = new.post("/api/auth/login", json=asked)

    assert (out.status_code, refused.status_code) == (401, 401)
    assert taken.is_success


def test_person_when_deleted_is_out_at_once_and_not_shown(
    server: ServerRig, admin: httpx.Client
) -> None:
    trader = server.a_person(Role.PAPER_TRADER)
    with server.logged_in(trader) as client:
        admin.delete(f"/api/users/{trader.user_id}")
        out = client.get("/api/auth/me")

    assert out.status_code == 401
    assert admin.get(f"/api/users/{trader.user_id}").status_code == 404


def test_password_when_renewed_by_an_administrator_leaves_the_second_factor(
    server: ServerRig, admin: httpx.Client
) -> None:
    trader = server.a_person(Role.PAPER_TRADER)
    new = "바다 위로 해가 뜨는 새벽 7"
    with server.logged_in(trader) as client:
        link = admin.post(f"/api/users/{trader.user_id}/new-password").json()["path"]
        out = client.get("/api/auth/me")
    begun = answer_link(server, link, password=new)
    with server.logged_in(Person(trader.user_id, new, trader.totp_secret)) as client:
        me = client.get("/api/auth/me").json()

    assert out.status_code == 401
    assert begun.json() == {"next": "TOTP"}
    assert me["role"] == "PAPER_TRADER"


def test_second_factor_when_forgotten_by_an_administrator_is_enrolled_anew(
    server: ServerRig, admin: httpx.Client
) -> None:
    trader = server.a_person(Role.PAPER_TRADER)
    admin.post(f"/api/users/{trader.user_id}/forget-second-factor")
    with server.client() as client:
        asked = {"user_id": trader.user_id, "password": trader.password}
        begun = client.post("/api/auth/login", json=asked)
        enrolled = enrol(server, client)

    assert begun.json() == {"next": "ENROL"}
    assert enrolled.is_success


@pytest.mark.parametrize("what", ["new-password", "forget-second-factor"])
def test_factor_when_taken_by_an_administrator_ends_every_login_and_token_for_good(
    server: ServerRig, admin: httpx.Client, what: str
) -> None:
    trader = server.a_person(Role.PAPER_TRADER)
    with server.logged_in(trader) as client, server.program(server.a_token(trader)) as program:
        before = client.get("/api/accounts"), program.get("/api/accounts")
        taken = admin.post(f"/api/users/{trader.user_id}/{what}")
        admin.post(f"/api/users/{trader.user_id}/unlock")
        after = client.get("/api/accounts"), program.get("/api/accounts")

    assert taken.is_success
    assert [each.status_code for each in before] == [200, 200]
    assert [each.status_code for each in after] == [401, 401]


@pytest.mark.parametrize("what", ["lock", "new-password", "forget-second-factor", "delete", "role"])
def test_administrator_when_acting_on_oneself_is_refused(server: ServerRig, what: str) -> None:
    me = server.a_person(Role.ADMIN)
    path = f"/api/users/{me.user_id}"
    with server.logged_in(me) as client:
        refused = {
            "delete": lambda: client.delete(path),
            "role": lambda: client.put(f"{path}/role", json={"role": "VIEWER"}),
        }.get(what, lambda: client.post(f"{path}/{what}"))()

    assert (refused.status_code, refused.json()["code"]) == (409, "NOT_ONESELF")


def test_body_when_it_names_what_nobody_asked_for_is_refused(admin: httpx.Client) -> None:
    asked = {"user_id": "fresh", "role": "VIEWER", "permissions": ["ADMINISTER"]}

    assert admin.post("/api/users/invite", json=asked).status_code == 422


def test_changes_when_made_are_in_the_audit_log_with_who_made_them(
    server: ServerRig, admin: httpx.Client
) -> None:
    viewer = server.a_person(Role.VIEWER)
    admin.put(f"/api/users/{viewer.user_id}/role", json={"role": "PAPER_TRADER"})
    mine = admin.get("/api/auth/me").json()["user_id"]

    with server.services.store.reading.connect() as connection:
        found = connection.exec_driver_sql(
            "SELECT user_id, action FROM audit WHERE subject = ?", (viewer.user_id,)
        ).all()
    assert (mine, "CHANGE_ROLE") in [tuple(row) for row in found]
