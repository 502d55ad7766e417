"""Strangers come in one after the other, and a crowd of them is turned away."""

from __future__ import annotations

import asyncio

import pytest

from maemae.server.problem import ProblemError
from maemae.server.security.turnstile import MOST_WAITING, Turnstile


def test_crowd_when_it_comes_at_once_goes_through_one_by_one_and_the_rest_is_turned_away() -> None:
    inside, most_inside, through, turned_away = 0, 0, 0, list[ProblemError]()

    async def go_through(turnstile: Turnstile) -> None:
        nonlocal inside, most_inside, through
        try:
            async with turnstile.turn():
                inside += 1
                most_inside = max(most_inside, inside)
                await asyncio.sleep(0)
                inside -= 1
                through += 1
        except ProblemError as error:
            turned_away.append(error)

    async def crowd() -> None:
        turnstile = Turnstile()
        await asyncio.gather(*(go_through(turnstile) for _ in range(MOST_WAITING + 4)))
        await go_through(turnstile)  # the queue is gone

    asyncio.run(crowd())

    assert most_inside == 1
    assert through == MOST_WAITING + 2
    assert [(error.status, error.code) for error in turned_away] == [(503, "BUSY")] * 3


def test_turnstile_when_somebody_fails_inside_lets_the_next_one_in() -> None:
    async def fail_and_come_again() -> None:
        turnstile = Turnstile()
        with pytest.raises(ZeroDivisionError):
            async with turnstile.turn():
                raise ZeroDivisionError
        async with asyncio.timeout(60), turnstile.turn():
            pass

    asyncio.run(fail_and_come_again())
