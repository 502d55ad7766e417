"""
Triggers: conditions on indicators, and the bars on which they fire.

A trigger holds on some bars and fires on some. A crossing holds and fires on the bar of the
crossing; a level holds as long as it is true and fires on the bar on which it becomes true.
`a & b` fires when one fires while the other holds, `a | b` when either fires, and `~a` when
a has ceased to hold. Nothing holds or fires before the indicators have warmed up.
"""

from __future__ import annotations

import numpy as np

from maemae.domain.errors import StrategyError
from maemae.strategy.panel import Flags
from maemae.strategy.series import Condition, Operand, SeriesStore, Spec


class Trigger:
    """
    A condition; combine with `&`, `|` and `~`, and hand it to `Strategy.when`.

    Attributes:
        fires: Where it fires.
        holds: Where it is true.
        ready: Where its indicators have a value.
        label: What it says, such as `sma(10) crosses above sma(30)`.
    """

    def __init__(
        self, fires: Condition, holds: Condition, ready: Condition, label: str = ""
    ) -> None:
        self.fires = fires
        self.holds = holds
        self.ready = ready
        self.label = label

    def __and__(self, other: Trigger) -> Trigger:
        return Trigger(
            fires=lambda store: (
                (self.fires(store) & other.holds(store)) | (self.holds(store) & other.fires(store))
            ),
            holds=lambda store: self.holds(store) & other.holds(store),
            ready=lambda store: self.ready(store) & other.ready(store),
            label=f"({self.label} & {other.label})",
        )

    def __or__(self, other: Trigger) -> Trigger:
        return Trigger(
            fires=lambda store: self.fires(store) | other.fires(store),
            holds=lambda store: self.holds(store) | other.holds(store),
            ready=lambda store: self.ready(store) & other.ready(store),
            label=f"({self.label} | {other.label})",
        )

    def __invert__(self) -> Trigger:
        return _becoming(
            holds=lambda store: self.ready(store) & ~self.holds(store),
            ready=self.ready,
            label=f"~{self.label}",
        )

    def __bool__(self) -> bool:
        raise StrategyError(
            "조건은 참·거짓이 아니라 when() 에 넘기는 것입니다. 결합은 and·or·not 대신 &·|·~ 로, "
            "on_bar 안에서는 crossed_above(…, symbol) 을 쓰세요.",
            "A trigger is for when(), not for if. Combine with &, |, ~ instead of and, or, not; "
            "inside on_bar ask crossed_above(…, symbol).",
        )


def crossing(left: Spec, right: Operand, *, above: bool) -> Trigger:
    """Return the trigger of being beyond now, and not at the instrument's bar before."""

    def crossed(store: SeriesStore) -> Flags:
        return store.crossed(left, right, above=above)

    label = f"{left.label} crosses {_way(above=above)} {_label(right)}"
    return Trigger(fires=crossed, holds=crossed, ready=_valued(left, right), label=label)


def level(left: Spec, right: Operand, *, above: bool) -> Trigger:
    """Return the trigger of being beyond."""
    beyond = np.greater if above else np.less
    return _becoming(
        holds=lambda store: beyond(store.values(left), store.values(right)),
        ready=_valued(left, right),
        label=f"{left.label} {_way(above=above)} {_label(right)}",
    )


def _way(*, above: bool) -> str:
    return "above" if above else "below"


def _label(operand: Operand) -> str:
    return operand.label if isinstance(operand, Spec) else f"{operand:g}"


def _becoming(holds: Condition, ready: Condition, label: str) -> Trigger:
    """Return the trigger that fires on the bar on which it becomes true."""

    def fires(store: SeriesStore) -> Flags:
        true = holds(store)
        return true & ~store.before(true)

    return Trigger(fires, holds, ready, label)


def _valued(left: Spec, right: Operand) -> Condition:
    return lambda store: ~np.isnan(np.add(store.values(left), store.values(right)))
