"""`maemae serve` as a process: says where it is, how to begin, and ends when told."""

from __future__ import annotations

import re
import signal
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address
from pathlib import Path

import httpx
import pytest

from tests.certificates import a_certificate
from tests.commands.processes import COMMAND, environment, maemae
from tests.waiting import until

PATIENCE_SECS = 60.0
SENTENCE = "한강을 건너 남산에 오른다 42"


@contextmanager
def serving(
    home: Path, *words: str
) -> Iterator[tuple[subprocess.Popen[str], Callable[[str], str]]]:
    """Give the process, and what waits until it says something and returns that."""
    told = home / "said"
    home.mkdir(exist_ok=True)
    with told.open("w") as out:
        process = subprocess.Popen(
            [*COMMAND, "serve", "--port", "0", *words],
            env=environment(home),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def said(pattern: str) -> str:
        until(
            lambda: process.poll() is not None or re.search(pattern, told.read_text()),
            PATIENCE_SECS,
        )
        found = re.search(pattern, told.read_text())
        assert found is not None, told.read_text()
        return found[0]

    try:
        yield process, said
    finally:
        process.kill()
        process.wait()


def test_serve_makes_the_first_administrator_by_the_link_it_prints_and_ends_on_sigterm(
    tmp_path: Path,
) -> None:
    with serving(tmp_path) as (process, said):
        link = said(r"http://127\.0\.0\.1:\d+/setup#[\w-]+(?=\s)")
        url, _, secret = link.partition("/setup#")
        with httpx.Client(base_url=url, headers={"Origin": url}) as client:
            asked = {"secret": secret, "password": SENTENCE}
            begun = client.post("/api/auth/setup", json=asked).json()
        process.send_signal(signal.SIGTERM)
        code = process.wait(PATIENCE_SECS)

    assert begun == {"next": "ENROL"}
    assert code in {0, -signal.SIGTERM}
    with serving(tmp_path) as (process, said):
        said("Ctrl-C")
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_SECS)
    assert "/setup#" not in (tmp_path / "said").read_text()


def test_serve_when_given_a_certificate_answers_by_https_only(tmp_path: Path) -> None:
    cert, key = a_certificate(tmp_path)
    home = tmp_path / "home"
    with serving(home, "--tls-cert", str(cert), "--tls-key", str(key)) as (_process, said):
        url = said(r"https://127\.0\.0\.1:\d+(?= )")
        answer = httpx.get(
            f"{url}/api/system/health", verify=ssl.create_default_context(cafile=cert)
        )
        with pytest.raises(httpx.HTTPError):
            httpx.get(url.replace("https", "http"))

    assert answer.is_success
    assert "strict-transport-security" in answer.headers


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--host", str(IPv4Address(0))), "--tls-cert"),
        (("--host", "192.0.2.1", "--tls-cert", "x"), "--tls-key"),
        (("--origin", "maemae.example"), "https://"),
        (("--allow", "home"), "192.168.0.0/24"),
        (("--port", "70000"), "--port"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else value,
)
def test_serve_when_it_cannot_be_served_like_this_says_what_to_do(
    tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    port = () if "--port" in words else ("--port", "0")
    outcome = maemae(tmp_path, "serve", *port, *words)

    assert outcome.returncode == 1
    assert told in outcome.stderr
    assert "Traceback" not in outcome.stderr
