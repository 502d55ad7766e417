"""The brokers that every card is played with; the next one joins the list of kinds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from maemae.emulators.market_source import CatalogueSource
from tests.brokers.kiwoom_rig import KiwoomRig
from tests.brokers.rig import Rig
from tests.brokers.sim_rig import SimRig, make_market

MakeRig = Callable[..., Rig]

KINDS: Final[dict[str, type[SimRig] | type[KiwoomRig]]] = {"sim": SimRig, "paper": KiwoomRig}
"""By the mode of the server, in lower case."""


@pytest.fixture(scope="session")
def market(tmp_path_factory: pytest.TempPathFactory) -> CatalogueSource:
    return make_market(tmp_path_factory.mktemp("market"))


@pytest.fixture(params=KINDS)
def make_rig(
    request: pytest.FixtureRequest, tmp_path: Path, market: CatalogueSource
) -> Iterator[MakeRig]:
    kind = KINDS[request.param]
    for card, reason in kind.cannot.items():
        if request.node.name.startswith(f"test_card_{card}"):
            pytest.skip(f"{kind.__name__}: {reason}")
    started: list[Rig] = []

    def make(**settings: object) -> Rig:
        rig = kind(tmp_path, market, **settings)
        started.append(rig)
        rig.start()
        return rig

    yield make
    for rig in started:
        rig.stop()


@pytest.fixture
def rig(make_rig: MakeRig) -> Rig:
    return make_rig()
