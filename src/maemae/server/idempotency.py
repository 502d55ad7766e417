"""
One request, one answer: what carries the same Idempotency-Key is done once.

The first of several requests at once does the work, and the others wait for its answer. If its
process dies meanwhile, another one does it again: the executor knows the command by a key that
follows from the user and the request's, so even that does nothing twice. What was refused is not
kept; the same key may be tried again.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Annotated, Final

from fastapi import Depends, Header, Response
from pydantic import BaseModel

from maemae.domain.errors import InvalidValueError, OutcomeUnknownError, StorageError
from maemae.domain.instant import SECOND
from maemae.domain.text import Text
from maemae.server.problem import ProblemError
from maemae.server.security.actor import Actor
from maemae.server.security.gates import Viewer
from maemae.server.security.secret import new_id
from maemae.server.services import Services, get_services
from maemae.storage.answers import Answers, Given

_NAME: Final = "Idempotency-Key"
_SOUND: Final = r"^[A-Za-z0-9_.:-]{8,64}$"

Key = Annotated[
    str,
    Header(
        alias=_NAME,
        pattern=_SOUND,
        description="Chosen by the client, a new one for each wish; the same one is done once.",
        examples=["5f0c3c1e-6f0e-4a53-9d0a-0d6d1f0b7c11"],
    ),
]
AnyKey = Annotated[
    str | None,
    Header(
        alias=_NAME,
        description="As elsewhere, but nothing is refused for lack of a sound one.",
        examples=["5f0c3c1e-6f0e-4a53-9d0a-0d6d1f0b7c11"],
    ),
]

_LONGEST: Final = 15 * SECOND
"""Longest time that an answer takes; from then on whoever began it counts as dead [ns, wall]."""

_LOOK_SECS: Final = 0.02


class Single:
    """
    A request that is answered once.

    Args:
        services: Of the app.
        actor: Who asks.
        key: Of the request.

    Attributes:
        command_key: Key for the executor; it follows from the user and the request's.
    """

    def __init__(self, services: Services, actor: Actor, key: str) -> None:
        self.command_key = hashlib.sha256(f"{actor.user_id}\n{key}".encode()).hexdigest()[:40]
        self._answers = Answers(services.store)
        self._wall = services.wall
        self._mine = actor.user_id, key

    def answer(self, what: str, asked: BaseModel | None, do: Callable[[], BaseModel]) -> Response:
        """
        Return the answer given to this very request before, or do it.

        Args:
            what: Method and place of the request: the same body elsewhere is another one.
            asked: Its body.
            do: Does it; what it raises is told and not kept.

        Raises:
            ProblemError: 422; another request has the key.
            OutcomeUnknownError: It may be done, and could not be recorded.
        """
        request_hash = _hash_of(what, asked)
        given = self._wait(request_hash)
        if given is None:
            given = self._do(do)
        return _json(given)

    def _wait(self, request_hash: bytes) -> Given | None:
        """Wait for who answers already; return None once it is ours to answer."""
        while True:
            now = self._wall.now()
            try:
                begun = self._answers.begin(*self._mine, request_hash, now, _LONGEST)
            except InvalidValueError as error:
                raise ProblemError(422, "IDEMPOTENCY_KEY_REUSED", error.text) from error
            if isinstance(begun, Given):
                return begun
            if begun:
                return None
            time.sleep(_LOOK_SECS)

    def _do(self, do: Callable[[], BaseModel]) -> Given:
        given: Given | None = None
        try:
            given = _given(do())
            self._answers.finish(*self._mine, given)
        except StorageError as error:
            raise OutcomeUnknownError(_NOT_KEPT.ko, _NOT_KEPT.en) from error
        finally:
            if given is None:
                with suppress(StorageError):  # whoever asks again takes it over a little later
                    self._answers.forget(*self._mine)
        return given


class Stop:
    """
    A request that takes risk away: nobody waits for a key, and nothing is refused for one.

    With a key, whoever sends it again is given the first answer, and nothing is done twice. A key
    that cannot be looked up, or that belongs to another request, is as good as none.

    Args:
        services: Of the app.
        actor: Who asks.
        key: Of the request; None for none that is sound.
    """

    def __init__(self, services: Services, actor: Actor, key: str | None) -> None:
        self._answers = Answers(services.store)
        self._wall = services.wall
        self._user_id = actor.user_id
        self._key = key

    def answer(self, what: str, asked: BaseModel, do: Callable[[str], BaseModel]) -> Response:
        """
        Return the answer given to this very request before, or do it.

        Args:
            what: Method and place of the request.
            asked: Its body.
            do: Does it, with a key for the executor; what it raises is told and not kept.
        """
        if self._key is None:
            return _json(_given(do(new_id())))
        request_hash = _hash_of(what, asked)
        given: Given | None = None
        with suppress(StorageError):
            given = self._answers.find(self._user_id, self._key, request_hash)
        if given is None:
            mine = f"{self._user_id}\n{self._key}\n{request_hash.hex()}"
            given = _given(do(hashlib.sha256(mine.encode()).hexdigest()[:40]))
            with suppress(StorageError):  # it is done, whatever can be kept of it
                now = self._wall.now()
                self._answers.keep(self._user_id, self._key, request_hash, now, given)
        return _json(given)


def _hash_of(what: str, asked: BaseModel | None) -> bytes:
    body = "" if asked is None else asked.model_dump_json()
    return hashlib.sha256(f"{what}\n{body}".encode()).digest()


def _given(told: BaseModel) -> Given:
    return Given(200, told.model_dump_json().encode())


def _json(given: Given) -> Response:
    return Response(given.body, given.status, media_type="application/json")


_NOT_KEPT: Final = Text(
    "서버의 저장소를 쓰지 못해 결과를 남기지 못했습니다. 이미 실행되었을 수 있으니 상태를 확인하고 "
    "같은 키로 다시 보내세요. 같은 키는 한 번만 실행됩니다.",
    "The server's store cannot be used, and the outcome was not kept. It may have been done: check "
    "the status, and send it again with the same key, which is done once.",
)


async def _single(
    actor: Viewer, key: Key, services: Annotated[Services, Depends(get_services)]
) -> Single:
    return Single(services, actor, key)


Once = Annotated[Single, Depends(_single)]
"""The request's key, as a parameter of a route."""


async def _stop(
    actor: Viewer,
    services: Annotated[Services, Depends(get_services)],
    key: AnyKey = None,
) -> Stop:
    is_sound = key is not None and re.fullmatch(_SOUND, key) is not None
    return Stop(services, actor, key if is_sound else None)


AtOnce = Annotated[Stop, Depends(_stop)]
"""The same for what takes risk away: with a key or without."""
