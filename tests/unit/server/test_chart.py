"""A chart goes on where the catalogue ends; of the session that goes on, nothing is known early."""

from __future__ import annotations

from datetime import date
from typing import Final

import pytest

from maemae.app.datasets import ensure_synthetic
from maemae.catalogue.catalogue import Catalogue
from maemae.domain.errors import MissingDataError
from maemae.domain.ids import Symbol
from maemae.domain.instant import kst_date
from maemae.krx.session import regular_open
from maemae.server.chart import Wanted, chart
from maemae.server.market_data import MarketData
from maemae.trading.control.replies import MadeBar, MadeBars

SYMBOL: Final = Symbol("Z00010")
TODAY: Final = date(2024, 2, 20)
OWN: Final = MadeBar(regular_open(TODAY), 100, 120, 90, 110, 7)
MADE: Final = MadeBars(TODAY, "DAY", (OWN,))
EVERYTHING: Final = Wanted(SYMBOL, None, None, None, 5_000)


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> MarketData:
    folder = tmp_path_factory.mktemp("catalogue")
    ensure_synthetic(Catalogue(folder), "synthetic", 7, (date(2024, 1, 2), date(2024, 2, 29)))
    return MarketData(folder)


def days_of(market: MarketData, wanted: Wanted, made: MadeBars) -> list[date]:
    return [kst_date(opened) for opened, *_ in chart(market, wanted, made).bars]


def test_chart_when_an_executor_tells_the_session_ends_with_its_bars(market: MarketData) -> None:
    told = chart(market, EVERYTHING, MADE)

    assert told.bars[-1] == (OWN.opened, 100, 120, 90, 110, 7)
    assert max(kst_date(opened) for opened, *_ in told.bars[:-1]) < TODAY
    assert (told.dataset, told.interval) == ("synthetic", "DAY")


def test_chart_when_the_session_has_made_none_does_not_tell_what_is_yet_to_come(
    market: MarketData,
) -> None:
    assert max(days_of(market, EVERYTHING, MadeBars(TODAY, "DAY"))) < TODAY
    assert max(days_of(market, EVERYTHING, MadeBars(TODAY, "1m", (OWN,)))) < TODAY
    assert max(days_of(market, EVERYTHING, MadeBars())) > TODAY


def test_chart_shows_the_newest_of_what_was_asked_for(market: MarketData) -> None:
    newest = Wanted(SYMBOL, "DAY", None, None, 2)
    earlier = Wanted(SYMBOL, "DAY", None, date(2024, 2, 14), 2)
    alone = Wanted(SYMBOL, None, TODAY, TODAY, 10)

    assert days_of(market, newest, MADE) == [date(2024, 2, 19), TODAY]
    assert max(days_of(market, earlier, MADE)) <= date(2024, 2, 14)
    assert days_of(market, alone, MADE) == [TODAY]
    assert chart(market, alone, MADE).dataset is None


@pytest.mark.parametrize(
    ("wanted", "made"),
    [
        (Wanted(SYMBOL, "1m", None, None, 10), MADE),
        (Wanted(SYMBOL, None, TODAY, TODAY, 10), MadeBars(TODAY, "DAY")),
        (Wanted(Symbol("999999"), None, None, None, 10), MadeBars(TODAY, "DAY")),
    ],
)
def test_chart_when_there_is_nothing_says_so(
    market: MarketData, wanted: Wanted, made: MadeBars
) -> None:
    with pytest.raises(MissingDataError):
        chart(market, wanted, made)
