"""Stop-limit orders (스톱지정가) that sleep until a print reaches their trigger."""

from __future__ import annotations

from maemae.domain.ids import Symbol
from maemae.domain.terms import Side
from maemae.venue.working_order import WorkingOrder


class Stops:
    """
    Orders that the exchange does not match yet.

    Attributes:
        asleep: By instrument, each with its trigger [won]; live, empty where there are none.

    Source: KRX business regulations, in force since 2025-03-04: a buy is released at or above its
    trigger, a sale at or below, as a fresh limit order.
    """

    def __init__(self) -> None:
        self.asleep: dict[Symbol, list[tuple[WorkingOrder, int]]] = {}

    def add(self, order: WorkingOrder, trigger: int) -> None:
        """Let an order sleep until its trigger."""
        self.asleep.setdefault(order.symbol, []).append((order, trigger))

    def holds(self, order: WorkingOrder) -> bool:
        """Return whether an order sleeps."""
        return any(each is order for each, _ in self.asleep.get(order.symbol, ()))

    def drop(self, order: WorkingOrder) -> None:
        """Forget an order that sleeps."""
        left = [pair for pair in self.asleep[order.symbol] if pair[0] is not order]
        self._leave(order.symbol, left)

    def wake(self, symbol: Symbol, price: int) -> list[WorkingOrder]:
        """Forget and return those whose trigger a print reaches, in the order they came."""
        woken, left = list[WorkingOrder](), list[tuple[WorkingOrder, int]]()
        for order, trigger in self.asleep.get(symbol, ()):
            if is_reached(order.side, trigger, price):
                woken.append(order)
            else:
                left.append((order, trigger))
        self._leave(symbol, left)
        return woken

    def drop_all(self, symbol: Symbol) -> list[WorkingOrder]:
        """Forget and return everything of an instrument that sleeps."""
        return [order for order, _ in self.asleep.pop(symbol, ())]

    def _leave(self, symbol: Symbol, sleeping: list[tuple[WorkingOrder, int]]) -> None:
        if sleeping:
            self.asleep[symbol] = sleeping
        else:
            self.asleep.pop(symbol, None)


def is_reached(side: Side, trigger: int, price: int) -> bool:
    """Return whether a print [won] reaches a trigger; 0, no print, reaches none."""
    return price > 0 and (price >= trigger if side is Side.BUY else price <= trigger)
