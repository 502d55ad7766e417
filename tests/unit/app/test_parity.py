"""A backtest of a recorded day begins with what the executor held that morning."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from maemae.analytics.parity import ParityReport
from maemae.analytics.parity_reasons import Why
from maemae.app.executors import open_executor_store
from maemae.app.parity import compare_day
from maemae.app.parity_request import ParityRequest
from maemae.app.trade_request import StrategyRequest, core_config
from maemae.catalogue.catalogue import Catalogue
from maemae.catalogue.import_spec import ImportSpec
from maemae.catalogue.interval import Interval
from maemae.core.events import Event, SessionStarted
from maemae.domain.errors import MissingDataError
from maemae.domain.ids import SleeveId
from maemae.domain.instant import DAY, MINUTE, SECOND
from maemae.domain.terms import Cause, Mode, PriceBasis, Side
from maemae.domain.text import Text
from maemae.krx.session import regular_open
from maemae.ports import Alert, Entry, Turn
from maemae.settings import Settings
from maemae.storage.fingerprint import build_fingerprint
from maemae.storage.records import is_worth_a_record
from maemae.storage.tape import Rebuilt, Tape
from maemae.trading.dropped import Dropped, DroppedLog
from maemae.trading.replay import rebuild
from maemae.trading.row_log import FileRowLog
from tests.builders import (
    ACCOUNT,
    DAY_1,
    DAY_2,
    DAY_3,
    NOON,
    SAMSUNG,
    a_fill,
    a_price,
    a_report,
    an_intent,
    opening,
)
from tests.worker_runs import a_row

SLEEVE = SleeveId("Quitter")
QUITTER = '''
from maemae import Strategy

class Quitter(Strategy):
    """Sells all there is after the second bar."""

    def on_bar(self, symbol):
        if len(self.history(symbol, 99)) == 12:
            self.sell(symbol)
'''
BARS = 10  # of a day


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return settings of a home with bars of two days; the second falls below 9,400 won."""
    rows = []
    for day in (DAY_1, DAY_2):
        for minute in range(BARS):
            px = 9_300 if (day, minute) >= (DAY_2, 5) else 10_000
            rows.append((SAMSUNG, regular_open(day) + minute * MINUTE, px, px, px, px, 100_000))
    columns = ("symbol", "datetime", "open", "high", "low", "close", "volume")
    frame = pl.DataFrame(rows, schema=columns, orient="row").with_columns(
        pl.col("datetime").cast(pl.Datetime("ns", "UTC"))
    )
    spec = ImportSpec(dataset="minutes", basis=PriceBasis.RAW, interval=Interval(1))
    settings = Settings(home=tmp_path)
    Catalogue(settings.catalogue).import_frame(frame, spec, "test")
    (tmp_path / "own.py").write_text(QUITTER, "utf-8")
    return settings


def record(settings: Settings, events: Iterable[Event]) -> None:
    """Record what a core does with events, as an executor does."""
    store = open_executor_store(settings.database_url(Mode.SIM), Mode.SIM)
    with closing(store):
        lease = store.take_lease("test", store.read_lease())
        assert lease is not None
        tape = Tape(settings.tapes(Mode.SIM), lease.epoch, DAY_1)
        told = Rebuilt(NOON, build_fingerprint())
        tape.append(1, told)
        core = rebuild(core_config(Mode.SIM, ACCOUNT), store.recover().state, told)
        for seq, event in enumerate(events, 2):
            if isinstance(event, SessionStarted):
                tape.turn_to(event.session_date)
            actions = core.handle(event)
            if is_worth_a_record(event, actions):
                turn = Turn([Entry(seq, event, actions)])
                store.write(turn, core.state, lease.epoch).result(10)
            else:
                tape.append(seq, event)
        tape.close()


def two_days(stop_loss: int | None) -> list[Event]:
    """Return a day on which ten shares are bought, and one on which nothing is done."""
    wish = an_intent(sleeve_id=SLEEVE, stop_loss=stop_loss)
    evening: list[Event] = [a_price(10_000, at=NOON + SECOND), wish, a_report(), a_fill(10)]
    return [*opening(sleeves=(SLEEVE,)), *evening, SessionStarted(DAY_2, NOON + DAY)]


def compared(settings: Settings, day: date = DAY_2) -> ParityReport:
    strategy = StrategyRequest(f"{settings.home}/own.py:Quitter", {}, 0)
    return compare_day(
        settings,
        ParityRequest(
            mode=Mode.SIM,
            day=day,
            account_id=ACCOUNT,
            strategies=[strategy],
            dataset="minutes",
        ),
    )


def test_backtest_sells_what_was_bought_the_day_before(settings: Settings) -> None:
    record(settings, two_days(stop_loss=None))

    report = compared(settings)

    (item,) = report.items
    assert item.live is None
    assert (item.order.side, item.order.cause, item.order.filled) == (Side.SELL, Cause.SIGNAL, 10)
    assert item.order.bar == regular_open(DAY_2) + 2 * MINUTE
    assert report.bars_apart == BARS  # the executor kept none
    assert {reason.why for reason in item.reasons} == {Why.BARS}


def test_backtest_keeps_the_stop_of_the_day_before(settings: Settings) -> None:
    (settings.home / "own.py").write_text(QUITTER.replace("12", "99"), "utf-8")
    record(settings, two_days(stop_loss=50_000))

    (item,) = compared(settings).items

    assert (item.order.cause, item.order.filled) == (Cause.STOP, 10)
    assert item.order.bar == regular_open(DAY_2) + 6 * MINUTE


def test_wish_when_dropped_is_found_in_its_log(settings: Settings) -> None:
    record(settings, two_days(stop_loss=None))
    at = regular_open(DAY_2) + 2 * MINUTE
    folder = settings.data_folder(Mode.SIM) / "bars"
    folder.mkdir()
    DroppedLog(folder).append(Dropped(ACCOUNT, SLEEVE, at, at + MINUTE, is_paused=True))

    (item,) = compared(settings).items

    assert Why.PAUSED in {reason.why for reason in item.reasons}


def test_wish_when_the_strategy_had_failed_quotes_the_alert(settings: Settings) -> None:
    record(settings, two_days(stop_loss=None))
    text = Text("전략이 끝났습니다.", "It ended.")
    alert = Alert("STRATEGY_FAILED", SLEEVE, is_critical=True, text=text, at=NOON)
    with closing(open_executor_store(settings.database_url(Mode.SIM), Mode.SIM)) as store:
        store.alerts.open(alert)
    folder = settings.data_folder(Mode.SIM) / "bars"
    panel = Catalogue(settings.catalogue).panel("minutes", None, DAY_2, DAY_2)
    for k in range(len(panel)):
        FileRowLog(folder).append(a_row(panel, k))

    report = compared(settings)

    (item,) = report.items
    assert (report.bars_equal, report.bars_apart) == (BARS, 0)
    assert [reason.text for reason in item.reasons] == [text]


@pytest.mark.parametrize("day", [DAY_1, DAY_3])
def test_day_when_the_dataset_lacks_its_bars_is_refused(settings: Settings, day: date) -> None:
    record(settings, two_days(stop_loss=None))

    with pytest.raises(MissingDataError):
        compared(settings, day)


def test_day_when_nothing_is_recorded_of_it_is_refused(settings: Settings) -> None:
    record(settings, opening())

    with pytest.raises(MissingDataError, match="Nothing is recorded"):
        compared(settings)
