"""A simulated broker on an ordinary day, and orders for it, every argument optional."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from maemae.domain.execution import ExecutionReport
from maemae.domain.ids import AccountId, ClOrdId, IntentId, SleeveId, Symbol
from maemae.domain.order import Order
from maemae.domain.order_status import ExecType
from maemae.domain.terms import Market, OrdType, Product, Purpose, Side, TimeInForce
from maemae.krx.band import PriceBand, price_band
from maemae.krx.costs import KIWOOM_REAL, CostSchedule
from maemae.krx.instrument import Instrument
from maemae.krx.session import Phase
from maemae.krx.status import InstrumentState
from maemae.venue.assumptions import STRICT_KRX, Assumptions
from maemae.venue.house import House

DAY: Final = date(2024, 7, 3)  # trades of this Wednesday settle on Friday
NEXT_DAY: Final = date(2024, 7, 4)
SETTLEMENT: Final = date(2024, 7, 5)
ACCOUNT: Final = AccountId("5012345610")
SYMBOL: Final = Symbol("005930")
STOCK: Final = Instrument(SYMBOL, "삼성전자", Market.KOSPI, Product.STOCK, 5_969_782_550)
BASE: Final = 80_000  # the band is 56,000 to 104,000, the tick 100 around the base
CASH: Final = 100_000_000


def a_house(
    assumptions: Assumptions = STRICT_KRX,
    schedule: CostSchedule = KIWOOM_REAL,
    cash: int = CASH,
    states: Iterable[InstrumentState] = (),
) -> House:
    """Return a house in continuous trading, with one account and one stock at 80,000 won."""
    house = House(schedule, assumptions)
    house.open_account(ACCOUNT, cash)
    house.start_session(DAY)
    house.set_instrument(STOCK, DAY, BASE, a_band(), states)
    house.set_phase(Phase.CONTINUOUS)
    return house


def a_relaxed_house(assumptions: Assumptions, cash: int = CASH) -> House:
    """Return a house that makes no claim about ticks, band and size caps."""
    house = a_house(assumptions, cash=cash)
    house.set_instrument(STOCK, DAY, None, None)
    return house


def a_band() -> PriceBand:
    """Return the band of the stock's day."""
    return price_band(BASE, STOCK, DAY)


def an_order(
    number: int = 1,
    side: Side = Side.BUY,
    qty: int = 10,
    price: int | None = None,
    life: TimeInForce = TimeInForce.DAY,
    account: AccountId = ACCOUNT,
    symbol: Symbol = SYMBOL,
) -> Order:
    """Return an order; a market order if no price is given."""
    return Order(
        cl_ord_id=ClOrdId(number),
        account_id=account,
        sleeve_id=SleeveId("S"),
        symbol=symbol,
        side=side,
        ord_type=OrdType.MARKET if price is None else OrdType.LIMIT,
        time_in_force=life,
        price=price,
        order_qty=qty,
        purpose=Purpose.NEW,
        intent_id=IntentId(f"I{number}"),
        at=0,
    )


def a_bar(
    house: House,
    open_price: int = BASE,
    high: int = 82_000,
    low: int = 78_000,
    volume: int = 1_000_000,
    symbol: Symbol = SYMBOL,
) -> list[ExecutionReport]:
    """Begin a bar that closes where it opened."""
    return house.begin_bar(symbol, open_price, high, low, open_price, volume, 0)


def buy(house: House, qty: int = 10, price: int = BASE, number: int = 900) -> None:
    """Buy shares in a bar at one price, so that they are held."""
    house.submit(an_order(number, Side.BUY, qty, price), 0)
    a_bar(house, price, price, price)
    house.end_bar(SYMBOL)


def fills(reports: Iterable[ExecutionReport]) -> list[tuple[int, int, int]]:
    """Return (order, quantity, price) of every fill."""
    return [(r.cl_ord_id, r.last_qty, r.last_px) for r in reports if r.exec_type is ExecType.TRADE]


def kinds(reports: Iterable[ExecutionReport]) -> list[ExecType]:
    """Return what the reports say happened."""
    return [report.exec_type for report in reports]
