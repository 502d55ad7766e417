from __future__ import annotations

import re
from pathlib import Path

import pytest

import maemae.settings
from maemae.domain.errors import ConfigError
from maemae.domain.terms import Mode
from maemae.domain.text import Language
from maemae.settings import read_settings
from tests.architecture.source_tree import PACKAGE, REPOSITORY, dotted, modules


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


def test_settings_of_trading_when_nothing_is_told_are_those_of_the_simulation() -> None:
    settings = read_settings({"MAEMAE_HOME": "/a"})

    assert (settings.mode, settings.account_id) == (Mode.SIM, "SIM")
    assert settings.data_folder(Mode.PAPER) == Path("/a/paper")
    assert settings.database_url(Mode.SIM) == "sqlite:////a/sim/maemae.db"
    assert settings.backups(Mode.SIM) == Path("/a/backups/sim")
    assert (settings.backup_keys, settings.failpoints, settings.hurry) == ((), "", 1)


def test_settings_of_trading_when_told_are_what_was_told() -> None:
    told = {
        "MAEMAE_MODE": "Real",
        "MAEMAE_ACCOUNT": " 1234-01 ",
        "MAEMAE_DATABASE": "postgresql://server/name",
        "MAEMAE_BACKUPS": "/b",
        "MAEMAE_BACKUP_KEYS": "age1x, age1y,",
        "MAEMAE_TEST_BUILD": "1",
        "MAEMAE_FAILPOINTS": "send.after=exit",
        "MAEMAE_HURRY": "10",
        "MAEMAE_TELL_AGAIN": "3",
    }

    settings = read_settings(told)

    assert (settings.mode, settings.account_id) == (Mode.REAL, "1234-01")
    assert settings.database_url(Mode.REAL) == "postgresql://server/name"
    assert settings.backups(Mode.REAL) == Path("/b/real")
    assert settings.backup_keys == ("age1x", "age1y")
    assert (settings.failpoints, settings.hurry) == ("send.after=exit", 10)
    assert settings.tell_again == 3


@pytest.mark.parametrize(
    "told",
    [
        {"MAEMAE_MODE": "live"},
        {"MAEMAE_DATABASE": "mysql://server/name"},
        {"MAEMAE_DATABASE": "sqlite:///"},
        {"MAEMAE_HURRY": "0", "MAEMAE_TEST_BUILD": "1"},
        {"MAEMAE_HURRY": "fast", "MAEMAE_TEST_BUILD": "1"},
        {"MAEMAE_HURRY": "2"},
        {"MAEMAE_TELL_AGAIN": "0"},
        {"MAEMAE_TELL_AGAIN": "1441"},
        {"MAEMAE_FAILPOINTS": "send.after=exit"},
        {"MAEMAE_FAILPOINTS": "send.after=exit", "MAEMAE_TEST_BUILD": "yes"},
    ],
)
def test_settings_when_a_value_cannot_be_is_refused(told: dict[str, str]) -> None:
    with pytest.raises(ConfigError):
        read_settings(told)


def test_every_variable_is_documented() -> None:
    documented = set(re.findall(r"^\| (MAEMAE_\w+)", maemae.settings.__doc__ or "", re.MULTILINE))
    source = Path(maemae.settings.__file__).read_text("utf-8")

    assert documented == set(re.findall(r'"(MAEMAE_\w+)"', source))
    for language in ("ko", "en"):
        chapter = REPOSITORY / "docs" / "manual" / language / "settings.md"
        assert documented == set(re.findall(r"`(MAEMAE_\w+)`", chapter.read_text("utf-8")))


def test_settings_of_the_server_when_nothing_is_told_lie_in_its_folder() -> None:
    settings = read_settings({"MAEMAE_HOME": "/a", "MAEMAE_DATABASE": "sqlite:////b/sim.db"})

    assert settings.server_database_url == "sqlite:////a/server/maemae.db"
    assert (settings.keys, settings.anchors) == (Path("/a/server/keys"), Path("/a/server/anchors"))
    assert settings.sentry is None


def test_settings_of_the_server_when_told_are_what_was_told() -> None:
    told = {
        "MAEMAE_DATABASE": "postgresql://db/maemae",
        "MAEMAE_KEYS": "/k",
        "MAEMAE_ANCHORS": "/far/away",
    }

    settings = read_settings(told)

    assert settings.server_database_url == "postgresql://db/maemae"
    assert (settings.keys, settings.anchors) == (Path("/k"), Path("/far/away"))
