"""The shape of the code: where things lie, how long they are, what the pure packages may touch."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source_tree import (
    PACKAGE,
    REPOSITORY,
    called,
    dotted,
    imported,
    modules,
    nodes,
    tree,
)

MODULE_LINES = 600
FUNCTION_LINES = 60
PUBLIC_METHODS = 15
TOP_INIT_LINES = 30

NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "base", "misc"}

PURE = ("domain", "krx", "core", "strategy", "venue", "analytics")
IMPURE_MODULES = {
    *("time", "random", "secrets", "uuid"),
    *("os", "io", "pathlib", "shutil", "tempfile", "glob", "sqlite3", "pickle", "logging"),
    *("socket", "ssl", "select", "http", "urllib", "asyncio"),
    *("subprocess", "threading", "multiprocessing", "concurrent"),
}
IMPURE_CALLS = {"open", "print", "input", "breakpoint", "exec", "eval", "hash"}
CLOCK_READINGS = {"now", "utcnow", "today"}


@pytest.fixture(scope="module", autouse=True)
def _forgetting() -> Iterator[None]:
    """Let go of a million nodes, which every collection of garbage would look at."""
    yield
    nodes.cache_clear()
    tree.cache_clear()


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [node for node in nodes(path) if isinstance(node, kinds)]


def lines_of(path: Path) -> int:
    return path.read_text(encoding="utf-8").count("\n")


def test_source_is_found() -> None:
    assert PACKAGE / "domain" / "terms.py" in modules()


def test_every_module_has_a_name_that_says_something() -> None:
    parts = {path: set(dotted(path).split(".")) for path in modules()}
    assert not [str(path) for path, names in parts.items() if names & NAMES_THAT_SAY_NOTHING]


def test_init_files_are_empty_except_the_top_one() -> None:
    inits = [path for path in modules() if path.name == "__init__.py"]
    top = PACKAGE / "__init__.py"
    assert not [dotted(path) for path in inits if path != top and path.read_text("utf-8")]
    assert top not in inits or lines_of(top) <= TOP_INIT_LINES


def test_every_folder_with_modules_is_a_package() -> None:
    folders = {path.parent for path in modules()} - {PACKAGE}
    assert not [folder.name for folder in folders if not (folder / "__init__.py").exists()]


def test_modules_stay_readable() -> None:
    tests = list((REPOSITORY / "tests").rglob("*.py"))
    long = {path.name: lines_of(path) for path in [*modules(), *tests]}
    assert not {name: lines for name, lines in long.items() if lines > MODULE_LINES}


def test_every_test_belongs_to_a_layer() -> None:
    assert not list((REPOSITORY / "tests").glob("test_*.py"))


def test_functions_stay_readable() -> None:
    assert not [
        f"{dotted(path)}.{function.name}"
        for path in modules()
        for function in functions(path)
        if (function.end_lineno or 0) - function.lineno >= FUNCTION_LINES
    ]


def test_classes_stay_small() -> None:
    sizes = {
        f"{dotted(path)}.{node.name}": sum(
            isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)
            and not item.name.startswith("_")
            for item in node.body
        )
        for path in modules()
        for node in nodes(path)
        if isinstance(node, ast.ClassDef)
    }
    assert not {name: size for name, size in sizes.items() if size > PUBLIC_METHODS}


def test_domain_imports_only_the_standard_library_and_msgspec() -> None:
    allowed = sys.stdlib_module_names | {"maemae", "msgspec"}
    assert not [
        f"{dotted(path)} imports {name}"
        for path in modules("domain")
        for name in imported(path)
        if name.split(".")[0] not in allowed
    ]


def test_pure_packages_import_nothing_that_reaches_outside() -> None:
    assert not [
        f"{dotted(path)} imports {name}"
        for path in modules(*PURE)
        for name in imported(path)
        if name.split(".")[0] in IMPURE_MODULES or name.startswith("numpy.random")
    ]


def test_pure_packages_read_no_clock_and_draw_no_random_number() -> None:
    assert not [
        f"{dotted(path)} calls {name}"
        for path in modules(*PURE)
        for name in called(path)
        if name in IMPURE_CALLS
        or name.rsplit(".", 1)[-1] in CLOCK_READINGS
        or name.startswith(("np.random.", "numpy.random."))
    ]


def test_imports_stand_at_the_top_except_in_the_command_line() -> None:
    assert not [
        f"{dotted(path)}.{function.name}"
        for path in modules()
        if "cli" not in path.relative_to(PACKAGE).parts and path != PACKAGE / "__init__.py"
        for function in functions(path)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]


def test_no_import_is_for_type_checkers_only() -> None:
    assert not [dotted(path) for path in modules() if "TYPE_CHECKING" in path.read_text("utf-8")]


def test_library_code_prints_nothing() -> None:
    assert not [dotted(path) for path in modules() if "print" in called(path)]


def test_no_check_is_waived() -> None:
    waivers = ("# noqa", "# type: ignore", "# mypy:", "# ruff:", "pragma: no cover")
    assert not [
        f"{dotted(path)}: {waiver}"
        for path in modules()
        for waiver in waivers
        if waiver in path.read_text("utf-8")
    ]
