"""What people are told of what the core did."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from maemae.core.actions import (
    Action,
    AlarmCode,
    AlarmRaised,
    ExitRefused,
    IntentReleased,
    KillChanged,
    OrderReported,
    SleeveStateChanged,
    SymbolQuarantined,
)
from maemae.core.events import KillLevel
from maemae.core.state import CoreState
from maemae.domain.ids import ClOrdId, IntentId
from maemae.domain.order_status import ExecType
from maemae.domain.refusal import Reason
from maemae.domain.terms import Purpose, Side
from maemae.trading.alarms import alert_of
from tests.builders import ACCOUNT, NOON, SAMSUNG, SLEEVE, a_report, an_order

REJECTED = OrderReported(a_report(ExecType.REJECTED), NOON)
EXIT = replace(an_order(side=Side.SELL), purpose=Purpose.REDUCE)


@pytest.mark.parametrize("code", list(AlarmCode))
def test_alarm_says_what_it_is_about_in_both_languages(code: AlarmCode) -> None:
    alert = alert_of(AlarmRaised(code, "D-1", NOON, symbol=SAMSUNG), CoreState(), 5)

    assert alert is not None
    assert (alert.code, alert.subject, alert.at) == (code, SAMSUNG, 5)
    for sentence in (alert.text.ko, alert.text.en):
        assert SAMSUNG in sentence
        assert "D-1" in sentence
        assert "{" not in sentence


@pytest.mark.parametrize("code", list(AlarmCode))
def test_alarm_when_it_may_cost_money_wakes_a_person(code: AlarmCode) -> None:
    alert = alert_of(AlarmRaised(code, "", NOON, ClOrdId(1)), CoreState(), 5)

    assert alert is not None
    assert alert.is_critical == (code not in {AlarmCode.FILL_REVISED, AlarmCode.UNKNOWN_ORDER})


@pytest.mark.parametrize(
    ("alarm", "subject"),
    [
        (AlarmRaised(AlarmCode.OVERFILL, "", NOON, ClOrdId(1), SAMSUNG, ACCOUNT), "1"),
        (AlarmRaised(AlarmCode.MISMATCH, "", NOON, account_id=ACCOUNT), ACCOUNT),
        (AlarmRaised(AlarmCode.MISMATCH, "", NOON), "MISMATCH"),
    ],
)
def test_alarm_is_about_the_narrowest_thing_it_names(alarm: AlarmRaised, subject: str) -> None:
    alert = alert_of(alarm, CoreState(), 5)

    assert alert is not None
    assert alert.subject == subject


TOLD: dict[str, Action] = {
    "EXIT_REJECTED": REJECTED,
    "EXIT_REFUSED": ExitRefused(ACCOUNT, SLEEVE, SAMSUNG, (Reason.NO_PRICE, Reason.SELF_TRADE)),
    "SLEEVE_HALTED": SleeveStateChanged(ACCOUNT, SLEEVE, halted=True, reason="OVERFILL"),
    "QUARANTINED": SymbolQuarantined(ACCOUNT, SAMSUNG, -3, NOON),
    "KILL_SWITCH": KillChanged(KillLevel.STOP_NEW, "시험"),
}


@pytest.mark.parametrize("code", TOLD)
def test_person_is_told_what_endangers_a_position(code: str) -> None:
    alert = alert_of(TOLD[code], CoreState(orders={ClOrdId(1): EXIT}), 5)

    assert alert is not None
    assert alert.code == code
    assert alert.is_critical
    assert alert.text.ko != alert.text.en


@pytest.mark.parametrize(
    "action",
    [
        IntentReleased(IntentId("wish")),
        SleeveStateChanged(ACCOUNT, SLEEVE, halted=False, reason="시험"),
        KillChanged(KillLevel.OFF, "시험"),
        OrderReported(a_report(), NOON),
        OrderReported(a_report(ExecType.REJECTED, cl_ord_id=9), NOON),
    ],
)
def test_person_is_not_told_what_is_in_order(action: Action) -> None:
    assert alert_of(action, CoreState(orders={ClOrdId(1): EXIT}), 5) is None


def test_person_is_not_woken_when_a_new_order_is_rejected() -> None:
    assert alert_of(REJECTED, CoreState(orders={ClOrdId(1): an_order()}), 5) is None
