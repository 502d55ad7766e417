"""Whatever is ordered and whatever the bars do, the broker's books conserve to the won."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from maemae.domain.cash_flow import CashFlow, CashFlowKind
from maemae.domain.corporate_action import (
    CashDividend,
    CorporateAction,
    Delisting,
    Merger,
    RightsIssue,
    ShareChange,
)
from maemae.domain.execution import ExecutionReport
from maemae.domain.ids import AccountId, ClOrdId, SleeveId, Symbol
from maemae.domain.order import Order
from maemae.domain.order_status import ExecType
from maemae.domain.terms import Market, Product, Side, TimeInForce
from maemae.krx.band import price_band
from maemae.krx.calendar import add_sessions, next_session
from maemae.krx.costs import KIWOOM_PAPER, KIWOOM_REAL, CostSchedule, Rounding
from maemae.krx.instrument import Instrument
from maemae.krx.session import Phase
from maemae.krx.tick import tick_table
from maemae.venue.assumptions import (
    RELAXED_ADJUSTED,
    STRICT_KRX,
    Assumptions,
    ThroughFill,
    TickSlippage,
    VolumeShare,
)
from maemae.venue.house import House
from tests.house_builder import an_order
from tests.house_shadow import Shadow, ShadowAccount

FIRST_DAY = date(2024, 12, 24)  # the tax changes within the run
BASE = 20_000  # ticks change here
ACCOUNTS = (AccountId("1"), AccountId("2"))
STOCKS = (
    Instrument(Symbol("000010"), "", Market.KOSPI, Product.STOCK, 10_000_000),
    Instrument(Symbol("000020"), "", Market.KOSDAQ, Product.STOCK, 10_000_000),
    Instrument(Symbol("000030"), "", Market.KOSPI, Product.ETF, 10_000_000),
)
SYMBOLS = tuple(stock.symbol for stock in STOCKS)
PRICES = st.integers(-12, 12)
PICKED = (0, 1, 2)
PICKS = st.sampled_from(PICKED)
PHASES = st.sampled_from([Phase.CONTINUOUS] * 4 + [Phase.CLOSING_AUCTION])

SUBMITS = st.tuples(
    st.just("submit"),
    PICKS,
    st.sampled_from(Side),
    st.sampled_from([*TimeInForce, TimeInForce.DAY]),
    st.one_of(st.none(), st.integers(-4, 4), PRICES),
    st.integers(1, 110),
)
BARS = st.tuples(st.just("bar"), st.lists(PRICES, min_size=2, max_size=5), st.integers(0, 9_000))
STEPS = st.one_of(
    *[SUBMITS] * 6,
    *[BARS] * 6,
    st.tuples(st.just("begin"), PICKS, PRICES, st.integers(0, 9_000)),
    st.tuples(st.just("cancel"), st.integers(0, 9)),
    *[st.tuples(st.just("replace"), st.integers(0, 9), PRICES, st.integers(1, 200))] * 2,
    st.tuples(st.just("phase"), PHASES),
    st.tuples(st.just("flow"), st.integers(-100, 100)),
    st.tuples(
        st.just("action"),
        st.sampled_from([0, 0, 1, 1, 2, 2, 3, 4]),
        st.integers(1, 7),
        st.integers(1, 7),
    ),
    st.tuples(st.just("session")),
)
RUNS = st.lists(STEPS, min_size=30, max_size=60)
SCHEDULES = st.builds(
    lambda schedule, rounding: replace(schedule, rounding=rounding),
    st.sampled_from([KIWOOM_REAL, KIWOOM_PAPER]),
    st.sampled_from(Rounding),
)
STRICT = st.sampled_from(
    [
        STRICT_KRX,
        replace(STRICT_KRX, limit_fill=ThroughFill(), slippage=TickSlippage(3)),
        replace(STRICT_KRX, participation=VolumeShare(1_000_000), slippage=TickSlippage(0)),
    ]
)


class Run:
    """Drives a house and its shadow through the same steps and compares them after each."""

    def __init__(self, schedule: CostSchedule, assumptions: Assumptions, *, strict: bool) -> None:
        self.house = House(schedule, assumptions)
        self.shadow = Shadow(schedule, STOCKS)
        self.assumptions = assumptions
        self.strict = strict
        self.number = 0
        self.inside: dict[Symbol, tuple[int, int]] = {}
        self.allowance: dict[Symbol, int] = {}
        for index, account_id in enumerate(ACCOUNTS):
            cash = (10_000_000, 3_000_000)[index]
            self.house.open_account(account_id, cash)
            self.shadow.accounts[account_id] = ShadowAccount(cash)
        self.day = FIRST_DAY
        self.start()
        for pick in PICKED:
            self.submit(pick, Side.BUY, TimeInForce.DAY, 0, 15)
            self.submit(pick, Side.BUY, TimeInForce.DAY, 0, 15)
        self.bar([0, 0], 100_000)

    def start(self) -> None:
        self.house.start_session(self.day)
        self.shadow.start_session(self.day)
        for stock in STOCKS:
            band = price_band(BASE, stock, self.day)
            base, band_told = (BASE, band) if self.strict else (None, None)
            self.house.set_instrument(stock, self.day, base, band_told)
            self.house.set_last_price(stock.symbol, BASE)
        self.house.set_phase(Phase.CONTINUOUS)

    def price(self, pick: int, offset: int) -> int:
        """Return a price; on the grid and inside the band where these are claimed."""
        if not self.strict:
            return max(100, BASE + offset * 1_237)
        stock = STOCKS[pick]
        table, band = (
            tick_table(stock.market, stock.product, self.day),
            price_band(BASE, stock, self.day),
        )
        if abs(offset) == 12:
            return band.upper if offset > 0 else band.lower
        return table.step(BASE, offset * 3)

    def take(self, reports: list[ExecutionReport]) -> None:
        for report in reports:
            self.shadow.take([report])
            if report.exec_type is ExecType.TRADE:
                self.check_fill(report)

    def check_fill(self, fill: ExecutionReport) -> None:
        order = self.shadow.orders[fill.cl_ord_id]
        low, high = self.inside[order.symbol]
        self.allowance[order.symbol] -= fill.last_qty
        assert fill.last_qty > 0
        assert self.allowance[order.symbol] >= 0
        assert low <= fill.last_px <= high
        if order.price is not None:
            better = order.price - fill.last_px
            assert better >= 0 if order.side is Side.BUY else better <= 0
        if self.strict:
            stock = STOCKS[SYMBOLS.index(order.symbol)]
            assert fill.last_px in price_band(BASE, stock, self.day)
            assert tick_table(stock.market, stock.product, self.day).is_on_grid(fill.last_px)

    def submit(
        self, pick: int, side: Side, life: TimeInForce, offset: int | None, percent: int
    ) -> None:
        """Submit an order for a share of what the account has, which may be too much."""
        self.number += 1
        price = None if offset is None else self.price(pick, offset)
        account_id = ACCOUNTS[self.number % 2]
        account = self.house.account(account_id)
        if side is Side.BUY:
            has = account.orderable // (price or BASE * 13 // 10)
        else:
            has = self.shadow.accounts[account_id].shares[SYMBOLS[pick]]
        qty = max(1, has * percent // 100)
        order = an_order(self.number, side, qty, price, life, account_id, SYMBOLS[pick])
        self.shadow.orders[order.cl_ord_id] = order
        self.take(self.house.submit(order, self.number))

    def begin(self, pick: int, opening: int, volume: int, points: tuple[int, ...] = ()) -> None:
        symbol = SYMBOLS[pick]
        self.house.end_bar(symbol)
        path = [self.price(pick, point) for point in (opening, *points)]
        low, high = min(path), max(path)
        self.inside[symbol] = low, high
        self.allowance[symbol] = self.assumptions.participation.allowance(volume)
        bar = (symbol, path[0], high, low, path[-1], volume)
        self.take(self.house.begin_bar(*bar, self.number))
        for price in path[1:]:
            self.take(self.house.move(symbol, price, self.number))

    def bar(self, points: list[int], volume: int) -> None:
        for pick in PICKED:
            self.begin(pick, points[0], volume, tuple(points[1:]))
            self.house.end_bar(SYMBOLS[pick])

    def pick_order(self, pick: int) -> Order:
        """Return an open order, or one that has ended if none is open."""
        working = [order for account_id in ACCOUNTS for order in self.shadow.working(account_id)]
        orders = working or list(self.shadow.orders.values())
        return orders[pick % len(orders)]

    def cancel(self, pick: int) -> None:
        order = self.pick_order(pick)
        self.take(self.house.cancel(order.cl_ord_id, ClOrdId(10**6), self.number))

    def replace(self, pick: int, offset: int, percent: int) -> None:
        order = self.pick_order(pick)
        price = self.price(SYMBOLS.index(order.symbol), offset)
        qty = order.order_qty * percent // 100
        self.number += 1
        self.take(self.house.replace(order.cl_ord_id, ClOrdId(10**6), price, qty, self.number))

    def phase(self, phase: Phase) -> None:
        self.house.set_phase(phase)

    def flow(self, percent: int) -> None:
        account_id = ACCOUNTS[percent % 2]
        amount = self.house.account(account_id).withdrawable * percent // 100
        kind = CashFlowKind.WITHDRAWAL if amount < 0 else CashFlowKind.DEPOSIT
        self.house.apply(CashFlow(account_id, SleeveId("S"), kind, amount, self.number))
        self.shadow.accounts[account_id].cash += amount

    def action(self, kind: int, numerator: int, denominator: int) -> None:
        symbol, day, price = SYMBOLS[numerator % 3], self.day, 1_000 * numerator + denominator
        actions: list[CorporateAction] = [
            ShareChange(symbol, day, 0, numerator, denominator, price),
            CashDividend(symbol, day, 0, price, add_sessions(day, denominator)),
            RightsIssue(symbol, day, 0, numerator, denominator, price),
            Merger(symbol, day, 0, SYMBOLS[(numerator + 1) % 3], numerator, denominator, price),
            Delisting(symbol, day, 0, price),
        ]
        self.take(self.house.apply(actions[kind]))
        self.shadow.apply(actions[kind])

    def session(self) -> None:
        for symbol in SYMBOLS:
            self.house.end_bar(symbol)
        self.inside.clear()
        self.take(self.house.end_session(self.number))
        self.day = next_session(self.day)
        self.start()

    def check(self) -> None:
        for account_id, shadow in self.shadow.accounts.items():
            account = self.house.account(account_id)
            assert account.cash == shadow.cash
            assert account.unsettled == shadow.unsettled
            shares = {symbol: qty for symbol, qty in shadow.shares.items() if qty}
            assert {s: held.qty for s, held in account.holdings.items()} == shares
            assert all(0 <= held.selling <= held.qty for held in account.holdings.values())
            assert 0 <= account.reserved <= account.cash
            assert account.withdrawable <= account.orderable
            self.check_claims(account_id)

    def check_claims(self, account_id: AccountId) -> None:
        working = self.shadow.working(account_id)
        account = self.house.account(account_id)
        buys = [order for order in working if order.side is Side.BUY]
        limits = sum(order.leaves_qty * order.price for order in buys if order.price is not None)
        assert account.reserved >= limits
        assert buys or account.reserved == 0
        for symbol, held in account.holdings.items():
            assert held.selling == sum(
                order.leaves_qty
                for order in working
                if order.side is Side.SELL and order.symbol == symbol
            )

    def play(self, steps: list[tuple[Any, ...]]) -> None:
        for name, *arguments in steps:
            getattr(self, name)(*arguments)
            self.check()
        self.session()
        self.check()
        assert not self.house.resting_symbols
        assert all(order.is_closed for order in self.shadow.orders.values())


@given(SCHEDULES, STRICT, RUNS)
def test_books_conserve_under_the_rules_of_the_exchange(
    schedule: CostSchedule, assumptions: Assumptions, steps: list[tuple[Any, ...]]
) -> None:
    Run(schedule, assumptions, strict=True).play(steps)


@given(SCHEDULES, RUNS)
def test_books_conserve_on_adjusted_prices(
    schedule: CostSchedule, steps: list[tuple[Any, ...]]
) -> None:
    Run(schedule, RELAXED_ADJUSTED, strict=False).play(steps)


@given(RUNS)
def test_same_steps_give_the_same_reports(steps: list[tuple[Any, ...]]) -> None:
    runs = [Run(KIWOOM_REAL, STRICT_KRX, strict=True) for _ in range(2)]
    for run in runs:
        run.play(steps)
    assert runs[0].shadow.orders == runs[1].shadow.orders
