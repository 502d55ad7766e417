"""A recorded day comes again byte for byte, and what does not is named."""

from __future__ import annotations

from itertools import count

import msgspec
import pytest

from maemae.core.actions import SubmitOrder
from maemae.core.events import Event, PriceUpdated
from maemae.core.machine import TradingCore
from maemae.core.state import CoreState
from maemae.domain.errors import DomainError, JournalCorruptError
from maemae.domain.instant import SECOND
from maemae.domain.terms import Side
from maemae.ports import Entry
from maemae.storage.fingerprint import build_fingerprint
from maemae.storage.records import decode_state, encode, is_worth_a_record
from maemae.storage.tape import Rebuilt, Seen, Taped
from maemae.trading.replay import Gap, Verdict, rebuild, replay, seen
from tests.builders import NOON, SAMSUNG, a_config, a_fill, a_price, a_report, an_intent, opening
from tests.journals import some_trading


class Recorder:
    """An executor's core with its journal and tape, as lists."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.tape: list[Taped] = []
        self.core = TradingCore(a_config())
        self._seqs = count(1)

    def build(self, market: tuple[Seen, ...] = (), build: str | None = None) -> None:
        told = Rebuilt(NOON, build_fingerprint() if build is None else build, market)
        self.core = rebuild(a_config(), decode_state(encode(self.core.state)), told)
        self.tape.append(Taped(next(self._seqs), told))

    def take(self, *events: Event) -> None:
        for event in events:
            seq = next(self._seqs)
            try:
                actions = self.core.handle(event)
            except DomainError:
                actions = []
            if is_worth_a_record(event, actions):
                self.entries.append(Entry(seq, event, actions))
            else:
                self.tape.append(Taped(seq, event))

    def forget_tape(self, *seqs: int) -> None:
        self.tape = [taped for taped in self.tape if taped.seq not in seqs]

    def forget_entry(self, seq: int) -> None:
        self.entries = [entry for entry in self.entries if entry.seq != seq]

    def replayed(self) -> Verdict:
        return replay(a_config(), CoreState(), self.entries, self.tape)


def a_day() -> Recorder:
    """Return a day with ticks between what had consequences."""
    recorder = Recorder()
    recorder.build()
    for number, event in enumerate(some_trading(3)):
        recorder.take(event, a_price(10_000 + number, at=event.at))
    return recorder


def falling(recorder: Recorder) -> int:
    """Buy with a stop, let ticks fall below it; return the number of the tick that sold."""
    at = NOON + 20 * SECOND
    number = recorder.core.state.last_cl_ord_id + 1
    recorder.take(
        an_intent(Side.BUY, 10, intent_id="guarded", stop_loss=50_000, at=at),
        a_report(cl_ord_id=number, order_id=f"{number:07d}", at=at),
        a_fill(10, 10_000, "G1", number, at),
        a_price(9_800, at=at + 1),
        a_price(9_700, at=at + 2),
        a_price(9_400, at=at + 3),
    )
    return recorder.entries[-1].seq


def test_replay_when_nothing_was_changed_holds() -> None:
    recorder = a_day()
    sold = falling(recorder)

    verdict = recorder.replayed()

    assert any(isinstance(action, SubmitOrder) for action in recorder.entries[-1].actions)
    assert recorder.entries[-1].seq == sold
    assert verdict.holds
    assert verdict.verified == len(recorder.entries)
    assert verdict.inputs == len(recorder.entries) + len(recorder.tape) - 1
    assert verdict.findings == ()


def test_replay_when_an_action_was_changed_names_it() -> None:
    recorder = a_day()
    sold = falling(recorder)
    *before, last = recorder.entries
    index, submit = next(
        (index, action)
        for index, action in enumerate(last.actions)
        if isinstance(action, SubmitOrder)
    )
    other = SubmitOrder(msgspec.structs.replace(submit.order, order_qty=9))
    actions = [*last.actions[:index], other, *last.actions[index + 1 :]]
    recorder.entries = [*before, Entry(last.seq, last.event, actions)]

    verdict = recorder.replayed()

    assert not verdict.holds
    assert verdict.difference is not None
    assert (verdict.difference.seq, verdict.difference.index) == (sold, index)
    assert '"order_qty":9' in verdict.difference.then
    assert '"order_qty":10' in verdict.difference.now
    assert verdict.unverified == 1
    assert f"input {sold} (PriceUpdated)" in verdict.findings[0].en


def test_replay_when_an_action_is_missing_says_what_came_instead() -> None:
    recorder = a_day()
    falling(recorder)
    *before, last = recorder.entries
    recorder.entries = [*before, Entry(last.seq, last.event, last.actions[:-1])]

    difference = recorder.replayed().difference

    assert difference is not None
    assert difference.index == len(last.actions) - 1
    assert difference.then == ""
    assert "none" in difference.text.en


def test_replay_when_a_tick_on_the_tape_now_sells_says_so() -> None:
    recorder = a_day()
    falling(recorder)
    last = recorder.entries.pop()
    recorder.tape.append(Taped(last.seq, last.event))

    difference = recorder.replayed().difference

    assert difference is not None
    assert difference.then == ""


def test_replay_when_a_price_on_the_tape_was_changed_goes_another_way() -> None:
    recorder = a_day()
    falling(recorder)
    changed = PriceUpdated(SAMSUNG, 9_000, recorder.tape[-1].event.at)
    recorder.tape[-1] = Taped(recorder.tape[-1].seq, changed)

    difference = recorder.replayed().difference

    assert difference is not None
    assert difference.seq == recorder.tape[-1].seq


def test_replay_when_a_refused_input_is_on_the_tape_goes_on() -> None:
    recorder = a_day()
    unknown = a_report(cl_ord_id=1, order_id="9999999", at=NOON)
    recorder.take(unknown)
    falling(recorder)

    assert recorder.replayed().holds


def test_replay_when_the_executor_was_restarted_holds() -> None:
    recorder = a_day()
    recorder.build()
    recorder.take(*opening()[3:])
    falling(recorder)
    recorder.build()

    verdict = recorder.replayed()

    assert verdict.holds
    assert verdict.unverified == 0


def test_replay_when_a_restart_is_not_on_the_tape_does_not_hold() -> None:
    recorder = a_day()
    recorder.take(an_intent(Side.BUY, 10, intent_id="a", at=NOON + 8 * SECOND))
    recorder.build()
    recorder.take(an_intent(Side.BUY, 10, intent_id="b", at=NOON + 9 * SECOND))
    assert recorder.replayed().holds
    marker = recorder.tape.pop()
    recorder.tape.append(Taped(marker.seq, a_price(10_000, at=NOON)))

    verdict = recorder.replayed()

    assert verdict.difference is not None  # refused then for want of a price, sent now


def test_replay_when_the_tape_lost_its_end_counts_what_it_cannot_verify() -> None:
    recorder = a_day()
    entries = len(recorder.entries)
    recorder.take(a_price(10_100, at=NOON + 50 * SECOND), a_price(10_110, at=NOON + 51 * SECOND))
    lost = [taped.seq for taped in recorder.tape[-2:]]
    recorder.take(an_intent(Side.BUY, 10, intent_id="late", at=NOON + 52 * SECOND))
    recorder.build()
    recorder.take(an_intent(Side.BUY, 10, intent_id="after", at=NOON + 60 * SECOND))
    recorder.forget_tape(*lost)

    verdict = recorder.replayed()

    assert verdict.holds
    assert verdict.gaps == (Gap(lost[0], lost[1], is_of_crash=True),)
    assert verdict.unverified == 1
    assert verdict.verified == entries + 1
    assert len(verdict.findings) == 2


@pytest.mark.parametrize("ends", ["tape", "journal"])
def test_replay_when_an_input_in_the_middle_is_missing_does_not_hold(ends: str) -> None:
    recorder = a_day()
    middle = len(recorder.tape) // 2
    if ends == "tape":
        lost = recorder.tape[middle].seq
        recorder.forget_tape(lost)
    else:
        lost = recorder.entries[len(recorder.entries) // 2].seq
        recorder.forget_entry(lost)

    verdict = recorder.replayed()

    assert not verdict.holds
    assert verdict.gaps == (Gap(lost, lost, is_of_crash=False),)
    assert verdict.unverified > 0
    assert "neither in the journal nor on the tape" in verdict.findings[0].en


def test_replay_when_the_tape_does_not_tell_where_the_core_began_does_not_hold() -> None:
    recorder = a_day()
    recorder.forget_tape(1)

    verdict = recorder.replayed()

    assert not verdict.holds
    assert verdict.verified == 0


def test_replay_when_an_input_is_on_both_is_refused() -> None:
    recorder = a_day()
    entry = recorder.entries[3]
    recorder.tape.append(Taped(entry.seq, a_price()))
    recorder.tape.sort(key=lambda taped: taped.seq)

    with pytest.raises(JournalCorruptError, match=f"Input {entry.seq} was recorded twice"):
        recorder.replayed()


def test_replay_when_another_build_recorded_says_so_and_compares() -> None:
    recorder = a_day()
    recorder.build(build="another")

    verdict = recorder.replayed()

    assert verdict.holds
    assert verdict.builds == ("another",)
    assert "build" in verdict.findings[-1].en


def test_replay_when_a_session_begins_in_a_process_that_ran_on_holds() -> None:
    first = a_day()
    falling(first)
    book = decode_state(encode(first.core.state))
    second = Recorder()
    second.core = first.core
    second.build(seen(first.core))
    second.take(an_intent(Side.BUY, 10, intent_id="next", at=NOON + 30 * SECOND))
    before = encode(book)

    verdict = replay(a_config(), book, second.entries, second.tape)
    blind = replay(a_config(), book, second.entries, [Taped(1, Rebuilt(NOON, build_fingerprint()))])

    assert verdict.holds
    assert not blind.holds
    assert encode(book) == before
