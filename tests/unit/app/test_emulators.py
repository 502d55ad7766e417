from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace

from maemae.app.datasets import open_catalogue
from maemae.app.emulators import SimRequest, faults_from_texts, sim_config, sim_market
from maemae.app.sim_place import PORT, SimPlace, find_place, show_place
from maemae.brokers.sim.messages import Faults, LostReply
from maemae.domain.errors import InvalidValueError, MissingDataError
from maemae.domain.ids import AccountId
from maemae.emulators.market_source import load_market
from maemae.settings import Settings

REQUEST = SimRequest(account_id=AccountId("SIM"), cash=1_000)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, hurry=10)


def test_market_unless_told_has_two_sessions_to_warm_up_with(settings: Settings) -> None:
    market = sim_market(settings, REQUEST)

    manifest = open_catalogue(settings).describe(market.dataset)
    assert (str(manifest.first), str(manifest.last)) == ("2026-10-29", "2026-11-06")
    assert (market.first, market.last) == (date(2026, 10, 30), date(2026, 11, 6))
    data = load_market(sim_config(settings, REQUEST, market).market)
    assert str(data.panel.dates[0]) == "2026-10-30"


def test_market_of_other_days_is_another_dataset(settings: Settings) -> None:
    usual = sim_market(settings, REQUEST)
    other = sim_market(settings, replace(REQUEST, days=1, first=date(2026, 11, 7)))

    assert usual.dataset != other.dataset
    assert (other.first, other.last) == (date(2026, 11, 6), date(2026, 11, 9))  # over a weekend


def test_market_of_a_dataset_that_is_not_there_is_refused(settings: Settings) -> None:
    with pytest.raises(MissingDataError):
        sim_market(settings, replace(REQUEST, dataset="nowhere"))


def test_config_in_a_hurry_scales_every_constant_of_the_wall(settings: Settings) -> None:
    market = sim_market(settings, REQUEST)
    config = sim_config(settings, REQUEST, market)
    usual = sim_config(Settings(home=settings.home), REQUEST, market)

    assert config.quiet_period * 10 == usual.quiet_period
    assert config.orders_per_sec == usual.orders_per_sec * 10
    assert config.queries_per_sec == usual.queries_per_sec * 10


@pytest.mark.parametrize(
    ("texts", "faults"),
    [
        ({}, Faults()),
        ({"lose_next": "2", "lost_reply": "CUT"}, Faults(lose_next=2, lost_reply=LostReply.CUT)),
        ({"slow_by": "2s", "tail": "500ms"}, Faults(slow_by=2_000_000_000, tail=500_000_000)),
        ({"silent": "true", "frozen": "false"}, Faults(silent=True)),
        ({"clock_offset": "-3s"}, Faults(clock_offset=-3_000_000_000)),
    ],
)
def test_faults_are_what_was_typed(texts: dict[str, str], faults: Faults) -> None:
    assert faults_from_texts(texts, Faults) == faults


@pytest.mark.parametrize(
    "texts", [{"lose": "1"}, {"lose_next": "x"}, {"slow_by": "2min"}, {"silent": "perhaps"}]
)
def test_faults_when_misspelt_are_refused(texts: dict[str, str]) -> None:
    with pytest.raises(InvalidValueError):
        faults_from_texts(texts, Faults)


def test_place_is_found_where_it_was_shown(settings: Settings) -> None:
    assert find_place(settings) == SimPlace(PORT)

    show_place(settings, SimPlace(8_000, "sim-7"))

    assert find_place(settings) == SimPlace(8_000, "sim-7")


def test_place_when_its_file_is_damaged_is_the_usual_one(settings: Settings) -> None:
    show_place(settings, SimPlace(8_000))
    (settings.home / "sim" / "broker.port").write_text("{", encoding="utf-8")

    assert find_place(settings) == SimPlace(PORT)
