"""Backups of both databases: consistent under writes, verified, and safe once restored."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from maemae.backup.backup import Source, back_up, backups, verify
from maemae.backup.restore import restore
from maemae.backup.safety import EPOCH_STEP, RESTORED, WHY
from maemae.backup.sealing import KeyPair, make_key
from maemae.core.events import KillLevel, KillSet
from maemae.core.machine import TradingCore
from maemae.core.state import book_hash
from maemae.domain.errors import ConfigError, StorageError
from maemae.domain.instant import SECOND
from maemae.domain.text import Text
from maemae.ports import Alert
from maemae.storage.inbox import PostedCommand
from maemae.storage.store import SqlStore
from maemae.storage.tape import DayTape, Tape, Taped
from maemae.trading.emergency.kill_file import KillFile
from tests.builders import DAY_1, NOON, a_price
from tests.storage.databases import Desk, MakeUrl, a_round, open_here, scalar, sqlite_url, trade

HOUR = 3_600 * SECOND


class Place:
    """A data folder, its backups and what is restored from them."""

    def __init__(self, folder: Path, url: str) -> None:
        self.url = url
        self.tapes = folder / "tape"
        self.config = folder / "maemae.toml"
        self.backups = folder / "backups"
        self.scratch = folder / "scratch"
        self.home = folder / "restored"
        self.key: KeyPair = make_key()

    def back_up(self, now: int = NOON) -> Path:
        source = Source(self.url, self.tapes, (self.config,))
        return back_up(source, self.backups, [self.key.public], self.scratch, now).path

    def verify(self, archive: Path) -> int:
        manifest = verify(archive, self.key.private, self.scratch)
        return manifest.contents.counts["journal"]


def book_when_killed(core: TradingCore, at: int) -> str:
    """Return the hash of a book after the press that restoring it makes."""
    core.handle(KillSet(KillLevel.STOP_NEW, WHY, at))
    return book_hash(core.state)


@pytest.fixture
def place(tmp_path: Path, url: str) -> Place:
    return Place(tmp_path, url)


def restored_store(place: Place) -> SqlStore:
    return open_here(f"sqlite:///{place.home / 'maemae.db'}")


def test_backup_when_restored_has_the_book_the_tapes_and_the_config(place: Place) -> None:
    place.config.write_text("language = 'ko'\n", "utf-8")
    tape = Tape(place.tapes / "sim", 1, DAY_1)
    with open_here(place.url) as store:
        desk = Desk(store)
        trade(desk, 3)
        desk.seq += 1
        tape.append(desk.seq, a_price())
        tape.close()
        archive = place.back_up()

    restored = restore(archive, place.key.private, place.home, NOON + HOUR)

    (frozen,) = restored.executors
    assert (frozen.kill, frozen.requests, frozen.commands) == (KillLevel.STOP_NEW, 0, 0)
    assert (place.home / "config" / "maemae.toml").read_text("utf-8") == "language = 'ko'\n"
    assert list(DayTape(place.home / "tape" / "sim", DAY_1)) == [Taped(desk.seq, a_price())]
    with restored_store(place) as store:
        recovered = store.recover()
    assert recovered.seq == desk.seq + 1  # the kill switch, numbered behind the tape
    assert recovered.state.kill is KillLevel.STOP_NEW
    assert book_hash(recovered.state) == book_when_killed(desk.core, NOON + HOUR)


def test_backup_when_turns_go_on_is_of_one_instant(place: Place) -> None:
    with open_here(place.url) as store:
        desk = Desk(store)
        trade(desk, 2)
        is_done = threading.Event()
        written: list[int] = []

        def go_on() -> None:
            number = 3
            while not is_done.is_set():
                trade(desk, 1, first=number)
                written.append(number)
                number += 1

        writer = threading.Thread(target=go_on)
        writer.start()
        try:
            archives = [place.back_up(NOON + number * SECOND) for number in range(3)]
        finally:
            is_done.set()
            writer.join()

    counts = [place.verify(archive) for archive in archives]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]
    assert written
    restore(archives[-1], place.key.private, place.home, NOON)
    with restored_store(place) as store:
        assert store.recover().state.kill is KillLevel.STOP_NEW


def test_restore_when_requests_were_open_freezes_them_and_fences_their_epoch(place: Place) -> None:
    with open_here(place.url) as store:
        desk = Desk(store)
        trade(desk, 1)
        desk.tell(a_round(2)[0])
        store.inbox.post(PostedCommand("key-1", "a person", "BUY", b"body", NOON))
        archive = place.back_up()

    restored = restore(archive, place.key.private, place.home, NOON + 20 * HOUR)

    (frozen,) = restored.executors
    assert (frozen.requests, frozen.commands) == (1, 1)
    with restored_store(place) as store:
        (request,) = store.recover().open_requests
        lease = store.read_lease()
        assert request.cl_ord_id == 2
        assert request.expires_at == 0
        assert lease.epoch == desk.lease.epoch + EPOCH_STEP == frozen.epoch
        assert request.epoch < lease.epoch
        with store.database.reading.connect() as connection:
            assert scalar(connection, "SELECT status FROM inbox WHERE key = 'key-1'") == "REFUSED"
            assert scalar(connection, "SELECT code FROM alerts") == RESTORED
            assert "20 hours ago" in str(scalar(connection, "SELECT en FROM alerts"))
            assert scalar(connection, "SELECT kill FROM executors") == "STOP_NEW"
        again = Desk(store, "next")
        again.tell(a_price(at=NOON + 20 * HOUR))
    assert KillFile(place.home).level() is KillLevel.STOP_NEW


def test_restore_when_the_kill_switch_stood_higher_leaves_it_there(place: Place) -> None:
    with open_here(place.url) as store:
        desk = Desk(store)
        trade(desk, 1)
        desk.tell(KillSet(KillLevel.LIQUIDATE, "drill", NOON))
        archive = place.back_up()

    restore(archive, place.key.private, place.home, NOON)

    with restored_store(place) as store:
        recovered = store.recover()
    assert recovered.state.kill is KillLevel.LIQUIDATE
    assert recovered.seq == desk.seq


def test_restore_into_a_server_has_the_same_rows_and_goes_on(
    place: Place, make_postgres_url: MakeUrl
) -> None:
    with open_here(place.url) as store:
        desk = Desk(store)
        trade(desk, 3)
        desk.tell(a_round(4)[0])
        archive = place.back_up()
    target = make_postgres_url()

    restore(archive, place.key.private, place.home, NOON, url=target)

    assert not (place.home / "maemae.db").exists()
    assert KillFile(place.home).level() is KillLevel.STOP_NEW
    with open_here(target) as store:
        recovered = store.recover()
        assert recovered.state.kill is KillLevel.STOP_NEW
        assert book_hash(recovered.state) == book_when_killed(desk.core, NOON)
        again = Desk(store, "next")
        again.tell(a_price(at=NOON + HOUR))
        alert = Alert("TEST", "", is_critical=False, text=Text("시험", "Test"), at=NOON)
        store.alerts.open(alert)  # its number is counted on
    with pytest.raises(ConfigError, match="not empty"):
        restore(archive, place.key.private, place.home / "again", NOON, url=target)


def test_backup_of_a_server_without_tables_is_refused(
    tmp_path: Path, make_postgres_url: MakeUrl
) -> None:
    place = Place(tmp_path, make_postgres_url())

    with pytest.raises(StorageError, match="no tables"):
        place.back_up()

    assert backups(place.backups) == []


def test_backup_when_the_database_is_gone_is_refused(tmp_path: Path) -> None:
    place = Place(tmp_path, sqlite_url(tmp_path / "nowhere"))

    with pytest.raises(StorageError, match="could not be copied"):
        place.back_up()

    assert list(place.backups.glob("maemae-*")) == []
    assert not place.scratch.exists()
