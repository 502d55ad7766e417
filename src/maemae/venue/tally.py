"""The notional over which a broker cuts its charges down: one order's, or one day's."""

from __future__ import annotations

import msgspec


class Tally(msgspec.Struct, gc=False):
    """
    What was filled and charged, and what is still open, under one rounding.

    Attributes:
        filled: Notional of the fills so far [won]; stays 0 where every fill is cut alone.
        commission, tax: Charged on it [won].
        open_notional: What open buys can still cost without charges [won].
        held: Commission set aside for it [won].
    """

    filled: int = 0
    commission: int = 0
    tax: int = 0
    open_notional: int = 0
    held: int = 0
