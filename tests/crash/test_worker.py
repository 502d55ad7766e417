"""A strategy that misbehaves in any way is ended, reported in a sentence, and nobody else's."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from maemae.domain.errors import StrategyError, StrategyRaisedError, StrategyStuckError
from maemae.domain.instant import SECOND
from maemae.trading.workers.events import Failed, WorkerEvent, WorkerReady
from maemae.trading.workers.supervisor import StrategyWorker, WorkerConfig
from tests.worker_runs import (
    BOOK,
    NO_PAUSE,
    PANEL,
    PATIENCE,
    WARM,
    Listener,
    a_config,
    a_row,
    a_strategy,
    a_worker,
    tell_all,
)

BUYS = """
def on_bar(self, symbol):
    self.buy(symbol, shares=1)
"""
QUICK = SECOND // 2


def run_out(config: WorkerConfig) -> Listener:
    """Tell a worker of every bar and return what it reported until it was given up."""

    async def play() -> Listener:
        listener = Listener()
        worker = a_worker(config, listener)
        worker.start()
        tell_all(worker)
        await worker.caught_up()
        await worker.stop()
        return listener

    return asyncio.run(play())


def is_alive(pid: int) -> bool:
    """Return whether a process runs; one that is dead and not yet waited for does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


async def dead(pid: int) -> None:
    """Wait until a process has ended."""
    for _ in range(int(PATIENCE * 100)):
        if not is_alive(pid):
            return
        await asyncio.sleep(0.01)
    raise TimeoutError


MISDEEDS = {
    "hangs": (
        "def on_bar(self, symbol):\n    while True: pass",
        StrategyStuckError,
        "did not come back within 2 s",
    ),
    "hangs_in_setup": (
        "def setup(self):\n    while True: pass",
        StrategyStuckError,
        "did not come back within 2 s",
    ),
    "raises": (
        "def on_bar(self, symbol):\n    self.answer = 1 / 0",
        StrategyRaisedError,
        "ZeroDivisionError",
    ),
    "raises_without_end": (
        "def on_bar(self, symbol):\n    raise ValueError('x' * 20_000_000)",
        StrategyRaisedError,
        "ValueError: xxx",
    ),
    "exits": (
        "def on_bar(self, symbol):\n    import sys; sys.exit(3)",
        StrategyRaisedError,
        "exit value 3",
    ),
    "exits_at_once": (
        "def on_bar(self, symbol):\n    import os; os._exit(7)",
        StrategyError,
        "exit 7",
    ),
    "is_killed": (
        "def on_bar(self, symbol):\n    import os; os.kill(os.getpid(), 9)",
        StrategyError,
        "SIGKILL",
    ),
    "crashes": (
        "def on_bar(self, symbol):\n    import ctypes; ctypes.string_at(0)",
        StrategyError,
        "SIGSEGV",
    ),
    "eats_memory_in_one_bite": (
        "def on_bar(self, symbol):\n    self.heap = bytearray(2 * 1024**3)",
        StrategyError,
        "used up its memory",
    ),
    "eats_memory_in_crumbs": (
        "def on_bar(self, symbol):\n    self.heap = []\n    while True: self.heap.append(object())",
        StrategyError,
        "used up its memory",
    ),
    "eats_memory_in_setup": (
        "def setup(self):\n    self.heap = [bytearray(2**20) for _ in range(10**6)]",
        StrategyError,
        "used up its memory",
    ),
    "writes_to_a_closed_pipe": (
        "def on_bar(self, symbol):\n    import os\n    out, into = os.pipe()\n"
        "    os.close(out)\n    os.write(into, b'x')",
        StrategyRaisedError,
        "BrokenPipeError",
    ),
    "closes_everything": (
        "def on_bar(self, symbol):\n    import os; os.closerange(0, 64)",
        StrategyError,
        "closed its line",
    ),
    "writes_everywhere": (
        "def on_bar(self, symbol):\n    import os\n    for n in range(1, 64):\n"
        "        try: os.write(n, b'\\x00\\x00\\x00\\x05hello')\n        except OSError: pass",
        StrategyError,
        "cannot be read",
    ),
    "orders_without_measure": (
        "def on_bar(self, symbol):\n    for _ in range(100_000): self.buy(symbol, shares=1)",
        StrategyError,
        "cannot be read",
    ),
    "opens_everything": (
        "def on_bar(self, symbol):\n    self.files = [open('/dev/null') for _ in range(1000)]",
        StrategyRaisedError,
        "Too many open files",
    ),
    "orders_for_another": (
        "def on_bar(self, symbol):\n    self._desk.pad._sleeve_id = 'other'\n"
        "    self.buy(symbol, shares=1)",
        StrategyError,
        "cannot be read",
    ),
    "is_written_wrongly": (
        "def setup(self):\n    self.every('fortnight', self.on_bar)",
        StrategyError,
        "knows no period",
    ),
}


