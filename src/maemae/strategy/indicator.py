"""The handle by which a strategy reads an indicator: never further than the present bar."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NoReturn

import numpy as np

from maemae.domain.errors import InvalidValueError, StrategyError
from maemae.domain.ids import Symbol
from maemae.strategy.kernel import Floats
from maemae.strategy.restated_bars import RestatedStore
from maemae.strategy.series import Operand, SeriesStore, Spec
from maemae.strategy.traded_bars import Cursor
from maemae.strategy.trigger import Trigger, crossing, level


class Indicator:
    """
    One indicator over all instruments, as of the present bar.

    `fast["005930"]` is its value at the instrument's last bar that traded, and NaN before
    its warm-up.

    Attributes:
        spec: Which series it is.
    """

    def __init__(self, spec: Spec, store: SeriesStore, cursor: Cursor) -> None:
        self.spec = spec
        self._store = store
        self._cursor = cursor
        self._above: dict[Indicator | float, bytes] = {}  # a byte a bar, the last for no bar
        self._below: dict[Indicator | float, bytes] = {}
        self.extend()

    def extend(self) -> None:
        """Read the series anew, now that its store goes on over more bars."""
        self._values: Sequence[float] = self._store.series(self.spec).data
        self._above.clear()
        self._below.clear()

    def __getitem__(self, symbol: Symbol) -> float:
        position = self._cursor.find(symbol)
        return self._values[position] if position >= 0 else math.nan

    def previous(self, symbol: Symbol, n: int = 1) -> float:
        """
        Return the value n of the instrument's traded bars ago; NaN where there is none.

        Raises:
            InvalidValueError: n is negative: that would be the future.
        """
        if n < 0:
            raise InvalidValueError(
                f"previous() 의 n 은 0 이상이어야 합니다: {n}. 미래의 값은 볼 수 없습니다.",
                f"previous() needs n >= 0, not {n}. There is no way to see the future.",
            )
        position = self._cursor.back(symbol, n)
        if position >= 0 and isinstance(self._store, RestatedStore):
            return self._store.told(self.spec, symbol, position, self._cursor.find(symbol))
        return self._values[position] if position >= 0 else math.nan

    def latest(self) -> Latest:
        """Return the present values of what traded in this bar, of the universe if there is one."""
        symbols, positions = self._cursor.trading()
        return Latest(symbols, self._store.series(self.spec)[positions])

    def crosses_above(self, other: Indicator | float) -> Trigger:
        """Make a trigger: above the other now, and not at the bar before."""
        return crossing(self.spec, _operand(other), above=True)

    def crosses_below(self, other: Indicator | float) -> Trigger:
        """Make a trigger: below the other now, and not at the bar before."""
        return crossing(self.spec, _operand(other), above=False)

    def above(self, other: Indicator | float) -> Trigger:
        """Make a trigger that holds while this is above the other."""
        return level(self.spec, _operand(other), above=True)

    def below(self, other: Indicator | float) -> Trigger:
        """Make a trigger that holds while this is below the other."""
        return level(self.spec, _operand(other), above=False)

    def crossed_above(self, other: Indicator | float, symbol: Symbol) -> bool:
        """Return whether it rose above the other in the instrument's last bar."""
        flags = self._above.get(other)
        if flags is None:
            flags = self._above[other] = self._fires(self.crosses_above(other))
        return flags[self._cursor.find(symbol)] == 1

    def crossed_below(self, other: Indicator | float, symbol: Symbol) -> bool:
        """Return whether it fell below the other in the instrument's last bar."""
        flags = self._below.get(other)
        if flags is None:
            flags = self._below[other] = self._fires(self.crosses_below(other))
        return flags[self._cursor.find(symbol)] == 1

    def _fires(self, trigger: Trigger) -> bytes:
        """Return one byte a bar and one more: before an instrument's first bar nothing fires."""
        return self._store.flags(trigger.fires).tobytes() + _NO_BAR

    def __gt__(self, other: object) -> NoReturn:
        raise _compared(self.spec.label)

    __ge__ = __lt__ = __le__ = __gt__

    def __repr__(self) -> str:
        return f"<Indicator {self.spec.label}>"


_NO_BAR: Final = bytes(1)


def _compared(label: str) -> StrategyError:
    return StrategyError(
        f"지표 {label} 은(는) 종목마다 값이 다릅니다. setup() 에서는 .above(…), .below(…), "
        ".crosses_above(…) 로 견주고, 다른 곳에서는 한 종목의 값 지표[symbol] 을 쓰세요.",
        f"Indicator {label} has a value for each instrument. In setup() compare it by .above(…), "
        ".below(…) or .crosses_above(…), elsewhere use the value of one: indicator[symbol].",
    )


def _operand(other: object) -> Operand:
    if isinstance(other, Indicator):
        return other.spec
    if not isinstance(other, int | float) or not math.isfinite(other):
        raise StrategyError(
            f"지표는 다른 지표나 유한한 수와 비교합니다: {other!r}.",
            f"Compare an indicator with another one or a finite number, not {other!r}.",
        )
    return float(other)


class Latest(Mapping[Symbol, float]):
    """Values of the instruments that traded in one bar, NaN left out, by symbol."""

    def __init__(self, symbols: list[Symbol], values: Floats) -> None:
        known = np.flatnonzero(~np.isnan(values))
        self._symbols = [symbols[i] for i in known.tolist()]
        self._values = values[known]
        self._by_symbol: dict[Symbol, float] = dict(
            zip(self._symbols, self._values.tolist(), strict=True)
        )

    def nlargest(self, n: int) -> list[Symbol]:
        """Return the n instruments of the highest values, highest first; ties by symbol."""
        return self._first(-self._values, n)

    def nsmallest(self, n: int) -> list[Symbol]:
        """Return the n instruments of the lowest values, lowest first; ties by symbol."""
        return self._first(self._values, n)

    def _first(self, keys: Floats, n: int) -> list[Symbol]:
        if n < 0:
            raise InvalidValueError(
                f"고를 종목 수는 0 이상이어야 합니다: {n}.",
                f"The number of instruments to choose must be >= 0, not {n}.",
            )
        order = np.argsort(keys, kind="stable")[:n]  # stable: symbols are ascending already
        return [self._symbols[i] for i in order.tolist()]

    def __getitem__(self, symbol: Symbol) -> float:
        return self._by_symbol[symbol]

    def __iter__(self) -> Iterator[Symbol]:
        return iter(self._symbols)

    def __len__(self) -> int:
        return len(self._symbols)
