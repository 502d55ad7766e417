"""Answers what people and programs ask of an executor, whatever state it is in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Final

from maemae.core.events import Event
from maemae.core.machine import TradingCore
from maemae.core.state import CoreState
from maemae.core.usage import usage_of
from maemae.domain.errors import StorageError
from maemae.domain.order import Order
from maemae.domain.order_status import OrderStatus
from maemae.domain.text import Text
from maemae.ports import Alert
from maemae.trading.alert_book import AlertBook
from maemae.trading.control.commands import (
    AcknowledgeAlert,
    AlertsQuery,
    Ask,
    BarsQuery,
    CoreCommand,
    Kill,
    LimitsQuery,
    OrdersQuery,
    PauseStrategy,
    PositionsQuery,
    PreviewOrder,
    Query,
    RaiseAlert,
    ReclaimStream,
    ReleaseKill,
    RunsQuery,
    RunStrategy,
    Settle,
    StartStrategy,
    StatusQuery,
    StopStrategy,
    WhyQuery,
)
from maemae.trading.control.core_events import order_intent, over, to_event
from maemae.trading.control.replies import (
    Accepted,
    Alerts,
    Circumstances,
    Conducts,
    Connection,
    Failed,
    Holding,
    Orders,
    Positions,
    Previewed,
    Reply,
    Status,
    Usages,
    accepted,
)
from maemae.trading.dropped import Dropped
from maemae.trading.emergency.kill_switch import KillSwitch
from maemae.trading.engine import Engine
from maemae.trading.executor import Executor
from maemae.trading.once import Once
from maemae.trading.outside import Outside
from maemae.trading.plan import ExecutorPlan
from maemae.trading.run_desk import RunDesk
from maemae.trading.waiting import waiting

NO_ENGINE: Final = Text(
    "저장소나 증권사에 연결하는 중이라 지금은 명령을 받을 수 없습니다. 급하면 maemae halt 를 "
    "쓰세요. 잠시 뒤 다시 보내면 같은 명령은 한 번만 실행됩니다.",
    "The executor is reaching its store or broker and takes no commands now. If it is urgent, "
    "use maemae halt. Sent again later, the same command is done once.",
)

NOT_KNOWN: Final = Text(
    "저장소가 제때 답하지 않아 명령이 실행되었는지 알 수 없습니다. 상태를 확인하고 같은 키로 다시 "
    "보내세요. 같은 명령은 한 번만 실행됩니다.",
    "The store did not answer, and it is not known whether the command was done. Check the status, "
    "and send it again with the same key: the same command is done once.",
)

NOT_IN_DOUBT: Final = Text(
    "결과를 모르는 주문이 아닙니다. maemae orders 에서 주문 번호와 상태를 확인하세요.",
    "That order is not in doubt. Look up its number and state with maemae orders.",
)


class Clerk:
    """
    Between the control socket and the engine.

    Args:
        plan: What is run.
        executor: Whose engine is asked.
        outside: For the clocks.
        switch: The kill switch of the data folder; it holds whatever else is down.
        alerts: Everything that a person must look at.
        once: Has each command done once.
        runs: Where runs of strategies begin and end.
        dropped: Returns the wishes of a session that nobody acted upon; blocks.
    """

    def __init__(
        self,
        plan: ExecutorPlan,
        executor: Executor,
        outside: Outside,
        switch: KillSwitch,
        alerts: AlertBook,
        once: Once,
        runs: RunDesk,
        dropped: Callable[[date], Sequence[Dropped]],
    ) -> None:
        self._plan = plan
        self._executor = executor
        self._outside = outside
        self._switch = switch
        self._alerts = alerts
        self._once = once
        self._runs = runs
        self._dropped = dropped

    async def handle(self, ask: Ask) -> Reply:
        """
        Answer.

        Raises:
            MaemaeError: Why a command was refused.
        """
        if isinstance(ask, AlertsQuery):
            return Alerts(tuple(self._alerts.open))
        if isinstance(ask, AcknowledgeAlert | RaiseAlert):
            return await self._about_alert(ask)
        if isinstance(ask, ReclaimStream):
            await self._outside.broker.reclaim()
            return Accepted(ask.key)
        if isinstance(ask, Kill):
            return await self._kill(ask)
        engine = self._executor.engine
        if engine is None:
            return Failed(NO_ENGINE)
        if isinstance(ask, Query):
            return await self._query(engine, ask)
        if isinstance(ask, RunStrategy | StartStrategy | PauseStrategy | StopStrategy):
            refusal = await self._runs.do(ask, engine.state)
            return Accepted(ask.key) if refusal is None else Failed(refusal)
        return await self._decide(engine, ask)

    async def _kill(self, press: Kill) -> Reply:
        """
        Press by the file and by the core; one of the two is enough.

        Raises:
            StorageError: Neither can keep it. Until this process ends it holds all the same.
        """
        unwritten: StorageError | None = None
        try:
            await asyncio.to_thread(self._switch.press, press.level, press.who, press.reason)
        except StorageError as error:
            unwritten = error
            self._outside.warn("KILL_NOT_WRITTEN", "KILL", error.text, is_critical=True)
        engine = self._executor.engine
        reply = None if engine is None else await self._command(engine, press)
        if unwritten is None:  # it holds by its file, whatever the core says
            return Accepted(press.key) if not isinstance(reply, Accepted) else reply
        if not isinstance(reply, Accepted):
            raise unwritten
        return reply

    async def _about_alert(self, ask: AcknowledgeAlert | RaiseAlert) -> Accepted:
        if isinstance(ask, RaiseAlert):
            self._alerts.raise_(
                Alert(ask.code, ask.subject, is_critical=True, text=ask.text, at=ask.at)
            )
        else:
            await self._alerts.acknowledge(ask.code, ask.subject, ask.who)
        return Accepted(ask.key)

    async def _decide(self, engine: Engine, ask: CoreCommand) -> Reply:
        if isinstance(ask, ReleaseKill):
            await asyncio.to_thread(self._switch.release, ask.who, ask.reason, ask.read)
        if isinstance(ask, Settle):
            return await self._settle(engine, ask)
        return await self._command(engine, ask)

    async def _settle(self, engine: Engine, command: Settle) -> Reply:
        """Take a person's word for an order in doubt, and for no other."""
        order, state = engine.state.orders.get(command.cl_ord_id), engine.state
        if order is None or order.is_closed or not state.is_in_doubt(order):
            return Failed(NOT_IN_DOUBT)
        if order.standing is OrderStatus.UNKNOWN:
            reply = await self._command(engine, command)
        elif command.order_id is None:
            reply = await self._ask(engine, command, partial(over, command))
        else:
            return Failed(NOT_IN_DOUBT)
        if command.order_id is not None and isinstance(reply, Accepted):
            await engine.link(command.order_id, command.cl_ord_id)
        return reply

    async def _command(self, engine: Engine, command: CoreCommand) -> Reply:
        return await self._ask(engine, command, partial(to_event, command))

    async def _ask(
        self, engine: Engine, command: CoreCommand, make: Callable[[int], Event]
    ) -> Reply:
        is_kill = isinstance(command, Kill)
        try:
            actions = await self._once.ask(engine.mailbox, command.key, make, urgent=is_kill)
        except StorageError:
            return Failed(NOT_KNOWN, is_unknown=True)
        return accepted(command.key, actions)

    async def _query(self, engine: Engine, query: Query) -> Reply:
        match query:
            case OrdersQuery():
                return _orders(engine.core, is_open_only=query.is_open_only)
            case PositionsQuery():
                return _positions(engine.core)
            case PreviewOrder():
                intent = order_intent(query.order, self._outside.venue.now())
                return Previewed(engine.core.preview(intent))
            case LimitsQuery():
                return self._usages(engine.core)
            case RunsQuery():
                return Conducts(self._runs.conducts())
            case BarsQuery():
                return self._runs.bars_of(query.symbol)
            case WhyQuery():
                return await self._circumstances(engine.core, query)
            case StatusQuery():
                return self._status(engine)
            case AlertsQuery():
                return Alerts(tuple(self._alerts.open))

    def _usages(self, core: TradingCore) -> Usages:
        now = self._outside.venue.now()
        return Usages(
            tuple(usage_of(core.market, sleeve, now) for sleeve in core.state.sleeves.values())
        )

    async def _circumstances(self, core: TradingCore, query: WhyQuery) -> Circumstances:
        state, key = core.state, (query.account_id, query.sleeve_id)
        dropped = await asyncio.to_thread(self._dropped, query.day)
        sleeve = state.find_sleeve(*key)
        return Circumstances(
            self._runs.find(key),
            state.trading_state,
            state.trading_reason,
            state.ceiling,
            state.kill,
            state.kill_reason,
            core.market.phase,
            state.session_date,
            sleeve is not None and sleeve.halted,
            tuple(each for each in dropped if (each.account_id, each.sleeve_id) == key),
        )

    def _status(self, engine: Engine) -> Status:
        state, market = engine.state, engine.core.market
        now = self._outside.venue.now()
        newest = max(market.priced_at.values(), default=None)
        open_orders = _open(state)
        return Status(
            mode=self._plan.core.mode,
            trading_state=engine.trading_state,
            trading_reason=state.trading_reason,
            kill=state.kill,
            kill_reason=state.kill_reason,
            epoch=self._executor.epoch,
            connections=(
                Connection("broker", engine.is_connected),
                Connection("feed", engine.prices.is_connected),
            ),
            venue_time=now,
            last_tick_age=None if newest is None else now - newest,
            open_orders=len(open_orders),
            unknown_orders=sum(order.standing is OrderStatus.UNKNOWN for order in open_orders),
            positions=sum(len(sleeve.positions) for sleeve in state.sleeves.values()),
            alerts=len(self._alerts.open),
            inbox=len(engine.mailbox),
            outbox=engine.waiting_requests,
            unprotected=engine.unprotected.spent,
            armed=dict(state.armed),
            is_emulated=self._outside.broker.traits.is_emulated,
            figures=engine.figures(),
        )


def _open(state: CoreState) -> list[Order]:
    return [order for order in state.orders.values() if not order.is_closed]


def _orders(core: TradingCore, *, is_open_only: bool) -> Orders:
    state = core.state
    orders = tuple(_open(state) if is_open_only else state.orders.values())
    return Orders(orders, waiting(state, core.now))


def _positions(core: TradingCore) -> Positions:
    return Positions(
        tuple(
            Holding(
                sleeve.account_id,
                sleeve.sleeve_id,
                symbol,
                position.qty,
                sleeve.sellable(symbol),
                position.cost,
                core.market.prices.get(symbol),
            )
            for sleeve in core.state.sleeves.values()
            for symbol, position in sleeve.positions.items()
        )
    )
