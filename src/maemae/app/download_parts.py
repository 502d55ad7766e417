"""What a download has brought so far: a file of pages for each instrument, each kept at once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import msgspec

from maemae.brokers.kiwoom_rest.market_data import Candle
from maemae.domain.errors import StorageError
from maemae.domain.ids import Symbol


class Page(msgspec.Struct, frozen=True):
    """
    One page of a chart.

    Attributes:
        is_last: Whether nothing older is wanted or there.
    """

    candles: tuple[Candle, ...]
    is_last: bool


class Kept(msgspec.Struct, frozen=True):
    """
    What is kept of one instrument.

    Attributes:
        candles: Newest first; those where two runs met come twice.
        is_whole: Whether nothing is left to ask for.
    """

    candles: tuple[Candle, ...]
    is_whole: bool


class DownloadParts:
    """
    The files of one download.

    Args:
        folder: Of this download alone; made if it is not there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def kept(self, symbol: Symbol) -> Kept:
        """
        Return what is kept of an instrument.

        Raises:
            StorageError: The file cannot be read.
        """
        path = self._path(symbol)
        try:
            lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
            whole = [line for line in lines if line.endswith(b"\n")]
            if len(whole) < len(lines):  # torn when the process died
                os.truncate(path, sum(map(len, whole)))
            pages = [_decode(line) for line in whole]
        except (OSError, msgspec.MsgspecError) as error:
            raise _broken(path) from error
        candles = tuple(candle for page in pages for candle in page.candles)
        return Kept(candles, bool(pages) and pages[-1].is_last)

    def add(self, symbol: Symbol, page: Page) -> None:
        """
        Keep a page.

        Raises:
            StorageError: It cannot be written.
        """
        path = self._path(symbol)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with path.open("ab") as file:
                file.write(_encode(page) + b"\n")
        except OSError as error:
            raise _broken(path) from error

    def forget(self) -> None:
        """Remove everything; what cannot be removed stays."""
        for path in self._folder.glob(f"*{_SUFFIX}"):
            path.unlink(missing_ok=True)
        if self._folder.exists() and not any(self._folder.iterdir()):
            self._folder.rmdir()

    def _path(self, symbol: Symbol) -> Path:
        return self._folder / f"{symbol}{_SUFFIX}"


def _broken(path: Path) -> StorageError:
    return StorageError(
        f"받던 데이터 {path} 을(를) 읽거나 쓸 수 없습니다. 지우고 다시 받으세요.",
        f"The unfinished download {path} cannot be read or written. Delete it and start again.",
    )


_SUFFIX: Final = ".jsonl"
_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(Page).decode
