"""What the door lets in: our origin, our host, JSON of a sane size, from where people may come."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path

import httpx
import pytest

from maemae.server.security.body_cap import LARGEST_BODY
from maemae.server.security.roles import Role
from tests.server.rig import Person, ServerRig, a_server
from tests.waiting import PATIENCE_SECS

JSON = {"Content-Type": "application/json"}
ELSEWHERE = "https://elsewhere.example"


@pytest.fixture(scope="module")
def owner(server: ServerRig) -> Person:
    return server.a_person(Role.ADMIN)


def bare(server: ServerRig, **headers: str) -> httpx.Client:
    """Return a client that says nothing of where it comes from."""
    return httpx.Client(base_url=server.url, headers=headers, timeout=PATIENCE_SECS)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": ELSEWHERE},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": ELSEWHERE, "Sec-Fetch-Site": "same-origin"},
    ],
    ids=str,
)
def test_write_when_made_by_another_page_is_refused(
    server: ServerRig, owner: Person, headers: dict[str, str]
) -> None:
    cookie = server.a_cookie(owner)
    with bare(server, Cookie=cookie, **headers) as client:
        refused = client.post("/api/auth/logins/end-all")

    assert (refused.status_code, refused.json()["code"]) == (403, "FOREIGN_ORIGIN")
    assert server.status_with(cookie) == 200


def test_write_when_our_origin_is_said_in_other_words_is_refused(
    server: ServerRig, owner: Person
) -> None:
    cookie = server.a_cookie(owner)
    told = [
        f"{server.url}.elsewhere.example",
        server.url.replace("http", "https"),
        f"{server.url}/",
        server.url.rpartition(":")[0],
    ]
    with bare(server, Cookie=cookie) as client:
        codes = {
            client.post("/api/auth/ticket", headers={"Origin": each}).status_code for each in told
        }

    assert codes == {403}


def test_write_when_made_by_our_page_without_an_origin_is_taken(
    server: ServerRig, owner: Person
) -> None:
    cookie = server.a_cookie(owner)
    with bare(server, Cookie=cookie, **{"Sec-Fetch-Site": "same-origin"}) as client:
        assert client.post("/api/auth/ticket").is_success


def test_read_when_made_by_another_page_is_refused(server: ServerRig, owner: Person) -> None:
    with bare(server, Cookie=server.a_cookie(owner), Origin=ELSEWHERE) as client:
        assert client.get("/api/auth/me").status_code == 403


def test_program_when_it_says_no_origin_is_taken(server: ServerRig, owner: Person) -> None:
    with server.program(server.a_token(owner)) as program:
        assert program.get("/api/accounts").is_success


def test_program_when_it_comes_from_another_page_is_refused(
    server: ServerRig, owner: Person
) -> None:
    with server.program(server.a_token(owner)) as program:
        refused = program.get("/api/accounts", headers={"Origin": ELSEWHERE})

    assert refused.json()["code"] == "FOREIGN_ORIGIN"


@pytest.mark.parametrize(
    "kind",
    ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", ""],
)
def test_write_when_not_json_is_refused(server: ServerRig, owner: Person, kind: str) -> None:
    content = b'{"user_id": "x", "password": "y"}'
    with server.client() as client:
        refused = client.post("/api/auth/login", content=content, headers={"Content-Type": kind})

    assert (refused.status_code, refused.json()["code"]) == (415, "ONLY_JSON")


def test_request_when_for_another_host_is_refused(server: ServerRig) -> None:
    with server.client(Host="attacker.example") as client:
        refused = client.get("/api/system/health")

    assert (refused.status_code, refused.json()["code"]) == (421, "WRONG_HOST")


def test_stranger_is_sent_away_before_anything_is_looked_for_or_read(server: ServerRig) -> None:
    with server.client() as client:
        nowhere = client.get("/api/no-such-thing")
        large = client.post("/api/orders", content=b" " * (LARGEST_BODY + 1), headers=JSON)

    assert [answer.status_code for answer in (nowhere, large)] == [401, 401]
    assert nowhere.json()["code"] == "NOT_LOGGED_IN"


def test_body_when_too_large_is_refused(server: ServerRig) -> None:
    megabyte = b'{"user_id": "' + b"x" * 1_000_000 + b'"}'
    kind = {"Content-Type": "application/json"}

    def pieces() -> Iterator[bytes]:
        yield megabyte

    with server.client() as client:
        told = client.post("/api/auth/login", content=megabyte, headers=kind)
    with server.client() as client:
        streamed = client.post("/api/auth/login", content=pieces(), headers=kind)

    assert (told.status_code, told.json()["code"]) == (413, "TOO_LARGE")
    assert (streamed.status_code, streamed.json()["code"]) == (413, "TOO_LARGE")


def test_body_when_just_within_the_cap_is_read(server: ServerRig) -> None:
    padding = " " * (LARGEST_BODY - 40)
    content = ('{"user_id": "x", "password": "y"' + padding + "}").encode()
    with server.client() as client:
        answer = client.post(
            "/api/auth/login", content=content, headers={"Content-Type": "application/json"}
        )

    assert answer.json()["code"] == "WRONG_CREDENTIALS"


def test_answer_when_of_the_api_is_kept_nowhere_and_shown_in_no_frame(server: ServerRig) -> None:
    with server.client() as client:
        answers = [client.get("/api/system/health"), client.get("/api/nothing")]

    for answer in answers:
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert "server" not in answer.headers
        assert "strict-transport-security" not in answer.headers


def test_answer_when_browsers_come_by_https_says_so_for_a_year(tmp_path: Path) -> None:
    with a_server(tmp_path, has_tls=True) as server, server.client() as client:
        header = client.get("/api/system/health").headers["strict-transport-security"]

    assert header.startswith("max-age=31536000")


def test_answer_when_refused_has_a_sentence_in_both_languages_and_a_number(
    server: ServerRig,
) -> None:
    with server.client() as client:
        refused = client.get("/api/auth/me", headers={"X-Request-Id": "my-number-1"})

    problem = refused.json()
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers["x-request-id"] == problem["request_id"] == "my-number-1"
    assert problem["detail"] == problem["en"]
    assert problem["ko"]


def test_number_when_it_could_forge_a_log_line_is_replaced(server: ServerRig) -> None:
    with server.client() as client:
        answer = client.get("/api/system/health", headers={"X-Request-Id": "x" * 500})

    assert len(answer.headers["x-request-id"]) <= 64


def test_docs_when_asked_for_by_nobody_are_not_there(server: ServerRig) -> None:
    with server.client() as client:
        paths = ("/docs", "/redoc", "/openapi.json", "/.git/config", "/api/../etc/passwd")
        statuses = {client.get(path).status_code for path in paths}

    assert statuses <= {401, 404}


# ── from where ───────────────────────────────────────────────────────────────────────────


@pytest.fixture
def proxied(tmp_path: Path) -> Iterator[ServerRig]:
    """A server whose proxy is this machine, and where one network may come."""
    with a_server(
        tmp_path,
        trusted_proxies=(ip_network("127.0.0.1/32"), ip_network("10.0.0.0/8")),
        allowed_networks=(ip_network("198.51.100.0/24"),),
    ) as running:
        yield running


@pytest.mark.parametrize(
    ("forwarded", "status"),
    [
        ("198.51.100.7", 200),
        ("203.0.113.9", 403),
        ("198.51.100.7, 203.0.113.9", 403),  # the client wrote the first one itself
        ("203.0.113.9, 198.51.100.7", 200),
        ("203.0.113.9, 198.51.100.7, 10.1.2.3", 200),  # a proxy behind the proxy
        ("198.51.100.7:4711", 200),
        ("::ffff:198.51.100.7", 200),
        ("nonsense", 403),
        ("198.51.100.7, nonsense", 403),
        ("", 200),  # the proxy itself asks, from this machine
    ],
)
def test_address_is_the_last_one_that_no_trusted_proxy_has(
    proxied: ServerRig, forwarded: str, status: int
) -> None:
    with proxied.client(**{"X-Forwarded-For": forwarded}) as client:
        assert client.get("/api/system/health").status_code == status


def test_address_when_forwarded_on_two_lines_is_read_from_the_last(proxied: ServerRig) -> None:
    lines = [("X-Forwarded-For", "198.51.100.7"), ("X-Forwarded-For", "203.0.113.9")]
    with proxied.client() as client:
        assert client.get("/api/system/health", headers=lines).status_code == 403


def test_address_when_nobody_is_trusted_is_who_opened_the_connection(server: ServerRig) -> None:
    owner = server.a_person(Role.ADMIN)
    with server.client(**{"X-Forwarded-For": "203.0.113.9"}) as client:
        server.log_in(client, owner)
        (login,) = client.get("/api/auth/logins").json()

    assert login["address"] == "127.0.0.1"


def test_table_when_a_network_is_allowed_shuts_out_the_others_at_once(tmp_path: Path) -> None:
    trusted = (ip_network("127.0.0.1/32"),)
    with a_server(tmp_path, trusted_proxies=trusted) as server:
        owner = server.a_person(Role.ADMIN)
        with server.logged_in(owner) as client, server.client() as stranger:
            where = {"X-Forwarded-For": "203.0.113.9"}
            before = stranger.get("/api/system/health", headers=where)
            allowed = client.post(
                "/api/system/addresses", json={"network": "198.51.100.0/24", "note": "집"}
            )
            after = stranger.get("/api/system/health", headers=where)
            mine = client.get("/api/system/addresses").json()
            client.post("/api/system/addresses/withdraw", json={"network": "198.51.100.0/24"})
            again = stranger.get("/api/system/health", headers=where)

    assert (before.status_code, allowed.status_code) == (200, 204)
    assert (after.status_code, after.json()["code"]) == (403, "ADDRESS_NOT_ALLOWED")
    assert [each["network"] for each in mine] == ["198.51.100.0/24"]
    assert again.status_code == 200


def test_table_when_it_would_shut_oneself_out_is_not_changed(tmp_path: Path) -> None:
    trusted = (ip_network("127.0.0.1/32"),)
    with a_server(tmp_path, trusted_proxies=trusted) as server:
        owner = server.a_person(Role.ADMIN)
        with server.client(**{"X-Forwarded-For": "203.0.113.9"}) as client:
            server.log_in(client, owner)
            refused = client.post("/api/system/addresses", json={"network": "198.51.100.0/24"})
            still = client.get("/api/auth/me")

    assert (refused.status_code, refused.json()["code"]) == (409, "LOCKS_OUT")
    assert still.is_success
