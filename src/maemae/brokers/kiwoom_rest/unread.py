"""What a person is told of a value of the stream that was left out."""

from __future__ import annotations

from maemae.domain.errors import BrokerError
from maemae.domain.text import Text


def unread(error: Exception) -> Text:
    """Return why a value was left out."""
    if isinstance(error, BrokerError):
        return error.text
    return Text(
        f"키움 실시간 값을 알아볼 수 없어 건너뛰었습니다 ({error}).",
        f"A value of Kiwoom's stream cannot be read and was left out ({error}).",
    )
