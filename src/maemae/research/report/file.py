"""Puts a report in its place at once: a reader finds a whole report, the one before, or none."""

from __future__ import annotations

import os
from pathlib import Path

from maemae.domain.errors import StorageError


def require_writable(path: Path) -> None:
    """
    Make the folder of a report and see that a file can be put there, before a long run.

    Raises:
        StorageError: It cannot.
    """
    try:
        if path.exists() and not path.is_file():
            raise StorageError(
                f"{path} 는 파일이 아닙니다. 보고서 파일의 이름까지 적으세요.",
                f"{path} is no file. Name the file of the report too.",
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = _beside(path)
        partial.touch()
        partial.unlink()
    except OSError as error:
        raise _unwritable(path, error) from error


def write_report(path: Path, html: str) -> None:
    """
    Write a report and rename it into place.

    Raises:
        StorageError: It cannot be written; what stood there before stays.
    """
    partial = _beside(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with partial.open("w", encoding="utf-8") as file:
                file.write(html)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(path, error) from error


def _beside(path: Path) -> Path:
    """Return where a report is written before it is renamed."""
    return path.with_name(f".{path.name}.{os.getpid()}.partial")


def _unwritable(path: Path, error: OSError) -> StorageError:
    return StorageError(
        f"{path} 에 쓸 수 없습니다 ({error.strerror}). 다른 곳을 고르거나 권한을 확인하세요.",
        f"{path} cannot be written ({error.strerror}). Choose another place or check permissions.",
    )
