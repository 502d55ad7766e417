"""
What anybody may ask, and the check that nothing else is open.

A route that is not named here and has no gate keeps the server from starting, so that forgetting
one is found before anybody can use it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIWebSocketRoute, iter_route_contexts
from starlette.routing import BaseRoute, WebSocketRoute

from maemae.domain.errors import ConfigError
from maemae.server.security.gates import half_way_gate, viewer_gate, watcher_gate
from maemae.server.security.sockets import socket_gate

PUBLIC: Final = frozenset(
    {
        ("GET", "/api/system/health"),
        ("GET", "/api/system/ready"),
        ("GET", "/api/auth/setup"),
        ("POST", "/api/auth/setup"),
        ("POST", "/api/auth/login"),
        ("POST", "/api/auth/supabase"),
    }
)
"""Method and path of what anybody may ask of the API; the page's own files are beside it."""

SOCKET: Final = "SOCKET"
"""What is said for the method of a socket."""

_API: Final = "/api/"
_GATES: Final = frozenset({viewer_gate, watcher_gate, half_way_gate, socket_gate})


def is_for_anybody(method: str, path: str) -> bool:
    """Whether anybody may ask: what is named above, and all that is not of the API."""
    return not path.startswith(_API) or (method, path) in PUBLIC


def require_gates(routes: Sequence[BaseRoute]) -> None:
    """
    Refuse an app with a route that anybody may ask though nobody said so.

    Raises:
        ConfigError: There is one.
    """
    open_ones = sorted(
        f"{method} {path}" for method, path in ungated(routes) if (method, path) not in PUBLIC
    )
    if open_ones:
        raise ConfigError(
            f"문지기가 없는 경로가 있습니다: {', '.join(open_ones)}. 게이트를 붙이거나 "
            "public.py 에 적으세요.",
            f"Routes without a gate: {', '.join(open_ones)}. Give each a gate, or name it in "
            "public.py.",
        )


def ungated(routes: Sequence[BaseRoute]) -> Iterator[tuple[str, str]]:
    """Yield method and path of every route of the API, and every socket, that has no gate."""
    for method, path, dependant in offered(routes):
        is_ours = method == SOCKET or path.startswith(_API)
        if is_ours and (dependant is None or not _has_gate(dependant)):
            yield method, path


def offered(routes: Sequence[BaseRoute]) -> Iterator[tuple[str, str, Dependant | None]]:
    """
    Yield method, path and dependencies of everything that routes offer, of included ones too.

    What is no route of FastAPI's has no dependencies: None.
    """
    for context in iter_route_contexts(routes):
        path = context.path or ""
        dependant = getattr(context.original_route, "dependant", None)
        if isinstance(context.original_route, APIWebSocketRoute | WebSocketRoute):
            yield SOCKET, path, dependant
        else:
            # Dependencies given to include_router come on top of those of the route itself.
            whole = getattr(context, "dependant", None) or dependant
            yield from ((method, path, whole) for method in sorted(context.methods or {"ANY"}))


def _has_gate(dependant: Dependant) -> bool:
    return dependant.call in _GATES or any(_has_gate(each) for each in dependant.dependencies)
