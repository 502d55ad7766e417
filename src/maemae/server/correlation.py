"""The number of the request that is being served: in every log line and audit row of it."""

from __future__ import annotations

import re
import secrets
from contextvars import ContextVar, Token
from typing import Final

_CURRENT: Final[ContextVar[str]] = ContextVar("request_id", default="")
_SOUND: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")


def begin_request(asked: str | None = None) -> Token[str]:
    """
    Take the number that a client gave, if it is sound, or make one.

    Returns:
        What `end_request` takes.
    """
    sound = asked is not None and _SOUND.fullmatch(asked) is not None
    return _CURRENT.set(asked if asked is not None and sound else secrets.token_hex(8))


def end_request(began: Token[str]) -> None:
    """Go back to what was served before."""
    _CURRENT.reset(began)


def current_request_id() -> str:
    """Return the number of the request; empty outside of one."""
    return _CURRENT.get()
