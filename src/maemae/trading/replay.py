"""
A recorded day once more: do the same inputs give the same actions, byte for byte?

Journal and tape together hold every input of the core, numbered without a gap. They are fed to
a fresh core in that order, and what follows is compared with what was journaled. This verifies;
nothing is recovered this way.

Where a core was built anew, the tape says so: a new one begins there from the journaled book.
Inputs that a crash took from the end of a tape leave a gap before such a place. What was
journaled behind the gap cannot be verified and is counted; a gap anywhere else is a fault.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from heapq import merge
from itertools import zip_longest

import msgspec

from maemae.core.actions import Action
from maemae.core.config import CoreConfig
from maemae.core.events import Event, PhaseChanged, PriceUpdated
from maemae.core.fold import fold
from maemae.core.machine import TradingCore
from maemae.core.state import CoreState
from maemae.domain.errors import DomainError, JournalCorruptError
from maemae.domain.text import Text
from maemae.ports import Entry
from maemae.storage.fingerprint import build_fingerprint
from maemae.storage.records import decode_state, encode
from maemae.storage.tape import Rebuilt, Seen, Taped


class Difference(msgspec.Struct, frozen=True):
    """
    The first place where a replay went another way.

    Attributes:
        seq: Number of the input.
        event: Its kind.
        index: Which of the actions differs, from 0.
        then: That action as it was journaled, empty if there was none.
        now: That action as it came now, empty if there was none.
    """

    seq: int
    event: str
    index: int
    then: str
    now: str

    @property
    def text(self) -> Text:
        """The same, in words."""
        return Text(
            f"{self.seq}번 입력({self.event})의 {self.index + 1}번째 결과가 다릅니다. "
            f"기록: {self.then or '없음'} / 지금: {self.now or '없음'}",
            f"Action {self.index + 1} of input {self.seq} ({self.event}) differs. "
            f"Journaled: {self.then or 'none'} / now: {self.now or 'none'}",
        )


class Gap(msgspec.Struct, frozen=True):
    """
    Inputs that neither journal nor tape holds.

    Attributes:
        first, last: Numbers of the missing inputs; a first of 0 says that the tape does not
            tell where the core of `last` + 1 began.
        is_of_crash: Whether no tape goes on behind it until a core was built anew, so that a
            crash that took the end of the tape explains it.
    """

    first: int
    last: int
    is_of_crash: bool

    @property
    def text(self) -> Text:
        """The same, in words."""
        if self.is_of_crash:
            return Text(
                f"{self.first}~{self.last}번 입력은 중단될 때 테이프 끝에서 사라졌습니다.",
                f"Inputs {self.first} to {self.last} were lost from the tape's end by a crash.",
            )
        return Text(
            f"{self.first}~{self.last}번 입력이 저널에도 테이프에도 없습니다. 백업과 비교하세요.",
            f"Inputs {self.first} to {self.last} are neither in the journal nor on the tape. "
            "Compare with a backup.",
        )


class Verdict(msgspec.Struct, frozen=True):
    """
    What a replay showed.

    Attributes:
        inputs: Inputs that were handled again.
        verified: Journaled records whose actions came again.
        unverified: Journaled records that could not be compared.
        difference: The first one, None if there is none. Nothing behind it is compared until
            a core was built anew.
        gaps: Missing inputs.
        builds: Fingerprints of other builds of maemae that took part in the day.
    """

    inputs: int
    verified: int
    unverified: int
    difference: Difference | None
    gaps: tuple[Gap, ...]
    builds: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether everything that can be compared came again."""
        return self.difference is None and all(gap.is_of_crash for gap in self.gaps)

    @property
    def findings(self) -> tuple[Text, ...]:
        """What a person should know, the gravest first."""
        found = [] if self.difference is None else [self.difference.text]
        found += [gap.text for gap in sorted(self.gaps, key=lambda gap: gap.is_of_crash)]
        if self.unverified:
            found.append(
                Text(
                    f"저널 기록 {self.unverified:,}건은 비교할 수 없었습니다.",
                    f"{self.unverified:,} journaled records could not be compared.",
                )
            )
        if self.builds:
            found.append(
                Text(
                    "다른 버전의 maemae 로 기록한 부분이 있습니다. 차이는 버전 때문일 수 있습니다.",
                    "Another build of maemae recorded part of the day; it may explain differences.",
                )
            )
        return tuple(found)


def replay(
    config: CoreConfig, state: CoreState, entries: Iterable[Entry], tape: Iterable[Taped]
) -> Verdict:
    """
    Run a recorded day again.

    Args:
        config: Of the core that recorded it.
        state: The book before the first entry; not changed.
        entries: What the journal holds of the day, in order.
        tape: What the tape holds of it, in order (`maemae.storage.tape.DayTape`).

    Raises:
        JournalCorruptError: Journal or tape are damaged.
    """
    run = _Replay(config, state)
    sources: tuple[Iterable[Entry | Taped], ...] = (entries, tape)
    for record in merge(*sources, key=lambda record: record.seq):
        run.take(record)
    return run.verdict()


