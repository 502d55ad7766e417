"""
Who opens a socket, and whether they still may have it open.

A page cannot give a socket a header, so it shows a ticket: good once, for half a minute, and only
along with the cookie of the login that asked for it. A program shows its token.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, WebSocket
from starlette.concurrency import run_in_threadpool

from maemae.server.problem import ProblemError
from maemae.server.security.actor import Actor
from maemae.server.security.gates import count, count_socket
from maemae.server.security.identity import (
    actor_of,
    actor_of_login,
    actor_of_token,
    is_complete,
    login_of,
)
from maemae.server.security.refusals import not_allowed, not_logged_in
from maemae.server.security.secret import hash_of
from maemae.server.services import Services, services_of
from maemae.storage.tables.people import Permission


async def socket_gate(socket: WebSocket, ticket: str = "") -> Actor:
    """Return who opens a socket, if they may look."""
    services = services_of(socket)
    actor = await run_in_threadpool(_opener, services, socket, ticket)
    await count(services, actor)
    if actor.token_hash is not None:  # who shows a ticket was counted when it was made
        await count_socket(services, actor)
    if not actor.may_any({Permission.VIEW}):
        raise not_allowed()
    return actor


SocketViewer = Annotated[Actor, Depends(socket_gate)]
"""Anybody who may look; whoever may not is refused before the socket is accepted."""


def actor_again(services: Services, actor: Actor) -> Actor | None:
    """
    Return who somebody is now; None once their login or token has ended. Blocks.

    A socket asks this from time to time, since it outlives the request that opened it.
    """
    if actor.token_hash is not None:
        try:
            return actor_of_token(services, actor.token_hash, actor.address)
        except ProblemError:
            return None
    if actor.login_id is None:
        return None
    now, idle = services.wall.now(), services.config.patience.idle
    live = services.people.logins.find_by_id(actor.login_id, now, idle)
    if live is None or live.user.is_locked or not is_complete(live):
        return None
    return actor_of_login(live, actor.address)


def _opener(services: Services, socket: WebSocket, ticket: str) -> Actor:
    if "authorization" in socket.headers:
        return actor_of(services, socket)
    live = login_of(services, socket)
    # Who has no login is sent away before a ticket is looked for, which writes.
    if not is_complete(live) or not services.people.tickets.use(
        hash_of(ticket), live.login.secret_hash, services.wall.now()
    ):
        raise not_logged_in()
    return actor_of_login(live, socket.state.address)
