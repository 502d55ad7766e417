"""Between the trading core and the simulated house: events in, requests out, reports back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from maemae.core.actions import Action, CancelOrder, OrderRequest, SubmitOrder
from maemae.core.events import Event, InstrumentUpdated, PhaseChanged, PriceUpdated, TimePassed
from maemae.core.market import MarketView
from maemae.core.state import CoreState
from maemae.domain.execution import ExecutionReport
from maemae.domain.ids import Symbol
from maemae.simulation.recorder import Recorder
from maemae.venue.house import House


class Core(Protocol):
    """The trading core, or one that repeats what a journal says the core did."""

    @property
    def state(self) -> CoreState:
        """The book."""

    @property
    def now(self) -> int:
        """Time of the newest event [ns, UTC]."""

    @property
    def market(self) -> MarketView:
        """What was observed of the market."""

    def handle(self, event: Event) -> list[Action]:
        """Return what follows from an event."""

    def observe(self, event: PriceUpdated | PhaseChanged | InstrumentUpdated) -> None:
        """Take in the market without acting on it."""

    def observe_prices(self, prices: Mapping[Symbol, int], at: int) -> None:
        """Take in the prices of many instruments at one instant, without acting on them."""

    def guards(self, symbol: Symbol) -> tuple[int, int]:
        """Return the prices that wake the core [won]."""

    def lifts_at(self, symbol: Symbol) -> int:
        """Return the price from which on a trailing stop rises [won]; 0 for none."""


class Wire:
    """
    Gives events to the core, and what it requests to the house, once it is recorded.

    Attributes:
        touched: Instruments whose next wake may have moved.
        walking: The instrument whose bar is being walked. Requests for others wait until
            all bars are walked: their price of that instant is not known yet.
        opening: Called with the instrument of a new order while bars open, so that the
            order meets the opening price of its bar.
        late: Requests on their way to the exchange, and when they arrive [ns], in order; only
            where there is a latency.
    """

    def __init__(self, core: Core, house: House, recorder: Recorder) -> None:
        self.core = core
        self.house = house
        self.touched: set[Symbol] = set()
        self.walking: Symbol | None = None
        self.opening: Callable[[Symbol], None] | None = None
        self._recorder = recorder
        self._held_back: list[tuple[OrderRequest, int]] = []
        self._delay = house.assumptions.latency.delay
        self._send = self._hold_up if self._delay else self._hand_in
        self.late: list[tuple[int, OrderRequest]] = []

    def tell(self, event: Event) -> list[Action]:
        """Give an event to the core, make what follows durable, let it leave; return it."""
        actions = self.core.handle(event)
        requests = self._recorder.record(event, actions)
        if requests:
            self._recorder.commit()
            for request in requests:
                self._route(request, event.at)
        return actions

    def take(self, reports: Sequence[ExecutionReport]) -> None:
        """Give reports of the house to the core; unlike a broker's, its clock is the run's."""
        core = self.core
        for report in reports:
            if report.at > core.now:
                self.tell(TimePassed(report.at))
            self.tell(report)

    def release(self) -> None:
        """Send what was held back while bars were walked."""
        self.walking = None
        if not self._held_back:
            return
        held_back, self._held_back = self._held_back, []
        for request, at in held_back:
            self._send(request, at)

    def deliver(self, until: int) -> None:
        """Hand in what has been on its way long enough by an instant [ns]."""
        while self.late and self.late[0][0] <= until:
            due, request = self.late.pop(0)
            self.touched.add(self._symbol(request))
            self._hand_in(request, due)

    def _route(self, request: OrderRequest, at: int) -> None:
        symbol = self._symbol(request)
        self.touched.add(symbol)
        if self.walking is not None and symbol != self.walking:
            self._held_back.append((request, at))
            return
        if self.opening is not None and not self._delay:
            self.opening(symbol)
        self._send(request, at)

    def _symbol(self, request: OrderRequest) -> Symbol:
        if isinstance(request, SubmitOrder):
            return request.order.symbol
        return self.core.state.orders[request.orig_cl_ord_id].symbol

    def _hold_up(self, request: OrderRequest, at: int) -> None:
        self.late.append((at + self._delay, request))

    def _hand_in(self, request: OrderRequest, at: int) -> None:
        house = self.house
        if isinstance(request, SubmitOrder):
            reports = house.submit(request.order, at)
        elif isinstance(request, CancelOrder):
            reports = house.cancel(request.orig_cl_ord_id, request.cl_ord_id, at)
        else:
            reports = house.replace(
                request.orig_cl_ord_id, request.cl_ord_id, request.price, request.order_qty, at
            )
        self.take(reports)
