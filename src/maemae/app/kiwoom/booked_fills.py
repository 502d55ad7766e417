"""The fills that the book of orders has, for an adapter that has lost its journal of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from maemae.brokers.kiwoom_rest.fill_desk import Booked
from maemae.domain.errors import BrokerUnavailableError, StorageError
from maemae.domain.statement import StatedExecution
from maemae.storage.queries import ShownExecution
from maemae.trading.links import broker_exec_id


def booked_fills(executions: Callable[[date], Iterable[ShownExecution]]) -> Booked:
    """Return who tells an adapter, in the broker's numbers, what the store has of a day."""

    def told(day: date) -> Iterable[StatedExecution]:
        try:
            stated = [_stated(row) for row in executions(day)]
        except StorageError as error:
            raise BrokerUnavailableError(error.text.ko, error.text.en) from error
        return [each for each in stated if each is not None]

    return told


def _stated(row: ShownExecution) -> StatedExecution | None:
    """Return a fill as the broker told it; None if it was booked without the broker's number."""
    if row.order_id is None:
        return None
    return StatedExecution(
        row.account_id,
        row.order_id,
        broker_exec_id(row.account_id, row.cl_ord_id, row.exec_id, row.at),
        row.symbol,
        row.side,
        row.qty,
        row.px,
        row.at,
    )
