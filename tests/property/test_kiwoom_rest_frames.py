"""Whatever the stream sends ends as an update or as a typed error, and books nothing twice."""

from __future__ import annotations

import tempfile
from collections import Counter
from contextlib import suppress
from datetime import date
from pathlib import Path

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from maemae.brokers.kiwoom_rest.codes import OrderKind
from maemae.brokers.kiwoom_rest.config import PAPER_CONFIG
from maemae.brokers.kiwoom_rest.fills import Covered, FillBook, shared_out
from maemae.brokers.kiwoom_rest.frames import (
    Entry,
    OrderValues,
    RealType,
    decode_entries,
    decode_entry,
    decode_frame,
    decode_order,
)
from maemae.brokers.kiwoom_rest.lists import Listed, book_missing
from maemae.brokers.kiwoom_rest.notices import NoticeReader
from maemae.brokers.kiwoom_rest.prints import update_of
from maemae.brokers.kiwoom_rest.reading import DayClock, number
from maemae.brokers.kiwoom_rest.refusals import Verdict, meaning_of
from maemae.domain.errors import BrokerUnavailableError
from maemae.domain.ids import AccountId, OrderId
from maemae.domain.terms import Side
from tests.builders import SAMSUNG

DAY = date(2026, 11, 30)
ACCOUNT = AccountId("8100000111")
NUMBER = OrderId("0048213")
CLOCK = DayClock(DAY)
FIDS = [
    str(fid) for fid in (10, 15, 20, 21, 41, 61, 215, 841, 843, 900, 902, 913, 1223, 9001, 9068)
]
TEXT = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["", " 0", "-1", "+41300", "101512", "005930", "접수", "체결", "매수취소"]),
)
VALUES = st.dictionaries(st.sampled_from(FIDS), TEXT)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=8,
)


@given(st.one_of(st.binary(max_size=60), JSON.map(msgspec.json.encode)))
def test_frame_of_anything_is_decoded_or_a_decode_error(raw: bytes) -> None:
    with suppress(msgspec.MsgspecError, UnicodeDecodeError):
        for entry in decode_entries(decode_frame(raw).data):
            decode_entry(entry)


@given(st.one_of(st.sampled_from([kind.value for kind in RealType]), st.text(max_size=3)), VALUES)
def test_update_of_anything_is_told_or_a_typed_error(kind: str, values: dict[str, str]) -> None:
    entry = Entry(kind, msgspec.Raw(msgspec.json.encode(values)), "005930")
    with suppress(BrokerUnavailableError, msgspec.MsgspecError):
        update_of(entry, CLOCK, PAPER_CONFIG)


FIELDS = {field.name: field.encode_name for field in msgspec.structs.fields(OrderValues)}
WHOLE = {
    "account": ACCOUNT,
    "number": NUMBER,
    "symbol": "005930",
    "state": "체결",
    "order_qty": "100",
    "price": "100",
    "leaves_qty": "95",
    "amount": "500",
    "orig_number": "0000000",
    "kind": "+매수",
    "at": "101512",
    "last_px": "100",
    "last_qty": "5",
}


@given(st.dictionaries(st.sampled_from(sorted(FIELDS)), TEXT, max_size=4))
def test_order_frame_of_anything_is_a_notice_or_a_typed_error(changed: dict[str, str]) -> None:
    raw = msgspec.json.encode({FIELDS[name]: text for name, text in {**WHOLE, **changed}.items()})
    with tempfile.TemporaryDirectory() as folder:
        book = FillBook(Path(folder), ACCOUNT, DAY)
        try:
            notice = NoticeReader(ACCOUNT).notice(decode_order(raw), DAY, book)
        except (BrokerUnavailableError, msgspec.MsgspecError):
            notice = None
        told = 0 if notice is None else notice.last_qty
        assert sum(row.qty for row in book.executions()) == told


