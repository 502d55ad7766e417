"""
The files of one dataset, written so that a reader finds the old dataset or the new one.

A folder holds `manifest.json` and the two Parquet files it names. The files carry a hash of
their content in their name, and the manifest is renamed into place last. A kill leaves at
most files that no manifest names; the next write of the dataset removes them. One writer a
dataset at a time is assumed.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Final

import polars as pl

from maemae.catalogue.manifest import MANIFEST, Manifest, encode_manifest, read_manifest
from maemae.domain.errors import MissingDataError, SchemaError, StorageError

_PARTIAL: Final = ".partial"
_ROWS_A_GROUP: Final = 65_536


def write_dataset(
    folder: Path, manifest: Manifest, bars: pl.DataFrame, instruments: pl.DataFrame
) -> None:
    """
    Write a dataset and, once it is complete, put it in the place of the one before.

    Raises:
        StorageError: A file cannot be written; the dataset before stands unchanged.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            _write(folder / manifest.bars_file, lambda path: _write_parquet(bars, path))
            _write(
                folder / manifest.instruments_file, lambda path: _write_parquet(instruments, path)
            )
            _write(folder / MANIFEST, lambda path: _write_bytes(encode_manifest(manifest), path))
        finally:
            _remove_unnamed(folder)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise _unwritable(folder, error) from error


def write_beside(folder: Path, manifest: Manifest, name: str, content: bytes) -> None:
    """
    Write one more file of a dataset, and the manifest that names it.

    Raises:
        StorageError: A file cannot be written; the dataset before stands unchanged.
    """
    try:
        try:
            _write(folder / name, lambda path: _write_bytes(content, path))
            _write(folder / MANIFEST, lambda path: _write_bytes(encode_manifest(manifest), path))
        finally:
            _remove_unnamed(folder)
    except OSError as error:
        raise _unwritable(folder, error) from error


def read_bars(
    folder: Path,
    manifest: Manifest,
    columns: tuple[str, ...] | None = None,
    days: tuple[date | None, date | None] = (None, None),
    symbols: list[str] | None = None,
) -> pl.DataFrame:
    """
    Return stored bars, sorted by symbol and time.

    Args:
        folder: Folder of the dataset.
        manifest: Its manifest.
        columns: Columns to read; None for all.
        days: First and last Korean day, both included; None is open.
        symbols: Symbols to read; None for all.

    Raises:
        MissingDataError: The file of the bars is gone.
        SchemaError: It is damaged.
    """
    scan = pl.scan_parquet(_existing(folder / manifest.bars_file))
    first, last = days
    if symbols is not None:
        scan = scan.filter(pl.col("symbol").is_in(symbols))
    if first is not None:
        scan = scan.filter(pl.col("day") >= first)
    if last is not None:
        scan = scan.filter(pl.col("day") <= last)
    return _collect(scan if columns is None else scan.select(columns), folder)


def read_instruments(folder: Path, manifest: Manifest) -> pl.DataFrame:
    """
    Return the stored instrument master, sorted by symbol.

    Raises:
        MissingDataError: The file is gone.
        SchemaError: It is damaged.
    """
    return _collect(pl.scan_parquet(_existing(folder / manifest.instruments_file)), folder)


def _collect(scan: pl.LazyFrame, folder: Path) -> pl.DataFrame:
    try:
        return scan.collect()
    except (OSError, pl.exceptions.PolarsError) as error:
        reason = str(error).splitlines()[0]
        raise SchemaError(
            f"저장된 데이터셋이 손상되었습니다: {folder} ({reason}). replace 로 다시 가져오세요.",
            f"The stored dataset {folder} is damaged ({reason}). Import it again with replace.",
        ) from error


def _unwritable(folder: Path, error: Exception) -> StorageError:
    return StorageError(
        f"데이터셋을 쓸 수 없습니다: {folder} ({error}). 권한과 남은 공간을 확인하세요.",
        f"{folder} cannot be written ({error}). Check permissions and free space.",
    )


def _existing(path: Path) -> Path:
    if path.exists():
        return path
    raise MissingDataError(
        f"데이터셋의 파일이 사라졌습니다: {path}. replace 로 다시 가져오세요.",
        f"A file of the dataset is gone: {path}. Import the data again with replace.",
    )


def _remove_unnamed(folder: Path) -> None:
    """Remove what no manifest names, and the folder itself if that leaves it empty."""
    named: set[str] = set()
    if (folder / MANIFEST).exists():
        manifest = read_manifest(folder / MANIFEST)
        named = {MANIFEST, *manifest.files}
    for path in folder.iterdir():
        if path.name not in named:
            path.unlink()
    if not named:
        folder.rmdir()


def _write(path: Path, fill: Callable[[Path], None]) -> None:
    """Let `fill` write beside `path`, sync it, and rename it into place."""
    partial = path.with_name(path.name + _PARTIAL)
    fill(partial)
    with partial.open("rb+") as file:
        os.fsync(file.fileno())
    partial.replace(path)
    _sync_folder(path.parent)


def _write_parquet(frame: pl.DataFrame, path: Path) -> None:
    frame.write_parquet(path, compression="zstd", row_group_size=_ROWS_A_GROUP, statistics=True)


def _write_bytes(content: bytes, path: Path) -> None:
    path.write_bytes(content)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows cannot open a folder; its renames are durable without
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
