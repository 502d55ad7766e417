"""The page on assumptions names every model, and tests that exist."""

from __future__ import annotations

import re

import pytest

from maemae.app.assumed import WORDS
from maemae.venue.assumptions import RELAXED_ADJUSTED, STRICT_KRX, STRICT_REPLAY
from tests.architecture.source_tree import REPOSITORY

PAGES = ("backtest-assumptions.md", "backtest-assumptions.en.md")


def page(name: str) -> str:
    return (REPOSITORY / "docs" / name).read_text("utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_page_names_every_model_of_the_presets_and_of_the_command_line(name: str) -> None:
    models = {
        type(model).__name__
        for preset in (STRICT_KRX, RELAXED_ADJUSTED, STRICT_REPLAY)
        for model in preset.models
    }
    numbers = {"participation": "1%", "slippage": "1ticks", "auction_share": "1%", "latency": "1ms"}
    for what, choices in WORDS.items():
        for word, make in choices.items():
            models.add(type(make(numbers[what] if not word else "")).__name__)
    assert not {model for model in models if f"`{model}`" not in page(name)}


@pytest.mark.parametrize("name", PAGES)
def test_page_names_tests_that_exist(name: str) -> None:
    named = set(re.findall(r"`(test_\w+)`", page(name)))
    assert len(named) > 30
    sources = "\n".join(path.read_text("utf-8") for path in (REPOSITORY / "tests").rglob("*.py"))
    assert not {test for test in named if f"def {test}(" not in sources}


def test_pages_name_the_same_models_and_tests() -> None:
    korean, english = (set(re.findall(r"`(\w+)`", page(name))) for name in PAGES)
    assert korean == english
