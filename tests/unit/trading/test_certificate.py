"""A day is begun only if nothing that it needs is missing, and what is missing is named."""

from __future__ import annotations

import asyncio
import shutil
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from msgspec.structs import replace

from maemae.domain.instant import SECOND
from maemae.domain.terms import Mode, TradingState
from maemae.krx.session import Phase
from maemae.trading.certificate import Certificate, Check, Facts, certify
from maemae.trading.daily import Drift
from maemae.trading.plan import ExecutorPlan
from tests.builders import ACCOUNT, a_config
from tests.timed_outside import MONDAY, Place, at
from tests.virtual_time import run

GOOD = Facts(
    MONDAY,
    Phase.CONTINUOUS,
    is_due=True,
    rules_told=2,
    print_age=SECOND,
    is_compared=True,
    quarantined=(),
    unended=(),
    drifts=(),
)


def look(place: Place, facts: Facts, mode: Mode = Mode.SIM) -> Certificate:
    plan = ExecutorPlan("here", a_config(mode=mode), (ACCOUNT,))
    return run(certify(plan, place.outside, Path.cwd(), facts))


def failed(certificate: Certificate) -> list[Check]:
    assert (certificate.ceiling is TradingState.ACTIVE) == (not certificate.failures)
    return [finding.check for finding in certificate.failures]


def test_certificate_when_nothing_is_missing_looks_at_everything_and_passes() -> None:
    found = look(Place(at(MONDAY, 10)), GOOD)
    assert failed(found) == []
    assert [finding.check for finding in found.findings] == [
        Check.CALENDAR,
        Check.BROKER,
        Check.MODE,
        Check.CLOCK,
        Check.DATA,
        Check.DISK,
        Check.RECONCILIATION,
        Check.DAY_END,
        Check.LIMITS,
    ]


def test_certificate_when_one_instrument_is_quarantined_holds_that_one_alone() -> None:
    found = look(Place(at(MONDAY, 10)), replace(GOOD, quarantined=("005930",)))

    assert failed(found) == []
    assert any("005930" in finding.text.ko for finding in found.findings)


@pytest.mark.parametrize(
    ("facts", "check"),
    [
        (replace(GOOD, day=date(2026, 11, 22)), Check.CALENDAR),
        (replace(GOOD, day=date(2031, 1, 2)), Check.CALENDAR),
        (replace(GOOD, rules_told=0), Check.DATA),
        (replace(GOOD, print_age=61 * SECOND), Check.DATA),
        (replace(GOOD, is_compared=False), Check.RECONCILIATION),
        (replace(GOOD, quarantined=("005930", "000660", "035420")), Check.RECONCILIATION),
        (replace(GOOD, unended=(date(2026, 11, 20),)), Check.DAY_END),
        (replace(GOOD, drifts=(Drift("A-1 manual", "orders_today", 0, 8),)), Check.LIMITS),
    ],
)
def test_certificate_when_a_fact_is_wrong_fails_by_that_alone(facts: Facts, check: Check) -> None:
    assert failed(look(Place(at(MONDAY, 10)), facts)) == [check]


@pytest.mark.parametrize(
    "facts",
    [
        replace(GOOD, rules_told=0, is_due=False),  # the evening before: they come in the morning
        replace(GOOD, print_age=3_600 * SECOND, phase=Phase.CLOSED),
    ],
)
def test_certificate_when_data_cannot_be_there_yet_passes(facts: Facts) -> None:
    assert failed(look(Place(at(MONDAY, 10)), facts)) == []


def test_certificate_when_the_broker_is_silent_says_nothing_of_mode_and_clock() -> None:
    place = Place(at(MONDAY, 10))
    place.broker.is_silent = True
    found = look(place, GOOD)
    assert failed(found) == [Check.BROKER]
    assert {Check.MODE, Check.CLOCK}.isdisjoint(finding.check for finding in found.findings)


def test_certificate_when_the_broker_hangs_gives_up_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = Place(at(MONDAY, 10))
    monkeypatch.setattr(place.broker, "server_time", lambda: asyncio.sleep(1e9))
    assert failed(look(place, GOOD)) == [Check.BROKER]


def test_certificate_when_the_modes_differ_fails() -> None:
    assert failed(look(Place(at(MONDAY, 10)), GOOD, Mode.REAL)) == [Check.MODE]


@pytest.mark.parametrize(("skew", "wrong"), [(900_000_000, []), (2 * SECOND, [Check.CLOCK])])
@pytest.mark.parametrize("speed", [1, 60])
def test_certificate_when_the_clocks_differ_fails_above_a_second(
    skew: int, wrong: list[Check], speed: int
) -> None:
    place = Place(at(MONDAY, 10), speed)
    place.broker.skew = skew * speed
    assert failed(look(place, GOOD)) == wrong


def test_certificate_when_the_disk_is_nearly_full_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def usage(_: Path) -> SimpleNamespace:
        return SimpleNamespace(free=999_999_999)

    monkeypatch.setattr(shutil, "disk_usage", usage)
    assert failed(look(Place(at(MONDAY, 10)), GOOD)) == [Check.DISK]
