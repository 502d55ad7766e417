"""
The gates of routes: each is a type of a parameter, and resolves to who asks.

`def get_orders(actor: Viewer)` is reached by nobody who may not look. An account in a request is
looked up with `line_to_see` or `line_to_trade`, which know whose it is and whether it is armed.
What waits for nothing is `async`, so that no thread is asked for it; who asks is looked up in one
only if they are not remembered.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, Final

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from maemae.domain.ids import AccountId
from maemae.domain.terms import Mode
from maemae.server.executor_line import ExecutorLine
from maemae.server.security import refusals
from maemae.server.security.actor import Actor
from maemae.server.security.cookie import mark_in
from maemae.server.security.identity import (
    actor_of,
    actor_of_login,
    address_of,
    is_complete,
    login_of,
)
from maemae.server.security.rates import Asker, counted_address
from maemae.server.security.secret import hash_of
from maemae.server.services import Services, services_of
from maemae.storage.people.logins import LiveLogin
from maemae.storage.people.remembered import NotRememberedError
from maemae.storage.tables.people import Permission

_KILL: Final = "/api/kill"


async def viewer_gate(request: Request) -> Actor:
    """Return who asks, if they may look."""
    return await _known(request, Permission.VIEW)


async def watcher_gate(request: Request) -> Actor:
    """Return who asks, if they may read the figures of the machine."""
    return await _known(request, Permission.ADMINISTER, Permission.WATCH)


async def _known(request: Request, *permissions: Permission) -> Actor:
    services = services_of(request)
    try:
        actor = actor_of(services, request, at_once=True)
    except NotRememberedError:
        actor = await run_in_threadpool(actor_of, services, request)
    if not _presses_kill(request):
        await count(services, actor)
    if not actor.may_any(permissions):
        raise refusals.not_allowed()
    return actor


def _presses_kill(request: Request) -> bool:
    """Whether somebody wants everything stopped: nobody has asked too often for that."""
    return request.method == "POST" and request.url.path == _KILL


Viewer = Annotated[Actor, Depends(viewer_gate)]
"""Anybody who may look."""


def _gate(*permissions: Permission) -> Callable[[Actor], Awaitable[Actor]]:
    async def gate(actor: Viewer) -> Actor:
        if not actor.may_any(permissions):
            raise refusals.not_allowed()
        return actor

    return gate


async def _stepped_up(actor: Viewer, request: Request) -> Actor:
    if stepped_up_until(services_of(request), actor) is None:
        raise refusals.step_up_needed()
    return actor


async def half_way_gate(request: Request) -> LiveLogin:
    """Return the login of a request, even before the second factor."""
    services = services_of(request)
    try:
        live = login_of(services, request, at_once=True)
    except NotRememberedError:
        live = await run_in_threadpool(login_of, services, request)
    await services.rates.take(Asker.USER, live.user.user_id)
    return live


HalfWay = Annotated[LiveLogin, Depends(half_way_gate)]
"""Anybody with a login, even before the second factor; only for what completes or ends one."""


async def _complete(live: HalfWay) -> LiveLogin:
    if not is_complete(live):
        raise refusals.second_factor_needed()
    return live


async def _enroller(live: HalfWay, request: Request) -> LiveLogin:
    """Whoever has a second factor shows it again before it is replaced."""
    if live.user.totp_secret is None:
        return live
    actor = actor_of_login(live, address_of(request))
    if not is_complete(live) or stepped_up_until(services_of(request), actor) is None:
        raise refusals.step_up_needed()
    return live


async def _logged_in(actor: Viewer) -> Actor:
    require_login(actor)
    return actor


Complete = Annotated[LiveLogin, Depends(_complete)]
"""Anybody's login, once everything was shown."""

Enroller = Annotated[LiveLogin, Depends(_enroller)]
"""The login of whoever may choose a second factor now."""

