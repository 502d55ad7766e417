"""
The way in: a password, then the second factor, each with a new secret for the login.

Whatever goes wrong, the answer is the same sentence after the same work, so that nobody learns
which names exist. All of it blocks.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from enum import unique
from typing import Final

import msgspec

from maemae.domain.instant import SECOND
from maemae.domain.terms import Term
from maemae.domain.text import Text
from maemae.server import audit
from maemae.server.problem import ProblemError
from maemae.server.security import password_policy, refusals
from maemae.server.security.identity import is_complete, needs_second_factor
from maemae.server.security.roles import GRANTS, Role
from maemae.server.security.secret import hash_of, new_id, new_secret
from maemae.server.security.totp import matching_step, new_totp_secret
from maemae.server.services import Services
from maemae.storage.people.logins import LiveLogin, Login
from maemae.storage.people.users import User

RECOVERY_CODES: Final = 10

_CODE_PARTS: Final = 4
_PART_LENGTH: Final = 5
_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that looks like another


@unique
class Next(Term):
    """What is still to be shown."""

    TOTP = "TOTP"
    ENROL = "ENROL"
    DONE = "DONE"


class Entered(msgspec.Struct, frozen=True):
    """A login, the secret that its cookie carries, and what comes next."""

    login: Login
    secret: str
    next: Next


class Visitor(msgspec.Struct, frozen=True):
    """Where somebody comes from, and what their browser calls itself."""

    address: str
    device: str


def log_in(services: Services, user_id: str, password: str, visitor: Visitor) -> Entered:
    """
    Begin a login by password.

    Raises:
        ProblemError: It is not let in; the reason is not told.
    """
    now = services.wall.now()
    require_open(services, visitor.address)
    user = services.people.users.find(user_id)
    known = None if user is None else user.password_hash
    is_right = services.passwords.is_right(known, password)
    if user is None or known is None or not is_right or user.is_locked or user.is_paused(now):
        _count_failure(services, user_id, visitor, "LOGIN_REFUSED")
        raise refusals.wrong_credentials()
    if services.passwords.is_weaker(known):
        services.people.users.set_password(user_id, services.passwords.hash(password), known)
    return begin(services, user, visitor, factors=1)


def log_in_by_supabase(services: Services, token: str, visitor: Visitor) -> Entered:
    """
    Begin a login of somebody whom the configured Supabase project knows.

    Both factors shown there count as both; one of them is a password shown here.

    Raises:
        ProblemError: No project is configured, or it is not let in.
    """
    if services.supabase is None:
        raise refusals.no_such(Text("Supabase 로그인", "login by Supabase"))
    require_open(services, visitor.address)
    identity = services.supabase.identify(token)
    user = services.people.users.find_by_subject(identity.subject)
    if user is None or user.is_locked:
        _count_failure(services, "", visitor, "LOGIN_REFUSED")
        raise refusals.not_logged_in()
    return begin(services, user, visitor, factors=2 if identity.has_both_factors else 1)


def begin(
    services: Services,
    user: User,
    visitor: Visitor,
    *,
    factors: int,
    has_just_shown_code: bool = False,
) -> Entered:
    """Begin a login of somebody who has shown so many factors."""
    now, patience = services.wall.now(), services.config.patience
    is_done = factors > 1 or not needs_second_factor(user)
    secret = new_secret()
    login = Login(
        secret_hash=hash_of(secret),
        login_id=new_id(),
        user_id=user.user_id,
        device=visitor.device,
        address=visitor.address,
        factors=factors,
        began_at=now,
        seen_at=now,
        expires_at=now + (patience.absolute if is_done else patience.half_way),
        stepped_up_at=now if has_just_shown_code else None,
    )
    services.people.logins.begin(login)
    if is_done:
        services.people.attempts.succeed(user.user_id)
        return Entered(login, secret, Next.DONE)
    return Entered(login, secret, Next.ENROL if user.totp_secret is None else Next.TOTP)


def show_code(services: Services, live: LiveLogin, code: str, visitor: Visitor) -> Entered:
    """
    Show the second factor: to complete a login, or to step up.

    Raises:
        ProblemError: The code is wrong, or was used.
    """
    return _show(services, live, visitor, lambda: is_right_code(services, live.user, code))


def show_recovery_code(services: Services, live: LiveLogin, code: str, visitor: Visitor) -> Entered:
    """
    Show a recovery code instead of the second factor; it is good once.

    Raises:
        ProblemError: The code is wrong, or was used.
    """
    code_hash = hash_of("".join(code.upper().replace("-", " ").split()))

    def is_good() -> bool:
        now = services.wall.now()
        return services.people.recovery_codes.use(live.user.user_id, code_hash, now)

    return _show(services, live, visitor, is_good)


def is_right_code(services: Services, user: User, code: str) -> bool:
    """Whether a code is of the second factor and of now; it is used up."""
    factor = services.people.second_factors.current(user.user_id)
    if factor is None:
        return False
    step = _step(services, factor.secret, code)
    return step is not None and services.people.second_factors.use_step(user.user_id, step)


def offer_second_factor(services: Services, user: User) -> str:
    """Return a new secret for an authenticator; it counts once a code of it was shown."""
    secret = new_totp_secret()
    services.people.second_factors.offer(user.user_id, secret)
    return secret


def confirm_second_factor(
    services: Services, live: LiveLogin, code: str, visitor: Visitor
) -> tuple[Entered, list[str]]:
    """
    Make the offered second factor count; return new recovery codes. Every other login ends.

    Raises:
        ProblemError: The code is not of what was offered.
    """
    now, user_id = services.wall.now(), live.user.user_id
    require_open(services, visitor.address)
    offered = services.people.second_factors.offered(user_id)
    step = None if offered is None else _step(services, offered.secret, code)
    if offered is None or step is None or live.user.is_paused(now):
        _count_failure(services, user_id, visitor, "CODE_REFUSED")
        raise refusals.wrong_code()
    if not services.people.second_factors.confirm(user_id, offered.sealed, step):
        raise refusals.wrong_code()
    codes = new_recovery_codes(services, user_id)
    services.people.logins.end_all(user_id, now)
    entered = begin(services, live.user, visitor, factors=2, has_just_shown_code=True)
    return entered, codes


def change_password(
    services: Services, live: LiveLogin, old: str, new: str, visitor: Visitor
) -> Entered:
    """
    Change a password; every other login ends.

    Raises:
        ProblemError: The old one is wrong, or the new one is not taken.
    """
    user, now = live.user, services.wall.now()
    require_open(services, visitor.address)
    require_good_password(user.user_id, new)
    if not services.passwords.is_right(user.password_hash, old) or user.is_paused(now):
        _count_failure(services, user.user_id, visitor, "PASSWORD_REFUSED")
        raise refusals.wrong_credentials()
    hashed = services.passwords.hash(new)
    if not services.people.users.set_password(user.user_id, hashed, user.password_hash):
        raise refusals.wrong_credentials()
    services.people.logins.end_all(user.user_id, now)
    return begin(services, user, visitor, factors=live.login.factors)


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
    require_open(services, visitor.address)
    invitation = services.people.invitations.find(hash_of(secret), now)
    if invitation is None:
        _count_failure(services, "", visitor, "INVITATION_REFUSED")
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
    return begin(services, user, visitor, factors=1)


def require_good_password(user_id: str, password: str) -> None:
    """
    Refuse a password that is guessed early.

    Raises:
        ProblemError: It is.
    """
    why = password_policy.objection(user_id, password)
    if why is not None:
        raise ProblemError(422, "WEAK_PASSWORD", why)


def require_open(services: Services, address: str) -> None:
    """
    Refuse an address from which too many attempts failed.

    Raises:
        ProblemError: It must wait.
    """
    left = services.people.attempts.blocked_until(address) - services.wall.now()
    if left > 0:
        raise refusals.wait_a_while(left // SECOND + 1)


def new_recovery_codes(services: Services, user_id: str) -> list[str]:
    """Return new recovery codes; earlier ones are good no longer."""
    codes = ["-".join(_part() for _ in range(_CODE_PARTS)) for _ in range(RECOVERY_CODES)]
    hashes = [hash_of(code.replace("-", "")) for code in codes]
    services.people.recovery_codes.put(user_id, hashes, services.wall.now())
    return codes


def _count_failure(services: Services, user_id: str, visitor: Visitor, action: str) -> None:
    """Count and record it: the same work for a person that there is not."""
    services.people.attempts.fail(user_id, visitor.address, services.wall.now())
    audit.record_stranger(services, visitor.address, action, user_id)


def _part() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(_PART_LENGTH))


def _step(services: Services, secret: str, code: str) -> int | None:
    past = services.config.totp_past_steps
    return matching_step(secret, code, services.wall.now(), past)


def _show(
    services: Services, live: LiveLogin, visitor: Visitor, is_right: Callable[[], bool]
) -> Entered:
    now, login = services.wall.now(), live.login
    require_open(services, visitor.address)
    if live.user.is_paused(now) or not is_right():
        _count_failure(services, live.user.user_id, visitor, "CODE_REFUSED")
        raise refusals.wrong_code()
    services.people.attempts.succeed(live.user.user_id)
    secret = new_secret()
    # Stepping up does not make a login last longer.
    expires_at = login.expires_at if is_complete(live) else now + services.config.patience.absolute
    further = msgspec.structs.replace(
        login,
        secret_hash=hash_of(secret),
        address=visitor.address,
        factors=2,
        seen_at=now,
        expires_at=expires_at,
        stepped_up_at=now,
    )
    if not services.people.logins.replace(login.secret_hash, further):
        raise refusals.not_logged_in()
    return Entered(further, secret, Next.DONE)
