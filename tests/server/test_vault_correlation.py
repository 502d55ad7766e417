"""One order can be followed from its request through the log and the audit log to its number."""

from __future__ import annotations

import json
from pathlib import Path

from maemae.server.logs import kept_log
from maemae.server.security.roles import Role
from tests.brokers.sim_rig import ACCOUNT
from tests.server.rig import a_trading_server
from tests.server.trading import buy

REQUEST_ID = "request-of-this-test"


def test_request_command_and_order_are_found_by_each_other(tmp_path: Path) -> None:
    with (
        a_trading_server(tmp_path) as (server, _street, executor),
        kept_log(tmp_path / "log", "server") as log,
    ):
        executor.open_trading()
        person = server.a_person(Role.PAPER_TRADER, ACCOUNT)
        with server.logged_in(person) as client:
            headers = {"Idempotency-Key": "correlation-1", "X-Request-Id": REQUEST_ID}
            answer = client.post("/api/orders", json=buy(), headers=headers)
            assert answer.is_success, answer.text
            number = answer.json()["cl_ord_ids"][0]
            acts = client.get("/api/audit", params={"action": "PLACE_ORDER"}).json()["rows"]
        lines = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
        content = log.read_text("utf-8")

    (command,) = [line for line in lines if line["event"] == "command"]
    (request,) = [line for line in lines if line.get("route") == "/api/orders"]
    assert (command["request_id"], command["numbers"]) == (REQUEST_ID, [number])
    assert (request["request_id"], request["status"]) == (REQUEST_ID, 200)
    assert acts[0]["detail"]["request_id"] == REQUEST_ID
    assert acts[0]["detail"]["command"] == command["command"]
    assert acts[0]["detail"]["numbers"] == [number]
    assert person.password not in content
    assert person.totp_secret not in content
