"""
Six digits that change every 30 s, made of a shared secret and the time (RFC 6238).

Source: https://www.rfc-editor.org/rfc/rfc6238, read 2026-11-20.
"""

from __future__ import annotations

import hmac
from typing import Final

import pyotp

from maemae.domain.instant import SECOND

STEP_SECS: Final = 30
_ISSUER: Final = "maemae"


def new_totp_secret() -> str:
    """Return a new shared secret, in base 32."""
    return pyotp.random_base32()


def step_of(now: int) -> int:
    """Return the number of the 30 s in which an instant lies."""
    return now // (STEP_SECS * SECOND)


def matching_step(secret: str, code: str, now: int, past_steps: int) -> int | None:
    """
    Return the step that a code is of.

    Args:
        secret: In base 32.
        code: What a person typed.
        now: Wall time [ns, UTC].
        past_steps: How many earlier steps count too; 0 is the rule.
    """
    made = pyotp.TOTP(secret, interval=STEP_SECS)
    current = step_of(now)
    found = None
    for step in range(current - past_steps, current + 1):
        if hmac.compare_digest(made.generate_otp(step).encode(), code.encode()):
            found = step
    return found


def otpauth_uri(secret: str, user_id: str) -> str:
    """Return what an authenticator app reads from a picture."""
    return pyotp.TOTP(secret, interval=STEP_SECS).provisioning_uri(
        name=user_id, issuer_name=_ISSUER
    )
