"""Money that comes to or leaves a sleeve without a trade."""

from __future__ import annotations

from enum import unique
from typing import Final

import msgspec

from maemae.domain.ids import AccountId, SleeveId
from maemae.domain.terms import Term


@unique
class CashFlowKind(Term):
    """Why money moved: RETURNS are return, the others are flows and leave it alone."""

    DEPOSIT = "DEPOSIT"
    WITHDRAWAL = "WITHDRAWAL"
    TRANSFER = "TRANSFER"  # between sleeves of one account; the account's sum does not change
    DIVIDEND = "DIVIDEND"
    FEE = "FEE"  # the broker's, for something else than a trade
    INTEREST = "INTEREST"  # on cash left with the broker (예탁금 이용료)
    CORRECTION = "CORRECTION"  # the broker sets an error right, either way


RETURNS: Final = frozenset({CashFlowKind.DIVIDEND, CashFlowKind.FEE, CashFlowKind.INTEREST})
"""What is earned or spent by having the account."""


class CashFlow(msgspec.Struct, frozen=True, tag="CASH_FLOW"):
    """
    Money in or out.

    Attributes:
        amount: Positive into the sleeve, negative out of it [won], and never 0: a withdrawal
            and a fee are negative, a correction is either, all others are positive. A transfer
            leaves `sleeve_id` for `to_sleeve_id`.
        at: When [ns, UTC].
    """

    account_id: AccountId
    sleeve_id: SleeveId
    kind: CashFlowKind
    amount: int
    at: int
    to_sleeve_id: SleeveId | None = None

    @property
    def has_right_sign(self) -> bool:
        """Whether the amount can be one of its kind."""
        if self.kind is CashFlowKind.CORRECTION:
            return self.amount != 0
        if self.kind in {CashFlowKind.WITHDRAWAL, CashFlowKind.FEE}:
            return self.amount < 0
        return self.amount > 0
