"""What the way in promises: both factors, each code once, a new secret each time."""

from __future__ import annotations

import httpx
import pyotp
import pytest

from maemae.domain.instant import HOUR, MINUTE, SECOND
from maemae.server.security.cookie import COOKIE
from maemae.server.security.passwords import Passwords
from maemae.server.security.roles import Role
from maemae.server.security.secret import hash_of
from tests.server.rig import Person, ServerRig

CODES = 10


def told(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def by_password(client: httpx.Client, person: Person, password: str = "") -> httpx.Response:
    asked = {"user_id": person.user_id, "password": password or person.password}
    return client.post("/api/auth/login", json=asked)


def test_login_when_both_factors_were_shown_is_known(server: ServerRig) -> None:
    owner = server.a_person(Role.ADMIN)

    with server.logged_in(owner) as client:
        me = client.get("/api/auth/me").json()

    assert (me["user_id"], me["role"]) == (owner.user_id, "ADMIN")
    assert me["stepped_up_until"] is not None


def test_cookie_when_set_is_kept_from_scripts_and_other_sites(server: ServerRig) -> None:
    owner = server.a_person(Role.ADMIN)

    with server.client() as client:
        header = by_password(client, owner).headers["set-cookie"]

    assert header.startswith(f"{COOKIE}=")
    rest = {part.strip().lower() for part in header.split(";")[1:]}
    assert {"httponly", "secure", "samesite=strict", "path=/"} <= rest
    assert not any(part.startswith("domain") for part in rest)


def test_cookie_when_kept_is_only_a_hash(server: ServerRig) -> None:
    owner = server.a_person(Role.VIEWER)

    with server.logged_in(owner) as client:
        secret = client.headers["Cookie"].partition("=")[2]
    (login,) = server.services.people.logins.of(owner.user_id, server.wall.now(), HOUR)

    assert login.secret_hash == hash_of(secret)
    assert secret.encode() not in login.secret_hash


def test_login_when_only_the_password_was_shown_reads_nothing(server: ServerRig) -> None:
    owner = server.a_person(Role.ADMIN)

    with server.client() as client:
        by_password(client, owner)
        refused = client.get("/api/auth/me")

    assert told(refused) == (401, "SECOND_FACTOR_NEEDED")


def test_login_when_half_way_for_too_long_ends(server: ServerRig) -> None:
    owner = server.a_person(Role.ADMIN)

    with server.client() as client:
        by_password(client, owner)
        server.wall.leap(server.services.config.patience.half_way)
        refused = client.post("/api/auth/totp", json={"code": server.code(owner)})

    assert told(refused) == (401, "NOT_LOGGED_IN")


def test_secret_when_a_factor_is_shown_is_a_new_one(server: ServerRig) -> None:
    owner = server.a_person(Role.ADMIN)
    with server.client() as client:
        secrets = [client.headers.get("Cookie")]
        by_password(client, owner)
        secrets.append(client.headers["Cookie"])
        client.post("/api/auth/totp", json={"code": server.code(owner)})
        secrets.append(client.headers["Cookie"])
        server.step_up(client, owner)
        secrets.append(client.headers["Cookie"])

        old = [server.status_with(secret) for secret in secrets[1:-1] if secret]

    assert len(set(secrets)) == len(secrets)
    assert old == [401, 401]


def test_secret_when_brought_along_by_a_stranger_is_not_taken_over(server: ServerRig) -> None:
    owner = server.a_person(Role.ADMIN)
    planted = f"{COOKIE}=chosen-by-somebody-else"

    with server.client(Cookie=planted) as client:
        by_password(client, owner)
        given = client.headers["Cookie"]

    assert given != planted
    assert server.status_with(planted) == 401


def test_code_when_shown_again_is_refused(server: ServerRig) -> None:
    owner = server.a_person(Role.ADMIN)
    code = server.code(owner)
    with server.client() as first, server.client() as second:
        by_password(first, owner)
        by_password(second, owner)
        taken = first.post("/api/auth/totp", json={"code": code})
        replayed = second.post("/api/auth/totp", json={"code": code})

    assert taken.is_success
    assert told(replayed) == (401, "WRONG_CODE")


def test_code_when_of_the_step_before_is_refused(server: ServerRig) -> None:
    owner = server.a_person(Role.ADMIN)
    with server.client() as client:
        by_password(client, owner)
        code = server.code(owner)
        server.wall.leap(30 * SECOND)
        late = client.post("/api/auth/totp", json={"code": code})

    assert told(late) == (401, "WRONG_CODE")


def test_recovery_code_when_used_is_good_once(server: ServerRig) -> None:
    owner = server.a_person(Role.ADMIN)
    with server.logged_in(owner) as client:
        codes = client.post("/api/auth/recovery-codes").json()["recovery_codes"]
    spoken = codes[0].lower().replace("-", " ")
    with server.client() as first, server.client() as second:
        by_password(first, owner)
        by_password(second, owner)
        taken = first.post("/api/auth/recovery", json={"code": spoken})
        left = first.get("/api/auth/me").json()["recovery_codes_left"]
        again = second.post("/api/auth/recovery", json={"code": codes[0]})

    assert (len(set(codes)), left) == (CODES, CODES - 1)
    assert taken.is_success
    assert told(again) == (401, "WRONG_CODE")


def test_second_factor_when_enrolled_ends_every_other_login_and_token(server: ServerRig) -> None:
    viewer = server.a_person(Role.VIEWER)
    with (
        server.logged_in(viewer) as here,
        server.logged_in(viewer) as there,
        server.program(server.a_token(viewer)) as program,
    ):
        offer = here.post("/api/auth/totp/enrol").json()
        server.wall.leap(30 * SECOND)
        code = pyotp.TOTP(offer["secret"]).at(server.wall.now() // SECOND)
        before = program.get("/api/accounts")
        confirmed = here.post("/api/auth/totp/confirm", json={"code": code})

        mine, theirs = here.get("/api/auth/me"), there.get("/api/auth/me")
        after = program.get("/api/accounts")

    assert len(confirmed.json()["recovery_codes"]) == CODES
    assert (mine.status_code, theirs.status_code) == (200, 401)
    assert (before.status_code, after.status_code) == (200, 401)


def test_second_factor_when_not_shown_lately_cannot_be_replaced(server: ServerRig) -> None:
    owner = server.a_person(Role.ADMIN)
    with server.logged_in(owner) as client:
        server.forget_step_up()
        refused = client.post("/api/auth/totp/enrol")
    with server.client() as half_way:
        by_password(half_way, owner)
        refused_half_way = half_way.post("/api/auth/totp/enrol")

    assert told(refused) == (403, "STEP_UP_NEEDED")
    assert told(refused_half_way) == (403, "STEP_UP_NEEDED")


def test_password_when_changed_ends_every_other_login_and_token(server: ServerRig) -> None:
    owner = server.a_person(Role.ADMIN)
    new = "바다 위로 해가 뜨는 새벽 7"
    with (
        server.logged_in(owner) as here,
        server.logged_in(owner) as there,
        server.program(server.a_token(owner)) as program,
    ):
        before = program.get("/api/accounts")
        changed = here.post("/api/auth/password", json={"old": owner.password, "new": new})
        mine, theirs = here.get("/api/auth/me"), there.get("/api/auth/me")
        after = program.get("/api/accounts")
    with server.client() as client:
        old, fresh = by_password(client, owner), by_password(client, owner, new)

    assert changed.is_success
    assert (mine.status_code, theirs.status_code) == (200, 401)
    assert (before.status_code, after.status_code) == (200, 401)
    assert told(old) == (401, "WRONG_CREDENTIALS")
    assert fresh.is_success


def test_password_when_spaces_surround_it_keeps_them(server: ServerRig) -> None:
    owner = server.a_person(Role.ADMIN)
    with server.client() as client:
        padded = by_password(client, owner, f" {owner.password} ")

    assert told(padded) == (401, "WRONG_CREDENTIALS")


def test_password_when_weak_is_refused_with_a_reason(server: ServerRig) -> None:
    owner = server.a_person(Role.ADMIN)
    with server.logged_in(owner) as client:
        asked = {"old": owner.password, "new": "qwertyuiop123456"}
        refused = client.post("/api/auth/password", json=asked)

    assert told(refused) == (422, "WEAK_PASSWORD")


def test_hash_when_it_was_cheap_is_made_anew_at_login(server: ServerRig) -> None:
    owner = server.a_person(Role.ADMIN)
    cheap = Passwords(memory_kib=8, passes=1)
    users = server.services.people.users
    known = users.find(owner.user_id)
    assert known is not None
    assert users.set_password(owner.user_id, cheap.hash(owner.password), known.password_hash)
    cheap.close()

    with server.client() as client:
        by_password(client, owner)

    now = users.find(owner.user_id)
    assert now is not None
    assert now.password_hash is not None
    assert not server.services.passwords.is_weaker(now.password_hash)


def test_login_when_the_name_is_unknown_is_told_the_same_as_a_wrong_password(
    server: ServerRig,
) -> None:
    owner = server.a_person(Role.ADMIN)
    stranger = Person("nobody", owner.password, "")
    with server.client() as client:
        wrong, unknown = by_password(client, owner, "x" * 20), by_password(client, stranger)

    ignored = {"request_id"}
    bodies = [
        {key: value for key, value in answer.json().items() if key not in ignored}
        for answer in (wrong, unknown)
    ]
    assert wrong.status_code == unknown.status_code
    assert bodies[0] == bodies[1]
    assert {*wrong.headers} == {*unknown.headers}


def test_login_when_idle_for_too_long_ends(server: ServerRig) -> None:
    owner = server.a_person(Role.ADMIN)
    with server.logged_in(owner) as client:
        server.wall.leap(server.services.config.patience.idle - MINUTE)
        still = client.get("/api/auth/me")
        server.wall.leap(server.services.config.patience.idle - MINUTE)
        kept = client.get("/api/auth/me")
        server.wall.leap(server.services.config.patience.idle + MINUTE)
        ended = client.get("/api/auth/me")

    assert (still.status_code, kept.status_code, ended.status_code) == (200, 200, 401)


def test_login_when_its_absolute_end_has_come_ends_although_it_is_used(
    server: ServerRig,
) -> None:
    owner, patience = server.a_person(Role.ADMIN), server.services.config.patience
    with server.logged_in(owner) as client:
        for _ in range(patience.absolute // (20 * MINUTE) - 1):
            server.wall.leap(20 * MINUTE)
            assert client.get("/api/auth/me").is_success
        server.step_up(client, owner)
        server.wall.leap(20 * MINUTE)
        ended = client.get("/api/auth/me")

    assert told(ended) == (401, "NOT_LOGGED_IN")


def test_login_when_ended_from_another_one_is_dead_at_once(server: ServerRig) -> None:
    owner = server.a_person(Role.ADMIN)
    with server.logged_in(owner) as here, server.logged_in(owner) as there:
        logins = here.get("/api/auth/logins").json()
        (other,) = [each["login_id"] for each in logins if not each["is_this_one"]]
        ended = here.delete(f"/api/auth/logins/{other}")
        mine, theirs = here.get("/api/auth/me"), there.get("/api/auth/me")

    assert (ended.status_code, mine.status_code, theirs.status_code) == (204, 200, 401)


def test_login_when_of_somebody_else_cannot_be_ended(server: ServerRig) -> None:
    owner, viewer = server.a_person(Role.ADMIN), server.a_person(Role.VIEWER)
    with server.logged_in(owner) as theirs, server.logged_in(viewer) as mine:
        (login,) = theirs.get("/api/auth/logins").json()
        refused = mine.delete(f"/api/auth/logins/{login['login_id']}")
        still = theirs.get("/api/auth/me")

    assert told(refused) == (404, "NOT_FOUND")
    assert still.is_success


def test_logins_when_all_are_ended_are_dead_this_one_included(server: ServerRig) -> None:
    owner = server.a_person(Role.ADMIN)
    with server.logged_in(owner) as here, server.logged_in(owner) as there:
        cookie = here.headers["Cookie"]
        here.post("/api/auth/logins/end-all")
        mine, theirs = server.status_with(cookie), there.get("/api/auth/me").status_code

    assert (mine, theirs) == (401, 401)


def test_login_when_logged_out_is_dead_although_the_cookie_is_shown_again(
    server: ServerRig,
) -> None:
    owner = server.a_person(Role.ADMIN)
    with server.logged_in(owner) as client:
        cookie = client.headers["Cookie"]
        client.post("/api/auth/logout")

    assert server.status_with(cookie) == 401


def test_viewer_when_without_a_second_factor_is_let_in_and_may_enrol_one(
    server: ServerRig,
) -> None:
    viewer = server.a_person(Role.VIEWER)
    server.services.people.second_factors.forget(viewer.user_id)
    with server.client() as client:
        answer = by_password(client, viewer).json()
        me = client.get("/api/auth/me").json()

    assert answer == {"next": "DONE"}
    assert (me["has_second_factor"], me["stepped_up_until"]) == (False, None)


@pytest.mark.parametrize("role", [Role.PAPER_TRADER, Role.REAL_TRADER, Role.ADMIN])
def test_trader_when_without_a_second_factor_must_enrol_one(server: ServerRig, role: Role) -> None:
    trader = server.a_person(role)
    server.services.people.second_factors.forget(trader.user_id)
    with server.client() as client:
        answer = by_password(client, trader).json()
        refused = client.get("/api/accounts")

    assert answer == {"next": "ENROL"}
    assert told(refused) == (401, "SECOND_FACTOR_NEEDED")
