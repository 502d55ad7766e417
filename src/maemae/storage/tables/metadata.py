"""The one MetaData, and columns as this database writes them."""

from __future__ import annotations

from datetime import date
from enum import unique
from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, Integer, MetaData, Text

from maemae.domain.terms import Term

METADATA: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


@unique
class Progress(Term):
    """How far a thing that is asked for has come."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    DONE = "DONE"
    REFUSED = "REFUSED"
    FAILED = "FAILED"


def number(name: str, *, key: bool = False, optional: bool = False) -> Column[int]:
    """Return a whole number: a count, a quantity [shares] or an amount [won]."""
    return Column(
        name, BigInteger, primary_key=key, nullable=optional, autoincrement=False if key else "auto"
    )


def serial(name: str) -> Column[int]:
    """Return a key that the database counts up."""
    kind = BigInteger().with_variant(Integer, "sqlite")  # only that one counts there
    return Column(name, kind, primary_key=True, autoincrement=True)


def instant(name: str, *, key: bool = False, optional: bool = False) -> Column[int]:
    """Return an instant [ns, UTC]."""
    return number(name, key=key, optional=optional)


def text(name: str, *, key: bool = False, optional: bool = False) -> Column[str]:
    """Return words of any length."""
    return Column(name, Text, primary_key=key, nullable=optional)


def day(name: str, *, key: bool = False, optional: bool = False) -> Column[date]:
    """Return a session of the exchange."""
    return Column(name, Date(), primary_key=key, nullable=optional)


def one_of(column: str, vocabulary: type[Term]) -> CheckConstraint:
    """Return the rule that a column holds a word of a closed vocabulary."""
    words = ", ".join(f"'{word.value}'" for word in vocabulary)
    return CheckConstraint(f"{column} IN ({words})", name=column)


def not_blank(column: str) -> CheckConstraint:
    """Return the rule that a column, where it is not NULL, says something."""
    return CheckConstraint(f"trim({column}) <> ''", name=column)


def broker_number(column: str) -> CheckConstraint:
    """
    Return the rule that a column can be a broker's number of an order.

    What a submit returns is none: 0 for "handed over", a negative code, or nothing at all.
    """
    return CheckConstraint(
        f"ltrim({column}, '0 ') <> '' AND {column} NOT LIKE '-%'",
        name=column,
    )
