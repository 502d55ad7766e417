"""The promise of conftest: a test reaches this machine and no other."""

from __future__ import annotations

import socket

import pytest


@pytest.mark.parametrize("address", [("203.0.113.7", 9), ("2001:db8::7", 9)])
def test_connection_when_to_another_machine_is_refused(address: tuple[str, int]) -> None:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET

    with (
        socket.socket(family, socket.SOCK_DGRAM) as outside,
        pytest.raises(RuntimeError, match="network"),
    ):
        outside.connect(address)


def test_name_when_of_another_machine_is_not_looked_up() -> None:
    with pytest.raises(RuntimeError, match="network"):
        socket.getaddrinfo("example.invalid", 443)


def test_connection_when_to_this_machine_is_made() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        with socket.create_connection(("localhost", port)) as client:
            assert client.getpeername()[1] == port
