"""
Kiwoom's servers, by mode: a closed table, and a double on this machine.

No URL comes from outside: a server of REAL is Kiwoom's own, or an emulator that was asked for
by name. Connecting moves no money; what adds risk with real money needs an arming (`broker`).

Source: Kiwoom REST API specification, hosts of the real and the paper (모의투자) service.
"""

from __future__ import annotations

import ipaddress
from typing import Final
from urllib.parse import urlsplit

import msgspec

from maemae.domain.errors import ConfigError
from maemae.domain.terms import Mode

SOCKET_PATH: Final = "/api/dostk/websocket"


class Host(msgspec.Struct, frozen=True):
    """
    Where one world of Kiwoom is.

    Attributes:
        mode: Whose money it moves.
        rest: URL before the path of a request.
        socket: URL of the WebSocket.
        is_emulator: Whether it is a double on this machine.
    """

    mode: Mode
    rest: str
    socket: str
    is_emulator: bool = False


_HOSTS: Final = {
    Mode.PAPER: Host(
        Mode.PAPER,
        "https://mockapi.kiwoom.com",
        f"wss://mockapi.kiwoom.com:10000{SOCKET_PATH}",
    ),
    Mode.REAL: Host(
        Mode.REAL, "https://api.kiwoom.com", f"wss://api.kiwoom.com:10000{SOCKET_PATH}"
    ),
}


def host_of(mode: Mode) -> Host:
    """
    Return Kiwoom's own server of a mode.

    Raises:
        ConfigError: Kiwoom has no server of the mode.
    """
    if mode not in _HOSTS:
        raise ConfigError(
            f"키움에는 {mode} 서버가 없습니다. --mode paper 를 쓰거나 키움 에뮬레이터를 켜세요.",
            f"Kiwoom has no server for {mode}. Use --mode paper, or start the Kiwoom emulator.",
        )
    return _HOSTS[mode]


def emulator_host(mode: Mode, rest: str, socket: str) -> Host:
    """
    Return a double of Kiwoom's servers on this machine.

    Args:
        mode: Whose world it plays.
        rest: Such as `http://127.0.0.1:8443`.
        socket: Such as `ws://127.0.0.1:8444/api/dostk/websocket`.

    Raises:
        ConfigError: A URL leads elsewhere than to this machine.
    """
    for url, schemes in ((rest, _REST_SCHEMES), (socket, _SOCKET_SCHEMES)):
        if not _is_on_this_machine(url, schemes):
            raise ConfigError(
                f"{url} 은(는) 이 컴퓨터의 주소가 아닙니다. 127.0.0.1 의 에뮬레이터만 됩니다.",
                f"{url} is not on this machine. Only an emulator on 127.0.0.1 can be used.",
            )
    return Host(mode, rest.rstrip("/"), socket, is_emulator=True)


def _is_on_this_machine(url: str, schemes: frozenset[str]) -> bool:
    try:
        parts = urlsplit(url)
        name = parts.hostname or ""
        has_login = parts.username is not None or parts.password is not None
        is_loopback = name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
    return is_loopback and not has_login and parts.scheme in schemes


_REST_SCHEMES: Final = frozenset({"http", "https"})
_SOCKET_SCHEMES: Final = frozenset({"ws", "wss"})
