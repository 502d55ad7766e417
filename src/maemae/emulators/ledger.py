"""
An emulated broker's ledger of truth: an append-only file, synced before anything leaves.

It keeps what was asked of the broker and what it gave: with the market, which is a function
of the config, that is enough to rebuild the books by repeating it. It alone knows the
client's number of each order, so that a test can judge a client that nobody else can.

A record is its length and its CRC-32, four bytes each, and msgpack. A last record that is not
whole was never answered for, and is cut off.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Final

import msgspec

from maemae.domain.errors import ConfigError, JournalCorruptError, StorageError
from maemae.domain.ids import AccountId, ClOrdId, ExecId, OrderId, Symbol
from maemae.domain.terms import OrdType, Side
from maemae.emulators.requests import Move, Replace, Request, Submit
from maemae.krx.status import InstrumentState


class Began(msgspec.Struct, frozen=True, tag="BEGAN"):
    """
    The first record.

    Attributes:
        fingerprint: Of the market, the accounts and the costs; a broker with another one
            cannot go on with this ledger.
        accounts: Cash that each was opened with [won].
    """

    fingerprint: str
    accounts: dict[AccountId, int]


class SessionBegan(msgspec.Struct, frozen=True, tag="SESSION_BEGAN"):
    """
    A trading day was entered.

    Attributes:
        venue_time: The exchange's time then [ns, UTC].
        wall: The machine's time then [ns, UTC].
    """

    day: date
    venue_time: int
    wall: int


class EpochRaised(msgspec.Struct, frozen=True, tag="EPOCH_RAISED"):
    """A newer epoch said hello."""

    epoch: int
    wall: int


class StatesChanged(msgspec.Struct, frozen=True, tag="STATES_CHANGED"):
    """An instrument was given other states, by a fault."""

    step: int
    at: int
    symbol: Symbol
    states: tuple[InstrumentState, ...]


class Requested(msgspec.Struct, frozen=True, tag="REQUESTED"):
    """
    A request came in and was decided on.

    Attributes:
        step: Steps of the session's market before it.
        at: The exchange's time [ns, UTC].
        wall: The machine's time [ns, UTC].
        epoch: Of the connection; 0 for what was entered by hand.
        is_by_hand: Whether it came by another way than a client's connection.
        is_booked: Whether the books were asked; a fence, a quota or a fault may come first.
        order_id: The number it was given, None if the books refused it. With a code it is a
            ghost: the client was told that it was refused.
        code: What the client was told, in the broker's own code; None if it was taken.
    """

    step: int
    at: int
    wall: int
    epoch: int
    is_by_hand: bool
    is_booked: bool
    request: Request
    order_id: OrderId | None
    code: str | None
    text: str


class Filled(msgspec.Struct, frozen=True, tag="FILLED"):
    """
    Shares changed hands.

    Attributes:
        order_id: The broker's number of the order at that time.
        cl_ord_id: The client's number of the order, None for one entered by hand.
    """

    step: int
    at: int
    account_id: AccountId
    order_id: OrderId
    cl_ord_id: ClOrdId | None
    exec_id: ExecId
    symbol: Symbol
    side: Side
    qty: int
    px: int


Record = Began | SessionBegan | EpochRaised | StatesChanged | Requested | Filled


class LedgerOrder(msgspec.Struct, frozen=True):
    """
    An order that the broker took, for whoever judges a client.

    Attributes:
        cl_ord_id: The client's number, None for one entered by hand.
        wall: When it came in [ns, UTC, the machine's time].
        fills: In the order they happened, those under later numbers of a replace included.
    """

    day: date
    order_id: OrderId
    cl_ord_id: ClOrdId | None
    account_id: AccountId
    symbol: Symbol
    side: Side
    ord_type: OrdType
    price: int | None
    order_qty: int
    epoch: int
    at: int
    wall: int
    fills: tuple[Filled, ...]


class Ledger:
    """
    The file while the broker writes it; one process at a time.

    Args:
        path: Created if it does not exist; the folder must.

    Attributes:
        syncs: How often it was synced.

    Raises:
        JournalCorruptError: A record that is not the last is damaged.
    """

    def __init__(self, path: Path) -> None:
        self.syncs = 0
        self.records: list[Record] = []
        whole = 0
        if path.exists():
            self.records, whole = _parse(path.read_bytes(), path)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | _BINARY, 0o600)
        os.ftruncate(self._file, whole)
        os.lseek(self._file, 0, os.SEEK_END)
        self._pending = bytearray()

    def append(self, record: Record) -> None:
        """Take a record; `sync` makes it durable."""
        body = _encode(record)
        self._pending += len(body).to_bytes(4, "big") + zlib.crc32(body).to_bytes(4, "big") + body

    def sync(self) -> None:
        """
        Return once everything taken is durable.

        Raises:
            StorageError: It cannot be written; the books are ahead of the ledger now, so the
                process must end.
        """
        if not self._pending:
            return
        try:
            written = 0
            while written < len(self._pending):
                written += os.write(self._file, self._pending[written:])
            os.fsync(self._file)
        except OSError as error:
            raise StorageError(
                f"모의 증권사의 원장을 쓸 수 없어 멈춥니다({error}). 디스크를 확인하고 "
                "다시 켜세요.",
                f"The simulated broker's ledger cannot be written ({error}). Check the disk and "
                "start it again.",
            ) from error
        self._pending.clear()
        self.syncs += 1

    def close(self) -> None:
        """Close; what was taken and not synced was told to nobody, and is dropped."""
        os.close(self._file)


def read_ledger(path: Path) -> list[Record]:
    """
    Return the records of a ledger, also while a broker writes it.

    Raises:
        JournalCorruptError: A record that is not the last is damaged.
    """
    return _parse(path.read_bytes(), path)[0]


def ledger_orders(records: Iterable[Record]) -> list[LedgerOrder]:
    """Return every order that was taken, oldest first, with its fills."""
    day, orders = date.min, list[LedgerOrder]()
    fills: dict[int, list[Filled]] = {}
    places: dict[OrderId, int] = {}  # today's numbers, those of replacements included
    for record in records:
        match record:
            case SessionBegan():
                day = record.day
                places.clear()
            case Requested(request=Submit() as request, order_id=str(number)):
                places[number] = len(orders)
                orders.append(_order(day, record, request, number))
            case Requested(request=Replace() | Move() as request, order_id=str(number)):
                places[number] = places[request.order_id]
            case Filled():
                fills.setdefault(places[record.order_id], []).append(record)
            case _:
                pass
    return [
        msgspec.structs.replace(order, fills=tuple(fills.get(place, ())))
        for place, order in enumerate(orders)
    ]


def _order(day: date, record: Requested, request: Submit, number: OrderId) -> LedgerOrder:
    return LedgerOrder(
        day,
        number,
        None if record.is_by_hand else request.cl_ord_id,
        request.account_id,
        request.symbol,
        request.side,
        request.ord_type,
        request.price,
        request.order_qty,
        record.epoch,
        record.at,
        record.wall,
        (),
    )


def require_same(began: Record, expected: Began, path: str) -> None:
    """
    Make sure that a ledger belongs to this broker.

    Raises:
        ConfigError: It was begun with another market, other accounts or other costs.
    """
    if began != expected:
        raise ConfigError(
            f"원장 {path} 은 다른 시장, 계좌 또는 수수료로 시작했습니다. 그때의 설정을 쓰거나 다른 "
            "파일을 지정하세요.",
            f"The ledger {path} was begun with another market, other accounts or other costs. Use "
            "the config of then, or name another file.",
        )


def corrupt(what: str) -> JournalCorruptError:
    """Return the error of a ledger that does not repeat."""
    return JournalCorruptError(
        f"모의 증권사의 원장을 되풀이할 수 없습니다({what}). 원장 파일을 지우고 새로 시작하세요.",
        f"The simulated broker's ledger does not repeat ({what}). Delete the file and start anew.",
    )


def _parse(raw: bytes, path: Path) -> tuple[list[Record], int]:
    """Return the records and the length of what is whole."""
    records: list[Record] = []
    whole = 0
    for body, end in _bodies(raw):
        if body is None:
            if end < len(raw):
                raise corrupt(f"{path.name}, {whole}")
            break
        records.append(_decode(body))
        whole = end
    return records, whole


def _bodies(raw: bytes) -> Iterator[tuple[bytes | None, int]]:
    """Yield each record's bytes and its end; None where it is not whole."""
    start = 0
    while start < len(raw):
        length = int.from_bytes(raw[start : start + 4], "big")
        end = start + 8 + length
        body = raw[start + 8 : end]
        is_whole = (
            end <= len(raw) and zlib.crc32(body).to_bytes(4, "big") == raw[start + 4 : start + 8]
        )
        yield (body if is_whole else None), min(end, len(raw))
        start = end


_BINARY: Final = getattr(os, "O_BINARY", 0)  # Windows would translate line ends
_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(Record).decode
