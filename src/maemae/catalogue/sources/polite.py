"""
What libraries that read price sites ask for, paced, looked at, and never asked into a wall.

The libraries call `requests` deep inside, without a time limit, and turn a refusal into an empty
table. So each request is held back and looked at where all of them pass: the adapter of
`requests` itself. A site that blocks is not asked again; it lifts a block later the more it is
asked.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

import msgspec

from maemae.domain.errors import SourceBlockedError, SourceUnavailableError


class Outgoing(Protocol):
    """A request of the library `requests`."""

    url: str


class Answer(Protocol):
    """An answer of the library `requests`."""

    status_code: int
    content: bytes


Send = Callable[..., Answer]


class Manners(msgspec.Struct, frozen=True):
    """
    How a site is asked.

    Attributes:
        gap_secs: Between the starts of two requests [s].
        timeout_secs: How long one may take to connect, and between two bytes [s].
        waits_secs: Before each repetition of one that failed for the moment [s].
    """

    gap_secs: float = 1.0
    timeout_secs: float = 30.0
    waits_secs: tuple[float, ...] = (2.0, 4.0, 8.0)


class PoliteRequests:
    """
    Every request of a library, on its way out and back.

    Args:
        manners: How the site is asked.
        sleep: Waits so long [s].
        now: A clock that only goes forward [s].
        reroute: Gives another address for one; for doubles of the sites.

    Attributes:
        rows: Lines of prices that the last answer with data held.
    """

    def __init__(
        self,
        manners: Manners,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.monotonic,
        reroute: Callable[[str], str] | None = None,
    ) -> None:
        self.rows = 0
        self._manners = manners
        self._sleep = sleep
        self._now = now
        self._reroute = reroute
        self._next = 0.0

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Let every request of this process pass here, as long as the block lasts."""
        adapter: Any = import_module("requests.adapters").HTTPAdapter
        original: Send = adapter.send

        def send(own: object, request: Outgoing, **options: object) -> Answer:
            def once() -> Answer:
                return original(own, request, **options)

            options["timeout"] = self._manners.timeout_secs
            if self._reroute is not None:
                request.url = self._reroute(request.url)
            return self._passed(once, request)

        adapter.send = send
        try:
            yield
        finally:
            adapter.send = original

    def _passed(self, once: Callable[[], Answer], request: Outgoing) -> Answer:
        site = urlsplit(request.url)
        is_data = site.path.endswith(_DATA)
        for wait in (*self._manners.waits_secs, None):
            self._take_turn()
            failure = "?"
            try:
                answer = once()
                failure = _refuse_wall(answer, site.netloc, is_data=is_data)
                if not failure:
                    self.rows = _rows(answer) if is_data else self.rows
                    return answer
            except OSError as error:  # what `requests` raises is one
                failure = type(error).__name__
            if wait is None or not is_data:
                break
            self._sleep(wait)
        raise SourceUnavailableError(
            f"{site.netloc} 이(가) 답하지 않습니다({failure}). 받은 것은 그대로 있으니 "
            "나중에 같은 명령으로 이어 받으세요.",
            f"{site.netloc} gives no answer ({failure}). What came is kept; go on later with the "
            "same command.",
        )

    def _take_turn(self) -> None:
        now = self._now()
        if now < self._next:
            self._sleep(self._next - now)
        self._next = max(now, self._next) + self._manners.gap_secs


def _refuse_wall(answer: Answer, site: str, *, is_data: bool) -> str:
    """
    Return what is wrong with an answer for the moment, empty if nothing is.

    Raises:
        SourceBlockedError: The site does not want us, or wants a login.
    """
    code = answer.status_code
    head = answer.content[:_HEAD].lstrip().lower() if is_data else b""
    if code in _LOGIN or head.startswith(_LOGIN_WORDS):
        raise SourceBlockedError(
            f"{site} 이(가) 로그인을 요구합니다. 그 사이트의 계정을 KRX_ID 와 KRX_PW 환경 변수에 "
            "넣고 다시 하세요. 받은 것은 그대로 있습니다.",
            f"{site} wants a login. Put the account of that site into the environment as KRX_ID "
            "and KRX_PW, then try again; what came is kept.",
        )
    if code in _BLOCKED or head.startswith(_PAGES):
        raise SourceBlockedError(
            f"{site} 이(가) 이 컴퓨터를 막았습니다({code}). 다시 묻지 않았습니다. 몇 시간 뒤에 "
            "같은 명령으로 이어 받거나, 다른 곳(--from)에서 받으세요.",
            f"{site} blocks this machine ({code}) and was not asked again. Go on in some hours "
            "with the same command, or choose another source (--from).",
        )
    if code >= _TOO_BAD:
        return f"HTTP {code}"
    return "" if not is_data or _is_whole(answer) else "damaged answer"


def _is_whole(answer: Answer) -> bool:
    content = answer.content
    if content.lstrip()[:1] == b"<":
        return content.rstrip().endswith(b"</protocol>")
    try:
        return isinstance(json.loads(content), dict)
    except ValueError:
        return False


def _rows(answer: Answer) -> int:
    """Return how many lines of prices an answer holds."""
    content = answer.content
    if content.lstrip()[:1] == b"<":
        return content.count(b"<item ")
    return len(json.loads(content).get("output", ()))


_DATA: Final = ("getJsonData.cmd", "sise.nhn")
"""Ends of the paths that give prices; whatever else is asked for belongs to a login."""

_LOGIN: Final = frozenset({401})
_BLOCKED: Final = frozenset({403, 418, 429, 451})
_LOGIN_WORDS: Final = b"logout"  # all that KRX says to who is not logged in, read 2026-11-30
_PAGES: Final = (b"<!doctype html", b"<html")
_TOO_BAD: Final = 400
_HEAD: Final = 64
