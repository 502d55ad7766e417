"""What an archive says of itself."""

from __future__ import annotations

from typing import Final

import msgspec

FORMAT: Final = 1
"""Version of the archive's layout."""

MANIFEST: Final = "manifest.json"
DATABASE: Final = "database.sqlite"
TAPES: Final = "tape/"
CONFIG: Final = "config/"


class Member(msgspec.Struct, frozen=True):
    """One file: its name in the archive, size [bytes] and SHA-256."""

    name: str
    size: int
    sha256: str


class Head(msgspec.Struct, frozen=True, order=True):
    """
    Where the journal of an executor ends.

    Attributes:
        executor_id: Executor whose state was kept.
        seq: Number of the newest record.
        hash: Its link of the chain, which proves every record before it.
        epoch: Of the newest lease.
    """

    executor_id: int
    seq: int
    hash: str
    epoch: int


class Contents(msgspec.Struct, frozen=True):
    """
    What a database holds, in figures that a restored one must show again.

    Attributes:
        revision: Of the schema; empty where no migration ever ran.
        counts: Rows of every table.
        heads: Ends of the journals, by executor.
    """

    revision: str
    counts: dict[str, int]
    heads: tuple[Head, ...]


class Manifest(msgspec.Struct, frozen=True):
    """
    Last member of an archive.

    Attributes:
        format: `FORMAT` of whoever wrote it.
        made_at: Wall time [ns, UTC].
        build: Fingerprint of the maemae that wrote it.
        contents: Of the database.
        members: Every other file, in the archive's order.
    """

    format: int
    made_at: int
    build: str
    contents: Contents
    members: tuple[Member, ...]
