"""A day that real processes traded replays to the byte; its backtest decides alike or says why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from maemae.analytics.parity import ParityReport
from maemae.analytics.parity_reasons import Why
from maemae.app.parity import compare_day
from maemae.app.parity_request import ParityRequest
from maemae.app.replays import replay_day
from maemae.catalogue.catalogue import Catalogue
from maemae.catalogue.import_spec import ImportSpec
from maemae.catalogue.interval import Interval
from maemae.catalogue.synthetic import synthetic_market
from maemae.cli.parity_view import parity_view
from maemae.cli.screen import Screen
from maemae.domain.ids import Symbol
from maemae.domain.terms import Cause, Mode, PriceBasis
from maemae.domain.text import Language
from tests.recorded_day import ACCOUNT, TradedSession
from tests.shared_data import shared

SPEED = 800
CASH = 200_000_000
TIGHT = '''
from maemae import Strategy, ta

class Tight(Strategy):
    """Buys what turns up, and leaves it soon by a stop or a target."""

    def setup(self):
        fast, slow = self.indicator(ta.sma, 3), self.indicator(ta.sma, 12)
        self.when(fast.crosses_above(slow), self.enter)

    def enter(self, symbol):
        if self.position(symbol).qty == 0:
            self.buy(symbol, weight=0.08, stop_loss=0.004, take_profit=0.006)
'''


@pytest.fixture
def home() -> Iterator[Path]:
    """Yield a home whose path is short enough for a socket."""
    with TemporaryDirectory(prefix="mm") as folder:
        yield Path(folder)


def traded(session: TradedSession) -> ParityReport:
    """Trade a session, replay it, and return it beside its backtest."""
    session.trade()
    verdict = replay_day(session.settings, Mode.SIM, None, session.day)
    assert verdict.holds, verdict.findings
    assert (verdict.unverified, verdict.gaps) == (0, ())
    request = ParityRequest(
        mode=Mode.SIM,
        day=session.day,
        account_id=ACCOUNT,
        strategies=session.request(),
        dataset=session.dataset,
    )
    report = compare_day(session.settings, request)
    parity_view(Screen(Language.EN), report)
    return report


def assert_explained(report: ParityReport) -> None:
    """
    Assert that both sides decide alike, and that each difference has a reason with figures.

    A machine that others keep busy makes wishes late, which are dropped, and what follows from
    that; each such item says so. A quarter decided alike is what such a machine still leaves.
    """
    assert report.unexplained == ()
    for item in report.items:
        assert item.is_equal or item.reasons
    alike = [item for item in report.items if item.is_decided_alike]
    assert len(alike) * 4 > len(report.items)
    assert report.bars_equal > 20 * report.bars_apart
    for item in alike:
        assert item.live is not None
        assert item.backtest is not None
        assert item.live.side is item.backtest.side
        assert item.live.symbol == item.backtest.symbol
    by_signal = [item for item in report.items if item.order.cause is Cause.SIGNAL]
    for item in by_signal:
        if not item.is_decided_alike:
            assert {reason.why for reason in item.reasons} & _MAY_DECIDE_APART


_MAY_DECIDE_APART = {
    Why.HELD,
    Why.UNDER_WAY,
    Why.LATE,
    Why.REFUSED_LIVE,
    Why.REFUSED_BACKTEST,
    Why.BARS,
}


def test_real_day_replays_and_its_backtest_decides_alike(home: Path) -> None:
    path = shared("bars5m_greatbps_yahoo_2025_2026.parquet")
    spec = ImportSpec(dataset="real", basis=PriceBasis.RAW, interval=Interval(5))
    Catalogue(home / "catalogue").import_file(path, spec)
    values = {"fast": "2", "slow": "10"}
    day = date(2025, 10, 17)

    report = traded(TradedSession(home, "real", day, "golden_cross", values, CASH, SPEED))

    assert len(report.items) > 60
    assert_explained(report)


def test_synthetic_day_with_stops_replays_and_its_backtest_decides_alike(home: Path) -> None:
    days = (date(2026, 10, 30), date(2026, 11, 2))
    symbols = [Symbol(f"Z{number:04d}0") for number in range(1, 11)]
    market = synthetic_market(7, first=days[0], last=days[1], interval=Interval(1), symbols=symbols)
    spec = ImportSpec(dataset="minutes", basis=PriceBasis.RAW, interval=Interval(1))
    Catalogue(home / "catalogue").import_frame(market.bars, spec, "synthetic", market.master)
    (home / "own.py").write_text(TIGHT, "utf-8")
    strategy = f"{home}/own.py:Tight"

    report = traded(TradedSession(home, "minutes", days[1], strategy, {}, CASH, SPEED))

    assert len(report.items) > 60
    assert_explained(report)
    exits = [item for item in report.items if item.order.cause in {Cause.STOP, Cause.TAKE}]
    assert sum(item.is_decided_alike for item in exits) > 10
