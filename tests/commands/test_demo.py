"""The demo, as `make run` runs it."""

from __future__ import annotations

from pathlib import Path

from tests.commands.processes import maemae
from tests.shared_data import shared


def test_demo_works_twice_and_leaves_reports(tmp_path: Path) -> None:
    first, second = maemae(tmp_path, "demo"), maemae(tmp_path, "demo", "--lang", "en")

    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert "실데이터는 없어서 건너뜁니다" in first.stdout
    assert "Real data is not there" in second.stdout
    reports = sorted(path.name for path in (tmp_path / "reports").iterdir())
    assert reports == ["golden_cross-synthetic.html", "momentum-synthetic.html"]


def test_demo_when_real_data_is_there_uses_it_and_fits_a_narrow_screen(tmp_path: Path) -> None:
    data = shared("daily_invest_kr_2023_2025.parquet").parent

    outcome = maemae(tmp_path, "demo", "--lang", "en", shared_data=data)

    assert outcome.returncode == 0, outcome.stderr
    assert (tmp_path / "reports" / "momentum-invest_kr.html").exists()
    table = outcome.stdout.partition("Total return")[2].partition("These trades")[0]
    assert "invest_kr" in outcome.stdout
    assert max(len(line) for line in table.splitlines()) <= 80
