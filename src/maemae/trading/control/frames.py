"""
Frames of the control socket: four bytes of length, then a message of that length.

Both sides are of the same build; the version in each frame says so when they are not.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Final

import msgspec

from maemae.domain.errors import ConfigError, InvalidValueError
from maemae.trading.control.commands import Ask, Watch
from maemae.trading.control.replies import Reply

VERSION: Final = 1
HEAD_SIZE: Final = 4
LARGEST_ASK: Final = 64 * 1024
"""Longest question [bytes]."""
LARGEST_REPLY: Final = 16 * 1024 * 1024
"""Longest answer [bytes]: every order of a busy day."""

_HEAD: Final = struct.Struct(">I")
_LONGEST_PATH: Final = 103  # bytes; 107 on Linux, 103 on macOS, a closing zero left out


class AskFrame(msgspec.Struct, frozen=True):
    """A question on its way."""

    version: int
    ask: Ask | Watch


class ReplyFrame(msgspec.Struct, frozen=True):
    """An answer on its way."""

    version: int
    reply: Reply


class _Versioned(msgspec.Struct, frozen=True):
    version: int


_ASKS: Final = msgspec.msgpack.Decoder(AskFrame)
_REPLIES: Final = msgspec.msgpack.Decoder(ReplyFrame)
_VERSIONS: Final = msgspec.msgpack.Decoder(_Versioned)


def socket_path(home: Path) -> Path:
    """
    Return where an executor listens that keeps its data in a folder.

    Raises:
        ConfigError: The path is longer than a socket's may be.

    Source:
        `unix(7)` of Linux, sun_path of 108 bytes; 104 bytes in `sys/un.h` of macOS.
    """
    path = home.resolve() / "control.sock"
    length = len(bytes(path))
    if length > _LONGEST_PATH:
        raise ConfigError(
            f"데이터 폴더의 경로가 너무 깁니다 ({length} 바이트, 최대 {_LONGEST_PATH}). 더 짧은 "
            f"폴더를 쓰세요: {path}",
            f"The data folder's path is too long ({length} bytes, at most {_LONGEST_PATH}). Use a "
            f"shorter one: {path}",
        )
    return path


def ask_frame(ask: Ask | Watch) -> bytes:
    """Return the bytes of a question."""
    return framed(ask_body(ask))


def ask_body(ask: Ask | Watch) -> bytes:
    """Return the same without its length."""
    return msgspec.msgpack.encode(AskFrame(VERSION, ask))


def reply_frame(reply: Reply) -> bytes:
    """Return the bytes of an answer."""
    return framed(msgspec.msgpack.encode(ReplyFrame(VERSION, reply)))


def body_size(head: bytes, largest: int) -> int:
    """
    Return how many bytes follow.

    Raises:
        InvalidValueError: There are more than may be, or none.
    """
    (size,) = _HEAD.unpack(head)
    if not 0 < size <= largest:
        raise InvalidValueError(
            f"메시지 길이가 {size} 바이트입니다. {largest} 바이트까지만 받습니다.",
            f"A message of {size} bytes cannot be; at most {largest} are taken.",
        )
    return int(size)


def read_ask(body: bytes) -> Ask | Watch:
    """
    Return a question.

    Raises:
        InvalidValueError: It cannot be understood, is of another version, or cannot be asked.
    """
    require_version(body)
    try:
        return _ASKS.decode(body).ask
    except msgspec.MsgspecError as error:
        raise not_understood(error) from error


def read_reply(body: bytes) -> Reply:
    """
    Return an answer.

    Raises:
        InvalidValueError: It cannot be understood or is of another version.
    """
    require_version(body)
    try:
        return _REPLIES.decode(body).reply
    except msgspec.MsgspecError as error:
        raise not_understood(error) from error


def framed(body: bytes) -> bytes:
    """Return a message with its length before it."""
    return _HEAD.pack(len(body)) + body


def require_version(body: bytes) -> None:
    """
    Refuse a message of another version.

    Raises:
        InvalidValueError: It is, or it cannot be understood.
    """
    try:
        version = _VERSIONS.decode(body).version
    except msgspec.MsgspecError as error:
        raise not_understood(error) from error
    if version != VERSION:
        raise InvalidValueError(
            f"메시지 버전이 {version} 입니다 (여기는 {VERSION}). 실행기와 명령을 같은 maemae 로 "
            "다시 시작하세요.",
            f"The message is of version {version}, here {VERSION} is spoken. Restart the executor "
            "and run the command with the same maemae.",
        )


def not_understood(error: Exception) -> InvalidValueError:
    """Return the error of a message that cannot be understood."""
    return InvalidValueError(
        f"메시지를 이해할 수 없습니다 ({error}). 실행기와 명령이 같은 maemae 인지 확인하세요.",
        f"The message cannot be understood ({error}). Use the same maemae on both sides.",
    )
