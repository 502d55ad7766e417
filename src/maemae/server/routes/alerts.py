"""What a person must look at."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path, Query
from pydantic import Field

from maemae.domain.text import Text
from maemae.server import audit
from maemae.server.asking import MOST, AccountOf, Here, ask, line_to_calm
from maemae.server.executor_line import ExecutorLine
from maemae.server.models import Moment, Told
from maemae.server.security import refusals
from maemae.server.security.gates import Trader, Viewer, line_to_see
from maemae.server.security.secret import new_id
from maemae.storage.queries import ShownAlert
from maemae.trading.control.commands import AcknowledgeAlert
from maemae.trading.control.replies import Accepted

router = APIRouter(prefix="/api/alerts", tags=["alerts"])

_MOST_ROWS: Final = 500
_ALERT: Final = Text("알림", "alert")


class AlertRow(Told):
    """An alert of an executor; equal codes about equal subjects are one until it is closed."""

    alert_id: int
    code: str = Field(examples=["OUTCOME_UNKNOWN"])
    subject: str = Field(description="A symbol, an order's number, a job.")
    is_critical: bool
    ko: str
    en: str
    times: int
    opened_at: Moment
    last_at: Moment
    acknowledged_at: Moment | None
    acknowledged_by: str | None
    resolved_at: Moment | None


@router.get("", operation_id="listAlerts")
def list_alerts(
    account_id: AccountOf,
    actor: Viewer,
    services: Here,
    *,
    open_only: bool = True,
    limit: Annotated[int, Query(ge=1, le=_MOST_ROWS)] = 100,
) -> list[AlertRow]:
    """List the alerts of the executor that trades an account, newest first."""
    line = line_to_see(actor, services, account_id)
    found = line.queries.open_alerts()[::-1] if open_only else line.queries.alerts(limit)
    return [AlertRow.model_validate(alert) for alert in found[:limit]]


@router.post("/{alert_id}/acknowledge", operation_id="acknowledgeAlert")
def acknowledge_alert(
    alert_id: Annotated[int, Path(ge=1, le=MOST)],
    account_id: AccountOf,
    actor: Trader,
    services: Here,
) -> AlertRow:
    """Say that a person saw an alert; who and when is kept, and the next like it is a new one."""
    line = line_to_calm(actor, services, account_id)
    alert = _find(line, alert_id)
    if alert.resolved_at is None:
        command = AcknowledgeAlert(
            f"acknowledge-{new_id()}", actor.user_id, alert.code, alert.subject
        )
        ask(services, line, command, Accepted)
        told = {"code": alert.code, "subject": alert.subject}
        audit.record(services, actor, "ACKNOWLEDGE_ALERT", str(alert_id), told)
        alert = _find(line, alert_id)
    return AlertRow.model_validate(alert)


def _find(line: ExecutorLine, alert_id: int) -> ShownAlert:
    alert = line.queries.find_alert(alert_id)
    if alert is None:
        raise refusals.no_such(_ALERT)
    return alert
