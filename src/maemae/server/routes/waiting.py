"""Wishes that wait in the executor and send their orders by themselves: listed, taken back."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path, Response
from pydantic import Field

from maemae.domain.ids import AccountId, IntentId, SleeveId, Symbol
from maemae.domain.terms import Side
from maemae.domain.text import Text
from maemae.server.asking import AccountOf, AccountPath, Here, ask, line_to_calm
from maemae.server.executor_line import ExecutorLine
from maemae.server.idempotency import Once
from maemae.server.models import Moment, Told
from maemae.server.outcome import Outcome, do
from maemae.server.security import refusals
from maemae.server.security.gates import Trader, Viewer, line_to_see
from maemae.server.services import Services
from maemae.trading.control.commands import OrdersQuery, Withdraw
from maemae.trading.control.replies import Orders
from maemae.trading.waiting import Waiting, WaitsFor

router = APIRouter(prefix="/api/waiting", tags=["orders"])

_WISH: Final = Text("기다리는 주문", "order that waits")

WishPath = Annotated[
    IntentId,
    Path(max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$", description="Number of the wish."),
]


class Level(Told):
    """A price that something waits for."""

    price: int = Field(description="Won.")
    above: bool = Field(description="Whether it waits for that price or a higher one.")


class WaitingRow(Told):
    """A wish that is not done with; one that names several instruments has no symbol."""

    intent_id: IntentId
    account_id: AccountId
    sleeve_id: SleeveId
    symbol: Symbol | None
    side: Side | None
    waits_for: WaitsFor
    filled: int = Field(description="Shares that it got so far.")
    qty: int = Field(description="Shares in all; 0 until it was sized.")
    sent: int = Field(description="Parts that have had their turn.")
    parts: int = Field(description="Parts in all; 0 until it was sized.")
    at: Moment | None = Field(description="From when on it goes on, where the clock says that.")
    crossing: Level | None


@router.get("", operation_id="listWaiting")
def list_waiting(account_id: AccountOf, actor: Viewer, services: Here) -> list[WaitingRow]:
    """List what waits for a price, a time, its turn or the market, oldest first of each kind."""
    line = line_to_see(actor, services, account_id)
    return [WaitingRow.model_validate(each) for each in _waiting(services, line, account_id)]


@router.post(
    "/{account_id}/{intent_id}/withdraw", operation_id="withdrawWish", response_model=Outcome
)
def withdraw_wish(
    account_id: AccountPath, intent_id: WishPath, actor: Trader, once: Once, services: Here
) -> Response:
    """Take back what waits, and cancel what of it works; a real account need not be armed."""
    line = line_to_calm(actor, services, account_id)
    command = Withdraw(once.command_key, actor.user_id, intent_id)

    def withdraw() -> Outcome:
        is_done = line.history.command(command.key) is not None  # though its answer was lost
        if not is_done and intent_id not in _numbers(services, line, account_id):
            raise refusals.no_such(_WISH)
        return do(services, actor, line, command, action="WITHDRAW_WISH", subject=intent_id)

    return once.answer(f"POST /api/waiting/{account_id}/{intent_id}/withdraw", None, withdraw)


def _waiting(services: Services, line: ExecutorLine, account_id: AccountId) -> list[Waiting]:
    found = ask(services, line, OrdersQuery(), Orders)
    return [each for each in found.waiting if each.account_id == account_id]


def _numbers(services: Services, line: ExecutorLine, account_id: AccountId) -> set[IntentId]:
    return {each.intent_id for each in _waiting(services, line, account_id)}
