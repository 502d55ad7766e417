"""A signal presses, and whether it could be written is not lost."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from maemae.clocks import SystemWallClock
from maemae.core.events import KillLevel
from maemae.trading.emergency.kill_signals import KillSignals
from maemae.trading.emergency.kill_switch import KillSwitch
from tests.timed_outside import MONDAY, Place, at
from tests.virtual_time import run


def pressed(home: Path, number: signal.Signals) -> tuple[Place, KillSwitch]:
    place = Place(at(MONDAY, 10))
    switch = KillSwitch(home, SystemWallClock())
    run(KillSignals(switch, place.outside).press(number))
    return place, switch


@pytest.mark.parametrize(
    ("number", "level"),
    [(signal.SIGUSR1, KillLevel.STOP_NEW), (signal.SIGUSR2, KillLevel.CANCEL_ALL)],
)
def test_signal_presses_what_it_means(
    tmp_path: Path, number: signal.Signals, level: KillLevel
) -> None:
    place, switch = pressed(tmp_path, number)

    assert switch.file.level() is level
    assert place.alerts == []


def test_signal_when_the_folder_cannot_be_written_holds_and_tells(tmp_path: Path) -> None:
    place, switch = pressed(tmp_path / "gone", signal.SIGUSR2)

    assert switch.file.level() is KillLevel.CANCEL_ALL
    (alert,) = place.told("KILL_NOT_WRITTEN")
    assert alert.is_critical
