"""
The executor's beat as a file, for a watchdog on the same machine while the store is down.

It is not synced: a machine that lost its power has no executor that lives.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from maemae.domain.errors import StorageError
from maemae.ports import Lease
from maemae.storage.syncing import write_whole

NAME: Final = "heartbeat"


class Heartbeat:
    """
    The beat file of one data folder.

    Args:
        home: The data folder; it exists.
    """

    def __init__(self, home: Path) -> None:
        self._path = home / NAME

    def show(self, lease: Lease) -> None:
        """
        Show a beat; one without a holder says that the executor stopped on purpose.

        Raises:
            StorageError: It could not be written.
        """
        try:
            write_whole(self._path, msgspec.json.encode(lease), 0o644)
        except OSError as error:
            raise StorageError(
                f"생존 신호를 쓰지 못했습니다 ({error}): {self._path}. 디스크를 확인하세요.",
                f"The heartbeat could not be written ({error}): {self._path}. Check the disk.",
            ) from error

    def read(self) -> Lease | None:
        """Return the newest beat; None if there is none or it cannot be read."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=Lease)
        except (OSError, msgspec.MsgspecError):
            return None
