"""
The dashboard as it was built, or how to build it where it was not.

Its document is made anew for each request: styles and scripts run only with the nonce that the
response names, so what somebody else put into the page does not. Its assets carry a hash of their
content in their names and may be kept for ever.
"""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse, HTMLResponse
from starlette.responses import Response

from maemae.domain.terms import Mode
from maemae.domain.text import Text
from maemae.server.problem import ProblemError
from maemae.server.services import Services, get_services

router = APIRouter(include_in_schema=False)

PAGES: Final = ("/", "/login", "/setup", *(f"/{mode.value.lower()}" for mode in Mode))
"""Paths that the dashboard itself routes; every other one that is not there is a 404."""

_NONCE: Final = "__CSP_NONCE__"
_POLICY: Final = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'nonce-{nonce}'",
        "style-src 'self' 'nonce-{nonce}'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    )
)
_NAME: Final = re.compile(r"[\w-][\w.-]*")
_KINDS: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_ENCODINGS: Final = (("br", ".br"), ("gzip", ".gz"))
"""Best first; the build leaves a file of each beside the plain one."""

_FOR_EVER: Final = "public, max-age=31536000, immutable"
_NOT_THERE: Final = Text("그런 파일이 없습니다.", "There is no such file.")
_UNBUILT: Final = """<!doctype html>
<html lang="ko">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>maemae</title>
<style nonce="__CSP_NONCE__">
body { font: 15px/1.7 system-ui, sans-serif; max-width: 38em; margin: 12vh auto; padding: 0 1.5em }
code { background: #8883; border-radius: 4px; padding: .2em .4em }
:root { color-scheme: light dark }
</style>
<h1>매매</h1>
<p>화면이 아직 만들어지지 않았습니다. Node.js 20.19 이상을 설치하고 저장소에서
<code>make page</code> 를 실행한 뒤 이 페이지를 새로 고치세요. 서버와 명령줄은 화면 없이도 그대로
동작합니다.</p>
<p lang="en">The page has not been built yet. Install Node.js 20.19 or newer, run
<code>make page</code> in the repository and reload. The server and the command line work
without it.</p>
</html>
"""

FromServices = Annotated[Services, Depends(get_services)]


def get_document(services: FromServices) -> Response:
    """Return the document of the dashboard, whatever page of it is asked for."""
    nonce = secrets.token_urlsafe(16)
    folder = services.config.page
    document = None if folder is None else _read(folder / "index.html")
    return HTMLResponse(
        (document or _UNBUILT).replace(_NONCE, nonce),
        200 if document else 503,
        {
            "Cache-Control": "no-store",
            "Content-Security-Policy": _POLICY.format(nonce=nonce),
        },
    )


@router.get("/assets/{name}")
def get_asset(name: str, request: Request, services: FromServices) -> Response:
    """Return a file of the build, compressed as the browser likes it best."""
    return _file(services, Path("assets") / name, request, _FOR_EVER)


@router.get("/icon.svg")
def get_icon(request: Request, services: FromServices) -> Response:
    """Return the icon of the page."""
    return _file(services, Path("icon.svg"), request, "public, max-age=86400")


for _path in PAGES:
    router.add_api_route(_path, get_document)


def _file(services: Services, path: Path, request: Request, keeping: str) -> Response:
    folder = services.config.page
    kind = _KINDS.get(path.suffix)
    if folder is None or kind is None or not _NAME.fullmatch(path.name):
        raise ProblemError(404, "NO_SUCH_FILE", _NOT_THERE)
    plain = folder / path
    if not plain.is_file():
        raise ProblemError(404, "NO_SUCH_FILE", _NOT_THERE)
    headers = {"Cache-Control": keeping, "Vary": "Accept-Encoding"}
    accepted = _accepted(request.headers.get("accept-encoding", ""))
    for encoding, suffix in _ENCODINGS:
        packed = plain.with_name(plain.name + suffix)
        if encoding in accepted and packed.is_file():
            return FileResponse(
                packed, headers={**headers, "Content-Encoding": encoding}, media_type=kind
            )
    return FileResponse(plain, headers=headers, media_type=kind)


def _accepted(header: str) -> frozenset[str]:
    """Return the encodings that a browser takes: `br;q=0` says that it does not."""
    found = set()
    for part in header.lower().split(","):
        encoding, _, weight = part.partition(";")
        if weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}:
            found.add(encoding.strip())
    return frozenset(found)


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return None
