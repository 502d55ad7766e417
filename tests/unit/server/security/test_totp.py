"""Codes are those of RFC 6238, of the present step unless told otherwise."""

from __future__ import annotations

import base64

import pytest

from maemae.domain.instant import SECOND
from maemae.server.security.totp import matching_step, new_totp_secret, otpauth_uri, step_of

SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("at", "code"),  # RFC 6238, appendix B, cut down to six digits
    [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_234_567_890, "005924"),
        (20_000_000_000, "353130"),
    ],
)
def test_code_when_of_its_own_step_is_right(at: int, code: str) -> None:
    assert matching_step(SECRET, code, at * SECOND, past_steps=0) == at // 30


def test_code_when_of_another_step_is_wrong_unless_allowed() -> None:
    at = 1_111_111_109 * SECOND
    later, earlier = at + 30 * SECOND, at - 30 * SECOND

    assert matching_step(SECRET, "081804", later, past_steps=0) is None
    assert matching_step(SECRET, "081804", later, past_steps=1) == step_of(at)
    assert matching_step(SECRET, "081804", later + 30 * SECOND, past_steps=1) is None
    assert matching_step(SECRET, "081804", earlier, past_steps=1) is None


def test_step_when_the_next_one_begins_is_the_next_one() -> None:
    assert step_of(30 * SECOND) == step_of(30 * SECOND - 1) + 1


def test_secret_when_made_has_160_bits_and_is_never_the_same() -> None:
    secrets = {new_totp_secret() for _ in range(50)}

    assert len(secrets) == 50
    assert {len(base64.b32decode(secret)) for secret in secrets} == {20}


def test_uri_names_person_and_issuer() -> None:
    uri = otpauth_uri(SECRET, "min ji@home")

    assert uri.startswith("otpauth://totp/maemae:min%20ji%40home?")
    assert f"secret={SECRET}" in uri
    assert "issuer=maemae" in uri
