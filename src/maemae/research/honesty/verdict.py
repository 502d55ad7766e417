"""What one check of honesty found."""

from __future__ import annotations

from enum import unique

import msgspec

from maemae.domain.terms import Term
from maemae.domain.text import Text


@unique
class Check(Term):
    """The checks, in the order in which they are made."""

    LOOK_AHEAD = "LOOK_AHEAD"
    WARM_UP = "WARM_UP"
    BOOTSTRAP = "BOOTSTRAP"
    WALK_FORWARD = "WALK_FORWARD"
    DEFLATED_SHARPE = "DEFLATED_SHARPE"
    STRESS = "STRESS"
    CRITIQUE = "CRITIQUE"


class Verdict(msgspec.Struct, frozen=True):
    """
    One check's answer.

    Attributes:
        passed: Whether it was passed; None where there was too little to judge.
        text: What was found, with its figures.
    """

    check: Check
    passed: bool | None
    text: Text
