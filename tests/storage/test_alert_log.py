"""No change of an alert is folded into another one: each has a number, in both databases."""

from __future__ import annotations

import pytest

from maemae.domain.text import Text
from maemae.ports import Alert, Turn
from maemae.storage import alert_log
from maemae.storage.alert_log import AlertChanged, read_changes, read_version
from maemae.storage.store import SqlStore
from tests.builders import NOON, opening
from tests.storage.databases import WAIT, Desk

BLIND = Alert("BLIND", "005930", is_critical=True, text=Text("시세 없음", "No prices"), at=NOON)


def changes(store: SqlStore, after: int = 0, most: int = 100) -> list[AlertChanged] | None:
    with store.database.reading.connect() as connection:
        return read_changes(connection, store.executor_id, after, most)


def test_every_change_of_an_alert_is_told_in_order(store: SqlStore) -> None:
    desk = Desk(store)
    turn = desk.turn(*opening())
    told = Turn(turn.entries, alerts=(BLIND, BLIND))
    store.write(told, desk.state, desk.lease.epoch).result(WAIT)
    store.alerts.open(BLIND)
    number = store.queries.open_alerts()[0].alert_id
    assert store.alerts.acknowledge(number, "kim", NOON + 1)
    assert not store.alerts.acknowledge(number, "lee", NOON + 2)
    assert store.alerts.resolve_all("BLIND", "005930", NOON + 3)
    store.alerts.open(BLIND)
    assert store.alerts.acknowledge_all("BLIND", "005930", "kim", NOON + 4)

    found = changes(store)

    assert found is not None
    assert [change.version for change in found] == list(range(1, 8))
    shown = [
        (change.alert.times, change.alert.acknowledged_by, change.alert.resolved_at)
        for change in found
    ]
    assert shown == [
        (1, None, None),
        (2, None, None),
        (3, None, None),
        (3, "kim", None),
        (3, "kim", NOON + 3),
        (1, None, None),
        (1, "kim", NOON + 4),
    ]
    assert changes(store, 5) == found[5:]
    assert changes(store, 2, most=2) == found[2:4]


def test_changes_when_nothing_is_new_are_none_at_all(store: SqlStore) -> None:
    assert changes(store) == []
    store.alerts.open(BLIND)
    assert changes(store, 1) == []
    with store.database.reading.connect() as connection:
        assert read_version(connection, store.executor_id) == 1


def test_changes_that_are_not_kept_any_more_cannot_be_resumed(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alert_log, "KEPT", 3)
    for _ in range(6):
        store.alerts.open(BLIND)

    assert changes(store, 2) is None
    assert [change.version for change in changes(store, 3) or ()] == [4, 5, 6]
    assert changes(store, 7) is None
