"""Backups and restores of one mode's data folder."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import gettempdir

from maemae.backup.backup import Backup, Source, back_up
from maemae.backup.restore import Restored, restore
from maemae.backup.sealing import KeyPair, make_key, read_key, write_key
from maemae.domain.errors import ConfigError
from maemae.domain.terms import Mode
from maemae.settings import BACKUP_KEYS, Settings

_SEALED = b"age-encryption.org"


def back_up_mode(settings: Settings, mode: Mode, folder: Path | None) -> Backup:
    """
    Back up everything of a mode, verified; an executor may run meanwhile.

    Args:
        settings: Where everything is kept, and the public keys.
        mode: Whose.
        folder: Where the backup goes; None for the usual place.

    Raises:
        ConfigError: There is no public key, or it cannot be used.
        StorageError: The backup could not be made or verified.
    """
    if not settings.backup_keys:
        raise ConfigError(
            "백업을 암호화할 공개 열쇠가 없습니다. maemae backup --new-key FILE 로 만들고 화면에 "
            f"나온 공개 열쇠를 {BACKUP_KEYS} 에 넣으세요.",
            "There is no public key to encrypt backups with. Make one with maemae backup --new-key "
            f"FILE and put the public key that it shows into {BACKUP_KEYS}.",
        )
    source = Source(settings.database_url(mode), settings.tapes(mode).parent)
    scratch = Path(gettempdir()) / f"maemae-backup-{secrets.token_hex(4)}"
    return back_up(
        source, folder or settings.backups, settings.backup_keys, scratch, time.time_ns()
    )


def new_key(path: Path, passphrase: str) -> KeyPair:
    """
    Write a new key into a new file, which only its owner may read.

    Raises:
        ConfigError: The file is there already, or cannot be written.
    """
    key = make_key()
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(write_key(key, passphrase))
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError as error:
        raise ConfigError(
            f"{path} 이(가) 이미 있어 열쇠를 쓰지 않았습니다. 다른 이름을 쓰세요.",
            f"{path} is there already, so no key was written. Use another name.",
        ) from error
    except OSError as error:
        raise ConfigError(
            f"열쇠 파일 {path} 을(를) 쓰지 못했습니다 ({error.strerror}). 폴더를 확인하세요.",
            f"The key file {path} could not be written ({error.strerror}). Check the folder.",
        ) from error
    return key


def restore_to(
    archive: Path, key_file: Path, home: Path, url: str, ask_passphrase: Callable[[], str]
) -> Restored:
    """
    Restore a backup into a new data folder, safe: the kill switch stands there.

    Args:
        archive: The backup.
        key_file: Private key that opens it.
        home: New data folder; must not exist, or be empty.
        url: Of an empty PostgreSQL database; empty for a file in the folder.
        ask_passphrase: Asks a person; called if the key file needs one.

    Raises:
        ConfigError: A file is missing, or the folder holds something.
        StorageError: The backup cannot be used.
    """
    for path in (archive, key_file):
        if not path.is_file():
            raise ConfigError(
                f"{path} 파일이 없습니다. 경로를 확인하세요.",
                f"There is no file {path}. Check the path.",
            )
    content = key_file.read_bytes()
    key = read_key(content, ask_passphrase() if content.startswith(_SEALED) else "")
    return restore(archive, key.private, home, time.time_ns(), url=url)
