from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maemae.cli.parsing import (
    MOST_CASH,
    choice_from_text,
    count_from_text,
    day_from_text,
    pairs_from_texts,
    ratio_from_text,
    symbol_from_text,
    symbols_from_text,
    won_from_text,
)
from maemae.domain.errors import InvalidValueError


@pytest.mark.parametrize(
    ("text", "won"),
    [
        ("10000000", 10_000_000),
        ("10,000,000", 10_000_000),
        ("10_000_000", 10_000_000),
        ("1000만", 10_000_000),
        ("1억", 100_000_000),
        (" 500,000원 ", 500_000),
        ("500만원", 5_000_000),
        ("-5", -5),
    ],
)
def test_won_when_written_as_people_do_is_understood(text: str, won: int) -> None:
    assert won_from_text("--cash", text) == won


@given(st.integers(0, MOST_CASH))
def test_won_when_written_with_separators_comes_back(won: int) -> None:
    assert won_from_text("--cash", f"{won:,}") == won


@given(st.text())
def test_won_when_anything_is_typed_is_a_sum_or_a_refusal(text: str) -> None:
    with suppress(InvalidValueError):
        assert won_from_text("--cash", text) <= MOST_CASH


@pytest.mark.parametrize(
    "refused",
    [
        lambda: won_from_text("--cash", "1e7"),
        lambda: won_from_text("--cash", "많이"),
        lambda: won_from_text("--cash", "9" * 40),
        lambda: day_from_text("--from", "2024-13-01"),
        lambda: day_from_text("--from", "어제"),
        lambda: count_from_text("--seed", "-1", 0, 9),
        lambda: count_from_text("--seed", "1.5", 0, 9),
        lambda: pairs_from_texts("--set", ["fast"]),
        lambda: pairs_from_texts("--set", ["=5"]),
        lambda: pairs_from_texts("--set", ["fast=1", "fast=2"]),
        lambda: choice_from_text("--fees", "kiwom", {"kiwoom": 1}),
        lambda: symbols_from_text(" , "),
    ],
)
def test_value_when_it_cannot_be_understood_is_one_sentence(
    refused: Callable[[], object],
) -> None:
    with pytest.raises(InvalidValueError) as caught:
        refused()

    assert "\n" not in caught.value.text.ko + caught.value.text.en


def test_choice_when_near_is_suggested() -> None:
    with pytest.raises(InvalidValueError) as caught:
        choice_from_text("--fees", "kiwom", {"kiwoom": 1, "kis": 2})

    assert "kiwoom" in caught.value.text.en


def test_values_when_sound_are_returned() -> None:
    assert day_from_text("--from", "2024-01-02") == date(2024, 1, 2)
    assert day_from_text("--from", None) is None
    assert pairs_from_texts("--set", ["fast=5", " slow = 20 "]) == {"fast": "5", "slow": "20"}
    assert symbols_from_text("005930, 0001a0") == ("005930", "0001A0")
    assert symbols_from_text("ALL") is None
    assert choice_from_text("--fees", "KIS", {"kis": 2}) == 2


@pytest.mark.parametrize(
    ("text", "ppm"), [("3%", 30_000), ("2.5%", 25_000), ("0.0001%", 1), ("99.9999", 999_999)]
)
def test_ratio_is_whole_parts_per_million(text: str, ppm: int) -> None:
    assert ratio_from_text("--stop", text) == ppm


@pytest.mark.parametrize(
    "text", ["0%", "100%", "-3%", "3.00001%", "%", "1e2%", "", "٣.%%", "1.2.3%"]
)
def test_ratio_when_it_is_none_is_refused(text: str) -> None:
    with pytest.raises(InvalidValueError):
        ratio_from_text("--stop", text)


@pytest.mark.parametrize("text", ["00593", "0059300", "00593 0", "삼성전자 주", "005-30", ""])
def test_symbol_when_it_is_none_is_refused(text: str) -> None:
    with pytest.raises(InvalidValueError):
        symbol_from_text(text)
