"""What every emulated broker is started with: its books and its market, whatever its wire."""

from __future__ import annotations

from datetime import time

import msgspec

from maemae.domain.ids import AccountId
from maemae.emulators.market_source import CatalogueSource, SyntheticSource
from maemae.krx.costs import KIWOOM_REAL, CostSchedule


class ExchangeConfig(msgspec.Struct, frozen=True, kw_only=True):
    """
    A broker's books and its market.

    Attributes:
        ledger: File of its ledger; one that exists is gone on with.
        accounts: Cash that each was opened with [won].
        market: Where prices come from.
        seed: Of the trades inside bars and of the faults.
        speed: Seconds of the exchange in a second of the wall.
        opens_at: Time of day in Korea at which the first session is entered; None for the
            beginning of its order entry.
        skips_nights: Whether the next session begins as soon as one has ended.
        schedule: What it charges.
        order_digits: Digits of its order numbers.
        days_kept: Days of which it keeps the lists.
    """

    ledger: str
    accounts: dict[AccountId, int]
    market: SyntheticSource | CatalogueSource
    seed: int = 0
    speed: int = 1
    opens_at: time | None = None
    skips_nights: bool = False
    schedule: CostSchedule = KIWOOM_REAL
    order_digits: int = 10
    days_kept: int = 2
