"""Anchors of the audit log in a second place, an object each: what is there is never changed."""

from __future__ import annotations

from typing import Final

import msgspec

from maemae.backup.places import Place
from maemae.domain.errors import JournalCorruptError
from maemae.storage.anchors import Anchor, AnchorKey, SignedAnchor

_PREFIX: Final = "audit-anchors/"
_ANCHORS: Final = msgspec.json.Decoder(SignedAnchor)


class AnchorObjects:
    """
    Anchors in a place such as a bucket.

    Args:
        place: Best one in which this machine may write and not delete.
        key: Signs and checks.

    Attributes:
        name: By which the database notes what is there.
    """

    name: Final = "OFFSITE"

    def __init__(self, place: Place, key: AnchorKey) -> None:
        self._place = place
        self._key = key

    def put(self, anchor: Anchor) -> SignedAnchor:
        """
        Keep an anchor and return it signed.

        Raises:
            StorageError: The place cannot be reached, or has another of that number.
        """
        signed = self._key.sign(anchor)
        name = f"{_PREFIX}{signed.seq:015}-{signed.at}.json"
        self._place.put(name, msgspec.json.encode(signed, order="sorted"))
        return signed

    def read(self) -> list[SignedAnchor]:
        """
        Return every anchor, oldest first.

        Raises:
            JournalCorruptError: One is not ours, or was changed.
            StorageError: The place cannot be reached.
        """
        return [self._checked(name) for name in self._place.names(_PREFIX)]

    def _checked(self, name: str) -> SignedAnchor:
        try:
            anchor = _ANCHORS.decode(self._place.get(name))
        except msgspec.MsgspecError as error:
            raise _not_ours(name) from error
        if not self._key.is_ours(anchor):
            raise _not_ours(name)
        return anchor


def _not_ours(name: str) -> JournalCorruptError:
    return JournalCorruptError(
        f"감사 기준점 {name} 은(는) 이 서버가 서명한 것이 아닙니다. 따로 보관한 사본과 견주세요.",
        f"The anchor {name} was not signed by this server. Compare with the copy that you keep "
        "elsewhere.",
    )
