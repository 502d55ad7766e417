"""A second factor shown lately is good for its time to the nanosecond, and never before it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Final

import pytest

from maemae.server.config import Patience
from maemae.server.security.actor import Actor
from maemae.server.security.gates import stepped_up_until

SHOWN: Final = 1_800_000_000 * 1_000_000_000
GOOD_FOR: Final = Patience().stepped_up
END: Final = SHOWN + GOOD_FOR


def until(shown: int | None, now: int) -> int | None:
    config = SimpleNamespace(patience=Patience())
    services: Any = SimpleNamespace(wall=SimpleNamespace(now=lambda: now), config=config)
    return stepped_up_until(
        services, Actor("kim", frozenset(), frozenset(), b"", "", stepped_up_at=shown)
    )


@pytest.mark.parametrize(
    ("now", "good_until"),
    [(SHOWN, END), (END - 1, END), (END, None), (END + 1, None), (SHOWN - 1, None), (0, None)],
)
def test_step_up_when_shown_is_good_until_its_end(now: int, good_until: int | None) -> None:
    assert until(SHOWN, now) == good_until


def test_step_up_when_never_shown_is_good_for_nothing() -> None:
    assert until(None, SHOWN) is None
