"""What the READMEs show is what the commands print."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.architecture.source_tree import REPOSITORY
from tests.commands.processes import maemae

READMES = ("README.ko.md", "README.md")


def shown(readme: str, what: str) -> str:
    """Return a block of output of a README."""
    text = (REPOSITORY / readme).read_text(encoding="utf-8")
    block = text.partition(f"<!-- {what} output: begin")[2].partition("<!--")[0]
    (found,) = re.findall(r"```console\n(.*?)```", block, re.DOTALL)
    return str(found)


def lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines() if line.strip()]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.mark.parametrize("readme", READMES)
def test_demo_prints_the_figures_shown(home: Path, readme: str) -> None:
    language = "ko" if ".ko." in readme else "en"
    block = lines(shown(readme, "demo"))

    printed = lines(maemae(home, "demo", "--lang", language).stdout)

    table = block[next(place for place, line in enumerate(block) if "GoldenCross" in line) :]
    table = table[: next(place for place, line in enumerate(table) if line.startswith("▶"))]
    assert len(table) > len(("headings", "of two", "lines"))
    assert [line for line in table if line not in printed] == []
    assert [line for line in block if line.startswith(("주문 지문", "Order hash"))] == [
        line for line in printed if line.startswith(("주문 지문", "Order hash"))
    ]


@pytest.mark.parametrize("readme", READMES)
def test_backtest_prints_what_is_shown(home: Path, readme: str, tmp_path: Path) -> None:
    ((command, output),) = re.findall(
        r"(?s)^\$ \S+maemae (.*?[^\\])\n(.*)", shown(readme, "backtest")
    )
    words = shlex.split(command.replace("\\\n", " "))
    words[words.index("--report") + 1] = str(tmp_path / "golden.html")

    printed = maemae(home, *words).stdout.replace(f"{tmp_path}/", "")

    assert lines(printed) == lines(output)
