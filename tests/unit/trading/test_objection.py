"""What keeps a request from leaving at the last moment, and what never does."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest

from maemae.core.actions import SubmitOrder
from maemae.core.events import KillLevel
from maemae.core.state import CoreState
from maemae.domain.instant import SECOND
from maemae.domain.terms import Mode, TradingState
from maemae.ports import Lane, OutboxRow
from maemae.trading.objection import objection
from maemae.trading.outbox import Parcel
from maemae.trading.outside import Outside
from maemae.trading.turn import fingerprint
from tests.builders import ACCOUNT, NOON, an_order


class Noon:
    """The exchange's time stands."""

    speed = 1

    def now(self) -> int:
        return NOON

    async def sleep_until(self, instant: int) -> None:
        raise AssertionError(instant)


def why_not(
    lane: Lane, change: Mapping[str, object] = MappingProxyType({}), mode: Mode = Mode.REAL
) -> str:
    """Return why an order must not leave of an armed account that trades, but for what is said."""
    state = CoreState()
    state.trading_state = TradingState.ACTIVE
    state.armed[ACCOUNT] = NOON + SECOND
    facts = {"is_ours": True, "is_flagged": False, **change}
    for name in ("trading_state", "kill", "armed"):
        if name in facts:
            setattr(state, name, facts[name])
    nothing: Any = None
    outside = Outside(
        nothing,
        nothing,
        Noon(),
        nothing,
        lambda: bool(facts["is_ours"]),
        lambda: bool(facts["is_flagged"]),
        nothing,
        nothing,
        nothing,
    )
    order = an_order()
    number = order.cl_ord_id
    row = OutboxRow(number, number, lane, fingerprint(order), 1, NOON + SECOND, NOON)
    why = objection(Parcel(row, order, SubmitOrder(order)), state, mode, outside)
    return "" if why is None else why.en


CHANGES: list[tuple[dict[str, object], str]] = [
    ({"kill": KillLevel.STOP_NEW}, "kill switch"),
    ({"is_flagged": True}, "kill switch"),
    ({"trading_state": TradingState.REDUCING}, "not active"),
    ({"armed": {ACCOUNT: 0}}, "not armed"),
    ({"armed": {ACCOUNT: NOON}}, "not armed"),
    ({"armed": {}}, "not armed"),
]


def test_new_risk_when_nothing_is_against_it_leaves() -> None:
    assert why_not(Lane.NEW) == ""


@pytest.mark.parametrize(("change", "why"), CHANGES)
def test_new_risk_when_something_changed_while_it_waited_does_not_leave(
    change: dict[str, object], why: str
) -> None:
    assert why in why_not(Lane.NEW, change)


@pytest.mark.parametrize(("change", "_why"), CHANGES)
def test_exit_leaves_whatever_changed(change: dict[str, object], _why: str) -> None:
    assert why_not(Lane.REDUCE, change) == ""


def test_order_of_paper_money_needs_no_arming() -> None:
    assert why_not(Lane.NEW, {"armed": {}}, Mode.PAPER) == ""


@pytest.mark.parametrize("lane", Lane)
def test_nothing_leaves_without_the_lease(lane: Lane) -> None:
    assert "lease" in why_not(lane, {"is_ours": False})
