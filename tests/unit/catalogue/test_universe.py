"""Who could be chosen among is what was known then, those who are gone since included."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from maemae.catalogue.catalogue import Catalogue
from maemae.catalogue.condition_log import ConditionLog, Listed, Lost, Moved
from maemae.catalogue.import_spec import ImportSpec
from maemae.catalogue.interval import Interval
from maemae.catalogue.universe_text import universe_from_text
from maemae.catalogue.universes import Universes
from maemae.domain.errors import InvalidValueError, MissingDataError, SchemaError
from maemae.domain.ids import Symbol
from maemae.domain.terms import Market, PriceBasis
from maemae.krx.calendar import sessions
from tests.shared_data import shared

DAYS = sessions(date(2024, 3, 4), date(2024, 3, 15))  # ten sessions
SMALL, LARGE, GONE, LATE = "000010", "000020", "000030", "000040"


def a_market(root: Path) -> Catalogue:
    """Keep a small cap, a large one, one that is gone on the fifth day, one that came then."""
    rows: list[tuple[object, ...]] = []
    for place, day in enumerate(DAYS):
        rows.append((SMALL, day, 1_000 + place, 1_000, "KOSDAQ", 10, "관리종목(소속부없음)"))
        rows.append((LARGE, day, 50_000, 100, "KOSPI", 1_000_000, None))
        if place < 5:
            rows.append((GONE, day, 9_000, 50, "KOSPI", 1_000, None))
        else:
            rows.append((LATE, day, 7_000, 0 if place == 7 else 30, "KOSPI", 500, None))
    names = ("symbol", "date", "close", "volume", "market", "shares", "dept")
    frame = pl.DataFrame(rows, schema=names, orient="row")
    frame = frame.with_columns(pl.col("close").alias(name) for name in ("open", "high", "low"))
    catalogue = Catalogue(root)
    spec = ImportSpec(dataset="m", basis=PriceBasis.RAW, sort=True)
    catalogue.import_frame(frame, spec, "made")
    return catalogue


def chosen(catalogue: Catalogue, text: str, dataset: str = "m") -> list[set[str]]:
    panel = catalogue.panel(dataset)
    limited = Universes(catalogue).limited(dataset, universe_from_text(text), panel)
    assert panel.members is None
    mask = limited.members
    assert mask is not None
    return [
        {str(symbol) for symbol, is_in in zip(panel.symbols, mask[:, k], strict=True) if is_in}
        for k in range(len(panel))
    ]


def test_names_that_are_gone_belong_as_long_as_they_traded(tmp_path: Path) -> None:
    found = chosen(a_market(tmp_path), "price>=1")

    assert found[4] == {SMALL, LARGE, GONE}
    assert found[5] == {SMALL, LARGE, LATE}


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("market=kospi", {LARGE, GONE}, {LARGE, LATE}),
        ("market=kosdaq", {SMALL}, {SMALL}),
        ("cap>=9,000,000", {LARGE, GONE}, {LARGE}),
        ("price>=1,009", {LARGE, GONE}, {SMALL, LARGE, LATE}),
        ("value>=100만", {SMALL, LARGE}, {SMALL, LARGE}),
        ("top=1", {LARGE}, {LARGE}),
        ("age>=6", set(), {SMALL, LARGE}),
        ("without=관리종목", {LARGE, GONE}, {LARGE, LATE}),
        ("market=kospi top=1 cap>=1억", {LARGE}, {LARGE}),
    ],
)
def test_filters_choose_by_the_day(
    tmp_path: Path, text: str, first: set[str], last: set[str]
) -> None:
    found = chosen(a_market(tmp_path), text)

    assert (found[0], found[-1]) == (first, last)


def test_halted_day_is_outside(tmp_path: Path) -> None:
    found = chosen(a_market(tmp_path), "without=halted")

    assert [LATE in day for day in found[5:]] == [True, True, False, True, True]


def test_choice_of_a_day_does_not_change_with_what_comes_later(tmp_path: Path) -> None:
    catalogue = a_market(tmp_path)
    text = "top=2 value>=1만 age>=2 without=halted,managed"
    whole = chosen(catalogue, text)

    frame = pl.read_parquet(next((tmp_path / "m").glob("bars-*.parquet")))
    for length in range(1, len(DAYS)):
        cut = Catalogue(tmp_path / f"cut{length}")
        spec = ImportSpec(dataset="m", basis=PriceBasis.RAW)
        until = frame.filter(pl.col("day") <= DAYS[length - 1]).rename({"day": "date"})
        cut.import_frame(until, spec, "made")
        assert chosen(cut, text) == whole[:length]


def designations(root: Path, rows: str) -> Catalogue:
    catalogue = a_market(root)
    path = root / "designations.csv"
    path.write_text(f"symbol,kind,since,until,known_at\n{rows}", encoding="utf-8")
    Universes(catalogue).import_designations("m", path)
    return catalogue


@pytest.mark.parametrize(
    ("known_at", "outside"),
    [
        ("2024-03-05 18:00", [3, 4, 5]),  # known before it begins
        ("2024-03-08 09:00", [4, 5]),  # published on its second day
        ("2024-03-08 18:00", [5]),  # in the evening: the close of that day did not know
        ("2024-03-20 09:00", []),
    ],
)
def test_notice_counts_from_the_moment_it_was_known(
    tmp_path: Path, known_at: str, outside: list[int]
) -> None:
    row = f"{LARGE},투자경고,2024-03-07,2024-03-11,{known_at}\n"

    found = chosen(designations(tmp_path, row), "without=투자경고")

    assert [place for place, day in enumerate(found) if LARGE not in day] == outside


def test_notice_without_an_end_lasts_and_one_without_a_clock_is_known_the_day_after(
    tmp_path: Path,
) -> None:
    found = chosen(
        designations(tmp_path, f"{LARGE},warning,2024-03-05,,2024-03-05\n"), "without=warning"
    )

    assert [LARGE in day for day in found] == [True, True, *[False] * 8]


def test_universe_within_the_day_knows_the_session_before_only(tmp_path: Path) -> None:
    times = [
        (day, f"{day} {clock}", price)
        for day, price in zip(DAYS[:3], (100, 900, 100), strict=True)
        for clock in ("09:00:00", "15:00:00")
    ]
    frame = pl.DataFrame(
        {
            "symbol": [SMALL] * 6,
            "datetime": [time for _, time, _ in times],
            **{name: [price for *_, price in times] for name in ("open", "high", "low", "close")},
            "volume": [1] * 6,
        }
    )
    catalogue = Catalogue(tmp_path)
    spec = ImportSpec(dataset="m", basis=PriceBasis.RAW, interval=Interval(60), tz="Asia/Seoul")
    catalogue.import_frame(frame, spec, "made")

    found = chosen(catalogue, "price>=500")

    assert [bool(day) for day in found] == [False] * 4 + [True] * 2


def test_condition_counts_as_it_was_known_when_the_bar_was(tmp_path: Path) -> None:
    catalogue = a_market(tmp_path)
    known = catalogue.panel("m").known.tolist()
    log = ConditionLog(catalogue.root, "등락률 3% 이상")
    for learned in (
        Listed(known[1], (Symbol(SMALL),)),
        Moved(known[3] - 1, Symbol(LARGE), is_in=True),
        Moved(known[5], Symbol(SMALL), is_in=False),
        Lost(known[7]),
    ):
        log.append(learned)

    found = chosen(catalogue, 'condition="등락률 3% 이상"')

    everybody, nobody = {SMALL, LARGE}, set[str]()
    assert found == [
        *(nobody, {SMALL}, {SMALL}, everybody, everybody, {LARGE}, {LARGE}),
        *(nobody, nobody, nobody),
    ]
    assert chosen(catalogue, 'market=kospi condition="등락률 3% 이상"')[3] == {LARGE}
    with pytest.raises(MissingDataError, match="data conditions"):
        chosen(catalogue, "condition=신고가")


def test_universe_is_understood_as_it_is_written() -> None:
    spec = universe_from_text("market=kospi,kosdaq cap>=3000억 top=200 without=관리종목,warning")

    assert spec.markets == frozenset({Market.KOSPI, Market.KOSDAQ})
    assert (spec.cap, spec.top) == (300_000_000_000, 200)
    assert {designation.value for designation in spec.without} == {"MANAGED", "WARNING"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "cannot be understood"),
        ("top200", "cannot be understood"),
        ("caps>=1억", "Did you mean cap"),
        ("top=0", "no number above 0"),
        ("cap>=big", "no number above 0"),
        ("market=nyse", "no market nyse"),
        ("without=warned", "Did you mean warning"),
        ('condition="신고가', "cannot be understood"),
    ],
)
def test_universe_when_it_cannot_be_understood_says_why(text: str, said: str) -> None:
    with pytest.raises(InvalidValueError, match=said):
        universe_from_text(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [("without=warning", "data designations"), ("cap>=1억", "column shares")],
)
def test_data_when_it_does_not_tell_is_not_guessed(tmp_path: Path, text: str, said: str) -> None:
    frame = pl.DataFrame(
        {"symbol": [SMALL], "date": [DAYS[0]], "volume": [1]}
        | {name: [100] for name in ("open", "high", "low", "close")}
    )
    catalogue = Catalogue(tmp_path)
    catalogue.import_frame(frame, ImportSpec(dataset="m", basis=PriceBasis.RAW), "made")

    with pytest.raises(MissingDataError, match=said):
        chosen(catalogue, text)


def test_designations_without_the_time_they_were_known_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "n.csv"
    path.write_text("symbol,kind,since\n000010,관리종목,2024-03-05\n", encoding="utf-8")

    with pytest.raises(SchemaError, match="known_at"):
        Universes(a_market(tmp_path)).import_designations("m", path)


@pytest.mark.thorough
def test_official_file_tells_who_was_managed_on_a_day(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path)
    path = shared("daily_marcap_krx_official_2021_2024_janfeb.parquet")
    catalogue.import_file(path, ImportSpec(dataset="m", basis=PriceBasis.RAW))
    managed = pl.read_parquet(path).filter(pl.col("dept").fill_null("").str.starts_with("관리"))

    found = chosen(catalogue, "market=kosdaq without=관리종목,투자주의환기종목,halted cap>=1000억")

    assert min(map(len, found)) > 300
    day = catalogue.panel("m").dates[-1]
    then = managed.filter(pl.col("datetime").dt.date() == day)["symbol"].to_list()
    assert len(then) > 20
    assert not found[-1] & set(then)
