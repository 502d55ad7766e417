"""`maemae emulate`: servers that imitate a broker, for trading without any account."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from maemae.cli.build_warning import say_test_build
from maemae.cli.invocation import Invocation
from maemae.cli.options import both, command
from maemae.cli.parsing import (
    MOST_PORT,
    choice_from_text,
    count_from_text,
    day_from_text,
    pairs_from_texts,
    won_from_text,
)
from maemae.domain.errors import InvalidValueError
from maemae.domain.ids import AccountId
from maemae.domain.terms import Mode

_KIWOOM_ACCOUNT_DIGITS: Final = 10
_MOST_SPEED: Final = 10_000
_MOST_SEED: Final = 2**32 - 1
_MOST_DAYS: Final = 250
_MOST_RATE: Final = 1_000
_WORLDS: Final = {"paper": Mode.PAPER, "real": Mode.REAL}


class EmulatorOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of every emulator."""

    port: Annotated[
        str | None, typer.Option(metavar="N", help=both("포트; 0은 빈 것 아무거나", "port; 0: any"))
    ] = None
    speed: Annotated[
        str, typer.Option(metavar="N", help=both("실제 시간의 몇 배로", "times real time"))
    ] = "1"
    seed: Annotated[
        str | None, typer.Option(metavar="N", help=both("시장과 고장의 씨앗", "seed of it all"))
    ] = None
    dataset: Annotated[
        str | None,
        typer.Option(metavar="NAME", help=both("합성 시장 대신 쓸 데이터셋", "dataset to play")),
    ] = None
    first: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help=both("첫 거래일", "first session"))
    ] = None
    days: Annotated[
        str | None, typer.Option(metavar="N", help=both("거래일 수", "sessions to play"))
    ] = None
    account: Annotated[str | None, typer.Option(metavar="ID", help=both("계좌", "account"))] = None
    cash: Annotated[
        str, typer.Option(metavar="WON", help=both("계좌의 현금 [원]", "cash of the account"))
    ] = "50,000,000"
    skip_nights: Annotated[
        bool, typer.Option("--skip-nights", help=both("밤을 건너뛴다", "leave nights out"))
    ] = False
    ledger: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help=both("증권사의 원장; 있으면 이어 간다", "its books")),
    ] = None
    faults: Annotated[
        list[str] | None,
        typer.Option(
            "--fault",
            metavar="NAME=VALUE",
            help=both("고장: lose_next=1, slow_by=2s … (여러 번)", "what is wrong with it"),
        ),
    ] = None


class SimOptions(EmulatorOptions, frozen=True, kw_only=True):
    """Options of `maemae emulate sim`."""

    orders_per_sec: Annotated[
        str, typer.Option(metavar="N", help=both("초당 주문 한도", "orders it takes in a second"))
    ] = "5"


class KiwoomOptions(EmulatorOptions, frozen=True, kw_only=True):
    """Options of `maemae emulate kiwoom-rest`."""

    mode: Annotated[
        str,
        typer.Option(
            metavar="paper|real", help=both("모의투자 서버처럼 또는 실전처럼", "which server")
        ),
    ] = "paper"
    socket_port: Annotated[
        str | None,
        typer.Option(
            metavar="N", help=both("WebSocket 포트를 따로 하나 더", "one more port for WebSocket")
        ),
    ] = None
    tls_ports: Annotated[
        list[str] | None,
        typer.Option(
            "--tls-port",
            metavar="N",
            help=both("TLS 포트를 따로 더 (여러 번)", "more ports, with TLS (repeatable)"),
        ),
    ] = None
    tls_cert: Annotated[
        Path | None, typer.Option(metavar="FILE", help=both("인증서 (PEM)", "certificate, PEM"))
    ] = None
    tls_key: Annotated[
        Path | None, typer.Option(metavar="FILE", help=both("인증서의 키 (PEM)", "its key, PEM"))
    ] = None
    app_key: Annotated[
        str | None, typer.Option(metavar="KEY", help=both("받아 줄 앱키", "app key it takes"))
    ] = None
    secret_key: Annotated[
        str | None,
        typer.Option(metavar="KEY", help=both("받아 줄 시크릿키", "secret key it takes")),
    ] = None
    rate: Annotated[
        str | None,
        typer.Option(metavar="N", help=both("TR마다 초당 요청 한도", "requests a second and TR")),
    ] = None
    watchlists: Annotated[
        list[str] | None,
        typer.Option(
            "--watchlist",
            metavar="NAME=CODES",
            help=both(
                "관심종목 그룹: 반도체=005930,000660 (여러 번)",
                "instruments to watch: chips=005930,000660 (repeatable)",
            ),
        ),
    ] = None


