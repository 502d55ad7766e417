"""What the book has of a day's fills, told back to an adapter that has lost its journal."""

from __future__ import annotations

from datetime import date

import pytest

from maemae.app.kiwoom.booked_fills import booked_fills
from maemae.domain.errors import BrokerUnavailableError, StorageError
from maemae.domain.ids import ClOrdId, ExecId, OrderId
from maemae.domain.statement import StatedExecution
from maemae.domain.terms import ExecutionVenue, Side
from maemae.storage.queries import ShownExecution
from maemae.trading.links import exec_id_of
from tests.builders import ACCOUNT, DAY_1, NOON, SAMSUNG, SLEEVE

NUMBER = OrderId("0048213")


def shown(order_id: OrderId | None) -> ShownExecution:
    exec_id = exec_id_of(ACCOUNT, ClOrdId(7), ExecId("0048213:3"), NOON)
    charges = (150, 0, 0)
    return ShownExecution(
        ClOrdId(7), exec_id, ACCOUNT, SLEEVE, SAMSUNG, Side.BUY, ExecutionVenue.KRX, DAY_1, NOON,
        order_id, 3, 10_000, *charges,
    )  # fmt: skip


def test_fills_are_told_in_the_broker_s_numbers() -> None:
    told = booked_fills(lambda _: [shown(NUMBER), shown(None)])(DAY_1)

    assert told == [
        StatedExecution(ACCOUNT, NUMBER, ExecId("0048213:3"), SAMSUNG, Side.BUY, 3, 10_000, NOON)
    ]


def test_fills_when_the_store_is_away_cannot_be_told() -> None:
    def away(_: date) -> list[ShownExecution]:
        raise StorageError("멈췄습니다.", "It is down.")

    with pytest.raises(BrokerUnavailableError, match="It is down"):
        booked_fills(away)(DAY_1)
