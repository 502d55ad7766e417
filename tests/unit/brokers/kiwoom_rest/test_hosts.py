"""Hosts are a closed table, and a double of one is on this machine alone."""

from __future__ import annotations

import pytest

from maemae.brokers.kiwoom_rest.hosts import emulator_host, host_of
from maemae.domain.errors import ConfigError
from maemae.domain.terms import Mode

REST, SOCKET = "http://127.0.0.1:8000", "ws://127.0.0.1:8001/api/dostk/websocket"


def test_paper_and_real_have_hosts_of_their_own() -> None:
    paper, real = host_of(Mode.PAPER), host_of(Mode.REAL)
    assert (paper.mode, real.mode) == (Mode.PAPER, Mode.REAL)
    assert "mockapi" in paper.rest
    assert "mockapi" in paper.socket
    assert "mock" not in real.rest + real.socket


def test_sim_has_no_host_at_kiwoom() -> None:
    with pytest.raises(ConfigError):
        host_of(Mode.SIM)


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("rest", [REST, "http://localhost:1", "https://[::1]:2"])
def test_emulator_is_on_this_machine(mode: Mode, rest: str) -> None:
    host = emulator_host(mode, rest, SOCKET)
    assert host.is_emulator
    assert host.mode is mode


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize(
    ("rest", "socket"),
    [
        ("https://api.kiwoom.com", SOCKET),
        ("https://mockapi.kiwoom.com", SOCKET),
        (REST, "wss://api.kiwoom.com:10000/api/dostk/websocket"),
        ("http://127.0.0.1@api.kiwoom.com", SOCKET),
        ("http://127.0.0.1:pw@127.0.0.1", SOCKET),
        ("http://localhost.kiwoom.com", SOCKET),
        ("ftp://127.0.0.1", SOCKET),
        ("http://[", SOCKET),
        ("", SOCKET),
        (REST, REST),
    ],
)
def test_emulator_when_elsewhere_is_refused(mode: Mode, rest: str, socket: str) -> None:
    with pytest.raises(ConfigError):
        emulator_host(mode, rest, socket)
