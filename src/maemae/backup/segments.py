"""
Segments: what a journal and its tapes gained since the segment before, sealed and chained.

An object is a line that names the format, a header in the open and a sealed body. The header
tells whoever goes on where to do so without a key; the body repeats it, so that nobody can
change it unnoticed. Each header holds the digest of the object before it.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Sequence
from datetime import date
from typing import Final

import msgspec

from maemae.backup.sealing import seal_bytes, unseal_bytes
from maemae.domain.errors import StorageError
from maemae.ports import OutboxRow

_FORMAT: Final = b"maemae segment 1\n"
_SIZE: Final = struct.Struct(">I")


class Position(msgspec.Struct, frozen=True):
    """
    How far a copy has come.

    Attributes:
        seq: Number of the newest record; 0 before the first.
        hash: Its link of the chain, in hexadecimal; empty before the first.
        place: Of the newest command.
        tapes: Bytes of each tape of the last sessions, by file name.
    """

    seq: int = 0
    hash: str = ""
    place: int = 0
    tapes: dict[str, int] = {}


class Header(msgspec.Struct, frozen=True):
    """
    What a segment is.

    Attributes:
        number: From 1 without a gap.
        before: SHA-256 of the object before it, in hexadecimal; empty for the first.
        begins: Where it begins.
        ends: Where it ends.
        at: When it was made, wall time [ns, UTC].
    """

    number: int
    before: str
    begins: Position
    ends: Position
    at: int


class JournalRow(msgspec.Struct, frozen=True):
    """A record of the journal as it is stored."""

    seq: int
    session_date: date
    command_id: str | None
    event: bytes
    actions: bytes
    hash: bytes


class InboxRow(msgspec.Struct, frozen=True):
    """A command as it is stored."""

    key: str
    who: str
    kind: str
    body: bytes
    posted_at: int
    place: int
    status: str
    seq: int | None
    answer: str | None


class TapePiece(msgspec.Struct, frozen=True):
    """Bytes of a tape: its file's name, where they begin, and they themselves."""

    name: str
    offset: int
    content: bytes


class Segment(msgspec.Struct, frozen=True):
    """
    One segment, opened.

    Attributes:
        records: Of the journal.
        commands: That came in.
        in_doubt: Every request whose outcome was not known at the end of it.
        pieces: Of tapes.
    """

    header: Header
    records: tuple[JournalRow, ...]
    commands: tuple[InboxRow, ...]
    in_doubt: tuple[OutboxRow, ...]
    pieces: tuple[TapePiece, ...]


_decode_header: Final = msgspec.msgpack.Decoder(Header)
_decode_segment: Final = msgspec.msgpack.Decoder(Segment)
_encode: Final = msgspec.msgpack.Encoder().encode


def close_segment(segment: Segment, recipients: Sequence[str]) -> bytes:
    """Return a segment as an object, sealed for these public keys."""
    header = _encode(segment.header)
    body = seal_bytes(zlib.compress(_encode(segment)), recipients)
    return _FORMAT + _SIZE.pack(len(header)) + header + body


def read_header(content: bytes, name: str) -> Header:
    """
    Return what an object says of itself; true only once `open_segment` has compared it.

    Raises:
        StorageError: It is no segment.
    """
    header, _ = _split(content, name)
    try:
        return _decode_header.decode(header)
    except msgspec.MsgspecError as error:
        raise _damaged(name) from error


def open_segment(content: bytes, private: str, name: str) -> Segment:
    """
    Open a segment with a private key.

    Raises:
        StorageError: It is no segment, damaged, or the key does not open it.
    """
    header, body = _split(content, name)
    try:
        segment = _decode_segment.decode(zlib.decompress(unseal_bytes(body, private, name)))
    except (msgspec.MsgspecError, zlib.error) as error:
        raise _damaged(name) from error
    if _encode(segment.header) != header:
        raise _damaged(name)
    return segment


def digest(content: bytes) -> str:
    """Return the SHA-256 of an object, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def _split(content: bytes, name: str) -> tuple[bytes, bytes]:
    start = len(_FORMAT) + _SIZE.size
    if not content.startswith(_FORMAT) or len(content) < start:
        raise _damaged(name)
    (size,) = _SIZE.unpack(content[len(_FORMAT) : start])
    return content[start : start + size], content[start + size :]


def _damaged(name: str) -> StorageError:
    return StorageError(
        f"{name} 조각이 손상되었습니다. 그 앞까지만 쓸 수 있습니다.",
        f"The segment {name} is damaged; only what comes before it can be used.",
    )
