"""The desk: everything that one strategy may declare, read and order in one run."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from maemae.domain.errors import InvalidValueError, StrategyError
from maemae.domain.ids import Symbol
from maemae.domain.near_match import suggestion
from maemae.domain.position import Position
from maemae.strategy.book import Book
from maemae.strategy.indicator import Indicator
from maemae.strategy.kernel import Argument, Floats, Kernel
from maemae.strategy.news import Bar
from maemae.strategy.order_pad import OrderPad
from maemae.strategy.panel import FIELDS, INPUTS, Ints, Panel
from maemae.strategy.restated_bars import series_store
from maemae.strategy.schedule import barriers
from maemae.strategy.series import Spec
from maemae.strategy.traded_bars import Cursor, TradedBars
from maemae.strategy.trigger import Trigger


class Watch(NamedTuple):
    """A trigger, and what to call with the instrument on which it fires."""

    trigger: Trigger
    method: Callable[[Symbol], None]


class Appointment(NamedTuple):
    """Time indexes at which to call a method: once a period."""

    period: str
    times: Ints
    method: Callable[[], None]


class Desk:
    """
    A strategy's seat in one run; data is reached through a cursor that never runs ahead.

    Attributes:
        panel, book, pad: What is traded, what is held, what is ordered.
        bars, store, cursor: The bars that traded, the indicators, how far the run has come.
        watches, appointments, handles: What `setup` declared, in that order.
        warmup: Bars that the slowest indicator needs [bars].
    """

    def __init__(self, panel: Panel, book: Book, pad: OrderPad) -> None:
        self.panel = panel
        self.book = book
        self.pad = pad
        self.bars = TradedBars(panel)
        self.store = series_store(self.bars)
        self.cursor = Cursor(self.bars)
        self.watches: list[Watch] = []
        self.appointments: list[Appointment] = []
        self.warmup = 0
        self.handles: list[Indicator] = []
        self._known = panel.known.data
        self._filled_at = -1
        self._now = -1
        self._open = True

    def close_declarations(self) -> None:
        """End the setup: from here on nothing can be declared."""
        self._open = False
        self.bars.forget_fields()

    def extend(self, panel: Panel) -> None:
        """
        Go on over a panel that begins with the bars so far; what was declared stays.

        Raises:
            StrategyError: An indicator cannot be computed over it.
        """
        self.panel = panel
        self.bars = TradedBars(panel)
        self.store.extend(self.bars)
        self.cursor.extend(self.bars)
        self._known = panel.known.data
        for handle in self.handles:
            handle.extend()
        self.appointments = [
            each._replace(times=barriers(panel, each.period)) for each in self.appointments
        ]
        self.bars.forget_fields()

    def indicators(
        self,
        kernel: Kernel,
        args: tuple[Argument, ...],
        of: str | tuple[str, ...] | None,
        kwargs: Mapping[str, Argument],
    ) -> tuple[Indicator, ...]:
        """Compute a kernel's outputs, one handle each; see `Strategy.indicators`."""
        self._check_declaring("indicator()")
        if not isinstance(kernel, Kernel):
            raise StrategyError(
                f"{getattr(kernel, '__name__', kernel)} 은(는) 지표 함수가 아닙니다. "
                "@ta.kernel(warmup=…) 을 붙이세요.",
                f"{getattr(kernel, '__name__', kernel)} is no kernel. "
                "Decorate it with @ta.kernel(warmup=…).",
            )
        fields = kernel.inputs if of is None else (of,) if isinstance(of, str) else of
        for field in fields:
            _check_field(field, INPUTS)
        spec = Spec(kernel, fields, args, tuple(sorted(kwargs.items())))
        self.warmup = max(self.warmup, spec.warmup)
        handles = tuple(
            Indicator(Spec(kernel, fields, args, spec.kwargs, output), self.store, self.cursor)
            for output in range(len(kernel.outputs))
        )
        self.handles.extend(handles)
        return handles

    def indicator_tables(self) -> dict[str, Floats]:
        """Return every indicator by its label; see `StrategyHost.indicators`."""
        tables = {}
        for handle in self.handles:
            table = np.full(self.panel.close.size, np.nan)
            table[self.bars.cells] = self.store.series(handle.spec)
            tables[handle.spec.label] = table.reshape(self.panel.close.shape)
        return tables

    def when(self, trigger: Trigger, method: Callable[[Symbol], None]) -> None:
        """Watch a trigger; see `Strategy.when`."""
        self._check_declaring("when()")
        if not isinstance(trigger, Trigger):
            raise StrategyError(
                f"when() 의 첫 값은 fast.crosses_above(slow) 같은 조건이어야 합니다: {trigger!r}.",
                f"when() takes a trigger such as fast.crosses_above(slow), not {trigger!r}.",
            )
        _check_callable("when()", method)
        self.watches.append(Watch(trigger, method))

    def every(self, period: str, method: Callable[[], None]) -> None:
        """Keep an appointment; see `Strategy.every`."""
        self._check_declaring("every()")
        _check_callable("every()", method)
        self.appointments.append(Appointment(period, barriers(self.panel, period), method))

    def instant(self) -> int:
        """
        Return the present instant: of the barrier, or of a later fill [ns, UTC].

        Raises:
            StrategyError: The run has not reached its first bar.
        """
        if self._now < 0:
            raise StrategyError(
                "setup() 안에는 아직 현재 봉이 없습니다. 주문과 시세는 호출되는 메서드에서 쓰세요.",
                "There is no present bar inside setup(). Order and read from your callbacks.",
            )
        return self._now

    @property
    def bar_length(self) -> int:
        """Length of the present bar [ns]; of the first one before it."""
        k = max(0, self.cursor.k)
        return int(self.panel.known[k] - self.panel.opened[k])

    def reach(self, k: int) -> None:
        """
        Move on to a barrier.

        Live, a fill that comes after the end of a bar may be told before the bar is. What is
        wished at the barrier is numbered by the barrier all the same, as it is in a backtest
        and after a restart.
        """
        self.cursor.k = k
        self._now = self._known[k]

    def filled(self, at: int) -> None:
        """Move on to the instant of a fill, and to the bars that were known by then [ns, UTC]."""
        if at > self._filled_at:
            self._filled_at = at
        k, known = self.cursor.k, self._known
        if k + 1 < len(known) and known[k + 1] <= at:
            k = self.cursor.k = bisect_right(known, at, k + 2) - 1
        self._now = self._filled_at if k < 0 else max(known[k], self._filled_at)

    def positions(self) -> Mapping[Symbol, Position]:
        """Return a read-only view of what is held."""
        return MappingProxyType(dict(self.book.positions))

    def bar(self, symbol: Symbol) -> Bar:
        """Return the bar of this barrier; see `Strategy.bar`."""
        cursor = self.cursor
        if not cursor.has_traded(symbol):
            raise StrategyError(
                f"{symbol} 은(는) 이 봉에서 거래되지 않았습니다. has_traded() 로 먼저 확인하세요.",
                f"{symbol} did not trade in this bar. Ask has_traded() first.",
            )
        cell = cursor.cell
        return Bar(
            cell(symbol, "open"),
            cell(symbol, "high"),
            cell(symbol, "low"),
            cell(symbol, "close"),
            cell(symbol, "volume"),
            self._known[cursor.k],
        )

    def history(self, symbol: Symbol, n: int, field: str) -> Ints:
        """Return a field of the last bars; see `Strategy.history`."""
        _check_field(field, FIELDS)
        if n < 1:
            raise InvalidValueError(
                f"history() 의 봉 수는 1 이상이어야 합니다: {n}.",
                f"history() needs at least one bar, not {n}.",
            )
        values = np.array(self.cursor.history(symbol, n, field))
        values.flags.writeable = False
        return values

    def _check_declaring(self, what: str) -> None:
        if not self._open:
            raise StrategyError(
                f"{what} 은(는) setup() 안에서만 쓸 수 있습니다.",
                f"{what} belongs in setup().",
            )


def _check_field(field: str, known: Sequence[str]) -> None:
    if field not in known:
        hint = suggestion(str(field), known)
        raise StrategyError(
            f"봉에는 {field} 값이 없습니다. {hint.ko}", f"A bar has no {field}. {hint.en}"
        )


def _check_callable(what: str, method: object) -> None:
    if not callable(method):
        raise StrategyError(
            f"{what} 에는 괄호 없이 메서드 이름을 넘기세요(self.enter): {method!r}.",
            f"{what} takes a method without parentheses (self.enter), not {method!r}.",
        )
