"""Longer bars are the same whichever way they are made, and nothing that traded gets lost."""

from __future__ import annotations

from datetime import date, time
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from maemae.catalogue.aggregation import aggregate
from maemae.catalogue.bars import bars_from_frame
from maemae.catalogue.catalogue import Catalogue
from maemae.catalogue.import_spec import ImportSpec
from maemae.catalogue.interval import DAY, TICK, BarLabel, Interval
from maemae.domain.instant import SECOND, kst_nanos
from maemae.domain.terms import PriceBasis

LATE, CSAT, PLAIN = date(2024, 1, 2), date(2024, 11, 14), date(2024, 11, 15)
LADDER = (Interval(1), Interval(5), Interval(15), Interval(60), DAY)

EDGES = [
    hour * 3_600 + minute * 60 - 30_600 + beside
    for hour, minute in ((9, 0), (10, 0), (15, 30), (16, 30))
    for beside in (-1, 0, 20, 599, 600)
]
"""Openings and closes, and what lies beside them [seconds after 08:30]."""

PRINTS = st.lists(
    st.tuples(
        st.sampled_from(["000010", "000020"]),
        st.sampled_from([LATE, CSAT, PLAIN]),
        st.sampled_from(EDGES) | st.integers(0, 8 * 3_600 + 40 * 60),  # seconds after 08:30
        st.integers(1, 2_000),
        st.integers(1, 1_000),
    ),
    min_size=1,
    max_size=80,
)


def frame_of(prints: list[tuple[str, date, int, int, int]]) -> pl.DataFrame:
    times = [kst_nanos(day, time(8, 30)) + secs * SECOND for _, day, secs, _, _ in prints]
    raw = pl.DataFrame(
        {
            "symbol": [symbol for symbol, *_ in prints],
            "datetime": pl.Series(times, dtype=pl.Datetime("ns", "UTC")),
            "price": [price for *_, price, _ in prints],
            "volume": [volume for *_, volume in prints],
        }
    )
    spec = ImportSpec(dataset="t", basis=PriceBasis.RAW, interval=TICK, sort=True)
    return bars_from_frame(raw, spec).frame


def longer(bars: pl.DataFrame, length: Interval, wanted: Interval) -> pl.DataFrame:
    return aggregate(bars, length, BarLabel.START, wanted).frame


def as_bars(frame: pl.DataFrame, length: Interval) -> pl.DataFrame:
    spec = ImportSpec(dataset="t", basis=PriceBasis.RAW, interval=length)
    return bars_from_frame(frame, spec).frame


@given(PRINTS)
def test_each_step_of_the_ladder_gives_what_the_prints_give(
    prints: list[tuple[str, date, int, int, int]],
) -> None:
    ticks = frame_of(prints)
    direct = {length: longer(ticks, TICK, length) for length in LADDER}

    for short, long in (*pairwise(LADDER), (LADDER[0], DAY)):
        if not direct[short].is_empty():
            stepped = longer(as_bars(direct[short], short), short, long)
            assert stepped.equals(direct[long].select(stepped.columns)), (short, long)


@given(PRINTS, st.sampled_from(LADDER))
def test_volume_and_value_are_conserved(
    prints: list[tuple[str, date, int, int, int]], wanted: Interval
) -> None:
    ticks = frame_of(prints)

    made = aggregate(ticks, TICK, BarLabel.START, wanted)

    inside = [
        (price, volume)
        for _, day, secs, price, volume in prints
        if _opens(day) <= 8 * 3_600 + 30 * 60 + secs < _closes(day) + 600
    ]
    assert made.left_out == len(prints) - len(inside)
    assert made.frame["volume"].sum() == sum(volume for _, volume in inside)
    assert made.frame["value"].sum() == sum(price * volume for price, volume in inside)


@given(PRINTS, st.sampled_from(LADDER[:-1]))
def test_prices_stay_within_the_prints_and_no_gap_is_filled(
    prints: list[tuple[str, date, int, int, int]], wanted: Interval
) -> None:
    made = longer(frame_of(prints), TICK, wanted)

    assert made.height <= len(prints)
    assert (made["volume"] > 0).all()
    assert ((made["low"] <= made["open"]) & (made["open"] <= made["high"])).all()
    assert ((made["low"] <= made["close"]) & (made["close"] <= made["high"])).all()


def _opens(day: date) -> int:
    return (9 if day == PLAIN else 10) * 3_600


def _closes(day: date) -> int:
    return (16 if day == CSAT else 15) * 3_600 + 30 * 60


def test_catalogue_makes_one_dataset_of_another() -> None:
    prints = [("000010", PLAIN, 3_600, 100, 1), ("000010", PLAIN, 3_600, 105, 2)]
    raw = pl.DataFrame(
        {
            "symbol": ["000010"] * 2,
            "datetime": ["2024-11-15 09:30:00"] * 2,
            "price": [price for *_, price, _ in prints],
            "volume": [1, 2],
        }
    )
    with TemporaryDirectory() as folder:
        catalogue = Catalogue(Path(folder))
        spec = ImportSpec(dataset="ticks", basis=PriceBasis.RAW, interval=TICK, tz="Asia/Seoul")
        catalogue.import_frame(raw, spec, "made")

        manifest, left_out = catalogue.aggregate("ticks", Interval(5), "five")

        panel = catalogue.panel("five")
    assert (manifest.interval, manifest.rows, left_out) == ("5m", 1, 0)
    assert [int(field[0, 0]) for field in (panel.open, panel.high, panel.close)] == [100, 105, 105]
    assert int(panel.opened[0]) == kst_nanos(PLAIN, time(9, 30))
