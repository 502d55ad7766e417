"""Which backups are kept: some days, some weeks, and always the newest that can be trusted."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from maemae.backup.backup import Backup, backups, is_intact, proof_of
from maemae.domain.errors import InvalidValueError, StorageError
from maemae.domain.instant import SECOND


class Retention(msgspec.Struct, frozen=True):
    """The newest backup of each of so many last days and weeks that have one (UTC)."""

    daily: int = 14
    weekly: int = 8


def prune(folder: Path, retention: Retention) -> list[Path]:
    """
    Delete the backups that need not be kept; return them.

    Nothing is deleted unless the newest backup still has the bytes that were verified.

    Raises:
        InvalidValueError: No day would be kept.
        StorageError: The newest backup is damaged, or one cannot be deleted.
    """
    if retention.daily < 1 or retention.weekly < 0:
        raise InvalidValueError(
            "백업은 적어도 하루치를 남겨야 합니다. 보관 일수를 1 이상으로 정하세요.",
            "At least one day of backups must be kept. Keep 1 or more.",
        )
    found = backups(folder)
    keep = kept(found, retention)
    surplus = [backup for backup in found if backup not in keep]
    if not surplus:
        return []
    if not is_intact(found[-1]):
        raise StorageError(
            f"가장 새 백업 {found[-1].path.name} 이(가) 손상되어 오래된 백업을 지우지 않았습니다. "
            "디스크를 확인하고 새로 백업하세요.",
            f"The newest backup {found[-1].path.name} is damaged, so no old one was deleted. Check "
            "the disk and make a new backup.",
        )
    for backup in surplus:
        _delete(backup)
    return [backup.path for backup in surplus]


def kept(found: Sequence[Backup], retention: Retention) -> list[Backup]:
    """Return the backups to keep of these, which come oldest first."""
    days = _newest_of_each(found, [_moment(backup).date() for backup in found])
    weeks = _newest_of_each(found, [_moment(backup).isocalendar()[:2] for backup in found])
    chosen = [*days[: retention.daily], *weeks[: retention.weekly]]
    return [backup for backup in found if backup in chosen]


def _newest_of_each(found: Sequence[Backup], spans: Sequence[Hashable]) -> list[Backup]:
    """Return the newest backup of every span, the newest span first."""
    newest = dict(zip(spans, found, strict=True))
    return list(reversed(newest.values()))


def _moment(backup: Backup) -> datetime:
    return datetime.fromtimestamp(backup.made_at // SECOND, UTC)


def _delete(backup: Backup) -> None:
    try:
        backup.path.unlink()
        proof_of(backup.path).unlink()
    except OSError as error:
        raise StorageError(
            f"오래된 백업 {backup.path} 을(를) 지우지 못했습니다 ({error}). 권한을 확인하세요.",
            f"The old backup {backup.path} could not be deleted ({error}). Check permissions.",
        ) from error
