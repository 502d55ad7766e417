"""
Every setting, typed and frozen; the only reader of the environment.

| variable | what it sets | default |
|---|---|---|
| MAEMAE_HOME | folder of everything that maemae keeps | `var` |
| MAEMAE_LANG | language of screens: `ko`, `en` or a locale | `ko` |
| MAEMAE_SHARED_DATA | folder of real market data for the demo | `../shared/data` |
| MAEMAE_MODE | whose market commands are about: `sim`, `paper` or `real` | `sim` |
| MAEMAE_ACCOUNT | account that commands are about | `SIM` |
| MAEMAE_DATABASE | `sqlite:///…` or `postgresql://…` | a file in the data folder |
| MAEMAE_BACKUPS | folder of backups, best on another disk | `<home>/backups` |
| MAEMAE_BACKUP_KEYS | public keys (`age1…`) of backups, with commas between | none |
| MAEMAE_OFFSITE | a second place: a folder, or `s3://bucket/prefix?endpoint=…&region=…` | none |
| MAEMAE_OFFSITE_KEY | `access:secret` of who may write to that bucket | none |
| MAEMAE_KEYS | folder of the server's keys, best not in any backup | `<home>/server/keys` |
| MAEMAE_ANCHORS | folder of the audit log's anchors, best elsewhere | `<home>/server/anchors` |
| MAEMAE_TELL_AGAIN | minutes between two tellings of an open critical alert | `10` |
| MAEMAE_SENTRY | address (DSN) that mistakes of ours are sent to, without secrets | none |
| MAEMAE_PAGE | folder of the built dashboard | `web/dist` |
| MAEMAE_REDIS | `redis://…`, where several servers count and tell together | none |
| MAEMAE_SUPABASE | `https://….supabase.co`, whose logins are taken beside our own | none |
| MAEMAE_TEST_BUILD | `1` lets the next two be read; never where money is traded | off |
| MAEMAE_FAILPOINTS | places where a test makes processes die (`maemae.failpoints`) | none |
| MAEMAE_HURRY | how many times as fast everything on the wall's clock goes | `1` |

What is absent or empty keeps its default. An option of a command goes before its variable.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from maemae.domain.errors import ConfigError
from maemae.domain.ids import AccountId
from maemae.domain.terms import Mode
from maemae.domain.text import Language

HOME: Final = "MAEMAE_HOME"
LANG: Final = "MAEMAE_LANG"
SHARED_DATA: Final = "MAEMAE_SHARED_DATA"
MODE: Final = "MAEMAE_MODE"
ACCOUNT: Final = "MAEMAE_ACCOUNT"
DATABASE: Final = "MAEMAE_DATABASE"
BACKUPS: Final = "MAEMAE_BACKUPS"
BACKUP_KEYS: Final = "MAEMAE_BACKUP_KEYS"
OFFSITE: Final = "MAEMAE_OFFSITE"
OFFSITE_KEY: Final = "MAEMAE_OFFSITE_KEY"
KEYS: Final = "MAEMAE_KEYS"
ANCHORS: Final = "MAEMAE_ANCHORS"
TELL_AGAIN: Final = "MAEMAE_TELL_AGAIN"
SENTRY: Final = "MAEMAE_SENTRY"
PAGE: Final = "MAEMAE_PAGE"
REDIS: Final = "MAEMAE_REDIS"
SUPABASE: Final = "MAEMAE_SUPABASE"
TEST_BUILD: Final = "MAEMAE_TEST_BUILD"
FAILPOINTS: Final = "MAEMAE_FAILPOINTS"
HURRY: Final = "MAEMAE_HURRY"

_KINDS: Final = ("sqlite:///", "postgresql://")
_MOST_HURRY: Final = 1_000
_LONGEST_SILENCE: Final = 24 * 60


class AccessKey(msgspec.Struct, frozen=True):
    """Who writes to a bucket; what it prints tells nothing."""

    name: str
    secret: str

    def __repr__(self) -> str:
        return "AccessKey()"


class Settings(msgspec.Struct, frozen=True):
    """
    What this process was told from outside.

    Attributes:
        home: Folder of everything that maemae keeps; need not exist yet.
        language: Language of screens, messages and reports.
        shared_data: Folder of real market data for the demo; need not exist.
        mode: Whose market commands are about.
        account_id: Which account they are about.
        database: URL of the executor's database; None for a SQLite file in its data folder.
        backup_folder: Where backups are kept; None for a folder in the home.
        backup_keys: Public keys that backups are encrypted for.
        offsite: Second place of journal and backups, a folder or an `s3://` address; None for none.
        offsite_key: Who may write to that bucket; None for a folder.
        key_folder: Folder of the server's keys; None for one in its folder.
        anchor_folder: Folder of the audit log's anchors; None for one in the server's folder.
        tell_again: Minutes between two tellings of an open critical alert.
        sentry: Where our own mistakes are sent; None for nowhere.
        page: Folder of the built dashboard; need not exist.
        redis: Where several servers count and tell together; None for one server.
        supabase: Project whose logins are taken beside our own; None for none.
        failpoints: Places where a process dies; only in a test build.
        hurry: How many times as fast the wall's constants go; only in a test build.
    """

    home: Path = Path("var")
    language: Language = Language.KO
    shared_data: Path = Path("..") / "shared" / "data"
    mode: Mode = Mode.SIM
    account_id: AccountId = AccountId("SIM")
    database: str | None = None
    backup_folder: Path | None = None
    backup_keys: tuple[str, ...] = ()
    offsite: str | None = None
    offsite_key: AccessKey | None = None
    key_folder: Path | None = None
    anchor_folder: Path | None = None
    tell_again: int = 10
    sentry: str | None = None
    page: Path = Path("web") / "dist"
    redis: str | None = None
    supabase: str | None = None
    failpoints: str = ""
    hurry: int = 1

    @property
    def catalogue(self) -> Path:
        """Folder of the market data."""
        return self.home / "catalogue"

    @property
    def reports(self) -> Path:
        """Folder of reports that were not given a place."""
        return self.home / "reports"

    @property
    def trials(self) -> Path:
        """File in which every backtest is counted as a trial."""
        return self.home / "research" / "trials.jsonl"

    @property
    def demo(self) -> Path:
        """Folder of what the demo's trading day keeps."""
        return self.home / "demo"

    @property
    def logs(self) -> Path:
        """Folder of the records of our own mistakes."""
        return self.home / "log"

    @property
    def server_folder(self) -> Path:
        """Folder of the server's own files."""
        return self.home / "server"

    @property
    def keys(self) -> Path:
        """Folder of the server's keys."""
        return self.key_folder or self.server_folder / "keys"

    @property
    def anchors(self) -> Path:
        """Folder of the audit log's anchors."""
        return self.anchor_folder or self.server_folder / "anchors"

    @property
    def server_database_url(self) -> str:
        """URL of the database of the server's own tables."""
        if self.database is not None and not self.database.startswith("sqlite:"):
            return self.database
        return f"sqlite:///{(self.server_folder / 'maemae.db').absolute()}"

    def data_folder(self, mode: Mode) -> Path:
        """Return the folder of a mode's executor; each has its own, and nothing is shared."""
        return self.home / mode.lower()

    def backups(self, mode: Mode) -> Path:
        """Return the folder of a mode's backups: what is kept of one never displaces another's."""
        return (self.backup_folder or self.home / "backups") / mode.lower()

    def database_url(self, mode: Mode) -> str:
        """Return the URL of a mode's database."""
        if self.database is not None:
            return self.database
        return f"sqlite:///{(self.data_folder(mode) / 'maemae.db').absolute()}"

    def tapes(self, mode: Mode) -> Path:
        """Return the folder of a mode's tapes; a backup takes the folder above it."""
        return self.data_folder(mode) / "tape" / mode.lower()


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """
    Return the settings; what is absent or empty keeps its default.

    Raises:
        ConfigError: A value cannot be understood.
    """
    given: dict[str, Any] = {
        field: read(environment[name])
        for name, (field, read) in _READERS.items()
        if environment.get(name)
    }
    for name, field in ((FAILPOINTS, "failpoints"), (HURRY, "hurry")):
        if field in given and environment.get(TEST_BUILD) != "1":
            raise ConfigError(
                f"{name} 은(는) 시험용이니 지우세요. 시험이라면 {TEST_BUILD}=1 도 있어야 합니다.",
                f"{name} is for tests. Remove it; a test sets {TEST_BUILD}=1 too.",
            )
    return msgspec.structs.replace(Settings(), **given)


