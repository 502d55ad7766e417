"""
The figures of a session, derived anew: what limits count must be what really happened.

The journal's records of the session are added up, and the broker's fills are; neither looks at
the counters that the core keeps. Every figure is of the exchange's session, whatever the time
zone of the machine. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

import msgspec

from maemae.core.actions import (
    BasePriceDoubted,
    CashAdjusted,
    CashMoved,
    DividendEarned,
    FillBooked,
    HoldingAdjusted,
    ReplaceOrder,
    SessionOpened,
    SleeveAdded,
    SubmitOrder,
)
from maemae.core.state import CoreState
from maemae.domain.cash_flow import RETURNS
from maemae.domain.ids import AccountId, ClOrdId, SleeveId, Symbol
from maemae.domain.instant import kst_date
from maemae.domain.order import Order
from maemae.domain.statement import StatedExecution
from maemae.domain.terms import Side
from maemae.ports import Entry

SleeveKey = tuple[AccountId, SleeveId]
Turnover = Mapping[tuple[AccountId, Symbol, Side], tuple[int, int]]
"""Shares and notional [won] by account, instrument and side."""


class Figures(msgspec.Struct):
    """
    What a session came to for a sleeve.

    Attributes:
        opening_equity: Equity when it began [won].
        flows: Money that came, less what went, since [won].
        realized: Profit after charges since [won]; a loss is below 0.
        orders: Orders and changes that were sent.
        notional: Fills by order [won].
    """

    opening_equity: int = 0
    flows: int = 0
    realized: int = 0
    orders: int = 0
    notional: dict[ClOrdId, int] = {}


class Drift(msgspec.Struct, frozen=True):
    """A figure of the book that is not what it ought to be."""

    subject: str
    figure: str
    book: int
    derived: int


def rederive(entries: Iterable[Entry], orders: Mapping[ClOrdId, Order]) -> dict[SleeveKey, Figures]:
    """
    Return what a session came to for each sleeve.

    Profits of corporate actions other than dividends are not among them: no limit counts them.

    Args:
        entries: Records of the session in order, the one that opened it among them.
        orders: Of the book; whose a changed order is, is told by them.
    """
    day = _Day(orders)
    for entry in entries:
        for action in entry.actions:
            handler = _HANDLERS.get(type(action))
            if handler is not None:
                handler(day, action)
    return day.sleeves


def ledger_drift(state: CoreState, figures: Mapping[SleeveKey, Figures]) -> list[Drift]:
    """
    Return every counter of the book that the records do not bear out.

    Args:
        state: The book after the last of the records.
        figures: As `rederive` returned them.
    """
    found = []
    notional: Counter[ClOrdId] = Counter()  # a sale from elsewhere may be booked in many sleeves
    for each in figures.values():
        notional.update(each.notional)
    for sleeve in state.sleeves.values():
        key = (sleeve.account_id, sleeve.sleeve_id)
        derived = figures.get(key, Figures())
        booked = {
            order.cl_ord_id: order.notional
            for order in state.orders.values()
            if (order.account_id, order.sleeve_id) == key
            and kst_date(order.at) == state.session_date
        }
        recorded = sum(notional[number] for number in booked)
        pairs = {
            "orders_today": (sleeve.orders_today, derived.orders),
            "opening_equity": (sleeve.opening_equity, derived.opening_equity),
            "flows": (sleeve.flows - sleeve.opening_flows, derived.flows),
            "notional": (sum(booked.values()), recorded),
        }
        found += [
            Drift(" ".join(key), name, *pair) for name, pair in pairs.items() if pair[0] != pair[1]
        ]
    return found


def fills_drift(
    state: CoreState, account_id: AccountId, executions: Sequence[StatedExecution], day: date
) -> list[Drift]:
    """
    Return every instrument whose fills in the book are not those that the broker lists.

    Args:
        state: The book.
        account_id: Whose fills.
        executions: Complete list of the account and day.
        day: Its session.
    """
    theirs, ours = _listed(executions), _booked(state, account_id, day)
    return [
        Drift(" ".join(key), name, mine, listed)
        for key in sorted(theirs.keys() | ours.keys())
        for name, mine, listed in zip(
            ("qty", "notional"), ours.get(key, (0, 0)), theirs.get(key, (0, 0)), strict=True
        )
        if mine != listed
    ]


def _listed(executions: Sequence[StatedExecution]) -> Turnover:
    qty: Counter[tuple[AccountId, Symbol, Side]] = Counter()
    notional: Counter[tuple[AccountId, Symbol, Side]] = Counter()
    once = {(told.order_id, told.exec_id): told for told in executions}
    for told in once.values():
        key = (told.account_id, told.symbol, told.side)
        qty[key] += told.qty
        notional[key] += told.qty * told.px
    return {key: (qty[key], notional[key]) for key in qty}


def _booked(state: CoreState, account_id: AccountId, day: date) -> Turnover:
    qty: Counter[tuple[AccountId, Symbol, Side]] = Counter()
    notional: Counter[tuple[AccountId, Symbol, Side]] = Counter()
    for order in state.orders.values():
        if order.account_id == account_id and order.cum_qty and kst_date(order.at) == day:
            key = (account_id, order.symbol, order.side)
            qty[key] += order.cum_qty
            notional[key] += order.notional
    return {key: (qty[key], notional[key]) for key in qty}


class _Day:
    """Everything of the session so far."""

    def __init__(self, orders: Mapping[ClOrdId, Order]) -> None:
        self.orders = orders
        self.sleeves: dict[SleeveKey, Figures] = {}

    def of(self, account_id: AccountId, sleeve_id: SleeveId) -> Figures:
        return self.sleeves.setdefault((account_id, sleeve_id), Figures())


def _opened(day: _Day, action: SessionOpened) -> None:
    day.sleeves = {
        (account_id, sleeve_id): Figures(equity)
        for account_id, sleeve_id, equity in action.equities
    }


def _added(day: _Day, action: SleeveAdded) -> None:
    day.of(action.account_id, action.sleeve_id).opening_equity = action.cash


def _submitted(day: _Day, action: SubmitOrder) -> None:
    day.of(action.order.account_id, action.order.sleeve_id).orders += 1


def _replaced(day: _Day, action: ReplaceOrder) -> None:
    order = day.orders[action.orig_cl_ord_id]
    day.of(order.account_id, order.sleeve_id).orders += 1


def _filled(day: _Day, action: FillBooked) -> None:
    figures = day.of(action.account_id, action.sleeve_id)
    figures.realized += action.realized
    qty = action.qty if action.side is Side.BUY else -action.qty
    before = figures.notional.get(action.cl_ord_id, 0)
    figures.notional[action.cl_ord_id] = before + qty * action.px


def _moved(day: _Day, action: CashMoved) -> None:
    flow = action.flow
    figures = day.of(flow.account_id, flow.sleeve_id)
    if flow.to_sleeve_id is not None:
        figures.flows -= flow.amount
        day.of(flow.account_id, flow.to_sleeve_id).flows += flow.amount
    elif flow.kind in RETURNS:
        figures.realized += flow.amount
    else:
        figures.flows += flow.amount


def _adjusted(day: _Day, action: CashAdjusted) -> None:
    day.of(action.account_id, action.sleeve_id).flows += action.amount


def _shares_adjusted(day: _Day, action: HoldingAdjusted) -> None:
    day.of(action.account_id, action.sleeve_id).flows += action.cost


def _doubted(day: _Day, action: BasePriceDoubted) -> None:
    for sleeve_id, fall in action.falls:
        day.of(action.account_id, sleeve_id).flows -= fall


def _earned(day: _Day, action: DividendEarned) -> None:
    day.of(action.account_id, action.sleeve_id).realized += action.amount


_HANDLERS: Final[dict[type, Callable[[_Day, Any], None]]] = {
    SessionOpened: _opened,
    SleeveAdded: _added,
    SubmitOrder: _submitted,
    ReplaceOrder: _replaced,
    FillBooked: _filled,
    CashMoved: _moved,
    CashAdjusted: _adjusted,
    HoldingAdjusted: _shares_adjusted,
    BasePriceDoubted: _doubted,
    DividendEarned: _earned,
}
