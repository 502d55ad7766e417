"""Writes the tables of a run where a person wants them, in the format of the file's name."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

import polars as pl

from maemae.domain.errors import InvalidValueError, StorageError
from maemae.research.export.formulas import neutral
from maemae.research.export.tables import Tables
from maemae.research.export.workbook import write_workbook

Writer = Callable[[pl.DataFrame, Path], None]


def _write_csv(frame: pl.DataFrame, path: Path) -> None:
    """Write a table with a byte-order mark, without which Excel reads Korean wrongly."""
    neutral(frame).write_csv(path, include_bom=True, datetime_format="%Y-%m-%d %H:%M:%S")


_WRITERS: Final[Mapping[str, Writer]] = {
    ".csv": _write_csv,
    ".parquet": lambda frame, path: frame.write_parquet(path),
}

WORKBOOK: Final = ".xlsx"

SUFFIXES: Final = (*_WRITERS, WORKBOOK)
"""Formats, by the end of a file's name."""


def require_format(path: Path) -> None:
    """
    See that a name says a format that is known, before a long run.

    Raises:
        InvalidValueError: It does not.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise InvalidValueError(
            f"{path.name} 은(는) 내보낼 수 있는 형식이 아닙니다. {', '.join(SUFFIXES)} 로 끝나게 "
            "쓰세요.",
            f"{path.name} says no format that can be written. End it in {', '.join(SUFFIXES)}.",
        )


def write_tables(path: Path, tables: Tables) -> list[Path]:
    """
    Write tables: `run.xlsx` holds all; `run.csv` and `run.parquet` become a file for each.

    Returns:
        The files, such as `run-trades.csv`.

    Raises:
        InvalidValueError: The name says no format that is known.
        StorageError: A file cannot be written; what stood there before stays.
    """
    require_format(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix.lower() == WORKBOOK:
            _in_place(path, partial(write_workbook, tables))
            return [path]
        write = _WRITERS[path.suffix.lower()]
        written = []
        for name, frame in tables.items():
            target = path.with_name(f"{path.stem}-{name}{path.suffix}")
            _in_place(target, partial(write, frame))
            written.append(target)
    except OSError as error:
        raise StorageError(
            f"{path} 에 내보낼 수 없습니다 ({error.strerror}). 다른 곳을 고르거나 권한을 "
            "확인하세요.",
            f"{path} cannot be written ({error.strerror}). Choose another place or check "
            "permissions.",
        ) from error
    return written


def _in_place(path: Path, write: Callable[[Path], None]) -> None:
    unfinished = path.with_name(f".{path.stem}.{os.getpid()}.partial{path.suffix}")
    try:
        write(unfinished)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
