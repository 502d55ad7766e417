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
from maemae.storage.people.remembered import NotRememberedError
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


def actor_of(services: Services, connection: HTTPConnection, *, at_once: bool = False) -> Actor:
    """
    Return who asks; blocks, unless it is wanted at once.

    Raises:
        ProblemError: Nobody, or somebody who has not shown everything yet.
        NotRememberedError: It is wanted at once, and must be looked up.
    """
    token_hash = _token_hash_in(connection)
    if token_hash is not None:
        return actor_of_token(services, token_hash, address_of(connection), at_once=at_once)
    live = login_of(services, connection, at_once=at_once)
    if not is_complete(live):
        raise second_factor_needed()
    return actor_of_login(live, address_of(connection))


def require_no_stranger(services: Services, connection: HTTPConnection) -> None:
    """
    Refuse who shows nothing, or what is remembered to be good for nothing; waits for nothing.

    Raises:
        ProblemError: They do.
    """
    now, idle = services.wall.now(), services.config.patience.idle
    token_hash, secret = _token_hash_in(connection), secret_in(connection)
    found: object = None
    try:
        if token_hash is not None:
            found = services.people.tokens.recall(token_hash, now)
        elif secret is not None:
            found = services.people.logins.recall(hash_of(secret), now, idle)
    except NotRememberedError:
        return  # a gate looks it up
    if found is None:
        raise not_logged_in()


def login_of(services: Services, connection: HTTPConnection, *, at_once: bool = False) -> LiveLogin:
    """
    Return the login of a request, with or without its second factor; blocks as above.

    Raises:
        ProblemError: There is none.
        NotRememberedError: As above.
    """
    secret = secret_in(connection)
    if secret is None:
        raise not_logged_in()
    now, idle, logins = services.wall.now(), services.config.patience.idle, services.people.logins
    live = (logins.recall if at_once else logins.find)(hash_of(secret), now, idle)
    if live is None or live.user.is_locked:
        raise not_logged_in()
    if now - live.login.seen_at > idle // _TOUCHES_IN_IDLE:
        if at_once:
            raise NotRememberedError
        logins.touch(live.login.secret_hash, now)
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


def actor_of_token(
    services: Services, secret_hash: bytes, address: str, *, at_once: bool = False
) -> Actor:
    """
    Return whose program asks, cut down to what its token may do; blocks as above.

    Raises:
        ProblemError: The token is good no longer.
        NotRememberedError: As above.
    """
    now, tokens = services.wall.now(), services.people.tokens
    live = (tokens.recall if at_once else tokens.find)(secret_hash, now)
    if live is None or live.user.is_locked:
        raise not_logged_in()
    idle = services.config.patience.idle
    if now - (live.token.last_used_at or 0) > idle // _TOUCHES_OF_TOKEN:
        if at_once:
            raise NotRememberedError
        tokens.touch(secret_hash, now)
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


def _token_hash_in(connection: HTTPConnection) -> bytes | None:
    """Return the hash of the token that a program shows; None if it shows none."""
    bearer = connection.headers.get("authorization", "")
    if not bearer:
        return None
    if not bearer.lower().startswith(BEARER):
        raise not_logged_in()
    return hash_of(bearer[len(BEARER) :].strip())
