"""How many requests may leave in a second of the wall, whatever their priority."""

from __future__ import annotations

from collections import deque

from maemae.domain.errors import InvalidValueError
from maemae.domain.instant import SECOND


class Pace:
    """
    Never more than so many in any second, as brokers count.

    Args:
        per_sec: The most in any window of one second, 1 or more.

    Raises:
        InvalidValueError: It is below 1.
    """

    def __init__(self, per_sec: int) -> None:
        if per_sec < 1:
            raise InvalidValueError(
                f"초당 요청 수가 {per_sec} 입니다. 1 이상으로 정하세요.",
                f"{per_sec} requests a second cannot be. Use 1 or more.",
            )
        self._sent: deque[int] = deque(maxlen=per_sec)

    def wait(self, now: int) -> int:
        """Return how long the next request must wait [ns]; 0 if it may leave now."""
        if len(self._sent) < self.most:
            return 0
        return max(0, self._sent[0] + SECOND - now)

    @property
    def most(self) -> int:
        """How many may leave in a second."""
        return self._sent.maxlen or 1

    def used(self, now: int) -> int:
        """Return how many left in the second before now [ns, monotonic]."""
        return sum(at > now - SECOND for at in self._sent)

    def count(self, now: int) -> None:
        """Count a request that leaves now [ns, monotonic]."""
        self._sent.append(now)
