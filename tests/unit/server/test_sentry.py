"""What leaves for Sentry is the mistake, and nothing of whom it happened to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from importlib import import_module

import httpx
import pytest
from fastapi import FastAPI

from maemae.domain.errors import ConfigError
from maemae.server.problem import tell_problems
from maemae.server.sentry import report, scrubbed, start_sentry

CANARY = "c4n4ry-9f2e"
DSN = "http://public@127.0.0.1:9/1"


@pytest.fixture
def sent() -> Iterator[list[str]]:
    library = import_module("sentry_sdk")
    taken: list[str] = []
    transport = type(
        "Kept",
        (import_module("sentry_sdk.transport").Transport,),
        {"capture_envelope": lambda _, envelope: taken.append(envelope.serialize().decode())},
    )
    library.init()
    start_sentry(DSN, transport)
    yield taken
    library.get_client().close()
    library.init()


def fail(hidden: str) -> None:
    raise ValueError(f"password={CANARY}", len(hidden))


def test_report_says_what_failed_and_holds_no_secret_and_no_variable(sent: list[str]) -> None:
    with pytest.raises(ValueError, match="password") as caught:
        fail(f"{CANARY}-local")
    report(caught.value)

    (event,) = sent
    assert "ValueError" in event
    assert CANARY not in event


def test_route_when_it_fails_is_reported_and_answers_with_a_problem(sent: list[str]) -> None:
    app = FastAPI()
    tell_problems(app)

    @app.get("/broken")
    def broken() -> None:
        fail(CANARY)

    answer = asyncio.run(asked(app, "/broken"))

    assert (answer.status_code, answer.json()["code"]) == (500, "BUG")
    (event,) = sent
    assert "ValueError" in event
    assert CANARY not in event + answer.text


async def asked(app: FastAPI, path: str) -> httpx.Response:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        return await client.get(path)


def test_report_keeps_no_request_user_or_machine() -> None:
    event = {
        "message": "x",
        "request": {"cookies": CANARY},
        "user": {"ip": "1"},
        "server_name": "y",
    }
    assert scrubbed(event) == {"message": "x"}


def test_sentry_when_its_address_is_none_is_refused() -> None:
    with pytest.raises(ConfigError, match="no address"):
        start_sentry("not-a-dsn")
