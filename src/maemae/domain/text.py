"""A sentence for a person, in the two languages maemae speaks."""

from __future__ import annotations

from enum import unique

import msgspec

from maemae.domain.terms import Term


@unique
class Language(Term):
    """Languages of screens, messages and reports; Korean is the default."""

    KO = "KO"
    EN = "EN"


class Text(msgspec.Struct, frozen=True):
    """One sentence, Korean and English, saying the same."""

    ko: str
    en: str

    def in_language(self, language: Language) -> str:
        """Return the sentence in that language."""
        return self.ko if language is Language.KO else self.en