def child_environment(
    settings: Settings, environment: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """Return the environment of another process of ours with the same home and language."""
    told = {HOME: str(settings.home.absolute()), LANG: settings.language.lower()}
    return {**environment, **told}


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


def mode_from_text(text: str) -> Mode:
    """
    Return the mode that a person wrote, in letters of either case.

    Raises:
        ConfigError: There is no such mode.
    """
    try:
        return Mode(text.strip().upper())
    except ValueError:
        raise ConfigError(
            f"{text} 라는 모드는 없습니다. sim, paper, real 가운데 하나를 쓰세요.",
            f"There is no mode {text}. Use sim, paper or real.",
        ) from None


def database_from_text(text: str) -> str:
    """
    Return the URL of a database as a person wrote it.

    Raises:
        ConfigError: It is of another kind.
    """
    url = text.strip()
    if not url.startswith(_KINDS) or url in _KINDS:
        kind = url.partition(":")[0]
        raise ConfigError(
            f"{kind!r} 데이터베이스는 쓸 수 없습니다. sqlite:///경로 나 postgresql://… 로 쓰세요.",
            f"A database of {kind!r} cannot be used. Write sqlite:///path or postgresql://….",
        )
    return url


def _account_from_text(text: str) -> AccountId:
    return AccountId(text.strip())


def _keys_from_text(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _access_from_text(text: str) -> AccessKey:
    name, colon, secret = text.strip().partition(":")
    if not (name and colon and secret):
        raise ConfigError(
            f"{OFFSITE_KEY} 은(는) 접근키:비밀키 로 쓰세요.",
            f"Write {OFFSITE_KEY} as access:secret.",
        )
    return AccessKey(name, secret)


def _redis_from_text(text: str) -> str:
    url = text.strip()
    if not url.startswith(("redis://", "rediss://")):
        raise ConfigError(
            f"{REDIS} {url!r} 은(는) 쓸 수 없습니다. redis://서버:6379 처럼 쓰세요.",
            f"{REDIS} {url!r} cannot be used. Write it like redis://server:6379.",
        )
    return url


def _supabase_from_text(text: str) -> str:
    url = text.strip().rstrip("/")
    if not url.startswith("https://") or url == "https://":
        raise ConfigError(
            f"{SUPABASE} {url!r} 은(는) 쓸 수 없습니다. https://프로젝트.supabase.co 로 쓰세요.",
            f"{SUPABASE} {url!r} cannot be used. Write it like https://project.supabase.co.",
        )
    return url


def _tell_again_from_text(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text[:9]) <= _LONGEST_SILENCE:
        raise ConfigError(
            f"{TELL_AGAIN} {text!r} 은(는) 1~{_LONGEST_SILENCE:,} 분의 정수여야 합니다.",
            f"{TELL_AGAIN} must be whole minutes from 1 to {_LONGEST_SILENCE:,}, not {text!r}.",
        )
    return int(text)


def _hurry_from_text(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text[:9]) <= _MOST_HURRY:
        raise ConfigError(
            f"{HURRY} {text!r} 은(는) 1~{_MOST_HURRY:,} 의 정수여야 합니다.",
            f"{HURRY} must be a whole number from 1 to {_MOST_HURRY:,}, not {text!r}.",
        )
    return int(text)


_READERS: Final[Mapping[str, tuple[str, Callable[[str], object]]]] = {
    HOME: ("home", Path),
    LANG: ("language", language_from_text),
    SHARED_DATA: ("shared_data", Path),
    MODE: ("mode", mode_from_text),
    ACCOUNT: ("account_id", _account_from_text),
    DATABASE: ("database", database_from_text),
    BACKUPS: ("backup_folder", Path),
    BACKUP_KEYS: ("backup_keys", _keys_from_text),
    OFFSITE: ("offsite", str.strip),
    OFFSITE_KEY: ("offsite_key", _access_from_text),
    KEYS: ("key_folder", Path),
    ANCHORS: ("anchor_folder", Path),
    TELL_AGAIN: ("tell_again", _tell_again_from_text),
    SENTRY: ("sentry", str.strip),
    PAGE: ("page", Path),
    REDIS: ("redis", _redis_from_text),
    SUPABASE: ("supabase", _supabase_from_text),
    FAILPOINTS: ("failpoints", str),
    HURRY: ("hurry", _hurry_from_text),
}
