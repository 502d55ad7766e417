"""Of every alert that an executor raises it is written what ends it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from maemae.core.actions import AlarmCode
from maemae.trading.endings import ENDINGS, Ending
from tests.architecture.source_tree import modules, nodes, tree

CALLS = {"warn": 0, "_warn": 0, "Alert": 0, "_say": 1, "_tell": 0}
"""Who makes alerts, and at which place the code stands."""

NO_BOOK = "watchdog"
"""It tells a person, and keeps no list."""


def raised(path: Path) -> Iterator[str]:
    """Yield the codes that a module raises, and those it is called with by name."""
    constants = {
        node.target.id: node.value
        for node in tree(path).body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    for node in nodes(path):
        found = _code_of(node)
        if isinstance(found, ast.Name):
            found = constants.get(found.id)
        if isinstance(found, ast.Constant) and str(found.value).isupper():
            yield str(found.value)


def _code_of(node: ast.AST) -> ast.expr | None:
    if isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
        return node.value.elts[0] if len(node.value.elts) == 4 else None  # a fact's, told
    if isinstance(node, ast.Call):
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        place = CALLS.get(name, len(node.args))
        return node.args[place] if place < len(node.args) else None
    return None


MODULES = modules("trading", "brokers", "app", "backup")
RAISED = sorted(
    {code for path in MODULES if path.stem != NO_BOOK for code in raised(path)}
    | {code.value for code in AlarmCode}
    | {"STORE_FAILED", "ENGINE_FAILED"}  # chosen between, where one is raised
)


@pytest.mark.parametrize("code", RAISED)
def test_alert_has_a_written_end(code: str) -> None:
    assert code in ENDINGS


def test_end_is_written_for_no_alert_that_nobody_raises() -> None:
    assert set(ENDINGS) == set(RAISED)


@pytest.mark.parametrize("ending", [ending for ending in Ending if ending is not Ending.SEEN])
def test_end_of_an_alert_is_told_by_somebody(ending: Ending) -> None:
    told = [
        node
        for path in modules("trading", "app")
        for node in nodes(path)
        if isinstance(node, ast.Call | ast.Tuple)
        and any(
            isinstance(part, ast.Attribute) and part.attr == ending.name
            for part in getattr(node, "args", getattr(node, "elts", ()))
        )
    ]

    assert told