def rebuild(config: CoreConfig, state: CoreState, told: Rebuilt) -> TradingCore:
    """
    Return the core that begins where a tape says so.

    An executor makes its cores this way too, at its start and when a session begins, so that a
    replay has the same one: of the market it knows what was told, and nothing else.

    Args:
        config: Of the executor.
        state: The book to go on with; the core's own from then on.
        told: As it is on the tape.
    """
    core = TradingCore(config, state)
    for observation in told.market:
        core.observe(observation)
    return core


def seen(core: TradingCore) -> tuple[Seen, ...]:
    """Return what a new core is told of the market at the begin of a session."""
    market = core.market
    prices = (
        PriceUpdated(symbol, price, market.priced_at[symbol])
        for symbol, price in market.prices.items()
    )
    return (*market.instruments.values(), *prices, PhaseChanged(market.phase, core.now))


class _Replay:
    """
    One replay while it goes on.

    Args:
        config: Of the core that recorded the day.
        state: The book before its first record.
    """

    def __init__(self, config: CoreConfig, state: CoreState) -> None:
        self._config = config
        self._book = _copy(state)  # as the journal has it, whatever a core comes to
        self._core: TradingCore | None = None  # None where nothing can be compared
        self._last = 0
        self._inputs = self._verified = self._unverified = 0
        self._difference: Difference | None = None
        self._gaps: list[Gap] = []
        self._open_gaps: list[Gap] = []  # a crash may yet turn out to explain them
        self._builds: dict[str, None] = {}

    def take(self, record: Entry | Taped) -> None:
        """Go on with the next input."""
        self._look_for_gap(record)
        self._last = record.seq
        if isinstance(record, Entry):
            self._compare(record)
            for action in record.actions:
                fold(self._book, action)
        elif isinstance(record.event, Rebuilt):
            self._rebuild(record.event)
        else:
            self._settle_gaps(is_of_crash=False)
            self._handle(record.seq, record.event, ())

    def verdict(self) -> Verdict:
        """Return what was found; nothing more is taken."""
        self._settle_gaps(is_of_crash=True)
        return Verdict(
            self._inputs,
            self._verified,
            self._unverified,
            self._difference,
            tuple(self._gaps),
            tuple(self._builds),
        )

    def _look_for_gap(self, record: Entry | Taped) -> None:
        if self._last and record.seq == self._last + 1:
            return
        if record.seq <= self._last:
            raise JournalCorruptError(
                f"{record.seq}번 입력이 두 번 기록되었습니다. 백업과 비교하세요.",
                f"Input {record.seq} was recorded twice. Compare with a backup.",
            )
        if self._last:
            self._core = None
            self._open_gaps.append(Gap(self._last + 1, record.seq - 1, is_of_crash=True))
        elif isinstance(record, Entry) or not isinstance(record.event, Rebuilt):
            self._gaps.append(Gap(0, record.seq - 1, is_of_crash=False))

    def _settle_gaps(self, *, is_of_crash: bool) -> None:
        self._gaps += (Gap(gap.first, gap.last, is_of_crash) for gap in self._open_gaps)
        self._open_gaps.clear()

    def _rebuild(self, told: Rebuilt) -> None:
        self._settle_gaps(is_of_crash=True)
        if told.fingerprint != build_fingerprint():
            self._builds[told.fingerprint] = None
        self._core = rebuild(self._config, _copy(self._book), told)

    def _compare(self, entry: Entry) -> None:
        if self._core is None:
            self._unverified += 1
        elif self._handle(entry.seq, entry.event, entry.actions):
            self._verified += 1
        else:
            self._unverified += 1

    def _handle(self, seq: int, event: Event, then: Sequence[Action]) -> bool:
        """Handle an input again; return whether the same followed."""
        if self._core is None:
            return False
        self._inputs += 1
        try:
            now = self._core.handle(event)
        except DomainError:
            now = []  # a refused input leads to nothing, then as now
        if encode(now) == encode(list(then)):
            return True
        if self._difference is None:
            self._difference = _first_difference(seq, event, then, now)
        self._core = None
        return False


def _copy(state: CoreState) -> CoreState:
    return decode_state(encode(state))


def _first_difference(
    seq: int, event: Event, then: Sequence[Action], now: Sequence[Action]
) -> Difference:
    pairs = enumerate(zip_longest(map(_words, then), map(_words, now), fillvalue=""))
    index, (before, after) = next((index, pair) for index, pair in pairs if len(set(pair)) > 1)
    return Difference(seq, type(event).__name__, index, before, after)


def _words(action: Action) -> str:
    return msgspec.json.encode(action).decode()
