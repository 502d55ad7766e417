"""A body is refused by what it says of itself, and by what comes of it whatever it said."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from starlette.datastructures import Headers
from starlette.types import Message

from maemae.server.problem import ProblemError
from maemae.server.security.body_cap import LARGEST_BODY, capped


async def never() -> Message:
    raise AssertionError("nothing of it is to be read")


@pytest.mark.parametrize("told", [str(LARGEST_BODY + 1), "9" * 40, "-1", "1e3", "\xb9", ""])
def test_body_when_it_says_too_much_or_nonsense_is_refused_before_it_is_read(told: str) -> None:
    with pytest.raises(ProblemError) as refused:
        capped(never, Headers({"content-length": told}))

    assert (refused.value.status, refused.value.code) == (413, "TOO_LARGE")


def read(sizes: Sequence[int], told: str = "") -> int:
    """Read a body that comes in pieces; return how much of it came."""
    pieces = iter([b"x" * size for size in sizes])

    async def receive() -> Message:
        return {"type": "http.request", "body": next(pieces)}

    async def main() -> int:
        headers = Headers({"content-length": told} if told else {})
        receive_capped = capped(receive, headers)
        return sum([len((await receive_capped())["body"]) for _ in sizes])

    return asyncio.run(main())


def test_body_when_its_pieces_come_to_too_much_is_refused_whatever_it_said() -> None:
    half = LARGEST_BODY // 2

    assert read([half, half], str(LARGEST_BODY)) == LARGEST_BODY
    assert read([half, half]) == LARGEST_BODY
    for told in ("", "10"):
        with pytest.raises(ProblemError):
            read([half, half, 1], told)
