"""
Whatever happens to a core, its books add up, and its actions alone give the books back.

A broker is played in two ways: an honest one reports what an exchange could do, a wild one
repeats, loses, overfills, busts and confuses.
"""

from __future__ import annotations

import copy
from datetime import date

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from maemae.core.actions import (
    Action,
    AlarmRaised,
    CancelOrder,
    CashAdjusted,
    HoldingAdjusted,
    ReplaceOrder,
    SubmitOrder,
    SymbolQuarantined,
)
from maemae.core.config import CoreConfig, ExitStyle, PriceGuard, Rung
from maemae.core.events import (
    AccountStated,
    CeilingSet,
    CorporateActionDue,
    Event,
    ExternalOrderSeen,
    KillLevel,
    KillSet,
    LimitsSet,
    PhaseChanged,
    SellableStated,
    SessionStarted,
    SleeveResumed,
    SymbolReleased,
    TimePassed,
    TradingStateSet,
    WishWithdrawn,
)
from maemae.core.fold import fold
from maemae.core.limits import Limits
from maemae.core.machine import TradingCore
from maemae.core.state import CoreState
from maemae.domain.cash_flow import CashFlow, CashFlowKind
from maemae.domain.corporate_action import (
    CashDividend,
    CorporateAction,
    Delisting,
    Merger,
    RightsIssue,
    ShareChange,
)
from maemae.domain.errors import InvalidValueError
from maemae.domain.execution import ExecutionReport
from maemae.domain.exit_terms import ExitTerms, Hold, Trail
from maemae.domain.ids import EXTERNAL_SLEEVE, ClOrdId, IntentId, OrderId, Symbol
from maemae.domain.instant import SECOND
from maemae.domain.intent import (
    MILLION,
    CancelIntent,
    Cash,
    Everything,
    OrderIntent,
    ReplaceIntent,
    Size,
    Weight,
    WithdrawIntent,
)
from maemae.domain.order import Order
from maemae.domain.order_status import ExecType
from maemae.domain.statement import StatedHolding, StatedOrder, StatedStatus
from maemae.domain.terms import OrdType, Side, TimeInForce, TradingState
from maemae.krx.calendar import next_session
from maemae.krx.costs import CostSchedule, Rounding
from maemae.krx.session import Phase
from maemae.krx.status import InstrumentState
from tests.book_checks import check_books, check_cancels, check_waits, counted
from tests.broker_account import BrokerAccount, Totals, totals_of
from tests.builders import (
    ACCOUNT,
    CASH,
    DAY_1,
    HYNIX,
    NOON,
    OTHER_SLEEVE,
    SAMSUNG,
    SLEEVE,
    a_config,
    a_fill,
    a_price,
    a_report,
    an_intent,
    opening,
    rules,
    target_weights,
)
from tests.parent_wishes import WAYS, check_parents, parent_of
from tests.sales_from_elsewhere import (
    SalesFromElsewhere,
    Shares,
    check_nothing_lacks,
    holdings,
)

E = ExecType
SYMBOLS, SLEEVES = (SAMSUNG, HYNIX), (SLEEVE, OTHER_SLEEVE)
PRICES = st.integers(700, 1_300).map(lambda tens: tens * 10)
PHASES = (Phase.CONTINUOUS, Phase.CONTINUOUS, Phase.CLOSED, Phase.PRE_OPEN_AUCTION)
SIZES: st.SearchStrategy[Size | int] = st.one_of(
    st.integers(1, 300),
    st.builds(Cash, st.integers(1, CASH)),
    st.builds(Weight, st.integers(1, MILLION)),
    st.integers(1, 20).map(lambda steps: Weight(steps * 10_000)),
)
TRAILS = st.builds(Trail, ppm=st.integers(1, 200_000)) | st.builds(Trail, won=st.integers(1, 900))
HOLDS = st.builds(Hold, sessions=st.integers(1, 2)) | st.builds(
    Hold, lasts=st.integers(1, 9 * SECOND)
)
EXITS = st.none() | st.builds(ExitTerms, trail=st.none() | TRAILS, hold=st.none() | HOLDS)
LADDER = (
    Rung(ExitStyle.TRIGGER, lasts=2 * SECOND),
    Rung(ExitStyle.THROUGH, ticks=3, lasts=SECOND),
    Rung(ExitStyle.MARKET),
)
JUDGED = PriceGuard(100_000, 20_000, SECOND, 5 * SECOND)
ADJUSTMENTS = CashAdjusted | HoldingAdjusted | SymbolQuarantined | AlarmRaised
TO_BYTES = msgspec.json.encode
ACTIONS = msgspec.json.Decoder(list[Action])
EVENTS = msgspec.json.Decoder(Event)


