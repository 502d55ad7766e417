"""Models of the market by short words, from the command line into a backtest."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import polars as pl
import pytest

from maemae.app.assumed import WORDS, assumed
from maemae.app.backtests import BacktestRequest, set_up_backtest
from maemae.catalogue.catalogue import Catalogue
from maemae.catalogue.import_spec import ImportSpec
from maemae.catalogue.interval import Interval
from maemae.domain.errors import InvalidValueError
from maemae.domain.instant import kst_nanos
from maemae.domain.terms import PriceBasis
from maemae.domain.text import Language
from maemae.venue.assumptions import STRICT_KRX, STRICT_REPLAY, VolumeShare
from maemae.venue.impact import LinearImpact, NoImpact, SquareRootImpact
from maemae.venue.latency import FixedLatency
from maemae.venue.model import Model
from maemae.venue.queue_position import BehindDisplayed, Proportional
from tests.strategy_runs import raises


@pytest.mark.parametrize(
    ("name", "word", "model"),
    [
        ("impact", "sqrt:1.5%", SquareRootImpact(15_000)),
        ("impact", "linear", LinearImpact()),
        ("impact", "none", NoImpact()),
        ("latency", "100ms", FixedLatency(100)),
        ("participation", "25%", VolumeShare(250_000)),
        ("queue", "behind:30%", BehindDisplayed(300_000)),
        ("queue", "even", Proportional()),
    ],
)
def test_word_becomes_its_model_and_leaves_the_others(name: str, word: str, model: Model) -> None:
    told = assumed(STRICT_KRX, {name: word})
    assert getattr(told, name) == model
    others = [field for field in STRICT_KRX.__struct_fields__ if field != name]
    assert all(getattr(told, field) == getattr(STRICT_KRX, field) for field in others)


@pytest.mark.parametrize(
    ("name", "word", "known"),
    [
        ("gravity", "on", "impact"),
        ("impact", "cubic", "sqrt:2%"),
        ("impact", "sqrt:2", "sqrt:2%"),
        ("impact", "sqrt:200%", "sqrt:2%"),
        ("latency", "soon", "100ms"),
        ("latency", "0ms", "100ms"),
        ("participation", "", "10%"),
    ],
)
def test_word_that_is_unknown_lists_what_there_is(name: str, word: str, known: str) -> None:
    with raises(InvalidValueError, name, known):
        assumed(STRICT_KRX, {name: word})


def test_words_name_fields_of_the_assumptions() -> None:
    assert set(WORDS) <= set(STRICT_KRX.__struct_fields__)


def test_backtest_from_the_command_line_replays_a_tape_and_says_what_it_assumed(
    tmp_path: Path,
) -> None:
    catalogue = Catalogue(tmp_path)
    day = date(2025, 9, 2)
    stamps = [f"{day} 09:{place:02d}:00" for place in range(5)]
    bars = pl.DataFrame(
        {"symbol": "005930", "datetime": stamps}
        | {name: [70_000] * 5 for name in ("open", "high", "low", "close")}
        | {"volume": [1_000] * 5}
    )
    spec = ImportSpec(dataset="m", basis=PriceBasis.RAW, interval=Interval(1), tz="Asia/Seoul")
    catalogue.import_frame(bars, spec, "hand-made")
    tape = tmp_path / "tape.csv"
    tape.write_text(f"symbol,datetime,price,qty\n005930,{day} 09:00:01,70000,9\n")
    request = BacktestRequest(
        strategy="golden_cross", dataset="m", tape=tape, assumed={"impact": "sqrt:2%"}
    )
    setup = set_up_backtest(catalogue, request)
    assert setup.plan.tape is not None
    (event,) = setup.plan.tape.events
    assert event.at == kst_nanos(day, time(9, 0, 1))
    told = setup.plan.assumptions
    assert told is not None
    assert (told.impact, told.queue) == (SquareRootImpact(20_000), STRICT_REPLAY.queue)
    report = setup.report(setup.run(), Language.KO)
    assert {"SquareRootImpact", "BehindDisplayed", "TwoMinuteAuction", "NoLatency"} <= {
        row.name for row in report.assumptions
    }
