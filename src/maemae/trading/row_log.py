"""Complete bars of a session, kept in a file, so that strategies warm up again after a restart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import msgspec

from maemae.domain.instant import kst_date
from maemae.trading.workers.bars import BarRow

_decode = msgspec.json.Decoder(BarRow).decode


class FileRowLog:
    """
    One file a session, a bar a line; a last line cut short by a crash is left out.

    It decides about nothing that money hangs on, so it is not synced: what a power cut takes
    from it, a strategy lacks in its warm-up and nowhere else.

    Args:
        folder: Made if it is not there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def rows(self, day: date, width: int) -> Sequence[BarRow]:
        """Return the bars of a session so far, oldest first; those of another universe not."""
        try:
            lines = self._path(day).read_bytes().splitlines(keepends=True)
        except FileNotFoundError:
            return ()
        rows = [_decode(line) for line in lines if line.endswith(b"\n")]
        return [row for row in rows if len(row.open) == width]

    def append(self, row: BarRow) -> None:
        """Keep one more bar."""
        with self._path(kst_date(row.opened)).open("ab") as file:
            file.write(msgspec.json.encode(row) + b"\n")

    def _path(self, day: date) -> Path:
        return self._folder / f"{day}.bars"
