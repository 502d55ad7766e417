"""Credentials over the API: values go in and never come out, and nobody sees another's."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from maemae.server.security.roles import Role
from maemae.storage.tables.people import Permission
from tests.server.rig import ServerRig

CANARY = "c4n4ry-9f2e"
NEW = {"broker": "KIS", "mode": "PAPER", "values": {"app_key": "PSabc", "app_secret": CANARY}}


def put(client: httpx.Client, **changed: object) -> httpx.Response:
    return client.post("/api/credentials", json={**NEW, **changed})


def test_credential_when_put_is_listed_without_values_and_opens_for_its_adapter(
    server: ServerRig,
) -> None:
    trader = server.a_person(Role.PAPER_TRADER)
    with server.logged_in(trader) as client:
        made = put(client)
        listed = client.get("/api/credentials")

    assert made.status_code == 201, made.text
    shown = made.json()
    assert (shown["fields"], shown["version"]) == (["app_key", "app_secret"], 1)
    assert listed.json() == [shown]
    assert CANARY not in made.text + listed.text
    with server.services.store.reading.connect() as connection:
        opened = server.services.credentials.open(connection, shown["credential_id"])
    assert opened == NEW["values"]


def test_credential_when_replaced_and_revoked_says_so(server: ServerRig) -> None:
    with server.logged_in(server.a_person(Role.PAPER_TRADER)) as client:
        place = f"/api/credentials/{put(client).json()['credential_id']}"
        replaced = client.put(place, json={"values": {"app_key": "PSnew"}})
        revoked = client.delete(place)
        again = client.put(place, json={"values": {"app_key": "PSnew"}})

    assert (replaced.json()["version"], replaced.json()["fields"]) == (2, ["app_key"])
    assert revoked.json()["revoked_at"] is not None
    assert again.status_code == 404


def test_credential_of_another_is_as_if_there_were_none(server: ServerRig) -> None:
    with server.logged_in(server.a_person(Role.PAPER_TRADER)) as client:
        place = f"/api/credentials/{put(client).json()['credential_id']}"
    with server.logged_in(server.a_person(Role.REAL_TRADER)) as client:
        answers = [client.put(place, json={"values": {"a": "xy"}}), client.delete(place)]
        listed = client.get("/api/credentials").json()

    assert [answer.status_code for answer in answers] == [404, 404]
    assert listed == []


@pytest.mark.parametrize(
    ("role", "mode", "status"),
    [
        (Role.VIEWER, "SIM", 403),
        (Role.PAPER_TRADER, "REAL", 403),
        (Role.PAPER_TRADER, "PAPER", 201),
        (Role.REAL_TRADER, "REAL", 201),
    ],
)
def test_credential_of_a_mode_is_put_only_by_who_may_trade_it(
    server: ServerRig, role: Role, mode: str, status: int
) -> None:
    with server.logged_in(server.a_person(role)) as client:
        assert put(client, mode=mode).status_code == status


def test_credential_when_the_second_factor_was_not_shown_lately_is_refused(
    server: ServerRig,
) -> None:
    person = server.a_person(Role.PAPER_TRADER)
    with server.logged_in(person) as client:
        server.forget_step_up()
        refused = put(client)
    with server.program(server.a_token(person, *Permission)) as program:
        by_token = put(program)

    assert (refused.status_code, by_token.status_code) == (403, 403)


@pytest.mark.parametrize(
    "changed",
    [
        {"values": {}},
        {"values": {"app_key": ""}},
        {"values": {"app_key": "changeme"}},
        {"values": {"Bad Name": "xy"}},
        {"broker": "kis"},
        {"owner": "owner"},
    ],
)
def test_credential_when_it_cannot_be_one_is_refused_without_its_values(
    server: ServerRig, changed: dict[str, object]
) -> None:
    with server.logged_in(server.a_person(Role.PAPER_TRADER)) as client:
        refused = put(client, **changed)

    assert refused.status_code == 422
    assert CANARY not in refused.text


def test_values_are_nowhere_in_the_database_files_and_audit(server: ServerRig) -> None:
    with server.logged_in(server.a_person(Role.ADMIN)) as client:
        put(client)
        audited = client.get("/api/audit", params={"action": "PUT_CREDENTIAL"})

    assert audited.json()["rows"][0]["detail"]["fields"] == ["app_key", "app_secret"]
    assert CANARY not in audited.text
    files: list[Path] = [each for each in server.services.config.home.rglob("*") if each.is_file()]
    assert files
    assert not [each.name for each in files if CANARY.encode() in each.read_bytes()]
