"""Order frames as notices: recorded ones, and those that follow the guide."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from maemae.brokers.kiwoom_rest.fills import Covered, FillBook
from maemae.brokers.kiwoom_rest.frames import (
    OrderValues,
    decode_entries,
    decode_entry,
    decode_frame,
    decode_order,
)
from maemae.brokers.kiwoom_rest.notices import NoticeReader
from maemae.domain.errors import BrokerUnavailableError
from maemae.domain.ids import AccountId, OrderId
from maemae.domain.order_status import ExecType
from maemae.domain.statement import Notice
from maemae.domain.terms import Side
from tests.builders import SAMSUNG
from tests.shared_data import shared

ACCOUNT = AccountId("8100000111")
DAY = date(2026, 11, 30)
FIRST, SECOND = OrderId("0048213"), OrderId("0048377")


class Rig:
    def __init__(self, folder: Path) -> None:
        self.book = FillBook(folder, ACCOUNT, DAY)
        self.reader = NoticeReader(ACCOUNT)

    def tell(self, **fields: str) -> Notice | None:
        return self.reader.notice(frame(**fields), DAY, self.book)


def frame(**fields: str) -> OrderValues:
    usual = {
        "account": ACCOUNT,
        "number": FIRST,
        "symbol": SAMSUNG,
        "state": "접수",
        "order_qty": "12",
        "price": "41250",
        "leaves_qty": "12",
        "amount": "0",
        "orig_number": "0000000",
        "kind": "+매수",
        "at": "101512",
    }
    return OrderValues(**{**usual, **fields})


def fill(cum: int, last: int, px: int = 41_200, amount: int | None = None) -> dict[str, str]:
    """Return the fields of a fill whose sums are cumulative, as recorded."""
    return {
        "state": "체결",
        "leaves_qty": str(12 - cum),
        "amount": str(cum * px if amount is None else amount),
        "cum_px": str(px),
        "cum_qty": str(cum),
        "last_px": str(px),
        "last_qty": str(last),
    }


def test_acceptance_is_the_order_s_acknowledgment(tmp_path: Path) -> None:
    notice = Rig(tmp_path).tell()
    assert notice is not None
    assert (notice.exec_type, notice.order_id, notice.side) == (ExecType.NEW, FIRST, Side.BUY)
    assert notice.account_id == ACCOUNT


def test_fills_have_the_quantity_and_price_of_one_and_a_number_each(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    told = [rig.tell(**fill(2, 2)), rig.tell(**fill(5, 3, 41_200))]
    assert [(n.last_qty, n.last_px, n.exec_id) for n in told if n is not None] == [
        (2, 41_200, f"{FIRST}:2"),
        (3, 41_200, f"{FIRST}:5"),
    ]


def test_fills_when_out_of_order_and_twice_count_once_each(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    frames = [fill(5, 3), fill(2, 2), fill(5, 3), fill(2, 2)]
    told = [rig.tell(**each) for each in frames]
    assert [None if n is None else n.last_qty for n in told] == [3, 2, None, None]


def test_two_equal_fills_are_two(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    told = [rig.tell(**fill(3, 3)), rig.tell(**fill(6, 3))]
    assert all(notice is not None for notice in told)


def test_fill_when_sums_are_of_the_fill_alone_is_placed_by_what_is_left(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.tell(**fill(2, 2))
    notice = rig.tell(**{**fill(5, 3), "cum_qty": "3", "amount": str(5 * 41_200)})
    assert notice is not None
    assert notice.exec_id == f"{FIRST}:5"


def test_fill_when_a_list_told_it_before_counts_for_nothing(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.book.add(FIRST, SAMSUNG, Side.BUY, Covered(0, 5, 41_200, 0))
    assert rig.tell(**fill(5, 3)) is None


@pytest.mark.parametrize("fields", [{"last_qty": "0"}, {"last_px": ""}, {"last_qty": "9"}])
def test_fill_when_its_figures_cannot_be_raises_and_books_nothing(
    tmp_path: Path, fields: dict[str, str]
) -> None:
    rig = Rig(tmp_path)
    with pytest.raises(BrokerUnavailableError):
        rig.tell(**{**fill(2, 2), **fields})
    assert rig.book.filled(FIRST) == 0


def test_cancel_counts_once_it_is_confirmed(tmp_path: Path) -> None:
    rig, asked = Rig(tmp_path), {"number": SECOND, "orig_number": FIRST, "kind": "매수취소"}
    assert rig.tell(**asked) is None
    notice = rig.tell(**asked, state="확인", leaves_qty="0")
    assert notice is not None
    assert (notice.exec_type, notice.order_id, notice.request_id) == (
        ExecType.CANCELED,
        FIRST,
        SECOND,
    )


def test_cancel_of_a_part_is_left_to_the_lists(tmp_path: Path) -> None:
    asked = {"number": SECOND, "orig_number": FIRST, "kind": "매수취소", "state": "확인"}
    assert Rig(tmp_path).tell(**asked, leaves_qty="4") is None


def test_replacement_goes_on_under_the_new_number_with_what_was_filled(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.tell(**fill(5, 5))
    asked = {"number": SECOND, "orig_number": FIRST, "kind": "+매수정정", "order_qty": "7"}
    assert rig.tell(**asked) is None
    notice = rig.tell(**asked, state="확인", price="41300")
    assert notice is not None
    assert (notice.order_id, notice.orig_order_id, notice.request_id) == (SECOND, FIRST, SECOND)
    assert (notice.exec_type, notice.price, notice.order_qty) == (ExecType.REPLACED, 41_300, 12)


def test_replacement_of_a_replacement_counts_both_chains(tmp_path: Path) -> None:
    rig, third = Rig(tmp_path), "0048400"
    change = {"kind": "+매수정정", "state": "확인"}
    rig.tell(**fill(5, 5))
    rig.tell(number=SECOND, orig_number=FIRST, order_qty="7", **change)
    rig.tell(**{**fill(2, 2), "number": SECOND, "orig_number": FIRST, "order_qty": "7"})
    notice = rig.tell(number=third, orig_number=SECOND, order_qty="5", **change)
    assert notice is not None
    assert notice.order_qty == 12


def test_refusal_is_of_the_order_or_of_the_request(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    of_order = rig.tell(state="거부", refusal="가격오류")
    asked = {"number": SECOND, "orig_number": FIRST, "kind": "매수취소"}
    of_request = rig.tell(**asked, state="거부", refusal="571")
    assert of_order is not None
    assert of_request is not None
    assert (of_order.exec_type, of_order.text) == (ExecType.REJECTED, "가격오류")
    assert (of_request.exec_type, of_request.order_id) == (ExecType.CANCEL_REJECTED, FIRST)


def test_rest_when_the_exchange_takes_it_back_is_canceled(tmp_path: Path) -> None:
    notice = Rig(tmp_path).tell(state="취소", leaves_qty="0")
    assert notice is not None
    assert (notice.exec_type, notice.order_id) == (ExecType.CANCELED, FIRST)


def test_frame_when_of_another_account_raises(tmp_path: Path) -> None:
    with pytest.raises(BrokerUnavailableError):
        Rig(tmp_path).tell(account="8199999911")


def test_recorded_orders_decode(tmp_path: Path) -> None:
    path = shared("broker_messages/kiwoom_rest_ws_frames.jsonl")
    reader = NoticeReader(ACCOUNT)
    book = FillBook(tmp_path, ACCOUNT, date(2026, 9, 11))
    told = []
    for line in path.read_bytes().splitlines():
        message = decode_frame(json.dumps(json.loads(line)["frame"]).encode())
        entries = decode_entries(message.data) if message.trnm == "REAL" else []
        orders = [entry for entry in map(decode_entry, entries) if entry.type == "00"]
        told += [reader.notice(decode_order(entry.values), book.day, book) for entry in orders]
    assert [(n.exec_type, n.side, n.last_qty, n.last_px) for n in told if n is not None] == [
        (ExecType.NEW, Side.BUY, 0, 0),
        (ExecType.TRADE, Side.BUY, 1, 258_000),
        (ExecType.NEW, Side.SELL, 0, 0),
        (ExecType.TRADE, Side.SELL, 1, 258_000),
    ]
