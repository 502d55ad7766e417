"""Who may enter, as administrators see and change it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from pydantic import Field

from maemae.domain.ids import AccountId
from maemae.domain.instant import kst_datetime
from maemae.domain.text import Text
from maemae.server import audit
from maemae.server.models import Asked, Told
from maemae.server.problem import ProblemError
from maemae.server.security import enrolment, refusals
from maemae.server.security.actor import Actor
from maemae.server.security.gates import Admin, SteppedUp
from maemae.server.security.roles import GRANTS, Role, role_of
from maemae.server.security.secret import hash_of, new_secret
from maemae.server.services import Services, get_services
from maemae.storage.people.invitations import Invitation
from maemae.storage.people.users import User

router = APIRouter(prefix="/api/users", tags=["users"])

Here = Annotated[Services, Depends(get_services)]
UserId = Annotated[
    str, Field(pattern=r"^[\w.@-]{2,64}$", description="Name of a person.", examples=["minji"])
]
_PERSON: Final = Text("사용자", "user")


class ShownUser(Told):
    """Somebody who may enter, or was invited and has not answered yet."""

    user_id: str = Field(examples=["minji"])
    role: Role | None
    accounts: list[AccountId]
    is_locked: bool = Field(description="By an administrator.")
    is_paused: bool = Field(description="From unknown devices, after too many failures.")
    has_password: bool
    has_second_factor: bool
    subject: str | None = Field(description="Who they are to Supabase.")
    made_at: datetime | None


class Invited(Asked):
    """Somebody to invite."""

    user_id: UserId
    role: Role


class ChangedRole(Asked):
    """What somebody is from now on."""

    role: Role


class ChangedSubject(Asked):
    """Who somebody is to Supabase from now on; null for nobody."""

    subject: Annotated[str, Field(min_length=1, max_length=128)] | None = Field(
        examples=["9b2f1c1e-6f0e-4a53-9d0a-0d6d1f0b7c11"]
    )


class Link(Told):
    """A one-time link, shown this one time: give it to whom it is for."""

    path: str = Field(examples=["/setup#…"])
    expires_at: datetime


@router.get("", operation_id="listUsers")
def list_users(_actor: Admin, services: Here) -> list[ShownUser]:
    """List everybody who may enter."""
    return [_shown(services, user) for user in services.people.users.everybody()]


@router.post("/invite", operation_id="inviteUser", status_code=201)
def invite_user(asked: Invited, actor: Admin, _: SteppedUp, services: Here) -> Link:
    """Make a one-time link, by which somebody chooses a password and is let in."""
    if services.people.users.is_known(asked.user_id):
        raise refusals.name_taken(asked.user_id)
    link = _link(services, actor, asked.user_id, asked.role)
    audit.record(services, actor, "INVITE_USER", asked.user_id, {"role": asked.role.value})
    return link


@router.get("/{user_id}", operation_id="getUser")
def get_user(user_id: str, _actor: Admin, services: Here) -> ShownUser:
    """Say what somebody may do."""
    return _shown(services, _found(services, user_id))


@router.put("/{user_id}/role", operation_id="changeRole")
def change_role(
    user_id: str, asked: ChangedRole, actor: Admin, _: SteppedUp, services: Here
) -> ShownUser:
    """Say what somebody is; it holds from their next request on."""
    _require_other(actor, user_id)
    granted = GRANTS[asked.role]
    if not services.people.users.set_permissions(user_id, granted, services.wall.now()):
        raise refusals.no_such(_PERSON)
    audit.record(services, actor, "CHANGE_ROLE", user_id, {"role": asked.role.value})
    return _shown(services, _found(services, user_id))


@router.put("/{user_id}/subject", operation_id="changeSubject")
def change_subject(
    user_id: str, asked: ChangedSubject, actor: Admin, _: SteppedUp, services: Here
) -> ShownUser:
    """Say who somebody is to Supabase."""
    known = None
    if asked.subject is not None:
        known = services.people.users.find_by_subject(asked.subject)
    if known is not None and known.user_id != user_id:
        raise refusals.name_taken(asked.subject or "")
    if not services.people.users.set_subject(user_id, asked.subject):
        raise refusals.no_such(_PERSON)
    audit.record(services, actor, "CHANGE_SUBJECT", user_id)
    return _shown(services, _found(services, user_id))


@router.put("/{user_id}/accounts/{account_id}", operation_id="grantAccount", status_code=204)
def grant_account(
    user_id: str, account_id: AccountId, actor: Admin, _: SteppedUp, services: Here
) -> None:
    """Let somebody look at an account, and trade it if their role lets them."""
    _found(services, user_id)
    if services.directory.find(account_id) is None:
        raise refusals.no_such_account()
    services.people.grants.grant(user_id, account_id, actor.user_id, services.wall.now())
    audit.record(services, actor, "GRANT_ACCOUNT", user_id, {"account_id": account_id})


@router.delete("/{user_id}/accounts/{account_id}", operation_id="withdrawAccount", status_code=204)
def withdraw_account(
    user_id: str, account_id: AccountId, actor: Admin, _: SteppedUp, services: Here
) -> None:
    """Take an account away from somebody."""
    if not services.people.grants.withdraw(user_id, account_id):
        raise refusals.no_such_account()
    audit.record(services, actor, "WITHDRAW_ACCOUNT", user_id, {"account_id": account_id})


@router.post("/{user_id}/lock", operation_id="lockUser", status_code=204)
def lock_user(user_id: str, actor: Admin, _: SteppedUp, services: Here) -> None:
    """Lock somebody out: their logins end, their tokens are refused."""
    _require_other(actor, user_id)
    if not services.people.users.set_locked(user_id, is_locked=True):
        raise refusals.no_such(_PERSON)
    services.people.logins.end_all(user_id, services.wall.now())
    audit.record(services, actor, "LOCK_USER", user_id)


@router.post("/{user_id}/unlock", operation_id="unlockUser", status_code=204)
def unlock_user(user_id: str, actor: Admin, _: SteppedUp, services: Here) -> None:
    """Let somebody in again, and forget their failures."""
    if not services.people.users.set_locked(user_id, is_locked=False):
        raise refusals.no_such(_PERSON)
    services.people.known_devices.forgive(user_id)
    audit.record(services, actor, "UNLOCK_USER", user_id)


@router.post("/{user_id}/new-password", operation_id="renewPassword", status_code=201)
def renew_password(user_id: str, actor: Admin, _: SteppedUp, services: Here) -> Link:
    """
    Make a one-time link for whoever forgot the password; the second factor stays.

    Logins and tokens end.
    """
    _require_other(actor, user_id)
    user = _found(services, user_id)
    services.people.users.forget_password(user_id, services.wall.now())
    enrolment.end_ways_in(services, user_id)
    link = _link(services, actor, user_id, role_of(user.permissions) or Role.VIEWER)
    audit.record(services, actor, "RENEW_PASSWORD", user_id)
    return link


@router.post("/{user_id}/forget-second-factor", operation_id="forgetSecondFactor", status_code=204)
def forget_second_factor(user_id: str, actor: Admin, _: SteppedUp, services: Here) -> None:
    """
    Take a lost second factor away; a new one is enrolled at the next login.

    Logins and tokens end.
    """
    _require_other(actor, user_id)
    if not services.people.second_factors.forget(user_id):
        raise refusals.no_such(_PERSON)
    enrolment.end_ways_in(services, user_id)
    audit.record(services, actor, "FORGET_SECOND_FACTOR", user_id)


@router.delete("/{user_id}", operation_id="deleteUser", status_code=204)
def delete_user(user_id: str, actor: Admin, _: SteppedUp, services: Here) -> None:
    """Delete somebody: logins and tokens are dead at once, the name is never given again."""
    _require_other(actor, user_id)
    if not services.people.users.delete(user_id, services.wall.now()):
        raise refusals.no_such(_PERSON)
    audit.record(services, actor, "DELETE_USER", user_id)


def _link(services: Services, actor: Actor, user_id: str, role: Role) -> Link:
    secret, now = new_secret(), services.wall.now()
    expires_at = now + services.config.patience.invitation
    services.people.invitations.make(
        Invitation(
            secret_hash=hash_of(secret),
            user_id=user_id,
            role=role.value,
            made_by=actor.user_id,
            made_at=now,
            expires_at=expires_at,
        )
    )
    return Link(path=f"/setup#{secret}", expires_at=kst_datetime(expires_at))


def _found(services: Services, user_id: str) -> User:
    user = services.people.users.find(user_id)
    if user is None:
        raise refusals.no_such(_PERSON)
    return user


def _require_other(actor: Actor, user_id: str) -> None:
    """Nobody takes their own rights away, so that one administrator is always left."""
    if actor.user_id == user_id:
        raise ProblemError(
            409,
            "NOT_ONESELF",
            Text(
                "자기 자신에게는 할 수 없습니다. 다른 관리자에게 부탁하세요.",
                "You cannot do this to yourself. Ask another administrator.",
            ),
        )


def _shown(services: Services, user: User) -> ShownUser:
    return ShownUser(
        user_id=user.user_id,
        role=role_of(user.permissions),
        accounts=sorted(services.people.grants.of(user.user_id)),
        is_locked=user.is_locked,
        is_paused=user.is_paused(services.wall.now()),
        has_password=user.password_hash is not None,
        has_second_factor=user.totp_secret is not None,
        subject=user.subject,
        made_at=None if user.made_at is None else kst_datetime(user.made_at),
    )
