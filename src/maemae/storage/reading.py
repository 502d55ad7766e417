"""An executor's tables and journal as another process reads them, without its writer's lock."""

from __future__ import annotations

from typing import Self

from sqlalchemy import Engine, select
from sqlalchemy.exc import SQLAlchemyError

from maemae.domain.errors import StorageError
from maemae.domain.terms import Mode
from maemae.storage.engine import open_reading
from maemae.storage.history import History
from maemae.storage.outcome import unreadable
from maemae.storage.queries import Queries
from maemae.storage.stream_reading import StreamReading
from maemae.storage.tables.accounts import executors


class Reading:
    """
    What another process may know of an executor.

    Args:
        engine: Makes connections that cannot write.
        executor_id: Whose rows are read.

    Attributes:
        executor_id: As given.
        queries: What the tables show.
        history: What the journal tells.
    """

    def __init__(self, engine: Engine, executor_id: int) -> None:
        self.executor_id = executor_id
        self.queries = Queries(engine, executor_id)
        self.history = History(engine, executor_id)
        self._engine = engine

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def stream(self) -> StreamReading:
        """Return a new reader that goes along with the journal; who asks for it closes it."""
        return StreamReading(self._engine, self.executor_id)

    def close(self) -> None:
        """Let the connections go."""
        self._engine.dispose()


def open_executor_reading(url: str, owner: str, mode: Mode) -> Reading:
    """
    Open an executor's database for reading; its writer may live, or may have ended.

    Args:
        url: As `maemae.storage.engine.open_database` takes it.
        owner: Whose executor it is.
        mode: Whose market it trades on.

    Raises:
        ConfigError: The URL cannot be used.
        StorageError: It cannot be read, or no such executor ever wrote there.
    """
    name, engine = open_reading(url)
    query = select(executors.c.executor_id).where(
        executors.c.owner == owner, executors.c.mode == mode.value
    )
    try:
        with engine.connect() as connection:
            executor_id = connection.execute(query).scalar_one_or_none()
    except SQLAlchemyError as error:
        engine.dispose()
        raise unreadable(error, name) from error
    if executor_id is None:
        engine.dispose()
        raise StorageError(
            f"{name} 에 {mode} 실행기의 기록이 없습니다. maemae trade 로 한 번 시작하세요.",
            f"{name} knows no {mode} executor. Start it once with maemae trade.",
        )
    return Reading(engine, executor_id)
