"""
Anchors: where the audit log ended at some time, signed and kept outside of the database.

A chain of hashes shows that a row was changed; it does not show that its tail was cut off or that
all of it was made anew. For that, its head is written to a file that is only appended to, best on
another machine, and signed with a key that the database does not know.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, select

from maemae.domain.errors import JournalCorruptError, StorageError
from maemae.storage.audit import AuditHead
from maemae.storage.key_file import read_secret
from maemae.storage.syncing import sync_data, sync_folder
from maemae.storage.tables.people import anchors
from maemae.storage.upsert import insert_missing

FILE_PLACE: Final = "FILE"

_KIND: Final = b"maemae audit anchor 1\n"


class Anchor(msgspec.Struct, frozen=True):
    """
    Where the log ended.

    Attributes:
        seq: Number of its newest row; the rows are counted from 1 without a gap, so it is how
            many there were too.
        hash: Of that row, in hexadecimal digits.
        at: Wall time [ns, UTC].
    """

    seq: int
    hash: str
    at: int

    @property
    def head(self) -> AuditHead:
        """The head, as the verifier takes it."""
        return AuditHead(self.seq, bytes.fromhex(self.hash))


class SignedAnchor(Anchor, frozen=True):
    """
    An anchor and its signature.

    Attributes:
        count: Number of rows.
        signature: Ed25519, in hexadecimal digits.
    """

    count: int
    signature: str


_ANCHORS: Final = msgspec.json.Decoder(SignedAnchor)


class AnchorKey:
    """
    The key that signs anchors, in a file of its own that only its owner may read.

    Args:
        path: Made with a new key if it is not there.

    Raises:
        ConfigError: Others may read it, or it holds no key.
        StorageError: It cannot be read or made.
    """

    def __init__(self, path: Path) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(read_secret(path))

    @property
    def public(self) -> str:
        """The public half, in hexadecimal digits: keep it elsewhere, beside the anchors."""
        return self._key.public_key().public_bytes_raw().hex()

    def sign(self, anchor: Anchor) -> SignedAnchor:
        """Return an anchor with its signature."""
        signature = self._key.sign(_signed_bytes(anchor)).hex()
        return SignedAnchor(anchor.seq, anchor.hash, anchor.at, anchor.seq, signature)

    def is_ours(self, anchor: SignedAnchor) -> bool:
        """Return whether this key signed an anchor, and nothing of it was changed."""
        try:
            signature = bytes.fromhex(anchor.signature)
            self._key.public_key().verify(signature, _signed_bytes(anchor))
        except (InvalidSignature, ValueError):
            return False
        return anchor.count == anchor.seq


class AnchorFile:
    """
    A file of anchors, a line each.

    Args:
        path: Made when the first is written; its folder too.
        key: Signs and checks.

    Attributes:
        name: By which the database notes what is there.
    """

    name: Final = FILE_PLACE

    def __init__(self, path: Path, key: AnchorKey) -> None:
        self._path = path
        self._key = key

    def put(self, anchor: Anchor) -> SignedAnchor:
        """
        Append an anchor and return it signed, once it is on the disk.

        Raises:
            StorageError: The file cannot be written.
        """
        signed = self._key.sign(anchor)
        line = msgspec.json.encode(signed, order="sorted") + b"\n"
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(descriptor, _ended(descriptor) + line)
                sync_data(descriptor)
            finally:
                os.close(descriptor)
            sync_folder(self._path.parent)
        except OSError as error:
            raise StorageError(
                f"감사 기준점을 {self._path} 에 쓸 수 없습니다 ({error.strerror}). 폴더가 연결되어 "
                "있는지 확인하세요.",
                f"The anchor of the audit log cannot be written to {self._path} "
                f"({error.strerror}). Check that the folder is there.",
            ) from error
        return signed

    def read(self) -> list[SignedAnchor]:
        """
        Return every anchor, oldest first; none if there is no file.

        Raises:
            JournalCorruptError: A line is not ours, or was changed.
            StorageError: The file cannot be read.
        """
        try:
            content = self._path.read_bytes() if self._path.exists() else b""
        except OSError as error:
            raise StorageError(
                f"감사 기준점 {self._path} 을(를) 읽을 수 없습니다 ({error.strerror}). "
                "읽기 권한을 확인하고 maemae audit verify 를 다시 실행하세요.",
                f"The anchors in {self._path} cannot be read ({error.strerror}). "
                "Check that you may read it, then run maemae audit verify again.",
            ) from error
        return list(self._checked(content))

    def _checked(self, content: bytes) -> Iterator[SignedAnchor]:
        for number, line in enumerate(content.split(b"\n"), 1):
            if not line.endswith(b"}"):
                continue  # nothing, or a write that was cut short
            try:
                anchor = _ANCHORS.decode(line)
            except msgspec.MsgspecError as error:
                raise self._not_ours(number) from error
            if not self._key.is_ours(anchor):
                raise self._not_ours(number)
            yield anchor

    def _not_ours(self, number: int) -> JournalCorruptError:
        return JournalCorruptError(
            f"감사 기준점 {self._path} 의 {number}번째 줄은 이 서버가 서명한 것이 아닙니다. 따로 "
            "보관한 사본과 견주세요.",
            f"Line {number} of {self._path} was not signed by this server. Compare with the copy "
            "that you keep elsewhere.",
        )


def note_anchor(connection: Connection, anchor: Anchor, place: str) -> None:
    """Note in the database that an anchor was put in a place."""
    row = {"seq": anchor.seq, "place": place, "hash": anchor.head.hash, "at": anchor.at}
    connection.execute(insert_missing(connection.dialect.name, anchors), row)


def last_noted(connection: Connection, place: str) -> tuple[int, int] | None:
    """Return number and time [ns, UTC] of the newest anchor of a place; None before the first."""
    query = (
        select(anchors.c.seq, anchors.c.at)
        .where(anchors.c.place == place)
        .order_by(anchors.c.seq.desc())
        .limit(1)
    )
    found = connection.execute(query).one_or_none()
    return None if found is None else (found.seq, found.at)


def _signed_bytes(anchor: Anchor) -> bytes:
    return _KIND + msgspec.json.encode((anchor.seq, anchor.hash, anchor.at))


def _ended(descriptor: int) -> bytes:
    """Return what ends the line that a crash left unfinished, if one did."""
    size = os.fstat(descriptor).st_size
    return b"\n" if size and os.pread(descriptor, 1, size - 1) != b"\n" else b""
