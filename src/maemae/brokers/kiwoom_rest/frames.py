"""
Frames of Kiwoom's WebSocket: one JSON object each, told apart by `trnm`.

A REAL frame carries entries of several types and instruments; its values are named by the
number of a field (FID). What is inside an entry is decoded by itself, so that a damaged one
costs no other.

Source: Kiwoom REST API guide, WebSocket; key order and paddings as recorded on the paper
server, 2026-09-11.
"""

from __future__ import annotations

from enum import unique
from typing import Any, Final

import msgspec
from msgspec import Raw, field

from maemae.domain.terms import Term

NOTHING: Final = Raw(b"")


class Frame(msgspec.Struct, frozen=True):
    """Any frame of the server; `data` is read once `trnm` says what it is."""

    trnm: str
    data: Raw = NOTHING
    return_code: int | None = None
    return_msg: str | None = None
    seq: str | None = None
    code: str | None = None
    message: str | None = None
    cont_yn: str | None = None
    next_key: str | None = None


class Entry(msgspec.Struct, frozen=True):
    """One of a REAL frame: which type, of which instrument, and its values."""

    type: str
    values: Raw
    item: str = ""


class OrderValues(msgspec.Struct, frozen=True):
    """Type 00 주문체결."""

    account: str = field(name="9201")
    number: str = field(name="9203")
    symbol: str = field(name="9001")
    state: str = field(name="913")
    order_qty: str = field(name="900")
    price: str = field(name="901")
    leaves_qty: str = field(name="902")
    amount: str = field(name="903")
    orig_number: str = field(name="904")
    kind: str = field(name="905")
    at: str = field(name="908")
    fill_number: str = field(name="909", default="")
    cum_px: str = field(name="910", default="")
    cum_qty: str = field(name="911", default="")
    last_px: str = field(name="914", default="")
    last_qty: str = field(name="915", default="")
    refusal: str = field(name="919", default="")


class PositionValues(msgspec.Struct, frozen=True):
    """Type 04 잔고."""

    account: str = field(name="9201")
    symbol: str = field(name="9001")
    qty: str = field(name="930")
    average_px: str = field(name="931")
    sellable: str = field(name="933")


class TradeValues(msgspec.Struct, frozen=True, gc=False):
    """Type 0B 주식체결, and 0A; only what a print is made of."""

    at: str = field(name="20")
    px: str = field(name="10")
    qty: str = field(name="15")


class BookValues(msgspec.Struct, frozen=True):
    """Type 0D 주식호가잔량: what is not one of the ten levels."""

    at: str = field(name="21")
    ask_total: str = field(name="121", default="0")
    bid_total: str = field(name="125", default="0")


class PhaseValues(msgspec.Struct, frozen=True):
    """Type 0s 장시작시간."""

    code: str = field(name="215")
    at: str = field(name="20")
    left: str = field(name="214", default="")


class InterruptionValues(msgspec.Struct, frozen=True):
    """Type 1h VI발동/해제."""

    symbol: str = field(name="9001")
    change: str = field(name="9068")
    px: str = field(name="1221")
    at: str = field(name="1223")
    ends_at: str = field(name="1224", default="")
    kind: str = field(name="1225", default="")


class ConditionValues(msgspec.Struct, frozen=True):
    """Type 02 조건검색."""

    seq: str = field(name="841")
    symbol: str = field(name="9001")
    change: str = field(name="843")
    at: str = field(name="20")


@unique
class RealType(Term):
    """Type of an entry."""

    ORDER = "00"
    POSITION = "04"
    CONDITION = "02"
    QUOTE = "0A"  # 주식기세: a quote without a trade
    TRADE = "0B"
    BEST = "0C"  # 주식우선호가
    BOOK = "0D"
    AFTER_HOURS_BOOK = "0E"
    BROKERS = "0F"  # 당일거래원
    NAV = "0G"
    EXPECTED = "0H"  # 예상체결
    GOLD = "0I"
    INDEX = "0J"
    BREADTH = "0U"  # 업종등락
    INFO = "0g"  # 종목정보
    WARRANT_THEORY = "0m"
    PHASE = "0s"
    WARRANT_FIGURES = "0u"
    PROGRAM = "0w"
    INTERRUPTION = "1h"


