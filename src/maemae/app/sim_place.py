"""Where a simulated broker of this home is found: the file that it leaves when it listens."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from maemae.app.left_word import find_word, leave_word
from maemae.domain.terms import Mode
from maemae.settings import Settings

PORT: Final = 7701
"""Port of the simulated broker, unless it is told another."""


class SimPlace(msgspec.Struct, frozen=True):
    """
    Where the simulated broker listens, and which market it plays.

    Attributes:
        dataset: Name in the catalogue of the bars that its trades are drawn from.
    """

    port: int
    dataset: str | None = None


def show_place(settings: Settings, place: SimPlace) -> None:
    """Leave word where the broker is, for whoever trades on it."""
    leave_word(_path(settings), place)


def find_place(settings: Settings) -> SimPlace:
    """Return where the broker was last; the usual place if there is no word."""
    return find_word(_path(settings), SimPlace) or SimPlace(PORT)


def _path(settings: Settings) -> Path:
    return settings.data_folder(Mode.SIM) / "broker.port"
