"""
The second place of journal and backups: where it is, and how an executor keeps it up to date.

A lost disk then costs seconds: `maemae restore --offsite` goes on from the newest backup there
with the segments behind it.
"""

from __future__ import annotations

import asyncio
from importlib import import_module
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

from maemae.backup.backup import Backup, backups
from maemae.backup.database_copy import reading_engine
from maemae.backup.offsite import OffsiteCopy
from maemae.backup.places import FolderPlace, Place
from maemae.backup.retention import Retention
from maemae.backup.sending import send_backups, thin_out
from maemae.domain.errors import ConfigError, JournalCorruptError, StorageError
from maemae.domain.instant import SECOND
from maemae.domain.terms import Mode
from maemae.domain.text import Text
from maemae.ports import Alert, WallClock
from maemae.settings import (
    BACKUP_KEYS,
    OFFSITE,
    OFFSITE_KEY,
    AccessKey,
    Settings,
    mode_from_text,
)
from maemae.trading.alert_book import AlertBook
from maemae.trading.endings import Ending

BEHIND: Final = "OFFSITE_BEHIND"
BROKEN: Final = "OFFSITE_BROKEN"

_EVERY: Final = SECOND
_MOST_LAG: Final = 30 * SECOND  # then a person is told
_S3: Final = "s3"


def place_of(settings: Settings, mode: Mode) -> Place | None:
    """
    Return the second place of a mode; None if there is none.

    Raises:
        ConfigError: It cannot be used as it was written.
    """
    if settings.offsite is None:
        return None
    if not settings.backup_keys:
        raise ConfigError(
            f"{OFFSITE} 에 두는 사본도 암호화합니다. maemae backup --new-key FILE 로 열쇠를 만들어 "
            f"{BACKUP_KEYS} 에 넣으세요.",
            f"What goes to {OFFSITE} is encrypted too. Make a key with maemae backup --new-key "
            f"FILE and put it into {BACKUP_KEYS}.",
        )
    return place_from_text(settings.offsite, mode, settings.offsite_key)


def place_from_text(text: str, part: str, key: AccessKey | None) -> Place:
    """
    Return the place that a person wrote; each mode has its own part of it, and the server.

    Args:
        text: A folder, or `s3://bucket/prefix?endpoint=https://…&region=…`.
        part: Whose part, a mode or a word.
        key: Who may write to the bucket.

    Raises:
        ConfigError: It cannot be used as it was written.
    """
    if "://" not in text:
        return FolderPlace(Path(text) / part.lower())
    address = urlsplit(text)
    if address.scheme != _S3 or not address.netloc:
        raise ConfigError(
            f"{OFFSITE} 는 폴더이거나 s3://버킷/폴더?endpoint=https://…&region=… 여야 합니다.",
            f"{OFFSITE} is a folder, or s3://bucket/folder?endpoint=https://…&region=….",
        )
    if key is None:
        raise ConfigError(
            f"{address.netloc} 버킷의 열쇠가 없습니다. {OFFSITE_KEY} 에 접근키:비밀키 를 넣으세요.",
            f"There is no key for the bucket {address.netloc}. Put access:secret into "
            f"{OFFSITE_KEY}.",
        )
    return _bucket_of(address.netloc, address.path.strip("/"), address.query, part, key)


def _bucket_of(name: str, prefix: str, query: str, owner: str, key: AccessKey) -> Place:
    try:
        s3 = import_module("maemae.backup.s3")  # obstore is an extra
    except ImportError as error:
        raise ConfigError(
            "S3 에 두려면 추가 꾸러미가 필요합니다. pip install 'maemae[offsite]' 로 설치하세요.",
            "S3 needs an extra. Install it with pip install 'maemae[offsite]'.",
        ) from error
    asked = {field: values[-1] for field, values in parse_qs(query).items()}
    endpoint = asked.get("endpoint", "")
    place: Place = s3.S3Place(
        s3.Bucket(
            name,
            endpoint,
            asked.get("region", "auto"),
            key.name,
            key.secret,
            "/".join(part for part in (prefix, owner.lower()) if part),
            allow_http=endpoint.startswith("http://"),
        )
    )
    return place


def place_to_restore_from(settings: Settings, home: Path) -> Place:
    """
    Return where the copy of a lost data folder lies; the new folder's name tells the mode.

    Raises:
        ConfigError: No second place is known, or it cannot be used as it was written.
    """
    if settings.offsite is None:
        raise ConfigError(
            f"{OFFSITE} 가 비어 있어 외부 저장소를 모릅니다. 사본을 둔 곳을 넣으세요.",
            f"{OFFSITE} is empty, so the second place is unknown. Put in where the copy lies.",
        )
    return place_from_text(settings.offsite, mode_from_text(home.name), settings.offsite_key)


class RunningCopy:
    """
    Keeps the second place up to date beside an executor, and tells when it falls behind.

    Args:
        settings: Where everything is kept, and the public keys.
        mode: Whose.
        url: Of the executor's database.
        executor_id: Whose journal it is.
        alerts: Where a person is told.
        wall: Real time.

    Raises:
        ConfigError: The place or a key cannot be used as it was written.
    """

    def __init__(
        self,
        settings: Settings,
        mode: Mode,
        url: str,
        executor_id: int,
        alerts: AlertBook,
        wall: WallClock,
    ) -> None:
        place = place_of(settings, mode)
        self._place = place
        self._engine = reading_engine(url)
        self._copy = None
        if place is not None:
            tapes, keys = settings.tapes(mode), settings.backup_keys
            self._copy = OffsiteCopy(self._engine, executor_id, tapes, place, keys)
        self._executor_id = executor_id
        self._backups = settings.backups(mode)
        self._where = settings.offsite or ""
        self._alerts = alerts
        self._wall = wall
        self._began = wall.now()
        self._newest_sent: Backup | None = None

    async def run(self) -> None:
        """Copy what is new every second, for ever; without a second place return at once."""
        try:
            while self._copy is not None and self._place is not None:
                await self._try(self._copy, self._place)
                await self._wall.sleep(_EVERY)
        finally:
            self._engine.dispose()

    async def _try(self, copy: OffsiteCopy, place: Place) -> None:
        try:
            await asyncio.to_thread(self._step, copy, place)
        except JournalCorruptError as error:
            self._tell(BROKEN, error.text)
        except StorageError as error:
            if self._lag(copy) > _MOST_LAG:
                self._tell(BEHIND, _behind(self._lag(copy), error.text))
        else:
            self._alerts.end(Ending.COPIED, self._where)

    def _step(self, copy: OffsiteCopy, place: Place) -> None:
        copy.step(self._wall.now())
        newest = max(backups(self._backups), key=lambda made: made.made_at, default=None)
        if newest != self._newest_sent:
            send_backups(place, self._backups)
            thin_out(place, self._executor_id, Retention())
            self._newest_sent = newest

    def _lag(self, copy: OffsiteCopy) -> int:
        """Return for how long nothing has arrived [ns]; before the first time since the start."""
        return self._wall.now() - (copy.caught_up_at or self._began)

    def _tell(self, code: str, text: Text) -> None:
        self._alerts.raise_(
            Alert(code, self._where, is_critical=True, text=text, at=self._wall.now())
        )


def _behind(lag: int, why: Text) -> Text:
    return Text(
        f"외부 사본이 {lag // SECOND:,}초 뒤처졌습니다. 그동안 이 디스크를 잃으면 그만큼 잃습니다. "
        f"{why.ko}",
        f"The off-site copy is {lag // SECOND:,} s behind: a disk lost now loses as much. {why.en}",
    )
