"""
Where every request and every socket comes in, before anything of the app sees it.

In this order: it gets a number; its address is found out, looked up and counted; its host, its
origin and its kind are checked; who shows nothing that is good is sent away; its size is capped.
Whatever is answered is hardened. What costs little comes first, so that a refusal costs little.
"""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from maemae.domain.text import Text
from maemae.server.correlation import begin_request, current_request_id, end_request
from maemae.server.problem import ProblemError, problem_response
from maemae.server.security.addresses import client_address
from maemae.server.security.body_cap import capped
from maemae.server.security.cross_site import (
    hosts_of,
    require_host,
    require_json,
    require_same_site,
)
from maemae.server.security.headers import harden
from maemae.server.security.identity import require_no_stranger
from maemae.server.security.public import is_for_anybody
from maemae.server.security.rates import Asker, counted_address
from maemae.server.services import Services

REQUEST_ID = "x-request-id"


class Door:
    """
    Lets requests in to an app, or answers why not.

    Args:
        app: What is behind.
        services: Of the app.
    """

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app = app
        self._services = services
        config = services.config
        self._origins = frozenset(origin.lower() for origin in config.origins)
        self._hosts = hosts_of(self._origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, socket or start of the app."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        began = begin_request(headers.get(REQUEST_ID))
        scope.setdefault("state", {})["request_id"] = current_request_id()
        try:
            await self._serve(scope, receive, self._hardened(scope, send))
        finally:
            end_request(began)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_begun = False

        async def watched(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            headers = await self._checked(scope)
            if scope["type"] == "http":
                receive = capped(receive, headers)
            await self._app(scope, receive, watched)
        except ProblemError as error:
            if has_begun:
                raise
            # Only the connection's own headers are needed, which a socket has too.
            asked = Request({**scope, "type": "http"})
            refusal = problem_response(
                asked, error.status, error.code, error.text, headers=error.headers
            )
            await refusal(scope, receive, send)

    async def _checked(self, scope: Scope) -> Headers:
        """Return the headers of a request that may come in."""
        headers, services = Headers(scope=scope), self._services
        peer = scope["client"][0] if scope.get("client") else ""
        forwarded = headers.getlist("x-forwarded-for")
        address = client_address(peer, forwarded, services.config.trusted_proxies)
        scope["state"]["address"] = address
        if not await services.allow_list.lets(address):
            raise _not_from_there()
        await services.rates.take(Asker.ADDRESS, counted_address(address))
        require_host(headers, self._hosts)
        is_socket = scope["type"] == "websocket"
        method = scope.get("method", "GET")
        require_same_site(method, headers, self._origins, is_socket=is_socket)
        require_json(method, headers)
        if not is_for_anybody(method, scope["path"]):
            require_no_stranger(services, HTTPConnection(scope))
        return headers

    def _hardened(self, scope: Scope, send: Send) -> Send:
        async def send_hardened(message: Message) -> None:
            if message["type"] in {"http.response.start", "websocket.http.response.start"}:
                headers = MutableHeaders(scope=message)
                harden(headers, scope["path"], has_tls=self._services.config.has_tls)
                headers[REQUEST_ID] = scope["state"]["request_id"]
            await send(message)

        return send_hardened


def _not_from_there() -> ProblemError:
    return ProblemError(
        403,
        "ADDRESS_NOT_ALLOWED",
        Text(
            "허용되지 않은 주소입니다. 관리자에게 이 주소를 허용해 달라고 하세요.",
            "Nobody may come from this address. Ask an administrator to allow it.",
        ),
    )
