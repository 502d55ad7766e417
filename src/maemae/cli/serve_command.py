"""`maemae serve`: the API, the stream and the page, in the foreground."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from maemae.cli.invocation import Invocation
from maemae.cli.options import both, command
from maemae.cli.parsing import MOST_PORT, count_from_text
from maemae.cli.screen import WARNING, Screen
from maemae.domain.errors import InvalidValueError
from maemae.domain.terms import Mode


class ServeOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of `maemae serve`."""

    host: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help=both("들을 주소", "address to listen on"))
    ] = None
    port: Annotated[
        str | None, typer.Option(metavar="N", help=both("포트 (0 은 빈 포트)", "0 for a free one"))
    ] = None
    origin: Annotated[
        list[str] | None,
        typer.Option(
            metavar="URL",
            help=both("페이지를 여는 주소 https://… (여러 번)", "origin of the page; repeat"),
        ),
    ] = None
    tls_cert: Annotated[
        Path | None, typer.Option(metavar="FILE", help=both("인증서 (PEM)", "certificate, PEM"))
    ] = None
    tls_key: Annotated[
        Path | None, typer.Option(metavar="FILE", help=both("그 열쇠 (PEM)", "its key, PEM"))
    ] = None
    trusted_proxy: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CIDR",
            help=both("X-Forwarded-For 를 믿을 프록시 (여러 번)", "proxy to believe; repeat"),
        ),
    ] = None
    allow: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CIDR", help=both("들어올 수 있는 주소 (여러 번)", "who may come; repeat")
        ),
    ] = None
    demo: Annotated[
        bool,
        typer.Option(
            "--demo", help=both("이 컴퓨터 전용 데모 로그인을 만든다", "make a login for a demo")
        ),
    ] = False


def run(call: Invocation, options: ServeOptions) -> None:
    """Serve until interrupted."""
    for origin in options.origin or []:
        _require_origin(origin)
    from maemae.app.listening import HOST, PORT, ServeRequest
    from maemae.app.servers import Greeting, serve

    port = PORT
    if options.port is not None:
        port = count_from_text("--port", options.port, 0, MOST_PORT)
    request = ServeRequest(
        host=options.host or HOST,
        port=port,
        origins=tuple(options.origin or ()),
        tls_cert=options.tls_cert,
        tls_key=options.tls_key,
        trusted_proxies=tuple(options.trusted_proxy or ()),
        allowed=tuple(options.allow or ()),
        is_demo=options.demo,
    )

    def greet(greeting: Greeting) -> None:
        _greet(call.screen, greeting.url, greeting.setup_url, greeting.modes)

    serve(call.settings, request, greet)


def _greet(screen: Screen, url: str, setup_url: str | None, modes: Sequence[Mode]) -> None:
    found = ", ".join(modes) or "–"
    screen.say(
        f"maemae 가 {url} 에서 답합니다. 실행기: {found}. Ctrl-C 로 멈춥니다.",
        f"maemae answers at {url}. Executors: {found}. Stop with Ctrl-C.",
        "bold",
    )
    if setup_url is not None:
        screen.say(
            f"아직 관리자가 없습니다. 한 시간 안에 이 링크를 한 번 여세요: {setup_url}",
            f"There is no administrator yet. Open this once, within an hour: {setup_url}",
            WARNING,
        )


def _require_origin(text: str) -> None:
    scheme, _, host = text.partition("://")
    if scheme not in {"http", "https"} or not host or "/" in host.rstrip("/"):
        raise InvalidValueError(
            f"--origin {text!r} 은(는) 쓸 수 없습니다. https://maemae.example 처럼 쓰세요.",
            f"--origin {text!r} cannot be used. Write it like https://maemae.example.",
        )


COMMAND: Final = (
    "serve",
    both(
        "서버를 돌립니다: 화면, API, 실시간 중계. Ctrl-C 로 멈춥니다.",
        "Run the server: page, API, live stream.",
    ),
    command(ServeOptions, run),
)
"""Name, help and function."""
