"""One sentence of critique about a finished run."""

from __future__ import annotations

from enum import unique

import msgspec

from maemae.domain.terms import Term
from maemae.domain.text import Text


@unique
class Weight(Term):
    """How much a remark matters."""

    SERIOUS = "SERIOUS"  # the result should not be believed before this is settled
    MIND = "MIND"  # good to keep in mind


class Remark(msgspec.Struct, frozen=True):
    """
    One sentence of critique.

    Attributes:
        code: What it is about, for programs.
        weight: How much it matters.
        text: What was found, with its number, and what to do.
    """

    code: str
    weight: Weight
    text: Text
