"""What the way in promises: both factors, each code once, a new secret each time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from maemae.server.security.cookie import COOKIE
from maemae.server.security.roles import Role
from tests.server.rig import ServerRig, a_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerRig]:
    folder: Path = tmp_path_factory.mktemp("server")
    with a_server(folder) as running:
        yield running


def test_login_when_both_factors_were_shown_is_known(server: ServerRig) -> None:
    owner = server.a_person(Role.ADMIN)

    with server.logged_in(owner) as client:
        me = client.get("/api/auth/me").json()

    assert (me["user_id"], me["role"]) == (owner.user_id, "ADMIN")
    assert me["stepped_up_until"] is not None


def test_cookie_when_set_is_kept_from_scripts_and_other_sites(server: ServerRig) -> None:
    owner = server.a_person(Role.ADMIN)
    asked = {"user_id": owner.user_id, "password": owner.password}

    with server.client() as client:
        header = client.post("/api/auth/login", json=asked).headers["set-cookie"]

    assert header.startswith(f"{COOKIE}=")
    rest = {part.strip().lower() for part in header.split(";")[1:]}
    assert {"httponly", "secure", "samesite=strict", "path=/"} <= rest
    assert not any(part.startswith("domain") for part in rest)


def test_login_when_only_the_password_was_shown_reads_nothing(server: ServerRig) -> None:
    owner = server.a_person(Role.ADMIN)
    asked = {"user_id": owner.user_id, "password": owner.password}

    with server.client() as client:
        client.post("/api/auth/login", json=asked)
        refused = client.get("/api/auth/me")

    assert (refused.status_code, refused.json()["code"]) == (401, "SECOND_FACTOR_NEEDED")
