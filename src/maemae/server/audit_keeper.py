"""Keeps the audit log honest: anchors its head elsewhere, and verifies all of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from maemae.domain.text import Text
from maemae.ports import WallClock
from maemae.server.logs import logger
from maemae.storage.anchors import (
    FILE_PLACE,
    Anchor,
    AnchorFile,
    SignedAnchor,
    last_noted,
    note_anchor,
)
from maemae.storage.audit import Verdict, read_head, verify
from maemae.storage.people.reading import connected
from maemae.storage.server_store import ServerStore


class AuditKeeper:
    """
    Anchors the audit log, and verifies it against the anchors.

    Args:
        store: Whose log it is.
        wall: Says when an anchor was made.
        file: Where anchors are kept.
        tell: Tells a person of an anchor, to be kept in another place too, and of tampering.
    """

    def __init__(
        self,
        store: ServerStore,
        wall: WallClock,
        file: AnchorFile,
        tell: Callable[[Text], None] | None = None,
    ) -> None:
        self._store = store
        self._wall = wall
        self._file = file
        self._tell = tell

    def anchor(self) -> SignedAnchor | None:
        """
        Keep where the log ends now; None if that is kept already.

        Raises:
            StorageError: The log cannot be read, or the anchor cannot be kept.
        """
        with connected(self._store.reading) as connection:
            head, noted = read_head(connection), last_noted(connection, FILE_PLACE)
        if head.seq == 0 or (noted is not None and noted[0] == head.seq):
            return None
        signed = self._file.put(Anchor(head.seq, head.hash.hex(), self._wall.now()))
        self._store.writer.run(partial(note_anchor, anchor=signed, place=FILE_PLACE))
        if self._tell is not None:
            self._tell(anchor_text(signed))
        return signed

    def look(self) -> None:
        """
        Verify, and say it loudly if somebody changed the log.

        Raises:
            JournalCorruptError: An anchor is not ours, or was changed.
            StorageError: The log or the anchors cannot be read.
        """
        bad = self.verify().bad
        if bad is not None:
            logger("audit").critical("the audit log was changed", row=bad.seq, what=bad.text.en)
            if self._tell is not None:
                self._tell(bad.text)

    def verify(self) -> Verdict:
        """
        Walk the whole log and compare it with every anchor.

        Raises:
            JournalCorruptError: An anchor is not ours, or was changed.
            StorageError: The log or the anchors cannot be read.
        """
        heads = [anchor.head for anchor in self._file.read()]
        with connected(self._store.reading) as connection:
            return verify(connection, heads)


def anchor_text(anchor: SignedAnchor) -> Text:
    """Return what a person is told, to be kept where the server cannot change it."""
    end = f"{anchor.seq} {anchor.hash} {anchor.at} {anchor.signature}"
    return Text(f"감사 기록 기준점: {end}", f"Anchor of the audit log: {end}")
