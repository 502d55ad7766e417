"""
What every answer tells a browser to do, and not to do, with it.

Source: OWASP HTTP Headers Cheat Sheet, read 2026-11-20.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.datastructures import MutableHeaders

_EVERYWHERE: Final[Mapping[str, str]] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    # A page brings its own, with a nonce.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
_API: Final = "/api/"
_ONE_YEAR: Final = "max-age=31536000; includeSubDomains"


def harden(headers: MutableHeaders, path: str, *, has_tls: bool) -> None:
    """
    Add what is missing.

    Args:
        headers: Of the answer.
        path: That was asked for; what the API says is not kept anywhere.
        has_tls: Whether browsers come by HTTPS only.
    """
    for name, value in _EVERYWHERE.items():
        headers.setdefault(name, value)
    if path.startswith(_API):
        headers["Cache-Control"] = "no-store"
    if has_tls:
        headers["Strict-Transport-Security"] = _ONE_YEAR
