"""`maemae replay`, `backup`, `restore` and `doctor`: what is kept, and whether it is sound."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from maemae.cli.asking import ModeOption, mode_of
from maemae.cli.executor_options import DatabaseOption
from maemae.cli.invocation import Invocation
from maemae.cli.options import both, command
from maemae.cli.parsing import day_from_text
from maemae.cli.screen import QUIET, UP, WARNING
from maemae.domain.errors import ConfigError, MaemaeError
from maemae.settings import BACKUP_KEYS, database_from_text
from maemae.trading.control.client import ask_executor
from maemae.trading.control.commands import StatusQuery

_KNOCK_SECS: Final = 1.0
_GOOD: Final = "green"


class ReplayOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of `maemae replay`."""

    day: Annotated[
        str, typer.Argument(metavar="DATE", help=both("거래일, 2026-11-02", "the session"))
    ]
    database: DatabaseOption = None
    mode: ModeOption = None


class BackupOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of `maemae backup`."""

    to: Annotated[
        Path | None, typer.Option(metavar="DIR", help=both("백업을 둘 폴더", "where it goes"))
    ] = None
    new_key: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help=both("백업 대신 새 열쇠를 만든다", "make a key, and no backup")
        ),
    ] = None
    mode: ModeOption = None


class RestoreOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of `maemae restore`."""

    archive: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help=both("백업 파일; newest 는 외부의 새것", "the backup, or newest"),
        ),
    ]
    to: Annotated[Path, typer.Option(metavar="DIR", help=both("새 데이터 폴더", "new folder"))]
    key: Annotated[
        Path, typer.Option(metavar="FILE", help=both("여는 열쇠 파일", "private key file"))
    ]
    database: Annotated[
        str | None,
        typer.Option(metavar="URL", help=both("빈 PostgreSQL", "an empty PostgreSQL database")),
    ] = None
    offsite: Annotated[
        bool,
        typer.Option(
            "--offsite",
            help=both("백업 뒤의 기록까지 MAEMAE_OFFSITE 에서", "go on from it by MAEMAE_OFFSITE"),
        ),
    ] = False


class DoctorOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of `maemae doctor`."""

    mode: ModeOption = None


def replay(call: Invocation, options: ReplayOptions) -> None:
    """Verify a recorded day."""
    day = day_from_text("DATE", options.day)
    database = None if options.database is None else database_from_text(options.database)
    from maemae.app.replays import replay_day

    screen = call.screen
    mode = mode_of(call, options.mode)
    verdict = replay_day(call.settings, mode, database, day)
    screen.say(
        f"{day}: 입력 {verdict.inputs:,}건을 다시 처리해 저널 {verdict.verified:,}건이 그대로 "
        "나왔습니다.",
        f"{day}: {verdict.inputs:,} inputs handled again; {verdict.verified:,} records came again.",
    )
    for finding in verdict.findings:
        screen.say_text(finding, WARNING)
    if verdict.gaps and _runs(call.settings.data_folder(mode)):
        screen.say(
            "실행기가 돌고 있어, 테이프에 아직 쓰지 않은 입력도 빠진 것으로 보입니다.",
            "The executor runs: inputs that it has not put on the tape yet look lost too.",
            QUIET,
        )
    if not verdict.holds:
        screen.say("✘ 기록과 다릅니다.", "✘ It does not hold.", f"bold {UP}")
        raise typer.Exit(1)
    screen.say("✔ 기록 그대로입니다.", "✔ It holds.", _GOOD)


def _runs(home: Path) -> bool:
    try:
        ask_executor(home, StatusQuery(), _KNOCK_SECS)
    except ConfigError:
        return False
    except MaemaeError:
        return True
    return True


def backup(call: Invocation, options: BackupOptions) -> None:
    """Make a verified backup, or a key to make backups with."""
    screen, settings = call.screen, call.settings
    from maemae.app.backups import back_up_mode, new_key

    if options.new_key is not None:
        key = new_key(options.new_key, "")
        screen.say(
            f"개인 열쇠를 {options.new_key} 에 썼습니다. 이 컴퓨터 밖에 보관하세요. 백업은 "
            f"이것으로만 열립니다.\n{BACKUP_KEYS}={key.public}",
            f"The private key is in {options.new_key}. Keep it off this machine: nothing else "
            f"opens the backups.\n{BACKUP_KEYS}={key.public}",
        )
        return
    made = back_up_mode(settings, mode_of(call, options.mode), options.to)
    screen.say(
        f"✔ 백업하고 다시 읽어 확인했습니다: {made.path} ({made.size:,} 바이트)",
        f"✔ Backed up and verified by reading it back: {made.path} ({made.size:,} bytes)",
        _GOOD,
    )


def restore(call: Invocation, options: RestoreOptions) -> None:
    """Restore a backup into a new data folder, with the kill switch on."""
    url = "" if options.database is None else database_from_text(options.database)
    screen = call.screen
    from maemae.app.backups import restore_to, told_of
    from maemae.app.offsite import place_to_restore_from
    from maemae.cli.words import clock
    from maemae.domain.instant import kst_date

    def ask_passphrase() -> str:
        if not sys.stdin.isatty():
            raise ConfigError(
                "열쇠의 암호를 물을 사람이 없습니다. 터미널에서 하세요.",
                "Nobody is there to ask for the key's passphrase. Use a terminal.",
            )
        told: str = typer.prompt(screen.word("열쇠의 암호", "Passphrase"), hide_input=True)
        return told

    place = place_to_restore_from(call.settings, options.to) if options.offsite else None
    restored = restore_to(options.archive, options.key, options.to, url, ask_passphrase, place)
    at = restored.manifest.made_at
    screen.say(
        f"✔ {kst_date(at)} {clock(at)} 백업을 {options.to} 에 되돌렸습니다.",
        f"✔ The backup of {kst_date(at)} {clock(at)} KST is restored to {options.to}.",
        _GOOD,
    )
    for text in told_of(restored, options.to):
        screen.say_text(text)
    screen.say(
        "비상정지가 걸려 있습니다. 증권사 내역과 대조한 뒤 "
        f"MAEMAE_HOME={options.to.parent} 로 maemae trade 를 시작하고 maemae resume 으로 "
        "푸세요. 폴더 이름은 모드(sim, paper, real)여야 합니다.",
        "The kill switch is on. Compare with the broker, start maemae trade with "
        f"MAEMAE_HOME={options.to.parent}, then release it with maemae resume. The folder must be "
        "named after its mode (sim, paper, real).",
        WARNING,
    )


def doctor(call: Invocation, options: DoctorOptions) -> None:
    """Look at everything and change nothing."""
    mode, screen = mode_of(call, options.mode), call.screen
    from rich.text import Text as Styled

    from maemae.app.checkups import check_up

    bad = 0
    for finding in check_up(call.settings, mode):
        bad += not finding.is_good
        mark, style = ("✔", _GOOD) if finding.is_good else ("✘", f"bold {UP}")
        line = Styled(f"{mark} ", style)
        line.append(f"{finding.what.in_language(screen.language)}: ", "bold")
        line.append(finding.text.in_language(screen.language), "" if finding.is_good else WARNING)
        screen.out.print(line, soft_wrap=True)
    if bad:
        screen.say(f"손볼 것 {bad}가지", f"{bad} things to mend", f"bold {UP}")
        raise typer.Exit(1)
    screen.say("모두 정상입니다.", "All is well.", QUIET)


COMMANDS: Final = (
    (
        "replay",
        both("기록된 하루가 그대로 다시 나오는지 봅니다.", "Verify a recorded day."),
        command(ReplayOptions, replay),
    ),
    (
        "backup",
        both("암호화한 백업을 만들고 되읽어 확인합니다.", "Make a verified, encrypted backup."),
        command(BackupOptions, backup),
    ),
    (
        "restore",
        both("백업을 새 폴더에 되돌립니다. 비상정지 상태로.", "Restore into a new folder, killed."),
        command(RestoreOptions, restore),
    ),
    (
        "doctor",
        both("바꾸지 않고 모두 점검합니다.", "Look at everything, change nothing."),
        command(DoctorOptions, doctor),
    ),
)
"""Names, helps and functions."""
