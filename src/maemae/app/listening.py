"""Where a server listens, and whether that is safe."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from maemae.domain.errors import ConfigError
from maemae.server.security.addresses import parsed_address

HOST: Final = "127.0.0.1"
PORT: Final = 7700
"""Where the server listens, unless it is told another place."""


class ServeRequest(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a person asks a server for.

    Attributes:
        host: Address to listen on.
        port: 0 for a free one.
        origins: Exact origins of the page beside those that follow from host and port.
        tls_cert, tls_key: PEM files; both or none.
        trusted_proxies: Networks whose forwarded-for header is believed.
        allowed: Networks from which people may come; empty for everywhere.
        is_demo: Whether to make a login that this machine's terminal shows.
    """

    host: str = HOST
    port: int = PORT
    origins: tuple[str, ...] = ()
    tls_cert: Path | None = None
    tls_key: Path | None = None
    trusted_proxies: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    is_demo: bool = False


def require_safe(request: ServeRequest) -> None:
    """
    Refuse to be open to the network without TLS, and half of a pair.

    Raises:
        ConfigError: It would be.
    """
    has_tls = request.tls_cert is not None
    if has_tls != (request.tls_key is not None):
        raise ConfigError(
            "--tls-cert 와 --tls-key 는 함께 써야 합니다. 둘 다 정하세요.",
            "--tls-cert and --tls-key belong together. Give both.",
        )
    if not is_loopback(request.host) and not has_tls and not request.trusted_proxies:
        raise ConfigError(
            f"{request.host} 은(는) 다른 기기에서 닿는 주소라 암호화 없이 열지 않습니다. "
            "--tls-cert 와 --tls-key 를 정하거나, TLS 를 맡는 프록시를 --trusted-proxy 로 "
            "알려 주세요.",
            f"{request.host} can be reached from other machines, so it is not served in the clear. "
            "Give --tls-cert and --tls-key, or name a proxy that does TLS with --trusted-proxy.",
        )


@contextmanager
def listening(request: ServeRequest) -> Iterator[socket.socket]:
    """
    Give a socket that listens.

    Raises:
        ConfigError: It would not be safe, or the address cannot be had.
    """
    require_safe(request)
    try:
        family = socket.AF_INET6 if ":" in request.host else socket.AF_INET
        listener = socket.create_server((request.host, request.port), family=family, backlog=512)
    except OSError as error:
        raise ConfigError(
            f"{request.host}:{request.port} 에서 들을 수 없습니다 ({error.strerror}). 다른 서버가 "
            "쓰고 있으면 멈추거나 --port 로 바꾸세요.",
            f"Nothing can listen on {request.host}:{request.port} ({error.strerror}). Stop what "
            "does, or choose another --port.",
        ) from error
    with listener:
        yield listener


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches it."""
    address = parsed_address(host)
    return host == "localhost" if address is None else address.is_loopback


def origins_of(
    request: ServeRequest, port: int, *, has_tls: bool, is_loopback_only: bool
) -> tuple[str, ...]:
    """Return the page's own origins: those that were named, then those of host and port."""
    scheme = "https" if has_tls else "http"
    hosts = ["127.0.0.1", "localhost"] if is_loopback_only else []
    if request.host not in hosts and not _is_everywhere(request.host):
        hosts.insert(0, request.host)
    here = [f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}" for host in hosts]
    return (*(origin.rstrip("/") for origin in request.origins), *here)


def _is_everywhere(host: str) -> bool:
    address = parsed_address(host)
    return address is not None and address.is_unspecified