@pytest.mark.parametrize("name", MISDEEDS)
def test_worker_when_its_strategy_misbehaves_is_ended_and_says_why(
    name: str, tmp_path: Path
) -> None:
    body, kind, words = MISDEEDS[name]
    config = a_config(
        a_strategy(tmp_path, body),
        barrier_limit=(2 if name == "hangs" else 30) * SECOND,
        setup_limit=(2 if name == "hangs_in_setup" else 30) * SECOND,
        memory_limit=768 * 1024**2,
    )

    failed = run_out(config).failures[-1]

    assert (type(failed.error), failed.is_final) == (kind, True)
    assert words in failed.error.text.en
    assert any("가" <= letter <= "힣" for letter in failed.error.text.ko)
    assert len(failed.error.text.en) <= 1_000


def test_worker_when_its_strategy_raises_tells_where(tmp_path: Path) -> None:
    spec = a_strategy(tmp_path, "def on_bar(self, symbol):\n    raise LookupError('nothing there')")

    (failed,) = run_out(a_config(spec)).failures

    assert "own.py" in failed.traceback
    assert failed.traceback.endswith("LookupError: nothing there\n")


def test_worker_when_another_hangs_goes_on(tmp_path: Path) -> None:
    (tmp_path / "hangs").mkdir()
    hangs = a_strategy(tmp_path / "hangs", "def on_bar(self, symbol):\n    while True: pass")
    buys = a_strategy(tmp_path, BUYS)

    async def play() -> tuple[Listener, Listener]:
        bad, good = Listener(), Listener()
        one = a_worker(a_config(hangs, barrier_limit=QUICK), bad)
        two = a_worker(a_config(buys), good)
        one.start()
        two.start()
        tell_all(one)
        tell_all(two)
        await bad.until(lambda seen: seen.failures)
        await two.caught_up()
        await one.stop()
        await two.stop()
        return bad, good

    bad, good = asyncio.run(play())

    assert [type(failed.error) for failed in bad.failures] == [StrategyStuckError]
    assert good.failures == []
    assert len(good.wished) == 2 * (len(PANEL) - WARM)


def test_worker_when_it_is_killed_goes_on_as_if_nothing_had_happened(tmp_path: Path) -> None:
    spec = a_strategy(
        tmp_path,
        """
        def setup(self):
            self.seen = 0

        def on_bar(self, symbol):
            import os
            self.seen += 1
            if self.seen == 1:
                print("pid", os.getpid())
            self.buy(symbol, shares=self.seen)
        """,
    )

    async def play(*, kill: bool) -> Listener:
        listener = Listener()
        worker = a_worker(a_config(spec, pauses=(NO_PAUSE,)), listener)
        worker.start()
        for k in range(WARM, len(PANEL)):
            worker.barrier(a_row(PANEL, k), BOOK)
            await worker.caught_up()
            if kill and k == 3:
                await listener.until(lambda seen: seen.printed)
                os.kill(int(listener.printed[0].split()[1]), signal.SIGKILL)
                await listener.until(lambda seen: seen.readies == 2)
        await worker.stop()
        return listener

    undisturbed, killed = asyncio.run(play(kill=False)), asyncio.run(play(kill=True))

    assert [failed.is_final for failed in killed.failures] == [False]
    assert killed.wished == undisturbed.wished
    assert [event for event in killed.events if hasattr(event, "intents")] == [
        event for event in undisturbed.events if hasattr(event, "intents")
    ]


