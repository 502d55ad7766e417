"""From a strategy with its parameters to what it wishes after each session, as arrays."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from threading import Lock, local
from typing import Final

import numpy as np
from numpy.typing import NDArray

from maemae.domain.errors import InvalidValueError, UnknownRuleError
from maemae.domain.ids import AccountId, SleeveId, Symbol
from maemae.domain.intent import Cash, Shares, Weight
from maemae.domain.position import Position
from maemae.krx.calendar import add_sessions
from maemae.research.sweep.kernel import layout
from maemae.research.sweep.kernel.layout import Signals
from maemae.research.sweep.rules import Enter, Rule, require_unchanged, rule_of
from maemae.strategy.author import Strategy
from maemae.strategy.book import Book
from maemae.strategy.desk import Desk
from maemae.strategy.kernel import Floats
from maemae.strategy.order_pad import OrderPad
from maemae.strategy.panel import FIELDS, Flags, Ints, Panel
from maemae.strategy.series import Operand, SeriesStore, Spec
from maemae.strategy.traded_bars import Cursor, TradedBars

_MOST_SERIES: Final = 256 * 2**20
"""Memory that shared indicators may take in one process [bytes]."""

_MOST_SHARES: Final = 10**9

Bytes = NDArray[np.uint8]
Words = NDArray[np.uint64]
Marker = Callable[[Floats, Floats, Ints, Flags, Flags], None]
"""Marks crossings; see `maemae.research.sweep.kernel.crossing`."""

Sorter = Callable[[Bytes, Words, Ints, Bytes, Ints, Ints, Ints], None]
"""Sorts what fires by session; see `maemae.research.sweep.kernel.firing`."""

_EVERYTHING: Final = np.empty(0, np.uint8)
"""What may leave: whatever is held."""


class SharedIndicators:
    """
    The indicators of a panel, each computed and proved once for all cells that use it.

    Threads may share one: a series is computed by whoever needs it first.

    Args:
        panel: Instruments in ascending order.
        mark: Of the kernel.

    Attributes:
        panel, bars, store: What they are of, the bars that traded, the series.
        members: Whether an instrument may be bought after a session, by cell; empty where all may.
    """

    def __init__(self, panel: Panel, mark: Marker) -> None:
        self.panel = panel
        self.bars = TradedBars(panel)
        self.members = _EVERYTHING
        if panel.members is not None:
            self.members = panel.members.astype(np.uint8).reshape(-1)
        self.store = _Series(self.bars, mark)
        none = np.empty(0, np.int64)
        nothing = Panel((), none, none, dict.fromkeys(FIELDS, none.reshape(0, 0)), panel.basis)
        self._desk = Desk(nothing, _NoBook(), OrderPad(AccountId("SWEEP"), SleeveId("SWEEP")))
        self._desk.panel, self._desk.bars, self._desk.store = panel, self.bars, self.store
        self._desk.cursor = Cursor(self.bars)

    def new_desk(self) -> Desk:
        """Return a desk at which a strategy declares what it wants, over these indicators."""
        desk = copy(self._desk)
        desk.watches, desk.appointments, desk.handles = [], [], []
        return desk

    def forget_if_large(self) -> None:
        """Forget the values, not the proofs, once they take more memory than they may."""
        self.store.forget_beyond(_MOST_SERIES)


def signals_of(strategy: Strategy, shared: SharedIndicators, sort: Sorter) -> Signals:
    """
    Return what a strategy wishes.

    Args:
        strategy: A new one.
        shared: What it looks at.
        sort: Of the kernel.

    Raises:
        InvalidValueError: It does what the kernel does not know; the sentence says what.
        StrategyError: Its own declarations fail.
    """
    require_unchanged(strategy)
    panel = shared.panel
    desk = shared.new_desk()
    strategy.join(desk)
    strategy.setup()
    if desk.appointments:
        raise InvalidValueError(
            f"{type(strategy).__name__} 은(는) every() 를 씁니다. 커널은 when() 만 압니다.",
            f"{type(strategy).__name__} uses every(). The kernel knows when() only.",
        )
    rules = [_packed(rule_of(strategy, watch.method), panel) for watch in desk.watches]
    fires = [shared.store.flags(watch.trigger.fires) for watch in desk.watches]
    counts = [int(np.count_nonzero(each)) for each in fires]
    begin = np.zeros((len(rules), len(panel) + 1), np.int64)
    rows = np.empty(sum(counts), np.int64)
    found = np.empty(max(counts, default=0) + 1, np.int64)
    bars, end = shared.bars, 0
    for rule, each, first in zip(rules, fires, begin, strict=True):
        first[0] = end
        eligible = shared.members if rule[layout.KIND] == layout.ENTER else _EVERYTHING
        bytewise = each.view(np.uint8)
        words = bytewise[: len(each) // 8 * 8].view(np.uint64)
        sort(bytewise, words, bars.cells, eligible, first, found, rows)
        end = first[-1]
    return Signals(np.array(rules, np.int64).reshape(len(rules), layout.RULE), begin, rows)


def _packed(rule: Rule, panel: Panel) -> list[int]:
    numbers = [0] * layout.RULE
    if not isinstance(rule, Enter):
        numbers[layout.KIND] = layout.LEAVE
        return numbers
    size = rule.size
    numbers[layout.KIND] = layout.ENTER
    if isinstance(size, Shares):
        numbers[layout.SIZE_KIND], numbers[layout.SIZE] = layout.SHARES, size.qty
    elif isinstance(size, Cash):
        numbers[layout.SIZE_KIND], numbers[layout.SIZE] = layout.CASH_WORTH, size.won
    elif isinstance(size, Weight):
        numbers[layout.SIZE_KIND], numbers[layout.SIZE] = layout.WEIGHT, size.ppm
    else:
        raise InvalidValueError(
            "커널은 비중, 주수, 금액으로만 삽니다.",
            "The kernel buys by weight, shares or cash only.",
        )
    if numbers[layout.SIZE] > _MOST_SHARES and isinstance(size, Shares):
        raise InvalidValueError(
            f"커널은 한 번에 {_MOST_SHARES:,}주까지만 셉니다.",
            f"The kernel counts up to {_MOST_SHARES:,} shares.",
        )
    numbers[layout.STOP_LOSS] = rule.stop_loss or 0
    numbers[layout.TAKE_PROFIT] = rule.take_profit or 0
    numbers[layout.TRAIL] = rule.trail or 0
    numbers[layout.HOLD_FOR] = _sessions(rule.hold, panel)
    numbers[layout.FLAT_ONLY] = int(rule.only_if_flat)
    return numbers


def _sessions(hold: int | None, panel: Panel) -> int:
    """Return for how many sessions something is held; 0 without an end."""
    if hold is None:
        return 0
    try:
        add_sessions(panel.dates[-1], hold)
    except UnknownRuleError as error:
        raise InvalidValueError(
            f"{hold}거래일 뒤는 달력 밖입니다. 커널은 달력 안만 압니다.",
            f"{hold} sessions on lies beyond the calendar, where the kernel knows nothing.",
        ) from error
    return hold


class _Series(SeriesStore):
    """Series of which both crossings of a pair are found in one look at it."""

    def __init__(self, bars: TradedBars, mark: Marker) -> None:
        super().__init__(bars)
        self._mark = mark
        self._last = _Crossed()
        self._changing = Lock()
        self._held = 0  # bytes

    def series(self, spec: Spec) -> Floats:
        """Return a series; one thread computes what is missing, the others wait for it."""
        found = self._values.get(spec)
        if found is not None:
            return found
        with self._changing:
            values = super().series(spec)
            self._held = self.nbytes
            return values

    def forget_beyond(self, most: int) -> None:
        """Free the series once they take more memory than that [bytes]."""
        if self._held <= most:  # asked at every cell: nobody waits here for who computes
            return
        with self._changing:
            self.forget()
            self._held = 0

    def crossed(self, one: Operand, other: Operand, *, above: bool) -> Flags:
        """Return where one is beyond the other, and was not at the bar before [shape (N,)]."""
        if not (isinstance(one, Spec) and isinstance(other, Spec)):
            return super().crossed(one, other, above=above)
        last = self._last
        if last.pair != (one, other):
            left, right = self.series(one), self.series(other)
            last.ways = np.empty(len(left), np.bool_), np.empty(len(left), np.bool_)
            self._mark(left, right, self.bars.starts, *last.ways)
            last.pair = (one, other)
        return last.ways[0 if above else 1]


class _Crossed(local):
    """The pair of series that a thread looked at last, and where the one rose and fell."""

    pair: tuple[Spec, Spec] | None = None
    ways: tuple[Flags, Flags] = (np.empty(0, np.bool_), np.empty(0, np.bool_))


class _NoBook(Book):
    """Nothing may be read of a book while a strategy is set up."""

    @property
    def positions(self) -> dict[Symbol, Position]:
        raise _no_book()

    @property
    def cash(self) -> int:
        raise _no_book()

    @property
    def equity(self) -> int:
        raise _no_book()

    def position(self, symbol: Symbol) -> Position:
        raise _no_book()

    def is_buying(self, symbol: Symbol) -> bool:
        raise _no_book()


def _no_book() -> InvalidValueError:
    return InvalidValueError(
        "setup() 에서 보유나 현금을 읽습니다. 커널은 그것을 모릅니다.",
        "setup() reads holdings or cash, of which the kernel knows nothing.",
    )
