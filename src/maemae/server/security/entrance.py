"""
The way in: a password, then the second factor, each with a new secret for the login.

Whatever goes wrong, the answer is the same sentence after the same work, so that nobody learns
which names exist. All of it blocks.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import unique

import msgspec

from maemae.domain.instant import SECOND
from maemae.domain.terms import Term
from maemae.domain.text import Text
from maemae.server import audit
from maemae.server.security import refusals
from maemae.server.security.actor import Actor
from maemae.server.security.identity import is_complete, needs_second_factor
from maemae.server.security.secret import hash_of, new_id, new_secret
from maemae.server.security.totp import matching_step
from maemae.server.services import Services
from maemae.storage.people.known_devices import KnownDevice
from maemae.storage.people.logins import LiveLogin, Login
from maemae.storage.people.users import User


@unique
class Next(Term):
    """What is still to be shown."""

    TOTP = "TOTP"
    ENROL = "ENROL"
    DONE = "DONE"


class Entered(msgspec.Struct, frozen=True):
    """
    A login, the secret that its cookie carries, and what comes next.

    Attributes:
        mark: What the device is known by from now on; None before everything was shown.
    """

    login: Login
    secret: str
    next: Next
    mark: str | None = None


class Visitor(msgspec.Struct, frozen=True):
    """
    Where somebody comes from, and with what.

    Attributes:
        device: What their browser calls itself.
        mark: Secret of a device that somebody got in with, as their browser tells it.
    """

    address: str
    device: str
    mark: str | None = None


def log_in(services: Services, user_id: str, password: str, visitor: Visitor) -> Entered:
    """
    Begin a login by password.

    Raises:
        ProblemError: It is not let in; the reason is not told.
    """
    require_open(services, user_id, visitor)
    user = services.people.users.find(user_id)
    known = None if user is None else user.password_hash
    is_right = services.passwords.is_right(known, password)
    if user is None or known is None or not is_right or must_wait(services, user, visitor):
        count_failure(services, user_id, visitor, "LOGIN_REFUSED")
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
    require_open(services, "", visitor)
    identity = services.supabase.identify(token)
    user = services.people.users.find_by_subject(identity.subject)
    if user is None or user.is_locked:
        count_failure(services, "", visitor, "LOGIN_REFUSED")
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
        mark = _succeed(services, user.user_id, visitor)
        record(services, login, "LOGIN")
        return Entered(login, secret, Next.DONE, mark)
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
    step = step_shown(services, factor.secret, code)
    return step is not None and services.people.second_factors.use_step(user.user_id, step)


def require_open(services: Services, user_id: str, visitor: Visitor) -> None:
    """
    Refuse an address from which too many attempts failed, unless the device is known.

    Raises:
        ProblemError: It must wait.
    """
    left = services.people.attempts.blocked_until(visitor.address) - services.wall.now()
    if left > 0 and _known(services, user_id, visitor) is None:
        raise refusals.wait_a_while(left // SECOND + 1)


def must_wait(services: Services, user: User, visitor: Visitor) -> bool:
    """Whether somebody is locked out, or this device of theirs, or every unknown one, for now."""
    now, device = services.wall.now(), _known(services, user.user_id, visitor)
    return user.is_locked or (user if device is None else device).is_paused(now)


def record(services: Services, login: Login, action: str, subject: str = "") -> None:
    """Record what somebody did about their own ways in."""
    actor = Actor(
        user_id=login.user_id,
        permissions=frozenset(),
        accounts=frozenset(),
        login_hash=login.secret_hash,
        address=login.address,
    )
    audit.record(services, actor, action, subject or login.login_id)


def count_failure(services: Services, user_id: str, visitor: Visitor, action: str) -> None:
    """Count and record it: the same work for a person that there is not."""
    device = _known(services, user_id, visitor)
    entry = audit.entry_of_stranger(services.wall.now(), visitor.address, action, user_id)
    if device is None:
        services.people.attempts.fail(user_id, visitor.address, entry)
    else:
        services.people.known_devices.fail(user_id, device.mark_hash, entry)


def step_shown(services: Services, secret: str, code: str) -> int | None:
    """Return the step that a code is of; None if it is of none that counts now."""
    past = services.config.totp_past_steps
    return matching_step(secret, code, services.wall.now(), past)


def _show(
    services: Services, live: LiveLogin, visitor: Visitor, is_right: Callable[[], bool]
) -> Entered:
    now, login = services.wall.now(), live.login
    require_open(services, live.user.user_id, visitor)
    if must_wait(services, live.user, visitor) or not is_right():
        count_failure(services, live.user.user_id, visitor, "CODE_REFUSED")
        raise refusals.wrong_code()
    mark, secret = _succeed(services, live.user.user_id, visitor), new_secret()
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
    record(services, further, "STEP_UP" if is_complete(live) else "LOGIN")
    return Entered(further, secret, Next.DONE, mark)


def _known(services: Services, user_id: str, visitor: Visitor) -> KnownDevice | None:
    """Return the device that somebody comes with, if they got in with it before."""
    if visitor.mark is None:
        return None
    return services.people.known_devices.find(user_id, hash_of(visitor.mark))


def _succeed(services: Services, user_id: str, visitor: Visitor) -> str:
    """Forget the failures of this device, or those of all unknown ones; return its mark."""
    device, mark = _known(services, user_id, visitor), visitor.mark
    if device is None or mark is None:
        services.people.attempts.succeed(user_id)
        mark = new_secret()
    services.people.known_devices.succeed(user_id, hash_of(mark), services.wall.now())
    return mark
