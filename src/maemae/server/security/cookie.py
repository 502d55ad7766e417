"""The cookie that a login is kept in, and the one by which a device is known again."""

from __future__ import annotations

from typing import Final

from starlette.requests import HTTPConnection
from starlette.responses import Response

COOKIE: Final = "__Host-maemae"
"""Browsers take this name only with Secure, path `/` and no domain."""

MARK: Final = "__Host-maemae-device"
"""Opens nothing; tells a device that somebody got in with from one that nobody did."""

_KEPT_SECS: Final = 400 * 86_400  # browsers keep none for longer


def secret_in(connection: HTTPConnection) -> str | None:
    """Return the secret that a browser sends along."""
    return connection.cookies.get(COOKIE) or None


def put_secret(response: Response, secret: str) -> None:
    """Have the browser keep a secret until it is closed; the server decides how long it is good."""
    response.set_cookie(COOKIE, secret, secure=True, httponly=True, samesite="strict", path="/")


def mark_in(connection: HTTPConnection) -> str | None:
    """Return the mark that a browser sends along."""
    return connection.cookies.get(MARK) or None


def put_mark(response: Response, mark: str) -> None:
    """Have the browser keep a mark for long."""
    response.set_cookie(
        MARK, mark, _KEPT_SECS, secure=True, httponly=True, samesite="strict", path="/"
    )


def take_secret(response: Response) -> None:
    """Have the browser forget it."""
    response.delete_cookie(COOKIE, secure=True, httponly=True, samesite="strict", path="/")
