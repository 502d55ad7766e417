"""
Which fills were told, durably: what ties the stream's fills to the lists' sums.

The stream numbers every fill; the lists of a day only add up each order. A fill is therefore
known here by the shares of its order that it covers, counted from the first: (0, 3], (3, 5].
What a list has more than what is covered becomes a fill of its own, and a notice that comes
after it is covered and counts for nothing. The journal must survive a restart, or a fill that
was told by the stream would be told again as a part of the list's sum; where its disk is lost,
whoever was told of the fills tells them back.
"""

from __future__ import annotations

import errno
import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Final

import msgspec

from maemae.domain.errors import BrokerUnavailableError
from maemae.domain.ids import AccountId, ExecId, OrderId, Symbol
from maemae.domain.statement import StatedExecution
from maemae.domain.terms import Side

_PRIVATE: Final = 0o600


class Covered(msgspec.Struct, frozen=True, order=True):
    """
    A fill, by the shares of its order that it covers.

    Attributes:
        start, end: Shares of the order's number that were filled before it, and with it.
        px: Price [won].
        at: When it traded, or when its order was placed if only a list tells of it [ns, UTC].
    """

    start: int
    end: int
    px: int
    at: int

    @property
    def qty(self) -> int:
        """Shares."""
        return self.end - self.start


class _Line(msgspec.Struct, frozen=True, array_like=True):
    order_id: OrderId
    symbol: Symbol
    side: Side
    start: int
    end: int
    px: int
    at: int


class FillBook:
    """
    The fills of one account and day.

    Args:
        folder: Of the journals, one for each day; made if it is not there.
        account_id: Whose fills they are.
        day: When they traded.
        booked: Those of them that the book of orders has; what the journal lacks is added.

    Raises:
        BrokerUnavailableError: The journal cannot be read or written.
    """

    def __init__(
        self,
        folder: Path,
        account_id: AccountId,
        day: date,
        booked: Iterable[StatedExecution] = (),
    ) -> None:
        self.day = day
        self._account_id = account_id
        self._path = folder / f"kiwoom-fills-{day:%Y%m%d}.jsonl"
        self._fills: defaultdict[OrderId, list[Covered]] = defaultdict(list)
        self._of: dict[OrderId, tuple[Symbol, Side]] = {}
        self._read()
        for told in booked:
            self._learn(told)

    def of(self, order_id: OrderId) -> Sequence[Covered]:
        """Return the fills of an order's number, oldest first."""
        return self._fills.get(order_id, ())

    def filled(self, order_id: OrderId) -> int:
        """Return how many shares of a number are known to be filled."""
        return sum(fill.qty for fill in self.of(order_id))

    def add(self, order_id: OrderId, symbol: Symbol, side: Side, fill: Covered) -> bool:
        """
        Take a fill, durably; return False if its shares are covered already.

        Raises:
            BrokerUnavailableError: It covers shares in part, which cannot be, or it cannot be
                written.
        """
        overlapping = self._overlapping(order_id, fill)
        if not overlapping:
            self._append(_Line(order_id, symbol, side, fill.start, fill.end, fill.px, fill.at))
            return True
        covered = sum(
            min(known.end, fill.end) - max(known.start, fill.start) for known in overlapping
        )
        if covered == fill.qty:
            return False
        raise BrokerUnavailableError(
            f"주문 {order_id} 의 체결 통보가 앞선 체결과 맞지 않습니다. 목록으로 다시 맞춥니다.",
            f"A fill of order {order_id} does not fit those before it. The lists will settle it.",
        )

    def gaps(self, order_id: OrderId, filled: int) -> list[tuple[int, int]]:
        """Return which of the first so many shares of a number no fill covers."""
        gaps: list[tuple[int, int]] = []
        reached = 0
        for known in self.of(order_id):
            if known.start > reached:
                gaps.append((reached, min(known.start, filled)))
            reached = max(reached, known.end)
        gaps.append((reached, filled))
        return [(start, end) for start, end in gaps if start < end]

    def executions(self) -> tuple[StatedExecution, ...]:
        """Return every fill, oldest first."""
        stated = [
            StatedExecution(
                self._account_id,
                order_id,
                exec_id(order_id, fill),
                *self._of[order_id],
                fill.qty,
                fill.px,
                fill.at,
            )
            for order_id, fills in self._fills.items()
            for fill in fills
        ]
        return tuple(sorted(stated, key=_traded))

    def _learn(self, told: StatedExecution) -> None:
        fill = _covered(told)
        if fill is not None and not self._overlapping(told.order_id, fill):
            self.add(told.order_id, told.symbol, told.side, fill)

    def _overlapping(self, order_id: OrderId, fill: Covered) -> list[Covered]:
        return [
            known
            for known in self.of(order_id)
            if known.start < fill.end and known.end > fill.start
        ]

    def _read(self) -> None:
        try:
            text = self._path.read_bytes()
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._damaged() from error
        for line in text.splitlines(keepends=True):
            if not line.endswith(b"\n"):
                self._cut_torn_line(len(text) - len(line))
                return  # it was being written when the process died: nobody was told of it
            try:
                self._remember(_decode(line))
            except msgspec.MsgspecError as error:
                raise self._damaged() from error

    def _cut_torn_line(self, length: int) -> None:
        try:
            os.truncate(self._path, length)
        except OSError as error:
            raise self._damaged() from error

    def _append(self, line: _Line) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
            handle = os.open(self._path, flags, _PRIVATE)
            try:
                _write_whole(handle, _encode(line) + b"\n")
            finally:
                os.close(handle)
        except OSError as error:
            raise self._damaged() from error
        self._remember(line)

    def _remember(self, line: _Line) -> None:
        self._of[line.order_id] = (line.symbol, line.side)
        fills = self._fills[line.order_id]
        fills.append(Covered(line.start, line.end, line.px, line.at))
        fills.sort()

    def _damaged(self) -> BrokerUnavailableError:
        return BrokerUnavailableError(
            f"체결 기록 {self._path.name} 을(를) 읽거나 쓸 수 없습니다. 디스크를 확인하세요.",
            f"The journal of fills {self._path.name} cannot be read or written. Check the disk.",
        )


