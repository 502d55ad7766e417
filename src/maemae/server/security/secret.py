"""Secrets that open something, and what is kept of them: a hash, and no way back."""

from __future__ import annotations

import secrets
from hashlib import sha256
from typing import Final

_BYTES: Final = 32
_ID_BYTES: Final = 8


def new_secret() -> str:
    """Return 256 random bits, as text for a URL or a cookie."""
    return secrets.token_urlsafe(_BYTES)


def new_id() -> str:
    """Return a name that opens nothing."""
    return secrets.token_hex(_ID_BYTES)


def hash_of(secret: str) -> bytes:
    """Return what is kept of a secret; it is random enough for a plain hash."""
    return sha256(secret.encode()).digest()
