"""The pairs that are swept: 40 fast by 25 slow windows, and more of the same for memory."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Final

from maemae.research.honesty.walk_forward import Values

PAIRS: Final = 1_000
FAST: Final = range(5, 45)
SLOW: Final = range(50, 175, 5)


def cells(count: int) -> Sequence[Values]:
    """
    Return so many pairs.

    Fewer than `PAIRS` are spread over all of them; beyond, the windows lie closer together.
    """
    if count < PAIRS:
        return cells(PAIRS)[:: PAIRS // count][:count]
    slow = SLOW if count == PAIRS else range(50, 50 + -(-count // len(FAST)))
    return [{"fast": one, "slow": two} for one, two in product(FAST, slow)][:count]
