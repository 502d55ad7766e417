"""Which build of maemae this is: the same build gives the same bytes."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

_DECIDING: Final = ("msgspec", "numpy", "TA-Lib")  # encode the records, compute the indicators
_PACKAGE: Final = Path(__file__).parents[1]


@cache
def build_fingerprint(package: Path = _PACKAGE) -> str:
    """Return the SHA-256 of a package's source, Python and the libraries that decide bytes."""
    digest = hashlib.sha256(platform.python_version().encode())
    for name in _DECIDING:
        digest.update(f"\n{name} {version(name)}".encode())
    for path in sorted(package.rglob("*.py")):
        digest.update(f"\n{path.relative_to(package).as_posix()}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
