"""A day that was recorded through a real store and tape, crashed and recovered, comes again."""

from __future__ import annotations

from pathlib import Path

from maemae.core.events import Event
from maemae.core.state import CoreState
from maemae.domain.instant import SECOND
from maemae.domain.terms import Side
from maemae.ports import Entry, Turn
from maemae.storage.fingerprint import build_fingerprint
from maemae.storage.records import is_worth_a_record
from maemae.storage.store import SqlStore
from maemae.storage.tape import DayTape, Rebuilt, Tape, newest_seq
from maemae.trading.replay import rebuild, replay, seen
from tests.builders import DAY_1, NOON, a_config, a_fill, a_price, a_report, an_intent, opening
from tests.storage.databases import WAIT, open_here


class Life:
    """One process of an executor: a store, a tape and a core that the tape tells of."""

    def __init__(self, store: SqlStore, folder: Path) -> None:
        lease = store.take_lease("life", store.read_lease())
        assert lease is not None
        self.store, self.epoch = store, lease.epoch
        recovered = store.recover()
        self.seq = max(recovered.seq, newest_seq(folder)) + 1
        self.tape = Tape(folder, self.epoch, DAY_1)
        told = Rebuilt(NOON, build_fingerprint())
        self.tape.append(self.seq, told)
        self.core = rebuild(a_config(), recovered.state, told)

    def take(self, *events: Event) -> None:
        for event in events:
            self.seq += 1
            actions = self.core.handle(event)
            if not is_worth_a_record(event, actions):
                self.tape.append(self.seq, event)
                continue
            turn = Turn([Entry(self.seq, event, actions)])
            self.store.write(turn, self.core.state, self.epoch).result(WAIT)

    def trade(self, number: int) -> None:
        """Buy with a stop 5 % below, watch the price and be stopped out."""
        at = NOON + number * 10 * SECOND
        order = self.core.state.last_cl_ord_id + 1
        order_id = f"{order:07d}"
        wish = an_intent(Side.BUY, 10, intent_id=f"w{number}", stop_loss=50_000, at=at)
        self.take(a_price(10_000, at=at), wish)
        self.take(a_report(cl_ord_id=order, order_id=order_id, at=at))
        self.take(a_fill(10, 10_000, f"F{number}", order, at))
        for step in range(1, 50):
            self.take(a_price(10_000 - step * 5, at=at + step))
        self.take(a_price(9_400, at=at + 100))


def test_day_when_recorded_with_a_crash_in_it_comes_again(url: str, tmp_path: Path) -> None:
    folder = tmp_path / "tape"
    with open_here(url) as store:
        first = Life(store, folder)
        first.take(*opening())
        first.trade(1)
        first.tape.sync(first.seq)
        first.trade(2)  # nothing of these ticks reaches the disk
        durable = len(list(DayTape(folder, DAY_1)))
        second = Life(store, folder)
        second.take(*opening()[2:])
        second.tape.turn_to(DAY_1)
        second.seq += 1
        told = Rebuilt(NOON, build_fingerprint(), seen(second.core))
        second.tape.append(second.seq, told)
        second.core = rebuild(a_config(), second.core.state, told)
        second.trade(3)
        second.tape.close()

        entries = list(store.records(DAY_1))
        verdict = replay(a_config(), CoreState(), entries, DayTape(folder, DAY_1))

    assert durable >= 50
    assert verdict.holds, verdict.findings
    assert verdict.verified > 8
    assert verdict.unverified > 0
    assert all(gap.is_of_crash for gap in verdict.gaps)
