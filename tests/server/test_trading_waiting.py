"""What waits in the executor over the API: seen by those whose it is, and taken back once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from maemae.domain.ids import AccountId, IntentId, SleeveId, Symbol
from maemae.domain.parent import Crossing
from maemae.domain.terms import Mode, Side
from maemae.server.security.roles import Role
from maemae.trading.control.commands import Withdraw
from maemae.trading.waiting import Waiting, WaitsFor
from tests.brokers.sim_rig import ACCOUNT, OTHER_ACCOUNT
from tests.builders import NOON
from tests.server.recording_line import RecordingLine
from tests.server.rig import ServerRig, a_line, a_server
from tests.server.trading import post

MINE, THEIRS = IntentId("골든:1:005930:0"), IntentId("S:2")
WAITS = WaitsFor.PRICE
LADDER = Waiting(
    MINE,
    ACCOUNT,
    SleeveId("골든"),
    Symbol("005930"),
    Side.BUY,
    WAITS,
    filled=4,
    qty=10,
    sent=1,
    parts=3,
    at=NOON,
    crossing=Crossing(70_000, above=True),
)
REBALANCING = Waiting(THEIRS, OTHER_ACCOUNT, SleeveId("S"), None, None, WaitsFor.MARKET)

Rig = tuple[ServerRig, RecordingLine]


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """Give a server over an executor in which one wish waits for each of two accounts."""
    with a_line(tmp_path, Mode.SIM, ACCOUNT, OTHER_ACCOUNT) as line:
        recording = RecordingLine(line)
        recording.waiting = (LADDER, REBALANCING)
        with a_server(tmp_path, (recording,)) as server:
            yield server, recording


def withdrawal(account_id: AccountId, intent_id: IntentId) -> str:
    return f"/api/waiting/{account_id}/{quote(intent_id)}/withdraw"


def test_what_waits_is_told_of_ones_own_account_alone(rig: Rig) -> None:
    server, _ = rig
    with server.logged_in(server.a_person(Role.VIEWER, ACCOUNT)) as client:
        (row,) = client.get("/api/waiting", params={"account_id": ACCOUNT}).json()
        elsewhere = client.get("/api/waiting", params={"account_id": OTHER_ACCOUNT})

    assert (row["intent_id"], row["waits_for"], row["side"]) == (MINE, WAITS.value, "BUY")
    assert (row["filled"], row["qty"], row["sent"], row["parts"]) == (4, 10, 1, 3)
    assert row["crossing"] == {"price": 70_000, "above": True}
    assert row["at"].endswith("+09:00")
    assert elsewhere.status_code == 404


def test_wish_is_taken_back_once_for_its_key_and_recorded(rig: Rig) -> None:
    server, line = rig
    trader = server.a_person(Role.PAPER_TRADER, ACCOUNT)
    with server.logged_in(trader) as client:
        first = post(client, withdrawal(ACCOUNT, MINE), key="take-back-1")
        line.waiting = ()
        again = post(client, withdrawal(ACCOUNT, MINE), key="take-back-1")
        gone = post(client, withdrawal(ACCOUNT, MINE), key="take-back-2")
        acts = client.get("/api/audit").json()

    assert (first.status_code, first.json()["outcome"]) == (200, "SENT")
    assert again.json() == first.json()
    assert gone.status_code == 404
    (command,) = line.commands
    assert isinstance(command, Withdraw)
    assert (command.intent_id, command.who) == (MINE, trader.user_id)
    (act,) = [act for act in acts["rows"] if act["action"] == "WITHDRAW_WISH"]
    assert act["subject"] == MINE


def test_wish_of_another_account_or_without_a_key_or_by_a_viewer_stays(rig: Rig) -> None:
    server, line = rig
    with server.logged_in(server.a_person(Role.PAPER_TRADER, ACCOUNT)) as client:
        # Their account is not to be seen, and their wish is none of this account's.
        assert post(client, withdrawal(OTHER_ACCOUNT, THEIRS)).status_code == 404
        assert post(client, withdrawal(ACCOUNT, THEIRS)).status_code == 404
        assert client.post(withdrawal(ACCOUNT, MINE)).status_code == 422
    with server.logged_in(server.a_person(Role.VIEWER, ACCOUNT)) as client:
        assert post(client, withdrawal(ACCOUNT, MINE)).status_code == 403

    assert line.commands == []
