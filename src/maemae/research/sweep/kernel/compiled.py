"""
The decorators of everything that numba compiles: typed by use, exact, and kept on disk.

Only the modules of this package may use them: what numba keeps is good as long as their source is,
all of it, so the folder is named after its hash. Numba alone would see a change of one file and
miss that another file calls what was changed.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar

import numba
from numba.core import config

F = TypeVar("F", bound=Callable[..., object])
P = ParamSpec("P")
R = TypeVar("R")


_CONFIG: Final[Any] = config
_WHOLE: Final[dict[str, Any]] = {"nogil": True, "_nrt": False}
_PART: Final[dict[str, Any]] = {
    "no_cpython_wrapper": True, "no_cfunc_wrapper": True, "_nrt": False
}  # fmt: skip


def compiled(function: F) -> F:
    """
    Compile a part of a kernel, for other compiled functions only.

    Integers stay 64-bit integers, and no rule of arithmetic is relaxed. Nothing is allocated, so
    nothing is counted: all memory is the caller's.
    """
    made: F = numba.njit(**_PART)(function)
    return made


def inlined(function: F) -> F:
    """
    Compile a part of a kernel into every place that calls it: for what is short, or called once.

    A call hands over each array of the book by its parts, a hundred words and more: that takes
    longer than what most parts do.
    """
    made: F = numba.njit(inline="always", **_PART)(function)
    return made


def entry(function: Callable[P, R]) -> Callable[P, R]:
    """
    Compile a kernel at its first call, or load what was compiled before.

    Where no folder can be written it is compiled anew in every process.
    """

    @cache
    def kernel() -> Callable[P, R]:
        return _kept(function)

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        return kernel()(*args, **kwargs)

    return call


def _kept(function: Callable[P, R]) -> Callable[P, R]:
    """Return the compiled function, with a place on disk where there is one."""
    before = _CONFIG.CACHE_DIR
    _CONFIG.CACHE_DIR = str(_folder())
    try:
        made: Callable[P, R] = numba.njit(cache=True, **_WHOLE)(function)
    except RuntimeError:  # no folder can be written
        made = numba.njit(**_WHOLE)(function)
    finally:
        _CONFIG.CACHE_DIR = before
    return made


def _folder() -> Path:
    here = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted(here.glob("*.py")):
        digest.update(path.read_bytes())
    name = digest.hexdigest()[:16]
    kept = here / "__pycache__"
    try:
        kept.mkdir(exist_ok=True)
        with tempfile.TemporaryFile(dir=kept):
            return kept / f"kernel-{name}"
    except OSError:
        return Path.home() / ".cache" / "maemae" / f"kernel-{name}"
