"""No bundled indicator changes its past when the future is cut off, to the bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maemae.strategy import ta
from maemae.strategy.kernel import Argument, Floats, Kernel

PERIOD = st.integers(2, 12)
ARGUMENTS: dict[str, st.SearchStrategy[tuple[Argument, ...]]] = {
    "macd": st.tuples(st.integers(2, 6), st.integers(7, 12), st.integers(1, 5)),
    "bbands": st.tuples(PERIOD, st.floats(0.5, 4)),
    "obv": st.just(()),
    "last": st.just(()),
    "breakout": st.tuples(st.floats(0.1, 1.5)),
}
KERNELS = [getattr(ta, name) for name in ta.__all__ if isinstance(getattr(ta, name), Kernel)]
BARS_OF_A_DAY = 5
CLOSES = st.lists(st.integers(1, 2_000_000), min_size=1, max_size=80)


def folded(kernel: Kernel, args: tuple[Argument, ...], fields: dict[str, Floats]) -> list[bytes]:
    returned = kernel(*(fields[name] for name in kernel.inputs), *args)
    arrays = returned if isinstance(returned, tuple) else (returned,)
    return [np.where(np.isnan(each), np.nan, each).tobytes() for each in arrays]


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: kernel.name)
@given(closes=CLOSES, data=st.data())
def test_indicator_of_a_prefix_is_the_prefix_of_the_indicator(
    kernel: Kernel, closes: list[int], data: st.DataObject
) -> None:
    args = data.draw(ARGUMENTS.get(kernel.name, st.tuples(PERIOD)))
    cut = data.draw(st.integers(1, len(closes)))
    close = np.array(closes, np.float64)
    fields = {
        "open": close + 1,
        "close": close,
        "high": close + 5,
        "low": close - 0.5,
        "volume": close[::-1].copy(),
        "day": (np.arange(len(closes)) // BARS_OF_A_DAY).astype(np.float64),
    }

    whole = folded(kernel, args, fields)
    blind = folded(kernel, args, {name: values[:cut].copy() for name, values in fields.items()})

    assert [each[: 8 * cut] for each in whole] == blind
