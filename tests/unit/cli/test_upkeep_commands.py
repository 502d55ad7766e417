"""`doctor`, `replay`, `backup` and `restore` where there is nothing, or nothing good."""

from __future__ import annotations

from pathlib import Path

import pytest

from maemae.core.events import KillLevel
from maemae.trading.emergency.kill_file import KillFile
from tests.unit.cli.conftest import CommandLine

BAD_WORDS = {
    "no date": ["replay", "yesterday"],
    "nothing recorded": ["replay", "2026-11-02"],
    "no keys": ["backup"],
    "no archive": ["restore", "x.age", "--to", "new", "--key", "key"],
    "mode": ["doctor", "--mode", "live"],
    "database": ["replay", "2026-11-02", "--database", "mysql://server/name"],
}


@pytest.mark.parametrize("what", BAD_WORDS)
@pytest.mark.parametrize("language", ["ko", "en"])
def test_command_when_it_cannot_is_one_sentence(
    maemae: CommandLine, home: Path, what: str, language: str
) -> None:
    outcome = maemae(*BAD_WORDS[what], "--lang", language)

    assert (outcome.code, outcome.out, len(outcome.sentences)) == (1, "", 1)
    assert not home.exists()


def test_backup_when_keys_are_no_keys_is_one_sentence(
    maemae: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAEMAE_BACKUP_KEYS", "age1nonsense")

    outcome = maemae("backup")

    assert (outcome.code, len(outcome.sentences)) == (1, 1)


def test_new_key_is_private_and_never_replaces_another(maemae: CommandLine, home: Path) -> None:
    first = maemae("backup", "--new-key", "key")
    content = Path("key").read_bytes()
    second = maemae("backup", "--new-key", "key")

    assert first.code == 0
    assert "MAEMAE_BACKUP_KEYS=age1" in first.out
    assert Path("key").stat().st_mode & 0o077 == 0
    assert (second.code, len(second.sentences)) == (1, 1)
    assert Path("key").read_bytes() == content


def test_restore_when_the_key_is_none_is_one_sentence(maemae: CommandLine, home: Path) -> None:
    Path("x.age").write_bytes(b"nothing")
    Path("key").write_bytes(b"nothing")

    outcome = maemae("restore", "x.age", "--to", "new", "--key", "key")

    assert (outcome.code, len(outcome.sentences)) == (1, 1)
    assert not Path("new").exists()


def test_doctor_where_nothing_is_yet_says_what_to_do_and_makes_nothing(
    maemae: CommandLine, home: Path
) -> None:
    outcome = maemae("doctor")

    lines = outcome.out.splitlines()
    assert outcome.code == 1
    assert all(line.startswith(("✔", "✘")) for line in lines[:-1])
    assert "✔ 비상정지: 꺼져 있습니다." in lines
    assert any(line.startswith("✘ 실행기") and "maemae trade" in line for line in lines)
    assert not home.exists()


def test_doctor_when_the_kill_switch_stands_says_why(maemae: CommandLine, home: Path) -> None:
    (home / "sim").mkdir(parents=True)
    KillFile(home / "sim").press(KillLevel.CANCEL_ALL, "kim", "급락")

    told = maemae("doctor").out

    assert "✘ 비상정지: CANCEL_ALL 입니다 (CANCEL_ALL kim: 급락)" in told


def test_doctor_when_the_emergency_log_is_damaged_says_so(maemae: CommandLine, home: Path) -> None:
    (home / "sim").mkdir(parents=True)
    (home / "sim" / "emergency.log").write_bytes(b"nonsense\n")

    assert "✘ 비상 기록: 손상" in maemae("doctor").out


def test_doctor_when_the_database_is_no_database_says_so(maemae: CommandLine, home: Path) -> None:
    (home / "sim").mkdir(parents=True)
    (home / "sim" / "maemae.db").write_bytes(b"nonsense" * 1_000)

    lines = maemae("doctor").out.splitlines()

    bad = [line for line in lines if line.startswith(("✘ 저장소", "✘ 표의", "✘ 저널"))]
    assert len(bad) == 3
