"""From what the database and the executor tell to messages, written out once for everybody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from pydantic import TypeAdapter

from maemae.core.actions import SessionOpened, SleeveAdded, SleeveLimited, SleeveStateChanged
from maemae.domain.ids import AccountId
from maemae.domain.text import Text
from maemae.server.stream.envelope import (
    AlertsMessage,
    BalancesMessage,
    Channel,
    ClockMessage,
    ErrorMessage,
    ExecutionsMessage,
    HeartbeatMessage,
    OrdersMessage,
    PositionsMessage,
    ResyncMessage,
    StatusChange,
    StatusEventMessage,
    StatusMessage,
    StrategiesMessage,
    StreamAlert,
    StreamClock,
    StreamExecution,
    StreamOrder,
    StreamPosition,
    StreamQuote,
    StreamRun,
    StreamSleeve,
    StreamStatus,
)
from maemae.storage.alert_log import AlertChanged
from maemae.storage.stream_reading import Books, OpenAlerts, Traded
from maemae.storage.tail import Executed, OfTrading, OrderChanged, StreamEvent, TailRecord
from maemae.trading.conduct import Conduct
from maemae.trading.control.watch import Pulse, Quote

_STATUS_CHANGE: TypeAdapter[StatusChange] = TypeAdapter(StatusChange)


def record_message(channel: Channel, account_id: AccountId, record: TailRecord) -> str | None:
    """Return what a record tells in a channel of an account; None if it tells nothing there."""
    told = [event for event in record.events if _is_about(event, channel, account_id)]
    if not told:
        return None
    if channel is Channel.ORDERS:
        orders = [_order(event) for event in told if isinstance(event, OrderChanged)]
        return OrdersMessage(
            kind="EVENT", sequence=record.seq, account_id=account_id, data=orders
        ).model_dump_json()
    if channel is Channel.EXECUTIONS:
        fills = [_execution(event) for event in told if isinstance(event, Executed)]
        return ExecutionsMessage(
            kind="EVENT", sequence=record.seq, account_id=account_id, data=fills
        ).model_dump_json()
    changes = [_status_change(event) for event in told if isinstance(event, OfTrading)]
    return StatusEventMessage(
        sequence=record.seq, account_id=account_id, data=changes
    ).model_dump_json()


def alert_message(account_id: AccountId, change: AlertChanged) -> str:
    """Return a change of an alert."""
    return AlertsMessage(
        kind="EVENT",
        sequence=change.version,
        account_id=account_id,
        data=[StreamAlert.model_validate(change.alert)],
    ).model_dump_json()


def orders_snapshot(account_id: AccountId, traded: Traded) -> str:
    """Return the orders of an account."""
    mine = [order for order in traded.orders if order.account_id == account_id]
    return OrdersMessage(
        kind="SNAPSHOT",
        sequence=traded.head,
        account_id=account_id,
        data=[StreamOrder.model_validate(order) for order in mine],
    ).model_dump_json()


def executions_snapshot(account_id: AccountId, traded: Traded) -> str:
    """Return the fills of an account."""
    mine = [fill for fill in traded.executions if fill.account_id == account_id]
    return ExecutionsMessage(
        kind="SNAPSHOT",
        sequence=traded.head,
        account_id=account_id,
        data=[StreamExecution.model_validate(fill) for fill in mine],
    ).model_dump_json()


def status_snapshot(account_id: AccountId, books: Books) -> str:
    """Return how far the executor trades."""
    return StatusMessage(
        sequence=books.head,
        account_id=account_id,
        data=StreamStatus.model_validate(books.executor),
    ).model_dump_json()


def alerts_snapshot(account_id: AccountId, open_alerts: OpenAlerts) -> str:
    """Return the open alerts."""
    return AlertsMessage(
        kind="SNAPSHOT",
        sequence=open_alerts.version,
        account_id=account_id,
        data=[StreamAlert.model_validate(alert) for alert in open_alerts.alerts],
    ).model_dump_json()


def positions_state(account_id: AccountId, books: Books) -> PositionsMessage:
    """Return what an account holds."""
    mine = [held for held in books.positions if held.account_id == account_id]
    return PositionsMessage(
        sequence=books.head,
        account_id=account_id,
        data=[StreamPosition.model_validate(held) for held in mine],
    )


def balances_state(account_id: AccountId, books: Books) -> BalancesMessage:
    """Return the money of an account."""
    mine = [sleeve for sleeve in books.sleeves if sleeve.account_id == account_id]
    return BalancesMessage(
        sequence=books.head,
        account_id=account_id,
        data=[StreamSleeve.model_validate(sleeve) for sleeve in mine],
    )


def strategies_state(
    account_id: AccountId, head: int, conducts: Sequence[Conduct]
) -> StrategiesMessage:
    """Return how the strategies of an account do."""
    mine = [conduct for conduct in conducts if conduct.run.account_id == account_id]
    return StrategiesMessage(
        sequence=head, account_id=account_id, data=[_run(conduct) for conduct in mine]
    )


def clock_state(account_id: AccountId | None, sequence: int, clock: StreamClock) -> ClockMessage:
    """Return the exchange's time."""
    return ClockMessage(sequence=sequence, account_id=account_id, data=clock)


