"""Every failure is told in a sentence of bounded length, and says whether another try may help."""

from __future__ import annotations

import pytest

from maemae.domain.errors import LookAheadError, ParameterError, StrategyRaisedError
from maemae.trading.workers.failure import broke
from maemae.trading.workers.frames import Fault

RAISED = StrategyRaisedError("오류", "failed")


def caused(error: Exception, cause: BaseException) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "fault", "words"),
    [
        (ParameterError("값", "no such parameter"), Fault.DECLARED, "no such parameter"),
        (LookAheadError("미래", "looks ahead"), Fault.DECLARED, "looks ahead"),
        (RAISED, Fault.RAISED, "failed"),
        (caused(StrategyRaisedError("오류", "failed"), MemoryError()), Fault.MEMORY, "memory"),
        (MemoryError(), Fault.MEMORY, "memory"),
        (SystemExit(3), Fault.RAISED, "exit value 3"),
        (KeyError("x"), Fault.RAISED, "KeyError: 'x'"),
    ],
)
def test_failure_tells_its_kind_and_sentence(
    error: BaseException, fault: Fault, words: str
) -> None:
    told = broke(error)

    assert told.fault is fault
    assert words in told.text.en
    assert any("가" <= letter <= "힣" for letter in told.text.ko)


def test_failure_when_it_quotes_without_measure_is_cut() -> None:
    told = broke(ValueError("x" * 1_000_000))

    assert len(told.text.ko) == len(told.text.en) == 1_000
    assert len(told.traceback) == 8_000


def test_failure_shows_the_strategys_own_lines() -> None:
    told = broke(caused(StrategyRaisedError("오류", "failed"), KeyError("own")))

    assert told.traceback == "KeyError: 'own'\n"
