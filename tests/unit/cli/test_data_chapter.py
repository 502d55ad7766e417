"""The commands of the manual's data chapter work as they stand, in both languages."""

from __future__ import annotations

import re
import shlex
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from maemae.krx.calendar import sessions
from tests.architecture.source_tree import REPOSITORY
from tests.unit.cli.conftest import CommandLine

LANGUAGES = ("ko", "en")
BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)


def commands(language: str) -> list[list[str]]:
    """Return what a chapter says to type, but for what would ask a site for data."""
    chapter = (REPOSITORY / "docs" / "manual" / language / "data.md").read_text("utf-8")
    lines = "\n".join(BLOCK.findall(chapter)).splitlines()
    typed = [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("maemae ")]
    return [words for words in typed if "download" not in words or "--plan" in words]


def files_of_the_chapter() -> None:
    days = sessions(date(2023, 1, 2), date(2024, 3, 29))
    bars = pl.DataFrame({"date": days, "close": [1_000 + place for place in range(len(days))]})
    bars = bars.with_columns(
        pl.lit("005930").alias("symbol"),
        *(pl.col("close").alias(name) for name in ("open", "high", "low")),
        pl.lit(10_000_000).alias("volume"),
        pl.lit(5_969_782_550).alias("shares"),
        pl.lit("KOSPI").alias("market"),
        pl.lit("").alias("dept"),
    )
    bars.write_csv("bars.csv")
    times = [f"{days[1]} {clock}" for clock in ("09:00:00", "09:01:00", "15:30:05")]
    prints = pl.DataFrame({"symbol": ["005930"] * 3, "when": times, "price": [9, 8, 7]})
    prints = prints.with_columns(pl.lit(5).alias("volume"))
    prints.write_csv("ticks.csv")
    minutes = prints.rename({"when": "datetime"}).with_columns(
        pl.col("price").alias(name) for name in ("open", "high", "low", "close")
    )
    minutes.drop("price").write_csv("minutes.csv")
    Path("designations.csv").write_text(
        "symbol,kind,since,until,known_at\n005930,투자경고,2024-01-02,,2024-01-02 18:00\n", "utf-8"
    )


@pytest.mark.thorough
@pytest.mark.parametrize("language", LANGUAGES)
def test_commands_of_the_chapter_work(maemae: CommandLine, language: str) -> None:
    files_of_the_chapter()
    for name in ("my", "krx"):
        made = maemae("data", "import", "bars.csv", "--name", name, "--basis", "raw")
        assert made.code == 0, made.err

    for words in commands(language):
        outcome = maemae(*words)
        assert outcome.code == 0, (words, outcome.err)


def test_chapters_type_the_same() -> None:
    assert commands("ko") == commands("en")
    assert len(commands("en")) > 7
