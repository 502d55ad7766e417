"""The app, made of its services; importing this makes nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp

from maemae.server import docs, page
from maemae.server.examples import give_examples
from maemae.server.metrics import Metered, StreamLoad
from maemae.server.problem import Problem, tell_problems
from maemae.server.routes import (
    accounts,
    addresses,
    alerts,
    audit,
    auth,
    backtests,
    balances,
    credentials,
    executions,
    jobs,
    kill,
    market,
    orders,
    performance,
    positions,
    risk,
    strategies,
    system,
    tokens,
    users,
    waiting,
)
from maemae.server.security.door import Door
from maemae.server.security.public import require_gates
from maemae.server.services import Services
from maemae.server.stream import socket
from maemae.server.stream.description import describe_stream
from maemae.server.stream.making import hub_of
from maemae.server.summaries import give_summaries

ROUTERS: Final[tuple[APIRouter, ...]] = (
    accounts.router,
    addresses.router,
    alerts.router,
    audit.router,
    auth.router,
    backtests.router,
    balances.router,
    credentials.router,
    docs.router,
    executions.router,
    jobs.router,
    kill.router,
    market.router,
    orders.router,
    performance.router,
    positions.router,
    risk.router,
    socket.router,
    strategies.router,
    system.router,
    tokens.router,
    users.router,
    waiting.router,
)
"""One a noun."""

_PROBLEMS: Final = {
    status: {"model": Problem, "description": words}
    for status, words in (
        ("401", "Not logged in."),
        ("403", "Not allowed."),
        ("422", "A value is wrong, or it was refused."),
        ("429", "Too many requests; Retry-After says when."),
    )
}


class _Guarded(FastAPI):
    """An app with the door before everything, what tells of its own bugs included."""

    def build_middleware_stack(self) -> ASGIApp:
        services: Services = self.state.services
        return Metered(Door(super().build_middleware_stack(), services), services.metrics)

    def openapi(self) -> dict[str, Any]:
        described = super().openapi()
        describe_stream(described)
        give_examples(described)
        give_summaries(described)
        return described


@asynccontextmanager
async def _let_go(app: FastAPI) -> AsyncIterator[None]:
    """Let go of what belongs to the loop that served."""
    yield
    await app.state.services.rates.close()


def create_app(services: Services) -> FastAPI:
    """Return the app over its services; whoever made them closes them."""
    app = described_app()
    app.state.services = services
    app.state.hub = hub = hub_of(services)
    services.metrics.watch_stream(lambda: StreamLoad(hub.clients, hub.waiting, hub.ended))
    tell_problems(app)
    app.include_router(page.router)
    require_gates(app.routes)
    return app


def described_app() -> FastAPI:
    """Return the app with its routes and no services: enough to say what it offers."""
    app = _Guarded(
        title="maemae",
        version=version("maemae"),
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=_let_go,
        separate_input_output_schemas=False,
        responses={int(status): problem for status, problem in _PROBLEMS.items()},
    )
    for router in ROUTERS:
        app.include_router(router)
    return app
