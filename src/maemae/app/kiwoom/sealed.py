"""The app key of a Kiwoom account among the sealed credentials of the server's database."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, make_url

from maemae.app.owner import OWNER
from maemae.brokers.kiwoom_rest.auth import AppKey
from maemae.clocks import SystemWallClock
from maemae.domain.errors import ConfigError
from maemae.domain.terms import Mode
from maemae.settings import Settings
from maemae.storage.credentials import Credentials, ShownCredential
from maemae.storage.engine import open_reading
from maemae.storage.envelope import Vault
from maemae.storage.master_keys import MASTER_KEYS, MasterKeys
from maemae.storage.people.reading import connected

BROKER: Final = "KIWOOM_REST"
"""What the credential is called, here and over the server's API."""

FIELDS: Final = ("app_key", "secret_key")
"""Names of its values."""


def find_sealed_key(settings: Settings, mode: Mode) -> AppKey | None:
    """
    Return the key of a mode that is sealed, None if there is none.

    Raises:
        ConfigError: There are several, or one without the values that Kiwoom needs.
        StorageError: It is there, and cannot be read or opened.
    """
    if not (_has_database(settings) and (settings.keys / MASTER_KEYS).exists()):
        return None
    sealed = Credentials(Vault(MasterKeys(settings.keys / MASTER_KEYS), SystemWallClock()))
    _, engine = open_reading(settings.server_database_url)
    try:
        with connected(engine) as connection:
            found = credential_of(connection, sealed, mode)
            if found is None:
                return None
            values = sealed.open(connection, found.credential_id)
    finally:
        engine.dispose()
    return AppKey(mode, *(values[name] for name in FIELDS))


def credential_of(
    connection: Connection, sealed: Credentials, mode: Mode
) -> ShownCredential | None:
    """
    Return the owner's credential of Kiwoom and a mode that is in use, None if there is none.

    Raises:
        ConfigError: There are several, or it has not the values that Kiwoom needs.
    """
    held = [
        each
        for each in sealed.all(connection, OWNER)
        if (each.broker, each.mode, each.revoked_at) == (BROKER, mode, None)
    ]
    if not held:
        return None
    if len(held) > 1:
        raise ConfigError(
            f"{BROKER} {mode} 자격 증명이 {len(held)}개입니다. 쓸 것만 남기고 API "
            "/api/credentials 로 폐기하세요.",
            f"There are {len(held)} credentials of {BROKER} for {mode}. Revoke those that are not "
            "meant, over /api/credentials.",
        )
    if not set(FIELDS) <= set(held[0].fields):
        raise ConfigError(
            f"{BROKER} 자격 증명에 {', '.join(FIELDS)} 이(가) 없습니다. maemae connect kiwoom 으로 "
            "다시 넣으세요.",
            f"The credential of {BROKER} lacks {', '.join(FIELDS)}. Enter it again with maemae "
            "connect kiwoom.",
        )
    return held[0]


def _has_database(settings: Settings) -> bool:
    url = make_url(settings.server_database_url)
    return url.get_backend_name() != "sqlite" or Path(url.database or "").exists()
