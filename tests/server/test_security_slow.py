"""Connections that say little are ended, with a sentence; others are served meanwhile."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

from maemae.server.security.patient_protocol import Tolerance
from tests.server.rig import ServerRig, a_server
from tests.waiting import PATIENCE_SECS

QUICK = Tolerance(opening=0.5, request=0.5, connections=12, of_address=8)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerRig]:
    with a_server(tmp_path_factory.mktemp("server"), tolerance=QUICK) as running:
        yield running


def line_to(server: ServerRig) -> socket.socket:
    where = urlsplit(server.url)
    line = socket.create_connection((where.hostname, where.port), timeout=PATIENCE_SECS)
    line.settimeout(PATIENCE_SECS)
    return line


def rest_of(line: socket.socket) -> bytes:
    """Read until the other side closes."""
    received = b""
    while piece := line.recv(65_536):
        received += piece
    return received


def is_closed(line: socket.socket) -> bool:
    try:
        return rest_of(line) is not None
    except ConnectionResetError:
        return True


def test_connection_when_it_says_nothing_is_ended(server: ServerRig) -> None:
    with line_to(server) as line:
        answer = rest_of(line)

    assert answer.startswith(b"HTTP/1.1 408 ")


def a_head(server: ServerRig, length: int) -> bytes:
    where = urlsplit(server.url)
    return (
        f"POST /api/auth/login HTTP/1.1\r\nHost: {where.netloc}\r\nOrigin: {server.url}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


@pytest.mark.parametrize("what", ["headers", "body"])
def test_request_when_it_trickles_in_is_ended_with_a_sentence_though_it_goes_on(
    server: ServerRig, what: str
) -> None:
    begin, piece = a_head(server, 100_000), b" "
    if what == "headers":
        begin, piece = b"GET /api/system/health HTTP/1.1\r\n", b"X: y\r\n"
    deadline = time.monotonic() + PATIENCE_SECS
    with line_to(server) as line:
        line.sendall(begin)
        line.settimeout(0.05)
        answer = b""
        while not answer and time.monotonic() < deadline:
            line.sendall(piece)
            try:
                answer = line.recv(65_536)
            except TimeoutError:
                continue

    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 408 ")
    problem = json.loads(body)
    assert problem["code"] == "TOO_SLOW"
    assert problem["ko"]
    assert problem["en"]


def test_body_when_it_never_ends_is_ended(server: ServerRig) -> None:
    with line_to(server) as line:
        line.sendall(a_head(server, 100) + b'{"user_id"')
        answer = rest_of(line)

    assert answer.startswith(b"HTTP/1.1 408 ")


def test_connections_when_too_many_from_one_address_are_refused_and_later_taken(
    server: ServerRig,
) -> None:
    with ExitStack() as stack:
        held = [stack.enter_context(line_to(server)) for _ in range(QUICK.of_address)]
        answer = b""
        with line_to(server) as further:
            answer = rest_of(further)
        assert all(is_closed(line) for line in held)
    with server.client() as client:
        served = client.get("/api/system/health")

    assert b"TOO_MANY_CONNECTIONS" in answer
    assert served.is_success


def test_request_when_others_trickle_is_served(server: ServerRig) -> None:
    with ExitStack() as stack:
        for _ in range(QUICK.of_address - 1):
            line = stack.enter_context(line_to(server))
            line.sendall(b"GET / HTTP/1.1\r\nX: ")
        with server.client() as client:
            assert client.get("/api/system/health").is_success


def test_connection_when_kept_alive_between_requests_is_not_ended(server: ServerRig) -> None:
    with server.client() as client:
        assert client.get("/api/system/health").is_success
        time.sleep(2 * QUICK.request)
        assert client.get("/api/system/health").is_success


def test_request_when_pipelined_after_a_whole_one_is_served(server: ServerRig) -> None:
    where = urlsplit(server.url)
    asked = f"GET /api/system/health HTTP/1.1\r\nHost: {where.netloc}\r\n".encode()
    with line_to(server) as line:
        line.sendall(asked + b"\r\n" + asked + b"Connection: close\r\n\r\n")
        assert rest_of(line).count(b'"status":"OK"') == 2


@pytest.mark.parametrize(
    "raw",
    [
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=["version", "tls", "negative", "smuggling", "long"],
)
def test_bytes_when_no_request_are_refused_and_the_server_goes_on(
    server: ServerRig, raw: bytes
) -> None:
    with line_to(server) as line:
        line.sendall(raw)
        try:
            answer = rest_of(line)
        except ConnectionResetError:
            answer = b""
    with server.client() as client:
        served = client.get("/api/system/health")

    assert not answer.startswith(b"HTTP/1.1 2")
    assert not answer.startswith(b"HTTP/1.1 5")
    assert served.is_success
