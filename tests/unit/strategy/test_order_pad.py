"""Numbers that an author writes become whole, checked and numbered."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maemae.domain.errors import InvalidValueError, StrategyError
from maemae.domain.ids import AccountId, ClOrdId, SleeveId, Symbol
from maemae.domain.intent import (
    MILLION,
    CancelIntent,
    Cash,
    OrderIntent,
    Shares,
    TargetWeights,
    Weight,
)
from maemae.domain.terms import Side
from maemae.strategy.order_pad import OrderPad, ppm, size_of_buy, target_ppm, whole
from tests.strategy_runs import A, B, C, raises


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [(0.1, 100_000), (1, MILLION), (0.03, 30_000), (1 / 3, 333_333), (5e-7, 1), (2 / 3, 666_667)],
)
def test_ratio_is_rounded_half_up_to_parts_per_million(ratio: float, expected: int) -> None:
    assert ppm("weight", ratio) == expected


@pytest.mark.parametrize("ratio", [math.nan, -0.1, 0, 1.01, 3, math.inf, 1e-9, "0.1", None, True])
def test_ratio_when_out_of_range_is_named(ratio: float) -> None:
    with raises(InvalidValueError, "stop_loss", "between 0 and 1", repr(ratio)):
        ppm("stop_loss", ratio)


@pytest.mark.parametrize("number", [0, -1, 1.5, 2.0, "3", None, True, math.nan])
def test_whole_number_when_not_one_is_named(number: int) -> None:
    with raises(InvalidValueError, "shares", "whole number above 0"):
        whole("shares", number)


def test_whole_number_of_numpy_becomes_a_plain_one() -> None:
    assert type(whole("limit", np.int64(70_000))) is int


def test_size_of_a_buy_is_exactly_one_of_three() -> None:
    assert size_of_buy(0.1, None, None) == Weight(100_000)
    assert size_of_buy(None, 7, None) == Shares(7)
    assert size_of_buy(None, None, 500_000) == Cash(500_000)
    for given_sizes in [(None, None, None), (0.1, 7, None), (0.1, 7, 9)]:
        with raises(StrategyError, "exactly one"):
            size_of_buy(*given_sizes)


def test_target_weights_are_ordered_by_symbol_and_zero_is_left_out() -> None:
    assert target_ppm({B: 0.25, A: 0.5, C: 0.0}) == ((A, 500_000), (B, 250_000))


def test_target_weights_are_rounded_half_up() -> None:
    assert target_ppm({A: 0.1234564, B: 0.1234566}) == ((A, 123_456), (B, 123_457))


def test_target_weights_when_above_one_are_refused() -> None:
    with raises(InvalidValueError, "1.200000"):
        target_ppm({A: 0.6, B: 0.6})


@given(st.integers(1, 400))
def test_equal_target_weights_never_add_up_to_more_than_one(count: int) -> None:
    symbols = [Symbol(f"{number:06d}") for number in range(count)]

    parts = [part for _, part in target_ppm(dict.fromkeys(symbols, 1 / count))]

    assert len(set(parts)) == 1
    assert MILLION - count <= sum(parts) <= MILLION


def test_pad_numbers_orders_by_instant_symbol_and_leg() -> None:
    pad = OrderPad(AccountId("A-1"), SleeveId("s"))
    for at, symbol in [(5, A), (5, B), (5, A), (6, A)]:
        pad.order(at, symbol, Side.BUY, Shares(1))
    pad.target(6, (), None)

    numbers = {
        intent.intent_id for intent in pad.take() if isinstance(intent, OrderIntent | TargetWeights)
    }

    assert numbers == {
        f"A-1:s:5:{A}:0",
        f"A-1:s:5:{B}:0",
        f"A-1:s:5:{A}:1",
        f"A-1:s:6:{A}:0",
        "A-1:s:6:TARGET:0",
    }


def test_pad_hands_out_buys_last_and_keeps_the_order_otherwise() -> None:
    pad = OrderPad(AccountId("A-1"), SleeveId("s"))
    for symbol, side in [(A, Side.BUY), (B, Side.SELL), (C, Side.BUY), (A, Side.SELL)]:
        pad.order(5, symbol, side, Shares(1))
    pad.cancel(5, ClOrdId(3))

    taken = pad.take()

    orders = [(each.symbol, each.side) for each in taken if isinstance(each, OrderIntent)]
    assert orders == [(B, Side.SELL), (A, Side.SELL), (A, Side.BUY), (C, Side.BUY)]
    assert taken[2] == CancelIntent(ClOrdId(3), 5)
    assert pad.take() == []


def test_pad_when_limit_and_within_are_given_refuses() -> None:
    pad = OrderPad(AccountId("A-1"), SleeveId("s"))
    with raises(StrategyError, "limit or within"):
        pad.order(5, A, Side.BUY, Shares(1), limit=100, within=0.01)
