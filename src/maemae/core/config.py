"""What an executor's core is built with and never changes while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from enum import unique

import msgspec

from maemae.domain.ids import AccountId
from maemae.domain.instant import SECOND
from maemae.domain.terms import Mode, Term
from maemae.krx.costs import CostSchedule


@unique
class CashRule(Term):
    """What becomes of a buy sized by weight or cash when cash runs short."""

    SHRINK = "SHRINK"  # buy what the cash allows
    REFUSE = "REFUSE"


@unique
class ExitStyle(Term):
    """How an exit of a guard is sent."""

    TRIGGER = "TRIGGER"  # a limit order at the price of the guard
    THROUGH = "THROUGH"  # a limit order some ticks below the last price: it trades at once
    MARKET = "MARKET"


class Rung(msgspec.Struct, frozen=True):
    """
    One way of an exit; the next one follows when it has not led out in time.

    Attributes:
        ticks: How far below the last price a THROUGH order stands [ticks].
        lasts: How long it is given [ns]; the last rung of a ladder has no end.
    """

    style: ExitStyle
    ticks: int = 0
    lasts: int = 0


class PriceGuard(msgspec.Struct, frozen=True):
    """
    When a print is not believed, and when the lack of prints is.

    Attributes:
        jump_ppm: Furthest from the last price that is believed at once [ppm of it].
        tolerance_ppm: How near to each other prints must be to confirm one another [ppm].
        confirm_after: How long such prints must go on [ns].
        blind_after: Age of a guarded instrument's last price, while it ought to trade, from
            which on its guard is blind [ns].
        ahead: How far a stamp of the feed may lie ahead of the core's own time [ns]; one
            further ahead is no time at all.
    """

    jump_ppm: int
    tolerance_ppm: int
    confirm_after: int
    blind_after: int
    ahead: int = 5 * SECOND


class CoreConfig(msgspec.Struct, frozen=True):
    """
    Attributes of one executor.

    Attributes:
        mode: Whose market it trades on.
        schedules: What each account's broker charges.
        cash_rule: Declared rule for buys when cash runs short.
        cash_spare: Cash of each sleeve that no order may use, for the rounding of charges
            over partial fills [won].
        market_reserve_ppm: A market buy with no price limit known sets aside the last price
            times this [ppm]; Korean brokers hold the upper limit.
        price_guard: How prints are judged; None believes each, as a backtest must.
        exit_ladder: Ways in which an exit of a guard is sent, one after the other.
    """

    mode: Mode
    schedules: Mapping[AccountId, CostSchedule]
    cash_rule: CashRule = CashRule.SHRINK
    cash_spare: int = 1_000
    market_reserve_ppm: int = 1_300_000
    price_guard: PriceGuard | None = None
    exit_ladder: tuple[Rung, ...] = (Rung(ExitStyle.MARKET),)
