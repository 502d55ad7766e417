"""Whatever is asked in the form that the OpenAPI describes, or not quite: no server error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.core.transport import Response
from schemathesis.generation.case import Case

from maemae.domain.instant import HOUR
from maemae.server.factory import described_app
from maemae.server.security.roles import Role
from tests.brokers.sim_rig import ACCOUNT
from tests.server.rig import ServerRig, a_trading_server

SCHEMA: Final[Any] = schemathesis.openapi.from_dict(described_app().openapi())
EVERY_ROUTE: Final[Callable[[Callable[..., None]], Callable[..., None]]] = SCHEMA.parametrize()
EXAMPLES: Final = 4
"""Of each route; what ends a login makes the next one slow."""

A_SERVER_ERROR: Final = 500
A_REFUSAL: Final = 400


class Caller:
    """An administrator, who logs in again whenever a case has ended the login."""

    def __init__(self, server: ServerRig) -> None:
        self._server = server
        self._client = server.client()

    def ask(self, case: Case[Any]) -> Response:
        """Return the answer to a case."""
        answer = self._ask(case)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            self._log_in()
            answer = self._ask(case)
        return answer

    def close(self) -> None:
        """Leave."""
        self._client.close()

    def _ask(self, case: Case[Any]) -> Response:
        headers = {**self._client.headers, "Origin": self._server.url}
        return case.call(base_url=self._server.url, headers=headers)

    def _log_in(self) -> None:
        self._client.close()
        self._client = self._server.client()
        self._server.wall.leap(HOUR)  # what failed before is forgotten
        self._server.log_in(self._client, self._server.a_person(Role.ADMIN))


@pytest.fixture(scope="module")
def caller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    with a_trading_server(tmp_path_factory.mktemp("fuzz")) as (server, _, _):
        found = Caller(server)
        yield found
        found.close()


@EVERY_ROUTE
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_route_when_asked_anything_of_its_form_gives_no_server_error(
    case: Case[Any], caller: Caller
) -> None:
    for part in (case.path_parameters, case.query):
        if part and "account_id" in part:
            part["account_id"] = ACCOUNT  # of others everything is 404

    answer = caller.ask(case)

    assert answer.status_code < A_SERVER_ERROR, f"{case.as_curl_command()}\n{answer.text}"
    if answer.status_code >= A_REFUSAL:
        problem = answer.json()
        assert problem["ko"]
        assert problem["en"]


def test_description_holds_every_noun(tmp_path: Path) -> None:
    described = {path.split("/")[2] for path in SCHEMA.raw_schema["paths"]}
    assert {"auth", "orders", "kill", "strategies", "market", "backtests", "audit"} <= described
