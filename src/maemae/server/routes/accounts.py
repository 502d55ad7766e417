"""Which accounts somebody may look at and trade, and arming those with real money."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from maemae.domain.ids import AccountId
from maemae.domain.instant import kst_datetime
from maemae.domain.terms import Mode
from maemae.domain.text import Text
from maemae.server import audit
from maemae.server.asking import ask
from maemae.server.executor_line import ExecutorLine
from maemae.server.models import Asked, Told
from maemae.server.problem import ProblemError
from maemae.server.security import refusals
from maemae.server.security.actor import Actor
from maemae.server.security.gates import SteppedUp, Trader, Viewer, line_to_see
from maemae.server.security.secret import new_id
from maemae.server.services import Services, get_services
from maemae.storage.people.armings import Arming
from maemae.trading.control.commands import SetArming
from maemae.trading.control.replies import Accepted

router = APIRouter(prefix="/api/accounts", tags=["accounts"])

Here = Annotated[Services, Depends(get_services)]

_NOTHING_TO_ARM = Text(
    "실전 계좌만 무장합니다. 모의 계좌는 그대로 주문하세요.",
    "Only accounts with real money are armed. Trade the others as they are.",
)


class Account(Told):
    """An account that somebody may look at."""

    account_id: AccountId = Field(examples=["5012345610"])
    mode: Mode = Field(description="A fact of the installation.", examples=["SIM"])
    may_trade: bool = Field(description="Whether their role lets them trade it.")
    is_armed: bool = Field(description="Whether real orders may be sent now.")
    armed_by: str | None = None
    armed_until: datetime | None = None


class Armed(Asked):
    """The account, written out by whoever arms it, so that what is seen is what is armed."""

    account_id: Annotated[str, Field(max_length=64, examples=["5012345610"])]
    reason: Annotated[str, Field(min_length=1, max_length=200, examples=["첫 실전 단계"])]


def accounts_of(services: Services, actor: Actor) -> list[Account]:
    """Return the accounts that somebody may look at, by mode and number."""
    found = [
        _shown(services, actor, line, account_id)
        for line in services.directory.lines
        for account_id in line.accounts
        if actor.may_see(account_id)
    ]
    return sorted(found, key=lambda account: (account.mode, account.account_id))


@router.get("", operation_id="listAccounts")
def list_accounts(actor: Viewer, services: Here) -> list[Account]:
    """List the accounts that one may look at."""
    return accounts_of(services, actor)


@router.get("/{account_id}", operation_id="getAccount")
def get_account(account_id: AccountId, actor: Viewer, services: Here) -> Account:
    """Say how an account stands."""
    line = line_to_see(actor, services, account_id)
    return _shown(services, actor, line, account_id)


@router.post("/{account_id}/arm", operation_id="armAccount")
def arm_account(
    account_id: AccountId, asked: Armed, actor: Trader, _: SteppedUp, services: Here
) -> Account:
    """Let real orders be sent to an account for some hours; needs the second factor again."""
    line = line_to_see(actor, services, account_id)
    if not actor.may_trade(account_id, line.mode):
        raise refusals.not_allowed()
    if line.mode is not Mode.REAL:
        raise ProblemError(409, "NOTHING_TO_ARM", _NOTHING_TO_ARM)
    if asked.account_id != account_id:
        raise refusals.no_such_account()
    now = services.wall.now()
    until = now + services.config.patience.armed
    command = SetArming(f"arm-{new_id()}", actor.user_id, account_id, until, asked.reason)
    ask(services, line, command, Accepted)
    services.people.armings.arm(Arming(account_id, actor.user_id, now, until))
    audit.record(services, actor, "ARM_ACCOUNT", account_id, {"reason": asked.reason})
    return _shown(services, actor, line, account_id)


@router.post("/{account_id}/disarm", operation_id="disarmAccount")
def disarm_account(account_id: AccountId, actor: Trader, services: Here) -> Account:
    """Let no more real orders be sent; needs nothing but the right to trade it."""
    line = line_to_see(actor, services, account_id)
    if not actor.may_trade(account_id, line.mode):
        raise refusals.not_allowed()
    try:
        # Ours first: it holds even if the executor cannot be told.
        if services.people.armings.disarm(account_id, actor.user_id, services.wall.now()):
            audit.record(services, actor, "DISARM_ACCOUNT", account_id)
    finally:
        # Whatever ours says: the executor may have been armed, or not been told, before.
        if line.mode is Mode.REAL:
            command = SetArming(f"disarm-{new_id()}", actor.user_id, account_id, 0, "disarm")
            ask(services, line, command, Accepted)
    return _shown(services, actor, line, account_id)


def _shown(services: Services, actor: Actor, line: ExecutorLine, account_id: AccountId) -> Account:
    arming = services.people.armings.find(account_id, services.wall.now())
    return Account(
        account_id=account_id,
        mode=line.mode,
        may_trade=actor.may_trade(account_id, line.mode),
        is_armed=arming is not None,
        armed_by=None if arming is None else arming.armed_by,
        armed_until=None if arming is None else kst_datetime(arming.expires_at),
    )
