"""
What somebody chooses: a password by a one-time link, a second factor, other ones later.

Whoever changes a factor ends every other login of theirs, and their tokens. All of it blocks.
"""

from __future__ import annotations

import secrets
from typing import Final

from maemae.server.problem import ProblemError
from maemae.server.security import password_policy, refusals
from maemae.server.security.entrance import (
    Entered,
    Visitor,
    begin,
    count_failure,
    must_wait,
    record,
    require_open,
    step_shown,
)
from maemae.server.security.roles import GRANTS, Role
from maemae.server.security.secret import hash_of
from maemae.server.security.totp import new_totp_secret
from maemae.server.services import Services
from maemae.storage.people.logins import LiveLogin
from maemae.storage.people.users import User

RECOVERY_CODES: Final = 10

_CODE_PARTS: Final = 4
_PART_LENGTH: Final = 5
_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that looks like another


def offer_second_factor(services: Services, user: User) -> str:
    """Return a new secret for an authenticator; it counts once a code of it was shown."""
    secret = new_totp_secret()
    services.people.second_factors.offer(user.user_id, secret)
    return secret


def confirm_second_factor(
    services: Services, live: LiveLogin, code: str, visitor: Visitor
) -> tuple[Entered, list[str]]:
    """
    Make the offered second factor count; return new recovery codes.

    Every other login ends, and every token.

    Raises:
        ProblemError: The code is not of what was offered.
    """
    user_id = live.user.user_id
    require_open(services, user_id, visitor)
    offered = services.people.second_factors.offered(user_id)
    step = None if offered is None else step_shown(services, offered.secret, code)
    if offered is None or step is None or must_wait(services, live.user, visitor):
        count_failure(services, user_id, visitor, "CODE_REFUSED")
        raise refusals.wrong_code()
    if not services.people.second_factors.confirm(user_id, offered.sealed, step):
        raise refusals.wrong_code()
    codes = new_recovery_codes(services, user_id)
    end_ways_in(services, user_id)
    entered = begin(services, live.user, visitor, factors=2, has_just_shown_code=True)
    record(services, entered.login, "ENROL_SECOND_FACTOR")
    return entered, codes


def change_password(
    services: Services, live: LiveLogin, old: str, new: str, visitor: Visitor
) -> Entered:
    """
    Change a password; every other login ends, and every token.

    Raises:
        ProblemError: The old one is wrong, or the new one is not taken.
    """
    user = live.user
    require_open(services, user.user_id, visitor)
    require_good_password(user.user_id, new)
    is_right = services.passwords.is_right(user.password_hash, old)
    if not is_right or must_wait(services, user, visitor):
        count_failure(services, user.user_id, visitor, "PASSWORD_REFUSED")
        raise refusals.wrong_credentials()
    hashed = services.passwords.hash(new)
    if not services.people.users.set_password(user.user_id, hashed, user.password_hash):
        raise refusals.wrong_credentials()
    end_ways_in(services, user.user_id)
    entered = begin(services, user, visitor, factors=live.login.factors)
    record(services, entered.login, "CHANGE_PASSWORD")
    return entered


def accept_invitation(
    services: Services, secret: str, user_id: str | None, password: str, visitor: Visitor
) -> Entered:
    """
    Make a person of a one-time link, and log them in.

    Args:
        services: Of the app.
        secret: Of the link.
        user_id: What the first administrator wants to be called; others were given a name.
        password: Theirs from now on.
        visitor: Who comes.

    Raises:
        ProblemError: The link is no good, the name is taken or the password is not taken.
    """
    now = services.wall.now()
    require_open(services, "", visitor)
    invitation = services.people.invitations.find(hash_of(secret), now)
    if invitation is None:
        count_failure(services, "", visitor, "INVITATION_REFUSED")
        raise refusals.no_such_invitation()
    name = invitation.user_id
    if invitation.made_by is None and user_id:
        name = user_id
    require_good_password(name, password)
    hashed = services.passwords.hash(password)
    granted = GRANTS[Role(invitation.role)]
    if not services.people.invitations.accept(invitation, name, hashed, granted, now):
        raise refusals.name_taken(name)
    user = services.people.users.find(name)
    if user is None:
        raise refusals.no_such_invitation()
    entered = begin(services, user, visitor, factors=1)
    record(services, entered.login, "ACCEPT_INVITATION")
    return entered


def end_ways_in(services: Services, user_id: str) -> None:
    """End every login and every token of somebody: whoever stole one factor is out with it."""
    now = services.wall.now()
    services.people.logins.end_all(user_id, now)
    services.people.tokens.revoke_all(user_id, now)


def require_good_password(user_id: str, password: str) -> None:
    """
    Refuse a password that is guessed early.

    Raises:
        ProblemError: It is.
    """
    why = password_policy.objection(user_id, password)
    if why is not None:
        raise ProblemError(422, "WEAK_PASSWORD", why)


def new_recovery_codes(services: Services, user_id: str) -> list[str]:
    """Return new recovery codes; earlier ones are good no longer."""
    codes = ["-".join(_part() for _ in range(_CODE_PARTS)) for _ in range(RECOVERY_CODES)]
    hashes = [hash_of(code.replace("-", "")) for code in codes]
    services.people.recovery_codes.put(user_id, hashes, services.wall.now())
    return codes


def _part() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(_PART_LENGTH))
