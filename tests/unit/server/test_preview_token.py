"""A preview's token is of one person and one order, for a minute, and cannot be made up."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from maemae.domain.ids import AccountId
from maemae.domain.intent import Cash, Shares
from maemae.domain.terms import Side
from maemae.server.preview_token import GOOD_FOR, PreviewTokens, Seen, Terms
from maemae.server.problem import ProblemError
from maemae.storage.master_keys import MasterKeys
from tests.builders import ACCOUNT, NOON, SAMSUNG

TERMS = Terms("kim", ACCOUNT, SAMSUNG, Side.BUY, Shares(3), 10_000, None, None)
SEEN = Seen(TERMS, 9_990, NOON + GOOD_FOR)


@pytest.fixture
def tokens(tmp_path: Path) -> PreviewTokens:
    return PreviewTokens(MasterKeys(tmp_path / "keys"))


def test_token_tells_what_was_seen(tokens: PreviewTokens) -> None:
    assert tokens.read(tokens.sign(SEEN), TERMS, NOON) == SEEN


@pytest.mark.parametrize(
    "other",
    [
        replace(TERMS, user_id="lee"),
        replace(TERMS, account_id=AccountId("B-2")),
        replace(TERMS, side=Side.SELL),
        replace(TERMS, size=Shares(4)),
        replace(TERMS, size=Cash(3)),
        replace(TERMS, price=None),
        replace(TERMS, stop_loss=30_000),
    ],
)
def test_token_of_other_terms_is_no_good(tokens: PreviewTokens, other: Terms) -> None:
    with pytest.raises(ProblemError, match="PREVIEW_INVALID"):
        tokens.read(tokens.sign(SEEN), other, NOON)


def test_token_after_a_minute_is_no_good(tokens: PreviewTokens) -> None:
    token = tokens.sign(SEEN)

    assert tokens.read(token, TERMS, NOON + GOOD_FOR - 1) == SEEN
    with pytest.raises(ProblemError, match="PREVIEW_EXPIRED"):
        tokens.read(token, TERMS, NOON + GOOD_FOR)


def test_token_that_was_altered_or_made_up_is_no_good(
    tokens: PreviewTokens, tmp_path: Path
) -> None:
    version, content, mac = tokens.sign(SEEN).split(".")
    other = PreviewTokens(MasterKeys(tmp_path / "other")).sign(SEEN)
    forged = [
        f"{version}.AA{content[2:]}.{mac}",
        f"{version}.{content}.AA{mac[2:]}",
        f"9.{content}.{mac}",
        f"{version}.{content}",
        "",
        "...",
        "1.한글.한글",
        "x.y.z",
        other,
    ]

    for token in forged:
        with pytest.raises(ProblemError, match="PREVIEW_INVALID"):
            tokens.read(token, TERMS, NOON)


def test_token_made_before_a_new_master_key_is_still_good(
    tokens: PreviewTokens, tmp_path: Path
) -> None:
    token = tokens.sign(SEEN)

    MasterKeys(tmp_path / "keys").add()

    assert tokens.read(token, TERMS, NOON) == SEEN
    assert tokens.sign(SEEN).startswith("2.")