@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=8).flatmap(
        lambda sizes: st.tuples(
            st.just(sizes),
            st.lists(st.integers(0, len(sizes) - 1), max_size=20),
            st.integers(0, 20),
        )
    )
)
def test_shares_count_once_however_stream_and_list_tell_them(
    told: tuple[list[int], list[int], int],
) -> None:
    sizes, stream, listed_after = told
    ends = [sum(sizes[: place + 1]) for place in range(len(sizes))]
    fills = [Covered(end - size, end, 100, 0) for size, end in zip(sizes, ends, strict=True)]
    with tempfile.TemporaryDirectory() as folder:
        book = FillBook(Path(folder), ACCOUNT, DAY)
        for place, which in enumerate(stream):
            if place == listed_after:
                for gap in book.gaps(NUMBER, ends[-1]):
                    book.add(NUMBER, SAMSUNG, Side.BUY, Covered(*gap, 100, 0))
            book.add(NUMBER, SAMSUNG, Side.BUY, fills[which])
        for gap in book.gaps(NUMBER, ends[-1]):
            book.add(NUMBER, SAMSUNG, Side.BUY, Covered(*gap, 100, 0))
        covered = Counter(
            share for fill in book.of(NUMBER) for share in range(fill.start, fill.end)
        )
        again = FillBook(Path(folder), ACCOUNT, DAY)
    assert covered == Counter(range(ends[-1]))
    assert again.executions() == book.executions()
    assert len({row.exec_id for row in book.executions()}) == len(book.executions())


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(99, 101)), min_size=1, max_size=8),
    st.lists(st.integers(-8, 8), max_size=24),
)
def test_fill_that_was_told_is_in_every_later_list_under_the_same_number(
    fills: list[tuple[int, int]], steps: list[int]
) -> None:
    """Steps 0 and more have the stream tell a fill, late or twice; others ask for the list."""
    qty = sum(size for size, _ in fills)
    with tempfile.TemporaryDirectory() as folder:
        book, reader = FillBook(Path(folder), ACCOUNT, DAY), NoticeReader(ACCOUNT)
        told: dict[str, tuple[int, int]] = {}
        traded = 1
        for step in (*steps, -len(fills)):
            traded = min(max(traded, abs(step)), len(fills))
            if 0 <= step < traded:
                notice = reader.notice(a_fill(fills, step, qty), DAY, book)
                if notice is not None:
                    told[notice.exec_id] = (notice.last_qty, notice.last_px)
                continue
            book_missing(a_list(fills[:traded], qty), (), book)
            stated = {row.exec_id: (row.qty, row.px) for row in book.executions()}
            assert told.items() <= stated.items()
            assert sum(shares for shares, _ in stated.values()) == sum(n for n, _ in fills[:traded])
    assert sum(n * px for n, px in stated.values()) == sum(n * px for n, px in fills)


def a_fill(fills: list[tuple[int, int]], which: int, qty: int) -> OrderValues:
    """Return the frame of one of an order's fills."""
    reached = sum(size for size, _ in fills[: which + 1])
    amount = sum(size * px for size, px in fills[: which + 1])
    size, px = fills[which]
    told = {
        "order_qty": f"{qty}",
        "leaves_qty": f"{qty - reached}",
        "amount": f"{amount}",
        "cum_qty": f"{reached}",
        "cum_px": f"{amount // reached}",
        "last_qty": f"{size}",
        "last_px": f"{px}",
    }
    whole = {**WHOLE, **told}
    return decode_order(msgspec.json.encode({FIELDS[name]: text for name, text in whole.items()}))


def a_list(fills: list[tuple[int, int]], qty: int) -> dict[OrderId, Listed]:
    """Return the list of a day with one order, of which so much has been filled."""
    filled = sum(size for size, _ in fills)
    average = sum(size * px for size, px in fills) / filled
    row = Listed(
        NUMBER,
        None,
        OrderKind.NEW,
        SAMSUNG,
        Side.BUY,
        "보통",
        101,
        qty,
        filled,
        qty - filled,
        f"{average:.4f}",
        0,
    )
    return {NUMBER: row}


@given(st.integers(1, 10**9), st.integers(0, 50), st.integers(1, 400))
def test_amount_is_shared_out_to_the_won(amount: int, start: int, qty: int) -> None:
    fills = shared_out(amount + qty, (start, start + qty), 0)
    assert sum(fill.qty * fill.px for fill in fills) == amount + qty
    assert [share for fill in fills for share in range(fill.start, fill.end)] == list(
        range(start, start + qty)
    )


@given(st.text(max_size=30))
def test_number_of_anything_is_a_number_or_a_typed_error(text: str) -> None:
    with suppress(BrokerUnavailableError):
        assert number("x", text).is_finite()


@given(st.integers(100, 599), st.none() | st.integers(-5, 100_100), st.text(max_size=40))
def test_answer_of_anything_has_a_verdict_and_only_success_is_done(
    status: int, code: int | None, message: str
) -> None:
    verdict = meaning_of(status, code, message).verdict
    assert (verdict is Verdict.DONE) is (status == 200 and code == 0)
