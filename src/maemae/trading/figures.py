"""What an operator watches of an executor, beside how it stands."""

from __future__ import annotations

import msgspec

from maemae.trading.stopwatch import StageTimes


class Figures(msgspec.Struct, frozen=True):
    """
    Counts and ages, since the engine came up last.

    Attributes:
        head_seq: Number of the newest input of the core.
        turns: Transactions.
        tape_syncs: Times that the tape was synced for a request.
        outbox: Requests that have not left, by lane.
        oldest_unknown: Age of the oldest order in doubt [ns of the exchange's time]; 0 without.
        compared_ago: How long ago every account had been compared [ns of wall time]; None before.
        stages: How long requests took from hop to hop, since the process began.
    """

    head_seq: int
    turns: int
    tape_syncs: int
    outbox: dict[str, int]
    oldest_unknown: int
    compared_ago: int | None
    stages: tuple[StageTimes, ...]