def exec_id(order_id: OrderId, fill: Covered) -> ExecId:
    """Return the number of a fill: the same from stream and journal."""
    return ExecId(f"{order_id}:{fill.end}")


def _covered(told: StatedExecution) -> Covered | None:
    """Return the fill of a number that `exec_id` made, None for any other."""
    number, _, end = told.exec_id.rpartition(":")
    if number != told.order_id or not end.isdecimal() or not 0 < told.qty <= int(end):
        return None
    return Covered(int(end) - told.qty, int(end), told.px, told.at)


def shared_out(amount: int, gap: tuple[int, int], at: int) -> list[Covered]:
    """
    Return fills that cover a gap and cost an amount, to the won.

    A list gives the average of several fills; where that is no whole price, two fills of
    neighbouring prices add up to the amount.

    Args:
        amount: What the shares of the gap cost together [won].
        gap: The shares.
        at: When [ns, UTC].
    """
    start, end = gap
    qty = end - start
    low, more = divmod(amount, qty)
    cheap = qty - more
    parts = [Covered(start, start + cheap, low, at), Covered(start + cheap, end, low + 1, at)]
    return [part for part in parts if part.qty > 0]


def _write_whole(handle: int, content: bytes) -> None:
    """Write durably, or leave the file as it was: a part of a line would spoil the next one."""
    size = os.fstat(handle).st_size
    try:
        written = os.write(handle, content)
        os.fsync(handle)
    except OSError:
        os.ftruncate(handle, size)
        raise
    if written < len(content):
        os.ftruncate(handle, size)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _traded(execution: StatedExecution) -> tuple[int, OrderId, int]:
    return execution.at, execution.order_id, int(execution.exec_id.rpartition(":")[2])


_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(_Line).decode
