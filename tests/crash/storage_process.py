"""
A process that writes a tape, makes a backup or restores one, until a failpoint ends it.

    python -m tests.crash.storage_process tape FOLDER
    python -m tests.crash.storage_process backup FOLDER NOW PUBLIC [FAILPOINTS]
    python -m tests.crash.storage_process restore FOLDER NOW PRIVATE [FAILPOINTS]
"""

from __future__ import annotations

import sys
from pathlib import Path

from maemae.backup.backup import Source, back_up, backups
from maemae.backup.restore import restore
from maemae.core.events import PriceUpdated
from maemae.failpoints import arm
from maemae.storage.tape import Tape
from tests.builders import DAY_1, NOON, SAMSUNG

SYNC_EVERY = 50


def write_tape(folder: Path) -> None:
    """Append ticks without end; say after each sync how far everything is durable."""
    tape = Tape(folder / "tape", 1, DAY_1)
    seq = 0
    while True:
        seq += 1
        tape.append(seq, PriceUpdated(SAMSUNG, seq, NOON + seq))
        if seq % SYNC_EVERY == 0:
            tape.sync(seq)
            sys.stdout.write(f"{seq}\n")
            sys.stdout.flush()


def make_backup(folder: Path, now: int, public: str) -> None:
    """Back the folder's database up."""
    source = Source(f"sqlite:///{folder / 'store.db'}", folder / "tape")
    back_up(source, folder / "backups", [public], folder / "scratch", now)


def restore_newest(folder: Path, now: int, private: str) -> None:
    """Restore the newest backup into a new folder."""
    restore(backups(folder / "backups")[-1].path, private, folder / "restored", now)


def main() -> None:
    """Do what the command line says."""
    what, folder, *rest = sys.argv[1:]
    if what == "tape":
        write_tape(Path(folder))
    now, key, *failpoints = rest
    arm("".join(failpoints))
    work = make_backup if what == "backup" else restore_newest
    work(Path(folder), int(now), key)


if __name__ == "__main__":
    main()
