"""A journal cut off anywhere: what is left of the day is the same day."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maemae.trading.simulated_day.day import DayResult
from tests.journals import tamper
from tests.trading_days import SYMBOLS, Market, a_morning, a_plan, make_market, run_day

EXAMPLES = 25


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Market:
    return a_morning(make_market(tmp_path_factory.mktemp("market"), SYMBOLS[:4]))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("whole")


@pytest.fixture(scope="module")
def whole(market: Market, folder: Path) -> DayResult:
    run_day(a_plan(market), folder / "journal.db")
    return run_day(a_plan(market), folder / "journal.db")  # says how many records there are


def newest(folder: Path) -> tuple[int, bytes]:
    """Return number and hash of the last record: equal journals have equal ones."""
    with closing(sqlite3.connect(folder / "journal.db")) as connection:
        row: tuple[int, bytes] = connection.execute(
            "SELECT seq, hash FROM record ORDER BY seq DESC LIMIT 1"
        ).fetchone()
    return row


@settings(max_examples=EXAMPLES)
@given(share=st.floats(0, 1))
def test_day_when_its_journal_is_cut_anywhere_ends_the_same(
    market: Market, folder: Path, whole: DayResult, share: float
) -> None:
    with tempfile.TemporaryDirectory() as name:
        cut = Path(name)
        shutil.copy(folder / "journal.db", cut)
        last = round(share * whole.repeated)
        tamper(cut, "DELETE FROM record WHERE seq > ?", last)
        tamper(cut, "DELETE FROM snapshot WHERE seq > ?", last)

        result = run_day(a_plan(market), cut / "journal.db")
        journal = newest(cut)

    assert result.repeated == last
    assert (result.order_hash, result.book_hash) == (whole.order_hash, whole.book_hash)
    assert result.differences == ()
    assert journal == newest(folder)
