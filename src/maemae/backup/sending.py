"""
Backups in the second place: what is verified here is sent there, and thinned out there.

What is kept there is decided by what lies there: a new machine whose own folder is empty deletes
nothing of what it could be rebuilt from.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from maemae.backup.backup import Backup, backups, made_at_of
from maemae.backup.offsite import prune_segments
from maemae.backup.places import Place
from maemae.backup.retention import Retention, kept
from maemae.domain.instant import MINUTE

FOLDER: Final = "backups/"
_OVERLAP: Final = 60 * MINUTE  # a backup and a segment of about the same time may cross


def sent_backups(place: Place) -> list[Backup]:
    """
    Return the archives that lie in a place, oldest first; their paths are names there.

    Raises:
        StorageError: The place cannot be read.
    """
    found = []
    for name in place.names(FOLDER):
        made_at = made_at_of(name.removeprefix(FOLDER))
        if made_at is not None:
            found.append(Backup(Path(name), made_at, 0))
    return sorted(found, key=lambda backup: backup.made_at)


def send_backups(place: Place, folder: Path) -> int:
    """
    Send every verified backup that is not there yet; return how many.

    Raises:
        StorageError: The place or a backup cannot be used; what was sent stays.
    """
    there = {backup.path.name for backup in sent_backups(place)}
    missing = [backup for backup in backups(folder) if backup.path.name not in there]
    for backup in missing:
        place.put(FOLDER + backup.path.name, backup.path.read_bytes())
    return len(missing)


def thin_out(place: Place, executor_id: int, retention: Retention) -> int:
    """
    Delete the backups that need not be kept there, and the segments that led on from them.

    Args:
        place: Of one executor.
        executor_id: Whose segments they are.
        retention: What is kept.

    Returns:
        How many objects were deleted.

    Raises:
        StorageError: The place cannot be used.
    """
    there = sent_backups(place)
    if not there:
        return 0
    keep = kept(there, retention)
    surplus = [backup for backup in there if backup not in keep]
    for backup in surplus:
        place.delete(backup.path.as_posix())
    return len(surplus) + prune_segments(place, executor_id, keep[0].made_at - _OVERLAP)
