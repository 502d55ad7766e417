"""A command line of its own home for each test."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from maemae.cli.main import run

MARKET_CSV = """symbol,date,open,high,low,close,volume
000010,2024-01-02,10000,10200,9900,10100,1000
000010,2024-01-03,10100,10300,10000,10200,1100
000010,2024-01-04,10200,10400,10100,10300,1200
"""


class Outcome(msgspec.Struct, frozen=True):
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def sentences(self) -> list[str]:
        """Lines on standard error."""
        return self.err.splitlines()


CommandLine = Callable[..., Outcome]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty home, in an empty working folder."""
    monkeypatch.setenv("MAEMAE_HOME", str(tmp_path / "var"))
    monkeypatch.setenv("MAEMAE_SHARED_DATA", str(tmp_path / "nowhere"))
    monkeypatch.delenv("MAEMAE_LANG", raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "var"


@pytest.fixture
def maemae(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> CommandLine:
    """Return a function that runs `maemae` with these words."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)

    def call(*words: str) -> Outcome:
        capsys.readouterr()
        code = run(words)
        printed = capsys.readouterr()
        return Outcome(code, printed.out, printed.err)

    return call


@pytest.fixture
def with_data(maemae: CommandLine, home: Path) -> CommandLine:
    """Return the same, with a small dataset `sample` in its home."""
    Path("bars.csv").write_text(MARKET_CSV, encoding="utf-8")
    assert maemae("data", "import", "bars.csv", "--name", "sample", "--basis", "raw").code == 0
    return maemae
