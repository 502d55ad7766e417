"""The manual's page of reasons is that of the gate as it is, in both languages."""

from __future__ import annotations

import pytest

from maemae.core import checks
from maemae.core.entry_checks import ENTRY_CHECKS
from maemae.core.gate import CHECKS
from maemae.domain.refusal import REASONS, Reason
from maemae.domain.refusal_advice import ADVICE
from maemae.research.reasons_page import Language, reasons_of, reasons_page
from tests.architecture.source_tree import REPOSITORY

NOT_OF_A_CHECK = {
    Reason.UNKNOWN_ACCOUNT,
    Reason.ORDER_NOT_WORKING,
    Reason.NOTHING_TO_CHANGE,
    Reason.INTENT_EXPIRED,
}


@pytest.mark.parametrize("language", ["ko", "en"])
def test_page_when_made_again_is_the_committed_one(language: Language) -> None:
    committed = (REPOSITORY / "docs" / "manual" / language / "reasons.md").read_text("utf-8")
    assert reasons_page(language) == committed, (
        "python -m maemae.research.reasons_page docs/manual, and commit"
    )


@pytest.mark.parametrize("language", ["ko", "en"])
def test_page_tells_every_reason_once_with_what_to_do(language: Language) -> None:
    page = reasons_page(language)
    assert [page.count(f"## {reason.value}\n") for reason in Reason] == [1] * len(Reason)
    assert "{" not in page


def test_every_reason_has_a_sentence_and_an_advice_in_both_languages() -> None:
    assert set(REASONS) == set(ADVICE) == set(Reason)
    for told in (*REASONS.values(), *ADVICE.values()):
        assert told.ko.endswith((".", "다.", "요."))
        assert told.en.endswith(".")


def test_every_reason_but_those_told_elsewhere_is_of_a_check() -> None:
    every = {check for row in CHECKS.values() for check in row} | set(ENTRY_CHECKS)
    assert {reason for check in every for reason in reasons_of(check)} == (
        set(Reason) - NOT_OF_A_CHECK
    )


def test_check_that_asks_another_gives_its_reasons_too() -> None:
    assert set(reasons_of(checks.active)) == {Reason.REDUCE_ONLY, Reason.TRADING_HALTED}
