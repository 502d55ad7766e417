"""Dividing a whole number among several without losing one."""

from __future__ import annotations

from collections.abc import Sequence


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """
    Return parts in proportion to the weights that add up to `total`.

    Each part is cut down; what is left goes one by one to the largest remainders, the
    earlier first. A broker rounds once for the account, sleeves would round each for
    themselves: this keeps their sum the account's.

    Args:
        total: What is divided [>= 0].
        weights: At least one of them positive, none negative.
    """
    whole = sum(weights)
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda place: -(total * weights[place] % whole))
    for place in by_remainder[: total - sum(parts)]:
        parts[place] += 1
    return parts
