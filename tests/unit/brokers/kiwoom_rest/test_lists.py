"""Three lists as one: what each shows of an order, and what becomes of its sums."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import msgspec
import pytest

from maemae.brokers.kiwoom_rest.fills import Covered, FillBook
from maemae.brokers.kiwoom_rest.lists import (
    Listed,
    book_missing,
    from_day_row,
    from_filled_row,
    from_open_row,
    merged,
    stated_orders,
)
from maemae.brokers.kiwoom_rest.messages import (
    DayOrderRow,
    FilledOrderRow,
    FillRow,
    OpenOrderRow,
)
from maemae.domain.errors import BrokerUnavailableError
from maemae.domain.ids import AccountId, OrderId
from maemae.domain.instant import kst_nanos
from maemae.domain.statement import StatedOrder, StatedStatus
from maemae.domain.terms import OrdType, Side, TimeInForce
from tests.builders import SAMSUNG

ACCOUNT = AccountId("8100000111")
DAY = date(2026, 11, 30)
FIRST, SECOND = OrderId("0048213"), OrderId("0048377")
LATER = kst_nanos(DAY, time(15))
DAY_ROW = DayOrderRow(
    ord_no="0048213",
    stk_cd="A005930",
    trde_tp="보통",
    ord_qty="0000000012",
    ord_uv="0000041250",
    ord_tm="10:15:12",
    ori_ord="0000000",
    io_tp_nm="현금매수",
    cntr_qty="0000000000",
    cntr_uv="0000000000",
    ord_remnq="0000000012",
    acpt_tp="접수",
)
OPEN_ROW = OpenOrderRow(
    ord_no="0048213",
    stk_cd="005930",
    trde_tp="보통",
    ord_qty="12",
    ord_pric="41250",
    oso_qty="12",
    orig_ord_no="0000000",
    io_tp_nm="+매수",
    tm="101512",
    cntr_qty="",
    cntr_pric="",
)
FILLED_ROW = FilledOrderRow(
    ord_no="0048213",
    stk_cd="005930",
    trde_tp="보통",
    ord_qty="12",
    ord_pric="41250",
    oso_qty="7",
    orig_ord_no="0000000",
    io_tp_nm="+매수",
    ord_tm="101512",
    cntr_qty="5",
    cntr_pric="41200",
)


def day_row(**fields: str) -> Listed:
    return from_day_row(msgspec.structs.replace(DAY_ROW, **fields), DAY)


def stated(
    folder: Path, *rows: Listed, is_over: bool = False, book: FillBook | None = None
) -> list[StatedOrder]:
    kept = book or FillBook(folder, ACCOUNT, DAY)
    return list(stated_orders(merged(rows), ACCOUNT, kept, is_over=is_over))


def test_order_is_the_same_in_every_list(tmp_path: Path) -> None:
    row = stated(tmp_path, day_row(), from_open_row(OPEN_ROW, DAY))[0]
    assert (row.order_id, row.symbol, row.side) == (FIRST, SAMSUNG, Side.BUY)
    assert (row.ord_type, row.time_in_force, row.price) == (
        OrdType.LIMIT,
        TimeInForce.DAY,
        41_250,
    )
    assert (row.order_qty, row.cum_qty, row.leaves_qty) == (12, 0, 12)
    assert row.status is StatedStatus.WORKING


def test_order_when_the_lists_lag_shows_the_most_filled_and_the_least_left(tmp_path: Path) -> None:
    row = stated(tmp_path, day_row(), from_filled_row(FILLED_ROW, DAY))[0]
    assert (row.cum_qty, row.leaves_qty) == (5, 7)


def test_order_when_a_list_leaves_blank_what_is_left_is_not_canceled(tmp_path: Path) -> None:
    by_day = stated(tmp_path, day_row(ord_remnq="", cntr_qty="0000000005"))[0]
    filled = msgspec.structs.replace(FILLED_ROW, oso_qty=" ")
    by_fills = stated(tmp_path, from_filled_row(filled, DAY))[0]
    for row in (by_day, by_fills):
        assert (row.status, row.cum_qty, row.leaves_qty) == (StatedStatus.WORKING, 5, 7)


def test_order_that_the_list_of_open_ones_shows_works_whatever_an_earlier_list_says(
    tmp_path: Path,
) -> None:
    row = stated(tmp_path, day_row(ord_remnq="0"), from_open_row(OPEN_ROW, DAY))[0]
    assert (row.status, row.leaves_qty) == (StatedStatus.WORKING, 12)


def test_market_order_has_no_price(tmp_path: Path) -> None:
    row = stated(tmp_path, day_row(trde_tp="시장가", ord_uv="0000000000"))[0]
    assert (row.ord_type, row.price) == (OrdType.MARKET, None)


@pytest.mark.parametrize(
    ("fields", "is_over", "status"),
    [
        ({"cntr_qty": "12", "ord_remnq": "0"}, False, StatedStatus.FILLED),
        ({"cntr_qty": "5", "ord_remnq": "0"}, False, StatedStatus.CANCELED),
        ({"acpt_tp": "거부", "ord_remnq": "0"}, False, StatedStatus.REJECTED),
        ({"mdfy_cncl": "취소", "ord_remnq": "0"}, False, StatedStatus.CANCELED),
        ({}, True, StatedStatus.EXPIRED),
    ],
)
def test_order_ends_as_its_row_says(
    tmp_path: Path, fields: dict[str, str], *, is_over: bool, status: StatedStatus
) -> None:
    row = stated(tmp_path, day_row(**fields), is_over=is_over)[0]
    assert row.status is status
    assert row.leaves_qty == 0


def test_order_when_it_works_after_the_end_is_not_expired(tmp_path: Path) -> None:
    row = stated(tmp_path, day_row(), from_open_row(OPEN_ROW, DAY), is_over=True)[0]
    assert row.status is StatedStatus.WORKING


def test_cancel_is_no_order_and_ends_its_own(tmp_path: Path) -> None:
    cancel = day_row(
        ord_no="48377", ori_ord="0048213", mdfy_cncl="취소", acpt_tp="확인", ord_remnq="0"
    )
    rows = stated(tmp_path, day_row(), cancel)
    assert [(row.order_id, row.status) for row in rows] == [(FIRST, StatedStatus.CANCELED)]


def test_cancel_when_it_was_refused_ends_nothing(tmp_path: Path) -> None:
    cancel = day_row(ord_no="48377", ori_ord="0048213", mdfy_cncl="취소", acpt_tp="거부")
    assert stated(tmp_path, day_row(), cancel)[0].status is StatedStatus.WORKING


def test_replacement_counts_what_was_filled_before_it(tmp_path: Path) -> None:
    rows = stated(
        tmp_path,
        day_row(cntr_qty="5", cntr_uv="41200", ord_remnq="0"),
        day_row(
            ord_no="48377",
            ori_ord="0048213",
            mdfy_cncl="정정",
            ord_qty="7",
            ord_uv="41300",
            cntr_qty="2",
            ord_remnq="5",
        ),
    )
    assert [row.status for row in rows] == [StatedStatus.REPLACED, StatedStatus.WORKING]
    last = rows[1]
    assert (last.orig_order_id, last.price) == (FIRST, 41_300)
    assert (last.order_qty, last.cum_qty, last.leaves_qty) == (12, 7, 5)


def test_replacement_when_its_first_number_is_in_no_list_asks_the_book(tmp_path: Path) -> None:
    book = FillBook(tmp_path, ACCOUNT, DAY)
    book.add(FIRST, SAMSUNG, Side.BUY, Covered(0, 5, 41_200, 0))
    row = day_row(ord_no="48377", ori_ord="0048213", mdfy_cncl="정정", ord_qty="7", ord_remnq="7")
    assert stated(tmp_path, row, book=book)[0].cum_qty == 5


def test_order_of_a_kind_that_is_new_raises(tmp_path: Path) -> None:
    with pytest.raises(BrokerUnavailableError):
        stated(tmp_path, day_row(trde_tp="경매"))


def booked(folder: Path, *details: FillRow, known: tuple[Covered, ...] = ()) -> list[object]:
    book = FillBook(folder, ACCOUNT, DAY)
    for fill in known:
        book.add(FIRST, SAMSUNG, Side.BUY, fill)
    listed = merged([from_filled_row(msgspec.structs.replace(FILLED_ROW, cntr_pric="41210"), DAY)])
    book_missing(listed, details, book)
    book_missing(listed, details, book)
    return [(row.exec_id, row.qty, row.px) for row in book.executions()]


def test_sum_becomes_a_fill_when_nothing_else_is_known(tmp_path: Path) -> None:
    assert booked(tmp_path) == [(f"{FIRST}:5", 5, 41_210)]


def test_sum_less_what_the_stream_told_becomes_a_fill(tmp_path: Path) -> None:
    told = Covered(2, 5, 41_220, LATER)
    rows = booked(tmp_path, known=(told,))
    assert rows == [(f"{FIRST}:2", 2, 41_195), (f"{FIRST}:5", 3, 41_220)]


def test_single_fills_are_used_where_they_agree(tmp_path: Path) -> None:
    details = (
        FillRow("48213", "193022", "3", "41220"),
        FillRow("48213", "193021", "2", "41195"),
    )
    assert booked(tmp_path, *details) == [(f"{FIRST}:2", 2, 41_195), (f"{FIRST}:5", 3, 41_220)]


@pytest.mark.parametrize(
    "details",
    [
        (FillRow("48213", "193021", "4", "41200"),),  # one is missing
        (FillRow("48213", "", "5", "41210"),),  # not a fill
        (FillRow("48213", "1", "5", "50000"),),  # another amount
    ],
)
def test_single_fills_are_left_out_where_they_do_not(
    tmp_path: Path, details: tuple[FillRow, ...]
) -> None:
    assert booked(tmp_path, *details) == [(f"{FIRST}:5", 5, 41_210)]
