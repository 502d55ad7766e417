"""What a request of the REST interface is once it was read, and what an answer is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

import msgspec

from maemae.domain.ids import AccountId

Fields: TypeAlias = dict[str, Any]
"""Fields of an answer: text, or rows of text."""

Row: TypeAlias = dict[str, str]


class Ask(msgspec.Struct, frozen=True):
    """
    One request, its sender known.

    Attributes:
        api_id: Which kind.
        app_key: Key of the client that asked.
        account_id: The account that the key belongs to.
        fields: The body.
        next_key: What the page before said, empty for the first page.
    """

    api_id: str
    app_key: str
    account_id: AccountId
    fields: Mapping[str, str]
    next_key: str = ""

    def field(self, name: str) -> str:
        """Return a field without blanks around it, empty if it is absent."""
        return self.fields.get(name, "").strip()

    def as_kind(self, api_id: str, **fields: str) -> Ask:
        """Return it as a request of another kind, with these fields beside and before its own."""
        return msgspec.structs.replace(self, api_id=api_id, fields={**self.fields, **fields})


class Answer(msgspec.Struct, frozen=True):
    """
    What an answer holds beside code and message.

    Attributes:
        fields: Single values.
        list_key: Name of the list, empty if there is none.
        rows: The whole list; it is cut into pages elsewhere.
        is_newest_first: Whether rows are added at its beginning while pages are read.
        text: The message.
        scope: What the next key begins with: the end of a code, six characters.
    """

    fields: Fields
    list_key: str = ""
    rows: list[Row] = []
    is_newest_first: bool = False
    text: str = ""
    scope: str = ""


class RefusalError(Exception):
    """
    A request was refused.

    Args:
        code: `return_code`.
        text: `return_msg`.
        status: HTTP status.
    """

    def __init__(self, code: int, text: str, status: int = 200) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.status = status


Handler: TypeAlias = Callable[[Ask], Answer]

DONE: Final = "정상적으로 처리되었습니다"
ASKED: Final = " 조회가 완료되었습니다."
ASKED_ON_PAPER: Final = "모의투자 조회완료"
NOTHING_ON_PAPER: Final = "모의투자 해당조회내역이 없습니다."


class Tr(msgspec.Struct, frozen=True):
    """
    How one kind of request is answered.

    Attributes:
        required: Fields it needs, in the order in which they are missed.
        handle: What answers.
        page_rows: Rows of a page of its list.
    """

    required: tuple[str, ...]
    handle: Handler
    page_rows: int = 100
