"""Looks at everything an executor needs, without changing anything of it."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import msgspec
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from maemae.app.owner import OWNER
from maemae.app.sim_place import find_place
from maemae.backup.backup import backups
from maemae.backup.database_copy import contents, copy_database, require_sound
from maemae.core.events import KillLevel
from maemae.domain.errors import MaemaeError
from maemae.domain.instant import SECOND, kst_date
from maemae.domain.terms import Mode, TradingState
from maemae.domain.text import Text
from maemae.krx.calendar import LAST_YEAR, PROJECTED_FROM, is_session
from maemae.settings import Settings
from maemae.storage import migrations
from maemae.storage.database import apply_settings
from maemae.storage.engine import open_database
from maemae.storage.file_system import refuse_network
from maemae.storage.store import SqlStore
from maemae.storage.tape import TapeReader, tape_files
from maemae.trading.control.client import ask_executor
from maemae.trading.control.commands import StatusQuery
from maemae.trading.control.replies import Status
from maemae.trading.emergency.kill_file import KillFile
from maemae.trading.emergency.log import EmergencyLog

_PYTHON: Final = (3, 11)
_PACKAGES: Final = (
    "alembic",
    "msgspec",
    "numpy",
    "polars",
    "pyrage",
    "rich",
    "sqlalchemy",
    "talib",
    "typer",
)
_LEAST_FREE: Final = 1_000_000_000  # bytes
_OLDEST_BACKUP: Final = 26 * 3_600 * SECOND  # one a day, and some patience
_ANSWER_SECS: Final = 3.0
_LOOPBACK: Final = "127.0.0.1"


class Finding(msgspec.Struct, frozen=True):
    """
    One thing that was looked at.

    Attributes:
        what: Its name, for people.
        is_good: Whether nothing has to be done.
        text: What was found, and what to do if it is not good.
    """

    what: Text
    is_good: bool
    text: Text


def check_up(settings: Settings, mode: Mode) -> Iterator[Finding]:
    """Yield what is found, one thing after the other; a look that fails is a finding too."""
    for what, look in _LOOKS:
        try:
            is_good, text = look(settings, mode)
        except (MaemaeError, OSError, sqlite3.Error, SQLAlchemyError) as error:
            told = error.text if isinstance(error, MaemaeError) else _cannot_look(error)
            is_good, text = False, told
        yield Finding(what, is_good, text)


_Found = tuple[bool, Text]


def _python(_settings: Settings, _mode: Mode) -> _Found:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] >= _PYTHON:
        return True, Text(version, version)
    return False, Text(
        f"{version} 입니다. 3.11 이상을 설치하세요.", f"{version}; install 3.11 or newer."
    )


def _packages(settings: Settings, mode: Mode) -> _Found:
    needed = list(_PACKAGES)
    if settings.database_url(mode).startswith("postgresql"):
        needed.append("psycopg")
    missing = ", ".join(name for name in needed if find_spec(name) is None)
    if not missing:
        return True, Text(f"{len(needed)}개 모두 있습니다.", f"All {len(needed)} are there.")
    return False, Text(
        f"없는 것: {missing}. maemae 를 다시 설치하세요.", f"Missing: {missing}. Install again."
    )


def _disk(settings: Settings, mode: Mode) -> _Found:
    folder = _existing(settings.data_folder(mode))
    refuse_network(folder)
    free = shutil.disk_usage(folder).free
    size = f"{free / 1_000_000_000:,.1f} GB"
    if free < _LEAST_FREE:
        return False, Text(
            f"{size} 만 남았습니다. 1 GB 이상 비우세요.", f"Only {size} left. Free 1 GB at least."
        )
    if not os.access(folder, os.W_OK):
        return False, Text(
            f"{folder} 에 쓸 수 없습니다. 권한을 확인하세요.",
            f"{folder} cannot be written. Check the permissions.",
        )
    return True, Text(f"{size} 남았습니다.", f"{size} left.")


def _clock(settings: Settings, mode: Mode) -> _Found:
    """Look whether the machine's clock stands before what it has itself written."""
    newest = max(
        (path.stat().st_mtime_ns for path in settings.data_folder(mode).glob("*")), default=0
    )
    now = time.time_ns()
    if now < newest - SECOND:
        return False, Text(
            "컴퓨터의 시각이 이미 쓴 파일보다 과거입니다. 시각 동기화(NTP)를 켜세요.",
            "The clock stands before files that it dated itself. Turn on time synchronization.",
        )
    return True, Text("뒤로 가지 않았습니다.", "It has not gone back.")


