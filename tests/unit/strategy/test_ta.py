"""Bundled indicators start where they say and mean what they say."""

from __future__ import annotations

import numpy as np
import pytest

from maemae.strategy import ta
from maemae.strategy.kernel import Argument, Floats, Kernel

CLOSE = 50_000 + 1_000 * np.cumsum(np.random.default_rng(7).integers(-3, 4, 120)).astype(float)
FIELDS: dict[str, Floats] = {
    "open": CLOSE,
    "high": CLOSE + 500,
    "low": CLOSE - 700,
    "close": CLOSE,
    "volume": np.abs(CLOSE) % 997 + 1,
    "day": np.arange(120.0),
}

BUNDLED: list[tuple[Kernel, tuple[Argument, ...]]] = [
    (ta.sma, (10,)),
    (ta.ema, (10,)),
    (ta.wma, (10,)),
    (ta.rsi, (14,)),
    (ta.roc, (12,)),
    (ta.macd, ()),
    (ta.macd, (5, 9, 4)),
    (ta.bbands, (20, 2.0)),
    (ta.atr, (14,)),
    (ta.adx, (7,)),
    (ta.highest, (10,)),
    (ta.lowest, (10,)),
    (ta.stdev, (10,)),
    (ta.volume_mean, (10,)),
    (ta.obv, ()),
    (ta.last, ()),
    (ta.turnover, (10,)),
    (ta.volatility, (10,)),
    (ta.breakout, (0.5,)),
]


def outputs(kernel: Kernel, args: tuple[Argument, ...]) -> tuple[Floats, ...]:
    returned = kernel(*(FIELDS[name] for name in kernel.inputs), *args)
    return returned if isinstance(returned, tuple) else (returned,)


@pytest.mark.parametrize(("kernel", "args"), BUNDLED, ids=lambda each: getattr(each, "name", each))
def test_kernel_has_its_first_value_where_it_declares(
    kernel: Kernel, args: tuple[Argument, ...]
) -> None:
    first = kernel.warmup(*args) - 1

    for values in outputs(kernel, args):
        assert np.all(np.isnan(values[:first]))
        assert not np.any(np.isnan(values[first:]))


def test_every_exported_kernel_is_tested() -> None:
    exported = {name for name in ta.__all__ if isinstance(getattr(ta, name), Kernel)}

    assert exported == {kernel.name for kernel, _ in BUNDLED}


@pytest.mark.parametrize(
    ("kernel", "expected"),
    [
        (ta.sma, CLOSE[50:60].mean()),
        (ta.wma, np.average(CLOSE[50:60], weights=np.arange(1, 11))),
        (ta.highest, CLOSE[50:60].max()),
        (ta.lowest, CLOSE[50:60].min()),
        (ta.stdev, CLOSE[50:60].std()),
        (ta.roc, 100 * (CLOSE[59] / CLOSE[49] - 1)),
    ],
    ids=lambda each: getattr(each, "name", ""),
)
def test_kernel_agrees_with_its_definition(kernel: Kernel, expected: float) -> None:
    (values,) = outputs(kernel, (10,))

    assert values[59] == pytest.approx(expected, rel=1e-9)


def test_bands_lie_that_many_deviations_around_the_average() -> None:
    upper, middle, lower = outputs(ta.bbands, (20, 2.5))

    window = CLOSE[80:100]
    assert upper[99] == pytest.approx(window.mean() + 2.5 * window.std())
    assert middle[99] == pytest.approx(window.mean())
    assert lower[99] == pytest.approx(window.mean() - 2.5 * window.std())


def test_breakout_counts_days_and_not_bars() -> None:
    day = np.repeat([7.0, 8.0, 11.0], 3)
    opening = np.array([10.0, 11, 12, 20, 21, 22, 30, 31, 32])

    found = ta.breakout(opening, opening + 1, opening - 1, day, 0.5, 3)

    assert isinstance(found, np.ndarray)
    assert np.isnan(found[:3]).all()
    assert found[3:].tolist() == [22.0] * 3 + [32.0] * 3


def test_volatility_is_the_deviation_of_changes() -> None:
    found = ta.volatility(CLOSE, 10)

    changes = CLOSE[1:] / CLOSE[:-1] - 1
    assert isinstance(found, np.ndarray)
    assert found[40] == pytest.approx(changes[30:40].std(), rel=1e-6)


def test_turnover_is_the_average_of_what_was_traded() -> None:
    found = ta.turnover(CLOSE, FIELDS["volume"], 10)

    assert isinstance(found, np.ndarray)
    assert found[20] == pytest.approx((CLOSE * FIELDS["volume"])[11:21].mean())
