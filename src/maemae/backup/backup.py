"""
Backups: everything that a lost disk would take, in one encrypted file that was read back.

A backup gets its name only after it was decrypted, unpacked and compared with what went in:
one that cannot be verified is a failure. What a killed backup leaves behind has no name and is
removed by the next one.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from maemae.backup.archive import Piece, read_archive, write_archive
from maemae.backup.database_copy import contents, copy_database, require_sound
from maemae.backup.manifest import CONFIG, DATABASE, FORMAT, TAPES, Manifest, Member
from maemae.backup.sealing import make_key, require_recipients
from maemae.domain.errors import StorageError
from maemae.domain.instant import SECOND
from maemae.failpoints import hit
from maemae.storage.database import take_lock
from maemae.storage.fingerprint import build_fingerprint
from maemae.storage.syncing import replace_durably, write_durably

SUFFIX: Final = ".tar.gz.age"
PART: Final = ".part"
PROOF: Final = ".sha256"
_STAMP: Final = "%Y%m%dT%H%M%SZ"
_PREFIX: Final = "maemae-"


class Source(msgspec.Struct, frozen=True):
    """
    What is backed up.

    Attributes:
        url: Of the database.
        tapes: Folder of the tapes of every mode; need not exist.
        config: Files that people wrote; those that do not exist are left out.
    """

    url: str
    tapes: Path
    config: tuple[Path, ...] = ()


class Backup(msgspec.Struct, frozen=True):
    """
    A verified backup.

    Attributes:
        path: The archive.
        made_at: Wall time [ns, UTC], whole seconds.
        size: Of the archive [bytes].
    """

    path: Path
    made_at: int
    size: int


def back_up(
    source: Source, folder: Path, recipients: Sequence[str], scratch: Path, now: int
) -> Backup:
    """
    Make a backup while everything goes on, and verify it.

    Args:
        source: What is backed up.
        folder: Where backups are kept; better another disk than the database's.
        recipients: Public keys that it is encrypted for.
        scratch: Folder on a disk of this machine for what lies open meanwhile; emptied.
        now: Wall time [ns, UTC].

    Raises:
        ConfigError: A public key or the database's URL cannot be used.
        StorageError: It could not be made or verified, or another one is being made; nothing
            that counts as a backup was left.
    """
    require_recipients(recipients)
    path = folder / archive_name(now)
    part = path.with_name(path.name + PART)
    with _alone_in(folder), emptied(scratch):
        copy = scratch / DATABASE
        copy_database(source.url, copy)
        held = contents(copy)
        witness = make_key()  # reads this one back and is forgotten

        def describe(members: tuple[Member, ...]) -> Manifest:
            return Manifest(FORMAT, now, build_fingerprint(), held, members)

        try:
            hit("backup.copied")
            write_archive(part, _pieces(source, copy), describe, [*recipients, witness.public])
            hit("backup.written")
            verify(part, witness.private, scratch / "verified")
            digest = _digest(part)
            hit("backup.verified")
            replace_durably(part, path)
            hit("backup.named")
            write_durably(proof_of(path), f"{digest}  {path.name}\n".encode())
        except OSError as error:
            raise _not_made(path, error) from error
        finally:
            part.unlink(missing_ok=True)
    return Backup(path, now // SECOND * SECOND, path.stat().st_size)


def verify(archive: Path, private: str, scratch: Path) -> Manifest:
    """
    Unpack an archive into a scratch place and compare what it holds with what it says.

    Args:
        archive: The archive.
        private: Private key that opens it.
        scratch: Folder on a disk of this machine; emptied.

    Raises:
        StorageError: It is damaged or cut off, the key does not open it, or it holds another
            book than it says.
    """
    with emptied(scratch):
        manifest = read_archive(archive, private, scratch)
        require_sound(scratch / DATABASE)
        if contents(scratch / DATABASE) != manifest.contents:
            raise StorageError(
                f"{archive.name} 의 내용이 목록과 다릅니다. 이 백업을 믿지 말고 다시 만드세요.",
                f"{archive.name} holds something else than it says. Do not trust it; make another.",
            )
    return manifest


def backups(folder: Path) -> list[Backup]:
    """Return the backups that were verified when they were made, oldest first."""
    found = []
    for path in folder.glob(f"{_PREFIX}*{SUFFIX}"):
        made_at = made_at_of(path.name)
        if made_at is not None and proof_of(path).exists():
            found.append(Backup(path, made_at, path.stat().st_size))
    return sorted(found, key=lambda backup: backup.made_at)


def made_at_of(name: str) -> int | None:
    """Return when an archive of this name was made [ns, UTC]; None if it is no archive's."""
    if not (name.startswith(_PREFIX) and name.endswith(SUFFIX)):
        return None
    stamp = name.removeprefix(_PREFIX).removesuffix(SUFFIX)
    try:
        made = datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None
    return int(made.timestamp()) * SECOND


def is_intact(backup: Backup) -> bool:
    """Return whether an archive still has the bytes that were verified."""
    try:
        proof = proof_of(backup.path).read_text("ascii").split(" ", 1)[0]
        return proof == _digest(backup.path)
    except (OSError, UnicodeError):
        return False


def archive_name(now: int) -> str:
    """Return the name of a backup made at a wall time [ns, UTC]."""
    return f"{_PREFIX}{datetime.fromtimestamp(now // SECOND, UTC):{_STAMP}}{SUFFIX}"


def proof_of(archive: Path) -> Path:
    """Return the file that says an archive was verified; `sha256sum -c` reads it."""
    return archive.with_name(archive.name + PROOF)


@contextmanager
def emptied(scratch: Path) -> Iterator[None]:
    """Give an empty private folder, and remove it with everything in it."""
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(mode=0o700, parents=True)
    try:
        yield
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Keep other backups out of a folder, and remove what a killed one left."""
    folder.mkdir(parents=True, exist_ok=True)
    with closing(take_lock(folder / "backup")):
        for left in folder.glob(f"{_PREFIX}*{PART}"):
            left.unlink()
        yield


def _pieces(source: Source, copy: Path) -> list[Piece]:
    """Return what goes in; the tapes after the database, so that they reach as far as it does."""
    files = [(DATABASE, copy)]
    files += [
        (TAPES + tape.relative_to(source.tapes).as_posix(), tape)
        for tape in sorted(source.tapes.rglob("*.tape"))
    ]
    files += [(CONFIG + file.name, file) for file in source.config if file.exists()]
    return [Piece(name, path, path.stat().st_size) for name, path in files]


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _not_made(path: Path, error: OSError) -> StorageError:
    return StorageError(
        f"백업 {path} 을(를) 만들지 못했습니다 ({error}). 디스크의 남은 공간과 권한을 확인하세요.",
        f"The backup {path} could not be made ({error}). Check the disk's space and permissions.",
    )
