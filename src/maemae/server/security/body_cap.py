"""No body is larger than anything that is asked here."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import Headers
from starlette.types import Message, Receive

from maemae.domain.text import Text
from maemae.server.problem import ProblemError

LARGEST_BODY: Final = 256 * 1_024  # bytes


def capped(receive: Receive, headers: Headers) -> Receive:
    """
    Return what gives the body up to its largest size, and raises beyond it.

    Raises:
        ProblemError: The request says itself that it is larger.
    """
    told = headers.get("content-length", "0")
    if not told.isascii() or not told.isdecimal() or int(told[:20]) > LARGEST_BODY:
        raise _too_large()
    received = 0

    async def receive_capped() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > LARGEST_BODY:
            raise _too_large()
        return message

    return receive_capped


def _too_large() -> ProblemError:
    return ProblemError(
        413,
        "TOO_LARGE",
        Text(
            f"요청이 너무 큽니다. {LARGEST_BODY // 1_024} KiB 까지 받습니다.",
            f"The request is too large. At most {LARGEST_BODY // 1_024} KiB are taken.",
        ),
    )
