"""What one executor is run with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from maemae.core.config import CoreConfig
from maemae.core.limits import Limits
from maemae.domain.ids import AccountId, SleeveId
from maemae.domain.instant import MINUTE, SECOND
from maemae.trading.turn import Expiry

_LEAST_LEASE: Final = 3 * SECOND // 4


class SleevePlan(msgspec.Struct, frozen=True):
    """
    A sleeve that shall exist.

    Attributes:
        cash: Allotment that EXTERNAL gives it when it is opened [won].
    """

    account_id: AccountId
    sleeve_id: SleeveId
    cash: int
    limits: Limits = Limits()


class Rhythm(msgspec.Struct, frozen=True):
    """
    How often an executor does what it does again and again [ns of wall time].

    Attributes:
        lease_ttl: How long a beat of the lease is good for; a standby takes over after half as
            long again, and has 15 s in all to trade.
        reconcile_every: Between two readings of an account.
        doubt_every: The same while an outcome is not known.
        retry_every: Between two tries to reach what is not there.
        tick: Between two looks at waiting exits, expiries and flags.
        land_within: For what is on its way when the executor is told to stop.
        skew_every: Between two looks at the clocks.
        settle_for: How long clocks that were wrong must be right before they are believed.
        job_within: How late a job may begin before a person is told.
        again_every: Between two tries of a job that failed.
    """

    lease_ttl: int = 8 * SECOND
    reconcile_every: int = 30 * SECOND
    doubt_every: int = 2 * SECOND
    retry_every: int = SECOND
    tick: int = SECOND // 5
    land_within: int = 4 * SECOND
    skew_every: int = 10 * SECOND
    settle_for: int = MINUTE
    job_within: int = MINUTE
    again_every: int = MINUTE

    def faster(self, factor: int) -> Rhythm:
        """
        Return the same rhythm so many times as fast, as tests scale every constant.

        But for the lease: below its least, a busy machine would lose it between two beats.
        """
        times = {name: getattr(self, name) // factor for name in self.__struct_fields__}
        return Rhythm(**times | {"lease_ttl": max(times["lease_ttl"], _LEAST_LEASE)})


class ExecutorPlan(msgspec.Struct, frozen=True):
    """
    What one executor is run with; the composition root makes it from settings.

    Attributes:
        name: Holder of the lease, for people: host and process.
        core: Of the trading core.
        accounts: Every account that is traded.
        seats: Sleeves of strategies; those that do not exist yet are opened.
        expiry: How long requests may wait to leave [ns of the exchange's time].
    """

    name: str
    core: CoreConfig
    accounts: Sequence[AccountId]
    seats: Sequence[SleevePlan] = ()
    expiry: Expiry = Expiry(new=30 * SECOND, reduce=5 * MINUTE, cancel=5 * MINUTE)
    rhythm: Rhythm = Rhythm()
