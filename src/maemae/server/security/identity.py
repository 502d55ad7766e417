"""From a cookie or a token to who asks; nothing else in a request says who somebody is."""

from __future__ import annotations

from typing import Final

from starlette.requests import HTTPConnection

from maemae.server.security.actor import Actor
from maemae.server.security.cookie import secret_in
from maemae.server.security.refusals import not_logged_in, second_factor_needed
from maemae.server.security.secret import hash_of
from maemae.server.services import Services
from maemae.storage.people.logins import LiveLogin
from maemae.storage.people.users import User
from maemae.storage.tables.people import Permission

BEARER: Final = "bearer "
_TOUCHES_IN_IDLE: Final = 30
_TOUCHES_OF_TOKEN: Final = 60
_BOTH_FACTORS: Final = 2


def address_of(connection: HTTPConnection) -> str:
    """Return where a request comes from, as the guard at the door found out."""
    address: str = connection.state.address
    return address


def actor_of(services: Services, connection: HTTPConnection) -> Actor:
    """
    Return who asks; blocks.

    Raises:
        ProblemError: Nobody, or somebody who has not shown everything yet.
    """
    bearer = connection.headers.get("authorization", "")
    if bearer:
        if not bearer.lower().startswith(BEARER):
            raise not_logged_in()
        secret_hash = hash_of(bearer[len(BEARER) :].strip())
        return actor_of_token(services, secret_hash, address_of(connection))
    live = login_of(services, connection)
    if not is_complete(live):
        raise second_factor_needed()
    return actor_of_login(live, address_of(connection))


def login_of(services: Services, connection: HTTPConnection) -> LiveLogin:
    """
    Return the login of a request, with or without its second factor; blocks.

    Raises:
        ProblemError: There is none.
    """
    secret = secret_in(connection)
    if secret is None:
        raise not_logged_in()
    now, idle = services.wall.now(), services.config.patience.idle
    live = services.people.logins.find(hash_of(secret), now, idle)
    if live is None or live.user.is_locked:
        raise not_logged_in()
    if now - live.login.seen_at > idle // _TOUCHES_IN_IDLE:
        services.people.logins.touch(live.login.secret_hash, now)
    return live


def actor_of_login(live: LiveLogin, address: str) -> Actor:
    """Return who a login makes of somebody."""
    return Actor(
        user_id=live.user.user_id,
        permissions=live.user.permissions,
        accounts=live.accounts,
        login_hash=live.login.secret_hash,
        login_id=live.login.login_id,
        address=address,
        expires_at=live.login.expires_at,
        stepped_up_at=live.login.stepped_up_at,
    )


def is_complete(live: LiveLogin) -> bool:
    """Whether everything was shown that this person must show."""
    return live.login.factors >= _BOTH_FACTORS or not needs_second_factor(live.user)


def needs_second_factor(user: User) -> bool:
    """Whether a password is not enough: whoever has a second factor, or may do more than look."""
    return user.totp_secret is not None or user.permissions > {Permission.VIEW}


def actor_of_token(services: Services, secret_hash: bytes, address: str) -> Actor:
    """
    Return whose program asks, cut down to what its token may do; blocks.

    Raises:
        ProblemError: The token is good no longer.
    """
    now = services.wall.now()
    live = services.people.tokens.find(secret_hash, now)
    if live is None or live.user.is_locked:
        raise not_logged_in()
    idle = services.config.patience.idle
    if now - (live.token.last_used_at or 0) > idle // _TOUCHES_OF_TOKEN:
        services.people.tokens.touch(secret_hash, now)
    return Actor(
        user_id=live.user.user_id,
        permissions=_of_program(live.user.permissions, live.token.scope),
        accounts=live.accounts,
        login_hash=None,
        token_hash=secret_hash,
        address=address,
        expires_at=live.token.expires_at,
    )


def _of_program(held: frozenset[Permission], scope: frozenset[Permission]) -> frozenset[Permission]:
    """Return what a token may do: less than its owner, never administer; watch for an admin."""
    watched = scope & {Permission.WATCH} if Permission.ADMINISTER in held else frozenset()
    return ((held & scope) - {Permission.ADMINISTER}) | watched
