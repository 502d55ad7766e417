"""
Lists that come in pages: every page, or an error.

The header says whether there is more. A chart may say so for ever: there a blank row is the
end, which was measured. A list of an account is never believed to end while its header says
that it goes on: a page that is empty, or leads nowhere new, is asked for again, and if that
does not help there is no list.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Generic, TypeVar

import msgspec

from maemae.brokers.kiwoom_rest.http import Answer, Body, KiwoomHttp, rows_from
from maemae.brokers.kiwoom_rest.reading import is_blank
from maemae.brokers.kiwoom_rest.transactions import Transaction
from maemae.domain.errors import BrokerUnavailableError

R = TypeVar("R", bound=msgspec.Struct)


class _Page(msgspec.Struct, Generic[R], frozen=True):
    """
    What one answer holds.

    Attributes:
        rows: Those that are not blank.
        is_last: Whether the list ends here.
        is_stuck: Whether it goes on, and nothing says where, or nothing is here.
        next_key: Where it goes on.
    """

    rows: list[R]
    is_last: bool
    is_stuck: bool
    next_key: str


async def pages(
    http: KiwoomHttp,
    transaction: Transaction,
    body: Body,
    kind: type[R],
    key: Callable[[R], str],
    next_key: str = "",
) -> AsyncIterator[tuple[list[R], str]]:
    """
    Yield the rows of each page and where the next one begins, until there is no other.

    Args:
        http: Asks the server, as often and for as many pages as its quotas say.
        transaction: With a list of rows.
        body: Fields of the question, the same on every page.
        kind: What a row is.
        key: Returns what no row may leave blank: a number, a date, a code.
        next_key: Where to begin; empty for the first page.

    Raises:
        BrokerUnavailableError: A page failed, the list does not end where it stops, or it has
            more pages than can be.
    """
    most = http.quotas.most_pages
    seen: set[str] = set()
    for _ in range(most):
        seen.add(next_key)
        for _ in range(http.quotas.tries):
            answer = await http.ask(transaction, body, next_key)
            page = _page(answer, transaction, kind, key, seen)
            if not page.is_stuck:
                break
        else:
            raise _stuck(transaction)
        next_key = page.next_key
        yield page.rows, next_key
        if page.is_last:
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
) -> list[R]:
    """Return every row of a list; takes and raises what `pages` does."""
    found: list[R] = []
    async for rows, _ in pages(http, transaction, body, kind, key):
        found += rows
    return found


def _page(
    answer: Answer,
    transaction: Transaction,
    kind: type[R],
    key: Callable[[R], str],
    seen: set[str],
) -> _Page[R]:
    found = rows_from(answer, dict[str, msgspec.Raw]).get(transaction.rows)
    rows = [] if found is None else _rows(bytes(found), kind, transaction)
    whole = [row for row in rows if not is_blank(key(row))]
    is_blanked = len(whole) < len(rows)
    if not answer.is_more or (is_blanked and transaction.ends_blank):
        return _Page(whole, is_last=True, is_stuck=False, next_key="")
    leads_on = bool(answer.next_key) and answer.next_key not in seen
    is_stuck = is_blanked or not rows or not leads_on
    return _Page(whole, is_last=False, is_stuck=is_stuck, next_key=answer.next_key)


def _rows(raw: bytes, kind: type[R], transaction: Transaction) -> list[R]:
    try:
        return [msgspec.json.decode(row, type=kind) for row in _decode_rows(raw) or ()]
    except msgspec.MsgspecError as error:
        raise BrokerUnavailableError(
            f"{transaction.api_id} 의 목록이 예상한 모양이 아닙니다 ({error}). maemae 를 올리세요.",
            f"The list of {transaction.api_id} has another shape ({error}). Upgrade maemae.",
        ) from error


def _stuck(transaction: Transaction) -> BrokerUnavailableError:
    return BrokerUnavailableError(
        f"{transaction.api_id} 목록이 더 있다는데 다음 쪽을 주지 않아 버렸습니다. 잠시 뒤 다시 "
        "조회하세요.",
        f"The list of {transaction.api_id} is said to go on, but does not: none of it is used. "
        "Ask again a little later.",
    )


_decode_rows = msgspec.json.Decoder(list[msgspec.Raw] | None).decode
