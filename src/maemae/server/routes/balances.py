"""Money: what an account has, what it made today, and whose of its sleeves it is."""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter
from pydantic import Field

from maemae.core.usage import Usage
from maemae.domain.errors import ConfigError
from maemae.domain.ids import AccountId, SleeveId
from maemae.server.asking import AccountOf, Here, ask
from maemae.server.executor_line import ExecutorLine
from maemae.server.models import Told
from maemae.server.security.gates import Viewer, line_to_see
from maemae.server.services import Services
from maemae.storage.queries import ShownSleeve
from maemae.trading.control.commands import LimitsQuery
from maemae.trading.control.replies import Usages

router = APIRouter(prefix="/api/balances", tags=["balances"])


class SleeveMoney(Told):
    """A sleeve's money [won]; null while no executor tells prices."""

    sleeve_id: SleeveId
    is_halted: bool
    cash: int = Field(description="By trade date, unsettled trades included.")
    reserved: int = Field(description="Set aside for open buys.")
    equity: int | None
    day_result: int | None = Field(description="Since the session began, net of flows.")
    realized: int = Field(description="Since the sleeve was opened, after charges.")
    commission: int
    tax: int
    orders_today: int


class Balance(Told):
    """An account's money [won], the sum of its sleeves."""

    account_id: AccountId
    session_date: date | None
    is_live: bool = Field(description="Whether an executor tells prices.")
    cash: int
    orderable: int
    equity: int | None
    day_result: int | None
    sleeves: list[SleeveMoney]


@router.get("", operation_id="getBalance")
def get_balance(account_id: AccountOf, actor: Viewer, services: Here) -> Balance:
    """Say what an account has, and what it made today."""
    line = line_to_see(actor, services, account_id)
    usages = _usages(services, line)
    mine = [sleeve for sleeve in line.queries.sleeves() if sleeve.account_id == account_id]
    sleeves = [_sleeve(each, usages.get((account_id, each.sleeve_id))) for each in mine]
    return Balance(
        account_id=account_id,
        session_date=line.queries.executor().session_date,
        is_live=bool(usages),
        cash=sum(sleeve.cash for sleeve in sleeves),
        orderable=sum(sleeve.cash - sleeve.reserved for sleeve in sleeves),
        equity=_sum([sleeve.equity for sleeve in sleeves]),
        day_result=_sum([sleeve.day_result for sleeve in sleeves]),
        sleeves=sleeves,
    )


def _usages(services: Services, line: ExecutorLine) -> dict[tuple[AccountId, SleeveId], Usage]:
    try:
        told = ask(services, line, LimitsQuery(), Usages)
    except ConfigError:
        return {}
    return {(each.account_id, each.sleeve_id): each for each in told.usages}


def _sleeve(sleeve: ShownSleeve, usage: Usage | None) -> SleeveMoney:
    loss = None if usage is None else usage.loss
    return SleeveMoney.model_validate(
        {
            **{name: getattr(sleeve, name) for name in sleeve.__struct_fields__},
            "equity": None if usage is None else usage.equity,
            "day_result": None if loss is None else -loss,
        }
    )


def _sum(parts: list[int | None]) -> int | None:
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None
