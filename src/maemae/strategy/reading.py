"""What a strategy may read: its book and the market, up to the present bar."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from maemae.domain.errors import StrategyError
from maemae.domain.ids import Symbol
from maemae.domain.instant import kst_datetime
from maemae.domain.position import Position
from maemae.strategy.desk import Desk
from maemae.strategy.news import Bar
from maemae.strategy.panel import Ints
from maemae.strategy.universe import Universe


class Reading:
    """The part of `Strategy` that reads; it sits at a desk for the length of one run."""

    _desk: Desk | None = None

    def join(self, desk: Desk) -> None:
        """
        Take a seat in a run; called by the host.

        Raises:
            StrategyError: It has run before; what it remembers would leak into the new run.
        """
        if self._desk is not None:
            raise StrategyError(
                f"{type(self).__name__} 은(는) 이미 실행했습니다. 실행마다 새로 만드세요.",
                f"This {type(self).__name__} has run before. Make a new one for each run.",
            )
        self._desk = desk

    def _seat(self) -> Desk:
        if self._desk is None:
            raise StrategyError(
                f"{type(self).__name__} 은(는) 실행 중이 아닙니다. setup() 이나 호출되는 "
                "메서드에서만 쓸 수 있습니다.",
                f"{type(self).__name__} is not in a run. Use this in setup() or a callback only.",
            )
        return self._desk

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """The instruments of this run."""
        return self._seat().panel.symbols

    @property
    def members(self) -> tuple[Symbol, ...]:
        """Those of them that may be bought now: all, unless the run has a universe."""
        desk = self._seat()
        return Universe(desk.panel).at(max(0, desk.cursor.k))

    @property
    def positions(self) -> Mapping[Symbol, Position]:
        """What the strategy holds."""
        return self._seat().positions()

    def position(self, symbol: Symbol) -> Position:
        """Return what the strategy holds of an instrument; `qty` is 0 if nothing."""
        return self._seat().book.position(symbol)

    @property
    def cash(self) -> int:
        """Cash that new buys may use [won]."""
        return self._seat().book.cash

    @property
    def equity(self) -> int:
        """Cash and holdings at the last prices [won]."""
        return self._seat().book.equity

    @property
    def now(self) -> datetime:
        """The present instant, Korean time: when the present bar was complete."""
        return kst_datetime(self._seat().instant())

    def has_traded(self, symbol: Symbol) -> bool:
        """Return whether the instrument traded in the present bar."""
        return self._seat().cursor.has_traded(symbol)

    def bar(self, symbol: Symbol) -> Bar:
        """
        Return the present bar.

        Raises:
            StrategyError: The instrument did not trade in it; ask `has_traded` first.
        """
        return self._seat().bar(symbol)

    def history(self, symbol: Symbol, n: int, field: str = "close") -> Ints:
        """
        Return a field of the last n bars in which the instrument traded, oldest first.

        It ends at the present bar and is shorter at the beginning of a run [int64, won or
        shares, a read-only copy]. Where shares were split meanwhile, older bars are told in the
        shares of the present one.

        Raises:
            InvalidValueError: n is below 1.
        """
        return self._seat().history(symbol, n, field)
