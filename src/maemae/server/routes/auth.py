"""Logging in, the second factor, and what somebody has open."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field, StringConstraints

from maemae.domain.instant import kst_datetime
from maemae.domain.text import Text
from maemae.server import audit
from maemae.server.models import Asked, Told
from maemae.server.routes.accounts import Account, accounts_of
from maemae.server.security import enrolment, entrance, refusals
from maemae.server.security.cookie import mark_in, put_mark, put_secret, take_secret
from maemae.server.security.entrance import Entered, Next, Visitor
from maemae.server.security.gates import (
    Complete,
    Enroller,
    HalfWay,
    LoggedIn,
    Opener,
    SteppedUp,
    Viewer,
    counted_entry,
    require_login,
    stepped_up_until,
)
from maemae.server.security.identity import address_of
from maemae.server.security.password_policy import LONGEST
from maemae.server.security.roles import Role, role_of
from maemae.server.security.secret import hash_of, new_secret
from maemae.server.security.totp import otpauth_uri
from maemae.server.services import Services, get_services
from maemae.storage.tables.people import Permission

router = APIRouter(prefix="/api/auth", tags=["auth"])

Here = Annotated[Services, Depends(get_services)]
ENTRY: Final = [Depends(counted_entry)]

UserId = Annotated[
    str, Field(pattern=r"^[\w.@-]{2,64}$", description="Name of a person.", examples=["owner"])
]
Password = Annotated[
    str,
    StringConstraints(strip_whitespace=False, max_length=LONGEST),
    Field(examples=["서울역에서 부산까지 걸어서 간다"]),
]
Code = Annotated[
    str, Field(pattern=r"^[0-9]{6}$", description="Of the authenticator.", examples=["492039"])
]
OneTimeSecret = Annotated[
    str, Field(min_length=8, max_length=128, examples=["kz4Jd0T2v9QeYb7WmX1rLs8uHn5cGp3a"])
]

_LONGEST_DEVICE: Final = 200


class Credentials(Asked):
    """A name and a password."""

    user_id: Annotated[str, Field(max_length=64, examples=["owner"])]
    password: Password


class ShownCode(Asked):
    """Six digits."""

    code: Code


class ShownRecoveryCode(Asked):
    """One of the recovery codes."""

    code: Annotated[str, Field(max_length=64, examples=["ABCDE-FGHJK-LMNPQ-RSTUV"])]


class ChangedPassword(Asked):
    """The password, and the one from now on."""

    old: Password
    new: Password


class Setup(Asked):
    """What a one-time link is answered with."""

    secret: OneTimeSecret
    user_id: UserId | None = None
    password: Password


class SupabaseToken(Asked):
    """What Supabase gave a page that somebody logged in with there."""

    access_token: Annotated[
        str, Field(max_length=8_192, examples=["eyJhbGciOiJFUzI1NiJ9.e30.c2ln"])
    ]


class Progress(Told):
    """What is to be shown next."""

    next: Next = Field(examples=["TOTP"])


class SetupState(Told):
    """Whether maemae has an administrator already."""

    is_needed: bool


class Me(Told):
    """Who is logged in, and what they may do."""

    user_id: str = Field(examples=["owner"])
    role: Role | None
    permissions: list[Permission]
    accounts: list[Account]
    stepped_up_until: datetime | None
    expires_at: datetime | None
    has_second_factor: bool
    recovery_codes_left: int


class Offer(Told):
    """A second factor that counts once a code of it was shown."""

    secret: str = Field(examples=["JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"])
    otpauth_uri: str


class RecoveryCodes(Told):
    """Codes that are shown this one time."""

    recovery_codes: list[str]


class Ticket(Told):
    """Opens one socket."""

    ticket: str
    expires_at: datetime


class ShownLogin(Told):
    """A login that has not ended."""

    login_id: str = Field(examples=["3f0c8a2be1d94477"])
    device: str
    address: str
    began_at: datetime
    seen_at: datetime
    expires_at: datetime
    is_this_one: bool


async def visitor_of(request: Request) -> Visitor:
    """Return where somebody comes from."""
    device = request.headers.get("user-agent", "")[:_LONGEST_DEVICE]
    return Visitor(address_of(request), device, mark_in(request))


Who = Annotated[Visitor, Depends(visitor_of)]


def _let_in(response: Response, entered: Entered) -> Progress:
    _keep(response, entered)
    return Progress(next=entered.next)


def _keep(response: Response, entered: Entered) -> None:
    put_secret(response, entered.secret)
    if entered.mark is not None:
        put_mark(response, entered.mark)


@router.post("/login", operation_id="logIn", dependencies=ENTRY)
def log_in(asked: Credentials, services: Here, visitor: Who, response: Response) -> Progress:
    """Begin a login by password; `next` says what is still to be shown."""
    entered = entrance.log_in(services, asked.user_id, asked.password, visitor)
    return _let_in(response, entered)


@router.post("/supabase", operation_id="logInBySupabase", dependencies=ENTRY)
def log_in_by_supabase(
    asked: SupabaseToken, services: Here, visitor: Who, response: Response
) -> Progress:
    """Begin a login by a fresh access token of the configured Supabase project."""
    entered = entrance.log_in_by_supabase(services, asked.access_token, visitor)
    return _let_in(response, entered)


@router.post("/totp", operation_id="showCode", dependencies=ENTRY)
def show_code(
    asked: ShownCode, live: HalfWay, services: Here, visitor: Who, response: Response
) -> Progress:
    """Complete a login by a code of the authenticator."""
    return _let_in(response, entrance.show_code(services, live, asked.code, visitor))


@router.post("/step-up", operation_id="stepUp", dependencies=ENTRY)
def step_up(
    asked: ShownCode, live: HalfWay, services: Here, visitor: Who, response: Response
) -> Progress:
    """Show the second factor again, for what needs it; the login gets a new secret."""
    return _let_in(response, entrance.show_code(services, live, asked.code, visitor))


@router.post("/recovery", operation_id="showRecoveryCode", dependencies=ENTRY)
def show_recovery_code(
    asked: ShownRecoveryCode, live: HalfWay, services: Here, visitor: Who, response: Response
) -> Progress:
    """Use a recovery code up instead of a code of the authenticator."""
    return _let_in(response, entrance.show_recovery_code(services, live, asked.code, visitor))


@router.post("/totp/enrol", operation_id="enrolSecondFactor")
def enrol(live: Enroller, services: Here) -> Offer:
    """Offer a second factor; it takes the place of the one there is once it is confirmed."""
    secret = enrolment.offer_second_factor(services, live.user)
    return Offer(secret=secret, otpauth_uri=otpauth_uri(secret, live.user.user_id))


@router.post("/totp/confirm", operation_id="confirmSecondFactor", dependencies=ENTRY)
def confirm(
    asked: ShownCode, live: Enroller, services: Here, visitor: Who, response: Response
) -> RecoveryCodes:
    """Confirm the second factor by a code of it; every other login and every token ends."""
    entered, codes = enrolment.confirm_second_factor(services, live, asked.code, visitor)
    _keep(response, entered)
    return RecoveryCodes(recovery_codes=codes)


@router.post("/recovery-codes", operation_id="renewRecoveryCodes")
def renew_recovery_codes(_actor: SteppedUp, live: Complete, services: Here) -> RecoveryCodes:
    """Make new recovery codes; earlier ones are good no longer."""
    codes = enrolment.new_recovery_codes(services, live.user.user_id)
    entrance.record(services, live.login, "RENEW_RECOVERY_CODES")
    return RecoveryCodes(recovery_codes=codes)


@router.post("/password", operation_id="changePassword", dependencies=ENTRY)
def change_password(
    asked: ChangedPassword, live: Complete, services: Here, visitor: Who, response: Response
) -> Progress:
    """Change the password; every other login and every token ends."""
    entered = enrolment.change_password(services, live, asked.old, asked.new, visitor)
    return _let_in(response, entered)


@router.post("/logout", operation_id="logOut", status_code=204)
def log_out(live: HalfWay, services: Here, response: Response) -> None:
    """End this login."""
    services.people.logins.end(live.user.user_id, live.login.login_id, services.wall.now())
    entrance.record(services, live.login, "LOGOUT")
    take_secret(response)


@router.get("/me", operation_id="getMe")
def get_me(actor: Viewer, services: Here) -> Me:
    """Say who is logged in, and what they may do."""
    user = services.people.users.find(actor.user_id)
    if user is None:
        raise refusals.not_logged_in()
    stepped_up = stepped_up_until(services, actor)
    return Me(
        user_id=actor.user_id,
        role=role_of(actor.permissions),
        permissions=sorted(actor.permissions),
        accounts=accounts_of(services, actor),
        stepped_up_until=None if stepped_up is None else kst_datetime(stepped_up),
        expires_at=None if actor.expires_at is None else kst_datetime(actor.expires_at),
        has_second_factor=user.totp_secret is not None,
        recovery_codes_left=services.people.recovery_codes.left(actor.user_id),
    )


@router.post("/ticket", operation_id="issueTicket")
def issue_ticket(actor: Opener, services: Here) -> Ticket:
    """Make a ticket that opens one socket within half a minute, in this login only."""
    login_hash, now, secret = require_login(actor), services.wall.now(), new_secret()
    expires_at = now + services.config.patience.ticket
    services.people.tickets.issue(hash_of(secret), login_hash, now, expires_at)
    return Ticket(ticket=secret, expires_at=kst_datetime(expires_at))


@router.get("/logins", operation_id="listLogins")
def list_logins(actor: Viewer, services: Here) -> list[ShownLogin]:
    """List one's logins that have not ended."""
    now, idle = services.wall.now(), services.config.patience.idle
    return [
        ShownLogin(
            login_id=login.login_id,
            device=login.device,
            address=login.address,
            began_at=kst_datetime(login.began_at),
            seen_at=kst_datetime(login.seen_at),
            expires_at=kst_datetime(login.expires_at),
            is_this_one=login.login_id == actor.login_id,
        )
        for login in services.people.logins.of(actor.user_id, now, idle)
    ]


