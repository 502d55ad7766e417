"""Whether this process lives and can do its work."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from maemae.server.models import Told
from maemae.server.services import Services, get_services
from maemae.storage.server_store import ServerStore

router = APIRouter(prefix="/api/system", tags=["system"])


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


@router.get("/health", operation_id="getHealth")
def get_health() -> Health:
    """Say that the process lives; anybody may ask."""
    return Health(status="OK", version=version("maemae"))


@router.get("/ready", operation_id="getReadiness")
def get_readiness(
    services: Annotated[Services, Depends(get_services)], response: Response
) -> Readiness:
    """Say whether requests can be served; anybody may ask."""
    parts = [Part(name="database", is_ready=_answers(services.store))]
    is_ready = all(part.is_ready for part in parts)
    response.status_code = 200 if is_ready else 503
    return Readiness(is_ready=is_ready, parts=parts)


def _answers(store: ServerStore) -> bool:
    try:
        with store.reading.connect() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True
