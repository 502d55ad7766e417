"""The journal of fills: told by stream or list, a share counts once, before and after a restart."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace

from maemae.brokers.kiwoom_rest.fills import Covered, FillBook, shared_out
from maemae.domain.errors import BrokerUnavailableError
from maemae.domain.ids import AccountId, ExecId, OrderId
from maemae.domain.terms import Side
from tests.builders import SAMSUNG

DAY = date(2026, 11, 30)
NUMBER = OrderId("0048213")
ACCOUNT = AccountId("8100000111")


def book_in(folder: Path) -> FillBook:
    return FillBook(folder, ACCOUNT, DAY)


def add(book: FillBook, start: int, end: int, px: int = 100, number: OrderId = NUMBER) -> bool:
    return book.add(number, SAMSUNG, Side.BUY, Covered(start, end, px, 7))


def test_fill_when_told_twice_counts_once(tmp_path: Path) -> None:
    book = book_in(tmp_path)
    assert [add(book, 0, 2), add(book, 2, 5), add(book, 0, 2)] == [True, True, False]
    assert book.filled(NUMBER) == 5


def test_fill_when_a_sum_covers_it_counts_for_nothing(tmp_path: Path) -> None:
    book = book_in(tmp_path)
    add(book, 0, 5)
    assert not add(book, 0, 2)
    assert not add(book, 2, 5)


def test_fill_when_it_overlaps_in_part_raises(tmp_path: Path) -> None:
    book = book_in(tmp_path)
    add(book, 0, 3)
    with pytest.raises(BrokerUnavailableError, match="does not fit"):
        add(book, 2, 5)


def test_fills_of_two_numbers_do_not_meet(tmp_path: Path) -> None:
    book = book_in(tmp_path)
    add(book, 0, 3)
    assert add(book, 0, 3, number=OrderId("0048214"))


def test_book_when_its_journal_was_lost_goes_on_from_what_was_told(tmp_path: Path) -> None:
    before = book_in(tmp_path / "lost")
    add(before, 0, 3)
    add(before, 3, 7, 101)
    told = before.executions()
    foreign = replace(told[0], exec_id=ExecId("0048213:SUM"))
    taken_back = replace(told[0], exec_id=ExecId("0048213:9"), qty=0)

    after = FillBook(tmp_path, ACCOUNT, DAY, (*told, foreign, taken_back))

    assert after.executions() == told
    assert after.gaps(NUMBER, 9) == [(7, 9)]
    assert book_in(tmp_path).executions() == told  # durable, without being told again


def test_book_when_its_journal_knows_better_keeps_that(tmp_path: Path) -> None:
    before = book_in(tmp_path / "lost")
    add(before, 0, 4)
    add(before, 4, 7)
    kept = book_in(tmp_path)
    add(kept, 0, 3)

    after = FillBook(tmp_path, ACCOUNT, DAY, before.executions())

    assert [(fill.start, fill.end) for fill in after.of(NUMBER)] == [(0, 3), (4, 7)]


def test_book_is_the_same_after_a_restart(tmp_path: Path) -> None:
    before = book_in(tmp_path)
    add(before, 2, 5, 101)
    add(before, 0, 2)
    after = book_in(tmp_path)
    assert after.executions() == before.executions()
    assert [row.exec_id for row in after.executions()] == ["0048213:2", "0048213:5"]


def test_book_when_its_last_line_was_torn_goes_on_without_it(tmp_path: Path) -> None:
    add(book_in(tmp_path), 0, 2)
    path = next(tmp_path.iterdir())
    path.write_bytes(path.read_bytes() + b'["00482')
    book = book_in(tmp_path)
    assert add(book, 2, 3)
    assert book_in(tmp_path).filled(NUMBER) == 3


def test_book_when_the_disk_took_only_a_part_of_a_fill_is_as_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(book_in(tmp_path), 0, 2)
    book = book_in(tmp_path)
    write = os.write
    with monkeypatch.context() as full:
        full.setattr(os, "write", lambda handle, content: write(handle, content[:7]))
        with pytest.raises(BrokerUnavailableError, match="Check the disk"):
            add(book, 2, 3)
    assert book.filled(NUMBER) == 2

    assert add(book, 2, 3)  # the lists tell it again once there is room
    assert book_in(tmp_path).filled(NUMBER) == 3


def test_book_when_it_is_damaged_raises(tmp_path: Path) -> None:
    add(book_in(tmp_path), 0, 2)
    path = next(tmp_path.iterdir())
    path.write_bytes(b"rubbish\n" + path.read_bytes())
    with pytest.raises(BrokerUnavailableError, match="cannot be read"):
        book_in(tmp_path)


def test_journal_is_for_its_owner_alone(tmp_path: Path) -> None:
    add(book_in(tmp_path), 0, 2)
    assert next(tmp_path.iterdir()).stat().st_mode & 0o077 == 0


def test_gaps_are_what_no_fill_covers(tmp_path: Path) -> None:
    book = book_in(tmp_path)
    add(book, 2, 3)
    add(book, 5, 7)
    assert book.gaps(NUMBER, 9) == [(0, 2), (3, 5), (7, 9)]
    assert book.gaps(NUMBER, 6) == [(0, 2), (3, 5)]
    assert book.gaps(OrderId("1"), 0) == []


def test_amount_is_shared_out_to_the_won() -> None:
    fills = shared_out(1_003, (4, 9), 0)
    assert sum(fill.qty * fill.px for fill in fills) == 1_003
    assert [(fill.start, fill.end, fill.px) for fill in fills] == [(4, 6, 200), (6, 9, 201)]
