"""Files of journals: a database and what SQLite and our lock put beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from maemae.domain.errors import InvalidValueError

_SQLITE: Final = b"SQLite format 3\0"


def forget_journal(path: Path) -> None:
    """
    Remove a journal and the files beside it; one that is not there is forgotten already.

    Raises:
        InvalidValueError: The file is no journal, so it is left alone.
    """
    if path.exists():
        with path.open("rb") as file:
            if file.read(len(_SQLITE)) not in (_SQLITE, b""):
                raise InvalidValueError(
                    f"{path} 은(는) 저널이 아니라서 지우지 않습니다. 경로를 확인하세요.",
                    f"{path} is no journal and is left alone. Check the path.",
                )
    for suffix in ("", "-wal", "-shm", ".lock"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
