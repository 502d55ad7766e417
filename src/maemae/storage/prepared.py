"""
Statements of every turn: compiled once, from then on text and values for the driver.

Given a statement, SQLAlchemy walks through all of it to find out whether it has compiled the same
before, and makes a context and a result of its own; of an order's processor time that was the
largest part.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import BindParameter, Connection, Delete, Dialect, Insert, Update
from sqlalchemy.exc import DBAPIError

Row = Mapping[str, Any]


class Prepared:
    """
    A statement that is run for rows of values.

    Args:
        statement: Its parameters have the names of the values.
        columns: Those that an insert fills; None for all of its table.
    """

    def __init__(
        self, statement: Insert | Update | Delete, columns: Collection[str] | None = None
    ) -> None:
        # Inline: nobody asks for keys that the database makes, so it need not return them.
        self._statement = statement.inline() if isinstance(statement, Insert) else statement
        self._columns = None if columns is None else list(columns)
        self._texts: dict[str, _Text] = {}

    def run(self, connection: Connection, rows: Sequence[Row]) -> int:
        """
        Run it for each row, in the transaction that was begun.

        Returns:
            How many rows of the table that touched; not known of what goes `in_one_go`.

        Raises:
            SQLAlchemyError: The database refused, or is gone.
        """
        if not rows:
            return 0
        dialect = connection.dialect
        text = self._texts.get(dialect.name) or self._prepare(dialect)
        values: list[Any] = [text.values(row) for row in rows]
        cursor = connection.connection.cursor()
        try:
            if len(values) == 1:
                cursor.execute(text.sql, values[0])
            else:
                cursor.executemany(text.sql, values)
        except dialect.loaded_dbapi.Error as error:
            kind = dialect.loaded_dbapi.Error
            raise DBAPIError.instance(text.sql, values, error, kind, dialect=dialect) from error
        else:
            return cursor.rowcount
        finally:
            cursor.close()

    def _prepare(self, dialect: Dialect) -> _Text:
        compiled = self._statement.compile(dialect=dialect, column_keys=self._columns)
        binds = {name: bind for bind, name in compiled.bind_names.items()}
        names = compiled.positiontup or list(binds)
        converters = [
            (place, convert)
            for place, name in enumerate(names)
            if (convert := _converter(binds[name], dialect)) is not None
        ]
        fixed = {name: bind.value for name, bind in binds.items() if not bind.required}
        by_name = None if compiled.positiontup is not None else tuple(names)
        text = _Text(str(compiled), itemgetter(*names), by_name, fixed, converters)
        self._texts[dialect.name] = text
        return text


@contextmanager
def in_one_go(connection: Connection) -> Iterator[None]:
    """
    Let statements within go to a server without waiting for the answer to each.

    How many rows they touched is not known; that one of them failed is, at the end of all.

    Raises:
        SQLAlchemyError: The database refused one of them, or is gone.
    """
    dialect = connection.dialect
    if dialect.driver != "psycopg":
        yield
        return
    driver: Any = connection.connection.driver_connection
    try:
        with driver.pipeline():
            yield
    except dialect.loaded_dbapi.Error as error:
        kind = dialect.loaded_dbapi.Error
        raise DBAPIError.instance("", None, error, kind, dialect=dialect) from error


class _Text(msgspec.Struct, frozen=True):
    """
    What the driver of one kind of database is given.

    Attributes:
        pick: Takes the values out of a row, in order.
        by_name: Their names, for a driver that takes them by name; None for one that does not.
        fixed: Values that the statement brings with it.
        converters: From a value to the driver's, with its place, for those that differ.
    """

    sql: str
    pick: Callable[[Row], tuple[Any, ...]]
    by_name: tuple[str, ...] | None
    fixed: Row
    converters: Sequence[tuple[int, Callable[[Any], Any]]]

    def values(self, row: Row) -> Sequence[Any] | Row:
        """Return a row's values as the driver takes them."""
        picked = list(self.pick({**self.fixed, **row} if self.fixed else row))
        for place, convert in self.converters:
            picked[place] = convert(picked[place])
        return picked if self.by_name is None else dict(zip(self.by_name, picked, strict=True))


def _converter(bind: BindParameter[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    return bind.type.dialect_impl(dialect).bind_processor(dialect)
