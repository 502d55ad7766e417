"""Every assumption has its sentence and can be replaced."""

from __future__ import annotations

import pytest

from maemae.domain.terms import Market, Product, Side
from maemae.krx.session import Phase
from maemae.krx.tick import tick_table
from maemae.venue.assumptions import (
    RELAXED_ADJUSTED,
    STRICT_KRX,
    Assumptions,
    ProportionalSlippage,
    TickSlippage,
    VolumeShare,
)
from maemae.venue.auction import SinglePrice
from tests.house_builder import DAY

TABLE = tick_table(Market.KOSPI, Product.STOCK, DAY)


@pytest.mark.parametrize("assumptions", [STRICT_KRX, RELAXED_ADJUSTED])
def test_assumptions_say_each_of_theirs_in_both_languages(assumptions: Assumptions) -> None:
    sentences = assumptions.sentences
    assert len(set(sentences)) == 13
    assert all(sentence.ko and sentence.en for sentence in sentences)


def test_presets_differ_in_slippage_only() -> None:
    theirs = set(RELAXED_ADJUSTED.sentences) - set(STRICT_KRX.sentences)
    assert theirs == {ProportionalSlippage().sentence}


@pytest.mark.parametrize(
    ("volume", "allowed"), [(0, 0), (9, 0), (10, 1), (19, 1), (1_000_000, 100_000)]
)
def test_volume_share_is_cut_down(volume: int, allowed: int) -> None:
    assert VolumeShare().allowance(volume) == allowed


@pytest.mark.parametrize(
    ("side", "price", "ticks", "paid"),
    [
        (Side.BUY, 199_900, 2, 200_500),
        (Side.SELL, 200_500, 2, 199_900),
        (Side.SELL, 2, 1, 1),
        (Side.SELL, 2, 5, 1),
        (Side.BUY, 80_050, 1, 80_100),
        (Side.SELL, 1_000, 0, 1_000),
    ],
)
def test_tick_slippage_steps_against_us(side: Side, price: int, ticks: int, paid: int) -> None:
    assert TickSlippage(ticks).price(side, price, TABLE) == paid


@pytest.mark.parametrize(("side", "paid"), [(Side.BUY, 11), (Side.SELL, 9)])
def test_tick_slippage_without_ticks_is_in_won(side: Side, paid: int) -> None:
    assert TickSlippage().price(side, 10, None) == paid


def test_proportional_slippage_is_rounded_against_us() -> None:
    slippage = ProportionalSlippage(1_000)
    assert slippage.price(Side.BUY, 1_001, None) == 1_003
    assert slippage.price(Side.SELL, 1_001, None) == 999
    assert slippage.price(Side.SELL, 1, None) == 1
    assert slippage.price(Side.BUY, 80_000, TABLE) == 80_100
    assert slippage.price(Side.SELL, 80_000, TABLE) == 79_900


def test_single_price_holds_in_call_auctions_only() -> None:
    auctions = {phase for phase in Phase if SinglePrice().is_single_price(phase)}
    assert auctions == {
        Phase.PRE_OPEN_AUCTION,
        Phase.CLOSING_AUCTION,
        Phase.INTRADAY_AUCTION,
        Phase.AFTER_HOURS_SINGLE,
    }
