"""
Who did what: every route that changes something records it, and every refusal of a way in.

What a chore writes and its audit row belong into one transaction: `entry_of` and
`maemae.storage.audit.append`. What an executor does is recorded once it has answered, with the
key of the command and the numbers of the orders: `record`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from maemae.server.correlation import current_request_id
from maemae.server.redaction import redacted
from maemae.server.security.actor import Actor
from maemae.server.services import Services
from maemae.storage.audit import AuditEntry, AuditHead, append

Detail = Mapping[str, object]


def record(
    services: Services, actor: Actor, action: str, subject: str, detail: Detail | None = None
) -> AuditHead:
    """
    Record what an actor did.

    Args:
        services: Of the app.
        actor: Who.
        action: What, as an upper-case word.
        subject: What it was done to.
        detail: The rest; what looks like a secret is taken out.

    Raises:
        StorageError: It could not be recorded.
    """
    entry = entry_of(services.wall.now(), actor, action, subject, detail)
    return services.store.writer.run(partial(append, entry=entry), is_aside=True)


def entry_of_stranger(at: int, address: str, action: str, subject: str) -> AuditEntry:
    """Return the entry of what somebody did who is not logged in; arguments as `entry_of`."""
    return AuditEntry(at, None, action, subject, _told({"address": address}))


def entry_of(
    at: int, actor: Actor, action: str, subject: str, detail: Detail | None = None
) -> AuditEntry:
    """Return the entry to append in the transaction of what is done; arguments as `record`."""
    way = "TOKEN" if actor.login_hash is None else "LOGIN"
    told = _told({"address": actor.address, "way": way, **(detail or {})})
    return AuditEntry(at, actor.user_id, action, subject, told)


def _told(detail: Detail) -> Detail:
    shown = redacted({"request_id": current_request_id(), **detail})
    return shown if isinstance(shown, dict) else {}
