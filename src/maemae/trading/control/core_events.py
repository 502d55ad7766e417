"""What the core is told when a command was taken in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from maemae.core.events import (
    ArmingSet,
    Event,
    KillLevel,
    KillSet,
    LimitsSet,
    SleeveResumed,
    SymbolReleased,
    TradingStateSet,
    WishWithdrawn,
)
from maemae.domain.execution import ExecutionReport
from maemae.domain.ids import ExecId, IntentId
from maemae.domain.intent import CancelIntent, OrderIntent, ReplaceIntent
from maemae.domain.order_status import ExecType
from maemae.domain.terms import Cause, Purpose, Side
from maemae.trading.control.commands import (
    Cancel,
    CoreCommand,
    Kill,
    PlaceOrder,
    ReleaseKill,
    ReleaseSymbol,
    Replace,
    ResumeSleeve,
    SetArming,
    SetLimits,
    Settle,
    SetTradingState,
    Withdraw,
)


def to_event(command: CoreCommand, at: int) -> Event:
    """
    Return what the core is told; the same command at the same time is the same event.

    Args:
        command: What is asked.
        at: When the executor took it in [ns, UTC, the exchange's time].
    """
    return _EVENTS[type(command)](command, at)


def order_intent(command: PlaceOrder, at: int) -> OrderIntent:
    """Return the wish that a person's order is."""
    return OrderIntent(
        IntentId(f"{command.sleeve_id}:{command.key}"),
        command.account_id,
        command.sleeve_id,
        command.symbol,
        command.side,
        command.size,
        at,
        price=command.price,
        stop_loss=command.stop_loss,
        take_profit=command.take_profit,
        purpose=Purpose.NEW if command.side is Side.BUY else Purpose.REDUCE,
        cause=Cause.PERSON,
    )


def over(command: Settle, at: int) -> ExecutionReport:
    """Return a person's word that an order of an earlier day is over, as `to_event` does others."""
    return _word(command, ExecType.EXPIRED, at)


def _settled(command: Settle, at: int) -> ExecutionReport:
    return _word(command, ExecType.REJECTED if command.order_id is None else ExecType.NEW, at)


def _word(command: Settle, exec_type: ExecType, at: int) -> ExecutionReport:
    return ExecutionReport(
        command.cl_ord_id,
        ExecId(f"{command.cl_ord_id}:PERSON"),
        exec_type,
        at,
        order_id=command.order_id,
        text=_told(command.who, command.reason),
    )


def _release(command: ReleaseKill, at: int) -> KillSet:
    return KillSet(KillLevel.OFF, _told(command.who, command.reason), at)


def _told(who: str, reason: str) -> str:
    return f"{who}: {reason}"


_EVENTS: Final[dict[type, Callable[[Any, int], Event]]] = {
    PlaceOrder: order_intent,
    Cancel: lambda asked, at: CancelIntent(asked.cl_ord_id, at),
    Withdraw: lambda asked, at: WishWithdrawn(asked.intent_id, at),
    Replace: lambda asked, at: ReplaceIntent(asked.cl_ord_id, asked.price, asked.order_qty, at),
    Settle: _settled,
    Kill: lambda asked, at: KillSet(asked.level, _told(asked.who, asked.reason), at),
    ReleaseKill: _release,
    SetTradingState: lambda asked, at: TradingStateSet(
        asked.state, _told(asked.who, asked.reason), at
    ),
    ResumeSleeve: lambda asked, at: SleeveResumed(
        asked.account_id, asked.sleeve_id, _told(asked.who, asked.reason), at
    ),
    ReleaseSymbol: lambda asked, at: SymbolReleased(
        asked.account_id, asked.symbol, _told(asked.who, asked.reason), at
    ),
    SetLimits: lambda asked, at: LimitsSet(asked.account_id, asked.sleeve_id, asked.limits, at),
    SetArming: lambda asked, at: ArmingSet(
        asked.account_id, asked.until, _told(asked.who, asked.reason), at
    ),
}
