"""Proves, step by step, that a Kiwoom account can be traded: each with what to do if it cannot."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

import msgspec

from maemae.brokers.kiwoom_rest.broker import KiwoomBroker
from maemae.brokers.kiwoom_rest.connection import KiwoomConnection
from maemae.brokers.kiwoom_rest.market_data import KiwoomMarketData
from maemae.core.actions import CancelOrder
from maemae.domain.errors import (
    BrokerUnavailableError,
    MaemaeError,
    OutcomeUnknownError,
)
from maemae.domain.ids import MANUAL_SLEEVE, ClOrdId, IntentId, Symbol
from maemae.domain.instant import SECOND, kst_date
from maemae.domain.order import Order
from maemae.domain.statement import StatedStatus
from maemae.domain.terms import Mode, OrdType, Purpose, Side, TimeInForce
from maemae.domain.text import Text

_MOST_SKEW: Final = 2 * SECOND
_LOOKS: Final = 12
_BETWEEN: Final = SECOND


class Step(msgspec.Struct, frozen=True):
    """
    One thing that was tried.

    Attributes:
        title: What.
        is_proved: Whether it works.
        is_vital: Whether the keys are of no use without it; orders are taken in trading hours only.
        told: What was seen, or what went wrong and what to do.
    """

    title: Text
    is_proved: bool
    told: Text
    is_vital: bool = True


class KiwoomProof:
    """
    The steps of one account, in the order in which they need each other.

    Args:
        connection: Of the account.
        broker: On it; not connected yet.
        symbol: An instrument to look at, and to order one share of.
    """

    def __init__(self, connection: KiwoomConnection, broker: KiwoomBroker, symbol: Symbol) -> None:
        self._connection = connection
        self._broker = broker
        self._symbol = symbol
        self._data = KiwoomMarketData(connection.http)

    async def steps(self, *, with_order: bool) -> AsyncIterator[Step]:
        """
        Yield each step as it is done; the first that fails is the last.

        Args:
            with_order: Whether one share is ordered far below the market and canceled; never
                done with real money.
        """
        tries: list[tuple[Text, Callable[[], Awaitable[Text]]]] = [
            (Text("토큰, 계좌, 실시간 로그인", "Token, account, stream"), self._connect),
            (Text("시계", "Clock"), self._compare_clocks),
            (Text("예수금과 잔고", "Cash and holdings"), self._read_account),
            (Text("시세", "Quote"), self._read_quote),
        ]
        if with_order and self._connection.host.mode is not Mode.REAL:
            tries.append((Text("1주 주문과 취소", "One share, ordered and canceled"), self._order))
        for title, attempt in tries:
            try:
                told = await attempt()
            except MaemaeError as error:
                is_vital = attempt != self._order
                yield Step(title, is_proved=False, told=error.text, is_vital=is_vital)
                return
            yield Step(title, is_proved=True, told=told)

    async def _connect(self) -> Text:
        await self._broker.connect(1)
        account = self._broker.accounts[0]
        shown = f"{account[:4]}****{account[-2:]}"
        return Text(f"계좌 {shown}, 실시간 연결됨", f"account {shown}, the stream stands")

    async def _compare_clocks(self) -> Text:
        before = self._connection.venue.now()
        theirs = await self._broker.server_time()
        after = self._connection.venue.now()
        off = theirs - min(max(theirs, before), after)
        if abs(off) > _MOST_SKEW:
            raise BrokerUnavailableError(
                f"이 컴퓨터 시계가 키움과 {off / SECOND:+.1f}초 다릅니다. NTP 로 맞추세요.",
                f"This machine's clock is {off / SECOND:+.1f} s from Kiwoom's. Have it follow a "
                "time server.",
            )
        return Text("키움과 2초 안에서 같습니다", "within 2 s of Kiwoom's")

    async def _read_account(self) -> Text:
        account = self._broker.accounts[0]
        cash = await self._broker.cash(account)
        holdings = await self._broker.holdings(account)
        return Text(
            f"예수금 {cash.cash:,}원, 주문 가능 {cash.orderable:,}원, 보유 {len(holdings)}종목",
            f"cash (D+2) ₩{cash.cash:,}, orderable ₩{cash.orderable:,}, {len(holdings)} holdings",
        )

    async def _read_quote(self) -> Text:
        quote = await self._data.quote(self._symbol)
        return Text(f"{quote.name} {quote.px:,}원", f"{quote.name} ₩{quote.px:,}")

    async def _order(self) -> Text:
        quote = await self._data.quote(self._symbol)
        account, now = self._broker.accounts[0], self._connection.venue.now()
        order = Order(
            ClOrdId(1),
            account,
            MANUAL_SLEEVE,
            self._symbol,
            Side.BUY,
            OrdType.LIMIT,
            TimeInForce.DAY,
            quote.lower,
            1,
            Purpose.NEW,
            IntentId("connect"),
            now,
        )
        number = await self._broker.submit(order)
        order = msgspec.structs.replace(order, order_ids=(number,))
        await self._broker.cancel(order, CancelOrder(ClOrdId(2), ClOrdId(1), number, now))
        for _ in range(_LOOKS):
            rows = await self._broker.orders(account, kst_date(now))
            if any(row.order_id == number and row.status is _CANCELED for row in rows):
                return Text(
                    f"주문 {number} 을(를) {quote.lower:,}원에 내고 취소했습니다",
                    f"order {number} at ₩{quote.lower:,} was placed and canceled",
                )
            await self._connection.wall.sleep(_BETWEEN)
        raise OutcomeUnknownError(
            f"주문 {number} 의 취소가 목록에 보이지 않습니다. 영웅문에서 취소되었는지 확인하세요.",
            f"The list does not show order {number} as canceled. Look at it in the HTS.",
        )


_CANCELED: Final = StatedStatus.CANCELED
