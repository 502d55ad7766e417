"""Networks are read as people write them, and an address is one whatever way it came."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from maemae.domain.errors import InvalidValueError
from maemae.server.security.addresses import client_address, network_from_text, parsed_address
from maemae.server.security.rates import counted_address

PROXY = (ip_network("10.0.0.1/32"),)


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("192.168.0.0/24", "192.168.0.0/24"),
        ("192.168.0.7/24", "192.168.0.0/24"),
        (" 203.0.113.9 ", "203.0.113.9/32"),
        ("2001:db8::/32", "2001:db8::/32"),
    ],
)
def test_network_when_written_as_people_do_is_read(text: str, network: str) -> None:
    assert str(network_from_text(text)) == network


@pytest.mark.parametrize("text", ["", "home", "192.168.0.0/33", "300.1.1.1", "10.0.0.1-9"])
def test_network_when_none_is_refused(text: str) -> None:
    with pytest.raises(InvalidValueError):
        network_from_text(text)


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.9", ["198.51.100.7"], "203.0.113.9"),  # no proxy: it wrote that itself
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.7"], "198.51.100.7"),
        ("10.0.0.1", ["1.1.1.1, 198.51.100.7"], "198.51.100.7"),
        ("10.0.0.1", ["1.1.1.1", "198.51.100.7"], "198.51.100.7"),
        ("10.0.0.1", ["198.51.100.7, 10.0.0.1"], "198.51.100.7"),
        ("10.0.0.1", ["198.51.100.7:80"], "198.51.100.7"),
        ("10.0.0.1", ["[2001:db8::7]:80"], "2001:db8::7"),
        ("10.0.0.1", ["2001:db8::7"], "2001:db8::7"),
        ("10.0.0.1", [" , ,"], "10.0.0.1"),
        ("10.0.0.1", ["unknown"], "unknown"),
        ("::ffff:10.0.0.1", ["198.51.100.7"], "198.51.100.7"),
        ("", ["198.51.100.7"], ""),
    ],
)
def test_client_is_the_last_hop_that_no_trusted_proxy_has(
    peer: str, forwarded: list[str], client: str
) -> None:
    assert client_address(peer, forwarded, PROXY) == client


def test_address_when_of_ipv4_within_ipv6_is_one_of_ipv4() -> None:
    assert str(parsed_address("::ffff:203.0.113.9")) == "203.0.113.9"
    assert str(parsed_address("fe80::1%eth0")) == "fe80::1"
    assert parsed_address("unknown") is None


def test_counting_when_one_site_has_many_ipv6_addresses_counts_the_site() -> None:
    assert counted_address("2001:db8::1") == counted_address("2001:db8::ffff:1")
    assert counted_address("2001:db8::1") != counted_address("2001:db8:1::1")
    assert counted_address("203.0.113.9") == "203.0.113.9"
    assert counted_address("unknown") == "unknown"
