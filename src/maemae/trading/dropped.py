"""Wishes of strategies that were not acted upon, kept in a file for whoever asks later why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import msgspec

from maemae.domain.ids import AccountId, SleeveId
from maemae.domain.instant import kst_date


class Dropped(msgspec.Struct, frozen=True):
    """
    What one call of a strategy wished, and nobody acted upon.

    Attributes:
        at: Instant of the call: of its bar, or of the fill it was told [ns, UTC].
        heard_at: When the wish arrived, by the exchange's time [ns, UTC].
        is_paused: Whether a person had paused the strategy; otherwise it came too late.
    """

    account_id: AccountId
    sleeve_id: SleeveId
    at: int
    heard_at: int
    is_paused: bool


_decode = msgspec.json.Decoder(Dropped).decode


class DroppedLog:
    """
    One file a session, a line each; a last line cut short by a crash is left out.

    Nothing is decided by it, so it is not synced.

    Args:
        folder: Is there already, or nothing was dropped.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def rows(self, day: date) -> Sequence[Dropped]:
        """Return what was dropped in a session, oldest first."""
        try:
            lines = self._path(day).read_bytes().splitlines(keepends=True)
        except FileNotFoundError:
            return ()
        return [_decode(line) for line in lines if line.endswith(b"\n")]

    def append(self, dropped: Dropped) -> None:
        """Keep one more."""
        with self._path(kst_date(dropped.at)).open("ab") as file:
            file.write(msgspec.json.encode(dropped) + b"\n")

    def _path(self, day: date) -> Path:
        return self._folder / f"{day}.dropped"
