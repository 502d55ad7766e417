"""The host: runs one strategy over bars and hands out what it wishes."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from maemae.domain.errors import StrategyError, StrategyRaisedError
from maemae.domain.ids import AccountId, SleeveId, Symbol
from maemae.domain.instant import kst_datetime
from maemae.domain.intent import Intent
from maemae.strategy.agenda import Agenda, RollCall
from maemae.strategy.author import Strategy
from maemae.strategy.book import Book
from maemae.strategy.circumstances import Circumstances, circumstances
from maemae.strategy.desk import Desk
from maemae.strategy.kernel import Floats
from maemae.strategy.news import Filled
from maemae.strategy.order_pad import OrderPad
from maemae.strategy.panel import Ints, Panel
from maemae.strategy.raised import explained
from maemae.strategy.universe import Universe


class StrategyHost:
    """
    One strategy in one run.

    At a barrier it calls schedules first, then triggers in the order of their declaration,
    then `on_bar`; within one of them instruments come in ascending order of symbol.

    Attributes:
        account_id, sleeve_id: Where its orders belong.
        wakes: Time indexes at which the strategy has anything to do [int64, rising]; at any
            other, `run` does nothing, so a driver may leave them out.
        warmup: Bars that the slowest indicator needs [bars].
        hears_fills: Whether the strategy's own code is called upon fills.
        callbacks: How often the strategy's own code was called; with `in_callback`, how a
            watchdog sees that it does not come back.
        in_callback: Whether the strategy's own code is running.
        universe: Who may be bought; None for everybody.

    Raises:
        LookAheadError: An indicator's past changes when the future does.
        StrategyError: The strategy declares what cannot be.
        StrategyRaisedError: `setup` raised.
    """

    def __init__(
        self,
        strategy: Strategy,
        panel: Panel,
        account_id: AccountId,
        sleeve_id: SleeveId,
        book: Book,
    ) -> None:
        self.account_id = account_id
        self.sleeve_id = sleeve_id
        self._strategy = strategy
        self._pad = OrderPad(account_id, sleeve_id)
        self._desk = Desk(panel, book, self._pad)
        self.universe = None if panel.members is None else Universe(panel)
        self.callbacks = 0
        self.in_callback = False
        self._set_up()
        self.warmup = self._desk.warmup
        self._every_bar = type(strategy).on_bar is not Strategy.on_bar
        self.hears_fills = type(strategy).on_fill is not Strategy.on_fill
        self._on_bar: Callable[..., None] = strategy.on_bar
        self._plan()

    def run(self, k: int) -> list[Intent]:
        """
        Run everything that is due at a barrier.

        Args:
            k: Time index of the barrier; barriers come in rising order.

        Returns:
            What the strategy wishes, buys last, otherwise in the order of the wishes.

        Raises:
            StrategyRaisedError: The strategy's own code raised.
        """
        is_due, roll_call = self._is_due[k], self._roll_call
        if roll_call is None and not is_due:
            return []
        self._desk.reach(k)
        self.in_callback = True
        on_bar = method = self._on_bar
        symbol: Symbol | None = None
        try:
            if is_due:
                for method, symbol in self._agenda.at(k):
                    self.callbacks += 1
                    if symbol is None:
                        method()
                    else:
                        method(symbol)
            if roll_call is not None:
                method = on_bar
                for symbol in roll_call.everyone if roll_call.is_constant else roll_call.at(k):
                    self.callbacks += 1
                    on_bar(symbol)
        except Exception as error:
            raise self._raised(method, symbol, error) from error
        finally:
            self.in_callback = False
        return self._taken(k) if self._pad.page else []

    def _taken(self, k: int) -> list[Intent]:
        wishes = self._pad.take()
        return wishes if self.universe is None else self.universe.admitted(wishes, k)

    def fill(self, fill: Filled) -> list[Intent]:
        """
        Tell the strategy of a fill of its own.

        Returns:
            What it wishes thereupon, buys last.

        Raises:
            StrategyRaisedError: The strategy's own code raised.
        """
        self._desk.filled(fill.at)
        if not self.hears_fills:
            return []
        self.callbacks += 1
        self.in_callback = True
        try:
            self._strategy.on_fill(fill)
        except Exception as error:
            raise self._raised(self._strategy.on_fill, fill.symbol, error) from error
        finally:
            self.in_callback = False
        return self._taken(max(0, self._desk.cursor.k))

    def indicators(self) -> dict[str, Floats]:
        """
        Return every declared indicator by its label, for research.

        Returns:
            Its value at each bar that traded [float64, shape (S, T)]; NaN elsewhere.
        """
        return self._desk.indicator_tables()

    def circumstances(self, symbol: Symbol, k: int) -> Circumstances:
        """
        Return what the strategy saw of an instrument at a barrier, for research.

        Raises:
            UnknownSymbolError: The run has no such instrument.
        """
        return circumstances(self._desk, symbol, k)

    def repeat(self, at: int, intents: Iterable[Intent]) -> None:
        """
        Take note of what the strategy wished before a restart, without running it again.

        Args:
            at: Instant of that barrier, or of the fill that it was told [ns, UTC].
            intents: What it wished; later wishes are numbered on from these.
        """
        self._desk.filled(at)
        self._pad.repeat(intents)

    def extend(self, panel: Panel) -> None:
        """
        Go on over a panel that begins with the bars so far, as they become known live.

        At each barrier the strategy then wishes what it would have wished had the whole panel
        been there from the beginning, to the bit.

        Raises:
            LookAheadError: An indicator's past changes when the future does.
            StrategyRaisedError: An indicator of the strategy's own raised.
        """
        self._desk.extend(panel)
        self._plan()

    def _plan(self) -> None:
        """Find when there is anything to do."""
        self._agenda = Agenda(self._desk)
        self._is_due = self._agenda.is_due
        self._roll_call = RollCall(self._desk.bars) if self._every_bar else None
        length = len(self._desk.panel)
        self.wakes: Ints = np.arange(length) if self._every_bar else self._agenda.times

    def _set_up(self) -> None:
        self._strategy.join(self._desk)
        self.callbacks += 1
        self.in_callback = True
        try:
            self._strategy.setup()
        except StrategyError:
            raise  # says already what is wrong with the declarations
        except Exception as error:
            kind = type(self._strategy)
            name, why = kind.__name__, explained(error, kind)
            raise StrategyRaisedError(
                f"{name}.setup 에서 오류가 났습니다: {why.ko}", f"{name}.setup failed: {why.en}"
            ) from error
        finally:
            self.in_callback = False
        self._desk.close_declarations()

    def _raised(
        self, method: Callable[..., None], symbol: Symbol | None, error: Exception
    ) -> StrategyRaisedError:
        self._pad.take()  # half of what it wished is not what it wished
        called = getattr(method, "__name__", repr(method))
        call = f"{type(self._strategy).__name__}.{called}({symbol or ''})"
        time = f"{kst_datetime(self._desk.instant()):%Y-%m-%d %H:%M:%S} KST"
        why = explained(error, type(self._strategy))
        return StrategyRaisedError(
            f"{time} {call} 에서 오류가 났습니다: {why.ko}", f"{call} failed at {time}: {why.en}"
        )
