"""The audit log over the API: everybody sees what they did, an administrator what anybody did."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection

from maemae.server.security.roles import Role
from maemae.storage.tables.people import Permission
from tests.server.rig import ServerRig, a_server


def test_log_shows_each_their_own_and_an_administrator_everything(server: ServerRig) -> None:
    trader, admin = server.a_person(Role.PAPER_TRADER), server.a_person(Role.ADMIN)
    with server.logged_in(trader) as client:
        own = client.get("/api/audit", params={"user_id": admin.user_id}).json()["rows"]
    with server.logged_in(admin) as client:
        everything = client.get("/api/audit").json()["rows"]
        theirs = client.get("/api/audit", params={"user_id": trader.user_id}).json()["rows"]

    assert {row["user_id"] for row in own} == {trader.user_id}
    assert {trader.user_id, admin.user_id} <= {row["user_id"] for row in everything}
    assert theirs == own
    assert all(row["detail"]["request_id"] for row in own)


def test_log_is_paged_to_its_first_row(server: ServerRig) -> None:
    with server.logged_in(server.a_person(Role.ADMIN)) as client:
        seqs: list[int] = []
        cursor: int | None = None
        while not seqs or cursor is not None:
            asked = {"limit": 2, **({} if cursor is None else {"cursor": cursor})}
            page = client.get("/api/audit", params=asked).json()
            seqs += [row["seq"] for row in page["rows"]]
            cursor = page["next_cursor"]

    assert seqs == list(range(len(seqs), 0, -1))


def test_number_of_a_request_is_in_what_it_recorded(server: ServerRig) -> None:
    person = server.a_person(Role.ADMIN)
    with server.client(**{"X-Request-Id": "my-request-42"}) as client:
        server.log_in(client, person)
        rows = client.get("/api/audit", params={"user_id": person.user_id}).json()["rows"]

    assert {row["detail"]["request_id"] for row in rows} == {"my-request-42"}


def edit_the_first_row(connection: Connection) -> None:
    connection.exec_driver_sql("DROP TRIGGER audit_no_update")
    connection.exec_driver_sql("UPDATE audit SET user_id = 'lee' WHERE seq = 1")


def test_verifier_says_good_until_a_row_is_edited_and_then_names_it(tmp_path: Path) -> None:
    with a_server(tmp_path) as server, server.logged_in(server.a_person(Role.ADMIN)) as client:
        assert server.services.audit.anchor() is not None
        good = client.get("/api/audit/verify").json()
        server.services.store.writer.run(edit_the_first_row)
        bad = client.get("/api/audit/verify").json()

    assert (good["is_good"], good["first_bad_row"], good["anchors"]) == (True, None, 1)
    assert (bad["is_good"], bad["first_bad_row"], bad["rows"]) == (False, 1, 0)
    assert "1" in bad["ko"]
    assert "1" in bad["en"]


def test_verifier_is_for_administrators(server: ServerRig) -> None:
    person = server.a_person(Role.REAL_TRADER)
    with server.program(server.a_token(person, Permission.VIEW)) as program:
        assert program.get("/api/audit/verify").status_code == 403
