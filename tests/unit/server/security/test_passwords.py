"""Hashes are argon2id of the least work that is advised, and a flood of them is turned away."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator

import pytest

from maemae.server.problem import ProblemError
from maemae.server.security.passwords import Passwords

PATIENCE_SECS = 60.0


@pytest.fixture
def quick() -> Iterator[Passwords]:
    passwords = Passwords(memory_kib=8, passes=1)
    yield passwords
    passwords.close()


def test_hash_when_made_as_usual_takes_19_mib_and_two_passes() -> None:
    passwords = Passwords()
    made = passwords.hash("한강을 건너 남산에 오른다")
    passwords.close()

    found = re.fullmatch(r"\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$.+", made)
    assert found is not None
    assert [int(each) for each in found.groups()] == [19 * 1_024, 2, 1]


def test_password_when_right_wrong_or_of_nobody_is_told_apart(quick: Passwords) -> None:
    made = quick.hash("right")

    assert quick.is_right(made, "right")
    assert not quick.is_right(made, "wrong")
    assert not quick.is_right(None, "right")
    assert not quick.is_right("no hash at all", "right")


def test_nobody_when_asked_about_costs_as_much_as_somebody(
    quick: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, verified = quick.hash("right"), list[str]()
    real = quick._verify

    def counted(password_hash: str, password: str) -> bool:
        verified.append(password_hash.partition("$m=")[2].partition("$")[0])
        return real(password_hash, password)

    monkeypatch.setattr(quick, "_verify", counted)
    quick.is_right(made, "wrong")
    quick.is_right(None, "wrong")

    assert len(verified) == 2
    assert verified[0] == verified[1]


def test_hash_when_made_with_less_work_is_weaker(quick: Passwords) -> None:
    usual = Passwords()
    made = usual.hash("x")
    usual.close()

    assert not quick.is_weaker(quick.hash("x"))
    assert quick.is_weaker(made) is True  # other work: it is made anew


def test_flood_when_too_many_wait_is_turned_away_and_later_served(quick: Passwords) -> None:
    gate, refused = threading.Event(), list[ProblemError]()
    at_once, deadline = list[int](), time.monotonic() + PATIENCE_SECS

    def slow() -> bool:
        at_once.append(1)
        return gate.wait(PATIENCE_SECS)

    def ask() -> None:
        try:
            quick._run(slow)
        except ProblemError as error:
            refused.append(error)

    threads = [threading.Thread(target=ask) for _ in range(40)]
    for thread in threads:
        thread.start()
    while len(refused) < 40 - 17 and time.monotonic() < deadline:
        time.sleep(0.005)
    hashed_meanwhile = len(at_once)
    gate.set()
    for thread in threads:
        thread.join(PATIENCE_SECS)

    assert hashed_meanwhile == 1  # however many ask, one core is busy with it
    assert len(refused) == 40 - 17
    assert {(error.status, error.code) for error in refused} == {(503, "BUSY")}
    assert quick.is_right(quick.hash("x"), "x")
