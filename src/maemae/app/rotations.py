"""
Rotating the keys of a server that runs.

Where the server is the only writer of its database, it is asked by a file in the folder of its
keys, and answers by another: whoever may write that folder may have the keys changed.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from maemae.clocks import SystemWallClock
from maemae.domain.errors import MaemaeError, StorageError
from maemae.domain.text import Text
from maemae.storage.audit import AuditEntry, append
from maemae.storage.envelope import Vault
from maemae.storage.key_rotation import Rotated, rotate_keys
from maemae.storage.server_store import ServerStore
from maemae.storage.syncing import write_durably

_REQUEST: Final = "rotate.request"
_ANSWER: Final = "rotate.answer"
_TAKEN_SECS: Final = 5.0
_DONE_SECS: Final = 120.0
_LOOK_SECS: Final = 0.1


class RotationAnswer(msgspec.Struct, frozen=True):
    """What a server answers to a request to rotate: what it did, or why it could not."""

    number: str
    rotated: Rotated | None = None
    error: Text | None = None


def rotate_recorded(store: ServerStore, vault: Vault) -> Rotated:
    """Rotate, and record that it was done on this machine."""
    rotated = rotate_keys(store, vault)
    entry = AuditEntry(
        SystemWallClock().now(),
        None,
        "ROTATE_KEYS",
        f"master {rotated.master_version}",
        {"data_keys": rotated.data_keys, "sealed": rotated.sealed},
    )
    store.writer.run(lambda connection: append(connection, entry))
    return rotated


def rotation_duty(keys: Path, store: ServerStore, vault: Vault) -> Callable[[], None]:
    """Return what a server does again and again: rotate if somebody asked by a file."""

    def look() -> None:
        request = keys / _REQUEST
        try:
            number = request.read_text("ascii").strip()
            request.unlink()
        except FileNotFoundError:
            return
        try:
            answer = RotationAnswer(number, rotated=rotate_recorded(store, vault))
        except MaemaeError as error:
            answer = RotationAnswer(number, error=error.text)
        write_durably(keys / _ANSWER, msgspec.json.encode(answer))

    return look


def ask_server(keys: Path) -> RotationAnswer | None:
    """
    Have the server that runs rotate; return what it answers, None if none takes the request.

    Raises:
        StorageError: It began and did not end in time.
    """
    number = secrets.token_hex(8)
    request, answer = keys / _REQUEST, keys / _ANSWER
    answer.unlink(missing_ok=True)
    write_durably(request, f"{number}\n".encode())
    asked = time.monotonic()
    while time.monotonic() - asked < _DONE_SECS:
        if answer.exists():
            told = msgspec.json.decode(answer.read_bytes(), type=RotationAnswer)
            if told.number == number:
                return told
        if request.exists() and time.monotonic() - asked > _TAKEN_SECS:
            request.unlink(missing_ok=True)
            return None
        time.sleep(_LOOK_SECS)
    raise StorageError(
        "서버가 열쇠 교체를 시작했지만 제때 끝내지 못했습니다. maemae keys list 로 확인하세요.",
        "The server began the rotation and did not end it in time. See maemae keys list.",
    )
