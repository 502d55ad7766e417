"""A recorded day is verified from the book that the days before it led to."""

from __future__ import annotations

from contextlib import closing
from datetime import date, time
from pathlib import Path

import pytest

from maemae.app.executors import open_executor_store
from maemae.app.replays import replay_day
from maemae.app.trade_request import core_config
from maemae.core.events import Event, PhaseChanged, SessionStarted
from maemae.domain.errors import MissingDataError
from maemae.domain.ids import AccountId
from maemae.domain.instant import kst_nanos
from maemae.domain.terms import Mode, Side
from maemae.krx.session import Phase
from maemae.ports import Entry, Turn
from maemae.settings import Settings
from maemae.storage.fingerprint import build_fingerprint
from maemae.storage.records import is_worth_a_record
from maemae.storage.store import SqlStore
from maemae.storage.tape import Rebuilt, Tape
from maemae.trading.replay import rebuild
from tests.builders import (
    ACCOUNT,
    DAY_1,
    DAY_2,
    a_fill,
    a_price,
    a_report,
    an_intent,
    opening,
)

MORNING_2 = kst_nanos(DAY_2, time(10))
WAIT = 60


class Recorder:
    """An executor's core over its store and tapes, without anything around it."""

    def __init__(self, settings: Settings, store: SqlStore) -> None:
        self.settings, self.store, self.seq = settings, store, 0
        lease = store.take_lease("recorder", store.read_lease())
        assert lease is not None
        self.epoch = lease.epoch

    def record(self, day: date, *events: Event) -> None:
        """Take in events of a session, as a core that was built for them."""
        state = self.store.recover().state
        told = Rebuilt(events[0].at, build_fingerprint())
        core = rebuild(core_config(Mode.SIM, ACCOUNT), state, told)
        tape = Tape(self.settings.tapes(Mode.SIM), self.epoch, day)
        self.seq += 1
        tape.append(self.seq, told)
        for event in events:
            self.seq += 1
            actions = core.handle(event)
            if is_worth_a_record(event, actions):
                turn = Turn([Entry(self.seq, event, actions)])
                self.store.write(turn, core.state, self.epoch).result(WAIT)
            else:
                tape.append(self.seq, event)
        tape.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return the settings of a home in which two days were recorded."""
    settings = Settings(home=tmp_path, account_id=ACCOUNT)
    url = settings.database_url(Mode.SIM)
    with closing(open_executor_store(url, Mode.SIM)) as store:
        recorder = Recorder(settings, store)
        recorder.record(
            DAY_1,
            *opening(),
            an_intent(Side.BUY, 10, stop_loss=50_000),
            a_report(),
            a_fill(10, 10_000),
            a_price(9_990),
        )
        recorder.record(
            DAY_2,
            SessionStarted(DAY_2, MORNING_2),
            PhaseChanged(Phase.CONTINUOUS, MORNING_2),
            a_price(10_010, at=MORNING_2),
            a_price(9_000, at=MORNING_2 + 1),
        )
    return settings


@pytest.mark.parametrize("day", [DAY_1, DAY_2])
def test_day_comes_again_from_the_book_of_the_days_before(settings: Settings, day: date) -> None:
    verdict = replay_day(settings, Mode.SIM, None, day)

    assert verdict.holds, verdict.findings
    assert (verdict.unverified, verdict.gaps) == (0, ())
    assert verdict.verified > 0


def test_day_that_was_recorded_by_another_account_does_not_hold(settings: Settings) -> None:
    other = Settings(home=settings.home, account_id=AccountId("B-2"))

    assert not replay_day(other, Mode.SIM, None, DAY_1).holds


def test_day_that_was_not_recorded_is_refused_with_those_that_were(settings: Settings) -> None:
    with pytest.raises(MissingDataError) as caught:
        replay_day(settings, Mode.SIM, None, date(2024, 3, 6))

    assert "2024-03-05" in caught.value.text.ko


def test_replay_changes_nothing(settings: Settings) -> None:
    def files() -> dict[Path, bytes]:
        kept = (path for path in settings.home.rglob("*") if path.is_file())
        return {path: path.read_bytes() for path in kept if path.suffix in (".db", ".tape")}

    before = files()
    replay_day(settings, Mode.SIM, None, DAY_1)

    assert files() == before
