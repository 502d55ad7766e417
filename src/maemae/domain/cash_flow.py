"""Money that comes to or leaves a sleeve without a trade."""

from __future__ import annotations

from enum import unique

import msgspec

from maemae.domain.ids import AccountId, SleeveId
from maemae.domain.terms import Term


@unique
class CashFlowKind(Term):
    """Why money moved; only DIVIDEND is return, the others are flows and leave it alone."""

    DEPOSIT = "DEPOSIT"
    WITHDRAWAL = "WITHDRAWAL"
    TRANSFER = "TRANSFER"  # between sleeves of one account; the account's sum does not change
    DIVIDEND = "DIVIDEND"


class CashFlow(msgspec.Struct, frozen=True, tag="CASH_FLOW"):
    """
    Money in or out.

    Attributes:
        amount: Positive into the sleeve, negative out of it [won]; a transfer is positive and
            leaves `sleeve_id` for `to_sleeve_id`.
        at: When [ns, UTC].
    """

    account_id: AccountId
    sleeve_id: SleeveId
    kind: CashFlowKind
    amount: int
    at: int
    to_sleeve_id: SleeveId | None = None
