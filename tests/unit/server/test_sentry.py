"""What leaves for Sentry is the mistake, and nothing of whom it happened to."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

import pytest

from maemae.domain.errors import ConfigError
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
