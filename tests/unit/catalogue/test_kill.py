"""A killed import leaves the old dataset or the new one."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from maemae.catalogue.catalogue import Catalogue
from tests.bar_frames import a_spec, daily_bars

KILLS = 4
WRITER = """
import sys
from itertools import count
from pathlib import Path
from maemae.catalogue.catalogue import Catalogue
from tests.bar_frames import a_spec, daily_bars
catalogue = Catalogue(Path(sys.argv[1]))
print("ready", flush=True)
for number in count():
    bars = daily_bars(close=20_000 + 50 * (number // 2 % 2), count=200)
    catalogue.import_frame(bars, a_spec(replace=True), "writer")
"""


@pytest.mark.thorough
@pytest.mark.parametrize("kill", range(KILLS))
def test_dataset_when_its_writer_is_killed_is_whole(tmp_path: Path, kill: int) -> None:
    catalogue = Catalogue(tmp_path)
    catalogue.import_frame(daily_bars(count=200), a_spec(), "before")

    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
        time.sleep(0.05 + 0.037 * kill)
        writer.send_signal(signal.SIGKILL)

    assert catalogue.check("sample")
    assert len(catalogue.panel("sample")) == 200
    catalogue.import_frame(daily_bars(), a_spec(replace=True), "after")
    assert len(list((tmp_path / "sample").iterdir())) == 3
