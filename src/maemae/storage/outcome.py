"""Futures of writes, and what they fail with."""

from __future__ import annotations

from concurrent.futures import Future, InvalidStateError
from contextlib import suppress

from sqlalchemy.exc import DBAPIError

from maemae.domain.errors import CommitUnknownError, StorageError


def succeed(future: Future[None]) -> None:
    """Tell that it is durable, unless something was told already."""
    with suppress(InvalidStateError):
        future.set_result(None)


def fail(future: Future[None], error: StorageError) -> None:
    """Tell that it failed, unless something was told already."""
    with suppress(InvalidStateError):
        future.set_exception(error)


def reason(error: Exception) -> str:
    """Return what the database or the disk said, without the statement."""
    said = error.orig if isinstance(error, DBAPIError) else error
    return next(iter(str(said).splitlines()), type(said).__name__)


def unknown(why: str) -> CommitUnknownError:
    """Return the error of a commit in doubt."""
    return CommitUnknownError(
        f"기록이 저장되었는지 알 수 없습니다 ({why}). 데이터베이스와 디스크를 확인하세요. 저장된 "
        "데까지 되살린 뒤 이어 갑니다.",
        f"Whether the records were stored is unknown ({why}). Check the database and the disk; "
        "the book is rebuilt from what is stored.",
    )


def not_written(why: str) -> StorageError:
    """Return the error of a write that is proved not to have happened."""
    return StorageError(
        f"기록하지 못했습니다 ({why}). 저장된 것은 없습니다. 디스크의 남은 공간과 데이터베이스를 "
        "확인하세요.",
        f"Nothing was written ({why}). Check the space left on the disk and the database.",
    )
