"""Bars of several instruments on one time axis, ordered by when they were known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from maemae.domain.corporate_action import CorporateAction
from maemae.domain.errors import BadBarsError, UnknownSymbolError
from maemae.domain.ids import Symbol
from maemae.domain.instant import DAY, SECOND, kst_date
from maemae.domain.terms import PriceBasis
from maemae.strategy.restatement import Steps, require_distinct, require_news, restatements

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_KST_OFFSET: Final = 9 * 3_600 * SECOND
_EPOCH: Final = date(1970, 1, 1)

FIELDS: Final = ("open", "high", "low", "close", "volume")

INPUTS: Final = (*FIELDS, "day")
"""What an indicator may be computed of: the fields of the bar, and the number of its day."""


class Panel:
    """
    Bars of S instruments at T times, one row an instrument.

    A bar belongs to the time at which it became known, not to its label: a daily file
    stamps 00:00 of the session, and a program that believes the label sees the close
    before the open.

    Attributes:
        symbols: The instruments, in the order of the rows.
        opened: First instant of each bar [ns, shape (T,), strictly rising].
        known: Instant at which each bar is complete [ns, shape (T,), strictly rising].
        open, high, low, close: Prices [won, shape (S, T)]; 0 where nothing traded.
        volume: Shares traded [shape (S, T)]; 0 where nothing traded.
        basis: Whether prices are as traded (RAW) or rewritten later (ADJUSTED).
        actions: What companies do to these shares, by ex-date.
        members: Who may be bought at each time [shape (S, T)]; None for everybody.
    """

    def __init__(
        self,
        symbols: tuple[Symbol, ...],
        opened: Ints,
        known: Ints,
        fields: Mapping[str, Ints],
        basis: PriceBasis,
        actions: tuple[CorporateAction, ...] = (),
    ) -> None:
        shape = (len(symbols), len(known))
        for name in FIELDS:
            if fields[name].shape != shape or fields[name].dtype != np.int64:
                raise BadBarsError(
                    f"{name} 배열의 모양이 {fields[name].shape}입니다. "
                    f"{shape} 의 int64 여야 합니다.",
                    f"{name} has shape {fields[name].shape}; give int64 of shape {shape}.",
                )
        if np.any(np.diff(known) <= 0) or np.any(opened > known):
            raise BadBarsError(
                "봉의 시각이 오름차순이 아닙니다. 시각 순으로 정렬하고 겹치는 봉을 지우세요.",
                "Bar times do not rise. Sort by time and remove duplicate bars.",
            )
        self.symbols = symbols
        self.opened = opened
        self.known = known
        self.open = fields["open"]
        self.high = fields["high"]
        self.low = fields["low"]
        self.close = fields["close"]
        self.volume = fields["volume"]
        self.basis = basis
        self.actions = actions
        self.members: Flags | None = None

    @cached_property
    def traded(self) -> Flags:
        """Whether anything traded in the bar [shape (S, T)]; a halted day is False."""
        return (self.volume > 0) & (self.open > 0)

    @cached_property
    def rows(self) -> dict[Symbol, int]:
        """Row of each instrument."""
        return {symbol: row for row, symbol in enumerate(self.symbols)}

    @cached_property
    def dates(self) -> list[date]:
        """Korean calendar day of each bar, taken at its opening [length T]."""
        return [kst_date(instant) for instant in self.opened.tolist()]

    @cached_property
    def day(self) -> Ints:
        """Number of the Korean calendar day of each bar, counted from 1970 [shape (T,)]."""
        days: Ints = (self.opened + _KST_OFFSET) // DAY
        return days

    @cached_property
    def restatements(self) -> dict[int, Steps]:
        """What actions make of older bars, by row; only of rows whose older bars they change."""
        if not self.actions:
            return {}
        return restatements(self.actions, self.rows, self.first_index, self._close_before)

    def first_index(self, day: date) -> int:
        """Return the time index of the first bar on or after a day; the length if there is none."""
        return int(np.searchsorted(self.day, (day - _EPOCH).days))

    def _close_before(self, row: int, index: int) -> int:
        traded = np.flatnonzero(self.traded[row, :index])
        return int(self.close[row, traded[-1]]) if len(traded) else 0

    @cached_property
    def session_starts(self) -> Ints:
        """Index of the first bar of each Korean calendar day."""
        days = self.day
        return np.flatnonzero(np.concatenate(([True], days[1:] != days[:-1])))

    def row(self, symbol: Symbol) -> int:
        """
        Return the row of an instrument.

        Raises:
            UnknownSymbolError: The panel has no such instrument.
        """
        try:
            return self.rows[symbol]
        except KeyError:
            raise UnknownSymbolError(
                f"{symbol} 종목은 이 실행의 종목 목록에 없습니다. --symbols 를 확인하세요.",
                f"{symbol} is not among the symbols of this run. Check --symbols.",
            ) from None

    def until(self, length: int) -> Panel:
        """Return the first `length` times only, as if the rest had not happened yet."""
        return Panel(
            self.symbols,
            self.opened[:length],
            self.known[:length],
            {name: getattr(self, name)[:, :length] for name in FIELDS},
            self.basis,
            self._known_by(int(self.known[length - 1]) if length else 0),
        ).among(None if self.members is None else self.members[:, :length])

    def since(self, index: int) -> Panel:
        """Return the times from an index on, as if nothing had happened before."""
        return Panel(
            self.symbols,
            self.opened[index:],
            self.known[index:],
            {name: getattr(self, name)[:, index:] for name in FIELDS},
            self.basis,
            self.actions,
        ).among(None if self.members is None else self.members[:, index:])

    def followed_by(self, opened: int, known: int, fields: Mapping[str, Sequence[int]]) -> Panel:
        """
        Return these bars and one more time.

        Args:
            opened: First instant of the bars [ns].
            known: Instant at which they are complete [ns].
            fields: Open, high, low, close [won] and volume [shares], an entry a symbol each;
                0 where nothing traded.

        Raises:
            BadBarsError: The time is not after the last one, or a field has another length.
        """
        columns = {name: np.array(fields[name], np.int64).reshape(-1, 1) for name in FIELDS}
        if any(len(column) != len(self.symbols) for column in columns.values()):
            raise BadBarsError(
                f"종목은 {len(self.symbols)}개인데 봉의 수가 다릅니다. 종목마다 하나씩 주세요.",
                f"Give one bar for each of the {len(self.symbols)} symbols.",
            )
        return Panel(
            self.symbols,
            np.append(self.opened, opened),
            np.append(self.known, known),
            {name: np.hstack([getattr(self, name), columns[name]]) for name in FIELDS},
            self.basis,
            self.actions,
        )

    def with_actions(self, actions: Iterable[CorporateAction]) -> Panel:
        """
        Return the same bars and what companies did to their shares, as far as it is theirs.

        Raises:
            InvalidValueError: One is told of twice, or adjusted prices tell of it already.
        """
        own = sorted(
            (action for action in actions if action.symbol in self.rows),
            key=lambda action: (action.ex_date, action.symbol),
        )
        require_distinct(own)
        if self.basis is PriceBasis.ADJUSTED:
            require_news(own)
        fields = {name: getattr(self, name) for name in FIELDS}
        told = Panel(self.symbols, self.opened, self.known, fields, self.basis, tuple(own))
        return told.among(self.members)

    def among(self, members: Flags | None) -> Panel:
        """
        Return the panel, in which nobody else may be bought.

        Args:
            members: Who belongs to the universe at each time [shape (S, T)]; None for everybody.

        Raises:
            BadBarsError: The shape is not that of the panel.
        """
        if members is not None and members.shape != self.close.shape:
            raise BadBarsError(
                f"유니버스의 모양이 {members.shape}입니다. {self.close.shape} 여야 합니다.",
                f"The universe has shape {members.shape}; give {self.close.shape}.",
            )
        self.members = members
        return self

    def _known_by(self, instant: int) -> tuple[CorporateAction, ...]:
        return tuple(action for action in self.actions if action.known_at <= instant)

    def __len__(self) -> int:
        return len(self.known)