FIELD_NAMES: Final[dict[RealType, dict[str, str]]] = {
    RealType.QUOTE: {"10": "px", "11": "change", "12": "change_rate", "13": "volume"},
    RealType.BEST: {"27": "ask", "28": "bid"},
    RealType.AFTER_HOURS_BOOK: {"21": "at", "131": "ask_total", "135": "bid_total"},
    RealType.BROKERS: {
        **{str(141 + place): f"seller_{place + 1}" for place in range(5)},
        **{str(161 + place): f"sold_{place + 1}" for place in range(5)},
        **{str(151 + place): f"buyer_{place + 1}" for place in range(5)},
        **{str(171 + place): f"bought_{place + 1}" for place in range(5)},
        "261": "foreign_sold",
        "263": "foreign_bought",
        "267": "foreign_net",
    },
    RealType.NAV: {"36": "nav", "39": "tracking_error", "20": "at", "10": "px", "265": "premium"},
    RealType.EXPECTED: {"20": "at", "10": "px", "15": "qty", "12": "change_rate"},
    RealType.GOLD: {"10": "px", "11": "change", "12": "change_rate"},
    RealType.INDEX: {
        "20": "at",
        "10": "value",
        "11": "change",
        "12": "change_rate",
        "13": "volume",
    },
    RealType.BREADTH: {
        "20": "at",
        "252": "rising",
        "251": "upper_limit",
        "253": "unchanged",
        "255": "falling",
        "254": "lower_limit",
        "10": "value",
    },
    RealType.INFO: {
        "297": "extension",
        "305": "upper",
        "306": "lower",
        "307": "base",
        "382": "margin",
        "370": "info",
    },
    RealType.WARRANT_THEORY: {"20": "at", "10": "px", "670": "theory", "671": "volatility"},
    RealType.WARRANT_FIGURES: {"20": "at", "666": "parity", "1211": "premium", "667": "gearing"},
    RealType.PROGRAM: {
        "20": "at",
        "10": "px",
        "202": "sold",
        "206": "bought",
        "210": "net",
        "212": "net_amount",
    },
}
"""What is passed on of the types that nothing here acts upon, by field number."""


def login(token: str) -> bytes:
    """Return the first frame of a connection; the token stands without `Bearer`."""
    return msgspec.json.encode({"trnm": "LOGIN", "token": token})


def register(group: str, data: list[dict[str, Any]]) -> bytes:
    """Return the frame that adds to a group."""
    return msgspec.json.encode({"trnm": "REG", "grp_no": group, "refresh": "1", "data": data})


def remove(group: str, data: list[dict[str, Any]]) -> bytes:
    """Return the frame that takes out of a group what was registered in it."""
    return msgspec.json.encode({"trnm": "REMOVE", "grp_no": group, "data": data})


decode_frame = msgspec.json.Decoder(Frame).decode
decode_entries = msgspec.json.Decoder(list[Raw]).decode
decode_entry = msgspec.json.Decoder(Entry).decode
decode_order = msgspec.json.Decoder(OrderValues).decode
decode_position = msgspec.json.Decoder(PositionValues).decode
decode_trade = msgspec.json.Decoder(TradeValues).decode
decode_book = msgspec.json.Decoder(BookValues).decode
decode_phase = msgspec.json.Decoder(PhaseValues).decode
decode_interruption = msgspec.json.Decoder(InterruptionValues).decode
decode_condition = msgspec.json.Decoder(ConditionValues).decode
decode_values = msgspec.json.Decoder(dict[str, str]).decode
