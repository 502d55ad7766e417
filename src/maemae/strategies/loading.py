"""Find a strategy class by what a person types: a bundled name, `my.py`, `my.py:MyStrategy`."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Mapping
from importlib.abc import SourceLoader
from importlib.util import module_from_spec, spec_from_loader
from inspect import getsourcefile
from pathlib import Path
from types import ModuleType
from typing import Final

from maemae.domain.errors import MaemaeError, StrategyError
from maemae.domain.near_match import suggestion
from maemae.domain.text import Text
from maemae.strategies.asset_allocation import AssetAllocation
from maemae.strategies.call_limit import IMPORT_PATIENCE, import_limit
from maemae.strategies.golden_cross import GoldenCross
from maemae.strategies.mean_reversion import MeanReversion
from maemae.strategies.momentum import Momentum
from maemae.strategies.pairs import Pairs
from maemae.strategies.volatility_breakout import VolatilityBreakout
from maemae.strategy.author import Strategy

BUNDLED: Final[Mapping[str, type[Strategy]]] = {
    "golden_cross": GoldenCross,
    "momentum": Momentum,
    "mean_reversion": MeanReversion,
    "volatility_breakout": VolatilityBreakout,
    "pairs": Pairs,
    "asset_allocation": AssetAllocation,
}


def load_strategy(spec: str, patience: float = IMPORT_PATIENCE) -> type[Strategy]:
    """
    Return the strategy class of a bundled name or of a file and class, `my.py:MyStrategy`.

    The file is always compiled anew, so that what runs is what it says now, and nothing is
    written beside it.

    Args:
        spec: What a person typed.
        patience: Longest time the file may take [s].

    Raises:
        StrategyError: There is no such name, file or class; the file cannot be read, raises,
            or does not come back; or the class does not derive from Strategy. The sentence
            says which.
    """
    if spec in BUNDLED:
        return BUNDLED[spec]
    file, separator, name = whole_spec(spec).rpartition(":")
    if not separator:
        hint = _own_file(spec) or suggestion(spec, BUNDLED)
        raise StrategyError(
            f"{spec} 이라는 내장 전략이 없습니다. {hint.ko} 직접 쓴 전략은 my.py:MyStrategy 처럼 "
            "적으세요.",
            f"There is no bundled strategy {spec}. {hint.en} Your own is written my.py:MyStrategy.",
        )
    return _find_class(_imported(Path(file), patience), name, Path(file))


def whole_spec(spec: str) -> str:
    """
    Return `my.py:MyStrategy` for `my.py`, if the file has one strategy; anything else as it is.

    Nothing of the file is run.

    Raises:
        StrategyError: There is no such file, it cannot be read, or it has none or several.
    """
    if not spec.endswith(".py"):
        return spec
    path = Path(spec)
    names = _strategies_in(path)
    if len(names) == 1:
        return f"{spec}:{names[0]}"
    if names:
        raise StrategyError(
            f"{path} 에는 전략이 여럿입니다: {', '.join(names)}. {spec}:{names[0]} 처럼 고르세요.",
            f"{path} has several strategies: {', '.join(names)}. Choose one: {spec}:{names[0]}.",
        )
    raise StrategyError(
        f"{path} 에 전략이 없습니다. `class MyStrategy(Strategy):` 로 쓰세요.",
        f"There is no strategy in {path}. Write `class MyStrategy(Strategy):`.",
    )


def _strategies_in(path: Path) -> list[str]:
    """Return the classes of a file that derive from Strategy, directly or by one another."""
    _require_file(path)
    try:
        tree = ast.parse(path.read_bytes(), str(path))
    except (SyntaxError, ValueError) as error:
        raise _syntax(path, error) from error
    found: list[str] = []
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            bases = {ast.unparse(base).rpartition(".")[2] for base in node.bases}
            if bases & {Strategy.__name__, *found}:
                found.append(node.name)
    return found


def _own_file(spec: str) -> Text | None:
    """Return a hint if the name is that of a file here."""
    path = Path(f"{spec}.py")
    if not path.is_file():
        return None
    return Text(f"{path} 를 뜻했나요?", f"Did you mean {path}?")


def source_of(spec: str) -> bytes:
    """
    Return the source that a strategy is made of; none of it is run.

    Raises:
        StrategyError: There is no such bundled name or file, or the file cannot be read.
    """
    if spec in BUNDLED:
        path = Path(getsourcefile(BUNDLED[spec]) or "")
    else:
        path = Path(whole_spec(spec).rpartition(":")[0])
        if not path.is_file():
            load_strategy(spec)  # raises with the sentence that fits
    try:
        return path.read_bytes()
    except OSError as error:
        raise StrategyError(
            f"전략 파일 {path} 을(를) 읽을 수 없습니다 ({error.strerror}). 읽기 권한을 확인하세요.",
            f"The strategy file {path} cannot be read ({error.strerror}). "
            "Check that you may read it.",
        ) from error


class _FreshFile(SourceLoader):
    """Loads one source file without reading or writing compiled copies of it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def get_filename(self, fullname: str) -> str:
        """Return the file, for tracebacks."""
        return str(self._path)

    def get_data(self, path: str | bytes) -> bytes:
        """Return the source."""
        return self._path.read_bytes()