def test_worker_when_one_bar_fails_once_hears_it_again(tmp_path: Path) -> None:
    flag = tmp_path / "failed_already"
    spec = a_strategy(
        tmp_path,
        f"""
        def on_bar(self, symbol):
            from pathlib import Path
            flag = Path({str(flag)!r})
            if len(self.history(symbol, 10)) == 4 and not flag.exists():
                flag.touch()
                raise OSError("just once")
            self.buy(symbol, shares=1)
        """,
    )

    async def play() -> Listener:
        listener = Listener()
        worker = a_worker(a_config(spec, pauses=(NO_PAUSE,)), listener)
        worker.start()
        tell_all(worker)
        await worker.caught_up()
        await worker.stop()
        return listener

    listener = asyncio.run(play())

    assert [failed.is_final for failed in listener.failures] == [False]
    assert len(listener.wished) == len(set(listener.wished)) == 2 * (len(PANEL) - WARM)


def test_worker_when_every_restart_fails_stays_stopped(tmp_path: Path) -> None:
    spec = a_strategy(tmp_path, "def on_bar(self, symbol):\n    raise OSError('always')")

    listener = run_out(a_config(spec, pauses=(NO_PAUSE, NO_PAUSE)))

    assert [failed.is_final for failed in listener.failures] == [False, False, True]
    assert listener.wished == []


def test_worker_when_it_is_written_wrongly_is_not_tried_again(tmp_path: Path) -> None:
    spec = a_strategy(tmp_path, "x = 1") + "Misspelt"

    listener = run_out(a_config(spec, pauses=(NO_PAUSE, NO_PAUSE)))

    assert [failed.is_final for failed in listener.failures] == [True]
    assert "has no class" in listener.failures[0].error.text.en


def test_worker_when_it_floods_its_output_still_answers(tmp_path: Path) -> None:
    spec = a_strategy(
        tmp_path,
        """
        def on_bar(self, symbol):
            import os
            os.write(1, b"spam\\n" * 100_000)
            self.buy(symbol, shares=1)
        """,
    )

    async def play() -> Listener:
        listener = Listener()
        worker = a_worker(a_config(spec), listener)
        worker.start()
        tell_all(worker)
        await worker.caught_up()
        await worker.stop()
        return listener

    listener = asyncio.run(play())

    assert listener.failures == []
    assert len(listener.wished) == 2 * (len(PANEL) - WARM)
    assert set(listener.printed) <= {"spam"}
    assert 0 < len(listener.printed) < 8 * 100_000 / 10


def test_worker_ends_what_its_strategy_started(tmp_path: Path) -> None:
    spec = a_strategy(
        tmp_path,
        """
        def on_bar(self, symbol):
            import subprocess
            kid = subprocess.Popen(["sleep", "600"])
            print("kid", kid.pid)
            raise OSError("enough")
        """,
    )

    async def play() -> int:
        listener = Listener()
        worker = a_worker(a_config(spec), listener)
        worker.start()
        tell_all(worker)
        await listener.until(lambda seen: seen.failures and seen.printed)
        await worker.stop()
        kid = int(listener.printed[0].split()[1])
        await dead(kid)
        return kid

    assert not is_alive(asyncio.run(play()))


def test_worker_sees_nothing_of_the_executor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAEMAE_SECRET", "a password")
    spec = a_strategy(
        tmp_path,
        """
        def on_bar(self, symbol):
            import os, resource, signal
            print("environment", "MAEMAE_SECRET" in os.environ)
            print("descriptors", len(os.listdir("/proc/self/fd")) - 1)
            print("group", os.getpgrp() == os.getsid(0) == os.getpid())
            print("nice", os.nice(0) > 0)
            print("interrupt", signal.getsignal(signal.SIGINT) is signal.SIG_IGN)
            print("memory", resource.getrlimit(resource.RLIMIT_AS)[0])
            print("end")
        """,
    )
    leaked, is_inherited = os.open(tmp_path, os.O_RDONLY), True
    os.set_inheritable(leaked, is_inherited)

    async def play() -> Listener:
        listener = Listener()
        worker = a_worker(a_config(spec, memory_limit=10**9), listener)
        worker.start()
        worker.barrier(a_row(PANEL, WARM), BOOK)
        await listener.until(lambda seen: "end" in seen.printed)
        await worker.stop()
        return listener

    try:
        printed = asyncio.run(play()).printed
    finally:
        os.close(leaked)

    assert printed[: printed.index("end")] == [
        "environment False",
        "descriptors 4",  # input, output, error and the line
        "group True",
        "nice True",
        "interrupt True",
        "memory 1000000000",
    ]


