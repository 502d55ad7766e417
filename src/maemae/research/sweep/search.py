"""
A search for good parameters where a grid would be too large: Optuna proposes, crews run.

The study is kept where the storage says, so that a search goes on after a stop, and several
machines search one study together. Every proposal counts as a trial.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from math import isfinite
from typing import Any, Final

import msgspec
from sqlalchemy.exc import SQLAlchemyError

from maemae.domain.errors import ConfigError, InvalidValueError, StorageError
from maemae.research.honesty.walk_forward import Values
from maemae.research.sweep.crew import Crew
from maemae.research.sweep.field import Cell, Machine
from maemae.research.sweep.grid import Grid
from maemae.research.sweep.score import Score
from maemae.strategy.author import Strategy
from maemae.strategy.parameters import AnyParam, find_param

Study = Any  # Optuna is an extra, and imported where it is used
Trial = Any
FrozenTrial = Any

MOST_TRIALS: Final = 100_000
"""Most trials of one search."""

_NO_SPREAD: Final = -100.0
"""What a cell without a Sharpe ratio is worth to the search: worse than any that trades."""


class Search(msgspec.Struct, frozen=True):
    """
    What a person asks a search for.

    Attributes:
        trials: How many the study is to have, those of other machines and of before included.
        storage: Where the study is kept, an address of SQLAlchemy; None keeps it in memory.
        name: Of the study: the same strategy over the same market.
        seed: Of the proposals.
        at_once: Proposals that are run side by side.
    """

    trials: int
    storage: str | None
    name: str
    seed: int
    at_once: int


def search(
    kind: type[Strategy],
    grid: Grid,
    asked: Search,
    crew: Crew,
    watch: Callable[[int], None] | None = None,
) -> list[Cell]:
    """
    Search, and return every cell that the study knows, each set of parameters once.

    Args:
        kind: The strategy.
        grid: Values to choose from by parameter; if it is empty, all parameters are searched in
            the range that they declare.
        asked: How much, and where it is kept.
        crew: Who runs the cells.
        watch: Called with the number of trials done.

    Raises:
        ConfigError: Optuna is not installed.
        InvalidValueError: There is nothing to search.
        StorageError: The storage cannot be reached.
        StrategyError: The strategy's own code failed.
    """
    params = [find_param(kind, name) for name in grid] or list(kind.parameters())
    if not params:
        raise InvalidValueError(
            f"{kind.__name__} 에는 매개변수가 없어 찾을 것이 없습니다.",
            f"{kind.__name__} has no parameters to search.",
        )
    with _opened(asked) as study:
        found = _known(study)
        done = len(_complete(study))
        while done < asked.trials:
            count = min(asked.at_once, asked.trials - done)
            trials = [study.ask() for _ in range(count)]
            values = [
                {each.name: _proposed(each, grid, trial) for each in params} for trial in trials
            ]
            _run(study, trials, values, found, crew)
            before, done = done, len(_complete(study))
            if watch is not None:
                for number in range(before, min(done, asked.trials)):
                    watch(number)
        found.update(_known(study))  # what other machines have found
    return list(found.values())


def _run(
    study: Study,
    trials: Sequence[Trial],
    values: Sequence[Values],
    found: dict[bytes, Cell],
    crew: Crew,
) -> None:
    """Run what is not known yet, and tell the study of all."""
    new = {_key(each): each for each in values if _key(each) not in found}
    found.update(zip(new, crew(list(new.values())), strict=True))
    for trial, each in zip(trials, values, strict=True):
        cell = found[_key(each)]
        trial.set_user_attr("values", dict(cell.values))
        trial.set_user_attr("score", msgspec.to_builtins(cell.score))
        trial.set_user_attr("machine", str(cell.machine))
        ratio = cell.score.sharpe
        study.tell(trial, _NO_SPREAD if ratio is None else ratio)


def _values(params: Sequence[AnyParam], grid: Grid, trial: Trial) -> Values:
    return {param.name: _proposed(param, grid, trial) for param in params}


def _proposed(param: AnyParam, grid: Grid, trial: Trial) -> float:
    """Return what the study proposes for a parameter."""
    choices = grid.get(param.name)
    value: float
    if choices is not None:
        value = trial.suggest_categorical(param.name, list(choices))
    elif param.kind is int:
        value = trial.suggest_int(param.name, int(param.low), int(param.high))
    else:
        value = round(trial.suggest_float(param.name, param.low, param.high), 4)
    return param.checked(param.kind(value))


def _key(values: Mapping[str, float]) -> bytes:
    return msgspec.json.encode(sorted(values.items()))


def _complete(study: Study) -> list[FrozenTrial]:
    return [trial for trial in study.get_trials(deepcopy=False) if "score" in trial.user_attrs]


def _known(study: Study) -> dict[bytes, Cell]:
    cells: dict[bytes, Cell] = {}
    for trial in _complete(study):
        kept: dict[str, Any] = trial.user_attrs
        score = msgspec.convert(kept["score"], Score)
        if score.sharpe is None or isfinite(score.sharpe):
            cells[_key(kept["values"])] = Cell(kept["values"], score, Machine(kept["machine"]))
    return cells


@contextmanager
def _opened(asked: Search) -> Iterator[Study]:
    """Open the study, or begin it; a storage that fails is explained."""
    try:
        optuna = import_module("optuna")
    except ModuleNotFoundError as error:
        raise ConfigError(
            "탐색에는 optuna 가 필요합니다: pip install 'maemae[sweep]'",
            "A search needs optuna: pip install 'maemae[sweep]'",
        ) from error
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    sampler = optuna.samplers.TPESampler(seed=asked.seed)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            yield optuna.create_study(
                study_name=asked.name,
                storage=asked.storage,
                sampler=sampler,
                direction="maximize",
                load_if_exists=True,
            )
    except (optuna.exceptions.StorageInternalError, SQLAlchemyError, ImportError) as error:
        raise StorageError(
            f"탐색을 {asked.storage} 에 둘 수 없습니다. sqlite:///search.db 나 "
            "postgresql+psycopg://사용자@호스트/이름 처럼 쓰고, 서버가 떠 있는지 보세요.",
            f"The search cannot be kept at {asked.storage}. Write sqlite:///search.db or "
            "postgresql+psycopg://user@host/name, and see that the server runs.",
        ) from error
