"""
How many variants of a strategy were looked at: each backtest is written down.

Who tries a hundred variants and shows the best one has shown luck. The Sharpe ratio is deflated
by all of them, so all of them must be known.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from maemae.analytics.deflated_sharpe import DeflatedSharpe, deflated_sharpe
from maemae.analytics.returns import Floats
from maemae.domain.errors import StorageError
from maemae.domain.text import Text
from maemae.research.honesty.verdict import Check, Verdict
from maemae.strategy.author import Strategy

ENOUGH: Final = 0.95
"""Least deflated Sharpe ratio that passes."""

MIN_SESSIONS: Final = 60
"""Sessions below which nothing is said."""


class Trial(msgspec.Struct, frozen=True):
    """
    One variant that was run.

    Attributes:
        strategy: Name of the class.
        code: Hash of its source.
        market: Hash of the data it was run on.
        parameters: Those it was run with.
        sharpe: What it showed [a year]; None without spread.
    """

    strategy: str
    code: str
    market: str
    parameters: Mapping[str, float]
    sharpe: float | None


class TrialBook:
    """
    The trials in a file, one a line; it need not exist yet.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, trials: Sequence[Trial]) -> None:
        """
        Write trials down.

        Raises:
            StorageError: The file cannot be written.
        """
        lines = b"".join(msgspec.json.encode(trial) + b"\n" for trial in trials)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("ab") as file:
                file.write(lines)  # one write: lines of two processes do not mix
        except OSError as error:
            raise StorageError(
                f"실험 기록 {self._path} 에 쓸 수 없습니다 ({error.strerror}). 권한을 확인하세요.",
                f"The record of trials {self._path} cannot be written ({error.strerror}). "
                "Check permissions.",
            ) from error

    def of(self, strategy: str, market: str) -> list[Trial]:
        """
        Return the variants of a strategy that were run on the same data, each once.

        A line that cannot be read is left out: a crash may have cut it off.
        """
        if not self._path.exists():
            return []
        found: dict[bytes, Trial] = {}
        for line in self._path.read_bytes().splitlines():
            try:
                trial = msgspec.json.decode(line, type=Trial)
            except msgspec.DecodeError:
                continue
            if (trial.strategy, trial.market) == (strategy, market):
                key = msgspec.json.encode((trial.code, sorted(trial.parameters.items())))
                found[key] = trial
        return list(found.values())


def code_hash(kind: type[Strategy]) -> str:
    """Return a hash of a strategy's source; of its name where there is none to read."""
    try:
        source = inspect.getsource(kind)
    except (OSError, TypeError):
        source = kind.__qualname__
    return hashlib.sha256(source.encode()).hexdigest()[:16]


def check_deflated(returns: Floats, tried: Sequence[float]) -> Verdict:
    """
    Judge a run by how many variants were tried before it.

    Args:
        returns: Daily returns of the run [n, ratio].
        tried: Sharpe ratios of all variants, the run's own included [a year].
    """
    found = deflated_sharpe(returns, tried) if returns.size >= MIN_SESSIONS else None
    if found is None:
        return Verdict(Check.DEFLATED_SHARPE, passed=None, text=_TOO_SHORT)
    return Verdict(
        Check.DEFLATED_SHARPE, passed=found.deflated >= ENOUGH, text=_deflated_says(found)
    )


def _deflated_says(found: DeflatedSharpe) -> Text:
    return Text(
        f"샤프 지수 {found.sharpe:.2f}. 지금까지 {found.trials:,}가지를 돌려 보았으니 우연만으로도 "
        f"{found.by_chance:.2f} 는 나옵니다. 그보다 정말 나을 확률 {found.deflated:.1%} "
        f"(기준 {ENOUGH:.0%} 이상).",
        f"Sharpe {found.sharpe:.2f}. After {found.trials:,} variants chance alone would show "
        f"{found.by_chance:.2f}; the probability that it is truly better is {found.deflated:.1%} "
        f"({ENOUGH:.0%} passes).",
    )


_TOO_SHORT: Final = Text(
    f"{MIN_SESSIONS}거래일보다 짧거나 수익률이 움직이지 않아 판단할 수 없습니다.",
    f"Shorter than {MIN_SESSIONS} sessions, or returns that never move: nothing to judge.",
)
