"""How the sleeves of an account did, session by session."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from maemae.domain.ids import AccountId, SleeveId
from maemae.domain.instant import kst_date
from maemae.server.asking import AccountOf, Here
from maemae.server.models import Told
from maemae.server.security.gates import Viewer, line_to_see

router = APIRouter(prefix="/api/performance", tags=["performance"])

_USUALLY = timedelta(days=90)


class PerformanceRow(Told):
    """
    A sleeve in a session [won].

    `flows`, `realized`, `commission` and `tax` are counted since the sleeve was opened: a
    session's own figure is the difference from the row before.
    """

    account_id: AccountId
    sleeve_id: SleeveId
    session_date: date
    opening_equity: int = Field(description="When the session began.")
    opening_flows: int
    flows: int
    realized: int
    commission: int
    tax: int


@router.get("", operation_id="listPerformance")
def list_performance(
    account_id: AccountOf,
    actor: Viewer,
    services: Here,
    first: Annotated[date | None, Query(alias="from", description="90 days ago if null.")] = None,
    last: Annotated[date | None, Query(alias="to", description="Today if null.")] = None,
) -> list[PerformanceRow]:
    """List how the sleeves of an account did, oldest session first."""
    line = line_to_see(actor, services, account_id)
    newest = line.queries.executor().session_date or kst_date(services.wall.now())
    until = last or newest
    since = first or (until - _USUALLY if until - date.min > _USUALLY else date.min)
    rows = line.queries.performance(account_id, since, until)
    return [PerformanceRow.model_validate(row) for row in rows]