def _given(options: EmulatorOptions) -> dict[str, object]:
    """
    Return what both emulators are asked for, absent what was not given.

    Raises:
        InvalidValueError: A value cannot be understood, or two do not go together.
    """
    if options.dataset is not None and options.days is not None and options.first is None:
        raise InvalidValueError(
            "--dataset 과 --days 를 함께 쓰려면 --from 도 적으세요.",
            "With --dataset, --days needs --from.",
        )
    given: dict[str, object] = {
        "cash": won_from_text("--cash", options.cash),
        "speed": count_from_text("--speed", options.speed, 1, _MOST_SPEED),
        "dataset": options.dataset,
        "first": day_from_text("--from", options.first),
        "skips_nights": options.skip_nights,
        "ledger": options.ledger,
        "faults": pairs_from_texts("--fault", options.faults or []),
    }
    for name, text, low, high in (
        ("port", options.port, 0, MOST_PORT),
        ("seed", options.seed, 0, _MOST_SEED),
        ("days", options.days, 1, _MOST_DAYS),
    ):
        if text is not None:
            given[name] = count_from_text(f"--{name}", text, low, high)
    return given


def run_sim(call: Invocation, options: SimOptions) -> None:
    """Run the simulated broker until interrupted."""
    given = _given(options)
    given["account_id"] = AccountId(options.account or call.settings.account_id)
    given["orders_per_sec"] = count_from_text(
        "--orders-per-sec", options.orders_per_sec, 1, _MOST_RATE
    )
    from maemae.app.emulators import SimRequest, emulate_sim, sim_config, sim_market

    request = msgspec.convert(given, SimRequest)
    settings, screen = call.settings, call.screen
    say_test_build(call)
    faults = ", ".join(f"{name}={value}" for name, value in request.faults.items())
    screen.step("시장을 준비합니다.", "Preparing the market.")
    market = sim_market(settings, request)
    config = sim_config(settings, request, market)
    account_id, cash = next(iter(config.accounts.items()))

    def ready(port: int) -> None:
        screen.say(
            f"모의 증권사가 127.0.0.1:{port} 에서 듣습니다. 시장 {market.dataset}, "
            f"{config.speed}배속, 계좌 {account_id} {cash:,}원.",
            f"The simulated broker listens on 127.0.0.1:{port}. Market {market.dataset}, speed "
            f"{config.speed}, account {account_id} with ₩{cash:,}.",
            "bold",
        )
        screen.say(
            f"원장 {config.ledger} · 고장 {faults or '없음'}",
            f"Ledger {config.ledger} · faults: {faults or 'none'}",
        )
        screen.say(
            "다른 창에서 maemae trade --mode sim 으로 매매하세요. Ctrl-C 로 멈춥니다.",
            "Trade in another window with maemae trade --mode sim. Stop this with Ctrl-C.",
        )

    emulate_sim(settings, config, market, ready)
    screen.say("모의 증권사를 멈췄습니다.", "The simulated broker has stopped.")


def _kiwoom_account(text: str) -> AccountId:
    """
    Return an account's number as Kiwoom writes it.

    Raises:
        InvalidValueError: It is not ten digits.
    """
    if not (text.isascii() and text.isdecimal() and len(text) == _KIWOOM_ACCOUNT_DIGITS):
        raise InvalidValueError(
            f"--account {text!r} 은(는) 키움 계좌번호가 아닙니다. 숫자 열 자리로 쓰세요.",
            f"--account {text!r} is no account number of Kiwoom. Write ten digits.",
        )
    return AccountId(text)


