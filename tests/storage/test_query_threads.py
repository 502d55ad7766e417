"""The first questions may come at once: threads ask for one shape before anybody has."""

from __future__ import annotations

import subprocess
import sys
from typing import Final

import pytest

RUNS: Final = 8
"""Of ten processes whose shapes were not known beforehand, three ended by a segmentation fault."""

ASK_AT_ONCE: Final = """
import sys, threading
from datetime import date
from enum import EnumMeta
from types import SimpleNamespace
from typing import get_type_hints
import msgspec
from maemae.storage import queries

def value(hint):
    if isinstance(hint, EnumMeta):
        return next(iter(hint))
    plain = {int: 1, str: "x", bool: True, date: date(2026, 1, 2), bytes: b"x"}
    return plain.get(getattr(hint, "__supertype__", hint))

shapes = [each for name, each in vars(queries).items() if name.startswith("Shown")]
rows = {
    each: SimpleNamespace(**{name: value(hint) for name, hint in get_type_hints(each).items()})
    for each in shapes
}
barrier = threading.Barrier(16)

def ask(shape):
    barrier.wait()
    msgspec.convert(rows[shape], shape, from_attributes=True)

sys.setswitchinterval(1e-6)
for shape in shapes:
    threads = [threading.Thread(target=ask, args=(shape,)) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
print(len(shapes))
"""


@pytest.mark.thorough
def test_shapes_when_threads_ask_for_them_first_at_once_are_answered() -> None:
    for _ in range(RUNS):
        asked = subprocess.run(
            [sys.executable, "-c", ASK_AT_ONCE], capture_output=True, text=True, check=False
        )
        assert (asked.returncode, asked.stdout.strip()) == (0, "9"), asked.stderr
