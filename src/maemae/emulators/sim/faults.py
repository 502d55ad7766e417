"""What goes wrong at the broker, as it is switched on: drawn from a seed, used up by count."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from maemae.brokers.sim.messages import ErrorCode, Faults, LostReply
from maemae.domain.ids import ExecId
from maemae.domain.order_status import ExecType
from maemae.domain.statement import Notice
from maemae.emulators.unreliable_line import UnreliableLine


class FaultSwitch:
    """
    The faults that are on.

    Args:
        faults: From the start.
        seed: Of what is drawn.

    Attributes:
        now: The faults, counts as they were set.
    """

    def __init__(self, faults: Faults, seed: int) -> None:
        self._line = UnreliableLine[Notice](seed)
        self.set(faults)

    def set(self, faults: Faults) -> None:
        """Have these faults from now on."""
        self.now = faults
        self._refusals = faults.refuse_next
        self._losses = faults.lose_next
        self._wrong = faults.wrong_next

    def take_refusal(self) -> ErrorCode | None:
        """Return the code that the next request is refused with, None if it is not."""
        if self._refusals == 0:
            return None
        self._refusals -= 1
        return self.now.refuse_code

    def take_loss(self) -> LostReply | None:
        """Return how the answer to the next request is lost, None if it is not."""
        if self._losses:
            self._losses -= 1
            return self.now.lost_reply
        return self.now.lost_reply if self._line.draws(self.now.lose_ppm) else None

    def distort(self, notices: Iterable[Notice]) -> list[Notice]:
        """Return what of these notices leaves now: wrong, twice, held back, out of order."""
        now, told = self.now, list[Notice]()
        for notice in notices:
            told += self._wronged(notice)
        return self._line.passed(told, duplicate_ppm=now.duplicate_ppm, reorder=now.reorder)

    def release(self) -> list[Notice]:
        """Return what was held back, in an order of its own."""
        return self._line.release()

    def _wronged(self, notice: Notice) -> list[Notice]:
        """Return a fill's notice with another quantity and its correction, if one is due."""
        if notice.exec_type is not ExecType.TRADE or self._wrong == 0:
            return [notice]
        self._wrong -= 1
        correction = msgspec.structs.replace(
            notice,
            exec_type=ExecType.TRADE_CORRECT,
            exec_id=ExecId(f"{notice.exec_id}C"),
            exec_ref_id=notice.exec_id,
        )
        return [msgspec.structs.replace(notice, last_qty=notice.last_qty + 1), correction]
