"""
Runs backtests one after the other, each in a process of its own that gives way to trading.

The server's threads never run a strategy. A process that dies takes nothing with it but its
backtest, which is told FAILED; one that runs when the server stops waits for its next start.
"""

from __future__ import annotations

import queue
import subprocess
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

import msgspec

from maemae.domain.errors import MaemaeError
from maemae.domain.instant import MINUTE, SECOND
from maemae.domain.text import Text
from maemae.ports import WallClock
from maemae.server.logs import logger
from maemae.storage.backtests import Backtest, BacktestAsked, Backtests

_LONGEST: Final = 60 * MINUTE
_LOST: Final = 60 * SECOND
_BEAT: Final = SECOND
_LOOK_SECS: Final = 0.2
_IDLE_SECS: Final = 2.0
_END_SECS: Final = 5.0
_LONGEST_LINE: Final = 256 * 1024  # bytes


class WorkerOrder(msgspec.Struct, frozen=True):
    """What a worker is told, as one line of JSON: what to run, and where its report goes."""

    asked: BacktestAsked
    catalogue: str
    report: str


class WorkerWord(msgspec.Struct, frozen=True):
    """
    What a worker says, a line of JSON each.

    Attributes:
        progress: How much has run [ppm].
        summary: Its figures, once it is done; the last word.
        order_hash: Of the orders, with the summary.
        error: Why it failed; the last word.
    """

    progress: int = 0
    summary: dict[str, int | str | None] | None = None
    order_hash: str = ""
    error: Text | None = None


_WORDS: Final = msgspec.json.Decoder(WorkerWord)


class BacktestPlace(msgspec.Struct, frozen=True):
    """
    Where backtests live.

    Attributes:
        worker: Command line of a worker.
        catalogue: Folder of the market data.
        strategies: Folder of the user's strategies; a worker runs in it.
        reports: Folder of the reports.
    """

    worker: Sequence[str]
    catalogue: Path
    strategies: Path
    reports: Path

    def report_of(self, backtest_id: str) -> Path:
        """Return where the report of a backtest is."""
        return self.reports / f"{backtest_id}.html"


class BacktestDesk:
    """
    A thread that looks after the one worker of this server.

    Args:
        backtests: The table.
        place: Where they live.
        wall: Real time.
    """

    def __init__(self, backtests: Backtests, place: BacktestPlace, wall: WallClock) -> None:
        self.backtests = backtests
        self.place = place
        self._wall = wall
        self._changed = threading.Event()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def start(self, *, is_alone: bool) -> None:
        """
        Go on with what a server before this one left.

        Args:
            is_alone: Whether no other server uses the database: what is told RUNNING then
                belongs to a dead one.
        """
        if self.backtests.count_open() == 0:
            return
        now = self._wall.now()
        self.backtests.fail_lost(now if is_alone else now - _LOST, _LOST_TEXT, now)
        self.wake()

    def wake(self) -> None:
        """Look at the queue now."""
        with self._lock:
            if self._thread is None and not self._ending.is_set():
                self._thread = threading.Thread(target=self._serve, name="backtests", daemon=True)
                self._thread.start()
        self._changed.set()

    def close(self) -> None:
        """End the worker; what it ran waits for the next start."""
        self._ending.set()
        self._changed.set()
        if self._thread is not None:
            self._thread.join(2 * _END_SECS)

    def _serve(self) -> None:
        log = logger("backtests")
        while not self._ending.is_set():
            self._changed.clear()
            try:
                now = self._wall.now()
                self.backtests.fail_lost(now - _LOST, _LOST_TEXT, now)
                taken = self.backtests.claim(now)
                if taken is not None:
                    self._run(taken)
                    continue
            except MaemaeError as error:
                log.warning("backtest desk", error=str(error))
            self._changed.wait(_IDLE_SECS)

    def _run(self, taken: Backtest) -> None:
        self.place.reports.mkdir(parents=True, exist_ok=True)
        self.place.strategies.mkdir(parents=True, exist_ok=True)
        try:
            worker = _Worker(self.place, taken)
        except OSError as error:
            text = Text(
                f"백테스트 작업자를 시작하지 못했습니다 ({error.strerror}). 서버의 설치를 "
                "확인하세요.",
                f"No worker could be started ({error.strerror}). Check the server's installation.",
            )
            self.backtests.fail(taken.backtest_id, text, self._wall.now())
            return
        try:
            self._watch(taken, worker)
        finally:
            worker.end()

    def _watch(self, taken: Backtest, worker: _Worker) -> None:
        """Wait for the worker's last word; note its progress, and whether it is still wanted."""
        began = beaten = self._wall.monotonic()
        progress = 0
        while True:
            word = worker.hear(_LOOK_SECS)
            now = self._wall.monotonic()
            if self._ending.is_set():
                self.backtests.requeue(taken.backtest_id)
                return
            if word is not None and (word.error is not None or word.summary is not None):
                self._conclude(taken, word)
                return
            if word is None and worker.is_gone():
                self._fail(taken, worker.end_text())
                return
            if now - began > _LONGEST:
                self._fail(taken, _TOO_LONG)
                return
            progress = progress if word is None else word.progress
            if now - beaten >= _BEAT:
                beaten = now
                if not self.backtests.beat(taken.backtest_id, progress, self._wall.now()):
                    return  # canceled

    def _conclude(self, taken: Backtest, word: WorkerWord) -> None:
        if word.error is not None:
            self._fail(taken, word.error)
        elif word.summary is not None:
            at = self._wall.now()
            self.backtests.finish(taken.backtest_id, word.order_hash, word.summary, at)

    def _fail(self, taken: Backtest, text: Text) -> None:
        self.backtests.fail(taken.backtest_id, text, self._wall.now())


