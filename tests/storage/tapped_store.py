"""A process that writes to a store in SQLite while its syncs are tapped; prints what it saw."""

from __future__ import annotations

import json
import sys

from maemae.core.state import book_hash
from maemae.domain.errors import MaemaeError
from maemae.storage.store import SqlStore
from tests.builders import opening
from tests.storage.databases import WAIT, Desk, a_round, open_here, trade
from tests.storage.sync_tap import SyncTap


def main(url: str) -> None:
    tap = SyncTap()
    tap.install()
    with open_here(url) as store:
        desk = Desk(store)
        desk.tell(*opening())
        syncs = []
        for number in range(1, 11):
            for event in a_round(number):
                before = tap.count
                desk.tell(event)
                syncs.append(tap.count - before)

        tap.is_broken = True
        refused = store.write(desk.turn(*a_round(11)), desk.state, desk.lease.epoch)
        error = refused.exception(WAIT)
        while_broken = error_of_recovery(store)
        tap.is_broken = False

        again = Desk(store, "second")
        trade(again, 1, first=12 if again.seq == desk.seq else 11)
        after = book_hash(again.state)
    with open_here(url) as store:
        recovered = book_hash(store.recover().state)
    told = {
        "syncs": syncs,
        "error": type(error).__name__,
        "while_broken": while_broken,
        "healed": after == recovered,
    }
    sys.stdout.write(json.dumps(told))


def error_of_recovery(store: SqlStore) -> str:
    try:
        store.recover()
    except MaemaeError as error:
        return type(error).__name__
    return ""


if __name__ == "__main__":
    main(sys.argv[1])
