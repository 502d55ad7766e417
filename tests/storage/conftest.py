"""Both databases for every test that asks for a URL; PostgreSQL is real and must start."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from maemae.storage.store import SqlStore
from tests.postgres_server import PostgresProcess
from tests.storage.databases import MakeUrl, open_here, sqlite_url

_NUMBERS = count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[PostgresProcess]:
    """Start a PostgreSQL of our own."""
    with PostgresProcess() as process:
        yield process


@pytest.fixture(scope="session")
def spare_urls() -> list[str]:
    """Return databases that are empty again: to make one costs hundreds of files."""
    return []


@pytest.fixture
def make_postgres_url(server: PostgresProcess, spare_urls: list[str]) -> Iterator[MakeUrl]:
    """Yield what tells the URL of an empty database."""
    lent = []

    def make() -> str:
        lent.append(spare_urls.pop() if spare_urls else server.new_database())
        return lent[-1]

    yield make
    for url in lent:
        with server.connected(url) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
    spare_urls += lent


@pytest.fixture(params=["sqlite", "postgresql"])
def make_url(request: pytest.FixtureRequest, tmp_path: Path) -> MakeUrl:
    """Return what tells the URL of an empty database of either kind."""
    if request.param == "sqlite":
        return lambda: sqlite_url(tmp_path / f"{next(_NUMBERS)}")
    make: MakeUrl = request.getfixturevalue("make_postgres_url")
    return make


@pytest.fixture
def url(make_url: MakeUrl) -> str:
    """Return the URL of an empty database of either kind."""
    return make_url()


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    """Return a new store in either kind of database."""
    with open_here(url) as opened:
        yield opened