class _Worker:
    """The process of one backtest; closing what it listens to ends it, even if we die."""

    def __init__(self, place: BacktestPlace, taken: Backtest) -> None:
        self._process = subprocess.Popen[bytes](
            place.worker,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=place.strategies,
            start_new_session=True,
        )
        self._words: queue.SimpleQueue[WorkerWord] = queue.SimpleQueue()
        self._listener = threading.Thread(target=self._listen, name="backtest-words", daemon=True)
        self._listener.start()
        order = WorkerOrder(
            taken.asked,
            str(place.catalogue.absolute()),
            str(place.report_of(taken.backtest_id).absolute()),
        )
        with suppress(OSError):  # it is dead already, which is seen by its end
            told = _pipe(self._process.stdin)
            told.write(msgspec.json.encode(order) + b"\n")
            told.flush()

    def hear(self, within_secs: float) -> WorkerWord | None:
        """Return its next word; None if it says nothing so long."""
        with suppress(queue.Empty):
            return self._words.get(timeout=within_secs)
        return None

    def is_gone(self) -> bool:
        """Return whether it ended and everything that it said was heard."""
        return not self._listener.is_alive() and self._words.empty()

    def end_text(self) -> Text:
        """Return what is told of one that ended without a last word."""
        code = self._process.wait(_END_SECS)
        how_ko, how_en = (
            (f"신호 {-code}", f"signal {-code}") if code < 0 else (f"코드 {code}", f"code {code}")
        )
        return Text(
            f"백테스트 작업자가 결과 없이 끝났습니다({how_ko}). 메모리가 모자라면 기간이나 종목을 "
            "줄이고, 아니면 다시 실행하세요.",
            f"The worker ended without a result ({how_en}). If memory was short, ask for fewer "
            "days or symbols; otherwise run it again.",
        )

    def end(self) -> None:
        """End it, whatever it does."""
        with suppress(OSError):
            _pipe(self._process.stdin).close()
        self._process.kill()
        self._process.wait()
        self._listener.join(_END_SECS)
        _pipe(self._process.stdout).close()

    def _listen(self) -> None:
        spoken = _pipe(self._process.stdout)
        while line := spoken.readline(_LONGEST_LINE):
            with suppress(msgspec.MsgspecError):
                self._words.put(_WORDS.decode(line))


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise TypeError(pipe)
    return pipe


_LOST_TEXT: Final = Text(
    "백테스트를 돌리던 서버가 멈췄습니다. 다시 실행하세요.",
    "The server that ran it is gone. Run it again.",
)
_TOO_LONG: Final = Text(
    "한 시간이 지나도 끝나지 않아 멈췄습니다. 기간이나 종목을 줄여 다시 실행하세요.",
    "It did not end within an hour and was stopped. Run it with fewer days or symbols.",
)