LoggedIn = Annotated[Actor, Depends(_logged_in)]
"""Anybody who may look and is a person: no token."""


async def _opener(actor: LoggedIn, request: Request) -> Actor:
    await count_socket(services_of(request), actor)
    return actor


Opener = Annotated[Actor, Depends(_opener)]
"""The same, about to open a socket; counted more strictly."""

Trader = Annotated[Actor, Depends(_gate(Permission.TRADE_PAPER, Permission.TRADE_REAL))]
"""Anybody who may trade something; the account decides what."""

Watcher = Annotated[Actor, Depends(watcher_gate)]
"""An administrator, or a program of one that may read figures and nothing else."""

Admin = Annotated[Actor, Depends(_gate(Permission.ADMINISTER))]
"""Whoever may do everything."""

SteppedUp = Annotated[Actor, Depends(_stepped_up)]
"""Whoever showed the second factor a moment ago; take it beside `Admin` or `Trader`."""


async def count(services: Services, actor: Actor) -> None:
    """
    Count a request of somebody.

    Raises:
        ProblemError: It was one too many.
    """
    if actor.token_hash is None:
        await services.rates.take(Asker.USER, actor.user_id)
    else:
        await services.rates.take(Asker.PROGRAM, actor.token_hash.hex())


async def count_socket(services: Services, actor: Actor) -> None:
    """
    Count a socket that somebody opens: by login or token, and apart for each address.

    Whoever stole a login and opens many keeps its owner from none.

    Raises:
        ProblemError: It was one too many.
    """
    asker = actor.login_id if actor.token_hash is None else actor.token_hash.hex()
    await services.rates.take(Asker.SOCKET, f"{asker} {counted_address(actor.address)}")


async def counted_entry(request: Request) -> AsyncIterator[None]:
    """
    Count an attempt to get in, more strictly than other requests, and give it its turn.

    A device that somebody got in with is counted by itself and waits for nobody: a flood from
    behind the same address does not shut its owner out.

    Raises:
        ProblemError: It was one too many, or too many wait.
    """
    services, mark = services_of(request), mark_in(request)
    if mark is not None:
        mark_hash = hash_of(mark)
        if await run_in_threadpool(services.people.known_devices.is_known, mark_hash):
            await services.rates.take(Asker.ENTRY, mark_hash.hex())
            yield
            return
    await services.rates.take(Asker.ENTRY, counted_address(address_of(request)))
    async with services.turnstile.turn():
        yield


def stepped_up_until(services: Services, actor: Actor) -> int | None:
    """Return how long the second factor is good for [ns, UTC]; None if it was not shown lately."""
    shown, now = actor.stepped_up_at, services.wall.now()
    if shown is None or shown > now:
        return None
    until = shown + services.config.patience.stepped_up
    return until if now < until else None


def require_login(actor: Actor) -> bytes:
    """
    Return the hash of somebody's login.

    Raises:
        ProblemError: They came by a token.
    """
    if actor.login_hash is None:
        raise refusals.login_needed()
    return actor.login_hash


def line_to_see(actor: Actor, services: Services, account_id: AccountId) -> ExecutorLine:
    """
    Return who trades an account that somebody may look at.

    Raises:
        ProblemError: 404; there is none, or it is not theirs.
    """
    line = services.directory.find(account_id)
    if line is None or not actor.may_see(account_id):
        raise refusals.no_such_account()
    return line


def line_to_trade(actor: Actor, services: Services, account_id: AccountId) -> ExecutorLine:
    """
    Return who trades an account that somebody may trade now.

    Raises:
        ProblemError: 404 as above; 403 if they may only look, or if it is real and not armed.
    """
    line = line_to_see(actor, services, account_id)
    if not actor.may_trade(account_id, line.mode):
        raise refusals.not_allowed()
    if line.mode is Mode.REAL:
        now = services.wall.now()
        if not services.people.armings.is_armed(account_id, now):
            raise refusals.not_armed()
    return line
