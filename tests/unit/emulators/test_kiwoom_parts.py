"""Parts of the Kiwoom emulator that need no server: formats, pages, quotas, bars, charges."""

from __future__ import annotations

import pytest

from maemae.domain.instant import MINUTE, SECOND
from maemae.emulators.kiwoom_rest import formats
from maemae.emulators.kiwoom_rest.catalogue import PATHS
from maemae.emulators.kiwoom_rest.codes import (
    FORMS,
    KNOWN_FORMS,
    PAPER_REJECTS,
    REAL_REJECTS,
    Reject,
)
from maemae.emulators.kiwoom_rest.config import Rate
from maemae.emulators.kiwoom_rest.history import Bar, merged, minutes
from maemae.emulators.kiwoom_rest.limiter import Limiter
from maemae.emulators.kiwoom_rest.paging import page_of
from maemae.emulators.kiwoom_rest.wire import Answer, RefusalError
from maemae.krx.band import PriceBand
from tests.brokers.sim_rig import DAY


class Wall:
    """The machine's time, moved by hand."""

    def __init__(self) -> None:
        self.time = 0

    def now(self) -> int:
        return self.time

    def monotonic(self) -> int:
        return self.time

    async def sleep(self, nanos: int) -> None:
        self.time += nanos


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (formats.padded(-714, 15), "-00000000000714"),
        (formats.padded(4_873_200, 15), "000000004873200"),
        (formats.price(41_300, 40_950), "+41300"),
        (formats.price(40_000, 40_950), "-40000"),
        (formats.price(40_950, 40_950), "40950"),
        (formats.price(0, 40_950), "0"),
        (formats.signed(0), "0"),
        (formats.rate(-418, 10_000), "-4.18"),
        (formats.rate(-1, 1_000_000), "0.00"),
        (formats.rate(1, 0), "0.00"),
        (formats.signed_rate(238, 10_000), "+2.38"),
        (formats.padded_rate(298, 10_000), "000000002.98"),
        (formats.padded_rate(-66, 10_000), "-00000000.66"),
        (formats.hundredths(-239_449), "-2394.49"),
    ],
)
def test_numbers_are_written_as_the_reference_has_them(made: str, text: str) -> None:
    assert made == text


@pytest.mark.parametrize(
    ("px", "code"), [(13_000, "1"), (10_010, "2"), (10_000, "3"), (7_000, "4"), (9_990, "5")]
)
def test_sign_code_tells_the_direction_and_the_limits(px: int, code: str) -> None:
    assert formats.sign_code(px, 10_000, PriceBand(7_000, 13_000)) == code


@pytest.mark.parametrize("text", ["", "2025-09-02", "20251332", "202509021", "yesterday"])
def test_day_that_is_none_is_not_found(text: str) -> None:
    assert formats.find_day(text) is None


def test_pages_fit_together_while_newer_rows_come() -> None:
    rows = [{"n": str(n)} for n in range(10, 0, -1)]
    first = page_of(Answer({}, "list", rows, is_newest_first=True, scope="005930"), "", 4, DAY)
    grown = [{"n": str(n)} for n in range(13, 0, -1)]
    answer = Answer({}, "list", grown, is_newest_first=True, scope="005930")
    second = page_of(answer, first.next_key, 4, DAY)
    third = page_of(answer, second.next_key, 4, DAY)
    seen = [row["n"] for page in (first, second, third) for row in page.rows]
    assert seen == [str(n) for n in range(10, 0, -1)]
    assert first.next_key.startswith("A00593020250902")
    assert third.next_key == ""


@pytest.mark.parametrize("key", ["x", "A005930", "A00593020250902999", "A0059302025090-1"])
def test_page_key_of_another_kind_is_refused(key: str) -> None:
    with pytest.raises(RefusalError):
        page_of(Answer({}, "list", [{"n": "1"}]), key, 4, DAY)


def test_limiter_takes_a_burst_and_then_so_many_a_second() -> None:
    wall = Wall()
    limiter = Limiter(wall)
    taken = [limiter.takes("key", Rate(1, 2)) for _ in range(3)]
    wall.time += SECOND
    later = [limiter.takes("key", Rate(1, 2)) for _ in range(2)]
    wall.time += 60 * SECOND
    idle = [limiter.takes("key", Rate(1, 2)) for _ in range(3)]
    assert (taken, later, idle) == ([True, True, False], [True, False], [True, True, False])
    assert limiter.takes("other", Rate(1, 2))


def test_bars_are_merged_and_labelled_with_their_beginning() -> None:
    bars = [Bar(n * MINUTE, 10 + n, 20 + n, 5 - n, 12 + n, 100, 1_000) for n in range(5)]
    assert merged(bars[:3]) == Bar(0, 10, 22, 3, 14, 300, 3_000)
    assert [bar.at // MINUTE for bar in minutes(bars[1:], 3)] == [0, 3]


def test_every_reason_has_a_code_or_a_setting_in_both_worlds() -> None:
    assert set(PAPER_REJECTS) == set(REAL_REJECTS) == set(Reject)
    assert [reject for reject, (code, _) in PAPER_REJECTS.items() if not code] == [Reject.OFF_TICK]


def test_kinds_of_order_that_are_played_are_known() -> None:
    assert set(FORMS) < KNOWN_FORMS
    assert len(KNOWN_FORMS) == 18


def test_every_kind_of_request_has_one_address() -> None:
    assert len(PATHS) > 180
    assert {path.split("/")[1] for path in PATHS.values()} == {"api"}
