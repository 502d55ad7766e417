"""
What somebody measured at Kiwoom, in place of what is assumed: `kiwoom.toml` of the home.

Its table `adapter` holds fields of the adapter's `KiwoomConfig`, its table `emulator` those of
the emulator's `Doubts`, nested as they are there. A time is a number of nanoseconds, or text
with its unit: `"12s"`, `"300ms"`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import time
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from maemae.domain.errors import ConfigError
from maemae.domain.instant import SECOND
from maemae.domain.near_match import suggestion
from maemae.settings import Settings

S = TypeVar("S", bound=msgspec.Struct)

NAME: Final = "kiwoom.toml"
ADAPTER: Final = "adapter"
EMULATOR: Final = "emulator"


def measured(settings: Settings, table: str, assumed: S) -> S:
    """
    Return what is assumed, with what was measured in its place.

    Args:
        settings: Of the home.
        table: Of the file: `ADAPTER` or `EMULATOR`.
        assumed: What holds where nothing was measured.

    Raises:
        ConfigError: The file cannot be read, or says what cannot be.
    """
    path = settings.home / NAME
    told = _read(path)
    for name in told:
        _require_known(path, name, (ADAPTER, EMULATOR))
    changes = told.get(table)
    if not changes:
        return assumed
    plain = _merged(path, msgspec.to_builtins(assumed), changes)
    try:
        return msgspec.convert(plain, type(assumed))
    except msgspec.ValidationError as error:
        raise ConfigError(
            f"{path} 의 [{table}] 을 쓸 수 없습니다 ({error}). 값을 고치세요.",
            f"[{table}] of {path} cannot be used ({error}). Correct the value.",
        ) from error


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{path} 을(를) 읽을 수 없습니다 ({error}). TOML 로 고치거나 지우세요.",
            f"{path} cannot be read ({error}). Write it as TOML, or remove it.",
        ) from error


def _merged(path: Path, assumed: Mapping[str, Any], changes: object) -> dict[str, Any]:
    """Return plain values with those of a table in place of the assumed ones."""
    if not isinstance(changes, dict):
        raise _wrong(path, f"{changes!r}")
    merged = dict(assumed)
    for name, value in changes.items():
        _require_known(path, name, assumed)
        if isinstance(assumed[name], dict):
            merged[name] = _merged(path, assumed[name], value)
        else:
            merged[name] = _plain(value)
    return merged


def _plain(value: object) -> object:
    if isinstance(value, time):
        return value.isoformat()
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    return value if found is None else int(found[1]) * _UNITS[found[2]]


def _require_known(path: Path, name: str, known: Mapping[str, Any] | tuple[str, ...]) -> None:
    if name not in known:
        hint = suggestion(name, known)
        raise ConfigError(
            f"{path} 의 {name} 이라는 값은 없습니다. {hint.ko}",
            f"There is no {name} in {path}. {hint.en}",
        )


def _wrong(path: Path, told: str) -> ConfigError:
    return ConfigError(
        f"{path} 의 {told} 은(는) 표가 아닙니다. [이름] 아래에 값을 쓰세요.",
        f"{told} in {path} is no table. Write its values under [name].",
    )


_UNITS: Final = {"ms": SECOND // 1_000, "s": SECOND, "m": 60 * SECOND}
_DURATION: Final = re.compile(r"(\d{1,6})(ms|s|m)")
