"""
Keeps other pages from acting with a person's cookie.

A browser says by itself where a request was made (Sec-Fetch-Site, Origin); a page cannot forge it.
What changes something must come from a page of ours, in JSON, which no form of another page can
send. A request with a token carries no cookie, so nothing needs to say where it was made.

Source: OWASP Cross-Site Request Forgery Prevention Cheat Sheet, read 2026-11-20.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from starlette.datastructures import Headers

from maemae.domain.text import Text
from maemae.server.problem import ProblemError

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_OURS: Final = frozenset({"same-origin", "none"})
_USUAL_PORTS: Final = {"http": ":80", "https": ":443"}


def hosts_of(origins: Collection[str]) -> frozenset[str]:
    """Return the values of Host that belong to origins."""
    hosts: set[str] = set()
    for origin in origins:
        scheme, _, host = origin.lower().partition("://")
        hosts |= {host, host.removesuffix(_USUAL_PORTS.get(scheme, ""))}
    return frozenset(hosts)


def require_host(headers: Headers, hosts: Collection[str]) -> None:
    """
    Refuse a request for another host: a name that was made to point here shows no page of ours.

    Raises:
        ProblemError: It is.
    """
    if headers.get("host", "").lower() not in hosts:
        raise ProblemError(
            421,
            "WRONG_HOST",
            Text(
                "이 주소로는 답하지 않습니다. maemae serve --origin 으로 정한 주소로 여세요.",
                "Nothing is served under this address. Use one given with maemae serve --origin.",
            ),
        )


def require_same_site(
    method: str, headers: Headers, origins: Collection[str], *, is_socket: bool
) -> None:
    """
    Refuse what a page of somebody else asks for.

    Args:
        method: Of the request.
        headers: Of the request.
        origins: Ours.
        is_socket: Whether a socket is to be opened, which needs an origin whatever its method.

    Raises:
        ProblemError: It comes from another page, or nothing says from where.
    """
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    if origin is not None and origin.lower() not in origins:
        raise _foreign()
    if "authorization" in headers or (method in _SAFE and not is_socket):
        return
    if site is not None and site not in _OURS:
        raise _foreign()
    if origin is None and site != "same-origin":
        raise _foreign()


def require_json(method: str, headers: Headers) -> None:
    """
    Refuse a body of another kind.

    Raises:
        ProblemError: It is.
    """
    has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if method not in _SAFE and has_body and kind != "application/json":
        raise ProblemError(
            415,
            "ONLY_JSON",
            Text(
                "JSON 만 받습니다. Content-Type: application/json 으로 보내세요.",
                "Only JSON is taken. Send it with Content-Type: application/json.",
            ),
        )


def _foreign() -> ProblemError:
    return ProblemError(
        403,
        "FOREIGN_ORIGIN",
        Text(
            "다른 사이트에서 온 요청입니다. maemae 의 주소에서 다시 하세요.",
            "This request was made on another site. Use the page of maemae itself.",
        ),
    )
