"""What a strategy prints, cut to what a log can bear."""

from __future__ import annotations

from typing import Final

from maemae.domain.instant import SECOND

LINES_A_SECOND: Final = 50
"""Lines that pass in a second."""

LONGEST_LINE: Final = 500
"""Characters that are kept of a line."""


class OutputLines:
    """
    Cuts a stream of bytes into lines, and leaves out what is too much.

    Attributes:
        left_out: Lines that were left out since they were last asked for.
    """

    def __init__(self) -> None:
        self.left_out = 0
        self._begun = b""
        self._second = -1
        self._passed = 0

    def feed(self, data: bytes, now: int) -> list[str]:
        """
        Return the lines that end in these bytes and may pass.

        Args:
            data: What came.
            now: A time that never goes back [ns].
        """
        *whole, begun = (self._begun + data).split(b"\n")
        self._begun = begun[: 4 * LONGEST_LINE]  # of a line without end, the rest is forgotten
        if now // SECOND != self._second:
            self._second, self._passed = now // SECOND, 0
        allowed = max(0, LINES_A_SECOND - self._passed)
        self._passed += min(allowed, len(whole))
        self.left_out += max(0, len(whole) - allowed)
        return [_text(line) for line in whole[:allowed]]

    def rest(self) -> list[str]:
        """Return the last line, if it was begun and never ended."""
        begun, self._begun = self._begun, b""
        return [_text(begun)] if begun else []

    def take_left_out(self) -> int:
        """Return how many lines were left out since the last time."""
        left_out, self.left_out = self.left_out, 0
        return left_out


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace")[:LONGEST_LINE].rstrip("\r")
