"""Pressed is pressed, through restarts and losses, until a person releases it with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from maemae.clocks import SystemWallClock
from maemae.core.events import KillLevel, KillSet
from maemae.core.machine import TradingCore
from maemae.domain.errors import InvalidValueError, StorageError
from maemae.domain.ids import AccountId, ClOrdId, OrderId, Symbol
from maemae.trading.emergency.kill_switch import KillSwitch
from maemae.trading.emergency.log import CancelSent, EpochTaken
from tests.builders import a_core


def a_switch(home: Path) -> KillSwitch:
    return KillSwitch(home, SystemWallClock())


def restarted(home: Path, core: TradingCore) -> TradingCore:
    """Let an executor that starts on a folder absorb what the emergency left."""
    switch = a_switch(home)
    absorption = switch.absorb(at=core.now)
    for event in absorption.events:
        core.handle(event)
    switch.absorbed(absorption)
    return core


def test_press_without_an_executor_is_absorbed_by_the_next_one(tmp_path: Path) -> None:
    a_switch(tmp_path).press(KillLevel.LIQUIDATE, "kim", "crash")

    core = restarted(tmp_path, a_core())

    assert core.state.kill is KillLevel.LIQUIDATE


def test_press_stays_through_20_restarts_and_an_old_backup(tmp_path: Path) -> None:
    a_switch(tmp_path).press(KillLevel.CANCEL_ALL, "kim", "crash")

    for _ in range(20):
        core = restarted(tmp_path, a_core())  # from a store that never heard of it
        assert core.state.kill is KillLevel.CANCEL_ALL


def test_press_when_its_file_is_deleted_by_hand_is_still_absorbed(tmp_path: Path) -> None:
    a_switch(tmp_path).press(KillLevel.CANCEL_ALL, "kim", "crash")
    (tmp_path / "KILL").unlink()

    assert restarted(tmp_path, a_core()).state.kill is KillLevel.CANCEL_ALL


def test_press_when_the_log_cannot_be_written_stands_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "emergency.log").mkdir()
    switch = a_switch(tmp_path)

    switch.press(KillLevel.LIQUIDATE, "kim", "crash")

    assert switch.file.level() is KillLevel.LIQUIDATE


def test_release_without_a_reason_is_refused(tmp_path: Path) -> None:
    switch = a_switch(tmp_path)
    switch.press(KillLevel.CANCEL_ALL, "kim", "crash")

    with pytest.raises(InvalidValueError, match="a reason"):
        switch.release("kim", " ", switch.file.text())

    assert switch.file.level() is KillLevel.CANCEL_ALL


def test_release_that_cannot_be_recorded_does_not_release(tmp_path: Path) -> None:
    switch = a_switch(tmp_path)
    switch.press(KillLevel.CANCEL_ALL, "kim", "crash")
    switch.log.path.unlink()
    switch.log.path.mkdir()

    with pytest.raises(StorageError):
        switch.release("kim", "over", switch.file.text())

    assert switch.file.level() is KillLevel.CANCEL_ALL


def test_release_leaves_nothing_for_the_next_executor(tmp_path: Path) -> None:
    switch = a_switch(tmp_path)
    switch.press(KillLevel.CANCEL_ALL, "kim", "crash")
    switch.release("kim", "over", switch.file.text())

    assert switch.absorb(at=1).events == ()


def test_absorption_never_releases(tmp_path: Path) -> None:
    switch = a_switch(tmp_path)
    switch.press(KillLevel.CANCEL_ALL, "kim", "crash")
    switch.release("kim", "over", switch.file.text())
    core = a_core()
    core.handle(KillSet(KillLevel.LIQUIDATE, "pressed later, in the core alone", core.now))

    assert restarted(tmp_path, core).state.kill is KillLevel.LIQUIDATE


def test_press_after_a_release_counts(tmp_path: Path) -> None:
    switch = a_switch(tmp_path)
    switch.press(KillLevel.LIQUIDATE, "kim", "crash")
    switch.release("kim", "over", switch.file.text())
    switch.press(KillLevel.STOP_NEW, "kim", "again")

    assert restarted(tmp_path, a_core()).state.kill is KillLevel.STOP_NEW


def test_absorption_tells_epoch_and_requests_once(tmp_path: Path) -> None:
    switch = a_switch(tmp_path)
    sent = CancelSent(ClOrdId(9), AccountId("A"), OrderId("1"), Symbol("005930"))
    switch.log.append(EpochTaken(7, "watchdog"), 1)
    switch.log.append(sent, 2)

    first = switch.absorb(at=1)
    switch.absorbed(first)
    second = switch.absorb(at=1)

    assert (first.epoch, first.requests) == (7, (sent,))
    assert (second.epoch, second.requests, second.events) == (7, (), ())


def test_absorption_when_not_noted_tells_the_same_again(tmp_path: Path) -> None:
    switch = a_switch(tmp_path)
    switch.press(KillLevel.CANCEL_ALL, "kim", "crash")

    assert switch.absorb(at=1) == switch.absorb(at=1)


def test_absorption_when_written_to_meanwhile_misses_nothing(tmp_path: Path) -> None:
    switch = a_switch(tmp_path)
    switch.log.append(EpochTaken(1, "w"), 1)
    absorption = switch.absorb(at=1)
    switch.press(KillLevel.LIQUIDATE, "kim", "crash")
    (tmp_path / "KILL").unlink()

    switch.absorbed(absorption)

    assert [event.level for event in switch.absorb(at=1).events] == [KillLevel.LIQUIDATE]


def test_absorption_of_a_damaged_log_stops_trading_and_misses_nothing_later(
    tmp_path: Path,
) -> None:
    switch = a_switch(tmp_path)
    for epoch in range(1, 9):
        switch.log.append(EpochTaken(epoch, "w"), 1)
    content = switch.log.path.read_bytes()
    switch.log.path.write_bytes(content.replace(b'"epoch":7', b'"epoch":9'))

    absorption = switch.absorb(at=1)
    assert [event.level for event in absorption.events] == [KillLevel.CANCEL_ALL]
    switch.absorbed(absorption)
    switch.press(KillLevel.LIQUIDATE, "kim", "crash")
    (tmp_path / "KILL").unlink()

    assert switch.absorb(at=1).events[-1].level is KillLevel.LIQUIDATE
