"""A file stops trading: it only rises, what cannot be read counts, a person takes it away."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import pytest

from maemae.core.events import KillLevel
from maemae.domain.errors import InvalidValueError, StorageError
from maemae.trading.emergency.kill_file import KILL_SIGNALS, KillFile


@pytest.mark.parametrize(
    ("content", "level"),
    [
        (b"", KillLevel.CANCEL_ALL),
        (b"\n\n", KillLevel.CANCEL_ALL),
        (b"STOP_NEW", KillLevel.STOP_NEW),
        (b"stop_new\n", KillLevel.STOP_NEW),
        (b"LIQUIDATE kim: crash\n", KillLevel.LIQUIDATE),
        (b"STOP_NEW a: b\nLIQUIDATE a: c\nSTOP_NEW a: d\n", KillLevel.LIQUIDATE),
        (b"OFF\n", KillLevel.CANCEL_ALL),
        (b"STOP_NEW a: b\nOFF\n", KillLevel.CANCEL_ALL),
        (b"LIQ", KillLevel.CANCEL_ALL),
        (b"\xff\x00\xfe", KillLevel.CANCEL_ALL),
        ("정지".encode(), KillLevel.CANCEL_ALL),
    ],
)
def test_kill_file_when_written_by_hand_is_read_strictly(
    tmp_path: Path, content: bytes, level: KillLevel
) -> None:
    (tmp_path / "KILL").write_bytes(content)

    assert KillFile(tmp_path).level() is level


def test_kill_file_when_absent_is_off(tmp_path: Path) -> None:
    assert KillFile(tmp_path).level() is KillLevel.OFF


def test_kill_file_when_it_is_a_folder_counts(tmp_path: Path) -> None:
    (tmp_path / "KILL").mkdir()

    assert KillFile(tmp_path).level() is KillLevel.CANCEL_ALL


def test_kill_file_when_it_is_a_link_to_nowhere_counts(tmp_path: Path) -> None:
    (tmp_path / "KILL").symlink_to(tmp_path / "nowhere")

    assert KillFile(tmp_path).level() is KillLevel.CANCEL_ALL


def test_press_is_seen_by_another_reader_at_once(tmp_path: Path) -> None:
    reader = KillFile(tmp_path)
    assert reader.level() is KillLevel.OFF

    KillFile(tmp_path).press(KillLevel.STOP_NEW, "kim", "why\nnot")

    assert reader.level() is KillLevel.STOP_NEW
    assert reader.text() == "STOP_NEW kim: why not"


def test_press_when_milder_changes_nothing(tmp_path: Path) -> None:
    file = KillFile(tmp_path)
    file.press(KillLevel.LIQUIDATE, "kim", "a")

    file.press(KillLevel.STOP_NEW, "lee", "b")

    assert file.level() is KillLevel.LIQUIDATE


def test_press_to_off_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidValueError, match="release"):
        KillFile(tmp_path).press(KillLevel.OFF, "kim", "a")


def test_presses_of_many_at_once_keep_the_highest(tmp_path: Path) -> None:
    levels = [KillLevel.STOP_NEW] * 10 + [KillLevel.LIQUIDATE]
    threads = [
        threading.Thread(target=KillFile(tmp_path).press, args=(level, f"p{number}", "x"))
        for number, level in enumerate(levels)
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert KillFile(tmp_path).level() is KillLevel.LIQUIDATE


def test_press_when_the_folder_is_gone_says_so(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="Check the disk"):
        KillFile(tmp_path / "gone").press(KillLevel.CANCEL_ALL, "kim", "a")


def test_press_when_the_folder_is_gone_is_held_by_who_was_told(tmp_path: Path) -> None:
    file = KillFile(tmp_path / "gone")

    with pytest.raises(StorageError, match="LIQUIDATE"):
        file.press(KillLevel.LIQUIDATE, "kim", "crash")

    assert file.level() is KillLevel.LIQUIDATE
    assert file.text() == "LIQUIDATE kim: crash"
    assert KillFile(tmp_path / "gone").level() is KillLevel.OFF
    file.release("")
    assert file.level() is KillLevel.OFF


def full(*_: object) -> int:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("level", [level for level in KillLevel if level is not KillLevel.OFF])
def test_press_when_the_disk_is_full_stands_as_it_was_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, level: KillLevel
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("os.write", full)
        KillFile(tmp_path).press(level, "김 아무개", "폭락이 와서 모두 정리합니다. 서두르세요.")

    file = KillFile(tmp_path)
    assert file.level() is level
    assert file.text().startswith(f"{level} 김 아무개: 폭락이")
    file.release(file.text())
    assert file.level() is KillLevel.OFF


def test_press_when_the_disk_is_full_rises_and_never_falls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = KillFile(tmp_path)
    file.press(KillLevel.STOP_NEW, "kim", "a")
    with monkeypatch.context() as broken:
        broken.setattr("os.write", full)
        file.press(KillLevel.LIQUIDATE, "kim", "b")
        file.press(KillLevel.CANCEL_ALL, "kim", "c")

    assert KillFile(tmp_path).level() is KillLevel.LIQUIDATE


def test_press_when_a_link_to_nowhere_stands_there_rises(tmp_path: Path) -> None:
    (tmp_path / "KILL").symlink_to(tmp_path / "nowhere")

    KillFile(tmp_path).press(KillLevel.LIQUIDATE, "kim", "a")

    assert KillFile(tmp_path).level() is KillLevel.LIQUIDATE


def test_press_when_the_disk_takes_nothing_but_a_name_leaves_a_flag(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = KillFile(tmp_path)
    with monkeypatch.context() as broken:
        broken.setattr("os.write", full)
        broken.setattr("os.symlink", full)
        with pytest.raises(StorageError, match="LIQUIDATE"):
            file.press(KillLevel.LIQUIDATE, "kim", "a")

    assert file.level() is KillLevel.LIQUIDATE
    assert KillFile(tmp_path).level() is KillLevel.CANCEL_ALL


def test_release_takes_the_file_away_and_keeps_what_it_said(tmp_path: Path) -> None:
    file = KillFile(tmp_path)
    file.press(KillLevel.CANCEL_ALL, "kim", "a")

    file.release(file.text())

    assert file.level() is KillLevel.OFF
    assert (tmp_path / "KILL.released").read_text() == "CANCEL_ALL kim: a\n"


def test_release_when_pressed_again_meanwhile_stays(tmp_path: Path) -> None:
    file = KillFile(tmp_path)
    file.press(KillLevel.STOP_NEW, "kim", "a")
    read = file.text()
    file.press(KillLevel.LIQUIDATE, "lee", "b")

    with pytest.raises(InvalidValueError, match="pressed again"):
        file.release(read)

    assert file.level() is KillLevel.LIQUIDATE


def test_release_when_nothing_was_pressed_does_nothing(tmp_path: Path) -> None:
    KillFile(tmp_path).release("")

    assert not list(tmp_path.iterdir())


def test_signals_never_sell() -> None:
    assert KILL_SIGNALS[signal.SIGUSR1] is KillLevel.STOP_NEW
    assert KILL_SIGNALS[signal.SIGUSR2] is KillLevel.CANCEL_ALL
    assert KillLevel.LIQUIDATE not in KILL_SIGNALS.values()
