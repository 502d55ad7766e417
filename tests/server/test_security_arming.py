"""Real money needs the role, a grant, the second factor shown lately, and an arming with an end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import httpx
import pytest

from maemae.domain.errors import MaemaeError
from maemae.domain.ids import AccountId
from maemae.domain.terms import Mode
from maemae.domain.text import Text
from maemae.server.problem import ProblemError
from maemae.server.security.actor import Actor
from maemae.server.security.gates import line_to_trade
from maemae.server.security.roles import GRANTS, Role
from maemae.trading.control.commands import Ask, SetArming
from maemae.trading.control.replies import Accepted, Failed, Reply
from tests.fake_executor import answering
from tests.server.rig import ServerRig, a_line, a_server

REAL, SIM, OTHERS = AccountId("REAL-1"), AccountId("5012345610"), AccountId("REAL-2")
ASKED = {"account_id": REAL, "reason": "first stage"}


@dataclass
class Setting:
    """A server whose executor of real money answers as told."""

    server: ServerRig
    asked: list[Ask]
    says: list[Reply]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setting]:
    folder, says = tmp_path_factory.mktemp("server"), list[Reply]()

    def answer(ask: Ask) -> Reply:
        assert isinstance(ask, SetArming)
        return says[0] if says else Accepted(ask.key)

    with ExitStack() as stack:
        real = stack.enter_context(a_line(folder, Mode.REAL, REAL, OTHERS))
        sim = stack.enter_context(a_line(folder, Mode.SIM, SIM))
        asked = stack.enter_context(answering(real.home, answer))
        server = stack.enter_context(a_server(folder, [real, sim]))
        yield Setting(server, asked, says)


@pytest.fixture
def setting(place: Setting) -> Setting:
    """Give it with nothing armed and nothing asked yet."""
    for account_id in (REAL, OTHERS):
        place.server.services.people.armings.disarm(account_id, "test", place.server.wall.now())
    place.says.clear()
    place.asked.clear()
    return place


def arm(client: httpx.Client, account_id: str = REAL) -> httpx.Response:
    asked = {**ASKED, "account_id": account_id}
    return client.post(f"/api/accounts/{account_id}/arm", json=asked)


def test_account_when_armed_is_armed_at_the_executor_too_and_runs_out(setting: Setting) -> None:
    server = setting.server
    trader = server.a_person(Role.REAL_TRADER, REAL)
    with server.logged_in(trader) as client:
        armed = arm(client).json()
        server.wall.leap(server.services.config.patience.armed)
        server.log_in(client, trader)
        later = client.get(f"/api/accounts/{REAL}").json()

    (told,) = setting.asked
    assert isinstance(told, SetArming)
    assert (told.account_id, told.who) == (REAL, trader.user_id)
    assert told.until > 0
    assert (armed["is_armed"], armed["armed_by"]) == (True, trader.user_id)
    assert later["is_armed"] is False


def test_account_when_the_second_factor_was_not_shown_lately_is_not_armed(
    setting: Setting,
) -> None:
    trader = setting.server.a_person(Role.REAL_TRADER, REAL)
    with setting.server.logged_in(trader) as client:
        setting.server.forget_step_up()
        refused = arm(client)
        setting.server.step_up(client, trader)
        taken = arm(client)

    assert refused.json()["code"] == "STEP_UP_NEEDED"
    assert taken.is_success


@pytest.mark.parametrize("role", [Role.VIEWER, Role.PAPER_TRADER])
def test_account_when_the_role_does_not_trade_real_money_is_not_armed(
    setting: Setting, role: Role
) -> None:
    person = setting.server.a_person(role, REAL)
    with setting.server.logged_in(person) as client:
        refused = arm(client)

    assert (refused.status_code, refused.json()["code"]) == (403, "NOT_ALLOWED")
    assert setting.asked == []


def test_account_when_of_somebody_else_or_simulated_is_not_armed(setting: Setting) -> None:
    trader = setting.server.a_person(Role.REAL_TRADER, REAL, SIM)
    with setting.server.logged_in(trader) as client:
        theirs, simulated = arm(client, OTHERS), arm(client, SIM)
        mismatched = client.post(f"/api/accounts/{REAL}/arm", json={**ASKED, "account_id": OTHERS})

    assert (theirs.status_code, simulated.status_code) == (404, 409)
    assert mismatched.status_code == 404
    assert setting.asked == []


def test_account_when_the_executor_refuses_is_not_armed(setting: Setting) -> None:
    setting.says.append(Failed(Text("안 됩니다.", "No.")))
    trader = setting.server.a_person(Role.REAL_TRADER, REAL)
    with setting.server.logged_in(trader) as client:
        refused = arm(client)
        account = client.get(f"/api/accounts/{REAL}").json()

    assert (refused.status_code, refused.json()["en"]) == (409, "No.")
    assert account["is_armed"] is False


def test_account_when_the_executor_cannot_say_is_in_doubt_and_not_refused(
    setting: Setting,
) -> None:
    setting.says.append(Failed(Text("모릅니다.", "Not known."), is_unknown=True))
    trader = setting.server.a_person(Role.REAL_TRADER, REAL)
    with setting.server.logged_in(trader) as client:
        unknown = arm(client)

    assert (unknown.status_code, unknown.json()["code"]) == (504, "OUTCOME_UNKNOWN")


def test_account_when_disarmed_is_so_even_if_the_executor_cannot_be_told(
    setting: Setting,
) -> None:
    trader = setting.server.a_person(Role.REAL_TRADER, REAL)
    with setting.server.logged_in(trader) as client:
        arm(client)
        setting.says.append(Failed(Text("안 됩니다.", "No.")))
        setting.server.forget_step_up()  # a stop must be quick
        told = client.post(f"/api/accounts/{REAL}/disarm")
        account = client.get(f"/api/accounts/{REAL}").json()

    assert told.status_code == 409
    assert account["is_armed"] is False


def test_account_when_disarmed_again_has_the_executor_told_again(setting: Setting) -> None:
    trader = setting.server.a_person(Role.REAL_TRADER, REAL)
    with setting.server.logged_in(trader) as client:
        arm(client)
        setting.says.append(Failed(Text("안 됩니다.", "No.")))
        client.post(f"/api/accounts/{REAL}/disarm")
        setting.says.clear()
        told = client.post(f"/api/accounts/{REAL}/disarm")  # ours says that it is disarmed

    assert told.is_success
    assert [ask.until > 0 for ask in setting.asked if isinstance(ask, SetArming)] == [
        True,
        False,
        False,
    ]


def an_actor(role: Role, *accounts: AccountId) -> Actor:
    return Actor("somebody", GRANTS[role], frozenset(accounts), b"login", "127.0.0.1")


def refusal(setting: Setting, actor: Actor, account_id: AccountId) -> str:
    try:
        line_to_trade(actor, setting.server.services, account_id)
    except (ProblemError, MaemaeError) as refused:
        return getattr(refused, "code", "?")
    return ""


def test_line_to_trade_lets_through_only_whoever_may_trade_that_account_now(
    setting: Setting,
) -> None:
    nowhere = AccountId("nowhere")
    table = {
        (Role.VIEWER, SIM, SIM): "NOT_ALLOWED",
        (Role.PAPER_TRADER, SIM, SIM): "",
        (Role.PAPER_TRADER, REAL, SIM): "NO_SUCH_ACCOUNT",
        (Role.PAPER_TRADER, REAL, REAL): "NOT_ALLOWED",
        (Role.REAL_TRADER, REAL, REAL): "NOT_ARMED",
        (Role.REAL_TRADER, SIM, SIM): "",
        (Role.REAL_TRADER, OTHERS, REAL): "NO_SUCH_ACCOUNT",
        (Role.ADMIN, REAL, SIM): "NOT_ARMED",
        (Role.ADMIN, nowhere, nowhere): "NO_SUCH_ACCOUNT",
    }
    found = {
        (role, asked, granted): refusal(setting, an_actor(role, granted), asked)
        for role, asked, granted in table
    }
    setting.server.arm(REAL)

    assert found == table
    assert refusal(setting, an_actor(Role.REAL_TRADER, REAL), REAL) == ""
    assert refusal(setting, an_actor(Role.REAL_TRADER, OTHERS), OTHERS) == "NOT_ARMED"
    assert refusal(setting, an_actor(Role.PAPER_TRADER, REAL), REAL) == "NOT_ALLOWED"
