"""
What anybody may ask, and the check that nothing else is open.

A route that is not named here and has no gate keeps the server from starting, so that forgetting
one is found before anybody can use it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, APIWebSocketRoute
from starlette.routing import BaseRoute, Route

from maemae.domain.errors import ConfigError
from maemae.server.security.gates import half_way_gate, viewer_gate
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

_API: Final = "/api/"
_GATES: Final = frozenset({viewer_gate, half_way_gate, socket_gate})


def require_gates(routes: Iterable[BaseRoute]) -> None:
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


def ungated(routes: Iterable[BaseRoute]) -> Iterator[tuple[str, str]]:
    """Yield method and path of every route of the API that has no gate."""
    for route in routes:
        if isinstance(route, APIRoute):
            if not route.path.startswith(_API) or _has_gate(route.dependant):
                continue
            yield from ((method, route.path) for method in sorted(route.methods or ()))
        elif isinstance(route, APIWebSocketRoute):
            if not _has_gate(route.dependant):
                yield "SOCKET", route.path
        elif isinstance(route, Route) and route.path.startswith(_API):
            yield "?", route.path


def _has_gate(dependant: Dependant) -> bool:
    return dependant.call in _GATES or any(_has_gate(each) for each in dependant.dependencies)
