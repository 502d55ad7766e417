"""What makes an alert untrue, and what of the core's facts does."""

from __future__ import annotations

from maemae.core.actions import (
    KillChanged,
    ProtectionSighted,
    QuarantineLifted,
    SleeveStateChanged,
)
from maemae.core.events import KillLevel
from maemae.trading.endings import CERTIFICATES, Ending, ended_by, ending_of
from tests.builders import ACCOUNT, NOON, SAMSUNG, SLEEVE


def test_alert_of_a_server_stands_until_it_was_seen() -> None:
    assert ending_of("UNUSUAL_SIZE") is Ending.SEEN


def test_alert_of_a_certificate_ends_with_a_clean_one() -> None:
    assert ending_of(f"{CERTIFICATES}CLOCK") is Ending.CERTIFIED


def test_fact_of_the_core_ends_what_it_undoes_and_nothing_else() -> None:
    facts = (
        ProtectionSighted(SAMSUNG, NOON),
        KillChanged(KillLevel.OFF, "over"),
        SleeveStateChanged(ACCOUNT, SLEEVE, halted=False, reason="over"),
        QuarantineLifted(ACCOUNT, SAMSUNG, "over"),
        KillChanged(KillLevel.STOP_NEW, "again"),
        SleeveStateChanged(ACCOUNT, SLEEVE, halted=True, reason="again"),
    )

    assert [ended_by(fact) for fact in facts] == [
        (Ending.SIGHTED, SAMSUNG),
        (Ending.KILL_RELEASED, None),
        (Ending.RESUMED, f"{ACCOUNT}:{SLEEVE}"),
        (Ending.LIFTED, f"{ACCOUNT}:{SAMSUNG}"),
        None,
        None,
    ]
