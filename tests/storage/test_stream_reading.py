"""What a stream reads goes on from its snapshots without a gap, on both databases."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from maemae.domain.errors import JournalCorruptError, StorageError
from maemae.domain.text import Text
from maemae.ports import Alert
from maemae.storage import alert_log, stream_reading
from maemae.storage.engine import open_reading
from maemae.storage.store import SqlStore
from maemae.storage.stream_reading import StreamReading
from maemae.storage.tail import OrderChanged
from tests.builders import NOON, opening
from tests.storage.databases import Desk, MakeUrl, open_here, sqlite_url, trade

ALERT = Alert("BLIND", "005930", is_critical=True, text=Text("시세 없음", "No prices"), at=NOON)


@pytest.fixture
def reading(store: SqlStore) -> Iterator[StreamReading]:
    """Yield a reader of the store's database."""
    opened = StreamReading(store.database.reading, store.executor_id)
    yield opened
    opened.close()


def test_news_are_what_came_since_the_last_look(store: SqlStore, reading: StreamReading) -> None:
    desk = Desk(store)
    desk.tell(*opening())
    assert reading.begin().head == desk.seq
    assert reading.read().records == []
    trade(desk, 2)
    store.alerts.open(ALERT)

    news = reading.read()

    assert (news.head, len(news.records)) == (desk.seq, 8)
    assert [change.version for change in news.alerts or ()] == [1]
    assert reading.read().records == []
    assert reading.read().alerts == []


def test_news_when_more_than_one_piece_are_told_whole(
    store: SqlStore, reading: StreamReading, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_reading, "MOST_AT_ONCE", 3)
    desk = Desk(store)
    desk.tell(*opening())
    reading.begin()
    trade(desk, 3)

    assert [record.seq for record in reading.read().records] == list(range(9, desk.seq + 1))


def test_snapshot_and_what_follows_make_the_whole(store: SqlStore, reading: StreamReading) -> None:
    desk = Desk(store)
    trade(desk, 2)
    traded = reading.traded()
    trade(desk, 1, first=3)

    resumed = reading.resume(traded.head)

    assert resumed is not None
    assert resumed[-1].seq == desk.seq
    shown = {order.cl_ord_id: order for order in traded.orders}
    for record in resumed:
        for event in record.events:
            if isinstance(event, OrderChanged):
                shown[event.order.cl_ord_id] = event.order
    assert list(shown.values()) == list(reading.traded().orders)


def test_books_are_of_the_record_that_they_name(store: SqlStore, reading: StreamReading) -> None:
    desk = Desk(store)
    trade(desk, 1)

    books = reading.books()

    assert (books.head, books.executor.head_seq) == (desk.seq, desk.seq)
    assert list(books.positions) == store.queries.positions()
    assert list(books.sleeves) == store.queries.sleeves()


def test_place_that_lies_ahead_or_too_far_back_is_not_resumed(
    store: SqlStore, reading: StreamReading, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(store)
    trade(desk, 3)

    assert reading.resume(desk.seq + 1) is None
    monkeypatch.setattr(stream_reading, "MOST_RESUMED", 2)
    assert reading.resume(0) is None


def test_alerts_when_changes_were_dropped_before_they_were_read_say_so(
    store: SqlStore, reading: StreamReading, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading.begin()
    monkeypatch.setattr(alert_log, "KEPT", 1)
    for _ in range(3):
        store.alerts.open(ALERT)

    assert reading.read().alerts is None
    assert reading.read().alerts == []
    assert reading.open_alerts().version == 3
    assert reading.open_alerts().alerts[0].times == 3
    assert [change.version for change in reading.resume_alerts(2) or ()] == [3]


def test_reader_when_a_backup_is_brought_back_notices_and_begins_anew(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "one")
    with open_here(url) as store:
        desk = Desk(store)
        trade(desk, 1)
    earlier = tmp_path / "earlier.db"
    shutil.copy(tmp_path / "one" / "store.db", earlier)
    with open_here(url) as store:
        desk = Desk(store, "second")
        trade(desk, 2, first=2)
        reading = StreamReading(open_reading(url)[1], store.executor_id)
        reading.begin()
    for each in (tmp_path / "one").iterdir():
        each.unlink()
    shutil.copy(earlier, tmp_path / "one" / "store.db")

    with pytest.raises(JournalCorruptError):
        reading.read()

    assert reading.begin().head == 12


def test_reader_when_the_database_is_away_fails_and_goes_on_later(make_url: MakeUrl) -> None:
    with open_here(make_url()) as store:
        desk = Desk(store)
        desk.tell(*opening())
        reading = StreamReading(store.database.reading, store.executor_id)
        reading.begin()
        with store.database.writing.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE journal RENAME TO elsewhere")
        with pytest.raises(StorageError):
            reading.read()
        with store.database.writing.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO journal")
        trade(desk, 1)

        assert len(reading.read().records) == 4
        reading.close()
