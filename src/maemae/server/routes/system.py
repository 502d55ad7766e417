"""Whether this process lives and can do its work."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import Field
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from maemae.domain.terms import Mode
from maemae.server.executor_line import ExecutorLine
from maemae.server.models import Moment, Told
from maemae.server.security.gates import Viewer, Watcher
from maemae.server.services import Services, get_services
from maemae.storage.fingerprint import build_fingerprint
from maemae.storage.server_store import ServerStore
from maemae.storage.tables.metadata import Progress

router = APIRouter(prefix="/api/system", tags=["system"])

_CERTIFICATE: Final = "CERTIFICATE"
_JOBS: Final = 200


class Health(Told):
    """The process answers."""

    status: str = Field(examples=["OK"])
    version: str = Field(examples=["0.1.0"])


class Part(Told):
    """One thing that the server needs, and whether it is there."""

    name: str = Field(examples=["database"])
    is_ready: bool


class Readiness(Told):
    """Whether everything that the server needs is there."""

    is_ready: bool
    parts: list[Part]


class Version(Told):
    """Which maemae this is."""

    version: str = Field(examples=["0.1.0"])
    fingerprint: str = Field(description="Of the code; equal builds decide equally.")


class Certificate(Told):
    """Whether everything was there that a safe day needs, when it was looked at last."""

    mode: Mode
    due_at: Moment
    finished_at: Moment | None
    status: Progress
    note: str | None = Field(description="What it had to say.")


@router.get("/health", operation_id="getHealth")
async def get_health() -> Health:
    """Say that the process lives; anybody may ask."""
    return Health(status="OK", version=_version())


@router.get("/ready", operation_id="getReadiness")
def get_readiness(
    services: Annotated[Services, Depends(get_services)], response: Response
) -> Readiness:
    """Say whether requests can be served; anybody may ask."""
    parts = [Part(name="database", is_ready=_answers(services.store))]
    is_ready = all(part.is_ready for part in parts)
    response.status_code = 200 if is_ready else 503
    return Readiness(is_ready=is_ready, parts=parts)


@router.get(
    "/metrics",
    operation_id="getMetrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}, "description": "As Prometheus reads it."}},
)
def get_metrics(_: Watcher, services: Annotated[Services, Depends(get_services)]) -> Response:
    """Show figures to an administrator, or to a token made for that (scope METRICS)."""
    return Response(services.metrics.text(), media_type=CONTENT_TYPE_LATEST)


@router.get("/version", operation_id="getVersion")
def get_version(_: Viewer) -> Version:
    """Say which maemae this is."""
    return Version(version=version("maemae"), fingerprint=build_fingerprint())


@router.get("/certificates", operation_id="listCertificates")
def list_certificates(
    actor: Viewer, services: Annotated[Services, Depends(get_services)]
) -> list[Certificate]:
    """Show the newest morning certificate of each executor whose account one may look at."""
    lines = [line for line in services.directory.lines if any(map(actor.may_see, line.accounts))]
    return [found for line in lines if (found := _certificate(line)) is not None]


def _certificate(line: ExecutorLine) -> Certificate | None:
    jobs = line.queries.jobs(_JOBS)
    done = [job for job in jobs if job.name.startswith(_CERTIFICATE) and job.started_at]
    if not done:
        return None
    newest = max(done, key=lambda job: job.due_at)
    return Certificate.model_validate(
        {
            "mode": line.mode,
            "due_at": newest.due_at,
            "finished_at": newest.finished_at,
            "status": newest.status,
            "note": newest.note,
        }
    )


def _answers(store: ServerStore) -> bool:
    try:
        with store.reading.connect() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True


@cache
def _version() -> str:
    return version("maemae")
