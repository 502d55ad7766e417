"""
Condition search (조건검색) on the stream: what a person saved in the HTS, asked for and watched.

The list of conditions must be asked for before any of them, on every connection anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, TypeVar

import msgspec

from maemae.brokers.kiwoom_rest.connection import KiwoomConnection
from maemae.brokers.kiwoom_rest.frames import NOTHING, Entry, Frame, RealType
from maemae.brokers.kiwoom_rest.prints import ConditionHit, DayClocks, update_of
from maemae.brokers.kiwoom_rest.reading import symbol
from maemae.domain.errors import BrokerUnavailableError
from maemae.domain.ids import Symbol
from maemae.ports import BrokerEvent

T = TypeVar("T")


class Condition(msgspec.Struct, frozen=True):
    """A saved condition: its number at the server, and its name."""

    seq: str
    name: str


class _Found(msgspec.Struct, frozen=True):
    code: str | None = msgspec.field(default=None, name="9001")
    jmcode: str | None = None


class ConditionSearch:
    """
    Saved conditions of the account's owner.

    Args:
        connection: Its stream must be open.
    """

    def __init__(self, connection: KiwoomConnection) -> None:
        self._connection = connection
        self._stream = connection.stream
        self._clocks = DayClocks()
        self._watched: set[str] = set()
        self._told: asyncio.Queue[ConditionHit | BrokerEvent] = asyncio.Queue()
        self._stream.on(RealType.CONDITION, self._take)
        self._stream.listen(self._told.put_nowait)

    async def conditions(self) -> tuple[Condition, ...]:
        """
        Return the saved conditions.

        Raises:
            BrokerUnavailableError: It is not answered, or cannot be understood.
        """
        reply = await self._ask("CNSRLST", {"trnm": "CNSRLST"})
        rows = _decoded(reply, list[list[str]])
        return tuple(Condition(row[0].strip(), row[1]) for row in rows if len(row) > 1)

    async def find(self, seq: str) -> tuple[Symbol, ...]:
        """Return what fulfils a condition now, every page; raises as `conditions`."""
        found: list[Symbol] = []
        cont_yn, next_key, seen = "N", "", {""}
        for _ in range(self._connection.config.quotas.most_pages):
            asked = {"search_type": "0", "stex_tp": "K", "cont_yn": cont_yn, "next_key": next_key}
            reply = await self._ask(f"CNSRREQ:{seq}", {"trnm": "CNSRREQ", "seq": seq, **asked})
            found += _symbols(reply)
            if (reply.cont_yn or "N").strip() != "Y":
                return tuple(dict.fromkeys(found))
            cont_yn, next_key = "Y", reply.next_key or ""
            if next_key in seen:
                raise BrokerUnavailableError(
                    "조건검색 결과가 더 있다는데 다음 쪽을 주지 않습니다. 잠시 뒤 다시 하세요.",
                    "The condition is said to find more, but does not show it. Try again later.",
                )
            seen.add(next_key)
        raise BrokerUnavailableError(
            "조건검색 결과가 너무 많습니다. 조건을 좁히세요.",
            "The condition finds too much. Make it narrower.",
        )

    async def watch(self, seq: str) -> tuple[Symbol, ...]:
        """
        Have what comes in and goes out told; return what is in now. Raises as `conditions`.

        Kiwoom may say nothing of who is in, and tell each as if it had just come in, right
        behind its answer: therefore what is told is taken from the question on.
        """
        self._watched.add(seq)
        asked = {"trnm": "CNSRREQ", "seq": seq, "search_type": "1", "stex_tp": "K"}
        reply = await self._ask(f"CNSRREQ:{seq}", asked)
        return tuple(dict.fromkeys(_symbols(reply)))

    async def unwatch(self, seq: str) -> None:
        """Have nothing more told of a condition; raises as `conditions`."""
        self._watched.discard(seq)
        await self._ask(f"CNSRCLR:{seq}", {"trnm": "CNSRCLR", "seq": seq})

    async def hits(self) -> AsyncIterator[ConditionHit | BrokerEvent]:
        """
        Yield what came in or went out, and when the stream was cut and stands again.

        What happened meanwhile is not told: ask for the list and watch again.
        """
        while True:
            yield await self._told.get()

    async def _ask(self, key: str, frame: dict[str, Any]) -> Frame:
        reply = await self._stream.ask(key, msgspec.json.encode(frame))
        if reply.return_code != 0:
            said = reply.return_msg or ""
            raise BrokerUnavailableError(
                f"키움이 조건검색을 거절했습니다 ({said}). 영웅문에 저장된 조건식인지 확인하세요.",
                f"Kiwoom refused the condition search ({said}). See that it is saved in the HTS.",
            )
        return reply

    def _take(self, entry: Entry) -> None:
        clock = self._clocks.at(self._connection.venue.now())
        told = update_of(entry, clock, self._connection.config)
        if isinstance(told, ConditionHit) and told.seq in self._watched:
            self._told.put_nowait(told)


def _symbols(reply: Frame) -> list[Symbol]:
    rows = _decoded(reply, list[_Found])
    codes = [row.code or row.jmcode for row in rows]
    return [symbol("9001", code) for code in codes if code]


def _decoded(reply: Frame, kind: type[list[T]]) -> list[T]:
    if reply.data == NOTHING or bytes(reply.data) == b"null":
        return []
    try:
        return msgspec.json.decode(reply.data, type=kind)
    except msgspec.MsgspecError as error:
        raise BrokerUnavailableError(
            f"조건검색의 답이 예상한 모양이 아닙니다 ({error}). maemae 를 올리세요.",
            f"The answer to a condition search has another shape ({error}). Upgrade maemae.",
        ) from error
