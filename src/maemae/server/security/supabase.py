"""
Believes what a Supabase project says about who somebody is, and nothing else.

The project signs; its public keys are fetched and kept for a while. Only asymmetric algorithms
are taken, since whoever could check a symmetric signature could make one. The subject must be
somebody here, to whom an administrator gave it; what else the token says of rights is not read.

Source: https://supabase.com/docs/guides/auth/signing-keys, read 2026-11-20.
"""

from __future__ import annotations

import base64
import threading
from typing import Any, Final

import httpx
import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from maemae.domain.instant import MINUTE, SECOND
from maemae.domain.text import Text
from maemae.ports import WallClock
from maemae.server.problem import ProblemError
from maemae.server.security.refusals import not_logged_in

_ALGORITHMS: Final = ["ES256", "RS256", "EdDSA"]
_AUDIENCE: Final = "authenticated"
_KEPT: Final = 10 * MINUTE
_FRESH: Final = 10 * MINUTE  # a token that is older was perhaps signed out since
_ASKED_AGAIN: Final = 30 * SECOND
_SKEW_SECS: Final = 5
_PATIENCE_SECS: Final = 3.0
_LARGEST: Final = 64 * 1_024
_LONGEST: Final = 8 * 1_024
_FAILURES: Final = (httpx.HTTPError, JoseError, ValueError, KeyError, TypeError)


class Identity(msgspec.Struct, frozen=True):
    """
    Who somebody is, as the project says.

    Attributes:
        subject: Its name of them.
        has_both_factors: Whether they showed a second factor there (`aal2`).
    """

    subject: str
    has_both_factors: bool


class Supabase:
    """
    Proves who somebody is by tokens of one Supabase project.

    Args:
        url: Of the project, such as `https://name.supabase.co`.
        wall: Tokens end by it.
    """

    def __init__(self, url: str, wall: WallClock) -> None:
        self._issuer = f"{url}/auth/v1"
        self._wall = wall
        self._lock = threading.Lock()
        self._keys: KeySet | None = None
        self._asked_at = wall.monotonic() - 2 * _ASKED_AGAIN

    def identify(self, token: str) -> Identity:
        """
        Return whom a token is of; blocks.

        Raises:
            ProblemError: It is not believed, or the project's keys cannot be had.
        """
        if len(token) > _LONGEST:
            raise not_logged_in()
        claims = self._claims(token)
        subject = claims.get("sub")
        if not isinstance(subject, str) or not subject:
            raise not_logged_in()
        return Identity(subject, claims.get("aal") == "aal2")

    def _claims(self, token: str) -> dict[str, Any]:
        now = self._wall.now() // SECOND
        registry = jwt.JWTClaimsRegistry(
            now=now,
            leeway=_SKEW_SECS,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": _AUDIENCE},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
        )
        try:
            decoded = jwt.decode(token, self._keys_for(token), algorithms=_ALGORITHMS)
            registry.validate(decoded.claims)
            age = now - int(decoded.claims["iat"])
        except (JoseError, ValueError, KeyError, TypeError):
            raise not_logged_in() from None
        if not -_SKEW_SECS <= age <= _FRESH // SECOND:
            raise not_logged_in()
        return dict(decoded.claims)

    def _keys_for(self, token: str) -> KeySet:
        """Return the project's keys; asked for anew if none has the name that the token gives."""
        kid = _key_name(token)
        with self._lock:
            now = self._wall.monotonic()
            if self._is_due(kid, now) and now - self._asked_at > _ASKED_AGAIN:
                self._asked_at, self._keys = now, None
                self._keys = self._fetch()
            if self._keys is None:
                raise _unreachable()
            return self._keys

    def _is_due(self, kid: str, now: int) -> bool:
        if self._keys is None or now - self._asked_at > _KEPT:
            return True
        return all(key.kid != kid for key in self._keys.keys)

    def _fetch(self) -> KeySet:
        url = f"{self._issuer}/.well-known/jwks.json"
        try:
            with httpx.Client(timeout=_PATIENCE_SECS, follow_redirects=False) as client:
                answer = client.get(url).raise_for_status()
            if len(answer.content) > _LARGEST:
                raise _unreachable()
            keys = [key for key in answer.json()["keys"] if key.get("kty") in {"EC", "RSA", "OKP"}]
            return KeySet.import_key_set({"keys": keys})
        except _FAILURES as error:
            raise _unreachable() from error


def _key_name(token: str) -> str:
    head = token.partition(".")[0]
    try:
        told = msgspec.json.decode(_unpadded(head), type=dict[str, Any])
    except (msgspec.MsgspecError, ValueError):
        raise not_logged_in() from None
    kid = told.get("kid")
    if not isinstance(kid, str):
        raise not_logged_in()
    return kid


def _unpadded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _unreachable() -> ProblemError:
    return ProblemError(
        503,
        "SUPABASE_UNREACHABLE",
        Text(
            "Supabase 의 공개 열쇠를 받지 못했습니다. 잠시 뒤에 다시 하거나 비밀번호로 들어오세요.",
            "The public keys of Supabase cannot be had. Try again later, or log in by password.",
        ),
    )
