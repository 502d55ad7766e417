"""What an executor's core is built with and never changes while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from enum import unique

import msgspec

from maemae.domain.ids import AccountId
from maemae.domain.terms import Mode, Term
from maemae.krx.costs import CostSchedule


@unique
class CashRule(Term):
    """What becomes of a buy sized by weight or cash when cash runs short."""

    SHRINK = "SHRINK"  # buy what the cash allows
    REFUSE = "REFUSE"


class CoreConfig(msgspec.Struct, frozen=True):
    """
    Attributes of one executor.

    Attributes:
        mode: Whose market it trades on.
        schedules: What each account's broker charges.
        armed: Accounts that a person armed for real orders.
        cash_rule: Declared rule for buys when cash runs short.
        cash_spare: Cash of each sleeve that no order may use, for the rounding of charges
            over partial fills [won].
        market_reserve_ppm: A market buy with no price limit known sets aside the last price
            times this [ppm]; Korean brokers hold the upper limit.
    """

    mode: Mode
    schedules: Mapping[AccountId, CostSchedule]
    armed: frozenset[AccountId] = frozenset()
    cash_rule: CashRule = CashRule.SHRINK
    cash_spare: int = 1_000
    market_reserve_ppm: int = 1_300_000