def clock_of(pulse: Pulse, *, is_live: bool) -> StreamClock:
    """Return the clock that a pulse shows."""
    return StreamClock.model_validate(
        {
            "at": pulse.at,
            "phase": pulse.phase,
            "session_date": pulse.session_date,
            "is_live": is_live,
        }
    )


def resync(channel: Channel, account_id: AccountId, head: int) -> str:
    """Return that what came before is not there any more."""
    return ResyncMessage(channel=channel, sequence=head, account_id=account_id).model_dump_json()


def error(
    code: str, text: Text, channel: Channel | None = None, account_id: AccountId | None = None
) -> str:
    """Return why something is not done."""
    return ErrorMessage(
        code=code, ko=text.ko, en=text.en, channel=channel, account_id=account_id
    ).model_dump_json()


def quote_text(quote: Quote) -> str:
    """Return a quote as JSON."""
    return StreamQuote.model_validate(quote).model_dump_json()


def heartbeat(now: int) -> str:
    """Return a sign of life at an instant [ns, UTC]."""
    return HeartbeatMessage.model_validate({"at": now}).model_dump_json()


def accounts_told(record: TailRecord, every: Iterable[AccountId]) -> set[AccountId]:
    """Return the accounts that a record tells something about."""
    told: set[AccountId] = set()
    for event in record.events:
        account_id = _account_of(event)
        if account_id is None:
            return set(every)
        told.add(account_id)
    return told


def _is_about(event: StreamEvent, channel: Channel, account_id: AccountId) -> bool:
    about = _account_of(event)
    if about is not None and about != account_id:
        return False
    match event:
        case OrderChanged():
            return channel is Channel.ORDERS
        case Executed():
            return channel is Channel.EXECUTIONS
        case _:
            return channel is Channel.STATUS


def _account_of(event: StreamEvent) -> AccountId | None:
    """Return whose account an event is about; None for those about the whole executor."""
    match event:
        case OrderChanged(order):
            return order.account_id
        case Executed(execution):
            return execution.account_id
        case SleeveLimited() | SleeveStateChanged() | SleeveAdded():
            return event.account_id
        case _:
            return None


def _order(event: OrderChanged) -> StreamOrder:
    return StreamOrder.model_validate(event.order).model_copy(update={"text": event.text})


def _execution(event: Executed) -> StreamExecution:
    fill = StreamExecution.model_validate(event.execution)
    return fill.model_copy(update={"exec_type": event.exec_type})


def _status_change(event: OfTrading) -> StatusChange:
    told: dict[str, Any] = {"type": type(event).__struct_config__.tag}
    match event:
        case SleeveLimited():
            told |= {"is_waiting": event.pending is not None}
            told |= {"account_id": event.account_id, "sleeve_id": event.sleeve_id}
        case SleeveAdded():
            told |= {"account_id": event.account_id, "sleeve_id": event.sleeve_id}
            told |= {"is_halted": False, "reason": ""}
        case SleeveStateChanged():
            told |= {"account_id": event.account_id, "sleeve_id": event.sleeve_id}
            told |= {"is_halted": event.halted, "reason": event.reason}
        case SessionOpened():
            told |= {"session_date": event.session_date}
        case _:
            told |= msgspec.structs.asdict(event)
    return _STATUS_CHANGE.validate_python(told)


def _run(conduct: Conduct) -> StreamRun:
    run, failure = conduct.run, conduct.failure
    return StreamRun.model_validate(
        {
            "account_id": run.account_id,
            "sleeve_id": run.sleeve_id,
            "run_id": run.run_id,
            "spec": run.spec,
            "state": conduct.state,
            "bars": conduct.bars,
            "intents": conduct.intents,
            "last_bar_at": conduct.last_bar_at,
            "pause_reason": run.pause_reason,
            "end_reason": run.end_reason,
            "failure_ko": None if failure is None else failure.ko,
            "failure_en": None if failure is None else failure.en,
        }
    )
