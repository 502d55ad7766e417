"""Kiwoom as an executor is given it: keys of their mode alone, an emulator by its own word."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from maemae.app.broker_ends import require_broker
from maemae.app.kiwoom.keys import keep_kiwoom_keys, kiwoom_keys
from maemae.app.kiwoom.parts import (
    account_at_kiwoom,
    kiwoom_access,
    kiwoom_ends,
    kiwoom_watch_broker,
    on_kiwoom,
)
from maemae.app.kiwoom.place import KiwoomPlace
from maemae.app.trade_request import BrokerName, StrategyRequest, TradeRequest, core_config
from maemae.brokers.kiwoom_rest.auth import AppKey
from maemae.brokers.kiwoom_rest.broker import never_armed
from maemae.brokers.kiwoom_rest.hosts import host_of
from maemae.clocks import SystemWallClock
from maemae.domain.errors import ConfigError
from maemae.domain.ids import AccountId, Symbol
from maemae.domain.terms import Mode
from maemae.krx.costs import KIWOOM_PAPER, KIWOOM_REAL
from maemae.settings import Settings

ACCOUNT = AccountId("8100000111")
KEY = AppKey(Mode.PAPER, "app-key", "secret-key")
PLACE = KiwoomPlace(7702, "sim-1", Mode.PAPER, "emulated", "secret", ACCOUNT)


def a_request(**fields: object) -> TradeRequest:
    usual = TradeRequest(
        mode=Mode.PAPER,
        account_id=AccountId("SIM"),
        port=1,
        broker=BrokerName.KIWOOM_REST,
        symbols=(Symbol("005930"),),
    )
    return msgspec.structs.replace(usual, **fields)


def with_emulator(home: Path, mode: Mode = Mode.PAPER) -> Settings:
    (home / "emulator").mkdir()
    place = msgspec.structs.replace(PLACE, mode=mode)
    (home / "emulator" / "kiwoom-rest.json").write_bytes(msgspec.json.encode(place))
    return Settings(home=home)


def test_key_is_kept_for_its_mode_and_its_owner_alone(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    path = keep_kiwoom_keys(settings, KEY)
    assert kiwoom_keys(settings, Mode.PAPER) == KEY
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(ConfigError, match="maemae connect kiwoom"):
        kiwoom_keys(settings, Mode.REAL)


def test_key_when_others_can_read_it_is_refused(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    keep_kiwoom_keys(settings, KEY).chmod(0o640)
    with pytest.raises(ConfigError, match="chmod 600"):
        kiwoom_keys(settings, Mode.PAPER)


def test_key_when_it_lies_in_the_folder_of_another_mode_is_refused(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    paper = keep_kiwoom_keys(settings, KEY)
    real = settings.data_folder(Mode.REAL) / paper.name
    real.parent.mkdir()
    paper.rename(real)
    with pytest.raises(ConfigError, match="holds a key for PAPER"):
        kiwoom_keys(settings, Mode.REAL)


@pytest.mark.parametrize("content", [b"", b"{}", b'{"mode":"PAPER"}'])
def test_key_when_its_file_is_damaged_is_refused(tmp_path: Path, content: bytes) -> None:
    settings = Settings(home=tmp_path)
    keep_kiwoom_keys(settings, KEY).write_bytes(content)
    with pytest.raises(ConfigError, match="cannot be read"):
        kiwoom_keys(settings, Mode.PAPER)


def test_emulator_brings_its_key_account_and_market(tmp_path: Path) -> None:
    settings = with_emulator(tmp_path)
    request = on_kiwoom(settings, a_request(), None, is_emulated=True)
    assert (request.account_id, request.emulator_port, request.dataset) == (ACCOUNT, 7702, "sim-1")
    access = kiwoom_access(settings, Mode.PAPER, request.account_id, request.emulator_port)
    assert access.app_key == AppKey(Mode.PAPER, "emulated", "secret")
    assert access.host.is_emulator
    assert request.where == "kiwoom-rest 127.0.0.1:7702"


def test_emulator_when_none_is_known_is_refused(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with pytest.raises(ConfigError, match="emulate kiwoom-rest"):
        on_kiwoom(settings, a_request(), None, is_emulated=True)


@pytest.mark.parametrize(("mode", "port"), [(Mode.PAPER, 7703), (Mode.REAL, 7702)])
def test_emulator_when_it_is_another_is_refused(tmp_path: Path, mode: Mode, port: int) -> None:
    with pytest.raises(ConfigError):
        kiwoom_access(with_emulator(tmp_path), mode, None, port)


def test_kiwoom_itself_needs_an_account_number_and_a_dataset_for_strategies(
    tmp_path: Path,
) -> None:
    settings = Settings(home=tmp_path)
    with pytest.raises(ConfigError, match="Name the Kiwoom account"):
        on_kiwoom(settings, a_request(), None, is_emulated=False)
    named = on_kiwoom(settings, a_request(), "81000001-11", is_emulated=False)
    assert named.account_id == ACCOUNT
    strategy = StrategyRequest("golden_cross", {}, 0)
    with pytest.raises(ConfigError, match="--dataset"):
        on_kiwoom(settings, a_request(strategies=(strategy,)), ACCOUNT, is_emulated=False)


def test_real_money_needs_a_key_to_real_money_and_goes_to_kiwoom_alone(tmp_path: Path) -> None:
    settings = with_emulator(tmp_path, Mode.REAL)
    keep_kiwoom_keys(settings, KEY)
    with pytest.raises(ConfigError, match="no app key"):
        kiwoom_access(settings, Mode.REAL, ACCOUNT, None)
    keep_kiwoom_keys(settings, AppKey(Mode.REAL, "app-key", "secret-key"))
    access = kiwoom_access(settings, Mode.REAL, ACCOUNT, None)
    assert access.host == host_of(Mode.REAL)
    assert (access.app_key.mode, access.host.is_emulator) == (Mode.REAL, False)


def test_emulator_plays_real_money_only_where_it_is_asked_for_and_no_real_key_is(
    tmp_path: Path,
) -> None:
    settings = with_emulator(tmp_path, Mode.REAL)
    access = kiwoom_access(settings, Mode.REAL, None, PLACE.port)
    assert access.host.is_emulator
    assert access.app_key == AppKey(Mode.REAL, "emulated", "secret")
    keep_kiwoom_keys(settings, AppKey(Mode.REAL, "app-key", "secret-key"))
    with pytest.raises(ConfigError, match="MAEMAE_HOME"):
        kiwoom_access(settings, Mode.REAL, None, PLACE.port)


@pytest.mark.parametrize("symbols", [None, tuple(Symbol(f"{n:06}") for n in range(91))])
def test_universe_when_it_is_too_large_for_one_stream_is_refused(
    tmp_path: Path, symbols: tuple[Symbol, ...] | None
) -> None:
    settings = with_emulator(tmp_path)
    request = a_request(symbols=symbols, emulator_port=7702, account_id=ACCOUNT)
    with pytest.raises(ConfigError, match="90 instruments"):
        kiwoom_ends(settings, request, SystemWallClock(), lambda *_: None, never_armed)


@pytest.mark.parametrize(
    ("broker", "mode"),
    [
        (BrokerName.SIM, Mode.PAPER),
        (BrokerName.SIM, Mode.REAL),
        (BrokerName.KIWOOM_REST, Mode.SIM),
    ],
)
def test_broker_when_it_has_not_the_mode_is_refused(broker: BrokerName, mode: Mode) -> None:
    with pytest.raises(ConfigError):
        require_broker(broker, mode)


def test_watchdog_takes_no_stream_and_the_executor_s_account(tmp_path: Path) -> None:
    settings = with_emulator(tmp_path)
    wall = SystemWallClock()
    broker = kiwoom_watch_broker(settings, Mode.PAPER, ACCOUNT, 7702, wall)
    assert broker.accounts == ()
    assert account_at_kiwoom(settings, None, is_emulated=True) == (ACCOUNT, PLACE)
    with pytest.raises(ConfigError, match="no app key"):
        kiwoom_watch_broker(settings, Mode.REAL, ACCOUNT, None, wall)


def test_paper_money_pays_what_the_paper_server_charges() -> None:
    schedules = [core_config(mode, ACCOUNT).schedules[ACCOUNT] for mode in Mode]
    assert schedules == [KIWOOM_REAL, KIWOOM_PAPER, KIWOOM_REAL]
