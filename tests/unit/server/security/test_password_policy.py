"""Long passwords are taken, whatever they are made of; those that are guessed early are not."""

from __future__ import annotations

import pytest

from maemae.server.security.password_policy import LONGEST, SHORTEST, objection


@pytest.mark.parametrize(
    "password",
    [
        "한강을 건너 남산에 오른다 42",
        "correct pony battery stapler",
        "x7#Lp0!qZ2@mN9$",
        "lettersonlynodigits",
        "84 rivers 17 hills 9",
        "  spaces around are fine  ",
        "🐢 slow and steady wins 🐇",
        "가" + "나라말싸미 듕귁에 달아 문자와",
        ("zq8" + "mountain bicycle ") * 6,
    ],
)
def test_password_when_long_and_not_known_is_taken(password: str) -> None:
    assert objection("owner", password[:LONGEST]) is None


@pytest.mark.parametrize(
    "password",
    [
        "",
        "short",
        "x7#Lp0!qZ2@mN9",  # one too few
        "a" * 15,
        "abababababababab",
        "password password",
        "PasswordPassword1",
        "1234567890123456",
        "987654321098765",
        "qwertyuiopasdfgh",
        "zxcvbnmasdfghjkl1",
        "1q2w3e4r5t6y7u8i9o",
        "1qaz2wsx3edc4rfv",
        "abcdefghijklmnop",
        "correct horse battery staple",
        "dkssudgktpdy123456",
        "동해물과 백두산이 마르고 닳도록",
        "ownerownerownerowner",
        "owner123456owner",
        "qwerty owner 123456",
        "x" * (LONGEST + 1),
    ],
)
def test_password_when_short_long_or_guessed_early_is_not_taken(password: str) -> None:
    why = objection("owner", password)

    assert why is not None
    assert why.ko
    assert why.en


def test_password_when_as_long_as_may_be_is_taken() -> None:
    sentence = "the heron waits beside a frozen lake until somebody brings it bread and "
    assert objection("owner", (sentence * 3)[:LONGEST]) is None
    assert objection("owner", sentence[:SHORTEST]) is None
