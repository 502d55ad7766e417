"""The research chapters of the manual run as they stand, in both languages, to the same result."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from runpy import run_path

import pytest

from maemae.app.library import backtest
from maemae.domain.errors import ParameterError
from maemae.research.notebook import Result
from maemae.strategies.loading import BUNDLED
from tests.architecture.source_tree import REPOSITORY

pytestmark = pytest.mark.thorough

LANGUAGES = ("ko", "en")
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)


def chapter(language: str) -> str:
    return (REPOSITORY / "docs" / "manual" / language / "research.md").read_text("utf-8")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MAEMAE_HOME", str(tmp_path / "var"))
    monkeypatch.delenv("MAEMAE_LANG", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("language", LANGUAGES)
def test_chapter_runs_from_top_to_bottom(home: Path, language: str) -> None:
    script = home / "chapter.py"
    script.write_text("\n".join(BLOCK.findall(chapter(language))), "utf-8")

    result = run_path(str(script))["result"]

    assert isinstance(result, Result)
    assert result.summary.trades.count > 0
    assert (home / "dip.html").read_text("utf-8").rstrip().endswith("</html>")
    assert (home / "dip.xlsx").stat().st_size > 0
    HTMLParser().feed(result._repr_html_())


def test_chapters_show_the_same_code_but_for_what_is_said() -> None:
    korean, english = (
        [re.sub(r'"""[^"]*"""|#.*', "", code) for code in BLOCK.findall(chapter(language))]
        for language in LANGUAGES
    )

    assert korean == english


@pytest.mark.parametrize("language", LANGUAGES)
def test_chapter_names_every_bundled_strategy_and_command(language: str) -> None:
    text = chapter(language)

    assert not [name for name in BUNDLED if f"`{name}`" not in text]
    assert all(f"maemae {command}" in text for command in ("backtest", "explain", "honesty"))


def test_parameter_when_unknown_names_the_nearest(home: Path) -> None:
    with pytest.raises(ParameterError, match="fast"):
        backtest("golden_cross", fats=5)
