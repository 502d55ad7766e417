"""Frames say their length and version; what is too long or of another build is refused."""

from __future__ import annotations

import struct
from pathlib import Path

import msgspec
import pytest

from maemae.domain.errors import ConfigError, InvalidValueError
from maemae.trading.control.frames import body_size, read_ask, read_reply, socket_path


@pytest.mark.parametrize("size", [0, 11, 2**32 - 1])
def test_length_when_it_cannot_be_is_refused(size: int) -> None:
    with pytest.raises(InvalidValueError, match=f"{size} bytes"):
        body_size(struct.pack(">I", size), 10)


def test_length_when_it_may_be_is_told() -> None:
    assert body_size(struct.pack(">I", 10), 10) == 10


@pytest.mark.parametrize("read", [read_ask, read_reply])
def test_frame_of_another_version_says_what_to_do(read: object) -> None:
    body = msgspec.msgpack.encode({"version": 2, "ask": {"type": "FROM_THE_FUTURE"}})

    assert callable(read)
    with pytest.raises(InvalidValueError, match="version 2, here 1"):
        read(body)


def test_socket_path_when_short_enough_lies_in_the_folder(tmp_path: Path) -> None:
    assert socket_path(tmp_path) == tmp_path / "control.sock"


def test_socket_path_when_too_long_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="too long"):
        socket_path(tmp_path / ("가" * 40))
