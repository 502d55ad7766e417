"""The journal: what it keeps, what it leaves out, and what it refuses to go on with."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from maemae.domain.errors import (
    CommitUnknownError,
    ConfigError,
    JournalCorruptError,
    StorageError,
)
from maemae.domain.intent import Intent, OrderIntent
from maemae.storage.journal import SqliteJournal
from maemae.storage.records import Observation, Wished, encode
from tests.builders import ACCOUNT, NOON, SLEEVE, a_price, an_intent, target_weights
from tests.journals import (
    a_header,
    a_journal,
    journaled,
    seen_from_outside,
    some_trading,
    tamper,
)


def test_records_when_opened_again_are_what_was_committed(tmp_path: Path) -> None:
    with a_journal(tmp_path) as journal:
        _, turns = journaled(journal, some_trading())

    with a_journal(tmp_path) as journal:
        records = list(journal.records())

    kept = [turn for turn in turns if turn[1] or not isinstance(turn[0], Observation)]
    assert [(record.event, record.actions) for record in records] == kept
    assert [record.seq for record in records] == list(range(1, len(kept) + 1))
    assert [record.raw for record in records] == [encode(event) for event, _ in kept]


def test_append_when_nothing_follows_from_an_observation_leaves_it_out(tmp_path: Path) -> None:
    with a_journal(tmp_path) as journal:
        journal.append(a_price(), [])
        journal.append(an_intent(), [])
        journal.commit()

        assert [type(record.event) for record in journal.records()] == [OrderIntent]


def test_append_when_not_committed_is_seen_by_nobody(tmp_path: Path) -> None:
    with a_journal(tmp_path) as journal:
        journal.append(an_intent(), [])
        before = seen_from_outside(tmp_path)
        journal.commit()

        assert (before, seen_from_outside(tmp_path)) == (0, 1)


def test_close_when_something_is_not_committed_drops_it(tmp_path: Path) -> None:
    with a_journal(tmp_path) as journal:
        journal.append(an_intent(), [])

    with a_journal(tmp_path) as journal:
        assert list(journal.records()) == []


def test_wish_is_read_back_whole(tmp_path: Path) -> None:
    intents: tuple[Intent, ...] = (an_intent(), target_weights({}))
    with a_journal(tmp_path) as journal:
        journal.wish(Wished(ACCOUNT, SLEEVE, NOON, intents))
        journal.commit()
        (record,) = journal.records()

    assert record.event == Wished(ACCOUNT, SLEEVE, NOON, intents)
    assert record.actions == []


def test_restore_when_there_is_no_snapshot_folds_every_action(tmp_path: Path) -> None:
    with a_journal(tmp_path) as journal:
        core, _ = journaled(journal, some_trading())

        assert encode(journal.restore()) == encode(core.state)


def test_restore_when_there_are_snapshots_goes_on_from_the_newest(tmp_path: Path) -> None:
    with a_journal(tmp_path, snapshot_every=7) as journal:
        core, _ = journaled(journal, some_trading(rounds=6))
    tamper(tmp_path, "DELETE FROM record WHERE seq < 20")  # needed no more

    with a_journal(tmp_path) as journal:
        assert encode(journal.restore()) == encode(core.state)


def test_snapshots_when_many_were_taken_are_the_newest_two(tmp_path: Path) -> None:
    with a_journal(tmp_path, snapshot_every=7) as journal:
        journaled(journal, some_trading(rounds=6))

    with closing(sqlite3.connect(tmp_path / "journal.db")) as outside:
        kept = outside.execute("SELECT seq FROM snapshot ORDER BY seq").fetchall()
    assert kept == [(42,), (49,)]


def test_header_when_opened_again_is_the_first_one(tmp_path: Path) -> None:
    a_journal(tmp_path).close()
    later = a_header()

    with SqliteJournal(tmp_path / "journal.db", later) as journal:
        assert journal.header == a_header()


@pytest.mark.parametrize(
    ("market", "config", "word"),
    [("other", "config", "market data"), ("market", "other", "costs")],
)
def test_open_when_begun_for_another_run_says_what_differs(
    tmp_path: Path, market: str, config: str, word: str
) -> None:
    a_journal(tmp_path).close()

    with pytest.raises(ConfigError, match=word):
        SqliteJournal(tmp_path / "journal.db", a_header(market=market, config=config))


def test_open_when_written_by_another_version_says_so(tmp_path: Path) -> None:
    a_journal(tmp_path).close()
    tamper(tmp_path, "PRAGMA user_version=99")

    with pytest.raises(StorageError, match="another version"):
        a_journal(tmp_path)


def test_open_when_the_file_is_another_database_leaves_it_alone(tmp_path: Path) -> None:
    tamper(tmp_path, "CREATE TABLE photo (id)")

    with pytest.raises(StorageError, match="no journal"):
        a_journal(tmp_path)


def test_open_when_the_file_is_no_database_says_so(tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_bytes(b"no database at all " * 100)

    with pytest.raises(JournalCorruptError):
        a_journal(tmp_path)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM record WHERE seq = 9",
        "UPDATE record SET event = (SELECT event FROM record WHERE seq = 8) WHERE seq = 9",
        "UPDATE record SET actions = x'90' WHERE seq = 9",
        "UPDATE record SET hash = zeroblob(32) WHERE seq = 9",
        "UPDATE record SET seq = 99 WHERE seq = 9",
        "DELETE FROM header",
        "UPDATE header SET content = x'c0'",
        "DELETE FROM record WHERE seq > 20",
    ],
)
def test_records_when_tampered_with_are_refused(tmp_path: Path, statement: str) -> None:
    with a_journal(tmp_path, snapshot_every=7) as journal:
        journaled(journal, some_trading(rounds=6))
    tamper(tmp_path, statement)

    with pytest.raises(JournalCorruptError), a_journal(tmp_path) as journal:
        list(journal.records())


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE snapshot SET state = (SELECT state FROM snapshot WHERE seq = 42) WHERE seq = 49",
        "UPDATE snapshot SET hash = zeroblob(32) WHERE seq = 49",
        "DELETE FROM record WHERE seq = 49",
    ],
)
def test_restore_when_the_snapshot_was_tampered_with_is_refused(
    tmp_path: Path, statement: str
) -> None:
    with a_journal(tmp_path, snapshot_every=7) as journal:
        journaled(journal, some_trading(rounds=6))
    tamper(tmp_path, statement)

    with pytest.raises(JournalCorruptError), a_journal(tmp_path) as journal:
        journal.restore()


def test_commit_when_the_disk_is_full_is_in_doubt_and_ends_the_journal(tmp_path: Path) -> None:
    journal = a_journal(tmp_path)
    journal.append(an_intent(), [])
    journal.commit()
    journal._connection.execute("PRAGMA max_page_count=1")
    for number in range(2_000):
        journal.append(an_intent(intent_id=f"wish-{number}"), [])

    with pytest.raises(CommitUnknownError):
        journal.commit()
    with pytest.raises(CommitUnknownError):
        journal.append(an_intent(), [])
    with pytest.raises(CommitUnknownError):
        journal.commit()
    with a_journal(tmp_path) as rebuilt:
        assert len(list(rebuilt.records())) == 1


class Interrupted(list[tuple[int, bytes, bytes, bytes]]):
    """Rows whose writing is interrupted from outside."""

    def __iter__(self) -> Iterator[tuple[int, bytes, bytes, bytes]]:
        raise KeyboardInterrupt


def test_commit_when_interrupted_is_in_doubt_and_ends_the_journal(tmp_path: Path) -> None:
    journal = a_journal(tmp_path)
    journal.append(an_intent(), [])
    journal._rows = Interrupted(journal._rows)
    with pytest.raises(KeyboardInterrupt):
        journal.commit()

    with pytest.raises(CommitUnknownError):
        journal.append(an_intent(), [])
    journal.close()
    with a_journal(tmp_path) as rebuilt:
        assert list(rebuilt.records()) == []
