"""What is logged or audited shows no secret, wherever it stands in it."""

from __future__ import annotations

import pytest

from maemae.server.redaction import REDACTED, redacted, redacted_text

CANARY = "c4n4ry-9f2e"


@pytest.mark.parametrize(
    "name",
    [
        *("password", "account_password", "app_key", "appkey", "appSecret", "token", "csrf_token"),
        *("Set-Cookie", "Authorization", "totp_secret", "otpauth_uri", "recovery_codes", "ticket"),
    ],
)
@pytest.mark.parametrize("value", [CANARY, [CANARY], {"a": {"b": CANARY}}])
def test_value_when_its_name_says_secret_is_not_shown(name: str, value: object) -> None:
    assert CANARY not in str(redacted({"outer": [{name: value}]}))


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Bearer {CANARY}",
        f"postgresql://kim:{CANARY}@db.example:5432/x",
        f"https://api.example/x?token={CANARY}&y=1",
        f'{{"app_secret": "{CANARY}"}}',
        f"Cookie: __Host-login={CANARY}; theme=dark",
        f"account_password='{CANARY}'",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJj.c4n4ry-9f2e",
        "AGE-SECRET-KEY-1c4n4ry-9f2e".replace("-9f2e", ""),
    ],
)
def test_text_when_it_holds_a_secret_is_shown_without_it(text: str) -> None:
    shown = redacted_text(text)
    assert "c4n4ry" not in shown
    assert REDACTED in shown


@pytest.mark.parametrize("code", ["123456", "ABCD-1234-EFGH"])
def test_one_time_code_is_not_shown(code: str) -> None:
    assert redacted({"code": code}) == {"code": REDACTED}


def test_what_is_no_secret_stays_as_it_is() -> None:
    detail = {
        "code": "NOT_FOUND",
        "numbers": (1, 2),
        "price": 70_000,
        "is_open": True,
        "price_ratio": 0.5,
        "none": None,
        "text": "매수 10주, 005930 at 70,000",
        "order_hash": "ab12",
    }
    assert redacted(detail) == {**detail, "numbers": [1, 2]}


def test_value_when_nested_without_end_is_cut() -> None:
    endless: dict[str, object] = {}
    endless["self"] = endless
    assert "too deep" in str(redacted(endless))


@pytest.mark.parametrize("piece", ["a", "가", "eyJ-", "://:", "password", "token_", "bearer "])
def test_text_when_made_to_take_long_is_cut(piece: str) -> None:
    assert len(redacted_text(piece * 100_000)) < 20_000
