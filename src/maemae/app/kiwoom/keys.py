"""
The app key of a Kiwoom account: a sealed credential, or a file where there is no server.

Where no server was ever set up, as on a machine without a page, the key lies in a file of its
mode's data folder that its owner alone may read.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from maemae.app.kiwoom.sealed import find_sealed_key
from maemae.brokers.kiwoom_rest.auth import AppKey
from maemae.domain.errors import ConfigError
from maemae.domain.terms import Mode
from maemae.settings import Settings
from maemae.storage.syncing import write_whole

NAME: Final = "kiwoom-keys.json"
_OTHERS: Final = 0o077


def kiwoom_keys(settings: Settings, mode: Mode) -> AppKey:
    """
    Return the key that a person entered for a mode: the sealed one before the file.

    Raises:
        ConfigError: There is none, others can read it, or it is of another mode.
        StorageError: It is sealed, and cannot be read or opened.
    """
    return find_sealed_key(settings, mode) or _filed_key(settings, mode)


def _filed_key(settings: Settings, mode: Mode) -> AppKey:
    path = _path(settings, mode)
    try:
        is_open = path.stat().st_mode & _OTHERS
        key = msgspec.json.decode(path.read_bytes(), type=AppKey)
    except FileNotFoundError:
        raise ConfigError(
            "키움 앱키가 없습니다. maemae connect kiwoom 으로 먼저 넣으세요.",
            "There is no app key for Kiwoom. Enter it first with maemae connect kiwoom.",
        ) from None
    except (OSError, msgspec.MsgspecError) as error:
        raise ConfigError(
            f"키움 앱키 파일 {path} 을(를) 읽을 수 없습니다. maemae connect kiwoom 을 다시 하세요.",
            f"The file of Kiwoom's app key, {path}, cannot be read. Enter it again with maemae "
            "connect kiwoom.",
        ) from error
    if is_open:
        raise ConfigError(
            f"{path} 을(를) 다른 사용자도 읽을 수 있습니다. chmod 600 으로 막으세요.",
            f"Others can read {path}. Close it with chmod 600.",
        )
    if key.mode is not mode:
        raise ConfigError(
            f"{path} 은(는) {key.mode} 키입니다. {mode} 키를 maemae connect kiwoom 으로 넣으세요.",
            f"{path} holds a key for {key.mode}. Enter one for {mode} with maemae connect kiwoom.",
        )
    return key


def has_kiwoom_keys(settings: Settings, mode: Mode) -> bool:
    """Return whether a key of a mode is kept here; raises as `kiwoom_keys`."""
    return _path(settings, mode).exists() or find_sealed_key(settings, mode) is not None


def forget_filed_key(settings: Settings, mode: Mode) -> None:
    """Delete the file of a key that is sealed now."""
    _path(settings, mode).unlink(missing_ok=True)


def keep_kiwoom_keys(settings: Settings, key: AppKey) -> Path:
    """
    Keep a key for its mode in a file, and return where.

    Raises:
        ConfigError: The folder cannot be written.
    """
    path = _path(settings, key.mode)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, msgspec.json.encode(key))
    except OSError as error:
        raise ConfigError(
            f"{path} 을(를) 쓸 수 없습니다 ({error.strerror}). 폴더를 확인하세요.",
            f"{path} cannot be written ({error.strerror}). Check the folder.",
        ) from error
    return path


def _path(settings: Settings, mode: Mode) -> Path:
    return settings.data_folder(mode) / NAME
