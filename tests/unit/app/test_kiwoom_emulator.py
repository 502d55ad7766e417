"""What `maemae emulate kiwoom-rest` is started with."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from maemae.app.kiwoom.emulator import (
    KiwoomRequest,
    credential_of,
    kiwoom_config,
    kiwoom_market,
)
from maemae.app.kiwoom.place import find_kiwoom_place
from maemae.domain.errors import ConfigError, InvalidValueError
from maemae.domain.ids import AccountId, Symbol
from maemae.domain.instant import SECOND
from maemae.domain.terms import Mode
from maemae.emulators.kiwoom_rest.config import KiwoomConfig, Rate, Tls, Watchlist
from maemae.krx.costs import KIWOOM_PAPER, KIWOOM_REAL
from maemae.settings import Settings
from tests.certificates import a_certificate


def config(home: Path, hurry: int = 1, **asked: object) -> KiwoomConfig:
    settings = Settings(home=home, hurry=hurry)
    request = msgspec.convert(asked, KiwoomRequest)
    return kiwoom_config(settings, request, kiwoom_market(settings, request))


def test_paper_server_unless_told_charges_and_counts_like_the_paper_server(tmp_path: Path) -> None:
    found = config(tmp_path)
    assert (found.mode, found.schedule, found.rate) == (Mode.PAPER, KIWOOM_PAPER, Rate(1, 2))
    assert found.accounts == {AccountId("8100000111"): 50_000_000}
    assert {each.mode for each in found.credentials} == {Mode.PAPER, Mode.REAL}


def test_real_server_charges_and_counts_like_the_real_one(tmp_path: Path) -> None:
    paper, found = config(tmp_path), config(tmp_path, mode=Mode.REAL)
    assert (found.mode, found.schedule, found.rate) == (Mode.REAL, KIWOOM_REAL, Rate(5, 5))
    assert found.credentials[0].mode is Mode.REAL
    assert found.ledger != paper.ledger


def test_server_in_a_hurry_counts_and_pings_faster(tmp_path: Path) -> None:
    found = config(tmp_path, hurry=10)
    assert found.rate == Rate(10, 20)
    assert found.doubts.ping_every == SECOND
    assert found.doubts.frames == Rate(50, 50)


def test_keys_and_faults_are_those_that_were_asked_for(tmp_path: Path) -> None:
    request = KiwoomRequest(app_key="mine", account_id=AccountId("8100000999"))
    keys = credential_of(request)
    assert (keys.app_key, keys.account_id) == ("mine", "8100000999")
    found = config(tmp_path, faults={"slow_by": "2s", "ghosts": "true"})
    assert (found.faults.slow_by, found.faults.ghosts) == (2 * SECOND, True)
    with pytest.raises(InvalidValueError, match="lose_next"):
        config(tmp_path, faults={"lose_nxt": "1"})


def test_watchlists_are_those_that_were_asked_for(tmp_path: Path) -> None:
    found = config(tmp_path, watchlists={"반도체": "005930, 000660"})
    assert found.watchlists == (Watchlist("반도체", (Symbol("005930"), Symbol("000660"))),)


def test_tls_needs_a_port_and_a_certificate_that_can_be_used(tmp_path: Path) -> None:
    cert, key = a_certificate(tmp_path)
    found = config(tmp_path, tls_ports=(7443,), tls_cert=cert, tls_key=key)
    assert found.tls == Tls(str(cert), str(key), (7443,))
    with pytest.raises(InvalidValueError, match="go together"):
        config(tmp_path, tls_ports=(7443,))
    with pytest.raises(ConfigError, match="cannot be used"):
        config(tmp_path, tls_ports=(7443,), tls_cert=key, tls_key=key)
    with pytest.raises(ConfigError, match="No such file"):
        config(tmp_path, tls_ports=(7443,), tls_cert=tmp_path / "none", tls_key=key)


def test_place_when_nobody_left_word_is_none(tmp_path: Path) -> None:
    assert find_kiwoom_place(Settings(home=tmp_path)) is None
