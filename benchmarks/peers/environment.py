"""
The peers, and the virtual environment that each of them has for itself.

Nothing of a peer gets into ours: its packages are pinned in a file beside this one,
installed by pip under `var/bench/envs`, and only ever run there.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
from pathlib import Path
from typing import Final

import msgspec

from benchmarks.bar_sets import OUTPUT, BarSet
from benchmarks.runs import MeasurementError, Run, run_command, run_from_output

_HERE: Final = Path(__file__).parent


class Peer(msgspec.Struct, frozen=True):
    """
    A backtester whose strategies are classes, as ours are.

    Attributes:
        name: What people call it.
        package: Name of its requirements file and of its environment.
        script: What measures it.
    """

    name: str
    package: str
    script: str

    @property
    def requirements(self) -> Path:
        """Its pinned packages."""
        return _HERE / f"{self.package}.txt"

    @property
    def version(self) -> str:
        """Version that is pinned."""
        lines = self.requirements.read_text(encoding="utf-8").splitlines()
        pinned = next(line for line in lines if line.startswith(f"{self.package}=="))
        return pinned.removeprefix(f"{self.package}==").split()[0]

    @property
    def python(self) -> Path:
        """Interpreter of its environment."""
        return self._environment / "bin" / "python"

    @property
    def _environment(self) -> Path:
        return OUTPUT / "envs" / self.package

    def set_up(self) -> None:
        """
        Make its environment, unless it is there with the very same packages.

        Raises:
            MeasurementError: It cannot be installed here.
        """
        content = self.requirements.read_bytes() + str(self._environment).encode()
        stamp = self._environment / f"stamp-{hashlib.sha256(content).hexdigest()[:16]}"
        if stamp.exists():
            return
        shutil.rmtree(self._environment, ignore_errors=True)
        self._environment.parent.mkdir(parents=True, exist_ok=True)
        run_command([sys.executable, "-m", "venv", str(self._environment)], OUTPUT)
        flags = ["-qq", "--only-binary", ":all:", "--no-deps", "--require-hashes", "-r"]
        pip = [str(self.python), "-m", "pip", "install", *flags, str(self.requirements)]
        run_command(pip, OUTPUT)
        stamp.touch()

    def measure(self, bars: BarSet, length: int, form: str) -> Run:
        """
        Run it once over the first bars of a set's first instrument.

        Raises:
            MeasurementError: It failed.
        """
        folder = OUTPUT / "work"  # vnpy keeps its settings and logs where it finds .vntrader
        (folder / ".vntrader").mkdir(parents=True, exist_ok=True)
        script = str(_HERE / self.script)
        command = [str(self.python), script, str(bars.path), str(length), form]
        return run_from_output(run_command(command, folder))


PEERS: Final = (
    Peer("vnpy CTA", "vnpy", "vnpy_cta.py"),
    Peer("backtesting.py", "backtesting", "backtesting_py.py"),
)

FORMS: Final = ("fastest", "idiomatic")


def installed(peer: Peer) -> bool:
    """Set a peer up, or say plainly why it takes no part."""
    try:
        peer.set_up()
    except MeasurementError as error:
        print(f"  {peer.name}: 설치할 수 없어 뺍니다 / cannot be installed, left out: {error}")
        return False
    return True
