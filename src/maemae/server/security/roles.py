"""Roles, each a set of permissions; a person has exactly one."""

from __future__ import annotations

from collections.abc import Mapping
from enum import unique
from typing import Final

from maemae.domain.terms import Mode, Term
from maemae.storage.tables.people import Permission


@unique
class Role(Term):
    """What a person is to this installation; each includes the ones before it."""

    VIEWER = "VIEWER"  # reads prices and own pages
    PAPER_TRADER = "PAPER_TRADER"  # trades SIM and PAPER
    REAL_TRADER = "REAL_TRADER"  # trades REAL too, within armed accounts
    ADMIN = "ADMIN"  # everything, and users


GRANTS: Final[Mapping[Role, frozenset[Permission]]] = {
    Role.VIEWER: frozenset({Permission.VIEW}),
    Role.PAPER_TRADER: frozenset({Permission.VIEW, Permission.TRADE_PAPER}),
    Role.REAL_TRADER: frozenset({Permission.VIEW, Permission.TRADE_PAPER, Permission.TRADE_REAL}),
    Role.ADMIN: frozenset(
        {Permission.VIEW, Permission.TRADE_PAPER, Permission.TRADE_REAL, Permission.ADMINISTER}
    ),
}
"""What each role may do; every role is a row."""

TO_TRADE: Final[Mapping[Mode, Permission]] = {
    Mode.SIM: Permission.TRADE_PAPER,
    Mode.PAPER: Permission.TRADE_PAPER,
    Mode.REAL: Permission.TRADE_REAL,
}
"""What it takes to trade in a mode; every mode is a row."""


def role_of(permissions: frozenset[Permission]) -> Role | None:
    """Return the greatest role whose permissions are all there; None if there is none."""
    held = [role for role, granted in GRANTS.items() if granted <= permissions]
    return held[-1] if held else None
