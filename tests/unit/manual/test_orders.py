"""The chapter on orders and exits runs as it stands, and what it shows does trade."""

from __future__ import annotations

import re
from pathlib import Path
from runpy import run_path

import pytest

from maemae.strategy.ordering import EntryTerms
from tests.architecture.source_tree import REPOSITORY

LANGUAGES = ("ko", "en")
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)


def chapter(language: str) -> str:
    return (REPOSITORY / "docs" / "manual" / language / "orders.md").read_text("utf-8")


@pytest.mark.thorough
def test_chapter_runs_from_top_to_bottom_and_every_strategy_trades(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAEMAE_HOME", str(tmp_path / "var"))
    monkeypatch.chdir(tmp_path)
    script = tmp_path / "chapter.py"
    script.write_text("\n".join(BLOCK.findall(chapter("en"))), "utf-8")

    results = run_path(str(script))["results"]

    assert len(results) == 6
    assert [name for name, result in results.items() if not result.summary.trades.count] == []


def test_chapters_show_the_same_code_but_for_what_is_said() -> None:
    korean, english = (
        [re.sub(r'"""[^"]*"""|#.*', "", code) for code in BLOCK.findall(chapter(language))]
        for language in LANGUAGES
    )

    assert korean == english


@pytest.mark.parametrize("language", LANGUAGES)
def test_chapter_names_every_word_that_buy_takes(language: str) -> None:
    text = chapter(language)

    assert not [name for name in EntryTerms.__optional_keys__ if f"{name}=" not in text]
    ways = ("above", "below", "at", "opening", "closing")
    assert not [way for way in ways if f"start.{way}(" not in text]
