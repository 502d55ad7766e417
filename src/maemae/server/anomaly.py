"""
What is unusual for somebody, by simple figures of their own past that a person can check.

| kind | unusual is | said only with |
|---|---|---|
| RATE | more orders in a minute than `rate_factor` times the busiest minute before | nothing |
| SIZE | more won than `factor` times the largest order before | `least_acts` orders |
| HOUR | an hour of the day in and beside which they never ordered | `least_days` days |
| ADDRESS | a network that no order of theirs came from | `least_acts` orders |

Somebody without a past is measured by the fixed figures alone.
"""

from __future__ import annotations

from enum import unique

import msgspec

from maemae.domain.instant import DAY, kst_datetime
from maemae.domain.terms import Term
from maemae.domain.text import Text
from maemae.server.past import Act, Past, network_of


@unique
class Unusual(Term):
    """What is unusual about an order."""

    RATE = "RATE"
    SIZE = "SIZE"
    HOUR = "HOUR"
    ADDRESS = "ADDRESS"


class Thresholds(msgspec.Struct, frozen=True):
    """
    From where on it is unusual.

    Attributes:
        past: How far back is looked [ns].
        least_acts: Orders without which little is said.
        least_days: Days with orders without which nothing is said of hours.
        rate: Orders in a minute that are never unusual.
        rate_factor: How many times the busiest minute is unusual.
        size: Order that is never unusually large [won].
        size_factor: How many times the largest order is unusual.
        needs_step_up: Whether who trades real money shows the second factor again then.
    """

    past: int = 30 * DAY
    least_acts: int = 10
    least_days: int = 5
    rate: int = 20
    rate_factor: int = 3
    size: int = 5_000_000
    size_factor: int = 5
    needs_step_up: bool = True


class Anomaly(msgspec.Struct, frozen=True):
    """Something unusual, in words with the figures that it follows from."""

    kind: Unusual
    text: Text


def anomalies(act: Act, past: Past, limits: Thresholds) -> tuple[Anomaly, ...]:
    """
    Return what is unusual about an order.

    Args:
        act: The order.
        past: Orders of the same user before it; time goes on in it until the order's.
        limits: From where on it is unusual.
    """
    past.advance(act.at)
    found = (
        _rate(past, limits),
        _size(act, past, limits),
        _hour(act, past, limits),
        _address(act, past, limits),
    )
    return tuple(each for each in found if each is not None)


def _rate(past: Past, limits: Thresholds) -> Anomaly | None:
    lately, busiest = 1 + past.lately, past.busiest
    usual = max(limits.rate, limits.rate_factor * busiest)
    if lately <= usual:
        return None
    return Anomaly(
        Unusual.RATE,
        Text(
            f"1분 동안 주문 {lately}건으로 평소(가장 많았던 1분 {busiest}건)보다 훨씬 잦습니다.",
            f"{lately} orders in a minute; the busiest minute before had {busiest}.",
        ),
    )


def _size(act: Act, past: Past, limits: Thresholds) -> Anomaly | None:
    if act.notional is None or past.sizes.total() < limits.least_acts:
        return None
    largest = max(past.sizes)
    if act.notional <= max(limits.size, limits.size_factor * largest):
        return None
    return Anomaly(
        Unusual.SIZE,
        Text(
            f"{act.notional:,}원 주문은 지금까지 가장 컸던 {largest:,}원보다 훨씬 큽니다.",
            f"An order of {act.notional:,} won; the largest before was {largest:,} won.",
        ),
    )


def _hour(act: Act, past: Past, limits: Thresholds) -> Anomaly | None:
    if past.days < limits.least_days or len(past) < limits.least_acts:
        return None
    hour, usual = kst_datetime(act.at).hour, past.hours
    if not usual or usual.keys() & {(hour + step) % 24 for step in (-1, 0, 1)}:
        return None
    return Anomaly(
        Unusual.HOUR,
        Text(
            f"{hour}시대에는 주문한 적이 없습니다.",
            f"There never was an order around {hour}:00.",
        ),
    )


def _address(act: Act, past: Past, limits: Thresholds) -> Anomaly | None:
    if len(past) < limits.least_acts or not past.networks or not act.address:
        return None
    here = network_of(act.address)
    if here in past.networks:
        return None
    return Anomaly(
        Unusual.ADDRESS,
        Text(
            f"{here} 에서 주문한 적이 없습니다. 본인이 아니면 로그인을 모두 끝내세요.",
            f"No order ever came from {here}. If this is not you, end all logins.",
        ),
    )
