"""Keeps the audit log honest: anchors its head elsewhere, and verifies all of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, Protocol

from maemae.domain.errors import JournalCorruptError, MaemaeError
from maemae.domain.text import Text
from maemae.ports import WallClock
from maemae.storage.anchors import Anchor, SignedAnchor, last_noted, note_anchor
from maemae.storage.audit import AuditHead, Verdict, read_head, verify
from maemae.storage.people.reading import connected
from maemae.storage.server_store import ServerStore

CHANGED: Final = "AUDIT_LOG_CHANGED"
"""Alert: somebody changed the log, or an anchor of it."""

UNVERIFIED: Final = "AUDIT_LOG_UNVERIFIED"
"""Alert: nobody could look whether somebody did."""

UNANCHORED: Final = "AUDIT_LOG_UNANCHORED"
"""Alert: a place does not take anchors."""

SUBJECT: Final = "audit"

Tell = Callable[[str, str, Text], None]
"""Tells a person: code and subject of an alert, and what to do."""


class AnchorPlace(Protocol):
    """
    Where anchors are kept.

    Attributes:
        name: By which the database notes what is there.
    """

    @property
    def name(self) -> str:
        """Name under which the database notes what this place holds."""

    def put(self, anchor: Anchor) -> SignedAnchor:
        """Keep an anchor and return it signed; raises StorageError."""

    def read(self) -> list[SignedAnchor]:
        """
        Return every anchor, oldest first.

        Raises:
            JournalCorruptError: One is not ours, or was changed.
            StorageError: They cannot be read.
        """


class AuditKeeper:
    """
    Anchors the audit log, and verifies it against the anchors.

    Args:
        store: Whose log it is.
        wall: Says when an anchor was made.
        places: Where anchors are kept, each by itself: one of them is best off this machine.
        tell: Tells a person of tampering, and of a place that fails.
    """

    def __init__(
        self,
        store: ServerStore,
        wall: WallClock,
        places: Sequence[AnchorPlace],
        tell: Tell,
    ) -> None:
        self._store = store
        self._wall = wall
        self._places = tuple(places)
        self._tell = tell

    def anchor(self) -> list[SignedAnchor]:
        """
        Keep where the log ends now, in each place where that is not kept already.

        A place that fails is told to a person, and tried again the next time.

        Raises:
            StorageError: The log cannot be read.
        """
        with connected(self._store.reading) as connection:
            head = read_head(connection)
            noted = {place.name: last_noted(connection, place.name) for place in self._places}
        behind = [place for place in self._places if (noted[place.name] or (0,))[0] != head.seq]
        kept = [self._put(place, head) for place in behind]
        return [anchor for anchor in kept if anchor is not None]

    def look(self) -> None:
        """
        Verify, and tell a person if somebody changed the log, or if nobody can say.

        Raises:
            JournalCorruptError: An anchor is not ours, or was changed.
            StorageError: The log or the anchors cannot be read.
        """
        try:
            bad = self.verify().bad
        except MaemaeError as error:
            is_changed = isinstance(error, JournalCorruptError)
            self._tell(CHANGED if is_changed else UNVERIFIED, SUBJECT, error.text)
            raise
        if bad is not None:
            self._tell(CHANGED, SUBJECT, bad.text)

    def verify(self) -> Verdict:
        """
        Walk the whole log and compare it with every anchor.

        Raises:
            JournalCorruptError: An anchor is not ours, or was changed.
            StorageError: The log or the anchors cannot be read.
        """
        heads = [anchor.head for place in self._places for anchor in place.read()]
        with connected(self._store.reading) as connection:
            return verify(connection, heads)

    def _put(self, place: AnchorPlace, head: AuditHead) -> SignedAnchor | None:
        try:
            signed = place.put(Anchor(head.seq, head.hash.hex(), self._wall.now()))
            note = partial(note_anchor, anchor=signed, place=place.name)
            self._store.writer.run(note)
        except MaemaeError as error:
            self._tell(UNANCHORED, place.name, error.text)
            return None
        return signed
