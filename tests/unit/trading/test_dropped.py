"""What was dropped is read again, by session."""

from __future__ import annotations

from pathlib import Path

from maemae.domain.instant import DAY, kst_date
from maemae.trading.dropped import Dropped, DroppedLog
from tests.builders import ACCOUNT, DAY_1, NOON, SLEEVE

LATE = Dropped(ACCOUNT, SLEEVE, NOON, NOON + 79, is_paused=False)
PAUSED = Dropped(ACCOUNT, SLEEVE, NOON + DAY, NOON + DAY, is_paused=True)


def test_log_keeps_each_session_apart(tmp_path: Path) -> None:
    log = DroppedLog(tmp_path)
    for dropped in (LATE, PAUSED, LATE):
        log.append(dropped)

    assert list(DroppedLog(tmp_path).rows(DAY_1)) == [LATE, LATE]
    assert list(log.rows(kst_date(NOON + DAY))) == [PAUSED]


def test_log_when_nothing_was_dropped_is_empty(tmp_path: Path) -> None:
    assert list(DroppedLog(tmp_path / "nowhere").rows(DAY_1)) == []


def test_log_when_its_last_line_is_cut_leaves_it_out(tmp_path: Path) -> None:
    log = DroppedLog(tmp_path)
    log.append(LATE)
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes() + b'{"account_id":')

    assert list(log.rows(DAY_1)) == [LATE]
