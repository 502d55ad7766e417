"""
What a company does to its shares, as events.

Each takes effect at the opening of its ex-date. `known_at` says when it could be known: a
backtest shows it to nobody earlier.
"""

from __future__ import annotations

from datetime import date

import msgspec

from maemae.domain.ids import Symbol


class ShareChange(msgspec.Struct, frozen=True, tag="SHARE_CHANGE"):
    """
    Split, reverse split, bonus issue, stock dividend, capital reduction.

    Attributes:
        numerator, denominator: `denominator` old shares become `numerator` new ones.
        cash_per_share: Paid for each fraction of a new share, as for a whole one [won].
    """

    symbol: Symbol
    ex_date: date
    known_at: int
    numerator: int
    denominator: int
    cash_per_share: int


class CashDividend(msgspec.Struct, frozen=True, tag="CASH_DIVIDEND"):
    """
    Cash for each share held before the ex-date, booked on the payment date.

    Attributes:
        amount: Before withholding [won a share].
        tax_ppm: Withheld; 154,000 for a resident individual (15.4 %).
        pay_date: When the cash arrives; `ex_date` decides who is entitled.
    """

    symbol: Symbol
    ex_date: date
    known_at: int
    amount: int
    pay_date: date
    tax_ppm: int = 154_000


class RightsIssue(msgspec.Struct, frozen=True, tag="RIGHTS_ISSUE"):
    """
    Right to buy `numerator` new shares for `denominator` old ones.

    maemae never subscribes by itself: the right is sold at `right_price`, or lapses at 0.

    Attributes:
        right_price: Received for each right [won].
    """

    symbol: Symbol
    ex_date: date
    known_at: int
    numerator: int
    denominator: int
    right_price: int


class Merger(msgspec.Struct, frozen=True, tag="MERGER"):
    """`denominator` shares of `symbol` become `numerator` shares of `successor`."""

    symbol: Symbol
    ex_date: date
    known_at: int
    successor: Symbol
    numerator: int
    denominator: int
    cash_per_share: int


class Delisting(msgspec.Struct, frozen=True, tag="DELISTING"):
    """The shares leave the exchange; holders get `cash_per_share` [won], often 0."""

    symbol: Symbol
    ex_date: date
    known_at: int
    cash_per_share: int


CorporateAction = ShareChange | CashDividend | RightsIssue | Merger | Delisting
