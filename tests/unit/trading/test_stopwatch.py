"""Each hop of a request is counted once, in the bucket of its time."""

from __future__ import annotations

from maemae.domain.ids import ClOrdId
from maemae.domain.instant import SECOND
from maemae.trading.stopwatch import BOUNDS, Stage, Stopwatch

MILLI = SECOND // 1_000
FIRST = ClOrdId(1)


def counted(watch: Stopwatch) -> dict[Stage, tuple[int, int]]:
    return {times.stage: (sum(times.counts), times.total) for times in watch.times()}


def test_stopwatch_counts_every_hop_of_a_request() -> None:
    watch = Stopwatch()

    watch.committed(FIRST, 0, 3 * MILLI)
    watch.sent(FIRST, 4 * MILLI)
    watch.acknowledged(FIRST, 24 * MILLI)

    assert counted(watch) == {
        Stage.COMMITTED: (1, 3 * MILLI),
        Stage.SENT: (1, MILLI),
        Stage.ACKNOWLEDGED: (1, 20 * MILLI),
    }


def test_stopwatch_puts_a_time_at_a_bound_into_the_bucket_below_it_and_the_longest_last() -> None:
    watch = Stopwatch()

    watch.committed(FIRST, 0, BOUNDS[2])
    watch.committed(ClOrdId(2), 0, BOUNDS[-1] + 1)

    (committed, *_) = watch.times()
    assert committed.counts[2] == committed.counts[-1] == 1


def test_stopwatch_of_a_request_it_never_saw_counts_nothing() -> None:
    watch = Stopwatch()

    watch.sent(FIRST, 5)
    watch.acknowledged(FIRST, 6)

    assert all(count == 0 for count, _ in counted(watch).values())
