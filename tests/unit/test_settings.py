from __future__ import annotations

from pathlib import Path

import pytest

from maemae.domain.errors import ConfigError
from maemae.domain.text import Language
from maemae.settings import read_settings
from tests.architecture.source_tree import PACKAGE, dotted, modules


def test_settings_when_nothing_is_told_are_korean_and_in_var() -> None:
    settings = read_settings({})

    assert (settings.home, settings.language) == (Path("var"), Language.KO)
    assert settings.shared_data == Path("../shared/data")


def test_settings_when_told_are_what_was_told() -> None:
    told = {"MAEMAE_HOME": "/a", "MAEMAE_LANG": "en", "MAEMAE_SHARED_DATA": "/b"}

    settings = read_settings(told)

    assert settings.language is Language.EN
    assert settings.catalogue == Path("/a/catalogue")
    assert settings.shared_data == Path("/b")


def test_settings_when_a_value_is_empty_keep_the_default() -> None:
    assert read_settings({"MAEMAE_HOME": "", "MAEMAE_LANG": ""}) == read_settings({})


@pytest.mark.parametrize("word", ["ko", "KO", "ko_KR.UTF-8", "ko-KR"])
def test_language_when_written_as_people_do_is_understood(word: str) -> None:
    assert read_settings({"MAEMAE_LANG": word}).language is Language.KO


def test_language_when_unknown_is_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        read_settings({"MAEMAE_LANG": "fr"})

    assert "fr" in caught.value.text.ko


def test_nothing_else_reads_the_environment() -> None:
    readers = [
        dotted(path)
        for path in modules()
        if any(word in path.read_text("utf-8") for word in ("os.environ", "getenv"))
    ]

    assert readers == [dotted(PACKAGE / "settings.py")]
