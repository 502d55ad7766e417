"""The brokers that every card is played with; the next one joins the list of kinds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from maemae.emulators.market_source import CatalogueSource
from tests.brokers.sim_rig import SimRig, make_market

MakeRig = Callable[..., SimRig]


@pytest.fixture(scope="session")
def market(tmp_path_factory: pytest.TempPathFactory) -> CatalogueSource:
    return make_market(tmp_path_factory.mktemp("market"))


@pytest.fixture(params=["sim"])
def make_rig(tmp_path: Path, market: CatalogueSource) -> Iterator[MakeRig]:
    started: list[SimRig] = []

    def make(**settings: object) -> SimRig:
        rig = SimRig(tmp_path, market, **settings)
        started.append(rig)
        rig.start()
        return rig

    yield make
    for rig in started:
        rig.stop()


@pytest.fixture
def rig(make_rig: MakeRig) -> SimRig:
    return make_rig()