def _calendar(_settings: Settings, _mode: Mode) -> _Found:
    today = kst_date(time.time_ns())
    kind = Text("거래일", "a session") if is_session(today) else Text("휴장일", "no session")
    if today >= PROJECTED_FROM:
        return False, Text(
            f"{today} 의 휴장일은 법으로 계산한 것입니다. 증권사 달력과 대조하세요.",
            f"Holidays around {today} are computed, not announced. Compare with the broker's "
            "calendar.",
        )
    return True, Text(
        f"{today} 은(는) {kind.ko}입니다 ({LAST_YEAR}년까지 압니다).",
        f"{today} is {kind.en} (known to {LAST_YEAR}).",
    )


def _store(settings: Settings, mode: Mode) -> _Found:
    """Look whether the database can be read, and whether its engine takes our settings."""
    url = settings.database_url(mode)
    name = make_url(url).render_as_string()
    if not url.startswith("sqlite"):
        open_database(url).close()
        return True, Text(f"{name} 에 연결됩니다.", f"{name} answers.")
    path = Path(make_url(url).database or "")
    refuse_network(path)
    if not path.exists():
        return False, Text(
            f"{path} 이(가) 아직 없습니다. maemae trade 가 만듭니다.",
            f"{path} is not there yet; maemae trade makes it.",
        )
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        journal_mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
    with (
        TemporaryDirectory(prefix="maemae-") as folder,
        closing(sqlite3.connect(Path(folder) / "probe")) as probe,
    ):
        apply_settings(probe)
    if journal_mode != "wal":
        return False, Text(
            f"journal_mode 가 {journal_mode} 입니다. maemae trade 를 다시 시작하면 고쳐집니다.",
            f"journal_mode is {journal_mode}; maemae trade mends it when it starts.",
        )
    return True, Text(
        f"SQLite {sqlite3.sqlite_version}, 매 기록을 동기화합니다.",
        f"SQLite {sqlite3.sqlite_version} syncs every commit.",
    )


def _migrations(settings: Settings, mode: Mode) -> _Found:
    config = Config()
    scripts = Path(migrations.__file__).parent
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    newest = ScriptDirectory.from_config(config).get_current_head()
    with TemporaryDirectory(prefix="maemae-") as folder:
        copy = Path(folder) / "copy"
        copy_database(settings.database_url(mode), copy)
        found = contents(copy).revision
    if found == newest:
        return True, Text(f"개정 {found} 입니다.", f"Revision {found}.")
    return False, Text(
        f"개정 {found or '없음'} 이고 이 maemae 는 {newest} 를 씁니다. 장이 끝난 뒤 백업하고 "
        "maemae trade 를 다시 시작하세요.",
        f"Revision {found or 'none'}; this maemae uses {newest}. After the close, back up and "
        "start maemae trade again.",
    )


def _journal(settings: Settings, mode: Mode) -> _Found:
    """Check every page and link of a copy, and that the book can be rebuilt from it."""
    with TemporaryDirectory(prefix="maemae-") as folder:
        copy = Path(folder) / "copy"
        copy_database(settings.database_url(mode), copy)
        require_sound(copy)
        with closing(SqlStore(open_database(f"sqlite:///{copy}"), OWNER, mode)) as store:
            recovered = store.recover()
    return True, Text(
        f"{recovered.seq:,}번까지 온전합니다. 결과를 모르는 요청 {len(recovered.open_requests)}건.",
        f"Whole up to {recovered.seq:,}; {len(recovered.open_requests)} requests in doubt.",
    )


def _tape(settings: Settings, mode: Mode) -> _Found:
    files = tape_files(settings.tapes(mode))
    if not files:
        return True, Text("아직 없습니다.", "There is none yet.")
    count = sum(1 for _, _, path in files[-2:] for _ in TapeReader(path))
    return True, Text(
        f"파일 {len(files)}개, 마지막 두 개에서 입력 {count:,}건을 읽었습니다.",
        f"{len(files)} files; {count:,} inputs read from the last two.",
    )


