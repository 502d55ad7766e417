"""A strategy is found by name or file, and every slip has its sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from maemae import ta
from maemae.domain.errors import StrategyError
from maemae.strategies.golden_cross import GoldenCross
from maemae.strategies.loading import load_strategy, source_of, whole_spec
from maemae.strategies.momentum import Momentum
from maemae.strategy.author import Strategy
from tests.strategy_runs import A, a_host, a_panel, raises

MINE = """
from dataclasses import dataclass
from maemae import Strategy, Symbol, param

@dataclass
class Note:
    text: str

class Mine(Strategy):
    '''내 전략'''
    size = param({size}, low=1, high=9)

    def on_bar(self, symbol: Symbol) -> None:
        self.buy(symbol, shares=self.size)
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "my.py"
    path.write_text(text, encoding="utf-8")
    return path


def test_bundled_strategies_are_found_by_name() -> None:
    assert load_strategy("golden_cross") is GoldenCross
    assert load_strategy("momentum") is Momentum


def test_own_file_is_loaded_and_runs(tmp_path: Path) -> None:
    mine = load_strategy(f"{written(tmp_path, MINE.format(size=2))}:Mine")

    assert issubclass(mine, Strategy)
    assert len(a_host(mine(size=3), a_panel({A: [100, 110]})).run(0)) == 1


def test_own_file_when_edited_is_what_it_says_now(tmp_path: Path) -> None:
    path = written(tmp_path, MINE.format(size=2))
    load_strategy(f"{path}:Mine")
    written(tmp_path, MINE.format(size=5))

    again = load_strategy(f"{path}:Mine")

    assert again.parameters()[0].default == 5
    assert [each.name for each in tmp_path.iterdir()] == ["my.py"]  # no compiled copy beside it


def test_bundled_name_when_mistyped_names_the_nearest() -> None:
    with raises(StrategyError, "goldencross", "Did you mean golden_cross?", "my.py:MyStrategy"):
        load_strategy("goldencross")


def test_file_of_one_strategy_needs_no_class(tmp_path: Path) -> None:
    path = written(tmp_path, MINE.format(size=2))

    assert whole_spec(str(path)) == f"{path}:Mine"
    assert load_strategy(str(path)).__name__ == "Mine"
    assert source_of(str(path)) == path.read_bytes()


def test_file_of_several_strategies_names_them_and_runs_nothing(tmp_path: Path) -> None:
    more = "class Second(Mine):\n    pass\nraise SystemExit\n"
    path = written(tmp_path, MINE.format(size=2) + more)

    with raises(StrategyError, "several strategies: Mine, Second", "my.py:Mine"):
        whole_spec(str(path))


@pytest.mark.parametrize(
    ("text", "said"), [("x = 1", "no strategy in"), ("class A(:", "Syntax error")]
)
def test_file_without_a_strategy_says_so(tmp_path: Path, text: str, said: str) -> None:
    with raises(StrategyError, said, "my.py"):
        load_strategy(str(written(tmp_path, text)))


def test_file_when_absent_says_how_to_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    with raises(StrategyError, "maemae new my.py"):
        load_strategy("my.py")


def test_name_of_a_file_that_is_here_is_understood_as_a_slip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path, MINE.format(size=2))
    monkeypatch.chdir(tmp_path)

    with raises(StrategyError, "Did you mean my.py?"):
        load_strategy("my")


def test_indicator_when_unknown_suggests_one() -> None:
    name = "close"

    with raises(StrategyError, "ta has no close", "ta.last"):
        getattr(ta, name)


def test_file_when_missing_is_named(tmp_path: Path) -> None:
    with raises(StrategyError, "no strategy file", "none.py"):
        load_strategy(f"{tmp_path / 'none.py'}:Mine")


def test_class_when_missing_names_the_nearest(tmp_path: Path) -> None:
    path = written(tmp_path, MINE.format(size=2))
    with raises(StrategyError, "no class Mien", "Did you mean Mine?"):
        load_strategy(f"{path}:Mien")


@pytest.mark.parametrize("name", ["Note", "param", "Strategy"])
def test_class_when_no_strategy_says_so(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, MINE.format(size=2))
    with raises(StrategyError, f"{name} in", "is no strategy"):
        load_strategy(f"{path}:{name}")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("class Mine(:\n    pass", ["Syntax error", "line 1"]),
        ("\n\nfrom maemae import Stratgy", ["line 3", "ImportError", "Stratgy"]),
        ("import no_such_library", ["line 1", "ModuleNotFoundError", "no_such_library"]),
        ("x = 1\ny = 1 / 0", ["line 2", "ZeroDivisionError"]),
        ("from maemae import param\nparam(5, low=9, high=10)", ["line 2", "9 to 10"]),
    ],
)
def test_file_when_it_fails_names_the_line(tmp_path: Path, text: str, words: list[str]) -> None:
    path = written(tmp_path, text)
    with raises(StrategyError, "my.py", *words):
        load_strategy(f"{path}:Mine")


def test_file_when_it_does_not_come_back_is_stopped_at_its_line(tmp_path: Path) -> None:
    path = written(tmp_path, MINE.format(size=2) + "while True:\n    pass\n")

    with raises(StrategyError, "my.py", "did not end within 0.3 s", "endless loop"):
        load_strategy(f"{path}:Mine", patience=0.3)


@pytest.mark.thorough
def test_file_that_catches_what_is_to_stop_it_is_stopped_all_the_same(tmp_path: Path) -> None:
    loop = "while True:\n    try:\n        while True: pass\n    except Exception: pass\n"
    path = written(tmp_path, MINE.format(size=2) + loop)

    with raises(StrategyError, "my.py", "did not end within 0.3 s"):
        load_strategy(f"{path}:Mine", patience=0.3)


def test_file_when_not_utf8_is_a_syntax_error(tmp_path: Path) -> None:
    path = tmp_path / "my.py"
    path.write_bytes("name = '전략'\n".encode("cp949"))
    with raises(StrategyError, "Syntax error", "my.py"):
        load_strategy(f"{path}:Mine")
