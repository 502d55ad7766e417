"""A run of a strategy: which code with which values, in which sleeve, from when to when."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from maemae.domain.ids import AccountId, SleeveId


class Run(msgspec.Struct, frozen=True):
    """
    One run of a strategy in a sleeve.

    Attributes:
        run_id: The same start always makes the same one.
        spec: A bundled name, or `my.py:MyStrategy`.
        values: Of its parameters.
        code_hash: Of its source when it began; changed code is another run.
        cash: Allotted for it when it began [won].
        began_at, paused_at, ended_at: Wall time [ns, UTC].
        pause_reason, end_reason: Who and why; None before.
    """

    run_id: str
    spec: str
    values: Mapping[str, int | float]
    code_hash: str
    account_id: AccountId
    sleeve_id: SleeveId
    cash: int
    began_at: int
    paused_at: int | None = None
    pause_reason: str | None = None
    ended_at: int | None = None
    end_reason: str | None = None
