"""An alert is told at once, again while it stands, and closed durably by who may close it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from maemae.domain.errors import StorageError
from maemae.domain.instant import MINUTE
from maemae.domain.text import Text
from maemae.ports import Alert
from maemae.trading.alert_book import AlertBook
from maemae.trading.endings import Ending
from tests.virtual_time import VirtualWall, run

BLIND = Alert("BLIND", "005930", is_critical=False, text=Text("가", "a"), at=1)
OUTAGE = Alert("BROKER_UNREACHABLE", "broker", is_critical=True, text=Text("나", "b"), at=1)
OVERFILL = Alert("OVERFILL", "7", is_critical=True, text=Text("다", "c"), at=1)
EVERY = 10 * 60


class Shelf:
    """A store of alerts that can be down for a while, and a person who is told."""

    def __init__(self, failures: int = 0) -> None:
        self.written: list[object] = []
        self.failures = failures
        self.told: list[str] = []
        self.is_deaf = False
        self.book = AlertBook(
            self._keep, self._resolve, self._acknowledge, self, VirtualWall(), 10 * MINUTE
        )

    async def notify(self, alert: Alert) -> None:
        if self.is_deaf:
            raise OSError("no line")
        self.told.append(alert.code)

    def _keep(self, alert: Alert) -> None:
        self._write(alert.code)

    def _resolve(self, code: str, subject: str) -> None:
        self._write((code, subject))

    def _acknowledge(self, code: str, subject: str, who: str) -> None:
        self._write((code, subject, who))

    def _write(self, row: object) -> None:
        if self.failures:
            self.failures -= 1
            raise StorageError("고장", "down")
        self.written.append(row)

    async def live(self, minutes: float, *then: Callable[[], object]) -> None:
        """Do one thing after the other, with so many minutes after each."""
        living = asyncio.create_task(self.book.run())
        for do in then:
            did = do()
            if asyncio.iscoroutine(did):
                await did
            await asyncio.sleep(minutes * 60)
        living.cancel()
        await asyncio.gather(living, return_exceptions=True)

    def see(self, alert: Alert) -> Callable[[], object]:
        return lambda: self.book.acknowledge(alert.code, alert.subject, "kim")


def acknowledged(failures: int) -> Shelf:
    shelf = Shelf(failures)
    run(shelf.live(1, lambda: shelf.book.raise_(BLIND), shelf.see(BLIND)))
    return shelf


def test_alert_that_was_seen_is_written_after_it_was_opened_and_is_out_of_sight() -> None:
    shelf = acknowledged(0)

    assert shelf.written == ["BLIND", ("BLIND", "005930", "kim")]
    assert shelf.book.open == []


def test_alert_that_was_seen_while_the_store_was_down_keeps_its_order() -> None:
    shelf = acknowledged(3)

    assert shelf.written == ["BLIND", ("BLIND", "005930", "kim")]


def test_outage_of_the_next_night_when_the_first_one_ended_is_told_though_nobody_saw_it() -> None:
    shelf = Shelf()
    book = shelf.book

    run(
        shelf.live(
            1,
            lambda: book.raise_(OUTAGE),
            lambda: book.raise_(OUTAGE),
            lambda: book.end(Ending.CONNECTED),
            lambda: book.raise_(OUTAGE),
        )
    )

    assert shelf.told == ["BROKER_UNREACHABLE"] * 2


def test_alert_when_something_else_is_over_stands() -> None:
    shelf = Shelf()
    book = shelf.book

    run(
        shelf.live(
            1,
            lambda: book.raise_(BLIND),
            lambda: book.end(Ending.SIGHTED, "000660"),
            lambda: book.end(Ending.SETTLED, "005930"),
        )
    )

    assert book.open == [BLIND]


def test_critical_alert_when_nobody_sees_it_is_told_again_and_stays_one() -> None:
    shelf = Shelf()

    run(shelf.live(35, lambda: shelf.book.raise_(OVERFILL)))

    assert shelf.told == ["OVERFILL"] * 4  # at once, and after 10, 20 and 30 minutes
    (shown,) = shelf.book.open
    assert shown.at > OVERFILL.at
    assert shelf.written == ["OVERFILL"] * 4  # counted in its one row


def test_mild_alert_is_told_once() -> None:
    shelf = Shelf()

    run(shelf.live(35, lambda: shelf.book.raise_(BLIND)))

    assert shelf.told == ["BLIND"]


def test_critical_alert_when_it_was_seen_is_told_no_more() -> None:
    shelf = Shelf()

    run(shelf.live(35, lambda: shelf.book.raise_(OVERFILL), shelf.see(OVERFILL)))

    assert shelf.told == ["OVERFILL"] * 4


def test_outage_when_it_was_seen_and_goes_on_is_quiet_until_it_was_over() -> None:
    shelf = Shelf()
    book = shelf.book

    run(
        shelf.live(
            15,
            lambda: book.raise_(OUTAGE),
            shelf.see(OUTAGE),
            lambda: book.raise_(OUTAGE),
            lambda: book.end(Ending.CONNECTED),
        )
    )
    seen = list(shelf.told)
    run(shelf.live(1, lambda: book.raise_(OUTAGE)))

    assert seen == ["BROKER_UNREACHABLE"] * 2
    assert shelf.told == ["BROKER_UNREACHABLE"] * 3


def test_fact_of_the_core_when_one_like_it_was_seen_is_told() -> None:
    shelf = Shelf()
    pressed = Alert("KILL_SWITCH", "KILL", is_critical=True, text=Text("라", "d"), at=1)

    run(
        shelf.live(
            1,
            lambda: shelf.book.show(pressed),
            shelf.see(pressed),
            lambda: shelf.book.show(pressed),
        )
    )

    assert shelf.told == ["KILL_SWITCH"] * 2


def test_alert_when_it_becomes_critical_is_told_again_at_once() -> None:
    shelf = Shelf()
    mild = Alert("STRATEGY_FAILED", "S", is_critical=False, text=Text("마", "e"), at=1)
    final = Alert("STRATEGY_FAILED", "S", is_critical=True, text=Text("바", "f"), at=2)

    run(shelf.live(1, lambda: shelf.book.raise_(mild), lambda: shelf.book.raise_(final)))

    assert shelf.told == ["STRATEGY_FAILED"] * 2


def test_critical_alert_of_an_earlier_life_is_told_again_and_can_end() -> None:
    shelf = Shelf()
    shelf.book.recall([OUTAGE, OVERFILL])

    run(shelf.live(15, lambda: None, lambda: shelf.book.end(Ending.CONNECTED)))

    assert shelf.told == ["BROKER_UNREACHABLE", "OVERFILL", "OVERFILL"]
    assert ("BROKER_UNREACHABLE", "broker") in shelf.written
    assert [alert.code for alert in shelf.book.open] == ["OVERFILL"]


def test_critical_alert_when_it_cannot_be_told_is_tried_again_and_told_once() -> None:
    shelf = Shelf()
    shelf.is_deaf = True

    run(
        shelf.live(
            25, lambda: shelf.book.raise_(OVERFILL), lambda: setattr(shelf, "is_deaf", False)
        )
    )

    assert 2 <= len(shelf.told) <= 4  # soon after the line is back, and then every ten minutes
