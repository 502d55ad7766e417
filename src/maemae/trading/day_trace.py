"""What a core did on a day and knew meanwhile, noted down while its inputs go by."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from maemae.analytics.traded_day import (
    DoubtSeen,
    GuardSeen,
    HoldingSeen,
    Knowledge,
    OrderSeen,
    RefusalSeen,
    TradedDay,
)
from maemae.core.actions import (
    Action,
    ExitStarted,
    FillBooked,
    IntentParked,
    IntentRefused,
    OrderAdopted,
    OrderReported,
    PriceDoubted,
    ProtectionBlinded,
    ProtectionEnded,
    ProtectionSet,
    ProtectionTriggered,
    SubmitOrder,
)
from maemae.core.events import Event
from maemae.core.machine import TradingCore
from maemae.core.state import Sleeve
from maemae.domain.ids import AccountId, ClOrdId, IntentId, SleeveId, Symbol
from maemae.domain.intent import OrderIntent, ParentIntent, TargetWeights
from maemae.domain.order import Order
from maemae.domain.terms import Cause, Side
from maemae.trading.outbox import UNSENT

_Place = tuple[SleeveId, Symbol]
_Name = tuple[SleeveId, Symbol, Side, str]


class DayTrace:
    """
    Follows one account's core through a day.

    Args:
        known: Instants at which the day's bars are complete [ns, UTC, rising].
    """

    def __init__(self, known: Sequence[int]) -> None:
        self._known = known
        self._orders: dict[_Name, OrderSeen] = {}
        self._names: dict[ClOrdId, _Name] = {}
        self._refused: list[RefusalSeen] = []
        self._heard: set[str] = set()
        self._parked: set[str] = set()
        self._held: list[HoldingSeen] = []
        self._guards: list[GuardSeen] = []
        self._doubts: list[DoubtSeen] = []
        self._bought: dict[_Place, str] = {}  # key of the newest buy
        self._leaving: dict[_Place, str] = {}  # key of the exit that goes on

    def begin(self, sleeves: Iterable[Sleeve], at: int) -> None:
        """Note what the day began with."""
        for sleeve in sleeves:
            for symbol, position in sleeve.positions.items():
                self._held.append(HoldingSeen(sleeve.sleeve_id, symbol, at, position.qty))
            for symbol, guard in sleeve.protections.items():
                levels = guard.stop_px, guard.take_px
                self._guards.append(GuardSeen(sleeve.sleeve_id, symbol, at, *levels))

    def take(self, event: Event, actions: Sequence[Action], core: TradingCore) -> None:
        """Note an input and what followed; the core has taken both in."""
        if isinstance(event, OrderIntent | ParentIntent | TargetWeights):
            self._heard.add(_key(event.intent_id, event.account_id, event.sleeve_id))
        for place, action in enumerate(actions):
            if isinstance(action, SubmitOrder):
                self._submit(action.order, actions[place:], core)
            elif isinstance(action, OrderAdopted):
                self._enter(action.order, f"ADOPTED:{action.order.cl_ord_id}", 0, core)
            elif isinstance(action, FillBooked):
                self._fill(action, core)
            elif isinstance(action, OrderReported):
                self._report(action)
            else:
                self._note(action, core)

    def finished(self, core: TradingCore) -> TradedDay:
        """Return the day as it ended."""
        equities = {
            sleeve.sleeve_id: equity
            for sleeve in core.state.sleeves.values()
            if (equity := core.market.equity(sleeve)) is not None
        }
        return TradedDay(
            tuple(self._orders.values()),
            tuple(self._refused),
            frozenset(self._heard),
            frozenset(self._parked),
            tuple(self._held),
            tuple(self._guards),
            tuple(self._doubts),
            equities,
        )

    def _submit(self, order: Order, following: Sequence[Action], core: TradingCore) -> None:
        place = (order.sleeve_id, order.symbol)
        key = _key(order.intent_id, order.account_id, order.sleeve_id)
        if key == f"{order.cl_ord_id}:{order.symbol}:{order.cause}":  # the core's own
            key = self._leaving.get(place) or self._exit_key(place)
        elif order.side is Side.BUY:
            self._bought[place] = key
        reserved = sum(
            action.order.reserved_cash
            for action in following
            if isinstance(action, SubmitOrder) and action.order.sleeve_id == order.sleeve_id
        )
        self._enter(order, key, reserved, core)

    def _exit_key(self, place: _Place) -> str:
        return f"EXIT:{self._bought.get(place, '')}"

    def _enter(self, order: Order, key: str, reserved: int, core: TradingCore) -> None:
        """Note an order; another try of the same exit goes with the first."""
        name = (order.sleeve_id, order.symbol, order.side, key)
        self._names[order.cl_ord_id] = name
        before = self._orders.get(name)
        if before is not None:
            ways = (*before.ways, order.ord_type)
            self._orders[name] = msgspec.structs.replace(before, ways=ways)
            return
        self._orders[name] = OrderSeen(
            key=key,
            sleeve_id=order.sleeve_id,
            symbol=order.symbol,
            side=order.side,
            cause=order.cause,
            bar=self._bar(key, order.at),
            sent_at=order.at,
            ways=(order.ord_type,),
            qty=order.order_qty,
            filled=0,
            notional=0,
            charges=0,
            filled_at=-1,
            print_px=0,
            print_at=-1,
            known=_known(order, reserved, core),
        )

    def _bar(self, key: str, at: int) -> int:
        """Return the bar of a wish, or else the one in which an order was made."""
        head = key.partition(":")[0]
        wished_at = int(head) if head.isdecimal() else at
        after = bisect_left(self._known, wished_at)
        if head.isdecimal() and self._known[after : after + 1] == [wished_at]:
            return wished_at
        after = bisect_right(self._known, wished_at)
        return self._known[after] if after < len(self._known) else wished_at

    def _fill(self, booked: FillBooked, core: TradingCore) -> None:
        sleeve = core.state.get_sleeve(booked.account_id, booked.sleeve_id)
        position = sleeve.positions.get(booked.symbol)
        qty = 0 if position is None else position.qty
        self._held.append(HoldingSeen(booked.sleeve_id, booked.symbol, booked.at, qty))
        name = self._names.get(booked.cl_ord_id)
        if name is None:
            return  # of an order of the day before
        order, market = self._orders[name], core.market
        shares = booked.qty if booked.side is Side.BUY else -booked.qty
        changes: dict[str, object] = {
            "filled": order.filled + shares,
            "notional": order.notional + shares * booked.px,
            "charges": order.charges + booked.commission + booked.tax,
        }
        if order.filled_at < 0:
            changes |= {
                "filled_at": booked.at,
                "print_px": market.prices.get(booked.symbol, 0),
                "print_at": market.priced_at.get(booked.symbol, -1),
            }
        self._orders[name] = msgspec.structs.replace(order, **changes)

    def _report(self, told: OrderReported) -> None:
        """Note that an order never left; what else is reported of it shows in its fills."""
        name = self._names.get(told.report.cl_ord_id)
        if name is not None and told.report.exec_id.endswith(f":{UNSENT}"):
            self._orders[name] = msgspec.structs.replace(self._orders[name], unsent_at=told.at)

    def _note(self, action: Action, core: TradingCore) -> None:
        """Note what is no order."""
        if isinstance(action, IntentRefused):
            self._refuse(action)
        elif isinstance(action, IntentParked):
            intent = action.intent
            self._parked.add(_key(intent.intent_id, intent.account_id, intent.sleeve_id))
        elif isinstance(action, ExitStarted):
            key = _key(action.intent_id, action.account_id, action.sleeve_id)
            self._leaving[action.sleeve_id, action.symbol] = key
        elif isinstance(action, ProtectionTriggered):
            place = (action.sleeve_id, action.symbol)
            self._leaving[place] = self._exit_key(place)
        elif isinstance(action, ProtectionSet):
            levels = action.stop_px, action.take_px
            self._guard(action.sleeve_id, action.symbol, core.now, levels)
        elif isinstance(action, ProtectionEnded):
            self._leaving.pop((action.sleeve_id, action.symbol), None)
            self._guard(action.sleeve_id, action.symbol, core.now, (0, 0))
        elif isinstance(action, PriceDoubted):
            self._doubts.append(DoubtSeen(action.symbol, action.at, action.price))
        elif isinstance(action, ProtectionBlinded):
            self._doubts.append(DoubtSeen(action.symbol, action.at, 0))

    def _guard(self, sleeve_id: SleeveId, symbol: Symbol, at: int, levels: tuple[int, int]) -> None:
        self._guards.append(GuardSeen(sleeve_id, symbol, at, *levels))

    def _refuse(self, action: IntentRefused) -> None:
        key = _key(action.intent_id, action.account_id, action.sleeve_id)
        place = (action.sleeve_id, action.symbol)
        if place in self._leaving and key.rpartition(":")[2] in _CAUSES:  # the core's own
            key = self._leaving[place]
        refused = RefusalSeen(key, action.sleeve_id, action.symbol, action.refusals, action.at)
        self._refused.append(refused)


def _known(order: Order, reserved: int, core: TradingCore) -> Knowledge:
    """Return what an order was sized by, before it reserved anything."""
    market, symbol = core.market, order.symbol
    sleeve = core.state.get_sleeve(order.account_id, order.sleeve_id)
    position = sleeve.positions.get(symbol)
    return Knowledge(
        market.prices.get(symbol, 0),
        market.priced_at.get(symbol, -1),
        market.equity(sleeve),
        sleeve.orderable + reserved,
        0 if position is None else position.qty,
    )


def _key(intent_id: IntentId, account_id: AccountId, sleeve_id: SleeveId) -> str:
    """Return a wish's number without whose it is: accounts and sleeves may be called otherwise."""
    return intent_id.removeprefix(f"{account_id}:{sleeve_id}:")


_CAUSES: Final = frozenset(cause.value for cause in Cause)
