"""
The access token of one app key, shared by every process of this data folder.

Kiwoom hands out one token for each key, so that processes that ask for themselves only run
into its limits. Who holds the lock asks; the others read what was written.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import msgspec

from maemae.domain.errors import BrokerUnavailableError, ConfigError
from maemae.domain.instant import SECOND
from maemae.domain.terms import Mode
from maemae.ports import WallClock
from maemae.storage.syncing import write_whole

_PRIVATE: Final = 0o600
_FOLDER: Final = 0o700
_KNOCK: Final = SECOND // 50


class Token(msgspec.Struct, frozen=True):
    """
    An access token.

    Attributes:
        value: As it is sent.
        expires_at: When it ends [ns, UTC].
        rest: The server that gave it; no other one is shown it.
        mode: Whose world it belongs to.
    """

    value: str
    expires_at: int
    rest: str
    mode: Mode

    def __repr__(self) -> str:
        """Return everything but the secret."""
        return f"Token(mode={self.mode!r}, expires_at={self.expires_at})"


class TokenFile:
    """
    Where the token of a key lies, and who may ask for another.

    Args:
        folder: Of tokens; made if it is not there, readable by its owner alone.
        mode: Whose world; part of the name.
        app_key: Only its fingerprint is part of the name.
        wall: The machine's clock.
    """

    def __init__(self, folder: Path, mode: Mode, app_key: str, wall: WallClock) -> None:
        name = hashlib.sha256(app_key.encode()).hexdigest()[:16]
        self._path = folder / f"kiwoom-{mode.lower()}-{name}.json"
        self._lock = self._path.with_suffix(".lock")
        self._wall = wall

    def read(self) -> Token | None:
        """Return the token that was kept, None if there is none that can be read."""
        try:
            return _decode(self._path.read_bytes())
        except (OSError, msgspec.MsgspecError):
            return None

    def write(self, token: Token) -> None:
        """
        Keep a token, whole or not at all.

        Raises:
            ConfigError: The folder cannot be written.
        """
        try:
            write_whole(self._path, msgspec.json.encode(token))
        except OSError as error:
            raise _unwritable(self._path, error) from error

    @asynccontextmanager
    async def locked(self, within: int) -> AsyncIterator[None]:
        """
        Hold the right to ask for a token; no other process has it meanwhile.

        Args:
            within: How long to wait for it [ns].

        Raises:
            BrokerUnavailableError: Another process has held it all that time.
            ConfigError: The folder cannot be written.
        """
        try:
            self._lock.parent.mkdir(_FOLDER, parents=True, exist_ok=True)
            handle = os.open(self._lock, os.O_RDWR | os.O_CREAT, _PRIVATE)
        except OSError as error:
            raise _unwritable(self._lock, error) from error
        try:
            await self._acquire(handle, within)
            yield
        finally:
            os.close(handle)  # the lock goes with it

    async def _acquire(self, handle: int, within: int) -> None:
        until = self._wall.monotonic() + within
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if self._wall.monotonic() >= until:
                    raise BrokerUnavailableError(
                        "다른 프로세스가 키움 토큰을 받는 중입니다. 잠시 뒤 다시 하세요.",
                        "Another process is fetching the Kiwoom token. Try again a little later.",
                    ) from None
                await self._wall.sleep(_KNOCK)
            else:
                return


def _unwritable(path: Path, error: OSError) -> ConfigError:
    return ConfigError(
        f"토큰 파일 {path.name} 을(를) 쓸 수 없습니다 ({error.strerror}). 폴더를 확인하세요.",
        f"The token file {path.name} cannot be written ({error.strerror}). Check the data folder.",
    )


_decode = msgspec.json.Decoder(Token).decode
