"""What a person sees: sentences in one language, tables, and the colors of Korean screens."""

from __future__ import annotations

import sys
from typing import Final

from rich.console import Console, RenderableType
from rich.text import Text as Styled

from maemae.domain.text import Language, Text

UP: Final = "red"
"""Gains are red in Korea."""

DOWN: Final = "dodger_blue1"
"""Losses are blue."""

QUIET: Final = "grey62"
"""What is good to know but not the point."""

WARNING: Final = "yellow"


class Screen:
    """
    Standard output for results, standard error for progress and errors.

    Args:
        language: Language of every sentence.

    Attributes:
        out: Results; piped without a loss.
        err: Progress and errors.
    """

    def __init__(self, language: Language) -> None:
        self.language = language
        self.out = Console(highlight=False)
        self.err = Console(stderr=True, highlight=False)

    def word(self, ko: str, en: str) -> str:
        """Return the one in the screen's language."""
        return ko if self.language is Language.KO else en

    def say(self, ko: str, en: str, style: str = "") -> None:
        """Print a sentence as it stands, without markup."""
        wrap = self.out.is_terminal  # a pipe gets the sentence in one line
        self.out.print(Styled(self.word(ko, en), style), soft_wrap=not wrap)

    def say_text(self, text: Text, style: str = "") -> None:
        """Print a sentence as it stands, without markup."""
        self.say(text.ko, text.en, style)

    def step(self, ko: str, en: str) -> None:
        """Say what is being done now."""
        self.out.print(Styled(f"▶ {self.word(ko, en)}", "bold"))

    def show(self, what: RenderableType) -> None:
        """Print a table or another thing that rich draws."""
        self.out.print(what)

    def complain(self, text: Text) -> None:
        """Print one sentence on standard error, in one line however long it is."""
        sentence = text.in_language(self.language)
        self.err.print(Styled(f"✘ {sentence}", "red"), soft_wrap=True)


def tone(value: float | None) -> str:
    """Return the color of a gain, a loss or neither."""
    if not value:
        return ""
    return UP if value > 0 else DOWN


def make_output_forgiving() -> None:
    """Show a mark for what a terminal's encoding cannot say, instead of failing on it."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
