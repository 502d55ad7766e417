"""An alert that a person saw is closed durably, in order, with who saw it."""

from __future__ import annotations

import asyncio

from maemae.domain.errors import StorageError
from maemae.domain.text import Text
from maemae.ports import Alert
from maemae.trading.alert_book import AlertBook
from tests.virtual_time import VirtualLoop

BLIND = Alert("BLIND", "005930", is_critical=False, text=Text("가", "a"), at=1)


class Shelf:
    """A store of alerts that can be down for a while, and a person who is told."""

    def __init__(self, failures: int = 0) -> None:
        self.written: list[object] = []
        self.failures = failures
        self.book = AlertBook(self._keep, self._resolve, self._acknowledge, self)

    async def notify(self, alert: Alert) -> None:
        self.told = alert

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


async def _acknowledged(shelf: Shelf) -> None:
    writing = asyncio.create_task(shelf.book.run())
    shelf.book.raise_(BLIND)
    await shelf.book.acknowledge("BLIND", "005930", "kim")
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)


def acknowledged(failures: int) -> Shelf:
    loop = VirtualLoop()
    try:
        shelf = Shelf(failures)
        loop.run_until_complete(_acknowledged(shelf))
    finally:
        loop.close()
    return shelf


def test_alert_that_was_seen_is_written_after_it_was_opened_and_is_out_of_sight() -> None:
    shelf = acknowledged(0)

    assert shelf.written == ["BLIND", ("BLIND", "005930", "kim")]
    assert shelf.book.open == []


def test_alert_that_was_seen_while_the_store_was_down_keeps_its_order() -> None:
    shelf = acknowledged(3)

    assert shelf.written == ["BLIND", ("BLIND", "005930", "kim")]
