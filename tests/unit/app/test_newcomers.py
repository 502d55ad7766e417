"""A server that started before its executors learns of them."""

from __future__ import annotations

from collections.abc import Sequence

from maemae.app.newcomers import Newcomers, Traded
from maemae.domain.ids import AccountId
from maemae.domain.terms import Mode

NOBODY: Traded = frozenset()
SIM: Traded = frozenset({(Mode.SIM, (AccountId("SIM"),))})
TWO: Traded = SIM | {(Mode.PAPER, (AccountId("5012345610"),))}
MORE: Traded = frozenset({(Mode.SIM, (AccountId("SIM"), AccountId("SIM2")))})


def looks(known: Traded, found: Sequence[Traded]) -> list[bool]:
    coming = iter(found)
    newcomers = Newcomers(known, lambda: next(coming))
    return [newcomers.have_come() for _ in found]


def test_executor_when_it_comes_later_is_seen() -> None:
    assert looks(NOBODY, [NOBODY, SIM]) == [False, True]
    assert looks(SIM, [TWO]) == [True]


def test_account_when_an_executor_gets_another_is_seen() -> None:
    assert looks(SIM, [MORE]) == [True]


def test_executor_when_its_tables_cannot_be_read_for_a_moment_is_no_change() -> None:
    assert looks(TWO, [SIM, NOBODY, TWO]) == [False, False, False]


def test_newcomer_when_seen_stays_seen() -> None:
    newcomers = Newcomers(NOBODY, lambda: SIM)
    newcomers.have_come()
    assert newcomers.were_seen
