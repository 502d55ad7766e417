"""The beat file is read as it was shown, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from maemae.domain.errors import StorageError
from maemae.ports import Lease
from maemae.trading.emergency.heartbeat import Heartbeat


def test_beat_is_read_as_it_was_shown_last(tmp_path: Path) -> None:
    for beat in range(3):
        Heartbeat(tmp_path).show(Lease("실행기", 4, beat))

    assert Heartbeat(tmp_path).read() == Lease("실행기", 4, 2)
    assert [path.name for path in tmp_path.iterdir()] == ["heartbeat"]


@pytest.mark.parametrize("content", [b"", b"{", b'{"holder":3}'])
def test_beat_when_damaged_says_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "heartbeat").write_bytes(content)

    assert Heartbeat(tmp_path).read() is None


def test_beat_when_it_cannot_be_shown_says_so(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="Check the disk"):
        Heartbeat(tmp_path / "gone").show(Lease("x", 1, 1))
