"""Futures of writes, and what they fail with."""

from __future__ import annotations

from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from typing import Final

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

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


def unreadable(error: SQLAlchemyError, name: str | None = None) -> StorageError:
    """
    Return the error of a database that cannot be read.

    Args:
        error: What its driver said.
        name: Of the database, where it is known.
    """
    said = reason(error)
    if _is_not_made(error):
        where = said if name is None else name
        return StorageError(
            f"아직 기록이 없습니다 ({where}). maemae serve 나 maemae trade 를 한 번 시작하면 "
            "생깁니다. 시작한 적이 있으면 MAEMAE_HOME 이 그때와 같은지 확인하세요.",
            f"Nothing is recorded yet ({where}). Starting maemae serve or maemae trade once makes "
            "it. If one was started before, check that MAEMAE_HOME is the same as then.",
        )
    which = ("데이터베이스", "The database") if name is None else (name, name)
    return StorageError(
        f"{which[0]} 을(를) 읽을 수 없습니다 ({said}). 켜져 있는지 확인하세요.",
        f"{which[1]} cannot be read ({said}). Check that it runs.",
    )


def _is_not_made(error: SQLAlchemyError) -> bool:
    """Return whether there is no file, or no table in it."""
    said = error.orig if isinstance(error, DBAPIError) else None
    code = getattr(said, "sqlite_errorname", None) or getattr(said, "sqlstate", None)
    return code in _NOT_MADE or str(said).startswith(_NO_TABLE)


_NOT_MADE: Final = frozenset({"SQLITE_CANTOPEN", "42P01"})  # PostgreSQL: undefined table
_NO_TABLE: Final = "no such table"  # SQLite has no code of its own for it
