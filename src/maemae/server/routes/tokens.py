"""Tokens of one's programs: they can do less than their owner, and never administer."""

from __future__ import annotations

from datetime import datetime
from enum import unique
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from pydantic import Field

from maemae.domain.instant import DAY, kst_datetime
from maemae.domain.terms import Term
from maemae.domain.text import Text
from maemae.server import audit
from maemae.server.models import Asked, Told
from maemae.server.security import refusals
from maemae.server.security.gates import LoggedIn, SteppedUp
from maemae.server.security.secret import hash_of, new_secret
from maemae.server.services import Services, get_services
from maemae.storage.people.tokens import Token
from maemae.storage.tables.people import Permission

router = APIRouter(prefix="/api/auth/tokens", tags=["auth"])

Here = Annotated[Services, Depends(get_services)]

_LONGEST_DAYS: Final = 366


@unique
class Scope(Term):
    """What a program may do; to trade includes reading."""

    READ = "READ"
    TRADE_PAPER = "TRADE_PAPER"
    TRADE_REAL = "TRADE_REAL"
    METRICS = "METRICS"  # the figures of the machine, and nothing else


_GRANTS: Final = {
    Scope.READ: frozenset({Permission.VIEW}),
    Scope.TRADE_PAPER: frozenset({Permission.VIEW, Permission.TRADE_PAPER}),
    Scope.TRADE_REAL: frozenset({Permission.VIEW, Permission.TRADE_PAPER, Permission.TRADE_REAL}),
    Scope.METRICS: frozenset({Permission.WATCH}),
}


class AskedToken(Asked):
    """A token to make."""

    name: Annotated[str, Field(min_length=1, max_length=64, examples=["my notebook"])]
    scope: Scope
    days: Annotated[int, Field(ge=1, le=_LONGEST_DAYS, description="How long it is good.")] = 90


class ShownToken(Told):
    """A token that can be used; what it is itself is not kept."""

    token_id: str
    name: str = Field(examples=["my notebook"])
    scope: Scope
    made_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


class NewToken(Told):
    """A token, shown this one time."""

    token: str
    shown: ShownToken


@router.get("", operation_id="listTokens")
def list_tokens(actor: LoggedIn, services: Here) -> list[ShownToken]:
    """List one's tokens that can be used."""
    now = services.wall.now()
    return [_shown(token) for token in services.people.tokens.of(actor.user_id, now)]


@router.post("", operation_id="makeToken", status_code=201)
def make_token(asked: AskedToken, actor: LoggedIn, _: SteppedUp, services: Here) -> NewToken:
    """Make a token for a program; it can do what its scope and its owner's role both allow."""
    scope = _GRANTS[asked.scope]
    needed = {Permission.ADMINISTER} if asked.scope is Scope.METRICS else scope
    if not needed <= actor.permissions:
        raise refusals.not_allowed()
    secret, now = new_secret(), services.wall.now()
    token = Token(
        secret_hash=hash_of(secret),
        user_id=actor.user_id,
        name=asked.name,
        scope=scope,
        made_at=now,
        expires_at=now + asked.days * DAY,
    )
    services.people.tokens.make(token)
    audit.record(services, actor, "MAKE_TOKEN", asked.name, {"scope": asked.scope.value})
    return NewToken(token=secret, shown=_shown(token))


@router.delete("/{token_id}", operation_id="revokeToken", status_code=204)
def revoke_token(token_id: str, actor: LoggedIn, services: Here) -> None:
    """End one of one's tokens, at once."""
    try:
        secret_hash = bytes.fromhex(token_id)
    except ValueError:
        raise refusals.no_such(_TOKEN) from None
    if not services.people.tokens.revoke(actor.user_id, secret_hash, services.wall.now()):
        raise refusals.no_such(_TOKEN)
    audit.record(services, actor, "REVOKE_TOKEN", token_id)


_TOKEN: Final = Text("토큰", "token")


def _shown(token: Token) -> ShownToken:
    used, expires = token.last_used_at, token.expires_at
    return ShownToken(
        token_id=token.token_id,
        name=token.name,
        scope=[scope for scope, granted in _GRANTS.items() if granted <= token.scope][-1],
        made_at=kst_datetime(token.made_at),
        expires_at=None if expires is None else kst_datetime(expires),
        last_used_at=None if used is None else kst_datetime(used),
    )
