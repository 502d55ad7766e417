"""Rows that are inserted, or take the place of those with the same key."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Table
from sqlalchemy import text as sql
from sqlalchemy.dialects import postgresql, sqlite

Upsert = sqlite.Insert | postgresql.Insert


def upsert(
    dialect: str, table: Table, updated: Collection[str], *, added: Collection[str] = ()
) -> Upsert:
    """
    Return an insert that updates some columns of a row whose primary key is there.

    Args:
        dialect: Name of the database's kind.
        table: Where.
        updated: Columns that take the new value.
        added: Columns to whose old value the new one is added.
    """
    insert = _insert(dialect, table)
    new = insert.excluded
    changes: dict[str, Any] = {name: new[name] for name in updated}
    changes |= {name: table.c[name] + new[name] for name in added}
    return insert.on_conflict_do_update(index_elements=table.primary_key.columns, set_=changes)


def insert_missing(dialect: str, table: Table) -> Upsert:
    """Return an insert that leaves a row alone that is there, by whatever key."""
    return _insert(dialect, table).on_conflict_do_nothing()


def upsert_open(
    dialect: str, table: Table, keys: Collection[str], where: str, updated: Collection[str]
) -> Upsert:
    """Return an insert that updates the row with the same keys for which a condition holds."""
    insert = _insert(dialect, table)
    changes: dict[str, Any] = {name: insert.excluded[name] for name in updated}
    return insert.on_conflict_do_update(
        index_elements=[table.c[name] for name in keys],
        index_where=sql(where),
        set_=changes | {"times": table.c.times + 1},
    )


def _insert(dialect: str, table: Table) -> Upsert:
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
