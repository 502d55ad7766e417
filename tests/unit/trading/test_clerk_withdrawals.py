"""A person lists what waits and takes it back, once for each key."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from maemae.domain.errors import InvalidValueError, MaemaeError
from maemae.domain.ids import IntentId
from maemae.domain.intent import ParentIntent
from maemae.domain.parent import Crossing
from maemae.ports import Entry
from maemae.trading.clerk import Clerk
from maemae.trading.control.commands import Ask, OrdersQuery, Withdraw
from maemae.trading.control.replies import Accepted, Orders, Reply
from maemae.trading.mailbox import Mailbox
from maemae.trading.once import Once
from tests.builders import NOON, a_core, an_intent

WISH = ParentIntent(an_intent(intent_id="S:1"), crossing=Crossing(10_500, above=True))
TAKEN_BACK = IntentId("S:1")


def told(*asks: Ask) -> tuple[list[Reply | MaemaeError], int]:
    """Return the answers of a clerk before a core in which one order waits, and its letters."""
    nothing: Any = None
    core, journal, letters = a_core(WISH), dict[str, Entry](), list[str]()

    async def listen(mailbox: Mailbox) -> None:
        while True:
            for letter in await mailbox.take(9):
                assert letter.answer is not None
                assert letter.command_id is not None
                letters.append(letter.command_id)
                try:
                    actions = tuple(core.handle(letter.event))
                except MaemaeError as error:
                    letter.answer.set_exception(error)
                else:
                    journal[letter.command_id] = Entry(1, letter.event, actions)
                    letter.answer.set_result(actions)

    async def ask_all() -> list[Reply | MaemaeError]:
        mailbox = Mailbox()
        listening = asyncio.create_task(listen(mailbox))
        engine = SimpleNamespace(mailbox=mailbox, core=core, state=core.state)
        executor: Any = SimpleNamespace(engine=engine)
        once = Once(journal.get, lambda: NOON)
        clerk = Clerk(nothing, executor, nothing, nothing, nothing, once, nothing, nothing)
        answers: list[Reply | MaemaeError] = []
        for ask in asks:
            try:
                answers.append(await clerk.handle(ask))
            except MaemaeError as error:
                answers.append(error)
        listening.cancel()
        return answers

    return asyncio.run(ask_all()), len(letters)


@pytest.mark.parametrize("is_open_only", [False, True])
def test_orders_list_what_waits_until_it_is_taken_back(*, is_open_only: bool) -> None:
    query = OrdersQuery(is_open_only=is_open_only)

    (before, _, after), _ = told(query, Withdraw("k", "kim", TAKEN_BACK), query)

    assert isinstance(before, Orders)
    assert [each.intent_id for each in before.waiting] == ["S:1"]
    assert after == Orders(())


def test_withdrawal_when_sent_again_with_its_key_is_answered_and_not_done_again() -> None:
    asked = Withdraw("k", "kim", TAKEN_BACK)

    answers, letters = told(asked, asked)

    assert answers == [Accepted("k"), Accepted("k")]
    assert letters == 1


def test_withdrawal_under_another_key_of_what_waits_no_more_says_so() -> None:
    (_, second), _ = told(Withdraw("k", "kim", TAKEN_BACK), Withdraw("k2", "kim", TAKEN_BACK))

    assert isinstance(second, InvalidValueError)
    assert "maemae orders" in second.text.en


def test_key_of_a_withdrawal_takes_no_other_wish_back() -> None:
    asked = Withdraw("k", "kim", TAKEN_BACK)

    (_, second), letters = told(asked, Withdraw("k", "kim", IntentId("S:2")))

    assert isinstance(second, InvalidValueError)
    assert letters == 1
