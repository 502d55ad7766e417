"""What each state of an instrument permits."""

from __future__ import annotations

import pytest

from maemae.domain.terms import Side
from maemae.krx.status import InstrumentState, Permission, permission

S, P = InstrumentState, Permission


@pytest.mark.parametrize("state", list(InstrumentState))
@pytest.mark.parametrize("side", list(Side))
def test_permission_is_total(state: InstrumentState, side: Side) -> None:
    assert isinstance(permission(state, side), Permission)


@pytest.mark.parametrize(
    ("state", "buy", "sell"),
    [
        (S.NORMAL, P.ALLOW, P.ALLOW),
        (S.HALTED, P.BLOCK, P.BLOCK),
        (S.DELISTING, P.BLOCK, P.MANUAL_ONLY),
        (S.CAUTION, P.WARN, P.ALLOW),
        (S.VI, P.WAIT, P.WAIT),
        (S.QUARANTINED, P.BLOCK, P.WAIT),
        (S.LIMIT_LOCKED, P.WARN, P.WARN),
        (S.UNKNOWN, P.BLOCK, P.BLOCK),
    ],
)
def test_permission_of_a_state(state: InstrumentState, buy: Permission, sell: Permission) -> None:
    assert (permission(state, Side.BUY), permission(state, Side.SELL)) == (buy, sell)


TRAPS = [
    S.ADMINISTRATIVE, S.RISK, S.WARNING, S.OVERHEATED, S.ILLIQUID, S.ETF_CAUTION, S.LISTING_DAY,
    S.BASE_BY_FIRST_PRICE, S.EX_RIGHTS,
]  # fmt: skip


@pytest.mark.parametrize("state", TRAPS)
def test_permission_when_the_state_may_trap_lets_out_but_not_in(state: InstrumentState) -> None:
    assert permission(state, Side.BUY) is P.BLOCK
    assert permission(state, Side.SELL) is P.ALLOW
