"""Which order is taken in which phase, as the whole table."""

from __future__ import annotations

import pytest

from maemae.domain.terms import OrdType, TimeInForce
from maemae.krx.order_types import accepts
from maemae.krx.session import Phase

P = Phase
ORDERS = [(ord_type, life) for ord_type in OrdType for life in TimeInForce]

TAKEN = {
    P.CLOSED: "",
    P.PRE_MARKET: "LIMIT DAY, LIMIT IOC, LIMIT FOK",
    P.PRE_OPEN_AUCTION: "MARKET DAY, LIMIT DAY",
    P.CONTINUOUS: "MARKET DAY, MARKET IOC, MARKET FOK, LIMIT DAY, LIMIT IOC, LIMIT FOK",
    P.CLOSING_AUCTION: "MARKET DAY, LIMIT DAY",
    P.PAUSE: "",
    P.AFTER_HOURS_CLOSE: "",
    P.AFTER_HOURS_SINGLE: "LIMIT DAY",
    P.AFTER_MARKET: "LIMIT DAY, LIMIT IOC, LIMIT FOK",
    P.INTRADAY_AUCTION: "MARKET DAY, LIMIT DAY",
    P.HALTED: "",
}


@pytest.mark.parametrize("phase", list(Phase))
def test_orders_taken_in_a_phase(phase: Phase) -> None:
    taken = [f"{kind} {life}" for kind, life in ORDERS if accepts(phase, kind, life)]

    assert ", ".join(taken) == TAKEN[phase]
