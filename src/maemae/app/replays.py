"""A recorded day once more, from a copy of the executor's database and from its tapes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date
from itertools import chain, takewhile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from sqlalchemy import select

from maemae.app.kiwoom.place import is_emulated
from maemae.app.owner import OWNER
from maemae.app.trade_request import core_config
from maemae.backup.database_copy import copy_database
from maemae.core.fold import fold
from maemae.core.state import CoreState
from maemae.domain.errors import MissingDataError
from maemae.domain.terms import Mode
from maemae.settings import Settings
from maemae.storage.engine import open_database
from maemae.storage.store import SqlStore
from maemae.storage.tables.journal import journal
from maemae.storage.tape import DayTape
from maemae.trading.replay import Verdict, replay

_COPY: Final = "copy.sqlite"
_SHOWN: Final = 5


def replay_day(settings: Settings, mode: Mode, database: str | None, day: date) -> Verdict:
    """
    Verify a recorded day; nothing that is kept is changed, and an executor may run meanwhile.

    Args:
        settings: Where everything is kept.
        mode: Whose executor recorded it.
        database: URL; None for the usual one.
        day: The session.

    Raises:
        MissingDataError: Nothing is recorded of that day.
        JournalCorruptError: Journal or tape are damaged.
        StorageError: They cannot be read.
    """
    tapes = settings.tapes(mode)
    with copied_store(database or settings.database_url(mode), mode) as store:
        days = _days(store)
        if day not in days:
            raise _not_recorded(day, days)
        book = CoreState()
        for entry in chain.from_iterable(store.records(each) for each in days if each < day):
            for action in entry.actions:
                fold(book, action)
        newest = store.recover().seq
        # What an executor that runs wrote since the copy has no journal beside it.
        tape = takewhile(lambda taped: taped.seq <= newest, DayTape(tapes, day))
        account_id = settings.account_id
        config = core_config(mode, account_id, is_emulated=is_emulated(settings, mode, account_id))
        return replay(config, book, store.records(day), tape)


@contextmanager
def copied_store(url: str, mode: Mode) -> Iterator[SqlStore]:
    """
    Yield a store on a copy of a database, in a folder that is thrown away.

    Raises:
        MissingDataError: Nothing has been recorded yet.
        StorageError: The database cannot be copied or read.
    """
    _require_file(url)
    with TemporaryDirectory(prefix="maemae-") as folder:
        path = Path(folder) / _COPY
        copy_database(url, path)
        with closing(SqlStore(open_database(f"sqlite:///{path}"), OWNER, mode)) as store:
            yield store


def _require_file(url: str) -> None:
    file = url.removeprefix("sqlite:///")
    if file != url and not Path(file).exists():
        raise MissingDataError(
            f"{file} 이(가) 없습니다. 아직 기록된 것이 없으니 maemae trade 로 시작하세요.",
            f"{file} is not there: nothing has been recorded yet. Start with maemae trade.",
        )


def _days(store: SqlStore) -> list[date]:
    """Return the sessions of the journal, oldest first."""
    query = (
        select(journal.c.session_date)
        .where(journal.c.executor_id == store.executor_id)
        .distinct()
        .order_by(journal.c.session_date)
    )
    with store.database.reading.connect() as connection:
        return list(connection.execute(query).scalars())


def _not_recorded(day: date, days: Sequence[date]) -> MissingDataError:
    last = ", ".join(str(each) for each in days[-_SHOWN:])
    return MissingDataError(
        f"{day} 은(는) 기록된 날이 아닙니다. 기록된 마지막 날들: {last or '없음'}.",
        f"Nothing is recorded of {day}. The last days that are: {last or 'none'}.",
    )
