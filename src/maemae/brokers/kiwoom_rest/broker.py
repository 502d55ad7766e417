"""Kiwoom's REST API and stream as an executor, or a watchdog, uses them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import date, time
from typing import Final, TypeVar

import msgspec

from maemae.brokers.kiwoom_rest import transactions
from maemae.brokers.kiwoom_rest.codes import Exchange, TradeType
from maemae.brokers.kiwoom_rest.connection import KiwoomConnection
from maemae.brokers.kiwoom_rest.emulated_clock import EmulatedClock
from maemae.brokers.kiwoom_rest.fill_desk import Booked, FillDesk, nothing_booked
from maemae.brokers.kiwoom_rest.frames import Entry, RealType, decode_order
from maemae.brokers.kiwoom_rest.http import Body, rows_from
from maemae.brokers.kiwoom_rest.lists import (
    Listed,
    from_day_row,
    from_filled_row,
    from_open_row,
    merged,
)
from maemae.brokers.kiwoom_rest.mapping import (
    account_from_text,
    cancel_body,
    cash_from_reply,
    holdings_from_rows,
    order_id_from_answer,
    replace_body,
    submit_body,
    submit_transaction,
    traits_of,
)
from maemae.brokers.kiwoom_rest.messages import (
    AccountNumber,
    CashReply,
    DayOrderRow,
    FilledOrderRow,
    FillRow,
    HoldingRow,
    OpenOrderRow,
    TradeRow,
)
from maemae.brokers.kiwoom_rest.paging import every_row
from maemae.brokers.kiwoom_rest.prints import newest_trade
from maemae.brokers.kiwoom_rest.registrations import Wanted
from maemae.brokers.kiwoom_rest.transactions import Transaction
from maemae.core.actions import CancelOrder, ReplaceOrder
from maemae.domain.errors import BrokerUnavailableError, NotAcceptedError
from maemae.domain.ids import AccountId, OrderId, Symbol
from maemae.domain.instant import SECOND, kst_date, kst_datetime
from maemae.domain.market_data import Trade
from maemae.domain.order import Order
from maemae.domain.statement import (
    Notice,
    StatedCash,
    StatedExecution,
    StatedHolding,
    StatedOrder,
)
from maemae.domain.terms import Mode, Purpose
from maemae.ports import BrokerEvent, BrokerTraits, Permit

_ACCOUNT_TOPIC: Final = "account"

ArmedUntil = Callable[[AccountId], int]
"""Returns until when an account is armed for real orders [ns, UTC]; 0 if it is not."""


def never_armed(_: AccountId) -> int:
    """Return that an account is not armed."""
    return 0


_Row = TypeVar("_Row", DayOrderRow, FilledOrderRow, OpenOrderRow, FillRow)


class _Trades(msgspec.Struct, frozen=True):
    cntr_infr: list[TradeRow] | None = None


class KiwoomBroker:
    """
    One account at Kiwoom (`maemae.ports.Broker`).

    Args:
        connection: Shared with the feed.
        account_id: The account that the key must belong to; None to take whichever it is.
        exchange: Where orders go; None for the venue that each order names.
        armed_until: Returns until when new risk with real money may leave [ns, UTC]. Asked right
            before the first byte, and by nobody but a server of real money; what takes risk
            away needs none.
        has_stream: Whether it takes the stream. A watchdog does not: a key has one stream, and
            a second login would end the executor's.
        booked: Returns the fills of a day that the book of orders has; the lists number none.

    Attributes:
        accounts: The account of the key; known once connected.
    """

    def __init__(
        self,
        connection: KiwoomConnection,
        account_id: AccountId | None = None,
        exchange: Exchange | None = None,
        *,
        armed_until: ArmedUntil = never_armed,
        has_stream: bool = True,
        booked: Booked = nothing_booked,
    ) -> None:
        self.accounts: tuple[AccountId, ...] = ()
        self._connection = connection
        self._http = connection.http
        self._expected = account_id
        self._exchange = exchange
        self._armed_until = armed_until
        self._has_stream = has_stream
        self._booked = booked
        self._is_open = False
        self._traits: BrokerTraits | None = None
        self._told: asyncio.Queue[Notice | BrokerEvent | None] = asyncio.Queue()
        self._desk = self._desk_of(AccountId(""))
        if has_stream:
            connection.stream.on(RealType.ORDER, self._take)
            connection.stream.listen(self._told.put_nowait)

    @property
    def traits(self) -> BrokerTraits:
        """What must be known of it; valid once connected."""
        if self._traits is None:
            raise _not_connected()
        return self._traits

    async def connect(self, epoch: int) -> None:
        """
        Prove key, server and account, then take the stream.

        Args:
            epoch: Kiwoom fences nobody; the lease in the store is what keeps others out.

        Raises:
            BrokerUnavailableError: It cannot be reached, or the key is of another account.
        """
        if isinstance(self._connection.venue, EmulatedClock):
            await self._connection.venue.ask()
        answer = await self._http.ask(transactions.ACCOUNT_NUMBER, {})
        account = account_from_text(rows_from(answer, AccountNumber).number)
        if self._expected is not None and self._expected != account:
            raise BrokerUnavailableError(
                f"앱키의 계좌가 {self._expected} 이(가) 아닙니다. 키나 --account 를 고치세요.",
                f"The app key is not of account {self._expected}. Correct the key or --account.",
            )
        if self.accounts != (account,):
            await self._desk.stop()
            self._desk = self._desk_of(account)
        self.accounts = (account,)
        self._traits = traits_of(self._http.host, self._connection.config)
        self._connection.start()
        while not self._told.empty():
            self._told.get_nowait()  # of an earlier connection: the lists tell it
        if self._has_stream and not self._is_open:
            items = self._connection.config.account_items
            stream = self._connection.stream
            wanted = Wanted((RealType.ORDER, RealType.POSITION), items)
            await stream.want(_ACCOUNT_TOPIC, wanted)
            await stream.open()
            self._is_open = True

    async def close(self) -> None:
        """Disconnect; safe to call twice."""
        if self._is_open:
            self._is_open = False
            await self._connection.stream.close()
        await self._desk.stop()
        await self._connection.stop()
        self._told.put_nowait(None)

    async def submit(
        self,
        order: Order,
        trade_type: TradeType | None = None,
        trigger: int | None = None,
        *,
        permit: Permit | None = None,
    ) -> OrderId:
        """
        Send a new order once; return the broker's number of it.

        Args:
            order: What is wanted.
            trade_type: A kind of order that only Kiwoom knows; None for what the order says.
            trigger: Price at which a stop-limit order comes to life [won]; of no other kind.
            permit: Asked after every wait, right before the first byte leaves.
        """
        config = self._connection.config
        body = submit_body(order, config, self._exchange, trade_type, trigger)
        permit = self._permit(order, permit)
        return await self._request(submit_transaction(order), body, permit)

    async def cancel(
        self, order: Order, request: CancelOrder, *, permit: Permit | None = None
    ) -> OrderId:
        """Cancel what is left of an order; return the broker's number of the cancel."""
        body = self._routed(cancel_body(order, request))
        return await self._request(transactions.CANCEL, body, permit)

    async def replace(
        self, order: Order, request: ReplaceOrder, *, permit: Permit | None = None
    ) -> OrderId:
        """Change the price of what is left; return the number that goes on with it."""
        body = self._routed(replace_body(order, request))
        return await self._request(transactions.REPLACE, body, self._permit(order, permit))

    async def orders(self, account_id: AccountId, day: date) -> tuple[StatedOrder, ...]:
        """Return every order of a day, oldest first."""
        self._require(account_id)
        listed = await self._listed(day)
        return await self._desk.orders(listed, day, is_over=self._is_over(day))

    async def executions(self, account_id: AccountId, day: date) -> tuple[StatedExecution, ...]:
        """Return every fill of a day, oldest first: those that were streamed, and the rest."""
        self._require(account_id)
        listed = await self._listed(day)
        details: list[FillRow] = []
        has_rows = self._connection.config.lists.has_fill_rows
        if has_rows and await self._desk.lacks(listed.values(), day):
            details = await self._rows(transactions.DAY_FILLS, _fill_rows_body(day), FillRow)
        return await self._desk.executions(listed, details, day)

    async def holdings(self, account_id: AccountId) -> tuple[StatedHolding, ...]:
        """Return every position."""
        self._require(account_id)
        body = {"qry_tp": "1", "dmst_stex_tp": Exchange.KRX.value}
        rows = await every_row(self._http, transactions.HOLDINGS, body, HoldingRow, _code)
        return holdings_from_rows(rows, account_id)

    async def cash(self, account_id: AccountId) -> StatedCash:
        """Return the account's cash."""
        self._require(account_id)
        answer = await self._http.ask(transactions.CASH, {"qry_tp": "3"})
        return cash_from_reply(rows_from(answer, CashReply), account_id)

    async def last_trade(self, symbol: Symbol) -> Trade | None:
        """Return the newest print of an instrument, asked for and not streamed."""
        answer = await self._http.ask(transactions.LAST_TRADES, {"stk_cd": symbol})
        rows = rows_from(answer, _Trades).cntr_infr or ()
        return newest_trade(symbol, rows, self._connection.venue.now())

    async def server_time(self) -> int:
        """
        Return the server's clock by the header of its answers [ns, UTC; to half a second].

        An emulator is asked for the time of its market.

        Raises:
            BrokerUnavailableError: It does not answer, or not with its clock.
        """
        if isinstance(self._connection.venue, EmulatedClock):
            return await self._connection.venue.ask()
        answer = await self._http.ask(transactions.ACCOUNT_NUMBER, {})
        if answer.at is None:
            raise BrokerUnavailableError(
                "키움의 답에 시각(Date)이 없어 시계를 견줄 수 없습니다.",
                "Kiwoom's answer has no date; the clocks cannot be compared.",
            )
        return answer.at + SECOND // 2

    async def reclaim(self) -> None:
        """Take the stream back at once, if another login with the key has taken it."""
        self._connection.stream.reclaim()

    async def notices(self) -> AsyncIterator[Notice | BrokerEvent]:
        """Yield notices as they come, from the connection on, until closed."""
        while True:
            told = await self._told.get()
            if told is None:
                return
            yield told

    def _permit(self, order: Order, permit: Permit | None) -> Permit | None:
        """Return a permit that also asks for the arming where real money takes new risk."""
        if self._connection.host.mode is not Mode.REAL or order.purpose is not Purpose.NEW:
            return permit

        def look() -> None:
            if self._armed_until(order.account_id) <= self._connection.venue.now():
                raise NotAcceptedError(
                    "실전 계좌가 무장되어 있지 않아 보내지 않았습니다. maemae arm 으로 무장하세요.",
                    "Not sent: the real account is not armed. Arm it with maemae arm.",
                )
            if permit is not None:
                permit()

        return look

    async def _request(
        self, transaction: Transaction, body: dict[str, str], permit: Permit | None = None
    ) -> OrderId:
        return order_id_from_answer(await self._http.order(transaction, body, permit))

    def _routed(self, body: dict[str, str]) -> dict[str, str]:
        """Send a request about an order where the order went."""
        if self._exchange is None:
            return body
        return body | {"dmst_stex_tp": self._exchange.value}

    async def _listed(self, day: date) -> dict[OrderId, Listed]:
        """Return every number of a day, of all lists that know it."""
        whole = {
            "ord_dt": f"{day:%Y%m%d}",
            "qry_tp": "1",
            "stk_bond_tp": "0",
            "sell_tp": "0",
            "stk_cd": "",
            "fr_ord_no": "",
            "dmst_stex_tp": "%",
        }
        rows = await self._rows(transactions.DAY_ORDERS, whole, DayOrderRow)
        listed = [from_day_row(row, day) for row in rows]
        if day == kst_date(self._connection.venue.now()):
            filled_body = {
                "stk_cd": "",
                "qry_tp": "0",
                "sell_tp": "0",
                "ord_no": "",
                "stex_tp": "0",
            }
            filled = await self._rows(transactions.FILLED_ORDERS, filled_body, FilledOrderRow)
            listed += [from_filled_row(row, day) for row in filled]
            open_body = {"all_stk_tp": "0", "trde_tp": "0", "stk_cd": "", "stex_tp": "0"}
            working = await self._rows(transactions.OPEN_ORDERS, open_body, OpenOrderRow)
            listed += [from_open_row(row, day) for row in working]
        return merged(listed)

    async def _rows(self, transaction: Transaction, body: Body, kind: type[_Row]) -> list[_Row]:
        return await every_row(self._http, transaction, body, kind, _number)

    def _is_over(self, day: date) -> bool:
        now = self._connection.venue.now()
        return kst_date(now) > day or kst_datetime(now).time() >= self._ends_at

    @property
    def _ends_at(self) -> time:
        return self._connection.config.lists.ends_at

    def _desk_of(self, account_id: AccountId) -> FillDesk:
        folder = self._connection.folder / "fills"
        told, skip = self._told.put_nowait, self._connection.skip
        return FillDesk(folder, account_id, told, skip, self._booked)

    def _take(self, entry: Entry) -> None:
        if not self.accounts:
            return
        day = kst_date(self._connection.venue.now())
        self._desk.take(decode_order(entry.values), day)

    def _require(self, account_id: AccountId) -> None:
        if account_id not in self.accounts:
            raise _not_connected()


def _fill_rows_body(day: date) -> Body:
    return {
        "ord_dt": f"{day:%Y%m%d}",
        "stk_bond_tp": "0",
        "mrkt_tp": "0",
        "sell_tp": "0",
        "qry_tp": "1",
        "stk_cd": "",
        "fr_ord_no": "",
        "dmst_stex_tp": "%",
    }


def _number(row: _Row) -> str:
    return row.ord_no


def _code(row: HoldingRow) -> str:
    return row.stk_cd


def _not_connected() -> BrokerUnavailableError:
    return BrokerUnavailableError(
        "키움에 연결하지 않았거나 다른 계좌입니다. connect 를 먼저 부르고 계좌를 확인하세요.",
        "Kiwoom is not connected, or it is another account. Call connect first; check the account.",
    )
