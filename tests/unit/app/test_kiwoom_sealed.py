"""Kiwoom's key among the sealed credentials: one place for the API and the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select

from maemae.app.kiwoom.connect import keep_key
from maemae.app.kiwoom.keys import has_kiwoom_keys, keep_kiwoom_keys, kiwoom_keys
from maemae.app.kiwoom.sealed import BROKER, find_sealed_key
from maemae.app.owner import OWNER
from maemae.app.servers import open_store
from maemae.brokers.kiwoom_rest.auth import AppKey
from maemae.clocks import SystemWallClock
from maemae.domain.errors import ConfigError
from maemae.domain.terms import Mode
from maemae.settings import Settings
from maemae.storage.credentials import Credentials
from maemae.storage.envelope import Vault
from maemae.storage.master_keys import MASTER_KEYS, MasterKeys
from maemae.storage.tables.accounts import credentials
from maemae.storage.tables.people import audit, users

KEY = AppKey(Mode.PAPER, "PS-app-key", "a1b2-secret-c3d4")
OTHER = AppKey(Mode.PAPER, "PS-new-key", "e5f6-secret-a7b8")


def with_people(home: Path, *names: str) -> Settings:
    """Return the settings of a home whose server was set up by these."""
    settings = Settings(home=home)
    rows = [{"user_id": name, "is_locked": False} for name in names]
    with open_store(settings) as store:
        store.writer.run(lambda connection: connection.execute(insert(users), rows))
    return settings


def put(settings: Settings, owner: str, mode: Mode = Mode.PAPER, **values: str) -> None:
    """Put a credential as the API does."""
    sealed = Credentials(Vault(MasterKeys(settings.keys / MASTER_KEYS), SystemWallClock()))
    given = values or {"app_key": KEY.app_key, "secret_key": KEY.secret_key}

    def chore(connection: Connection) -> None:
        sealed.put(connection, owner=owner, broker=BROKER, mode=mode, values=given, at=1)

    with open_store(settings) as store:
        store.writer.run(chore)


def test_key_is_sealed_once_the_server_was_set_up_and_its_file_is_gone(tmp_path: Path) -> None:
    settings = with_people(tmp_path, OWNER)
    path = keep_kiwoom_keys(settings, KEY)

    said = keep_key(settings, KEY)

    assert "sealed" in said.en
    assert not path.exists()
    assert kiwoom_keys(settings, Mode.PAPER) == KEY
    assert find_sealed_key(settings, Mode.REAL) is None
    with open_store(settings) as store, store.reading.connect() as connection:
        stored = connection.execute(select(credentials.c.sealed)).scalar_one()
        actions = connection.execute(select(audit.c.action)).scalars().all()
    assert KEY.secret_key.encode() not in stored
    assert actions == ["PUT_CREDENTIAL"]


def test_key_when_entered_again_replaces_the_sealed_one(tmp_path: Path) -> None:
    settings = with_people(tmp_path, OWNER)
    keep_key(settings, KEY)
    keep_key(settings, OTHER)
    assert kiwoom_keys(settings, Mode.PAPER) == OTHER


def test_key_without_a_server_is_kept_in_a_file(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    assert find_sealed_key(settings, Mode.PAPER) is None
    assert "--stored" in keep_key(settings, KEY).en
    assert kiwoom_keys(settings, Mode.PAPER) == KEY


def test_sealed_key_comes_before_a_file(tmp_path: Path) -> None:
    settings = with_people(tmp_path, OWNER)
    put(settings, OWNER)
    keep_kiwoom_keys(settings, OTHER)
    assert kiwoom_keys(settings, Mode.PAPER) == KEY


def test_key_of_somebody_else_trades_for_nobody_here(tmp_path: Path) -> None:
    settings = with_people(tmp_path, OWNER, "guest")
    put(settings, "guest")
    assert find_sealed_key(settings, Mode.PAPER) is None
    with pytest.raises(ConfigError, match="no app key"):
        kiwoom_keys(settings, Mode.PAPER)


def test_key_when_there_are_several_or_a_value_is_missing_is_refused(tmp_path: Path) -> None:
    settings = with_people(tmp_path, OWNER)
    put(settings, OWNER, Mode.REAL, app_key="PS-only")
    with pytest.raises(ConfigError, match="lacks"):
        kiwoom_keys(settings, Mode.REAL)
    put(settings, OWNER, Mode.REAL)
    with pytest.raises(ConfigError, match="2 credentials"):
        has_kiwoom_keys(settings, Mode.REAL)


def test_key_when_a_server_holds_the_tables_goes_to_a_file_unless_a_sealed_one_would_hide_it(
    tmp_path: Path,
) -> None:
    settings = with_people(tmp_path, OWNER)
    with open_store(settings):
        assert "--stored" in keep_key(settings, KEY).en
    put(settings, OWNER)
    with open_store(settings), pytest.raises(ConfigError, match="over its API"):
        keep_key(settings, OTHER)
    assert kiwoom_keys(settings, Mode.PAPER) == KEY
