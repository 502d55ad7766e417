"""What a sleeve has used of its limits agrees with what the gate would say."""

from __future__ import annotations

from maemae.core.limits import Limits
from maemae.core.usage import usage_of
from maemae.domain.instant import SECOND
from tests.builders import (
    CASH,
    HYNIX,
    NOON,
    SAMSUNG,
    a_core,
    a_price,
    an_intent,
    feed,
    hold,
    sleeve_of,
)


def test_usage_tells_loss_orders_positions_and_the_heaviest() -> None:
    core = a_core(limits=Limits(max_daily_loss=500_000))
    hold(core, 100)
    hold(core, 10, symbol=HYNIX)
    feed(core, a_price(9_000, SAMSUNG, NOON + SECOND), an_intent(size=1, at=NOON + SECOND))

    usage = usage_of(core.market, sleeve_of(core), NOON + SECOND)

    assert (usage.equity, usage.loss) == (CASH - 100_000, 100_000)
    assert (usage.orders_today, usage.orders_in_second, usage.positions) == (3, 1, 2)
    assert (usage.heaviest, usage.heaviest_ppm) == (
        SAMSUNG,
        900_000 * 1_000_000 // (CASH - 100_000),
    )
    assert usage.limits.max_daily_loss == 500_000


def test_usage_of_an_empty_sleeve_is_nothing() -> None:
    usage = usage_of(a_core().market, sleeve_of(a_core()), NOON)

    assert (usage.loss, usage.orders_today, usage.positions, usage.heaviest) == (0, 0, 0, None)


def test_usage_without_prices_says_that_it_does_not_know() -> None:
    core = a_core()
    hold(core, 10)
    core.market.prices.clear()

    usage = usage_of(core.market, sleeve_of(core), NOON)

    assert (usage.equity, usage.loss, usage.heaviest_ppm) == (None, None, None)
