"""Backups and restores of one mode's data folder."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Final

from sqlalchemy import make_url

from maemae.backup.backup import Backup, Source, back_up
from maemae.backup.database_copy import copy_database
from maemae.backup.manifest import CONFIG
from maemae.backup.places import Place
from maemae.backup.restore import Restored, restore
from maemae.backup.retention import Retention, prune
from maemae.backup.sealing import KeyPair, make_key, read_key, write_key
from maemae.backup.sending import sent_backups
from maemae.domain.errors import ConfigError
from maemae.domain.terms import Mode
from maemae.domain.text import Text
from maemae.settings import BACKUP_KEYS, Settings

_PEOPLE: Final = "server.db"  # the server's own database, in a backup
_NEWEST: Final = "newest"
_SEALED: Final = b"age-encryption.org"


def back_up_mode(settings: Settings, mode: Mode, folder: Path | None, url: str = "") -> Backup:
    """
    Back up everything of a mode, verified; an executor may run meanwhile.

    Args:
        settings: Where everything is kept, and the public keys.
        mode: Mode whose data folder is meant.
        folder: Where the backup goes; None for the usual place.
        url: Of the database; empty for the one of the settings.

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
    url = url or settings.database_url(mode)
    scratch = Path(gettempdir()) / f"maemae-backup-{secrets.token_hex(4)}"
    with TemporaryDirectory(prefix="maemae-") as beside:
        people = _copy_of_people(settings, url, Path(beside))
        source = Source(url, settings.tapes(mode).parent, people)
        return back_up(
            source, folder or settings.backups(mode), settings.backup_keys, scratch, time.time_ns()
        )


def _copy_of_people(settings: Settings, url: str, folder: Path) -> tuple[Path, ...]:
    """Copy the server's own database, unless there is none or it is the same one."""
    own = settings.server_database_url
    if own == url or not Path(make_url(own).database or "").is_file():
        return ()
    copy = folder / _PEOPLE
    copy_database(own, copy)
    return (copy,)


def daily_backup(settings: Settings, mode: Mode, url: str) -> Callable[[], str] | None:
    """
    Return what makes the backup of a day and deletes those that need not be kept.

    Args:
        settings: Where everything is kept, and the public keys.
        mode: Mode whose data folder is meant.
        url: Of the executor's database.

    Returns:
        It blocks, tells what it made, and raises StorageError. None without a public key.
    """
    if not settings.backup_keys:
        return None

    def back_up_today() -> str:
        made = back_up_mode(settings, mode, None, url)
        deleted = prune(settings.backups(mode), Retention())
        return f"{made.path.name}, {made.size:,} B, -{len(deleted)}"

    return back_up_today


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
    archive: str,
    key_file: Path,
    home: Path,
    url: str,
    ask_passphrase: Callable[[], str],
    offsite: Place | None = None,
) -> Restored:
    """
    Restore a backup into a new data folder, safe: the kill switch stands there.

    Args:
        archive: File of the backup; `newest` for the newest one of the second place.
        key_file: Private key that opens it.
        home: New data folder; must not exist, or be empty.
        url: Of an empty PostgreSQL database; empty for a file in the folder.
        ask_passphrase: Asks a person; called if the key file needs one.
        offsite: Second place, to go on from the backup with what was copied there since.

    Raises:
        ConfigError: A file is missing, or the folder holds something.
        StorageError: The backup cannot be used.
    """
    with TemporaryDirectory(prefix="maemae-") as folder:
        path = Path(archive)
        if offsite is not None and archive == _NEWEST:
            path = _fetch_newest(offsite, Path(folder))
        for each in (path, key_file):
            if not each.is_file():
                raise ConfigError(
                    f"{each} 파일이 없습니다. 경로를 확인하세요.",
                    f"There is no file {each}. Check the path.",
                )
        content = key_file.read_bytes()
        key = read_key(content, ask_passphrase() if content.startswith(_SEALED) else "")
        return restore(path, key.private, home, time.time_ns(), url=url, offsite=offsite)


def told_of(restored: Restored, home: Path) -> Iterator[Text]:
    """Yield what a person must know of a restored folder, in order."""
    for led in restored.continued:
        yield Text(
            f"외부 사본의 기록 {led.records:,}건으로 저널 {led.seq:,}번까지 이었습니다.",
            f"{led.records:,} records of the off-site copy led on to record {led.seq:,}.",
        )
        if led.ended is not None:
            yield led.ended
    for each in restored.executors:
        yield Text(
            f"{each.mode}: 결과를 모르는 요청 {each.requests}건과 대기 명령 {each.commands}건을 "
            "얼렸습니다.",
            f"{each.mode}: {each.requests} requests in doubt and {each.commands} waiting commands "
            "are frozen.",
        )
    people = home / CONFIG / _PEOPLE
    if people.is_file():
        yield Text(
            f"서버의 사용자와 감사 기록은 {people} 에 있습니다. {home.parent}/server/maemae.db 로 "
            "옮기고 서버 열쇠(MAEMAE_KEYS)를 되돌려 놓으세요.",
            f"The server's people and audit log are in {people}. Move it to "
            f"{home.parent}/server/maemae.db and put the server's keys (MAEMAE_KEYS) back.",
        )


def _fetch_newest(place: Place, folder: Path) -> Path:
    """Bring the newest backup of a second place here; return its file."""
    found = sent_backups(place)
    if not found:
        raise ConfigError(
            "외부 저장소에 백업이 없습니다. 주소와 모드(데이터 폴더의 이름)를 확인하세요.",
            "There is no backup in the second place. Check its address and the mode (the name of "
            "the data folder).",
        )
    name = found[-1].path
    path = folder / name.name
    path.write_bytes(place.get(name.as_posix()))
    return path
