"""Every setting, typed and frozen; the only reader of the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from maemae.domain.errors import ConfigError
from maemae.domain.text import Language

HOME: Final = "MAEMAE_HOME"
LANG: Final = "MAEMAE_LANG"
SHARED_DATA: Final = "MAEMAE_SHARED_DATA"


class Settings(msgspec.Struct, frozen=True):
    """
    What this process was told from outside.

    Attributes:
        home: Folder of everything that maemae keeps; need not exist yet.
        language: Language of screens, messages and reports.
        shared_data: Folder of real market data for the demo; need not exist.
    """

    home: Path = Path("var")
    language: Language = Language.KO
    shared_data: Path = Path("..") / "shared" / "data"

    @property
    def catalogue(self) -> Path:
        """Folder of the market data."""
        return self.home / "catalogue"

    @property
    def reports(self) -> Path:
        """Folder of reports that were not given a place."""
        return self.home / "reports"

    @property
    def demo(self) -> Path:
        """Folder of what the demo's trading day keeps."""
        return self.home / "demo"

    @property
    def logs(self) -> Path:
        """Folder of the records of our own mistakes."""
        return self.home / "log"


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """
    Return the settings; what is absent or empty keeps its default.

    Raises:
        ConfigError: A value cannot be understood.
    """
    given: dict[str, Path | Language] = {}
    if environment.get(HOME):
        given["home"] = Path(environment[HOME])
    if environment.get(SHARED_DATA):
        given["shared_data"] = Path(environment[SHARED_DATA])
    if environment.get(LANG):
        given["language"] = language_from_text(environment[LANG])
    return msgspec.structs.replace(Settings(), **given)


def language_from_text(text: str) -> Language:
    """
    Return the language that a person wrote: `ko`, `en`, or a locale such as `ko_KR.UTF-8`.

    Raises:
        ConfigError: It is neither.
    """
    word = text.strip().upper()
    for language in Language:
        if word == language.value or word.startswith((f"{language.value}_", f"{language.value}-")):
            return language
    raise ConfigError(
        f"{text} 라는 언어는 없습니다. ko 나 en 을 쓰세요.",
        f"There is no language {text}. Use ko or en.",
    )
