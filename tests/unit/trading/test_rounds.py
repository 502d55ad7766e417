"""A comparison counts for a while, and for its account only."""

from __future__ import annotations

import asyncio
from datetime import date

from maemae.domain.ids import AccountId
from maemae.domain.instant import SECOND
from maemae.trading.endings import Ending
from maemae.trading.reconciler import Round
from maemae.trading.rounds import Rounds
from tests.builders import ACCOUNT
from tests.timed_outside import MONDAY, Place, at
from tests.virtual_time import run

OTHER = AccountId("A-2")


class Reader:
    """Compares what it is told to."""

    def __init__(self) -> None:
        self.can_compare = True

    async def run_round(self, account_id: AccountId, day: date) -> Round:
        return Round((), (), is_compared=self.can_compare)


def test_rounds_when_an_account_was_compared_believe_it_so_long() -> None:
    async def main() -> None:
        reader, place = Reader(), Place(at(MONDAY, 12))
        rounds, wall = Rounds(reader, place.outside), place.wall
        assert not rounds.are_compared([ACCOUNT], 60 * SECOND)
        await rounds.run_round(ACCOUNT, MONDAY)
        wall.step += 3_600 * SECOND  # a clock that is set makes nothing older
        assert place.over == [(Ending.READ, ACCOUNT), (Ending.COMPARED, ACCOUNT)]
        assert rounds.are_compared([ACCOUNT], 60 * SECOND)
        assert not rounds.are_compared([ACCOUNT, OTHER], 60 * SECOND)
        await asyncio.sleep(40)
        reader.can_compare = False
        await rounds.run_round(ACCOUNT, MONDAY)
        assert rounds.are_compared([ACCOUNT], 60 * SECOND)
        await asyncio.sleep(21)
        assert not rounds.are_compared([ACCOUNT], 60 * SECOND)

    run(main())
