"""Seals the app key of a Kiwoom account, as the server's API would."""

from __future__ import annotations

from sqlalchemy import Connection

from maemae.app.kiwoom.sealed import BROKER, FIELDS, credential_of
from maemae.app.owner import OWNER
from maemae.app.servers import open_store
from maemae.brokers.kiwoom_rest.auth import AppKey
from maemae.clocks import SystemWallClock
from maemae.settings import Settings
from maemae.storage.audit import AuditEntry, append
from maemae.storage.credentials import Credentials, ShownCredential
from maemae.storage.envelope import Vault
from maemae.storage.master_keys import MASTER_KEYS, MasterKeys
from maemae.storage.people.users import Users


def seal_key(settings: Settings, key: AppKey) -> bool:
    """
    Seal a key for its mode, in the place of the one that is there.

    Returns:
        False if nobody is there whose it could be: the server was never set up.

    Raises:
        ConfigError: There are several credentials of the mode already.
        InvalidValueError: It is a placeholder.
        StorageError: The server's tables cannot be written; a server that runs locks a SQLite file.
    """
    wall = SystemWallClock()
    values = dict(zip(FIELDS, (key.app_key, key.secret_key), strict=True))
    with open_store(settings) as store:
        if Users(store).find(OWNER) is None:
            return False
        sealed = Credentials(Vault(MasterKeys(settings.keys / MASTER_KEYS), wall))

        def chore(connection: Connection) -> ShownCredential:
            at, held = wall.now(), credential_of(connection, sealed, key.mode)
            if held is None:
                action, shown = (
                    "PUT_CREDENTIAL",
                    sealed.put(
                        connection,
                        owner=OWNER,
                        broker=BROKER,
                        mode=key.mode,
                        values=values,
                        at=at,
                    ),
                )
            else:
                action = "REPLACE_CREDENTIAL"
                shown = sealed.replace(connection, held.credential_id, values, at)
            detail = {"broker": shown.broker, "mode": shown.mode, "fields": shown.fields}
            append(connection, AuditEntry(at, None, action, shown.credential_id, detail))
            return shown

        store.writer.run(chore)
    return True
