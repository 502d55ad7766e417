"""The rig of these tests: a server over a real executor knows its accounts."""

from __future__ import annotations

from pathlib import Path

from maemae.server.security.roles import Role
from tests.brokers.sim_rig import ACCOUNT
from tests.server.rig import a_trading_server


def test_server_when_an_executor_runs_shows_its_account_to_whom_it_was_granted(
    tmp_path: Path,
) -> None:
    with a_trading_server(tmp_path) as (server, _street, _executor):
        trader = server.a_person(Role.PAPER_TRADER, ACCOUNT)
        stranger = server.a_person(Role.PAPER_TRADER)
        with server.logged_in(trader) as client:
            mine = client.get("/api/accounts").json()
        with server.logged_in(stranger) as client:
            theirs = client.get("/api/accounts").json()

    assert [(each["account_id"], each["mode"], each["may_trade"]) for each in mine] == [
        (ACCOUNT, "SIM", True)
    ]
    assert theirs == []
