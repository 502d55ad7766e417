"""A small market of a year for the tests of sweeps."""

from __future__ import annotations

from datetime import date

import pytest

from maemae.catalogue.catalogue import Catalogue
from maemae.catalogue.synthetic import synthetic_market
from maemae.domain.ids import Symbol
from maemae.domain.terms import PriceBasis
from maemae.research.backtest import BacktestPlan
from maemae.research.sweep.field import Field
from tests.bar_frames import a_spec

SYMBOLS = [Symbol(f"Z{number:04d}0") for number in range(1, 9)]


@pytest.fixture(scope="session")
def field(tmp_path_factory: pytest.TempPathFactory) -> Field:
    first, last = date(2022, 1, 3), date(2022, 12, 29)
    market = synthetic_market(5, first=first, last=last, symbols=SYMBOLS)
    catalogue = Catalogue(tmp_path_factory.mktemp("home"))
    catalogue.import_frame(market.bars, a_spec(PriceBasis.RAW), "here", market.master)
    plan = BacktestPlan(instruments=catalogue.instruments("sample"))
    return Field("golden_cross", {"fast": 10, "slow": 30}, catalogue.panel("sample"), plan)
