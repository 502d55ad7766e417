"""
Lists that come in pages: every page, or an error.

The header says whether there is more, and may say so for ever: a page that is empty, that
begins with a blank row or that leads back to itself is the end.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import TypeVar

import msgspec

from maemae.brokers.kiwoom_rest.http import Body, KiwoomHttp, rows_from
from maemae.brokers.kiwoom_rest.reading import is_blank
from maemae.brokers.kiwoom_rest.transactions import Transaction
from maemae.domain.errors import BrokerUnavailableError

R = TypeVar("R", bound=msgspec.Struct)


async def pages(
    http: KiwoomHttp,
    transaction: Transaction,
    body: Body,
    kind: type[R],
    key: Callable[[R], str],
    most: int,
    next_key: str = "",
) -> AsyncIterator[tuple[list[R], str]]:
    """
    Yield the rows of each page and where the next one begins, until there is no other.

    Args:
        http: Asks the server.
        transaction: With a list of rows.
        body: Fields of the question, the same on every page.
        kind: What a row is.
        key: Returns what no row may leave blank: a number, a date, a code.
        most: Longest list that is believed [pages].
        next_key: Where to begin; empty for the first page.

    Raises:
        BrokerUnavailableError: A page failed, or there are more than can be.
    """
    for _ in range(most):
        answer = await http.ask(transaction, body, next_key)
        found = rows_from(answer, dict[str, msgspec.Raw]).get(transaction.rows)
        rows = [] if found is None else _rows(bytes(found), kind, transaction)
        whole = [row for row in rows if not is_blank(key(row))]
        is_last = len(whole) < len(rows) or not rows or answer.next_key in ("", next_key)
        next_key = "" if is_last else answer.next_key
        yield whole, next_key
        if is_last:
            return
    raise BrokerUnavailableError(
        f"{transaction.api_id} 목록이 {most}쪽을 넘습니다. 기간이나 종목을 줄여 조회하세요.",
        f"The list of {transaction.api_id} has more than {most} pages. Ask for less.",
    )


async def every_row(
    http: KiwoomHttp,
    transaction: Transaction,
    body: Body,
    kind: type[R],
    key: Callable[[R], str],
    most: int,
) -> list[R]:
    """Return every row of a list; takes and raises what `pages` does."""
    found: list[R] = []
    async for rows, _ in pages(http, transaction, body, kind, key, most):
        found += rows
    return found


def _rows(raw: bytes, kind: type[R], transaction: Transaction) -> list[R]:
    try:
        return [msgspec.json.decode(row, type=kind) for row in _decode_rows(raw) or ()]
    except msgspec.MsgspecError as error:
        raise BrokerUnavailableError(
            f"{transaction.api_id} 의 목록이 예상한 모양이 아닙니다 ({error}). maemae 를 올리세요.",
            f"The list of {transaction.api_id} has another shape ({error}). Upgrade maemae.",
        ) from error


_decode_rows = msgspec.json.Decoder(list[msgspec.Raw] | None).decode