def run_kiwoom(call: Invocation, options: KiwoomOptions) -> None:
    """Run the emulated Kiwoom server until interrupted."""
    given = _given(options)
    given["mode"] = choice_from_text("--mode", options.mode, _WORLDS)
    if options.account is not None:
        given["account_id"] = _kiwoom_account(options.account)
    for name, key in (("app_key", options.app_key), ("secret_key", options.secret_key)):
        if key is not None:
            given[name] = key
    for option, name, text, high in (
        ("--socket-port", "socket_port", options.socket_port, MOST_PORT),
        ("--rate", "rate_per_sec", options.rate, _MOST_RATE),
    ):
        if text is not None:
            given[name] = count_from_text(option, text, 1, high)
    given["tls_ports"] = tuple(
        count_from_text("--tls-port", text, 1, MOST_PORT) for text in options.tls_ports or ()
    )
    given |= {"tls_cert": options.tls_cert, "tls_key": options.tls_key}
    given["watchlists"] = pairs_from_texts("--watchlist", options.watchlists or [])
    from maemae.app.kiwoom.emulator import (
        KiwoomRequest,
        emulate_kiwoom,
        kiwoom_config,
        kiwoom_market,
    )
    from maemae.app.kiwoom.place import KiwoomPlace

    request = msgspec.convert(given, KiwoomRequest)
    settings, screen = call.settings, call.screen
    say_test_build(call)
    screen.step("시장을 준비합니다.", "Preparing the market.")
    market = kiwoom_market(settings, request)
    config = kiwoom_config(settings, request, market)
    faults = ", ".join(f"{name}={value}" for name, value in request.faults.items())

    def ready(place: KiwoomPlace) -> None:
        screen.say(
            f"키움 REST 에뮬레이터({options.mode})가 {place.base_url} 에서 듣습니다. 시장 "
            f"{place.dataset}, {config.speed}배속, 계좌 {place.account_id} {request.cash:,}원.",
            f"The Kiwoom REST emulator ({options.mode}) listens on {place.base_url}. Market "
            f"{place.dataset}, speed {config.speed}, account {place.account_id} with "
            f"₩{request.cash:,}.",
            "bold",
        )
        screen.say(
            f"클라이언트에 넣을 값: 주소 {place.base_url} · WebSocket {place.socket_url} · 앱키 "
            f"{place.app_key} · 시크릿키 {place.secret_key}",
            f"Set in your client: base URL {place.base_url} · WebSocket {place.socket_url} · app "
            f"key {place.app_key} · secret key {place.secret_key}",
        )
        screen.say(
            f"원장 {config.ledger} · 고장 {faults or '없음'} · 고장 스위치와 진실은 "
            f"{place.base_url}/admin/… 에 있습니다. Ctrl-C 로 멈춥니다.",
            f"Ledger {config.ledger} · faults: {faults or 'none'} · switches and the truth are at "
            f"{place.base_url}/admin/…. Stop this with Ctrl-C.",
        )

    emulate_kiwoom(settings, config, market, ready)
    screen.say("키움 REST 에뮬레이터를 멈췄습니다.", "The Kiwoom REST emulator has stopped.")


def command_group() -> typer.Typer:
    """Return the emulators."""
    group = typer.Typer(
        no_args_is_help=True,
        help=both("증권사를 흉내 내는 서버를 띄웁니다.", "Run servers that imitate a broker."),
    )
    group.command(
        "sim",
        help=both(
            "모의 증권사: 자기 원장과 합성 시장, 고장 스위치.",
            "The simulated broker: ledger, market, and faults on switches.",
        ),
    )(command(SimOptions, run_sim))
    group.command(
        "kiwoom-rest",
        help=both(
            "키움 REST API와 WebSocket 서버: 쓰던 클라이언트가 그대로 붙습니다.",
            "Kiwoom's REST and WebSocket servers: any client runs on it unchanged.",
        ),
    )(command(KiwoomOptions, run_kiwoom))
    return group
