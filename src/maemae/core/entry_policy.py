"""Rules for new risk that a sleeve may have beyond its limits; none of them holds unless set."""

from __future__ import annotations

import msgspec


class EntryPolicy(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    When a sleeve takes no new risk; None is no rule.

    Attributes:
        max_exposure: Share of equity in holdings and open buys, this one included [ppm].
        max_open_orders: Open buys of the sleeve, this one included.
        max_drawdown: Loss from the best equity at the beginning of a session, net of flows, from
            which on nothing is bought [ppm of that equity].
        max_stops: Stops that fired in the session, from which on nothing is bought.
        max_rejections: Orders that the broker rejected in the session, likewise.
        max_rise: Rise above the day's base price, from which on it is not bought [ppm].
        min_price: Lowest price of a share that is bought [won].
        max_loss_to_add: Loss of a holding, from which on it is not added to [ppm of its cost].
        from_clock, until_clock: Time of day from which on, and until which, is bought [ns after
            midnight, Korean time].
    """

    max_exposure: int | None = None
    max_open_orders: int | None = None
    max_drawdown: int | None = None
    max_stops: int | None = None
    max_rejections: int | None = None
    max_rise: int | None = None
    min_price: int | None = None
    max_loss_to_add: int | None = None
    from_clock: int | None = None
    until_clock: int | None = None

    def stricter(self, other: EntryPolicy) -> EntryPolicy:
        """Return a policy of which each rule is the stricter one of the two."""
        return EntryPolicy(
            _lower(self.max_exposure, other.max_exposure),
            _lower(self.max_open_orders, other.max_open_orders),
            _lower(self.max_drawdown, other.max_drawdown),
            _lower(self.max_stops, other.max_stops),
            _lower(self.max_rejections, other.max_rejections),
            _lower(self.max_rise, other.max_rise),
            _higher(self.min_price, other.min_price),
            _lower(self.max_loss_to_add, other.max_loss_to_add),
            _higher(self.from_clock, other.from_clock),
            _lower(self.until_clock, other.until_clock),
        )


def _lower(one: int | None, other: int | None) -> int | None:
    return min((rule for rule in (one, other) if rule is not None), default=None)


def _higher(one: int | None, other: int | None) -> int | None:
    return max((rule for rule in (one, other) if rule is not None), default=None)
