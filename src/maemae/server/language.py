"""Korean first, English for who asks for it."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from maemae.domain.text import Language


def language_of(connection: HTTPConnection) -> Language:
    """Return the language that a client accepts first, of those there are."""
    accepted = connection.headers.get("accept-language", "").lower()
    first = accepted.split(",", 1)[0].strip()
    return Language.EN if first.startswith("en") else Language.KO
