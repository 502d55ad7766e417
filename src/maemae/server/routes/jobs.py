"""What has to happen at its time, and whether it did."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from maemae.server.asking import AccountOf, Here
from maemae.server.models import Moment, Told
from maemae.server.security.gates import Viewer, line_to_see
from maemae.storage.tables.metadata import Progress

router = APIRouter(prefix="/api/jobs", tags=["jobs"])


class JobRow(Told):
    """One expected run of a job."""

    name: str = Field(examples=["CERTIFICATE 2026-11-30"])
    due_at: Moment
    late_at: Moment = Field(description="From then on it counts as missed.")
    status: Progress
    started_at: Moment | None
    finished_at: Moment | None
    note: str | None = Field(description="What it had to say.")


@router.get("", operation_id="listJobs")
def list_jobs(
    account_id: AccountOf,
    actor: Viewer,
    services: Here,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[JobRow]:
    """List the jobs of the executor that trades an account, the newest due first."""
    line = line_to_see(actor, services, account_id)
    return [JobRow.model_validate(job) for job in line.queries.jobs(limit)]
