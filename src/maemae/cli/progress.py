"""A bar that shows how far a run has come, where somebody is watching."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from maemae.cli.screen import Screen

_STEPS: Final = 200


@contextmanager
def progress(screen: Screen, what: str, length: int) -> Iterator[Callable[[int], None] | None]:
    """
    Yield a watcher of a run's bars, or None where standard error is no terminal.

    Args:
        screen: Where to show it.
        what: What is running.
        length: Bars of the run.
    """
    if not screen.err.is_terminal:
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(*columns, TimeElapsedColumn(), console=screen.err, transient=True) as shown:
        task = shown.add_task(what, total=length)
        step = max(1, length // _STEPS)
        due = 0

        def watch(index: int) -> None:
            nonlocal due
            if index >= due:
                due = index + step
                shown.update(task, completed=index + 1)

        yield watch
