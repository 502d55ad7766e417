"""What a strategy's worker reports to the executor."""

from __future__ import annotations

import msgspec

from maemae.domain.errors import StrategyError
from maemae.domain.ids import AccountId, SleeveId
from maemae.domain.intent import Intent


class WorkerReady(msgspec.Struct, frozen=True):
    """
    The strategy is set up, and has heard again whatever it had heard before a restart.

    Attributes:
        warmup: Bars that its slowest indicator needs [bars].
    """

    account_id: AccountId
    sleeve_id: SleeveId
    warmup: int


class Intents(msgspec.Struct, frozen=True):
    """
    What the strategy wishes upon one barrier or fill; never empty.

    Attributes:
        at: Instant of that barrier or fill [ns, UTC].
    """

    account_id: AccountId
    sleeve_id: SleeveId
    at: int
    intents: tuple[Intent, ...]


class Printed(msgspec.Struct, frozen=True):
    """
    What the strategy wrote to its standard output or error.

    Attributes:
        left_out: Lines that were left out before these, because there were too many.
    """

    account_id: AccountId
    sleeve_id: SleeveId
    lines: tuple[str, ...]
    left_out: int


class Failed(msgspec.Struct, frozen=True):
    """
    The strategy failed and its process has been ended.

    Attributes:
        error: Says what happened: StrategyStuckError, StrategyRaisedError or StrategyError.
        traceback: Where in the strategy's code; empty if that is not known.
        is_final: Whether it stays stopped; otherwise it is started again after a pause.
    """

    account_id: AccountId
    sleeve_id: SleeveId
    error: StrategyError
    traceback: str
    is_final: bool


WorkerEvent = WorkerReady | Intents | Printed | Failed
"""Anything that a worker reports."""
