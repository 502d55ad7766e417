"""A request under a key is one process's to answer, and another's only if that one died."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import insert

from maemae.domain.errors import InvalidValueError
from maemae.domain.instant import SECOND
from maemae.storage.answers import Answers, Given
from maemae.storage.server_store import ServerStore, open_server_store
from maemae.storage.tables.people import users
from tests.builders import NOON

PATIENCE = 15 * SECOND
GIVEN = Given(200, b'{"outcome": "SENT"}')


@pytest.fixture
def answers(url: str) -> Iterator[Answers]:
    with open_server_store(url, backup=lambda: None, is_market_open=lambda: False) as store:
        _someone(store, "kim")
        _someone(store, "lee")
        yield Answers(store)


def _someone(store: ServerStore, user_id: str) -> None:
    row = {"user_id": user_id, "is_locked": False}
    store.writer.run(lambda connection: connection.execute(insert(users), row))


def test_request_is_answered_as_it_was(answers: Answers) -> None:
    assert answers.begin("kim", "key-0001", b"h", NOON, PATIENCE) is True
    assert answers.begin("kim", "key-0001", b"h", NOON, PATIENCE) is False
    answers.finish("kim", "key-0001", GIVEN)

    assert answers.begin("kim", "key-0001", b"h", NOON, PATIENCE) == GIVEN


def test_key_is_of_one_person_and_one_request(answers: Answers) -> None:
    answers.begin("kim", "key-0001", b"h", NOON, PATIENCE)

    assert answers.begin("lee", "key-0001", b"other", NOON, PATIENCE) is True
    with pytest.raises(InvalidValueError, match="belongs to another"):
        answers.begin("kim", "key-0001", b"other", NOON, PATIENCE)


def test_request_whose_process_died_is_given_to_one_other(answers: Answers) -> None:
    answers.begin("kim", "key-0001", b"h", NOON, PATIENCE)

    def take(_: int) -> bool | Given:
        return answers.begin("kim", "key-0001", b"h", NOON + PATIENCE, PATIENCE)

    with ThreadPoolExecutor(8) as crowd:
        taken = list(crowd.map(take, range(8)))

    assert taken.count(True) == 1
    assert taken.count(False) == 7


def test_request_that_came_to_nothing_may_be_asked_again_and_an_answer_stays(
    answers: Answers,
) -> None:
    answers.begin("kim", "key-0001", b"h", NOON, PATIENCE)
    answers.forget("kim", "key-0001")
    assert answers.begin("kim", "key-0001", b"h", NOON, PATIENCE) is True
    answers.finish("kim", "key-0001", GIVEN)

    answers.forget("kim", "key-0001")

    assert answers.begin("kim", "key-0001", b"h", NOON, PATIENCE) == GIVEN


def test_answers_of_long_ago_are_dropped(answers: Answers) -> None:
    answers.begin("kim", "key-0001", b"h", NOON, PATIENCE)
    answers.finish("kim", "key-0001", GIVEN)

    answers.forget_old(NOON)
    assert answers.begin("kim", "key-0001", b"h", NOON, PATIENCE) == GIVEN
    answers.forget_old(NOON + 1)

    assert answers.begin("kim", "key-0001", b"h", NOON, PATIENCE) is True
