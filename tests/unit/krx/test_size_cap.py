"""The biggest single order by market capitalization, with both sides of every edge."""

from __future__ import annotations

import pytest

from maemae.domain.errors import InvalidValueError
from maemae.krx.size_cap import max_order_qty


@pytest.mark.parametrize(
    ("base_price", "listed_shares", "largest"),
    [
        (100_000, 100_000_000, 1_000_000),  # 10 tn: 100 bn by price
        (100_000, 99_999_999, 999_999),  # just below: 1 % of the shares
        (10_000, 10_000_000, 100_000),  # 100 bn: 1 %
        (10_000, 9_999_999, 100_000),  # just below: 1 bn by price
        (10_000, 2_000_000, 100_000),  # 20 bn: 1 bn by price
        (10_000, 1_999_999, 99_999),  # just below: 5 %
        (1_000, 10, 1),  # one share can always be ordered
    ],
)
def test_max_order_qty(base_price: int, listed_shares: int, largest: int) -> None:
    assert max_order_qty(base_price, listed_shares) == largest


@pytest.mark.parametrize(("base_price", "listed_shares"), [(0, 100), (100, 0), (-1, 100)])
def test_max_order_qty_when_a_figure_is_unknown_raises(base_price: int, listed_shares: int) -> None:
    with pytest.raises(InvalidValueError):
        max_order_qty(base_price, listed_shares)
