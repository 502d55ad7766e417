"""
Who runs the cells when they are too many for one machine: the workers of a Dask cluster.

The bars go to every worker once, and each piece of the grid is one task. A worker that dies
loses its task to another: a piece is run again as a whole, and counted once, by its number.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import msgspec

from maemae.domain.errors import ConfigError, MissingDataError
from maemae.research.honesty.walk_forward import Values
from maemae.research.sweep.crew import Crew, chunks_of
from maemae.research.sweep.field import Cell, Field, Runner
from maemae.storage.fingerprint import build_fingerprint
from maemae.strategies.loading import BUNDLED, load_strategy, source_of

_PATIENCE: Final = 15  # seconds in which an address must answer


Client = Any  # Dask's classes say nothing of their types
Future = Any


class Errand(msgspec.Struct, frozen=True, eq=False):
    """
    What every worker of a cluster needs: the field, and the source of a strategy of one's own.

    Attributes:
        number: Of the sweep.
        source: Of the file of the strategy; empty for a bundled one.
    """

    number: str
    field: Field
    source: bytes


@contextmanager
def cluster_crew(field: Field, address: str) -> Iterator[Crew]:
    """
    Provide the workers of a cluster.

    Args:
        field: What is run.
        address: Of its scheduler, such as `tcp://10.0.0.5:8786`.

    Raises:
        ConfigError: Nothing answers at the address, no worker is there, or one has another
            maemae.
        MissingDataError: Workers with the bars were lost faster than others took over.
        StrategyError: The strategy's own code failed.
    """
    with _connected(address) as client:
        workers = _require_workers(client, address)
        source = b"" if field.strategy in BUNDLED else source_of(field.strategy)
        errand = Errand(uuid4().hex, field, source)
        with _explained():
            ground = client.scatter(errand, broadcast=True)
            yield lambda cells: _spread(client, ground, errand.number, cells, workers)


@contextmanager
def _connected(address: str) -> Iterator[Any]:
    try:
        distributed = import_module("distributed")
    except ModuleNotFoundError as error:
        raise ConfigError(
            "클러스터에는 dask 가 필요합니다: pip install 'maemae[cluster]'",
            "A cluster needs dask: pip install 'maemae[cluster]'",
        ) from error
    try:
        client = distributed.Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise ConfigError(
            f"{address} 에서 Dask 스케줄러가 답하지 않습니다. `dask scheduler` 가 떠 있는지, "
            "주소가 tcp://호스트:8786 꼴인지 확인하세요.",
            f"No Dask scheduler answers at {address}. See that `dask scheduler` runs there and "
            "that the address looks like tcp://host:8786.",
        ) from error
    with client:
        yield client


def _require_workers(client: Client, address: str) -> int:
    """Return how many workers there are, all of the same build as this process."""
    try:
        builds: dict[str, str] = client.run(build_fingerprint)
    except (ModuleNotFoundError, AttributeError) as error:
        raise ConfigError(
            f"{address} 의 일꾼에 maemae 가 없거나 다른 판입니다. 같은 판을 설치하세요.",
            f"A worker at {address} has no maemae, or another one. Install the same version.",
        ) from error
    if not builds:
        raise ConfigError(
            f"{address} 에 일꾼이 없습니다. `dask worker {address}` 로 띄우세요.",
            f"There is no worker at {address}. Start one: `dask worker {address}`.",
        )
    other = [worker for worker, build in builds.items() if build != build_fingerprint()]
    if other:
        raise ConfigError(
            f"일꾼 {', '.join(other)} 의 maemae 가 여기와 다릅니다. 같은 판을 설치하세요.",
            f"Workers {', '.join(other)} have another maemae than here. Install the same version.",
        )
    return len(builds)


@contextmanager
def _explained() -> Iterator[None]:
    """Say in a sentence what Dask reports when workers are gone."""
    distributed = import_module("distributed")
    try:
        yield
    except distributed.KilledWorker as error:
        raise MissingDataError(
            "같은 조합에서 일꾼이 거듭 죽었습니다. 일꾼의 메모리를 늘리거나 --cluster 없이 돌려 "
            "보세요.",
            "Workers died over and over at the same combination. Give them more memory, or try "
            "without --cluster.",
        ) from error
    except distributed.client.FutureCancelledError as error:
        raise MissingDataError(
            "봉을 가진 일꾼이 모두 사라졌습니다. 일꾼을 다시 띄우고 처음부터 돌리세요.",
            "Every worker that had the bars is gone. Start workers and run it again.",
        ) from error


def _spread(
    client: Client, ground: Future, number: str, cells: Sequence[Values], workers: int
) -> Iterator[Cell]:
    digest = hashlib.sha256(msgspec.json.encode(cells)).hexdigest()[:16]
    waiting = [
        client.submit(run_errand, ground, chunk, key=f"maemae-{number}-{digest}-{place}")
        for place, chunk in enumerate(chunks_of(cells, workers))
    ]
    while waiting:
        yield from waiting.pop(0).result()


class _Worker:
    """What one worker keeps between tasks: the runner of one sweep."""

    number = ""
    runner: Runner
    folder: tempfile.TemporaryDirectory[str] | None = None


def run_errand(errand: Errand, cells: Sequence[Values]) -> list[Cell]:
    """Run cells in a worker."""
    if _Worker.number != errand.number:
        _Worker.runner = _runner(errand)
        _Worker.number = errand.number
    return [_Worker.runner.cell(values) for values in cells]


def _runner(errand: Errand) -> Runner:
    field = errand.field
    if not errand.source:
        return Runner(field)
    file, _, name = field.strategy.rpartition(":")
    if _Worker.folder is not None:
        _Worker.folder.cleanup()
    _Worker.folder = tempfile.TemporaryDirectory(prefix="maemae-sweep-")
    own = Path(_Worker.folder.name) / Path(file).name
    own.write_bytes(errand.source)  # it stays: what a method does is read from it
    return Runner(field, kind=load_strategy(f"{own}:{name}"))
