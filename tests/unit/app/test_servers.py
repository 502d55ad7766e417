"""Where a server may listen, whom it believes, and which origins are its own."""

from __future__ import annotations

import ssl
from ipaddress import IPv4Address, ip_network
from pathlib import Path

import msgspec
import pytest

from maemae.app.listening import ServeRequest, listening
from maemae.app.servers import server_config
from maemae.app.web_server import server_of
from maemae.domain.errors import ConfigError, InvalidValueError
from maemae.server.factory import described_app
from maemae.settings import Settings
from tests.certificates import a_certificate

PORT = 7_700
EVERYWHERE = str(IPv4Address(0))
CERTIFICATE = {"tls_cert": Path("cert.pem"), "tls_key": Path("key.pem")}


def asked(**settings: object) -> ServeRequest:
    return msgspec.structs.replace(ServeRequest(), **settings)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_server_when_on_the_loopback_needs_no_certificate(host: str) -> None:
    config = server_config(Settings(), asked(host=host), PORT)

    assert config.is_loopback_only
    assert not config.has_tls
    assert config.trusted_proxies == ()


@pytest.mark.parametrize("host", [EVERYWHERE, "::", "192.168.0.7", "nas.local"])
def test_server_when_others_can_reach_it_in_the_clear_is_refused(host: str) -> None:
    with pytest.raises(ConfigError, match="--tls-cert"):
        server_config(Settings(), asked(host=host), PORT)
    with pytest.raises(ConfigError, match="--tls-cert"), listening(asked(host=host, port=0)):
        pass


def test_server_when_others_can_reach_it_is_taken_with_a_certificate_or_a_proxy() -> None:
    with_tls = server_config(Settings(), asked(host="192.168.0.7", **CERTIFICATE), PORT)
    behind = server_config(
        Settings(),
        asked(
            host="192.168.0.7",
            trusted_proxies=("192.168.0.1",),
            origins=("https://maemae.example/",),
        ),
        PORT,
    )

    assert with_tls.origins == ("https://192.168.0.7:7700",)
    assert with_tls.has_tls
    assert not with_tls.is_loopback_only
    assert behind.origins[0] == "https://maemae.example"
    assert behind.trusted_proxies == (ip_network("192.168.0.1/32"),)
    assert behind.has_tls


def test_server_when_half_of_a_certificate_is_given_is_refused() -> None:
    for half in CERTIFICATE:
        with pytest.raises(ConfigError, match="belong together"):
            server_config(Settings(), asked(**{half: CERTIFICATE[half]}), PORT)


def test_server_when_it_listens_everywhere_must_be_told_its_origin() -> None:
    with pytest.raises(ConfigError, match="--origin"):
        server_config(Settings(), asked(host=EVERYWHERE, **CERTIFICATE), PORT)

    told = asked(host=EVERYWHERE, origins=("https://nas.example",), **CERTIFICATE)
    assert server_config(Settings(), told, PORT).origins == ("https://nas.example",)


def test_origins_when_on_the_loopback_are_both_its_names() -> None:
    config = server_config(Settings(), asked(), PORT)

    assert config.origins == ("http://127.0.0.1:7700", "http://localhost:7700")


def test_networks_when_unreadable_are_refused() -> None:
    for option in ("trusted_proxies", "allowed"):
        with pytest.raises(InvalidValueError):
            server_config(Settings(), asked(**{option: ("home",)}), PORT)


def test_port_when_taken_is_refused() -> None:
    with listening(asked(port=0)) as first:
        taken = first.getsockname()[1]
        with (
            pytest.raises(ConfigError, match=f"127.0.0.1:{taken}"),
            listening(asked(port=taken)),
        ):
            pass


def test_certificate_when_it_cannot_be_read_is_refused(tmp_path: Path) -> None:
    cert, key = a_certificate(tmp_path)
    good = server_of(described_app(), asked(tls_cert=cert, tls_key=key), lambda: None)

    with pytest.raises(ConfigError, match="--tls-cert"):
        server_of(described_app(), asked(tls_cert=key, tls_key=cert), lambda: None)
    with pytest.raises(ConfigError, match="--tls-cert"):
        server_of(described_app(), asked(**CERTIFICATE), lambda: None)
    assert good.config.ssl is not None
    assert good.config.ssl.minimum_version >= ssl.TLSVersion.TLSv1_2
