"""
Epochs as files of the data folder: who may speak when the database cannot say.

Each epoch that was taken is a file named by its number, made exclusively, so that of two that
want the same number one gets it. The highest number speaks; everybody else is fenced. It is
the last hop's own look, beside the lease in the store and the fence of a broker that has one.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from maemae.domain.errors import StorageError
from maemae.storage.syncing import sync_folder

NAME: Final = "epochs"

_KEPT: Final = 10
_DIGITS: Final = 12


class Epochs:
    """
    The epochs of one data folder.

    Args:
        home: The data folder; it exists.
    """

    def __init__(self, home: Path) -> None:
        self._folder = home / NAME

    def claim(self, epoch: int, holder: str) -> bool:
        """
        Take an epoch, durably; false if it, or a newer one, is taken already.

        Raises:
            StorageError: The disk does not take it; nothing was claimed that counts.
        """
        if self.newest() >= epoch:
            return False
        path = self._folder / f"{epoch:0{_DIGITS}}"
        try:
            self._folder.mkdir(exist_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                os.write(handle, holder.encode())
                os.fsync(handle)
            finally:
                os.close(handle)
            sync_folder(self._folder)
            for old in sorted(self._folder.iterdir())[:-_KEPT]:
                old.unlink(missing_ok=True)
        except FileExistsError:
            return False
        except OSError as error:
            raise self._broken(error) from error
        return True

    def newest(self) -> int:
        """
        Return the highest epoch that was taken, 0 before the first.

        Raises:
            StorageError: The folder cannot be looked at; who asks must send nothing.
        """
        try:
            names = [path.name for path in self._folder.iterdir()]
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise self._broken(error) from error
        return max((int(name) for name in names if name.isdecimal()), default=0)

    def _broken(self, error: OSError) -> StorageError:
        return StorageError(
            f"누가 거래를 맡았는지 알 수 없습니다 ({error}): {self._folder}. 디스크와 권한을 "
            "확인하세요. 그때까지 새 주문은 나가지 않습니다.",
            f"Who may trade cannot be told ({error}): {self._folder}. Check the disk and the "
            "permissions; until then no new order leaves.",
        )
