"""The cookie that a login is kept in."""

from __future__ import annotations

from typing import Final

from starlette.requests import HTTPConnection
from starlette.responses import Response

COOKIE: Final = "__Host-maemae"
"""Browsers take this name only with Secure, path `/` and no domain."""


def secret_in(connection: HTTPConnection) -> str | None:
    """Return the secret that a browser sends along."""
    return connection.cookies.get(COOKIE) or None


def put_secret(response: Response, secret: str) -> None:
    """Have the browser keep a secret until it is closed; the server decides how long it is good."""
    response.set_cookie(COOKIE, secret, secure=True, httponly=True, samesite="strict", path="/")


def take_secret(response: Response) -> None:
    """Have the browser forget it."""
    response.delete_cookie(COOKIE, secure=True, httponly=True, samesite="strict", path="/")
