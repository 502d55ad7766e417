"""The page of several runs: comparable curves, named columns, no more colors than can be told."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from maemae.domain.errors import InvalidValueError
from maemae.domain.text import Language
from maemae.research.report.comparison import MOST_RUNS, render_comparison
from maemae.research.report.names import names_of
from tests.unit.research.report.run_reports import a_report
from tests.unit.research.test_report import HOSTILE, Page

ONE = a_report(title="A · x", strategy="A", parameters={"fast": 5, "slow": 20})
TWO = a_report(
    [1_000_000, 900_000, 1_300_000], title="A · x", strategy="A", parameters={"fast": 9, "slow": 20}
)
THREE = a_report([1_010_000, 1_000_000, 990_000], title="B · y", strategy="B")


def test_names_say_what_differs_and_nothing_else() -> None:
    assert names_of([ONE, TWO]) == ["A fast=5", "A fast=9"]
    assert names_of([ONE, THREE]) == ["A x", "B y"]


def test_comparison_shows_every_run_and_marks_the_best() -> None:
    page = Page(render_comparison([ONE, TWO, THREE]))

    assert page.tags["script"] == 1
    assert [kind for kind in page.values("path", "class") if kind.startswith("line run")] == [
        "line run1",
        "line run2",
        "line run3",
    ] * 2
    assert "up best" in page.values("td", "class")
    assert page.contents["td"].count("1.00") == 3  # each run with itself


def test_comparison_is_over_the_sessions_in_common() -> None:
    later = msgspec.structs.replace(
        THREE, days=[date(2024, 1, 3), date(2024, 1, 4), date(2024, 1, 5)]
    )

    assert "공통 거래일 2" in Page(render_comparison([ONE, later])).visible


@pytest.mark.parametrize("language", list(Language))
def test_comparison_when_texts_are_hostile_runs_none_of_it(language: Language) -> None:
    bad = a_report(title=f"{HOSTILE} · x", strategy=HOSTILE, parameters={HOSTILE: HOSTILE})

    page = Page(render_comparison([bad, ONE], language))

    assert page.tags["script"] == 1
    assert page.tags["img"] == 0
    assert not [name for _, name, _ in page.attributes if name in {"src", "href", "style"}]


@pytest.mark.parametrize("count", [1, MOST_RUNS + 1])
def test_comparison_of_too_few_or_too_many_is_refused(count: int) -> None:
    with pytest.raises(InvalidValueError, match="2 to 8"):
        render_comparison([ONE] * count)


def test_comparison_without_a_common_session_is_refused() -> None:
    apart = msgspec.structs.replace(THREE, days=[date(2020, 1, n) for n in (2, 3, 6)])

    with pytest.raises(InvalidValueError, match="same period"):
        render_comparison([ONE, apart])
