"""The source of maemae as the tests of its shape read it: files and their syntax trees."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
SRC = REPOSITORY / "src"
PACKAGE = SRC / "maemae"


def modules(*packages: str) -> list[Path]:
    """Return the modules of these packages, or of all maemae when none is named."""
    roots = [PACKAGE / name for name in packages] or [PACKAGE]
    return sorted(path for root in roots for path in root.rglob("*.py"))


def dotted(path: Path) -> str:
    """Return the name under which a module is imported."""
    parts = path.relative_to(SRC).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=path.name)


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Return every node of a file's syntax tree."""
    return tuple(ast.walk(tree(path)))


def imported(path: Path) -> Iterator[str]:
    """Yield the dotted name of every module that a file imports, wherever it does."""
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def called(path: Path) -> Iterator[str]:
    """Yield the source text of whatever a file calls: `print`, `datetime.now`."""
    for node in nodes(path):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)
