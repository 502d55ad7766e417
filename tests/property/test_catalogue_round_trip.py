"""Whatever bars come in are the bars that come out."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from maemae.catalogue.catalogue import Catalogue
from maemae.krx.calendar import sessions
from tests.bar_frames import a_spec

DAYS = sessions(date(2024, 1, 2), date(2024, 2, 29))
SYMBOLS = ("0000J0", "000660", "005930")

Bar = tuple[str, int, int, int]


@st.composite
def bars(draw: st.DrawFn) -> list[Bar]:
    """Draw bars of any symbols on any days, at most one each, in file order."""
    places = st.tuples(st.sampled_from(SYMBOLS), st.integers(0, len(DAYS) - 1))
    chosen = sorted(draw(st.sets(places, min_size=1, max_size=30)))
    number = st.integers(0, 10**9)
    return [(symbol, day, draw(number), draw(number)) for symbol, day in chosen]


def a_frame(drawn: list[Bar]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "symbol": [symbol for symbol, *_ in drawn],
            "date": [DAYS[day] for _, day, *_ in drawn],
            **{name: [price for *_, price, _ in drawn] for name in ("open", "high", "low")},
            "close": [price for *_, price, _ in drawn],
            "volume": [volume for *_, volume in drawn],
        }
    )


@settings(max_examples=40)
@given(drawn=bars(), through_csv=st.booleans())
def test_panel_holds_exactly_the_imported_bars(*, drawn: list[Bar], through_csv: bool) -> None:
    with TemporaryDirectory() as folder:
        catalogue = Catalogue(Path(folder) / "market")
        if through_csv:
            a_frame(drawn).write_csv(Path(folder) / "bars.csv")
            catalogue.import_file(Path(folder) / "bars.csv", a_spec())
        else:
            catalogue.import_frame(a_frame(drawn), a_spec(), "drawn")

        panel = catalogue.panel("sample")

    place = {day: column for column, day in enumerate(panel.dates)}
    for symbol, day, price, volume in drawn:
        at = (panel.symbols.index(symbol), place[DAYS[day]])
        assert (panel.close[at], panel.volume[at]) == (price, volume)
    assert panel.close.sum() == sum(price for *_, price, _ in drawn)
    assert panel.dates == sorted({DAYS[day] for _, day, *_ in drawn})


@settings(max_examples=40)
@given(bars(), st.integers(0, 2**32))
def test_sorting_makes_the_order_of_the_file_irrelevant(drawn: list[Bar], seed: int) -> None:
    frame = a_frame(drawn)
    shuffled = frame.sample(fraction=1.0, shuffle=True, seed=seed)
    with TemporaryDirectory() as folder:
        catalogue = Catalogue(Path(folder))
        one = catalogue.import_frame(frame, a_spec(dataset="one"), "x")
        two = catalogue.import_frame(shuffled, a_spec(dataset="two", sort=True), "x")

    assert one.content_hash == two.content_hash
