"""
Pages of a list, and the key of the next one: `A`, a code of six characters, a day, a number.

The number counts rows from the end that does not grow, so that rows that are added while a
client reads move no page. A client must take the key as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

import msgspec

from maemae.emulators.kiwoom_rest import codes
from maemae.emulators.kiwoom_rest.formats import day_text
from maemae.emulators.kiwoom_rest.wire import Answer, Row


class Page(msgspec.Struct, frozen=True):
    """
    One page.

    Attributes:
        number: Which, from 1.
        next_key: Of the next one, empty on the last.
    """

    rows: Sequence[Row]
    number: int
    next_key: str


def page_of(answer: Answer, next_key: str, size: int, day: date) -> Page:
    """
    Return the page that a key names, the first one for an empty key.

    Raises:
        RefusalError: The key is not one of ours.
    """
    rows, total = answer.rows, len(answer.rows)
    start = 0
    if next_key:
        found = _KEY.fullmatch(next_key)
        if found is None or int(found[1]) > total:
            raise codes.bad_field("next-key", next_key)
        start = total - int(found[1]) if answer.is_newest_first else int(found[1])
    end = min(start + size, total)
    following = ""
    if end < total:
        place = total - end if answer.is_newest_first else end
        following = f"A{answer.scope[-_CODE:].rjust(_CODE, '0')}{day_text(day)}{place}"
    return Page(rows[start:end], start // size + 1, following)


_CODE: Final = 6
_KEY: Final = re.compile(r"A[0-9A-Z]{6}\d{8}(\d{1,9})")
