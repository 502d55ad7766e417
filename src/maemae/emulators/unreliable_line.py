"""A line that passes frames on twice, late and out of order, as a seed draws it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

import numpy as np

from maemae.domain.intent import MILLION

Frame = TypeVar("Frame")


class UnreliableLine(Generic[Frame]):
    """
    What every emulator's switch of faults is made of.

    Args:
        seed: Of what is drawn.
    """

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self._held: list[Frame] = []

    def draws(self, ppm: int) -> bool:
        """Return whether something happens that does so often [parts per million]."""
        return ppm > 0 and int(self._rng.integers(MILLION)) < ppm

    def passed(self, frames: Sequence[Frame], *, duplicate_ppm: int, reorder: int) -> list[Frame]:
        """
        Return which frames leave now.

        Args:
            frames: Those that have come.
            duplicate_ppm: How many of them leave twice.
            reorder: How many are held back until they leave together; 0 or 1 for none.
        """
        told = [*frames, *(frame for frame in frames if self.draws(duplicate_ppm))]
        if reorder <= 1:
            return told
        self._held += told
        return self.release() if len(self._held) >= reorder else []

    def release(self) -> list[Frame]:
        """Return what was held back, in an order of its own."""
        held, self._held = self._held, []
        return [held[place] for place in self._rng.permutation(len(held))]
