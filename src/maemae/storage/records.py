"""What a journal holds: its header, and one record for each event or wish, chained by hashes."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from typing import Final

import msgspec

from maemae.core.actions import Action
from maemae.core.events import Event, InstrumentUpdated, PhaseChanged, PriceUpdated, TimePassed
from maemae.core.state import CoreState
from maemae.domain.ids import AccountId, SleeveId
from maemae.domain.intent import Intent

Observation = PriceUpdated | PhaseChanged | InstrumentUpdated | TimePassed
"""Events that only tell of the market; one that nothing follows from is not journaled."""


class Wished(msgspec.Struct, frozen=True, tag="WISHED"):
    """
    What one call of a strategy brought forth, before anything was done about it.

    Attributes:
        at: Instant of the call: of its barrier, or of the fill it was told [ns, UTC].
    """

    account_id: AccountId
    sleeve_id: SleeveId
    at: int
    intents: tuple[Intent, ...]


class Header(msgspec.Struct, frozen=True):
    """
    What a journal belongs to.

    Attributes:
        run_id: Name of the run, for people.
        market: Digest of the market data; other data cannot continue the journal.
        config: Digest of accounts, costs and limits; others cannot continue the journal.
        fingerprint: Build that began it (`maemae.storage.fingerprint`); the same build gives
            the same bytes.
        started: When it was begun, by the wall clock [ns, UTC].
    """

    run_id: str
    market: str
    config: str
    fingerprint: str
    started: int


class Record(msgspec.Struct, frozen=True):
    """
    One durable record.

    Attributes:
        seq: Number of the record, from 1 without a gap.
        event: What came in, or what a strategy wished.
        raw: The same as it was encoded.
        actions: What followed; nothing for a wish.
    """

    seq: int
    event: Event | Wished
    raw: bytes
    actions: list[Action]


encode: Final = msgspec.msgpack.Encoder().encode
decode_event: Final = msgspec.msgpack.Decoder(Event | Wished).decode
decode_actions: Final = msgspec.msgpack.Decoder(list[Action]).decode
decode_state: Final = msgspec.msgpack.Decoder(CoreState).decode


def is_worth_a_record(event: Event, actions: Sequence[Action]) -> bool:
    """Return whether anything followed, or the event is more than an observation."""
    return bool(actions) or not isinstance(event, Observation)


def first_hash(header: Header) -> bytes:
    """Return the hash that the first record continues."""
    return hashlib.sha256(encode(header)).digest()


def next_hash(before: bytes, seq: int, event: bytes, actions: bytes) -> bytes:
    """Return the hash of a record: over its number, its bytes and every record before it."""
    numbers = _NUMBERS.pack(seq, len(event))
    return hashlib.sha256(b"".join((before, numbers, event, actions))).digest()


def snapshot_hash(at_record: bytes, state: bytes) -> bytes:
    """Return the hash of a snapshot: over the record it was taken after and its own bytes."""
    return hashlib.sha256(at_record + state).digest()


_NUMBERS: Final = struct.Struct(">QQ")  # of the record, and of the bytes of its event
