"""How a sleeve comes to be: opened empty, then given cash of EXTERNAL."""

from __future__ import annotations

from maemae.core.events import Event, SleeveOpened
from maemae.domain.cash_flow import CashFlow, CashFlowKind
from maemae.domain.ids import EXTERNAL_SLEEVE
from maemae.trading.plan import SleevePlan


def opening(seat: SleevePlan, now: int, *, is_open: bool = False) -> list[Event]:
    """
    Return what the core is told to open a sleeve, in order.

    Args:
        seat: The sleeve and its allotment.
        now: The exchange's time [ns, UTC].
        is_open: Whether it is there already, and only gets the cash.
    """
    events: list[Event] = []
    if not is_open:
        events.append(SleeveOpened(seat.account_id, seat.sleeve_id, 0, seat.limits, now))
    if seat.cash:
        events.append(
            CashFlow(
                seat.account_id,
                EXTERNAL_SLEEVE,
                CashFlowKind.TRANSFER,
                seat.cash,
                now,
                to_sleeve_id=seat.sleeve_id,
            )
        )
    return events
