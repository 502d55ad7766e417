"""What goes between the executor and a worker: length-prefixed msgpack over a socket pair."""

from __future__ import annotations

from collections.abc import Mapping
from enum import unique
from typing import Any, Final

import msgspec
import numpy as np

from maemae.domain.ids import AccountId, SleeveId, Symbol
from maemae.domain.intent import Intent
from maemae.domain.terms import PriceBasis, Term
from maemae.domain.text import Text
from maemae.strategy.news import Filled
from maemae.strategy.panel import FIELDS, Panel
from maemae.trading.workers.bars import BarRow
from maemae.trading.workers.book_state import BookState

LENGTH: Final = 4
"""Bytes before each frame that say how long it is, big-endian."""

LONGEST_ANSWER: Final = 4 * 1024 * 1024
"""The longest frame that a worker may send [bytes]."""


class PanelFrame(msgspec.Struct, frozen=True):
    """A panel as bytes."""

    symbols: tuple[Symbol, ...]
    opened: bytes
    known: bytes
    fields: dict[str, bytes]
    basis: PriceBasis


class Begin(msgspec.Struct, frozen=True, tag="BEGIN"):
    """
    The first frame: what to run.

    Attributes:
        strategy: A bundled name, or `my.py:MyStrategy`.
        parameters: Values of its parameters by name.
        panel: Bars for the warm-up.
        book: The sleeve as it stands.
    """

    strategy: str
    parameters: Mapping[str, int | float]
    account_id: AccountId
    sleeve_id: SleeveId
    panel: PanelFrame
    book: BookState


class Barrier(msgspec.Struct, frozen=True, tag="BARRIER"):
    """Bars that have become known, and the sleeve as it stands."""

    row: BarRow
    book: BookState

    @property
    def at(self) -> int:
        """When the bars were complete [ns, UTC]."""
        return self.row.known


class Fill(msgspec.Struct, frozen=True, tag="FILL"):
    """A fill of the strategy's own, and the sleeve as it stands."""

    filled: Filled
    book: BookState

    @property
    def at(self) -> int:
        """When it was filled [ns, UTC]."""
        return self.filled.at


News = Barrier | Fill
"""What a strategy answers to."""


class Ready(msgspec.Struct, frozen=True, tag="READY"):
    """
    The answer to the first frame: the strategy is set up.

    Attributes:
        warmup: Bars that its slowest indicator needs [bars].
    """

    warmup: int


class Answer(msgspec.Struct, frozen=True, tag="ANSWER"):
    """What the strategy wishes upon news."""

    intents: list[Intent]


@unique
class Fault(Term):
    """Kind of a strategy's failure, as far as it decides about a restart."""

    DECLARED = "DECLARED"  # it cannot run as it is written: another try would fail alike
    RAISED = "RAISED"
    MEMORY = "MEMORY"


class Broke(msgspec.Struct, frozen=True, tag="BROKE"):
    """
    The strategy failed; nothing more will come.

    Attributes:
        text: What a person reads.
        traceback: Where it happened, cut to its end.
    """

    fault: Fault
    text: Text
    traceback: str


encode: Final = msgspec.msgpack.Encoder().encode
decode_told: Final = msgspec.msgpack.Decoder(Begin | Barrier | Fill).decode
decode_said: Final = msgspec.msgpack.Decoder(Ready | Answer | Broke).decode


def framed(message: msgspec.Struct) -> bytes:
    """Return a message as it goes over the wire."""
    body = encode(message)
    return len(body).to_bytes(LENGTH, "big") + body


def frame_from_panel(panel: Panel) -> PanelFrame:
    """Return a panel as bytes."""
    fields = {name: getattr(panel, name).tobytes() for name in FIELDS}
    return PanelFrame(
        panel.symbols, panel.opened.tobytes(), panel.known.tobytes(), fields, panel.basis
    )


def panel_from_frame(frame: PanelFrame) -> Panel:
    """Return the panel that was sent."""

    def ints(data: bytes) -> np.ndarray[Any, np.dtype[np.int64]]:
        return np.frombuffer(data, np.int64)

    width = len(frame.symbols)
    known = ints(frame.known)
    fields = {name: ints(data).reshape(width, len(known)) for name, data in frame.fields.items()}
    return Panel(frame.symbols, ints(frame.opened), known, fields, frame.basis)
