"""
What a person has seen before an order, in a token: the order sent with it is that very one.

Signed with a key that follows from the master key, so that every replica can check it and nobody
else can make one. It is good for a minute and for one person.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Final

import msgspec

from maemae.domain.ids import AccountId, Symbol
from maemae.domain.instant import MINUTE
from maemae.domain.intent import Cash, Everything, Shares
from maemae.domain.terms import Side
from maemae.domain.text import Text
from maemae.server.problem import ProblemError
from maemae.storage.master_keys import MasterKeys

GOOD_FOR: Final = MINUTE

_PURPOSE: Final = b"maemae preview token"


class Terms(msgspec.Struct, frozen=True, array_like=True):
    """What an order would be, and for whom."""

    user_id: str
    account_id: AccountId
    symbol: Symbol
    side: Side
    size: Shares | Cash | Everything
    price: int | None
    stop_loss: int | None
    take_profit: int | None


class Seen(msgspec.Struct, frozen=True, array_like=True):
    """
    A preview as it was seen.

    Attributes:
        last_price: Then [won]; None before the first print.
        expires_at: From then on it is no good [ns, UTC].
    """

    terms: Terms
    last_price: int | None
    expires_at: int


_decode: Final = msgspec.msgpack.Decoder(Seen).decode


class PreviewTokens:
    """
    Makes and reads tokens; keeps nothing of them.

    Args:
        master: The master keys.
    """

    def __init__(self, master: MasterKeys) -> None:
        self._master = master

    def sign(self, seen: Seen) -> str:
        """Return the token of a preview."""
        version = self._master.newest
        content = msgspec.msgpack.encode(seen)
        mac = self._mac(version, content)
        if mac is None:
            raise _no_good()
        return f"{version}.{_text(content)}.{_text(mac)}"

    def read(self, token: str, terms: Terms, now: int) -> Seen:
        """
        Return what was seen, if it is these terms and not too long ago.

        Raises:
            ProblemError: 409; it is too old, of other terms, or none of ours.
        """
        version, content, mac = _parts(token)
        expected = self._mac(version, content)
        if expected is None or not hmac.compare_digest(expected, mac):
            raise _no_good()
        seen = _decode(content)
        if seen.terms != terms:
            raise _no_good()
        if now >= seen.expires_at:
            raise ProblemError(409, "PREVIEW_EXPIRED", _EXPIRED)
        return seen

    def _mac(self, version: int, content: bytes) -> bytes | None:
        master = self._master.find(version)
        if master is None:
            return None
        key = hmac.digest(master, _PURPOSE, hashlib.sha256)
        return hmac.digest(key, content, hashlib.sha256)


def _parts(token: str) -> tuple[int, bytes, bytes]:
    version, _, rest = token.partition(".")
    content, _, mac = rest.partition(".")
    try:
        return int(version), _bytes(content), _bytes(mac)
    except (ValueError, binascii.Error) as error:
        raise _no_good() from error


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _no_good() -> ProblemError:
    return ProblemError(409, "PREVIEW_INVALID", _NO_GOOD)


_NO_GOOD: Final = Text(
    "미리보기가 이 주문의 것이 아닙니다. 다시 미리보기를 하고 보내세요.",
    "The preview is not of this order. Preview it again, then send it.",
)
_EXPIRED: Final = Text(
    "미리보기를 한 지 1분이 지났습니다. 다시 미리보기를 하고 보내세요.",
    "The preview is more than a minute old. Preview it again, then send it.",
)
