"""Reads rows about people; a database that cannot be read is a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, Select
from sqlalchemy.exc import SQLAlchemyError

from maemae.storage.outcome import unreadable


@contextmanager
def connected(reading: Engine) -> Iterator[Connection]:
    """
    Give a connection that cannot write; all that is read on it is of one moment.

    Raises:
        StorageError: The database cannot be read.
    """
    try:
        with reading.connect() as connection:
            yield connection
    except SQLAlchemyError as error:
        raise unreadable(error) from error


def rows(reading: Engine, query: Select[Any]) -> Sequence[RowMapping]:
    """
    Return the rows of one question.

    Raises:
        StorageError: The database cannot be read.
    """
    with connected(reading) as connection:
        return connection.execute(query).mappings().all()
