"""What a download has brought so far: a file for each window, there or not there."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import polars as pl

from maemae.catalogue.sources.source import Window
from maemae.domain.errors import StorageError


class KeptWindows:
    """
    The windows of one source and price basis.

    Args:
        folder: Of these alone; made if it is not there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def has(self, window: Window) -> bool:
        """Return whether a window came."""
        return self._path(window).exists()

    def read(self, window: Window) -> pl.DataFrame:
        """
        Return the bars of a window that came.

        Raises:
            StorageError: The file is gone or damaged.
        """
        path = self._path(window)
        try:
            return pl.read_parquet(path)
        except (OSError, pl.exceptions.PolarsError) as error:
            raise _broken(path) from error

    def add(self, window: Window, bars: pl.DataFrame) -> None:
        """
        Keep a window; a kill leaves it whole or absent.

        Raises:
            StorageError: It cannot be written.
        """
        path = self._path(window)
        partial = path.with_name(path.name + _PARTIAL)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            bars.write_parquet(partial)
            partial.replace(path)
        except (OSError, pl.exceptions.PolarsError) as error:
            raise _broken(path) from error

    def forget(self, window: Window) -> None:
        """Remove a window; what cannot be removed stays."""
        path = self._path(window)
        path.unlink(missing_ok=True)
        if path.parent.exists() and not any(path.parent.iterdir()):
            path.parent.rmdir()

    def _path(self, window: Window) -> Path:
        days = f"{window.first:%Y%m%d}-{window.last:%Y%m%d}"
        return self._folder / str(window.symbol) / f"{days}.parquet"


def _broken(path: Path) -> StorageError:
    return StorageError(
        f"받던 데이터 {path} 을(를) 읽거나 쓸 수 없습니다. 지우고 다시 받으세요.",
        f"The unfinished download {path} cannot be read or written. Delete it and start again.",
    )


_PARTIAL: Final = ".partial"