def test_worker_when_it_is_stopped_in_an_endless_loop_is_killed(tmp_path: Path) -> None:
    spec = a_strategy(
        tmp_path,
        """
        def on_bar(self, symbol):
            import os
            print("pid", os.getpid())
            while True: pass
        """,
    )

    async def play() -> tuple[Listener, int]:
        listener = Listener()
        worker = a_worker(a_config(spec, barrier_limit=600 * SECOND), listener)
        worker.start()
        tell_all(worker)
        await listener.until(lambda seen: seen.printed)
        await worker.stop()
        return listener, int(listener.printed[0].split()[1])

    listener, pid = asyncio.run(play())

    assert not is_alive(pid)
    assert listener.failures == []
    assert listener.wished == []


def test_worker_when_it_dies_between_bars_is_reported_at_once(tmp_path: Path) -> None:
    spec = a_strategy(tmp_path, "def setup(self):\n    import os; print(os.getpid())")

    async def play() -> list[Failed]:
        listener = Listener()
        worker = a_worker(a_config(spec), listener)
        worker.start()
        await listener.until(lambda seen: seen.readies and seen.printed)
        os.kill(int(listener.printed[0]), signal.SIGKILL)
        await listener.until(lambda seen: seen.failures)
        await worker.stop()
        return listener.failures

    (failed,) = asyncio.run(play())

    assert "SIGKILL" in failed.error.text.en


def test_worker_when_it_falls_behind_too_far_is_given_up(tmp_path: Path) -> None:
    spec = a_strategy(
        tmp_path, "def on_bar(self, symbol):\n    print('hangs')\n    while True: pass"
    )

    async def play() -> tuple[Listener, StrategyWorker]:
        listener = Listener()
        worker = a_worker(a_config(spec, barrier_limit=600 * SECOND, most_pending=3), listener)
        worker.start()
        worker.barrier(a_row(PANEL, WARM), BOOK)
        await listener.until(lambda seen: seen.printed)
        tell_all(worker)
        await worker.caught_up()
        worker.barrier(a_row(PANEL, WARM), BOOK)
        await worker.caught_up()
        await worker.stop()
        return listener, worker

    listener, worker = asyncio.run(play())

    assert [(type(failed.error), failed.is_final) for failed in listener.failures] == [
        (StrategyStuckError, True)
    ]
    assert not worker.is_running


def test_worker_when_it_is_stopped_before_it_began_reports_nothing(tmp_path: Path) -> None:
    async def play() -> Listener:
        listener = Listener()
        worker = a_worker(a_config(a_strategy(tmp_path, BUYS)), listener)
        worker.start()
        tell_all(worker)
        await worker.stop()
        await worker.caught_up()
        return listener

    assert asyncio.run(play()).events == []


def test_worker_when_the_executor_itself_errs_says_that_the_strategy_stopped(
    tmp_path: Path,
) -> None:
    class Clumsy(Listener):
        def __call__(self, event: WorkerEvent) -> None:
            super().__call__(event)
            if isinstance(event, WorkerReady):
                raise ZeroDivisionError

    async def play() -> Listener:
        listener = Clumsy()
        worker = a_worker(a_config(a_strategy(tmp_path, BUYS)), listener)
        worker.start()
        await listener.until(lambda seen: seen.failures)
        await worker.stop()
        return listener

    (failed,) = asyncio.run(play()).failures

    assert failed.is_final
    assert "ZeroDivisionError" in failed.error.text.en


EXECUTOR = """
import asyncio, os, signal, sys
from tests.worker_runs import Listener, a_config, a_worker, tell_all

async def play():
    listener = Listener()
    worker = a_worker(a_config(sys.argv[1], barrier_limit=600 * 10**9), listener)
    worker.start()
    tell_all(worker)
    await listener.until(lambda seen: seen.printed)
    print(listener.printed[0], flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(play())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel of Linux ends the orphan")
def test_worker_when_the_executor_is_killed_ends_even_in_an_endless_loop(tmp_path: Path) -> None:
    spec = a_strategy(
        tmp_path,
        """
        def on_bar(self, symbol):
            import os
            print(os.getpid())
            while True: pass
        """,
    )

    executor = subprocess.run(
        [sys.executable, "-c", EXECUTOR, spec],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    asyncio.run(dead(int(executor.stdout)))

    assert executor.returncode == -signal.SIGKILL