def _emergency_log(settings: Settings, mode: Mode) -> _Found:
    log = EmergencyLog(settings.data_folder(mode))
    if log.is_whole:
        return True, Text(f"{len(log.lines())}줄 온전합니다.", f"{len(log.lines())} lines, whole.")
    return False, Text(
        f"손상되었습니다: {log.path}. 증권사 주문 내역과 대조하세요.",
        f"It is damaged: {log.path}. Compare with the broker's list of orders.",
    )


def _kill(settings: Settings, mode: Mode) -> _Found:
    file = KillFile(settings.data_folder(mode))
    if file.level() is KillLevel.OFF:
        return True, Text("꺼져 있습니다.", "It is off.")
    return False, Text(
        f"{file.level()} 입니다 ({file.text()}). 이유를 확인하고 maemae resume 으로 해제하세요.",
        f"It stands at {file.level()} ({file.text()}). Find out why; release with maemae resume.",
    )


def _backup(settings: Settings, mode: Mode) -> _Found:
    folder = settings.backups(mode)
    found = backups(folder)
    if not found:
        return False, Text(
            f"{folder} 에 백업이 없습니다. maemae backup 으로 만드세요.",
            f"There is no backup in {folder}. Make one with maemae backup.",
        )
    age = time.time_ns() - found[-1].made_at
    hours = age // (3_600 * SECOND)
    if age > _OLDEST_BACKUP:
        return False, Text(
            f"마지막 백업이 {hours}시간 전입니다. maemae backup 으로 새로 만드세요.",
            f"The newest backup is {hours} hours old. Make another with maemae backup.",
        )
    return True, Text(f"{hours}시간 전에 만들었습니다.", f"Made {hours} hours ago.")


def _executor(settings: Settings, mode: Mode) -> _Found:
    reply = ask_executor(settings.data_folder(mode), StatusQuery(), _ANSWER_SECS)
    if not isinstance(reply, Status):
        return False, Text(
            "저장소나 증권사에 연결하는 중입니다. 화면의 알림을 보세요.",
            "It is reaching its store or broker. See its alerts.",
        )
    down = [each.name for each in reply.connections if not each.is_connected]
    if down:
        names = ", ".join(down)
        return False, Text(
            f"연결이 끊겼습니다: {names}. 증권사를 확인하세요.",
            f"Not connected: {names}. Check the broker.",
        )
    if reply.trading_state is not TradingState.ACTIVE:
        return True, Text(
            f"돌고 있고 거래는 {reply.trading_state} 입니다.",
            f"It runs; trading is {reply.trading_state}.",
        )
    return True, Text("돌고 있습니다.", "It runs.")


def _broker(settings: Settings, mode: Mode) -> _Found:
    if mode is not Mode.SIM:
        return False, Text(
            f"{mode} 의 증권사 연결은 아직 없습니다.", f"There is no broker for {mode} yet."
        )
    port = find_place(settings).port
    try:
        socket.create_connection((_LOOPBACK, port), _ANSWER_SECS).close()
    except OSError:
        return False, Text(
            f"{port} 포트에 없습니다. maemae emulate sim 으로 시작하세요.",
            f"It is not on port {port}. Start it with maemae emulate sim.",
        )
    return True, Text(f"{port} 포트에 있습니다.", f"It is on port {port}.")


_LOOKS: Final[tuple[tuple[Text, Callable[[Settings, Mode], _Found]], ...]] = (
    (Text("파이썬", "Python"), _python),
    (Text("패키지", "packages"), _packages),
    (Text("디스크", "disk"), _disk),
    (Text("시계", "clock"), _clock),
    (Text("달력", "calendar"), _calendar),
    (Text("저장소", "store"), _store),
    (Text("표의 개정", "migrations"), _migrations),
    (Text("저널", "journal"), _journal),
    (Text("테이프", "tape"), _tape),
    (Text("비상 기록", "emergency log"), _emergency_log),
    (Text("비상정지", "kill switch"), _kill),
    (Text("백업", "backup"), _backup),
    (Text("실행기", "executor"), _executor),
    (Text("증권사", "broker"), _broker),
)


def _existing(folder: Path) -> Path:
    """Return the nearest folder that exists."""
    folder = folder.absolute()
    while not folder.exists():
        folder = folder.parent
    return folder


def _cannot_look(error: Exception) -> Text:
    return Text(
        f"볼 수 없습니다 ({error}). 경로와 권한을 확인하세요.",
        f"It cannot be looked at ({error}). Check the path and permissions.",
    )
