"""What traded."""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter
from pydantic import Field

from maemae.domain.ids import AccountId, ClOrdId, ExecId, OrderId, SleeveId, Symbol
from maemae.domain.instant import kst_date
from maemae.domain.terms import ExecutionVenue, Side
from maemae.server.asking import AccountOf, Here
from maemae.server.models import Moment, Told
from maemae.server.security.gates import Viewer, line_to_see

router = APIRouter(prefix="/api/executions", tags=["executions"])


class ExecutionRow(Told):
    """A fill; amounts in won."""

    cl_ord_id: ClOrdId
    exec_id: ExecId
    account_id: AccountId
    sleeve_id: SleeveId
    symbol: Symbol
    side: Side
    venue: ExecutionVenue
    session_date: date
    at: Moment
    order_id: OrderId | None
    qty: int = Field(description="Shares; 0 once it was taken back.")
    px: int
    commission: int
    tax: int
    realized: int = Field(description="Profit after charges.")


@router.get("", operation_id="listExecutions")
def list_executions(
    account_id: AccountOf, actor: Viewer, services: Here, day: date | None = None
) -> list[ExecutionRow]:
    """List what traded in a session, oldest first; in the newest one if no day is named."""
    line = line_to_see(actor, services, account_id)
    session = day or line.queries.executor().session_date or kst_date(services.wall.now())
    return [
        ExecutionRow.model_validate(each)
        for each in line.queries.executions(session)
        if each.account_id == account_id
    ]