class Town:
    """A core, the broker and the exchange around it, and what a person could check afterwards."""

    def __init__(self, data: st.DataObject, *, honest: bool, rounding: Rounding) -> None:
        self._draw = data.draw
        self._honest = honest
        self._config = self._configure(rounding)
        self.core, self.told = TradingCore(self._config), TradingCore(self._config)
        self.shadow = CoreState()
        self.at, self.today, self.count = int(NOON), DAY_1, 0
        self.sent: dict[ClOrdId, Order] = {}  # what the exchange still has
        self.asked: list[CancelOrder | ReplaceOrder] = []
        self.unsent: set[ClOrdId] = set()  # cancels that could name no number: nobody answers
        self.broker = BrokerAccount(self._config.schedules[ACCOUNT])
        self.elsewhere = SalesFromElsewhere()
        for event in opening(sleeves=SLEEVES):
            self.tell(event)

    def _configure(self, rounding: Rounding) -> CoreConfig:
        schedule = CostSchedule("시험", 35, 10_000, cut=10, rounding=rounding)
        config = a_config(schedule=schedule, cash_spare=1_000)
        if self._draw(st.booleans()):
            config = replace(config, exit_ladder=LADDER)
        return replace(config, price_guard=JUDGED) if self._draw(st.booleans()) else config

    def tell(self, event: Event) -> None:
        order, totals, held = None, totals_of(self.core.state), {}
        if isinstance(event, ExecutionReport):
            order = self.core.state.orders.get(event.cl_ord_id)
            held = {} if order is None else holdings(self.core.state, order.symbol)
        try:
            actions = self.core.handle(event)
        except InvalidValueError:  # a withdrawal of what is not there
            assert TO_BYTES(self.shadow) == TO_BYTES(self.core.state)
            return
        self._check(event, actions)
        if isinstance(event, ExecutionReport) and order is not None:
            self._check_report(event, actions, order, totals, held)
        for action in actions:
            if isinstance(action, SubmitOrder):
                self.sent[action.order.cl_ord_id] = action.order
            elif isinstance(action, CancelOrder) and action.order_id is None:
                self.unsent.add(action.cl_ord_id)
            elif isinstance(action, CancelOrder | ReplaceOrder):
                self.asked.append(action)

    def _check(self, event: Event, actions: list[Action]) -> None:
        for action in actions:
            fold(self.shadow, action)
        assert TO_BYTES(self.shadow) == TO_BYTES(self.core.state)
        again = self.told.handle(EVENTS.decode(TO_BYTES(event)))
        assert TO_BYTES(again) == TO_BYTES(actions)
        assert ACTIONS.decode(TO_BYTES(actions)) == actions
        check_books(self.core.state)
        check_parents(self.core.state, actions)
        check_cancels(self.core, self.unsent)
        if self._config.price_guard is not None:
            assert self.core.now <= self.at + JUDGED.ahead
        if self._honest:
            assert all(sleeve.orderable >= 0 for sleeve in self.core.state.sleeves.values())
            assert not any(sleeve.halted for sleeve in self.core.state.sleeves.values())
            sleeves = self.core.state.sleeves.values()
            assert all(each.sellable(symbol) >= 0 for each in sleeves for symbol in SYMBOLS)

    def _check_report(
        self,
        report: ExecutionReport,
        actions: list[Action],
        order: Order,
        totals: Totals,
        held: Shares,
    ) -> None:
        """Check that the sleeves together have what the broker has, and that each has its own."""
        state = self.core.state
        after = state.orders[order.cl_ord_id]
        expected = self.broker.after(totals, order, after, self.today, report.at)
        assert totals_of(state) == expected
        if order.sleeve_id == EXTERNAL_SLEEVE:
            self.elsewhere.judge(report, order, held, state, actions)
        assert copy.deepcopy(self.core).handle(report) == [] or is_lost(report)

    def wish(self) -> None:
        self.tell(self._wished())

    def divide(self) -> None:
        """Wish an order that waits, or that goes in parts; or take such wishes back."""
        order = self._wished()
        if self._draw(st.integers(0, 4)):
            self.tell(parent_of(order, self._draw(WAYS)))
        else:
            self.tell(WithdrawIntent(ACCOUNT, order.sleeve_id, order.symbol, self.at))

    def take_back(self) -> None:
        """Take one wish back that waits, as a person does, or one that does not."""
        state = self.core.state
        waiting = [
            *state.parents,
            *(each.intent.intent_id for each in state.rebalances.values()),
            *(each.intent_id for each in state.parked),
            IntentId("nobody's"),
        ]
        number = self._draw(st.sampled_from(waiting))
        self.tell(WishWithdrawn(number, self.at))
        assert number not in {*state.parents, *(each.intent_id for each in state.parked)}

    def _wished(self) -> OrderIntent:
        self.count += 1
        side, limited = self._draw(st.sampled_from(Side)), self._draw(st.booleans())
        sizes = SIZES if side is Side.BUY else SIZES | st.just(Everything())
        guards = st.none() | st.integers(1, 200_000)
        return an_intent(
            side,
            self._draw(sizes),
            intent_id=f"wish-{self.count - self._draw(st.integers(0, 1))}",
            symbol=self._draw(st.sampled_from(SYMBOLS)),
            sleeve_id=self._draw(st.sampled_from(SLEEVES)),
            price=self._draw(PRICES) if limited else None,
            stop_loss=self._draw(guards),
            take_profit=self._draw(guards),
            exits=self._draw(EXITS),
            at=self.at,
        )

    def weigh(self) -> None:
        self.count += 1
        weights = self._draw(
            st.dictionaries(st.sampled_from(SYMBOLS), st.integers(0, MILLION), max_size=2)
        )
        sleeve_id = self._draw(st.sampled_from(SLEEVES))
        number = f"weights-{self.count}"
        self.tell(target_weights(weights, intent_id=number, sleeve_id=sleeve_id, at=self.at))

    def change_order(self) -> None:
        if self.core.state.orders:
            number = self._draw(st.sampled_from(list(self.core.state.orders)))
            if self._draw(st.booleans()):
                self.tell(CancelIntent(number, self.at))
            else:
                qty = self._draw(st.integers(1, 400))
                self.tell(ReplaceIntent(number, self._draw(PRICES), qty, self.at))

    def trade(self) -> None:
        """Fill some of an order at a price that its terms allow."""
        order = self._pick()
        if order is None:
            return
        limit = order.price or 13_000 if order.side is Side.BUY else order.price or 7_000
        low, high = (700, limit // 10) if order.side is Side.BUY else (limit // 10, 1_300)
        px = self._draw(st.integers(low, high)) * 10
        most = order.leaves_qty if self._honest else max(1, order.leaves_qty + 20)
        if most > 0:
            fill = a_fill(self._draw(st.integers(1, most)), px, "", order.cl_ord_id, self.at)
            self._report(msgspec.structs.replace(fill, exec_id=f"F{self._next()}"))

    def acknowledge(self) -> None:
        order = self._pick()
        if order is not None:
            self._report(self._said(E.NEW, order))

    def end(self) -> None:
        """End an order by the exchange; nobody fills it afterwards."""
        order = self._pick()
        if order is not None:
            ending = self._draw(st.sampled_from((E.EXPIRED, E.CANCELED, E.REJECTED)))
            if order.cum_qty and ending is E.REJECTED:
                ending = E.CANCELED
            self._report(self._said(ending, order))

    def lose(self) -> None:
        order = self._pick()
        if order is not None:
            self._report(self._said(E.OUTCOME_UNKNOWN, order))

    def answer(self) -> None:
        """Answer the oldest request: yes while the order can take it, otherwise no."""
        if not self.asked:
            return
        request = self.asked.pop(0)
        order = self.core.state.orders.get(request.orig_cl_ord_id)
        if order is None:
            return
        said = self._said(E.CANCEL_REJECTED, order, request.cl_ord_id)
        if not order.is_closed and self._draw(st.booleans()):
            if isinstance(request, CancelOrder):
                said = self._said(E.CANCELED, order, request.cl_ord_id)
            elif request.order_qty > order.cum_qty:
                said = a_report(
                    E.REPLACED,
                    cl_ord_id=order.cl_ord_id,
                    exec_id=f"R{self._next()}",
                    order_id=f"{10_000_000 + self._next()}",
                    price=request.price,
                    order_qty=request.order_qty,
                    request_id=request.cl_ord_id,
                    at=self.at,
                )
        self._report(said)

    def misbehave(self) -> None:
        """Bust, correct or invent, on any order that was ever sent."""
        if not self.sent:
            return
        order = self._draw(st.sampled_from(list(self.sent.values())))
        now = self.core.state.orders.get(order.cl_ord_id, order)
        ref = str(self._draw(st.sampled_from(now.fills)).exec_id) if now.fills else "F0"
        kind = self._draw(
            st.sampled_from((E.TRADE_CANCEL, E.TRADE_CORRECT, E.TRADE, E.CANCELED, E.REPLACED))
        )
        qty = self._draw(st.integers(1, 200)) if kind in {E.TRADE, E.TRADE_CORRECT} else 0
        self._report(
            a_report(
                kind,
                qty,
                self._draw(PRICES),
                cl_ord_id=order.cl_ord_id,
                exec_id=f"M{self._next()}",
                at=self.at,
                ref=ref,
                price=self._draw(PRICES),
                order_qty=self._draw(st.integers(1, 400)),
            )
        )

    def move_price(self) -> None:
        """Show a print; where prints are judged, its stamp may be any."""
        symbol, at = self._draw(st.sampled_from(SYMBOLS)), self.at
        if self._config.price_guard is not None:
            at += self._draw(st.sampled_from((0, 0, -1, 1, 4, 3_600, -3_600))) * SECOND
        self.tell(a_price(self._draw(PRICES), symbol, at))

    def move_time(self) -> None:
        self.at += self._draw(st.integers(0, 3)) * SECOND
        self.tell(PhaseChanged(self._draw(st.sampled_from(PHASES)), self.at))
        for symbol in SYMBOLS:
            self.tell(a_price(self._draw(PRICES), symbol, self.at))

    def next_day(self) -> None:
        """Begin the next session; the exchange has ended every order of the day."""
        if self._honest:
            while (order := self._pick()) is not None:
                self._report(self._said(E.EXPIRED, order))
        self.today = next_session(self.today)
        self.at += 86_400 * SECOND
        self.tell(SessionStarted(self.today, self.at))
        for symbol in SYMBOLS:
            self.tell(rules(symbol, day=self.today, at=self.at))
        self.move_time()

    def move_money(self) -> None:
        kind = self._draw(st.sampled_from(CashFlowKind))
        amount = self._draw(st.integers(-CASH, CASH))
        sleeve_id = self._draw(st.sampled_from(SLEEVES))
        sleeve = self.core.state.get_sleeve(ACCOUNT, sleeve_id)
        if self._honest and -amount > sleeve.orderable:
            return  # a broker takes no fee that is not there
        self.tell(CashFlow(ACCOUNT, sleeve_id, kind, amount, self.at))

    def act_corporately(self) -> None:
        symbol = self._draw(st.sampled_from(SYMBOLS))
        if self._honest and symbol in self.core.state.working:
            return  # an exchange ends the orders before the shares change
        up, down = self._draw(st.integers(1, 5)), self._draw(st.integers(1, 5))
        cash, pay = self._draw(st.integers(0, 5_000)), next_session(self.today)
        other = HYNIX if symbol == SAMSUNG else SAMSUNG
        day: date = self.today
        actions: list[CorporateAction] = [
            ShareChange(symbol, day, self.at, up, down, cash),
            CashDividend(symbol, day, self.at, cash, pay),
            RightsIssue(symbol, day, self.at, up, down, cash),
            Merger(symbol, day, self.at, other, up, down, cash),
            Delisting(symbol, day, self.at, cash),
        ]
        self.tell(CorporateActionDue(self._draw(st.sampled_from(actions)), self.at))

    def pass_time(self) -> None:
        """Let time pass, and check that the core said when that would do anything."""
        check_waits(self.core)
        due = self.core.wakes_at()
        if due is not None and self._draw(st.booleans()):
            self.at = max(self.at, due)
        else:
            self.at = max(self.at, self.core.now) + self._draw(st.integers(1, 3)) * SECOND
        self.tell(TimePassed(self.at))

    def halt_instrument(self) -> None:
        symbol = self._draw(st.sampled_from(SYMBOLS))
        states = self._draw(st.sampled_from(((), (), (InstrumentState.VI,))))
        self.tell(rules(symbol, day=self.today, states=states, at=self.at))

    def limit(self) -> None:
        limits = Limits(max_orders_per_day=self._draw(st.integers(1, 500)))
        self.tell(LimitsSet(ACCOUNT, self._draw(st.sampled_from(SLEEVES)), limits, self.at))

    def bound(self) -> None:
        self.tell(CeilingSet(self._draw(st.sampled_from(TradingState)), "시험", self.at))
        self.tell(CeilingSet(TradingState.ACTIVE, "시험", self.at))

    def trade_elsewhere(self) -> None:
        """Let a person order in HTS."""
        symbol, side = self._draw(st.sampled_from(SYMBOLS)), self._draw(st.sampled_from(Side))
        self._adopt(symbol, side, self._draw(st.integers(1, 200)))

    def sell_elsewhere(self) -> None:
        """Let a person, or the emergency lane, sell what the sleeves hold, and fill some of it."""
        symbol = self._draw(st.sampled_from(SYMBOLS))
        held = sum(holdings(self.core.state, symbol).values())
        order = self._adopt(symbol, Side.SELL, max(1, held + self._draw(st.integers(-10, 10))))
        for _ in range(self._draw(st.integers(1, 3))):
            qty, number = self._draw(st.integers(1, order.order_qty)), order.cl_ord_id
            fill = a_fill(qty, self._draw(PRICES), f"F{self._next()}", number, self.at)
            self._report(fill)

    def _adopt(self, symbol: Symbol, side: Side, qty: int) -> Order:
        self.count += 1
        price = self._draw(st.none() | PRICES)
        stated = StatedOrder(
            ACCOUNT,
            OrderId(f"H{self.count:07d}"),
            symbol,
            side,
            OrdType.MARKET if price is None else OrdType.LIMIT,
            TimeInForce.DAY,
            price,
            qty,
            0,
            qty,
            self._draw(st.sampled_from(StatedStatus)),
            self.at,
        )
        self.tell(ExternalOrderSeen(stated, self.at))
        order = self.core.state.orders[ClOrdId(self.core.state.last_cl_ord_id)]
        assert order.order_ids == (stated.order_id,)
        self.sent[order.cl_ord_id] = order
        assert self.core.handle(ExternalOrderSeen(stated, self.at)) == []
        return order

    def state_account(self) -> None:
        """Let the broker say what it has: afterwards the sleeves have just that."""
        holdings = tuple(
            StatedHolding(ACCOUNT, symbol, qty, qty, qty * self._draw(PRICES))
            for symbol in SYMBOLS
            if (qty := self._draw(st.integers(0, 300)))
        )
        event = AccountStated(ACCOUNT, self._draw(st.integers(0, 3 * CASH)), holdings, self.at)
        self.tell(event)
        sleeves = self.core.state.account(ACCOUNT)
        assert sum(sleeve.cash for sleeve in sleeves) == event.cash
        pairs = [(s, p.qty) for sleeve in sleeves for s, p in sleeve.positions.items()]
        assert counted(pairs) == {holding.symbol: holding.qty for holding in holdings}
        for symbol in SYMBOLS:
            check_nothing_lacks(self.core.state, symbol)
        again = copy.deepcopy(self.core).handle(event)
        assert not [action for action in again if isinstance(action, ADJUSTMENTS)]

    def state_sellable(self) -> None:
        symbol = self._draw(st.sampled_from(SYMBOLS))
        self.tell(SellableStated(ACCOUNT, symbol, self._draw(st.integers(0, 300)), self.at))
        self.tell(SymbolReleased(ACCOUNT, symbol, "시험", self.at))

    def command(self) -> None:
        commands: list[Event] = [
            *(SleeveResumed(ACCOUNT, name, "시험", self.at) for name in SLEEVES),
            TradingStateSet(TradingState.ACTIVE, "시험", self.at),
            TradingStateSet(self._draw(st.sampled_from(TradingState)), "시험", self.at),
            KillSet(KillLevel.OFF, "시험", self.at),
            KillSet(self._draw(st.sampled_from(KillLevel)), "시험", self.at),
        ]
        self.tell(self._draw(st.sampled_from(commands)))

    def _pick(self) -> Order | None:
        """Draw one of the orders that can still fill."""
        orders = self.core.state.orders
        live = [number for number in self.sent if number in orders]
        if self._honest:
            live = [number for number in live if not orders[number].is_closed]
        return orders[self._draw(st.sampled_from(live))] if live else None

    def _said(
        self, kind: ExecType, order: Order, request_id: ClOrdId | None = None
    ) -> ExecutionReport:
        return a_report(
            kind,
            cl_ord_id=order.cl_ord_id,
            exec_id=f"S{self._next()}",
            request_id=request_id,
            order_id=f"{order.cl_ord_id:07d}",
            at=self.at,
        )

    def _report(self, report: ExecutionReport) -> None:
        self.tell(report)
        if self._draw(st.integers(0, 3)) == 0:
            self.tell(report)

    def _next(self) -> int:
        self.count += 1
        return self.count


def is_lost(report: ExecutionReport) -> bool:
    """Whether a report says that nothing is known, which is alarmed every time."""
    return report.exec_type is E.OUTCOME_UNKNOWN


HONEST = (
    Town.wish,
    Town.wish,
    Town.divide,
    Town.divide,
    Town.weigh,
    Town.take_back,
    Town.change_order,
    Town.wish,
    Town.trade,
    Town.trade,
    Town.trade,
    Town.acknowledge,
    Town.end,
    Town.answer,
    Town.lose,
    Town.move_price,
    Town.move_time,
    Town.next_day,
    Town.move_money,
    Town.act_corporately,
    Town.pass_time,
    Town.pass_time,
    Town.halt_instrument,
    Town.limit,
    Town.bound,
)
WILD = (
    *HONEST,
    Town.misbehave,
    Town.misbehave,
    Town.command,
    Town.command,
    Town.command,
    Town.trade_elsewhere,
    Town.sell_elsewhere,
    Town.sell_elsewhere,
    Town.state_account,
    Town.state_sellable,
)


@given(st.data(), st.sampled_from(Rounding))
def test_books_when_the_broker_is_honest_add_up_and_never_spend_what_is_not_there(
    data: st.DataObject, rounding: Rounding
) -> None:
    town = Town(data, honest=True, rounding=rounding)
    for happening in data.draw(st.lists(st.sampled_from(HONEST), min_size=30, max_size=60)):
        happening(town)


@given(st.data(), st.sampled_from(Rounding))
def test_books_when_the_broker_is_wild_still_add_up(
    data: st.DataObject, rounding: Rounding
) -> None:
    town = Town(data, honest=False, rounding=rounding)
    for happening in data.draw(st.lists(st.sampled_from(WILD), min_size=30, max_size=60)):
        happening(town)
