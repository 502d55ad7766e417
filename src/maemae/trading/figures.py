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
        quota: Requests that the broker takes in a second.
        quota_used: Requests that left in the second before.
        quarantined: Instruments whose shares do not add up with the broker's.
        loop_lag: How late the loop was when it was looked at last [ns of the machine's clock].
        worst_loop_lag: The latest since the process began [ns].
        stages: How long requests took from hop to hop, since the process began.
    """

    head_seq: int
    turns: int
    tape_syncs: int
    outbox: dict[str, int]
    oldest_unknown: int
    compared_ago: int | None
    quota: int
    quota_used: int
    quarantined: int
    loop_lag: int
    worst_loop_lag: int
    stages: tuple[StageTimes, ...]
