"""A whole day at the emulated Kiwoom server, every fault in turn: in the end the books agree."""

from __future__ import annotations

import time
from collections import Counter
from datetime import time as clock_time
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec

from maemae.app.owner import OWNER
from maemae.core.state import CoreState
from maemae.domain.ids import Symbol
from maemae.domain.instant import SECOND, kst_nanos
from maemae.domain.terms import Mode
from maemae.emulators.kiwoom_rest.config import Rate
from maemae.emulators.kiwoom_rest.faults import Faults, LostReply
from maemae.storage.store import open_store
from tests.brokers.kiwoom_rig import KiwoomRig
from tests.brokers.sim_rig import ACCOUNT, DAY
from tests.crash.executor_judge import judge
from tests.crash.executor_rig import Customer
from tests.crash.kiwoom_street import HURRY, an_empty_street
from tests.waiting import until

SPEED: Final = 900
CLOSED: Final = kst_nanos(DAY, clock_time(15, 35))
LOSING: Final = Faults(
    tail=5 * SECOND // HURRY,
    lose_ppm=60_000,
    lost_reply=LostReply.SILENT,
    ghosts=True,
    duplicate_ppm=200_000,
    drop_ppm=100_000,
    reorder=3,
    late_by=SECOND // 50,
    frames_first=True,
)
TURNS: Final = (
    ("faults", LOSING),
    ("drop-connections", None),
    ("faults", msgspec.structs.replace(LOSING, lost_reply=LostReply.CUT, lose_next=2)),
    ("expire-tokens", None),
    ("faults", msgspec.structs.replace(LOSING, fail_page=1)),
    ("faults", msgspec.structs.replace(LOSING, mid_next=5, rate_next=3)),
    ("faults", msgspec.structs.replace(LOSING, maintenance=True)),
    ("faults", msgspec.structs.replace(LOSING, silent=True)),
    ("faults", msgspec.structs.replace(LOSING, frozen=True)),
)
"""What goes wrong, one after the other, each for a while."""

TURN_SECS: Final = 1.0
FEW: Final = 3
"""How many orders a day has at least, however slow the machine that plays it so fast."""


class Switches:
    """The server's own switches, and its truth."""

    def __init__(self, server: KiwoomRig) -> None:
        self._url = f"http://127.0.0.1:{server.port}/admin/"

    def turn(self, name: str, body: Faults | None) -> None:
        answer = httpx.post(self._url + name, content=_content(body))
        assert answer.status_code == 200, answer.text

    def get(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = httpx.get(self._url + name).json()
        return found

    @property
    def is_over(self) -> bool:
        return bool(self.get("clock")["now"] >= CLOSED)


def _content(faults: Faults | None) -> bytes:
    return b"" if faults is None else msgspec.json.encode(faults)


def test_day_at_kiwoom_with_every_fault_ends_with_books_that_agree_to_the_won(
    tmp_path: Path,
) -> None:
    settings = {"speed": SPEED, "opens_at": clock_time(6), "order_rate": Rate(4, 4)}
    with an_empty_street(tmp_path, **settings) as (server, executor):
        switches, customer = Switches(server), Customer(executor, 20_261_130)
        executor.start()
        until(lambda: "BROKER_UNREACHABLE" in executor.said, said=lambda: executor.said[-4_000:])
        server.start()  # the day begins once somebody stands there to trade in it
        executor.open_trading()
        turns = 0
        while turns < len(TURNS) or not switches.is_over:
            switches.turn(*TURNS[turns % len(TURNS)])
            turns += 1
            deadline = time.monotonic() + TURN_SECS
            while time.monotonic() < deadline:
                customer.act()
                time.sleep(0.02)
        switches.turn("faults", Faults())
        customer.insist()
        settled = executor.settles() and executor.comes_to_rest()
        until(lambda: executor.settles())
        assert executor.stop() == 0, executor.said[-4_000:]
        verdict = judge(executor.database, Path(server.config.ledger), mode=Mode.PAPER)
        truth = switches.get("truth")["accounts"][ACCOUNT]
        assert (settled, verdict.faults) == (True, []), executor.said[-4_000:]

    with open_store(
        executor.database, OWNER, Mode.PAPER, backup=lambda: None, is_market_open=lambda: False
    ) as store:
        state = store.recover().state
    assert verdict.orders >= FEW
    assert sum(sleeve.cash for sleeve in state.account(ACCOUNT)) == truth["cash"]
    assert shares(state) == {symbol: held[0] for symbol, held in truth["holdings"].items()}


def shares(state: CoreState) -> Counter[Symbol]:
    """Add up what the sleeves hold."""
    held = Counter[Symbol]()
    for sleeve in state.account(ACCOUNT):
        for symbol, position in sleeve.positions.items():
            held[symbol] += position.qty
    return held
