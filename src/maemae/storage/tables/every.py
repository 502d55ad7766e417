"""Every table, so that whoever needs all of them need not know where each one lies."""

from __future__ import annotations

from typing import Final

from maemae.storage.tables import (
    accounts,
    books,
    journal,
    operations,
    orders,
    people,
    strategies,
)
from maemae.storage.tables.metadata import METADATA

MODULES: Final = (people, accounts, strategies, orders, books, journal, operations)
"""Importing them is what fills the MetaData."""

ALL: Final = METADATA
