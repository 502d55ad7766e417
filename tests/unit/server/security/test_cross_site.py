"""Hosts follow from origins, and what a browser says of where it is decides."""

from __future__ import annotations

import pytest
from starlette.datastructures import Headers

from maemae.server.problem import ProblemError
from maemae.server.security.cross_site import (
    hosts_of,
    require_host,
    require_json,
    require_same_site,
)

OURS = frozenset({"https://maemae.example"})


def test_hosts_when_the_port_is_the_usual_one_may_leave_it_out() -> None:
    origins = {"https://maemae.example", "http://127.0.0.1:7700", "http://LOCALHOST:80"}

    assert hosts_of(origins) == {
        *("maemae.example", "127.0.0.1:7700"),
        *("localhost:80", "localhost"),
    }


@pytest.mark.parametrize("host", ["", "elsewhere.example", "maemae.example.elsewhere", "x"])
def test_host_when_of_nobody_here_is_refused(host: str) -> None:
    with pytest.raises(ProblemError):
        require_host(Headers({"host": host}), hosts_of(OURS))
    require_host(Headers({"host": "MAEMAE.example"}), hosts_of(OURS))


def refused(method: str, *, is_socket: bool = False, **headers: str) -> bool:
    asked = Headers({name.replace("_", "-"): value for name, value in headers.items()})
    try:
        require_same_site(method, asked, OURS, is_socket=is_socket)
    except ProblemError:
        return True
    return False


def test_request_is_refused_as_a_browser_tells_where_it_was_made() -> None:
    ours, theirs = "https://maemae.example", "https://elsewhere.example"

    assert not refused("POST", origin=ours)
    assert not refused("POST", origin=ours, sec_fetch_site="same-origin")
    assert not refused("POST", sec_fetch_site="same-origin")
    assert not refused("GET")
    assert not refused("GET", sec_fetch_site="cross-site")  # a link that leads here
    assert not refused("POST", authorization="Bearer x")

    assert refused("POST")
    assert refused("POST", origin=theirs)
    assert refused("POST", origin=ours, sec_fetch_site="cross-site")
    assert refused("POST", sec_fetch_site="none")
    assert refused("GET", origin=theirs)
    assert refused("POST", authorization="Bearer x", origin=theirs)


def test_socket_is_refused_without_an_origin_of_ours() -> None:
    ours = "https://maemae.example"

    assert not refused("GET", is_socket=True, origin=ours)
    assert not refused("GET", is_socket=True, authorization="Bearer x")
    assert refused("GET", is_socket=True)
    assert refused("GET", is_socket=True, origin="https://elsewhere.example")


def json_refused(method: str, **headers: str) -> bool:
    asked = Headers({name.replace("_", "-"): value for name, value in headers.items()})
    try:
        require_json(method, asked)
    except ProblemError:
        return True
    return False


def test_body_is_refused_unless_it_is_json() -> None:
    assert not json_refused("POST")
    assert not json_refused("POST", content_length="0")
    assert not json_refused("POST", content_length="2", content_type="application/json")
    assert not json_refused(
        "POST", content_length="2", content_type="Application/JSON; charset=utf-8"
    )
    assert json_refused("POST", content_length="2")
    assert json_refused("POST", content_length="2", content_type="text/plain")
    assert json_refused("DELETE", transfer_encoding="chunked", content_type="text/plain")
