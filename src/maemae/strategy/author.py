"""The author's API: what a strategy declares, and what is called in it."""

from __future__ import annotations

from collections.abc import Callable

from maemae.domain.errors import ParameterError, StrategyError
from maemae.domain.ids import Symbol
from maemae.strategy.indicator import Indicator
from maemae.strategy.kernel import Argument, Kernel
from maemae.strategy.news import Filled
from maemae.strategy.ordering import Ordering
from maemae.strategy.parameters import AnyParam, bound, declared
from maemae.strategy.plain_method import require_plain
from maemae.strategy.schedule import Period
from maemae.strategy.trigger import Trigger


class Strategy(Ordering):
    """
    A rule for trading; write one by deriving from this class.

    Declare indicators, triggers and schedules in `setup`; order from the methods that they
    call. Everything read is as of the present bar, which is complete; orders are carried
    out after it, at the next bar's open in a backtest.

    Ratios are fractions of one (10 % is 0.1), money is in won, quantities are in shares.

    Example:
        >>> from maemae.strategy.parameters import param
        >>> class Breakout(Strategy):
        ...     window = param(20, low=5, high=120)
        >>> Breakout(window=55).window
        55
    """

    def __init_subclass__(cls) -> None:
        for name in declared(cls):
            if hasattr(Strategy, name):
                raise ParameterError(
                    f"매개변수 이름 {name} 은(는) Strategy 가 이미 씁니다. 다른 이름을 쓰세요.",
                    f"Strategy itself uses the name {name}. Call the parameter something else.",
                )
        for method in (cls.setup, cls.on_bar, cls.on_fill):
            require_plain(method)

    def __init__(self, **values: float) -> None:
        """
        Take values for parameters; the others keep their defaults.

        Raises:
            ParameterError: A name is unknown, or a value has another type or is out of range.
        """
        vars(self).update(bound(type(self), values))

    @classmethod
    def parameters(cls) -> tuple[AnyParam, ...]:
        """Return the parameters in the order of their declaration."""
        return tuple(declared(cls).values())

    def setup(self) -> None:
        """Declare indicators, triggers and schedules; called once, before the first bar."""

    def on_bar(self, symbol: Symbol) -> None:
        """Act on a bar in which the instrument traded; symbols come in ascending order."""

    def on_fill(self, fill: Filled) -> None:
        """Act on a fill of an own order."""

    def indicator(
        self,
        kernel: Kernel,
        *args: Argument,
        of: str | tuple[str, ...] | None = None,
        **kwargs: Argument,
    ) -> Indicator:
        """
        Declare an indicator over every instrument.

        Args:
            kernel: One of `ta`, or your own function under `@ta.kernel(warmup=…)`.
            args: Passed to the kernel.
            of: Field of the bar to compute it of: open, high, low, close or volume, or day for
                the number of its day; a tuple for a kernel that takes several. Unless given,
                what the kernel asks for, mostly the close.
            kwargs: Passed to the kernel.

        Raises:
            LookAheadError: Its past values change when the future does.
            StrategyError: The kernel has several outputs, or returns what it should not.
        """
        handles = self._seat().indicators(kernel, args, of, kwargs)
        if len(handles) > 1:
            names = ", ".join(kernel.outputs)
            raise StrategyError(
                f"{kernel.name} 의 값은 여럿입니다: {names} = self.indicators(…) 로 쓰세요.",
                f"{kernel.name} has several values. Write {names} = self.indicators(…).",
            )
        return handles[0]

    def indicators(
        self,
        kernel: Kernel,
        *args: Argument,
        of: str | tuple[str, ...] | None = None,
        **kwargs: Argument,
    ) -> tuple[Indicator, ...]:
        """
        Declare the indicators of a kernel with several outputs, such as `ta.bbands`.

        Example:
            `upper, middle, lower = self.indicators(ta.bbands, 20, 2.0)`
        """
        return self._seat().indicators(kernel, args, of, kwargs)

    def when(self, trigger: Trigger, method: Callable[[Symbol], None]) -> None:
        """Call the method with the instrument whenever the trigger fires on it."""
        require_plain(method)
        self._seat().when(trigger, method)

    def every(self, period: Period, method: Callable[[], None]) -> None:
        """
        Call the method once a period: `bar`, `day`, `week` or `month`, Korean calendar.

        It is called when the first bar of the period is complete: with daily bars, at the
        close of the first session of the month. The first bar of a run begins a period.
        """
        require_plain(method)
        self._seat().every(period, method)
