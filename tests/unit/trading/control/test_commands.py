"""Every command that the core decides about becomes exactly one event."""

from __future__ import annotations

from typing import get_args

import pytest

from maemae.core.events import (
    Event,
    KillLevel,
    KillSet,
    LimitsSet,
    SleeveResumed,
    SymbolReleased,
    TradingStateSet,
    WishWithdrawn,
)
from maemae.core.limits import Limits
from maemae.domain.errors import InvalidValueError
from maemae.domain.execution import ExecutionReport
from maemae.domain.ids import MANUAL_SLEEVE, ClOrdId, ExecId, IntentId, OrderId
from maemae.domain.intent import (
    CancelIntent,
    Cash,
    Everything,
    OrderIntent,
    ReplaceIntent,
    Shares,
)
from maemae.domain.order_status import ExecType
from maemae.domain.terms import Cause, Purpose, Side, TradingState
from maemae.trading.control.commands import (
    Ask,
    Cancel,
    CoreCommand,
    Kill,
    PlaceOrder,
    ReleaseKill,
    ReleaseSymbol,
    Replace,
    ResumeSleeve,
    SetLimits,
    Settle,
    SetTradingState,
    Withdraw,
)
from maemae.trading.control.core_events import to_event
from tests.builders import ACCOUNT, SAMSUNG, SLEEVE


def test_buy_becomes_a_wish_of_the_manual_sleeve() -> None:
    command = PlaceOrder(
        "k1", "kim", ACCOUNT, SAMSUNG, Side.BUY, Shares(3), price=1_000, stop_loss=30_000
    )

    assert to_event(command, 7) == OrderIntent(
        IntentId("MANUAL:k1"),
        ACCOUNT,
        MANUAL_SLEEVE,
        SAMSUNG,
        Side.BUY,
        Shares(3),
        7,
        price=1_000,
        stop_loss=30_000,
        purpose=Purpose.NEW,
        cause=Cause.PERSON,
    )


def test_sale_becomes_a_wish_that_reduces() -> None:
    event = to_event(PlaceOrder("k", "kim", ACCOUNT, SAMSUNG, Side.SELL, Everything()), 7)

    assert isinstance(event, OrderIntent)
    assert (event.purpose, event.price) == (Purpose.REDUCE, None)


@pytest.mark.parametrize(
    ("command", "event"),
    [
        (Cancel("k", "kim", ClOrdId(5)), CancelIntent(ClOrdId(5), 7)),
        (Withdraw("k", "kim", IntentId("S:1")), WishWithdrawn(IntentId("S:1"), 7)),
        (Replace("k", "kim", ClOrdId(5), 900, 3), ReplaceIntent(ClOrdId(5), 900, 3, 7)),
        (
            Kill("k", "kim", KillLevel.LIQUIDATE, "war"),
            KillSet(KillLevel.LIQUIDATE, "kim: war", 7),
        ),
        (ReleaseKill("k", "kim", "over"), KillSet(KillLevel.OFF, "kim: over", 7)),
        (
            Settle("k", "kim", ClOrdId(5), "seen in HTS", OrderId("0000000042")),
            ExecutionReport(
                ClOrdId(5),
                ExecId("5:PERSON"),
                ExecType.NEW,
                7,
                order_id=OrderId("0000000042"),
                text="kim: seen in HTS",
            ),
        ),
        (
            Settle("k", "kim", ClOrdId(5), "not in HTS"),
            ExecutionReport(
                ClOrdId(5), ExecId("5:PERSON"), ExecType.REJECTED, 7, text="kim: not in HTS"
            ),
        ),
        (
            SetTradingState("k", "kim", TradingState.ACTIVE, "go"),
            TradingStateSet(TradingState.ACTIVE, "kim: go", 7),
        ),
        (
            ResumeSleeve("k", "kim", ACCOUNT, SLEEVE, "ok"),
            SleeveResumed(ACCOUNT, SLEEVE, "kim: ok", 7),
        ),
        (
            ReleaseSymbol("k", "kim", ACCOUNT, SAMSUNG, "ok"),
            SymbolReleased(ACCOUNT, SAMSUNG, "kim: ok", 7),
        ),
        (
            SetLimits("k", "kim", ACCOUNT, SLEEVE, Limits(max_positions=1)),
            LimitsSet(ACCOUNT, SLEEVE, Limits(max_positions=1), 7),
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_command_becomes_its_event(command: CoreCommand, event: Event) -> None:
    assert to_event(command, 7) == event


@pytest.mark.parametrize("reason", ["", "  "])
def test_command_without_its_reason_is_refused(reason: str) -> None:
    with pytest.raises(InvalidValueError, match="no reason"):
        ReleaseKill("k", "kim", reason)


@pytest.mark.parametrize(("key", "who"), [("", "kim"), ("k", " ")])
def test_command_without_key_or_person_is_refused(key: str, who: str) -> None:
    with pytest.raises(InvalidValueError, match="no key"):
        Cancel(key, who, ClOrdId(1))


def test_kill_to_off_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="use the release"):
        Kill("k", "kim", KillLevel.OFF, "x")


@pytest.mark.parametrize(
    ("size", "price", "stop_loss"),
    [(Shares(0), None, None), (Cash(-1), None, None), (Shares(1), 0, None), (Shares(1), 1, 0)],
)
def test_order_with_a_figure_below_1_is_refused(
    size: Shares | Cash, price: int | None, stop_loss: int | None
) -> None:
    with pytest.raises(InvalidValueError, match="at least 1"):
        PlaceOrder("k", "kim", ACCOUNT, SAMSUNG, Side.BUY, size, price=price, stop_loss=stop_loss)


def test_buy_of_everything_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="only be sold"):
        PlaceOrder("k", "kim", ACCOUNT, SAMSUNG, Side.BUY, Everything())


def test_every_ask_has_a_tag_of_its_own() -> None:
    tags = [kind.__struct_config__.tag for kind in get_args(Ask)]

    assert len(set(tags)) == len(tags) == 28
