"""A Supabase project is believed about who somebody is: by its keys, for a moment, no further."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from maemae.domain.instant import MINUTE, SECOND
from maemae.server.security.roles import Role
from tests.server.rig import Person, ServerRig, a_server
from tests.server.supabase_project import SupabaseProject, a_project


@dataclass
class Pair:
    """A server that believes a project."""

    server: ServerRig
    project: SupabaseProject

    @property
    def now(self) -> int:
        return self.server.wall.now() // SECOND

    def person(self, role: Role, subject: str) -> Person:
        person = self.server.a_person(role)
        before = self.server.services.people.users.find_by_subject(subject)
        if before is not None:
            self.server.services.people.users.set_subject(before.user_id, None)
        self.server.services.people.users.set_subject(person.user_id, subject)
        return person

    def show(self, client: httpx.Client, token: str) -> httpx.Response:
        return client.post("/api/auth/supabase", json={"access_token": token})

    def status(self, token: str) -> int:
        with self.server.client() as client:
            return self.show(client, token).status_code


@contextmanager
def a_pair(folder: Path) -> Iterator[Pair]:
    with a_project() as project, a_server(folder, supabase_url=project.url) as server:
        yield Pair(server, project)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with a_pair(tmp_path_factory.mktemp("server")) as found:
        yield found


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Pair]:
    """Give a pair that has not met yet."""
    with a_pair(tmp_path) as found:
        yield found


def test_login_by_supabase_is_known_and_graded_by_the_factors_shown_there(pair: Pair) -> None:
    viewer = pair.person(Role.VIEWER, "v-1")
    pair.server.services.people.second_factors.forget(viewer.user_id)
    trader = pair.person(Role.REAL_TRADER, "t-1")
    with pair.server.client() as client:
        one = pair.show(client, pair.project.token(pair.now, sub="v-1", aal="aal1")).json()
    with pair.server.client() as client:
        two = pair.show(client, pair.project.token(pair.now, sub="t-1", aal="aal2")).json()
        me = client.get("/api/auth/me").json()
        refused = client.post("/api/auth/tokens", json={"name": "n", "scope": "READ"})
    with pair.server.client() as client:
        half = pair.show(client, pair.project.token(pair.now, sub="t-1", aal="aal1")).json()
        not_yet = client.get("/api/auth/me")

    assert (one, two, half) == ({"next": "DONE"}, {"next": "DONE"}, {"next": "TOTP"})
    assert me["user_id"] == trader.user_id
    # A factor shown elsewhere, perhaps hours ago, is not one shown just now.
    assert (me["stepped_up_until"], refused.json()["code"]) == (None, "STEP_UP_NEEDED")
    assert not_yet.json()["code"] == "SECOND_FACTOR_NEEDED"


def test_login_by_supabase_when_ended_here_is_dead_although_the_token_is_not(pair: Pair) -> None:
    pair.person(Role.ADMIN, "a-1")
    with pair.server.client() as client:
        pair.show(client, pair.project.token(pair.now, sub="a-1"))
        cookie = client.headers["Cookie"]
        client.post("/api/auth/logout")

    assert pair.server.status_with(cookie) == 401


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "nobody-here"},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"iss": "https://another.supabase.co/auth/v1"},
        {"iss": None},
        {"aud": "anon"},
        {"aud": None},
        {"exp": 1},
        {"exp": None},
        {"iat": None},
        {"nbf": 2**40},
    ],
    ids=str,
)
def test_token_when_a_claim_is_wrong_is_refused(pair: Pair, claims: dict[str, Any]) -> None:
    pair.person(Role.ADMIN, "7f1d")

    assert pair.status(pair.project.token(pair.now, **claims)) == 401
    assert pair.status(pair.project.token(pair.now)) == 200


def test_token_when_minutes_old_is_refused(pair: Pair) -> None:
    pair.person(Role.ADMIN, "7f1d")
    token = pair.project.token(pair.now)
    pair.server.wall.leap(11 * MINUTE)

    assert pair.status(token) == 401


def test_token_when_from_the_future_is_refused(pair: Pair) -> None:
    pair.person(Role.ADMIN, "7f1d")

    assert pair.status(pair.project.token(pair.now + 60)) == 401


def test_token_when_signed_by_the_wrong_key_or_not_at_all_is_refused(pair: Pair) -> None:
    pair.person(Role.ADMIN, "7f1d")
    good = pair.project.token(pair.now)
    head, claims, signature = good.split(".")
    none = base64.urlsafe_b64encode(json.dumps({"alg": "none", "kid": "first"}).encode())
    unsigned = f"{none.decode().rstrip('=')}.{claims}."
    swapped = json.loads(base64.urlsafe_b64decode(claims + "=="))
    swapped["sub"] = "7f1d"
    forged = base64.urlsafe_b64encode(json.dumps(swapped | {"aal": "aal3"}).encode()).decode()
    bad = [
        pair.project.stranger_token(pair.now),
        pair.project.confused_token(pair.now),
        unsigned,
        f"{head}.{forged.rstrip('=')}.{signature}",
        f"{head}.{claims}.",
        "x.y.z",
        "",
        "e30.e30.e30",
        good[:-4],
        "a" * 8_192,
    ]

    assert {pair.status(token) for token in bad} == {401}
    assert pair.status(good) == 200


def test_token_when_it_names_keys_of_its_own_is_refused(pair: Pair) -> None:
    pair.person(Role.ADMIN, "7f1d")
    with a_project() as rogue:
        rogue_url = f"{rogue.url}/auth/v1/.well-known/jwks.json"
        token = pair.project.stranger_token(pair.now)
        header = {"alg": "ES256", "kid": "first", "jku": rogue_url}
        rest = token.partition(".")[2]
        head = base64.urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip("=")

        assert pair.status(f"{head}.{rest}") == 401
        assert rogue.asked == 0


def test_keys_when_the_project_has_a_new_one_are_fetched_again_but_not_at_will(
    fresh: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh.person(Role.ADMIN, "7f1d")
    assert fresh.status(fresh.project.token(fresh.now)) == 200
    fresh.project.add_key("second")
    too_early = fresh.status(fresh.project.token(fresh.now))
    asked = fresh.project.asked
    for _ in range(5):
        fresh.status(fresh.project.token(fresh.now, header={"kid": "made-up"}))
    still = fresh.project.asked
    wall = fresh.server.wall
    real = wall.monotonic
    monkeypatch.setattr(wall, "monotonic", lambda: real() + MINUTE)
    later = fresh.status(fresh.project.token(fresh.now))

    assert (too_early, later) == (401, 200)
    assert (asked, still, fresh.project.asked) == (1, 1, 2)


def test_keys_when_they_cannot_be_had_let_nobody_in_and_say_why(fresh: Pair) -> None:
    fresh.person(Role.ADMIN, "7f1d")
    fresh.project.is_down = True
    with fresh.server.client() as client:
        refused = fresh.show(client, fresh.project.token(fresh.now))

    assert (refused.status_code, refused.json()["code"]) == (503, "SUPABASE_UNREACHABLE")


def test_person_when_locked_here_is_not_let_in_by_supabase(pair: Pair) -> None:
    admin = pair.person(Role.ADMIN, "7f1d")
    pair.server.services.people.users.set_locked(admin.user_id, is_locked=True)

    assert pair.status(pair.project.token(pair.now)) == 401


def test_login_by_supabase_when_none_is_configured_is_not_there(server: ServerRig) -> None:
    with server.client() as client:
        answer = client.post("/api/auth/supabase", json={"access_token": "x.y.z"})

    assert answer.status_code == 404
