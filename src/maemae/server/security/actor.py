"""Who asks, and what they may do; routes see nothing else of logins, tokens and roles."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from maemae.domain.ids import AccountId
from maemae.domain.terms import Mode
from maemae.server.security.roles import TO_TRADE
from maemae.storage.tables.people import Permission


class Actor(msgspec.Struct, frozen=True):
    """
    A person or a program of theirs, identified by a login or a token and by nothing else.

    Attributes:
        permissions: Of their role, cut down to the token's scope if they came by one.
        accounts: Accounts they were granted; an administrator sees every one.
        login_hash: Of their login; None for a token.
        address: Where the request comes from.
        login_id: Name of their login, which stays when its secret is replaced; None for a token.
        token_hash: Of their token; None for a login.
        expires_at: When their login or token ends, whatever happens [ns, UTC].
        stepped_up_at: When they last showed the second factor in this login [ns, UTC].
    """

    user_id: str
    permissions: frozenset[Permission]
    accounts: frozenset[AccountId]
    login_hash: bytes | None
    address: str
    login_id: str | None = None
    token_hash: bytes | None = None
    expires_at: int | None = None
    stepped_up_at: int | None = None

    @property
    def is_admin(self) -> bool:
        """Whether they may do everything."""
        return Permission.ADMINISTER in self.permissions

    def may_see(self, account_id: AccountId) -> bool:
        """Whether an account is theirs to look at."""
        return self.is_admin or account_id in self.accounts

    def may_trade(self, account_id: AccountId, mode: Mode) -> bool:
        """Whether an account, which is of that mode, is theirs to trade."""
        return self.may_see(account_id) and TO_TRADE[mode] in self.permissions

    def may_any(self, permissions: Collection[Permission]) -> bool:
        """Whether they hold one of these."""
        return not self.permissions.isdisjoint(permissions)
