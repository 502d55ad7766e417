"""A request has one number, given or made; one that could break a log line is not taken."""

from __future__ import annotations

import pytest

from maemae.server.correlation import begin_request, current_request_id, end_request


def test_number_when_sound_is_taken_and_ends_with_the_request() -> None:
    began = begin_request("req-12345678")
    assert current_request_id() == "req-12345678"
    end_request(began)
    assert current_request_id() == ""


@pytest.mark.parametrize("asked", [None, "", "short", "x" * 65, 'a"b\nc12345', "한글한글한글한글"])
def test_number_when_absent_or_unsound_is_made(asked: str | None) -> None:
    began = begin_request(asked)
    made = current_request_id()
    end_request(began)
    assert made != asked
    assert len(made) == 16
