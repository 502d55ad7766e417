"""Cash and positions of an account at the newest prices, as the account queries show them."""

from __future__ import annotations

from datetime import date

import msgspec

from maemae.domain.ids import AccountId, Symbol
from maemae.emulators.kiwoom_rest.board import Line
from maemae.emulators.kiwoom_rest.deals import Deal
from maemae.emulators.kiwoom_rest.desk import Desk
from maemae.krx.calendar import add_sessions, settlement_date


class Cash(msgspec.Struct, frozen=True):
    """
    Cash by settlement date [won].

    Attributes:
        settled: 예수금: it does not move before a trade is settled.
        in_one, in_two: What it will be on the next session and the one after (D+1, D+2).
        orderable: What new buys may use.
        withdrawable: What may leave.
    """

    settled: int
    in_one: int
    in_two: int
    orderable: int
    withdrawable: int


class Position(msgspec.Struct, frozen=True):
    """
    One position at the newest price [shares, won].

    Attributes:
        bought_fee, sold_fee, tax: Commission that was paid, and what leaving would cost.
        profit: Value less cost and all charges.
    """

    line: Line
    qty: int
    sellable: int
    cost: int
    value: int
    bought_fee: int
    sold_fee: int
    tax: int

    @property
    def symbol(self) -> Symbol:
        """What is held."""
        return self.line.symbol

    @property
    def average(self) -> int:
        """What a share cost, charges left out [won]."""
        return self.cost // self.qty

    @property
    def fees(self) -> int:
        """Commission of both ways [won]."""
        return self.bought_fee + self.sold_fee

    @property
    def profit(self) -> int:
        """Value less cost and all charges [won]."""
        return self.value - self.cost - self.fees - self.tax


class Flow(msgspec.Struct):
    """Shares of one instrument that were bought and sold in a day."""

    bought: int = 0
    sold: int = 0


def cash_of(desk: Desk, account_id: AccountId) -> Cash:
    """Return the cash of an account."""
    account = desk.books.house.account(account_id)
    settled = account.cash - sum(account.unsettled.values())
    next_day = add_sessions(desk.today, 1)
    due = sum(amount for day, amount in account.unsettled.items() if day <= next_day)
    return Cash(settled, settled + due, account.cash, account.orderable, account.withdrawable)


def positions_of(desk: Desk, account_id: AccountId) -> list[Position]:
    """Return what an account holds, by code."""
    schedule = desk.config.schedule
    found = []
    for symbol, held in sorted(desk.books.house.account(account_id).holdings.items()):
        line = desk.line(symbol)
        value = held.qty * line.price
        instrument = desk.books.rules[symbol].instrument
        found.append(
            Position(
                line,
                held.qty,
                held.sellable,
                held.cost,
                value,
                schedule.commission(held.cost),
                schedule.commission(value),
                schedule.tax(value, instrument, desk.today),
            )
        )
    return found


def flows_of(desk: Desk, account_id: AccountId, day: date) -> dict[Symbol, Flow]:
    """Return what an account bought and sold on a day."""
    flows: dict[Symbol, Flow] = {}
    for deal in desk.deals.of_day(account_id, day):
        flow = flows.setdefault(deal.symbol, Flow())
        if deal.is_sale:
            flow.sold += deal.fill.qty
        else:
            flow.bought += deal.fill.qty
    return flows


def due_on(desk: Desk, account_id: AccountId, day: date) -> tuple[int, int]:
    """Return what purchases cost and sales bring that are settled on a day, charges in [won]."""
    deals = [deal for deal in desk.deals.deals(account_id) if settlement_date(deal.day) == day]
    paid = sum(deal.notional + deal.fee for deal in deals if not deal.is_sale)
    received = sum(proceeds(deal) for deal in deals if deal.is_sale)
    return paid, received


def proceeds(deal: Deal) -> int:
    """Return what a sale brings after its charges [won]."""
    return deal.notional - deal.fee - deal.tax
