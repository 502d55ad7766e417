"""One file for everything: a tar, compressed and encrypted while it is written."""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
import tarfile
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from gzip import BadGzipFile, GzipFile
from pathlib import Path
from typing import IO, BinaryIO, Final, TypeVar

import msgspec

from maemae.backup.manifest import FORMAT, MANIFEST, Manifest, Member
from maemae.backup.sealing import seal, unseal
from maemae.domain.errors import StorageError
from maemae.storage.syncing import sync_data

_CHUNK: Final = 1 << 20
_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*){0,2}")
_BROKEN: Final = (tarfile.TarError, EOFError, zlib.error, BadGzipFile, msgspec.MsgspecError)
_LEVEL: Final = 4  # of gzip: most of the gain for a third of the time

T = TypeVar("T")
U = TypeVar("U")


class Piece(msgspec.Struct, frozen=True):
    """
    A file that goes into an archive.

    Attributes:
        name: In the archive.
        path: Where it lies; it may grow meanwhile.
        size: How much of it is taken [bytes].
    """

    name: str
    path: Path
    size: int


def write_archive(
    path: Path,
    pieces: Sequence[Piece],
    describe: Callable[[tuple[Member, ...]], Manifest],
    recipients: Sequence[str],
) -> Manifest:
    """
    Write an archive and sync it.

    Args:
        path: Must not be there yet.
        pieces: In this order.
        describe: Returns the manifest, given what was written.
        recipients: Public keys.

    Raises:
        StorageError: Something could not be read or written; what was written is no archive.
    """
    try:
        with path.open("xb") as target:
            manifest, _ = _through_pipe(
                lambda sending: _pack(sending, pieces, describe),
                lambda receiving: seal(receiving, target, recipients),
            )
            target.flush()
            sync_data(target.fileno())
    except OSError as error:
        raise StorageError(
            f"백업 {path} 을(를) 쓰지 못했습니다 ({error}). 디스크의 남은 공간을 확인하세요.",
            f"The backup {path} could not be written ({error}). Check the space on the disk.",
        ) from error
    return manifest


def read_archive(path: Path, private: str, into: Path) -> Manifest:
    """
    Unpack an archive and compare every file with the manifest.

    Args:
        path: The archive.
        private: Private key that opens it.
        into: Existing folder; what lies in it counts only if nothing is raised.

    Raises:
        StorageError: The archive is damaged, cut off, for another key or of another format, or
            cannot be read or unpacked.
    """
    try:
        with path.open("rb") as source:
            _, manifest = _through_pipe(
                lambda sending: unseal(source, sending, private, path.name),
                lambda receiving: _unpack(receiving, into, path.name),
            )
    except _BROKEN as error:
        raise _not_whole(path.name) from error
    except OSError as error:
        raise StorageError(
            f"백업 {path} 을(를) 풀지 못했습니다 ({error}). 경로와 디스크의 남은 공간을 "
            "확인하세요.",
            f"The backup {path} could not be unpacked ({error}). Check the path and the space on "
            "the disk.",
        ) from error
    return manifest


def _through_pipe(
    produce: Callable[[BinaryIO], T], consume: Callable[[BinaryIO], U]
) -> tuple[T, U]:
    """
    Let one function read what another writes, while it writes.

    A consumer that fails lets the producer come to its end, so that a failure of the producer
    is always its own, and it is the one that is raised.
    """
    receiving, sending = os.pipe()

    def work() -> T:
        with os.fdopen(sending, "wb") as pipe:
            return produce(pipe)

    with os.fdopen(receiving, "rb") as pipe, ThreadPoolExecutor(1) as pool:
        produced = pool.submit(work)
        try:
            consumed = consume(pipe)
        finally:
            _drain(pipe)
            error = produced.exception()
            if error is not None:
                raise error
    return produced.result(), consumed


def _drain(pipe: BinaryIO | GzipFile) -> None:
    while pipe.read(_CHUNK):
        pass


def _pack(
    target: BinaryIO,
    pieces: Sequence[Piece],
    describe: Callable[[tuple[Member, ...]], Manifest],
) -> Manifest:
    with (
        GzipFile(fileobj=target, mode="wb", compresslevel=_LEVEL, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w|") as tar,
    ):
        manifest = describe(tuple(_add(tar, piece) for piece in pieces))
        content = msgspec.json.encode(manifest)
        tar.addfile(_info(MANIFEST, len(content)), io.BytesIO(content))
    return manifest


def _add(tar: tarfile.TarFile, piece: Piece) -> Member:
    with piece.path.open("rb") as file:
        source = _Hashing(file)
        tar.addfile(_info(piece.name, piece.size), source)  # raises if the file is shorter
    return Member(piece.name, piece.size, source.digest)


def _info(name: str, size: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size = size
    info.mode = 0o600
    return info


def _unpack(source: BinaryIO, into: Path, archive: str) -> Manifest:
    """Write every member to a folder; return the manifest that they agree with."""
    found: list[Member] = []
    manifest: Manifest | None = None
    with (
        GzipFile(fileobj=source, mode="rb") as packed,
        tarfile.open(fileobj=packed, mode="r|") as tar,
    ):
        for info in tar:
            content = tar.extractfile(info)
            if content is None or manifest is not None or _NAME.fullmatch(info.name) is None:
                raise _not_whole(archive)
            if info.name == MANIFEST:
                manifest = _read_manifest(content.read(), archive)
            else:
                found.append(_extract(info.name, content, into / info.name))
        _drain(packed)  # its checksum stands at its end
    if manifest is None or manifest.members != tuple(found):
        raise _not_whole(archive)
    return manifest


def _read_manifest(content: bytes, archive: str) -> Manifest:
    version = msgspec.json.decode(content, type=_Version).format
    if version != FORMAT:
        raise StorageError(
            f"{archive} 은(는) 다른 버전의 maemae 가 만든 백업(형식 {version})입니다. 그 버전으로 "
            "되돌리세요.",
            f"{archive} was made by another version of maemae (format {version}). Restore it with "
            "that one.",
        )
    return msgspec.json.decode(content, type=Manifest)


def _extract(name: str, content: IO[bytes], path: Path) -> Member:
    path.parent.mkdir(parents=True, exist_ok=True)
    source = _Hashing(content)
    with path.open("xb") as target:
        shutil.copyfileobj(source, target, _CHUNK)
        target.flush()
        sync_data(target.fileno())
    return Member(name, path.stat().st_size, source.digest)


class _Hashing:
    """
    A stream that remembers the SHA-256 of what was read of it.

    Args:
        source: Read from here.
    """

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self._hash = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        content = self._source.read(size)
        self._hash.update(content)
        return content

    @property
    def digest(self) -> str:
        """SHA-256 so far, in hexadecimal."""
        return self._hash.hexdigest()


class _Version(msgspec.Struct):
    format: int


def _not_whole(archive: str) -> StorageError:
    return StorageError(
        f"{archive} 은(는) 온전한 백업이 아닙니다. 다른 백업을 쓰세요.",
        f"{archive} is no whole backup. Use another one.",
    )
