"""The dashboard as it is served: its nonce, its assets, and what is there without a build."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from fastapi import FastAPI

from maemae.server import page
from maemae.server.problem import tell_problems

DOCUMENT = '<script nonce="__CSP_NONCE__"></script><style nonce="__CSP_NONCE__"></style>'


@dataclass(frozen=True)
class Page:
    app: FastAPI

    def get(self, path: str, **headers: str) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://page") as client:
                sent = {name.replace("_", "-"): value for name, value in headers.items()}
                return await client.get(path, headers={"accept-encoding": "", **sent})

        return asyncio.run(ask())


def served(folder: Path | None) -> Page:
    app = FastAPI()
    app.state.services = SimpleNamespace(config=SimpleNamespace(page=folder))
    tell_problems(app)
    app.include_router(page.router)
    return Page(app)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text(DOCUMENT)
    for suffix in ("", ".br", ".gz"):
        (tmp_path / "assets" / f"main-1a2b.js{suffix}").write_text(f"plain{suffix}")
    (tmp_path / "assets" / "small-3c.css").write_text("css")
    (tmp_path / "icon.svg").write_text("<svg/>")
    (tmp_path / "secret.js").write_text("outside of assets")
    return tmp_path


def nonce_of(answer: httpx.Response) -> str:
    found = re.search(
        r"script-src 'self' 'nonce-([\w-]+)'", answer.headers["content-security-policy"]
    )
    assert found is not None
    return found[1]


@pytest.mark.parametrize("path", page.PAGES)
def test_document_when_any_page_is_asked_for_carries_a_nonce_of_its_own(
    folder: Path, path: str
) -> None:
    first, second = (served(folder).get(path) for _ in range(2))

    assert first.status_code == 200
    assert first.text.count(f'nonce="{nonce_of(first)}"') == 2
    assert "__CSP_NONCE__" not in first.text
    assert nonce_of(first) != nonce_of(second)
    assert first.headers["cache-control"] == "no-store"


def test_policy_when_the_page_is_served_lets_nothing_run_that_is_not_named(folder: Path) -> None:
    policy = served(folder).get("/").headers["content-security-policy"]

    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "require-trusted-types-for 'script'" in policy


@pytest.mark.parametrize(
    ("accepted", "text", "encoding"),
    [
        ("br, gzip", "plain.br", "br"),
        ("gzip", "plain.gz", "gzip"),
        ("br;q=0, gzip;q=0.5", "plain.gz", "gzip"),
        ("BR;Q=0 , gzip; q=0", "plain", None),
        ("", "plain", None),
    ],
)
def test_asset_when_asked_for_comes_as_the_browser_takes_it(
    folder: Path, accepted: str, text: str, encoding: str | None
) -> None:
    app = served(folder).app

    async def raw() -> tuple[bytes, httpx.Headers]:
        transport = httpx.ASGITransport(app)
        async with (
            httpx.AsyncClient(transport=transport, base_url="http://page") as client,
            client.stream(
                "GET", "/assets/main-1a2b.js", headers={"accept-encoding": accepted}
            ) as answer,
        ):
            return b"".join([part async for part in answer.aiter_raw()]), answer.headers

    body, headers = asyncio.run(raw())

    assert body.decode() == text
    assert headers.get("content-encoding") == encoding
    assert headers["content-type"] == "text/javascript; charset=utf-8"
    assert headers["vary"] == "Accept-Encoding"
    assert "immutable" in headers["cache-control"]


def test_asset_when_it_has_no_packed_file_comes_plain(folder: Path) -> None:
    answer = served(folder).get("/assets/small-3c.css", accept_encoding="br, gzip")

    assert answer.text == "css"
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize(
    "path",
    [
        "/assets/gone-9.js",
        "/assets/..%2fsecret.js",
        "/assets/../secret.js",
        "/assets/main-1a2b.js.br",
        "/assets/.hidden.js",
        "/secret.js",
        "/index.html",
        "/live",
        "/sim/elsewhere",
        "/api/nothing",
    ],
)
def test_anything_else_when_asked_for_is_not_the_document(folder: Path, path: str) -> None:
    answer = served(folder).get(path)

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_icon_when_asked_for_is_a_picture(folder: Path) -> None:
    assert served(folder).get("/icon.svg").headers["content-type"] == "image/svg+xml"


@pytest.mark.parametrize("has_folder", [True, False])
def test_document_when_nothing_was_built_says_how_to_build_it(
    tmp_path: Path, *, has_folder: bool
) -> None:
    answer = served(tmp_path if has_folder else None).get("/")

    assert answer.status_code == 503
    assert "make page" in answer.text
    assert "화면이 아직" in answer.text
    assert "The page has not been built" in answer.text
    assert f'nonce="{nonce_of(answer)}"' in answer.text
    assert answer.headers["cache-control"] == "no-store"
