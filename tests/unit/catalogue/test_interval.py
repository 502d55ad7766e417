"""Bar intervals are read from what people write and nothing else."""

from __future__ import annotations

import pytest

from maemae.catalogue.interval import DAY, Interval, interval_from_text
from maemae.domain.errors import SchemaError
from maemae.domain.instant import MINUTE


@pytest.mark.parametrize("text", ["DAY", "day", "1d", "d", "일봉"])
def test_interval_when_text_means_a_session_is_daily(text: str) -> None:
    assert interval_from_text(text) == DAY


@pytest.mark.parametrize(
    ("text", "minutes"), [("1m", 1), ("5", 5), (" 15min ", 15), ("60분", 60), ("3분봉", 3)]
)
def test_interval_when_text_means_minutes_has_them(text: str, minutes: int) -> None:
    interval = interval_from_text(text)

    assert interval == Interval(minutes)
    assert interval.nanos == minutes * MINUTE


@pytest.mark.parametrize("text", ["0m", "391", "hour", "", "-5", "5s", "1w", "5.5m"])
def test_interval_when_text_is_none_is_refused_by_name(text: str) -> None:
    with pytest.raises(SchemaError, match="is not a bar interval") as refusal:
        interval_from_text(text)

    assert "봉 간격" in refusal.value.text.ko


@pytest.mark.parametrize("interval", [DAY, Interval(1), Interval(390)])
def test_interval_when_written_reads_back(interval: Interval) -> None:
    assert interval_from_text(str(interval)) == interval


def test_daily_interval_has_no_length() -> None:
    with pytest.raises(SchemaError, match="no fixed length"):
        _ = DAY.nanos