@router.delete("/logins/{login_id}", operation_id="endLogin", status_code=204)
def end_login(login_id: str, actor: LoggedIn, services: Here) -> None:
    """End one of one's logins."""
    if not services.people.logins.end(actor.user_id, login_id, services.wall.now()):
        raise refusals.no_such(Text("로그인", "login"))
    audit.record(services, actor, "END_LOGIN", login_id)


@router.post("/logins/end-all", operation_id="endAllLogins", status_code=204)
def end_all_logins(actor: LoggedIn, services: Here, response: Response) -> None:
    """End every login of one's own, this one included."""
    services.people.logins.end_all(actor.user_id, services.wall.now())
    audit.record(services, actor, "END_ALL_LOGINS", actor.user_id)
    take_secret(response)


@router.get("/setup", operation_id="getSetup")
def get_setup(services: Here) -> SetupState:
    """Say whether the first administrator is still to be made; anybody may ask."""
    return SetupState(is_needed=not services.people.users.has_administrator())


@router.post("/setup", operation_id="setUp", dependencies=ENTRY)
def set_up(asked: Setup, services: Here, visitor: Who, response: Response) -> Progress:
    """Use a one-time link up: choose a password, and be logged in."""
    entered = enrolment.accept_invitation(
        services, asked.secret, asked.user_id, asked.password, visitor
    )
    return _let_in(response, entered)