def _imported(path: Path, patience: float) -> ModuleType:
    _require_file(path)
    name = "strategy_file_" + re.sub(r"\W", "_", path.stem)
    spec = spec_from_loader(name, _FreshFile(path), origin=str(path))
    if spec is None or spec.loader is None:
        raise StrategyError(
            f"{path} 을(를) 불러올 수 없습니다. 파이썬 파일(.py)인지 확인하세요.",
            f"{path} cannot be loaded. Check that it is a Python file (.py).",
        )
    module = module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pickle look a class up by its module
    try:
        with import_limit(patience):
            spec.loader.exec_module(module)
    except SyntaxError as error:
        raise _syntax(path, error) from error
    except Exception as error:
        raise _failed(path, error) from error
    return module


def _require_file(path: Path) -> None:
    if not path.is_file():
        raise StrategyError(
            f"전략 파일 {path} 이(가) 없습니다. 경로를 확인하거나 `maemae new {path.name}` 으로 "
            "만드세요.",
            f"There is no strategy file {path}. Check the path, or make one with `maemae new "
            f"{path.name}`.",
        )


def _syntax(path: Path, error: SyntaxError | ValueError) -> StrategyError:
    file, line, what = path, 1, str(error)
    if isinstance(error, SyntaxError):
        file, line, what = Path(error.filename or path), error.lineno or 1, error.msg
    return StrategyError(
        f"{file} {line}번째 줄에 문법 오류가 있습니다: {what}.",
        f"Syntax error in {file}, line {line}: {what}.",
    )


def _failed(path: Path, error: Exception) -> StrategyError:
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = trace.tb_lineno
        trace = trace.tb_next
    plain = f"{type(error).__name__}: {error}"
    ko, en = (error.text.ko, error.text.en) if isinstance(error, MaemaeError) else (plain, plain)
    return StrategyError(
        f"{path} 을(를) 불러오다 {line}번째 줄에서 오류가 났습니다: {ko}",
        f"Importing {path} failed at line {line}: {en}",
    )


def _find_class(module: ModuleType, name: str, path: Path) -> type[Strategy]:
    found = vars(module).get(name)
    if isinstance(found, type) and issubclass(found, Strategy) and found is not Strategy:
        return found
    if found is not None:
        raise StrategyError(
            f"{path} 의 {name} 은(는) 전략이 아닙니다. `class {name}(Strategy):` 로 쓰세요.",
            f"{name} in {path} is no strategy. Write `class {name}(Strategy):`.",
        )
    own = [
        each
        for each, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, Strategy) and value is not Strategy
    ]
    hint = suggestion(name, own)
    raise StrategyError(
        f"{path} 에 클래스 {name} 이(가) 없습니다. {hint.ko}",
        f"{path} has no class {name}. {hint.en}",
    )
