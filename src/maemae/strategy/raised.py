"""What a strategy's own code raised, as a sentence that says where, and what may be meant."""

from __future__ import annotations

from inspect import isfunction
from traceback import extract_tb

from maemae.domain.errors import MaemaeError
from maemae.domain.near_match import did_you_mean
from maemae.domain.text import Text


def explained(error: Exception, kind: type) -> Text:
    """
    Return what was raised, and the line at which the strategy's own file was left.

    Args:
        error: With its traceback.
        kind: The strategy.
    """
    said = str(error).rstrip(".")
    plain = f"{type(error).__name__}: {said}." if said else f"{type(error).__name__}."
    why = error.text if isinstance(error, MaemaeError) else Text(plain, plain)
    line, hint = _line(error, kind), _hint(error)
    ko, en = ("", "") if line is None else (f" ({line}번째 줄)", f" (line {line})")
    return Text(f"{why.ko}{ko}{hint.ko}", f"{why.en}{en}{hint.en}")


def _line(error: Exception, kind: type) -> int | None:
    """Return the last line of the strategy's own file that ran; None where none did."""
    own = {each.__code__.co_filename for each in vars(kind).values() if isfunction(each)}
    lines = [frame.lineno for frame in extract_tb(error.__traceback__) if frame.filename in own]
    return lines[-1] if lines else None


def _hint(error: Exception) -> Text:
    if not isinstance(error, AttributeError) or error.obj is None:
        return Text("", "")
    known = [name for name in dir(error.obj) if not name.startswith("_")]
    return did_you_mean(error.name or "", known)
