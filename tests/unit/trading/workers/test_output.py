"""Output is cut into lines, and too much of it is left out and counted."""

from __future__ import annotations

from maemae.domain.instant import SECOND
from maemae.trading.workers.output import LINES_A_SECOND, LONGEST_LINE, OutputLines


def test_lines_when_they_come_in_pieces_are_put_together() -> None:
    lines = OutputLines()

    assert lines.feed("가나".encode()[:4], 0) == []
    assert lines.feed("가나".encode()[4:] + b"\r\nnext\nrest", 0) == ["가나", "next"]
    assert lines.rest() == ["rest"]
    assert lines.rest() == []


def test_lines_when_there_are_too_many_are_left_out_until_the_next_second() -> None:
    lines = OutputLines()
    passed = lines.feed(b"x\n" * (LINES_A_SECOND - 1), 0)
    passed += lines.feed(b"y\n" * 10, SECOND - 1)

    assert passed == ["x"] * (LINES_A_SECOND - 1) + ["y"]
    assert lines.take_left_out() == 9
    assert lines.take_left_out() == 0
    assert lines.feed(b"z\n", SECOND) == ["z"]


def test_lines_when_one_never_ends_keep_its_beginning_only() -> None:
    lines = OutputLines()
    for _ in range(100):
        assert lines.feed(b"x" * 10_000, 0) == []

    assert lines.feed(b"\n", 0) == ["x" * LONGEST_LINE]


def test_lines_when_bytes_are_no_text_are_shown_anyway() -> None:
    assert OutputLines().feed(b"\xff\n", 0) == ["\ufffd"]
