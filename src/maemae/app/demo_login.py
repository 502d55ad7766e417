"""
The login of a demo: an administrator with a new password at each start, for this machine only.

It is left in a file that only its owner can read, so that the terminal can show it with the
code of the moment. A server that others can reach makes none.
"""

from __future__ import annotations

import secrets
import time
from pathlib import Path
from typing import Final

import msgspec
import pyotp

from maemae.domain.errors import ConfigError
from maemae.domain.instant import MINUTE
from maemae.server.security.roles import GRANTS, Role
from maemae.server.security.secret import hash_of, new_secret
from maemae.server.security.totp import STEP_SECS, new_totp_secret
from maemae.server.services import Services
from maemae.settings import Settings
from maemae.storage.people.invitations import Invitation
from maemae.storage.syncing import write_whole

USER_ID: Final = "demo"

_NAME: Final = "demo-login.json"
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another
_GROUPS: Final = 4
_GROUP: Final = 4


class DemoLogin(msgspec.Struct, frozen=True):
    """What a person types to get into a demo."""

    user_id: str
    password: str
    totp_secret: str

    def code(self, at: float | None = None) -> tuple[str, int]:
        """Return the code of a moment [s, wall], now unless told, and how long it is good [s]."""
        now = int(time.time() if at is None else at)
        made = pyotp.TOTP(self.totp_secret, interval=STEP_SECS)
        return made.at(now), STEP_SECS - now % STEP_SECS


def leave_demo_login(services: Services, settings: Settings) -> DemoLogin:
    """
    Make the demo's administrator, or give the one there is a new password, and leave word.

    Raises:
        ConfigError: Other machines can reach the server.
        StorageError: The server's tables cannot be written.
    """
    if not services.config.is_loopback_only:
        raise ConfigError(
            "데모 로그인은 이 컴퓨터에서만 닿는 서버에만 만듭니다. --host 를 빼고 시작하세요.",
            "A demo login is only made for a server that only this machine reaches. Leave --host "
            "out.",
        )
    users = services.people.users
    password = _new_password()
    hashed = services.passwords.hash(password)
    known = users.find(USER_ID)
    if known is None:
        _make_user(services, hashed)
    else:
        users.set_password(USER_ID, hashed, known.password_hash)
    factor = services.people.second_factors.current(USER_ID)
    secret = _give_second_factor(services) if factor is None else factor.secret
    login = DemoLogin(USER_ID, password, secret)
    write_whole(_path(settings), msgspec.json.encode(login))
    return login


def find_demo_login(settings: Settings) -> DemoLogin | None:
    """Return the login that the demo of this home left last; None if there was none."""
    try:
        return msgspec.json.decode(_path(settings).read_bytes(), type=DemoLogin)
    except (OSError, msgspec.MsgspecError):
        return None


def _make_user(services: Services, password_hash: str) -> None:
    people, now = services.people, services.wall.now()
    invitation = Invitation(
        secret_hash=hash_of(new_secret()),
        user_id=USER_ID,
        role=Role.ADMIN.value,
        made_by=None,
        made_at=now,
        expires_at=now + MINUTE,
    )
    people.invitations.make(invitation)
    people.invitations.accept(invitation, USER_ID, password_hash, GRANTS[Role.ADMIN], now)


def _give_second_factor(services: Services) -> str:
    factors, secret = services.people.second_factors, new_totp_secret()
    factors.offer(USER_ID, secret)
    offered = factors.offered(USER_ID)
    if offered is not None:
        factors.confirm(USER_ID, offered.sealed, 0)
    return secret


def _new_password() -> str:
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


def _path(settings: Settings) -> Path:
    return settings.server_folder / _NAME
