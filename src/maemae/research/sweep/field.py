"""What a sweep runs over, and one process's way of running a cell of it."""

from __future__ import annotations

from collections.abc import Callable
from enum import unique
from importlib import import_module
from typing import Final

import msgspec

from maemae.domain.errors import DomainError, InvalidValueError
from maemae.domain.terms import Term
from maemae.domain.text import Text
from maemae.research.backtest import BacktestPlan, backtest
from maemae.research.honesty.walk_forward import Values
from maemae.research.sweep.kernel.layout import DONE, FULL, Market, Signals, State, new_state
from maemae.research.sweep.kernel.market import market_of
from maemae.research.sweep.kernel.terms import terms_of
from maemae.research.sweep.rules import require_known
from maemae.research.sweep.score import Score, score_of_summary
from maemae.research.sweep.signals import SharedIndicators, Sorter, signals_of
from maemae.strategies.loading import load_strategy
from maemae.strategy.author import Strategy
from maemae.strategy.panel import FIELDS, Ints, Panel


@unique
class Machine(Term):
    """What ran a cell."""

    KERNEL = "KERNEL"
    ENGINE = "ENGINE"


class Cell(msgspec.Struct, frozen=True):
    """
    One set of parameters and what came of it.

    Attributes:
        values: Parameters of the grid; the others kept the values they were given.
        score: The figures of the run.
        machine: What ran it; both come to the same won.
    """

    values: Values
    score: Score
    machine: Machine = Machine.ENGINE


class Field(msgspec.Struct, frozen=True, eq=False):
    """
    What a sweep runs over.

    Attributes:
        strategy: A bundled name, or `my.py:MyStrategy`; every process loads it for itself.
        fixed: Parameters that are the same in all cells.
        panel: Bars.
        plan: Cash, costs, assumptions, limits.
        machine: What may run it; the kernel leaves to the engine what it does not know.
    """

    strategy: str
    fixed: Values
    panel: Panel
    plan: BacktestPlan
    machine: Machine = Machine.KERNEL


class Runner:
    """
    Runs cells of one field, in any threads; indicators are shared between them.

    Attributes:
        beyond: Why the kernel does not run this field at all; None where it does.
    """

    def __init__(self, field: Field, kind: type[Strategy] | None = None) -> None:
        """
        Prepare a field.

        Args:
            field: What is run.
            kind: The strategy, where it is loaded already.
        """
        self._field = field
        self._kind = load_strategy(field.strategy) if kind is None else kind
        self.beyond: Text | None = None
        if field.machine is Machine.ENGINE:
            self.beyond = _NOT_ASKED
            return
        try:  # numba is an extra
            run, crossing, firing, scoring = (
                import_module(f"maemae.research.sweep.kernel.{name}")
                for name in ("run", "crossing", "firing", "scoring")
            )
        except ModuleNotFoundError:
            self.beyond = _NO_NUMBA
            return
        self._run: Callable[[Market, Ints, Signals, State], int] = run.run
        self._sort: Sorter = firing.sort_by_session
        self._score: Callable[[int, State], Score] = scoring.score_of_state
        try:
            require_known(self._kind)
            panel = in_order(field.panel)
            self._terms = terms_of(field.plan, panel.basis)
            self._market = market_of(panel, field.plan.instruments)
            self._shared = SharedIndicators(panel, crossing.mark)
            signals_of(self.strategy({}), self._shared, self._sort)
        except DomainError as error:  # what is really wrong the engine will say
            self.beyond = error.text

    def cell(self, values: Values) -> Cell:
        """
        Run one cell.

        Raises:
            StrategyError: The strategy's own code failed.
        """
        found = self.kernel_cell(values)
        if found is not None:
            return found
        field = self._field
        result = backtest(self.strategy(values), field.panel, field.plan)
        return Cell(values, score_of_summary(result.summary))

    def kernel_cell(self, values: Values) -> Cell | None:
        """
        Run one cell in the kernel; None where only the engine knows.

        Raises:
            StrategyError: The strategy's own code failed.
        """
        state = self.state(values) if self.beyond is None else None
        if state is None:
            return None
        return Cell(values, self._score(self._field.plan.cash, state), Machine.KERNEL)

    def state(self, values: Values, fills: int = 0) -> State | None:
        """
        Return the book of the kernel at the end of a cell; None where only the engine knows.

        Args:
            values: Parameters.
            fills: How many fills to keep at least; 0 keeps none.
        """
        self._shared.forget_if_large()
        try:
            signals = signals_of(self.strategy(values), self._shared, self._sort)
        except InvalidValueError:
            return None
        instruments, sessions, _ = self._market.bars.shape
        while True:
            state = new_state(instruments, sessions, len(signals.rules), fills)
            status = self._run(self._market, self._terms, signals, state)
            if status != FULL:
                return state if status == DONE else None
            fills *= 2

    def strategy(self, values: Values) -> Strategy:
        """Return the strategy of a cell, made anew."""
        return self._kind(**{**self._field.fixed, **values})


def in_order(panel: Panel) -> Panel:
    """Return a panel with its instruments in ascending order."""
    ranked = sorted(range(len(panel.symbols)), key=panel.symbols.__getitem__)
    if ranked == list(range(len(ranked))):
        return panel
    fields: dict[str, Ints] = {name: getattr(panel, name)[ranked] for name in FIELDS}
    symbols = tuple(panel.symbols[row] for row in ranked)
    members = None if panel.members is None else panel.members[ranked]
    turned = Panel(symbols, panel.opened, panel.known, fields, panel.basis, panel.actions)
    return turned.among(members)


_NOT_ASKED: Final = Text("엔진으로 돌리라고 했습니다.", "The engine was asked for.")
_NO_NUMBA: Final = Text(
    "numba 가 없습니다: pip install 'maemae[sweep]'.",
    "numba is not installed: pip install 'maemae[sweep]'.",
)
