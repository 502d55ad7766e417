"""Credentials of brokers: entered, replaced and revoked; their values never come back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import Field, SecretStr
from sqlalchemy import Connection

from maemae.domain.instant import kst_datetime
from maemae.domain.terms import Mode
from maemae.domain.text import Text
from maemae.server.audit import entry_of
from maemae.server.models import Asked, Told
from maemae.server.problem import ProblemError
from maemae.server.security import refusals
from maemae.server.security.actor import Actor
from maemae.server.security.gates import SteppedUp, Trader, Viewer
from maemae.server.security.roles import TO_TRADE
from maemae.server.services import Services, get_services
from maemae.storage import audit
from maemae.storage.credentials import ShownCredential
from maemae.storage.people.reading import connected

router = APIRouter(prefix="/api/credentials", tags=["credentials"])

Here = Annotated[Services, Depends(get_services)]
CredentialId = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$", examples=["5f0c3c1e6f0e4a53"])]
Values = Annotated[
    dict[
        Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")],
        Annotated[SecretStr, Field(min_length=1, max_length=4096)],
    ],
    Field(
        min_length=1,
        max_length=12,
        description="As the broker names them; they are never shown again.",
        examples=[{"app_key": "PSx1…", "app_secret": "9f2e…"}],
    ),
]


class Credential(Told):
    """A credential, without its values."""

    credential_id: str = Field(examples=["5f0c3c1e6f0e4a53"])
    owner: str = Field(examples=["owner"])
    broker: str = Field(examples=["KIS"])
    mode: Mode = Field(description="Key space of the broker's that it opens.", examples=["PAPER"])
    version: int = Field(description="Counted up when its values are replaced.", examples=[1])
    fields: list[str] = Field(examples=[["app_key", "app_secret"]])
    made_at: datetime
    revoked_at: datetime | None = None


class NewCredential(Asked):
    """What a broker gave."""

    broker: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{1,31}$", examples=["KIS"])]
    mode: Mode = Field(examples=["PAPER"])
    values: Values


class NewValues(Asked):
    """What a broker gave in the place of what was."""

    values: Values


@router.get("", operation_id="listCredentials")
def list_credentials(actor: Viewer, services: Here) -> list[Credential]:
    """List one's credentials, and an administrator everybody's; revoked ones too."""
    owner = None if actor.is_admin else actor.user_id
    with connected(services.store.reading) as connection:
        return [_told(each) for each in services.credentials.all(connection, owner)]


@router.post("", operation_id="putCredential", status_code=201)
def put_credential(asked: NewCredential, actor: Trader, _: SteppedUp, services: Here) -> Credential:
    """Enter a credential; needs the second factor again, and the right to trade its mode."""
    if TO_TRADE[asked.mode] not in actor.permissions:
        raise refusals.not_allowed()
    put = partial(
        services.credentials.put,
        owner=actor.user_id,
        broker=asked.broker,
        mode=asked.mode,
        values=_plain(asked.values),
        at=services.wall.now(),
    )
    return _told(_recorded(services, actor, "PUT_CREDENTIAL", put))


@router.put("/{credential_id}", operation_id="replaceCredential")
def replace_credential(
    credential_id: CredentialId, asked: NewValues, actor: Trader, _: SteppedUp, services: Here
) -> Credential:
    """Replace a credential's values; needs the second factor again."""
    _require_own(services, actor, credential_id)
    replace = partial(
        services.credentials.replace,
        credential_id=credential_id,
        values=_plain(asked.values),
        at=services.wall.now(),
    )
    return _told(_recorded(services, actor, "REPLACE_CREDENTIAL", replace))


@router.delete("/{credential_id}", operation_id="revokeCredential")
def revoke_credential(
    credential_id: CredentialId, actor: Trader, _: SteppedUp, services: Here
) -> Credential:
    """Take a credential's values away for good; needs the second factor again."""
    _require_own(services, actor, credential_id)
    revoke = partial(
        services.credentials.revoke, credential_id=credential_id, at=services.wall.now()
    )
    return _told(_recorded(services, actor, "REVOKE_CREDENTIAL", revoke))


def _recorded(
    services: Services, actor: Actor, action: str, do: Callable[[Connection], ShownCredential]
) -> ShownCredential:
    """Do something and record it, both or neither."""
    at = services.wall.now()

    def chore(connection: Connection) -> ShownCredential:
        shown = do(connection)
        detail = {"broker": shown.broker, "mode": shown.mode, "fields": shown.fields}
        audit.append(connection, entry_of(at, actor, action, shown.credential_id, detail))
        return shown

    return services.store.writer.run(chore)


def _require_own(services: Services, actor: Actor, credential_id: str) -> None:
    """Refuse a credential of somebody else as if there were none."""
    with connected(services.store.reading) as connection:
        held = services.credentials.all(connection, None if actor.is_admin else actor.user_id)
    if credential_id not in {each.credential_id for each in held}:
        raise ProblemError(404, "NO_SUCH_CREDENTIAL", _NO_SUCH)


def _plain(values: dict[str, SecretStr]) -> dict[str, str]:
    return {name: value.get_secret_value() for name, value in values.items()}


def _told(shown: ShownCredential) -> Credential:
    return Credential(
        credential_id=shown.credential_id,
        owner=shown.owner,
        broker=shown.broker,
        mode=shown.mode,
        version=shown.version,
        fields=list(shown.fields),
        made_at=kst_datetime(shown.made_at),
        revoked_at=None if shown.revoked_at is None else kst_datetime(shown.revoked_at),
    )


_NO_SUCH = Text(
    "그런 자격 증명이 없습니다. 목록에서 고르세요.",
    "There is no such credential. Choose one from the list.",
)
