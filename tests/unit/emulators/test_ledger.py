"""The ledger of truth: what was synced is there, what was torn is not, damage is found."""

from __future__ import annotations

import errno
import os
from datetime import date
from pathlib import Path

import pytest

from maemae.domain.errors import ConfigError, JournalCorruptError, StorageError
from maemae.domain.ids import AccountId, ClOrdId, ExecId, OrderId, Symbol
from maemae.domain.terms import OrdType, Side, TimeInForce
from maemae.emulators.ledger import (
    Began,
    EpochRaised,
    Filled,
    Ledger,
    Record,
    Requested,
    SessionBegan,
    ledger_orders,
    read_ledger,
    require_same,
)
from maemae.emulators.requests import Replace, Submit

ACCOUNT, SYMBOL = AccountId("A"), Symbol("005930")
BEGAN = Began("market", {ACCOUNT: 1_000})
RECORDS: tuple[Record, ...] = (BEGAN, EpochRaised(1, 5), EpochRaised(2, 6))


def write(path: Path, *records: Record) -> None:
    ledger = Ledger(path)
    for record in records:
        ledger.append(record)
    ledger.sync()
    ledger.close()


def requested(order_id: str, replaced: str | None = None, number: int = 7) -> Requested:
    request = (
        Submit(
            ClOrdId(number),
            ACCOUNT,
            SYMBOL,
            Side.BUY,
            OrdType.LIMIT,
            TimeInForce.DAY,
            100,
            10,
        )
        if replaced is None
        else Replace(ClOrdId(8), ACCOUNT, OrderId(replaced), 110, 12)
    )
    return Requested(
        step=1,
        at=2,
        wall=3,
        epoch=4,
        is_by_hand=False,
        is_booked=True,
        request=request,
        order_id=OrderId(order_id),
        code=None,
        text="",
    )


def filled(order_id: str, exec_id: str) -> Filled:
    return Filled(
        1, 2, ACCOUNT, OrderId(order_id), ClOrdId(7), ExecId(exec_id), SYMBOL, Side.BUY, 3, 100
    )


def test_ledger_when_written_is_read_back(tmp_path: Path) -> None:
    write(tmp_path / "ledger", *RECORDS)
    assert read_ledger(tmp_path / "ledger") == list(RECORDS)
    assert Ledger(tmp_path / "ledger").records == list(RECORDS)


def test_sync_when_something_was_taken_syncs_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    ledger = Ledger(tmp_path / "ledger")

    ledger.sync()
    assert synced == []
    ledger.append(BEGAN)
    ledger.append(RECORDS[1])
    ledger.sync()
    ledger.sync()

    assert len(synced) == ledger.syncs == 1
    assert read_ledger(tmp_path / "ledger") == list(RECORDS[:2])
    ledger.close()


def test_ledger_when_cut_anywhere_keeps_what_is_whole_and_goes_on(tmp_path: Path) -> None:
    write(tmp_path / "whole", *RECORDS)
    raw = (tmp_path / "whole").read_bytes()
    for length in range(len(raw) + 1):
        path = tmp_path / "cut"
        path.write_bytes(raw[:length])
        kept = read_ledger(path)
        assert kept == list(RECORDS[: len(kept)])
        write(path, RECORDS[2])
        assert read_ledger(path) == [*kept, RECORDS[2]]


def test_ledger_when_a_record_inside_is_damaged_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    write(path, *RECORDS)
    raw = bytearray(path.read_bytes())
    raw[12] ^= 1
    path.write_bytes(raw)
    with pytest.raises(JournalCorruptError):
        read_ledger(path)


def test_sync_when_the_disk_fails_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(file: int) -> None:
        raise OSError(errno.EIO, "disk")

    ledger = Ledger(tmp_path / "ledger")
    ledger.append(BEGAN)
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StorageError):
        ledger.sync()
    ledger.close()


def test_ledger_when_of_another_broker_is_refused() -> None:
    require_same(BEGAN, BEGAN, "ledger")
    with pytest.raises(ConfigError):
        require_same(Began("another", BEGAN.accounts), BEGAN, "ledger")


def test_orders_carry_their_fills_under_every_number() -> None:
    records: list[Record] = [
        BEGAN,
        SessionBegan(date(2025, 9, 2), 0, 0),
        requested("0000000001"),
        filled("0000000001", "E1"),
        requested("0000000002", replaced="0000000001"),
        filled("0000000002", "E2"),
        SessionBegan(date(2025, 9, 3), 0, 0),
        requested("0000000001", number=9),
        filled("0000000001", "E3"),
    ]

    first, second = ledger_orders(records)

    assert (first.day, first.order_id, first.cl_ord_id) == (date(2025, 9, 2), "0000000001", 7)
    assert [fill.exec_id for fill in first.fills] == ["E1", "E2"]
    assert (second.day, second.cl_ord_id) == (date(2025, 9, 3), 9)
    assert [fill.exec_id for fill in second.fills] == ["E3"]
