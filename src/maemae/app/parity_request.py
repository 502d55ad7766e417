"""What a recorded day is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec

from maemae.app.trade_request import StrategyRequest
from maemae.domain.ids import AccountId, Symbol
from maemae.domain.terms import Mode


class ParityRequest(msgspec.Struct, frozen=True, kw_only=True):
    """
    A recorded day, and the strategies and bars to set beside it.

    Attributes:
        mode: Whose executor recorded it.
        day: The session.
        account_id: The account.
        strategies: As the executor was started with them; their cash and limits come from the
            journal.
        dataset: Bars of the day and of the warm-up.
        symbols: What they may trade; None for everything in the dataset.
        database: URL; None for the usual one.
        is_emulated: Whether an emulator played the broker.
    """

    mode: Mode
    day: date
    account_id: AccountId
    strategies: Sequence[StrategyRequest]
    dataset: str
    symbols: tuple[Symbol, ...] | None = None
    database: str | None = None
    is_emulated: bool = False
