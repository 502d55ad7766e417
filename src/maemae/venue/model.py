"""What every model of the simulated market has: a sentence that says what it takes for granted."""

from __future__ import annotations

from typing import Protocol

from maemae.domain.text import Text


class Model(Protocol):
    """Anything assumed about the market."""

    @property
    def sentence(self) -> Text:
        """What is assumed, for a report."""
