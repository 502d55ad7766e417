"""Each role includes the ones before it; a token never administers."""

from __future__ import annotations

from itertools import pairwise

from maemae.domain.ids import AccountId
from maemae.domain.terms import Mode
from maemae.server.security.actor import Actor
from maemae.server.security.roles import GRANTS, TO_TRADE, Role, role_of
from maemae.storage.tables.people import Permission

MINE, THEIRS = AccountId("mine"), AccountId("theirs")


def actor(role: Role) -> Actor:
    return Actor("somebody", GRANTS[role], frozenset({MINE}), b"login", "127.0.0.1")


def test_every_role_and_mode_has_a_row() -> None:
    assert set(GRANTS) == set(Role)
    assert set(TO_TRADE) == set(Mode)


def test_each_role_includes_the_one_before_it() -> None:
    assert all(GRANTS[lesser] < GRANTS[greater] for lesser, greater in pairwise(Role))


def test_role_is_the_greatest_whose_permissions_are_all_there() -> None:
    assert {role: role_of(GRANTS[role]) for role in Role} == {role: role for role in Role}
    assert role_of(frozenset()) is None
    assert role_of(frozenset({Permission.VIEW, Permission.TRADE_REAL})) is Role.VIEWER


def test_trading_needs_the_role_of_the_mode_and_the_account() -> None:
    may = {(role, mode) for role in Role for mode in Mode if actor(role).may_trade(MINE, mode)}

    assert may == {
        *((Role.PAPER_TRADER, mode) for mode in (Mode.SIM, Mode.PAPER)),
        *((role, mode) for role in (Role.REAL_TRADER, Role.ADMIN) for mode in Mode),
    }
    assert not any(actor(Role.REAL_TRADER).may_trade(THEIRS, mode) for mode in Mode)
    assert actor(Role.ADMIN).may_see(THEIRS)
    assert not actor(Role.REAL_TRADER).may_see(THEIRS)
