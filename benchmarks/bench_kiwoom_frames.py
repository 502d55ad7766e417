"""
Frames of Kiwoom's stream (0B) decoded and applied in a second on one core.

Run by `make bench`, or as any other script. The frame is made by hand in the shape of the
recorded ones, one print with all its forty fields; the same bytes go through every row:

- json: `json.loads` of the standard library, nothing looked at.
- msgspec: the same into plain objects.
- adapter: what the executor's stream does: frame, entry, values, a print in integers on the
  queue of the feed.
- adapter, two a frame: the same with two prints in a frame, counted by prints.

Each figure is the best of several runs in processor time, so that what else the machine does
counts little. The goal for the adapter is 50,000 a second.
"""

from __future__ import annotations

import gc
import json
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from datetime import time as clock_time
from pathlib import Path
from typing import Final

import msgspec

from maemae.brokers.kiwoom_rest.auth import AppKey
from maemae.brokers.kiwoom_rest.config import PAPER_CONFIG
from maemae.brokers.kiwoom_rest.connection import KiwoomConnection
from maemae.brokers.kiwoom_rest.feed import KiwoomFeed
from maemae.brokers.kiwoom_rest.frames import decode_frame
from maemae.brokers.kiwoom_rest.hosts import host_of
from maemae.clocks import SteadyVenueClock, SystemWallClock
from maemae.domain.ids import Symbol
from maemae.domain.instant import kst_nanos
from maemae.domain.terms import Mode

FRAMES: Final = 50_000
RUNS: Final = 5
GOAL: Final = 50_000
_VALUES: Final = (
    "20:101512 10:-41300 11:-350 12:-0.84 27:-41350 28:-41300 15:-19 13:402118 14:16588 "
    "16:+41700 17:+41900 18:-41200 25:5 26:-1218148 29:-50277228 30:-24.97 31:0.09 32:95 "
    "228:89.62 311:183763 290:2 691:0 567:000000 568:000000 851:10379 1890:090016 1891:091039 "
    "1892:100456 1030:212181 1031:189937 1032:-47.23 1071:6318 1072:9320 1313:-785 1315:-19 "
    "1316:0 1314:-19 1497:16520 1498:13216 620:41253 732:207 852:166 9081:KRX"
)


def frame_of(prints: int) -> bytes:
    """Return a frame with so many prints, in the order of keys that was recorded."""
    values = dict(pair.split(":") for pair in _VALUES.split())
    entry = {"values": values, "type": "0B", "name": "주식체결", "item": "035720"}
    frame = {"data": [entry] * prints, "trnm": "REAL"}
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":")).encode()


def applier(folder: Path) -> Callable[[bytes], None]:
    """Return what the socket does with a frame, as the executor's connection is put together."""
    noon = kst_nanos(date(2026, 11, 30), clock_time(12))
    clocks = (SteadyVenueClock(noon), SystemWallClock())
    key = AppKey(Mode.PAPER, "key", "secret")
    connection = KiwoomConnection(
        host_of(Mode.PAPER), key, PAPER_CONFIG, folder, clocks, lambda *_: None
    )
    KiwoomFeed(connection, [Symbol("035720")])

    def apply(raw: bytes) -> None:
        connection.stream.take(decode_frame(raw))

    return apply


def rate(act: Callable[[bytes], object], frame: bytes) -> float:
    """Return how many frames go through in a second: the best of the runs."""
    best = float("inf")
    for _ in range(RUNS):
        gc.collect()
        began = time.process_time()
        for _ in range(FRAMES):
            act(frame)
        best = min(best, time.process_time() - began)
    return FRAMES / best


def main() -> int:
    """Measure, show, and tell whether the goal was reached."""
    one, two = frame_of(1), frame_of(2)
    with tempfile.TemporaryDirectory() as folder:
        apply = applier(Path(folder))
        rows = {
            "json": rate(json.loads, one),
            "msgspec": rate(msgspec.json.decode, one),
            "adapter": rate(apply, one),
            "adapter, two a frame": 2 * rate(apply, two),
        }
    print(f"0B frames of {len(one)} bytes, one core, Python {sys.version.split()[0]}")
    for name, per_sec in rows.items():
        print(f"{name:24}{per_sec:>12,.0f} /s")
    is_reached = rows["adapter"] >= GOAL
    print(f"{'✔' if is_reached else '✘'} goal of {GOAL:,} prints a second")
    return 0 if is_reached else 1


if __name__ == "__main__":
    sys.exit(main())
