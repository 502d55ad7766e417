"""Risk limits as data; the gate's checks read them, nobody computes them."""

from __future__ import annotations

import msgspec

from maemae.core.entry_policy import EntryPolicy
from maemae.domain.instant import SECOND
from maemae.domain.intent import MILLION


class Limits(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    What one sleeve may do.

    Attributes:
        max_order_value: Value of one order at its reserve price [won].
        max_positions: Instruments held or being bought at once.
        max_position_weight: One instrument's share of the sleeve's equity [ppm].
        max_daily_loss: Loss of equity since the session began, net of flows, from which on
            new orders are blocked [won]; None for no limit.
        max_orders_per_sec, max_orders_per_day: Orders of the sleeve.
        max_repeats: Equal orders (instrument, side, quantity, price) within a second.
        collar: Distance of a limit price from the last price [ppm].
        max_price_age: Age of the last price [ns].
        entry: Further rules for new risk; None for none.
    """

    max_order_value: int = 10_000_000_000
    max_positions: int = 50
    max_position_weight: int = MILLION
    max_daily_loss: int | None = None
    max_orders_per_sec: int = 100
    max_orders_per_day: int = 5_000
    max_repeats: int = 3
    collar: int = 100_000
    max_price_age: int = 60 * SECOND
    entry: EntryPolicy | None = None

    def stricter(self, other: Limits) -> Limits:
        """Return limits of which each is the lower one of the two; None is no limit at all."""
        mine = [limit for limit in (self.max_daily_loss, other.max_daily_loss) if limit is not None]
        return Limits(
            min(self.max_order_value, other.max_order_value),
            min(self.max_positions, other.max_positions),
            min(self.max_position_weight, other.max_position_weight),
            min(mine, default=None),
            min(self.max_orders_per_sec, other.max_orders_per_sec),
            min(self.max_orders_per_day, other.max_orders_per_day),
            min(self.max_repeats, other.max_repeats),
            min(self.collar, other.collar),
            min(self.max_price_age, other.max_price_age),
            _stricter(self.entry, other.entry),
        )


def _stricter(one: EntryPolicy | None, other: EntryPolicy | None) -> EntryPolicy | None:
    if one is None or other is None:
        return one or other
    return one.stricter(other)
