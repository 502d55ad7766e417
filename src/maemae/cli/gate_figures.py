"""The number of each check of the gate, beside the limit that it was held against."""

from __future__ import annotations

from typing import Final

from maemae.core.preview import Preview
from maemae.core.usage import Usage
from maemae.domain.instant import SECOND
from maemae.domain.intent import MILLION
from maemae.domain.text import Text


def figure_of(check: str, gate: Preview, usage: Usage) -> Text:
    """Return what a check that was passed has measured, where it measures anything."""
    limits = usage.limits
    if check == "FRESH_PRICE":
        return _age(gate)
    if check == "POSITION_WEIGHT":
        return _weight(gate.weight_after, limits.max_position_weight)
    if check == "DAILY_LOSS":
        return _loss(usage.loss, limits.max_daily_loss)
    figures = {
        "QUANTITY": Text(f": {gate.order_qty:,}주", f": {gate.order_qty:,} sh."),
        "VALUE": _won(gate.value, limits.max_order_value),
        "CASH": _won(gate.reserved, gate.cash_before),
        "POSITION_COUNT": _count(usage.positions, limits.max_positions),
        "ORDER_RATE": _count(usage.orders_in_second, limits.max_orders_per_sec),
        "ORDERS_TODAY": _count(usage.orders_today, limits.max_orders_per_day),
    }
    return figures.get(check, _NOTHING)


def _won(value: int, limit: int) -> Text:
    return Text(f": {value:,}원 / {limit:,}원", f": ₩{value:,} of ₩{limit:,}")


def _count(value: int, limit: int) -> Text:
    return Text(f": {value:,} / {limit:,}", f": {value:,} of {limit:,}")


def _age(gate: Preview) -> Text:
    if gate.price_age is None:
        return _NOTHING
    age = gate.price_age // SECOND
    return Text(f": {gate.last_price:,}원, {age:,}초 전", f": ₩{gate.last_price:,}, {age:,} s old")


def _weight(weight: int | None, limit: int) -> Text:
    if weight is None:
        return _NOTHING
    share, most = f"{weight / MILLION:.1%}", f"{limit / MILLION:.1%}"
    return Text(f": {share} / {most}", f": {share} of {most}")


def _loss(loss: int | None, limit: int | None) -> Text:
    """Say how much was lost in the session; a gain is a loss of nothing."""
    if loss is None:
        return _NOTHING
    if limit is None:
        return Text(f": {max(0, loss):,}원 / 한도 없음", f": ₩{max(0, loss):,}, no limit")
    return _won(max(0, loss), limit)


_NOTHING: Final = Text("", "")
