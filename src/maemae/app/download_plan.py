"""What a download takes, and how far it has come."""

from __future__ import annotations

import msgspec

from maemae.domain.ids import Symbol


class DownloadPlan(msgspec.Struct, frozen=True):
    """
    What a download takes.

    Attributes:
        requests: Of the chart, at most, those that are kept already left out.
        secs: At the server's rate.
        done: Instruments that are whole already.
    """

    requests: int
    secs: int
    done: int


class DownloadProgress(msgspec.Struct, frozen=True):
    """An instrument is whole, with so many bars."""

    symbol: Symbol
    bars: int
