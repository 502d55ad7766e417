"""Commands are taken once, jobs that did not happen are told."""

from __future__ import annotations

import pytest

from maemae.core.events import KillLevel, KillSet
from maemae.domain.errors import InvalidValueError
from maemae.domain.instant import MINUTE
from maemae.storage.inbox import PostedCommand
from maemae.storage.jobs import Job
from maemae.storage.store import SqlStore
from tests.builders import DAY_1, NOON, opening
from tests.storage.databases import Desk, open_here

KILL = PostedCommand("key-1", "owner", "KILL", b"stop-new", NOON)
OTHER = PostedCommand("key-2", "owner", "KILL", b"cancel-all", NOON)
BACKUP = Job("backup", NOON, NOON + MINUTE)
CHECK = Job("check", NOON, NOON + 2 * MINUTE)


def test_command_when_posted_twice_waits_once(store: SqlStore) -> None:
    assert store.inbox.post(KILL)
    assert store.inbox.post(OTHER)
    assert not store.inbox.post(KILL._replace(posted_at=NOON + 1))

    assert store.inbox.pending() == (KILL, OTHER)


@pytest.mark.parametrize(
    "another",
    [KILL._replace(body=b"off"), KILL._replace(who="another"), KILL._replace(kind="RESUME")],
)
def test_command_when_its_key_is_another_commands_is_refused(
    store: SqlStore, another: PostedCommand
) -> None:
    store.inbox.post(KILL)

    with pytest.raises(InvalidValueError):
        store.inbox.post(another)


def test_command_when_its_turn_is_durable_waits_no_more(url: str) -> None:
    with open_here(url) as store:
        store.inbox.post(KILL)
        store.inbox.post(OTHER)
        desk = Desk(store)
        desk.tell(*opening())
        desk.tell(KillSet(KillLevel.STOP_NEW, "시험", NOON), command_id=KILL.key)

    with open_here(url) as store:
        assert store.inbox.pending() == (OTHER,)
        assert not store.inbox.post(KILL)  # nor is it taken again
        (entry,) = [entry for entry in store.records(DAY_1) if entry.command_id]
    assert entry.command_id == KILL.key


def test_command_when_its_turn_was_not_durable_still_waits(store: SqlStore) -> None:
    store.inbox.post(KILL)
    desk = Desk(store)
    turn = desk.turn(KillSet(KillLevel.STOP_NEW, "시험", NOON), command_id=KILL.key)
    store.write(turn, desk.state, desk.lease.epoch - 1).exception()

    assert store.inbox.pending() == (KILL,)


def test_command_when_taken_cannot_be_withdrawn_and_can_be_put_back(store: SqlStore) -> None:
    store.inbox.post(KILL)
    store.inbox.post(OTHER)

    assert store.inbox.take(KILL.key)

    assert not store.inbox.take(KILL.key)
    assert not store.inbox.refuse(KILL.key, "아무도 받지 않았습니다.")
    assert store.inbox.pending() == (OTHER,)
    store.inbox.put_back()
    assert store.inbox.pending() == (KILL, OTHER)
    assert store.inbox.refuse(KILL.key, "아무도 받지 않았습니다.")
    assert not store.inbox.take(KILL.key)


def test_command_when_refused_waits_no_more(store: SqlStore) -> None:
    store.inbox.post(KILL)

    assert store.inbox.refuse(KILL.key, "이미 정지 상태입니다.")

    assert store.inbox.pending() == ()
    assert not store.inbox.refuse(KILL.key, "이미 정지 상태입니다.")


def test_job_when_it_did_not_begin_is_missed(store: SqlStore) -> None:
    for job in (BACKUP, CHECK, BACKUP):
        store.jobs.expect(job)

    assert store.jobs.missed(NOON + MINUTE - 1) == ()
    assert store.jobs.missed(NOON + MINUTE) == (BACKUP,)
    assert store.jobs.missed(NOON + 2 * MINUTE) == (BACKUP, CHECK)


def test_job_when_it_began_and_did_not_end_is_missed(store: SqlStore) -> None:
    store.jobs.expect(BACKUP)
    assert store.jobs.start(BACKUP, NOON)
    assert not store.jobs.start(BACKUP, NOON)

    assert store.jobs.missed(NOON + MINUTE) == (BACKUP,)


def test_job_when_it_ended_is_not_missed(store: SqlStore) -> None:
    store.jobs.expect(BACKUP)
    assert not store.jobs.finish(BACKUP, NOON)
    store.jobs.start(BACKUP, NOON)

    assert store.jobs.finish(BACKUP, NOON + 1, "3 files")

    assert store.jobs.missed(NOON + MINUTE) == ()
