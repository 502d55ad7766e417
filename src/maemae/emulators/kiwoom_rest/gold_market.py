"""
The gold market (금현물) beside the stock market that is played: two kinds, priced by the gram.

Nothing that is known of stocks tells what gold costs, so its bars are drawn: from the seed of the
emulator, at the times of the stock market's bars. One walk moves the metal and both kinds trade
closely around it, on the ticks and within the limits of their day. Nothing about its prices is a
claim about real gold.

An account's gold and the cash for it are apart from its stocks, as at the broker, where gold has
an account of its own. So this market has an exchange, books and a ledger of its own.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from maemae.catalogue.synthetic_paths import Rules, rules_of
from maemae.domain.ids import Symbol
from maemae.domain.terms import Market, PriceBasis, Product
from maemae.emulators.exchange import Exchange, Listeners
from maemae.emulators.kiwoom_rest.config import KiwoomConfig
from maemae.emulators.kiwoom_rest.desk import Desk
from maemae.emulators.market_source import MarketData
from maemae.krx.costs import KIWOOM_GOLD
from maemae.krx.instrument import Instrument
from maemae.krx.tick import GOLD_SINCE
from maemae.ports import WallClock
from maemae.simulation.calendar_axis import CalendarAxis
from maemae.strategy.panel import FIELDS, Ints, Panel


def gold_desk(config: KiwoomConfig, stocks: MarketData, wall: WallClock) -> Desk:
    """
    Return what answers about gold are computed from; each account has its cash once more.

    Args:
        config: What the server is started with.
        stocks: The stock market, whose sessions are the gold market's.
        wall: The machine's clock.

    Raises:
        JournalCorruptError: The ledger is damaged.
    """
    ledger = Path(f"{config.ledger}.gold")
    if not Path(config.ledger).exists():
        ledger.unlink(missing_ok=True)  # a broker that begins anew begins both of its markets
    own = msgspec.structs.replace(config, ledger=str(ledger), schedule=KIWOOM_GOLD)
    silent = Listeners(_nobody, _nobody, _nobody, _nobody)
    return Desk(own, Exchange(own, gold_market(stocks.panel, config.seed), wall, silent), wall)


def gold_market(stocks: Panel, seed: int) -> MarketData:
    """Return the bars of gold at the times of a panel; none before there was a gold market."""
    axis, rng = CalendarAxis(stocks), np.random.default_rng([seed, _STREAM])
    bars = {name: np.zeros((len(KINDS), len(stocks)), np.int64) for name in FIELDS}
    metal, base = _FIRST_PRICE, np.full(len(KINDS), int(_FIRST_PRICE), np.int64)
    for session in range(len(axis.starts)):
        day, span = axis.session_date(session), slice(axis.first(session), axis.first(session + 1))
        if day < GOLD_SINCE:
            continue
        count = span.stop - span.start
        path, metal = _path(rng, metal, rules_of(KINDS, base, day), count)
        bars["open"][:, span], bars["close"][:, span] = path[:, :, 0], path[:, :, -1]
        bars["high"][:, span], bars["low"][:, span] = path.max(axis=2), path.min(axis=2)
        bars["volume"][:, span] = 1 + rng.poisson(_GRAMS[:, None] / count, (len(KINDS), count))
        base = path[:, -1, -1]
    symbols = tuple(kind.symbol for kind in KINDS)
    panel = Panel(symbols, stocks.opened, stocks.known, bars, PriceBasis.RAW)
    return MarketData(panel, {kind.symbol: kind for kind in KINDS})


def _path(rng: np.random.Generator, metal: float, rules: Rules, bars: int) -> tuple[Ints, float]:
    """Return the prices of a session [won, shape (kinds, bars, points)], and the metal's last."""
    length = bars * _POINTS
    steps = rng.normal(size=length) * _NOISE / np.sqrt(length)
    steps[0] += rng.normal() * _GAP
    walk = metal * np.exp(np.cumsum(steps))
    around = 1 + _PREMIUM[:, None] + rng.normal(size=(len(KINDS), length)) * _SPREAD
    return rules.nearest(walk * around).reshape(len(KINDS), bars, _POINTS), float(walk[-1])


def _nobody(_told: object) -> None:
    """Hear nothing: the broker's WebSocket tells nothing of gold."""


KINDS: Final = (
    Instrument(Symbol("M04020000"), "금 99.99_1Kg", Market.KOSPI, Product.GOLD),
    Instrument(Symbol("M04020100"), "미니금 99.99_100g", Market.KOSPI, Product.GOLD),
)
"""
What is traded: bars of 1 kg and of 100 g, both by the gram.

Source: the broker's list of the interface, edition of April 2026.
"""

_STREAM: Final = 4_020_000  # sets these random numbers apart from those of stocks
_FIRST_PRICE: Final = 150_000.0
_GAP: Final = 0.004  # overnight, log
_NOISE: Final = 0.007  # of a session, log
_SPREAD: Final = 0.000_05  # of a kind around the metal
_PREMIUM: Final = np.array([0.0, 0.002])
_GRAMS: Final = np.array([300_000.0, 40_000.0])  # of a session
_POINTS: Final = 4  # of a bar
