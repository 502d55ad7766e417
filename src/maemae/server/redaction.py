"""Takes secrets out of whatever is logged, audited or reported."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

REDACTED: Final = "[redacted]"

_DEEPEST: Final = 8
_TOO_DEEP: Final = "[too deep]"
_SECRET_NAMES: Final = (
    *("password", "passwd", "passphrase", "secret", "token", "ticket", "credential"),
    *("cookie", "authorization", "apikey", "appkey", "privatekey", "totp", "otpauth"),
    *("recoverycode", "csrf"),
)
"""Parts of names, without underscores and hyphens, whose values are never shown."""
_ONE_TIME_CODE: Final = re.compile(r"\d{6}|[A-Z0-9]{4,}(-[A-Z0-9]{4,})+")
_LONGEST: Final = 8_192  # characters of a text
_NAMES: Final = 1_024  # of which it is remembered whether they are of secrets
_SUSPICIOUS: Final = re.compile(r"[ =:]|eyJ|AGE-")
"""What every secret below has in it or beside it; most words have none of that."""
_SECRETS_IN_TEXT: Final = (  # bounded, so that no text takes long to look through
    re.compile(r"(?i)(?<=\bbearer )\S+"),
    re.compile(r"\beyJ[\w-]{1,2000}\.[\w-]{1,4000}\.[\w-]{0,1000}"),  # a JWT
    re.compile(r"AGE-SECRET-KEY-\w+"),
    re.compile(r"(?<=://)[^/@\s]{0,200}:[^/@\s]{0,200}(?=@)"),  # user and password of a URL
    re.compile(
        r"(?i)(?:password|passwd|secret|token|ticket|cookie|app_?key|api_?key|totp|__host-)"
        r"[\w-]{0,40}[\"']?\s{0,4}[=:]\s{0,4}[\"']?([^\s\"',;&}]+)"
    ),
)


def redacted(value: object, name: str = "", depth: int = 0) -> object:
    """
    Return a value without its secrets.

    Args:
        value: Text, numbers, and mappings and sequences of them; anything else as its text.
        name: What it is called; by this most secrets are known.
        depth: How deep it lies in what is being shown.
    """
    if depth > _DEEPEST:
        return _TOO_DEEP
    if is_secret(name) and value is not None and not isinstance(value, bool):
        return REDACTED
    if isinstance(value, Mapping):
        return {str(key): redacted(each, str(key), depth + 1) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redacted(each, "", depth + 1) for each in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, bytes):
        return f"[{len(value)} bytes]"
    text = str(value)
    if name.lower() == "code" and _ONE_TIME_CODE.fullmatch(text):
        return REDACTED
    return redacted_text(text)


def redacted_text(text: str) -> str:
    """Return a text without the secrets that can be told by their form, and not without end."""
    text = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    if _SUSPICIOUS.search(text):
        for pattern in _SECRETS_IN_TEXT:
            text = pattern.sub(_hide, text)
    return text


@lru_cache(_NAMES)
def is_secret(name: str) -> bool:
    """Return whether what is called so is never shown."""
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    return any(part in plain for part in _SECRET_NAMES)


def _hide(found: re.Match[str]) -> str:
    if not found.re.groups:
        return REDACTED
    start, end = (place - found.start() for place in found.span(1))
    whole = found.group()
    return f"{whole[:start]}{REDACTED}{whole[end:]}"
