"""Kiwoom's texts as numbers and instants: padded, signed, sometimes both, and never guessed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from maemae.brokers.kiwoom_rest.reading import (
    DayClock,
    clock,
    count,
    day,
    find_order_id,
    instant,
    moment,
    number,
    order_id,
    price,
    symbol,
    won,
)
from maemae.domain.errors import BrokerUnavailableError
from maemae.domain.instant import kst_datetime

DAY = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("000000004873200", 4_873_200),
        ("-00000000012350", -12_350),
        ("--714", -714),
        (" 269000", 269_000),
        ("1,234,567", 1_234_567),
        ("-0", 0),
        ("+41300.00", 41_300),
    ],
)
def test_amount_is_read_whatever_its_padding(text: str, value: int) -> None:
    assert won("x", text) == value


def test_number_keeps_its_decimals() -> None:
    assert number("x", "-00000000.66") == Decimal("-0.66")


@pytest.mark.parametrize("text", ["", " ", "없음", "1.5", "12a", "1" * 30, "+", "1.2.3"])
def test_amount_when_it_is_none_raises(text: str) -> None:
    with pytest.raises(BrokerUnavailableError, match="Upgrade maemae"):
        won("x", text)


def test_price_has_no_sign_and_a_quantity_no_minus() -> None:
    assert (price("x", "-258000"), count("x", "0000000012")) == (258_000, 12)
    with pytest.raises(BrokerUnavailableError):
        count("x", "-3")


@pytest.mark.parametrize("text", ["A005930", "005930", "005930_NX", " 005930_AL ", "Q005930"])
def test_symbol_loses_what_stands_around_it(text: str) -> None:
    assert symbol("x", text) == "005930"


@pytest.mark.parametrize("text", ["KRX:005930", "5930", "", "00593a"])
def test_symbol_when_it_is_none_raises(text: str) -> None:
    with pytest.raises(BrokerUnavailableError):
        symbol("x", text)


def test_order_number_has_seven_digits_and_zero_is_none() -> None:
    assert (order_id("x", "139"), find_order_id("0000000")) == ("0000139", None)
    for text in ("", "0", "-308", "abc", "12345678901"):
        with pytest.raises(BrokerUnavailableError):
            order_id("x", text)


def test_times_are_korean_ones() -> None:
    at = instant("x", DAY, "10:15:12")
    assert f"{kst_datetime(at):%Y-%m-%d %H:%M:%S %Z}" == "2026-11-30 10:15:12 KST"
    assert at == moment("x", "20261130101512") == DayClock(DAY).instant("101512")


@pytest.mark.parametrize("text", ["246000", "10151", "1015 2", "", "10:15", "１０１５１２"])
def test_time_when_it_is_none_raises(text: str) -> None:
    with pytest.raises(BrokerUnavailableError):
        clock("x", text)
    with pytest.raises(BrokerUnavailableError):
        DayClock(DAY).instant(text)


@pytest.mark.parametrize("text", ["20261301", "2026-11-30", "", "00000000"])
def test_day_when_it_is_none_raises(text: str) -> None:
    with pytest.raises(BrokerUnavailableError):
        day("x", text)
