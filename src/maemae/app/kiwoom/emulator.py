"""An emulated Kiwoom server, put together: its market in the catalogue, its ledger, its keys."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Final

import msgspec

from maemae import failpoints
from maemae.app.emulators import OPENS_AT, SimMarket, SimRequest, faults_from_texts, free_port
from maemae.app.emulators import SEED as USUAL_SEED
from maemae.app.emulators import sim_market as market_of
from maemae.app.kiwoom.measured import EMULATOR, measured
from maemae.app.kiwoom.place import KiwoomPlace, show_kiwoom_place
from maemae.domain.errors import ConfigError, InvalidValueError
from maemae.domain.ids import AccountId, Symbol
from maemae.domain.terms import Mode
from maemae.emulators.kiwoom_rest.config import (
    COSTS,
    PAPER_KEYS,
    RATES,
    REAL_KEYS,
    Credential,
    Doubts,
    KiwoomConfig,
    Rate,
    Tls,
    Watchlist,
)
from maemae.emulators.kiwoom_rest.faults import Faults
from maemae.emulators.kiwoom_rest.server import serve
from maemae.emulators.market_source import CatalogueSource
from maemae.settings import Settings

PORT: Final = 7702
"""Port of the emulated Kiwoom server, unless it is told another."""


class KiwoomRequest(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a person asks an emulated Kiwoom server for.

    Attributes:
        mode: Which world it belongs to: PAPER or REAL.
        port: On the loopback; 0 for any that is free.
        socket_port: One more port of the same server; None for none.
        tls_ports: More ports of the same server, with TLS.
        tls_cert, tls_key: Files of the certificate and its key, where there are such ports.
        speed: Seconds of the exchange in a second of the wall.
        seed: Of the market, of the trades inside bars and of the faults.
        dataset: Bars of the catalogue in place of a synthetic market.
        first: First session that is played; None for the usual one of the market.
        days: Sessions that are played; None for as many as there usually are.
        account_id: Number of the account, ten digits.
        cash: What it was opened with [won].
        app_key, secret_key: Keys of the account; None for the usual ones.
        skips_nights: Whether a session follows at once on the one before.
        ledger: The server's own books; None for the usual place.
        rate_per_sec: Requests of one kind that it takes in a second; None for the usual number.
        watchlists: Codes of each group to watch, with commas between them.
        faults: What is wrong with it, as it was typed.
    """

    mode: Mode = Mode.PAPER
    port: int = PORT
    socket_port: int | None = None
    tls_ports: tuple[int, ...] = ()
    tls_cert: Path | None = None
    tls_key: Path | None = None
    speed: int = 1
    seed: int = USUAL_SEED
    dataset: str | None = None
    first: date | None = None
    days: int | None = None
    account_id: AccountId = PAPER_KEYS.account_id
    cash: int = 50_000_000
    app_key: str | None = None
    secret_key: str | None = None
    skips_nights: bool = False
    ledger: Path | None = None
    rate_per_sec: int | None = None
    watchlists: Mapping[str, str] = {}
    faults: Mapping[str, str] = {}


def kiwoom_market(settings: Settings, request: KiwoomRequest) -> SimMarket:
    """
    Return the market of a request; the synthetic one is made if it is not there.

    Raises:
        MissingDataError: There is no such dataset.
        InvalidValueError: A dataset of the synthetic market's name came from elsewhere.
        UnknownRuleError: The calendar does not know the days.
    """
    asked = SimRequest(
        account_id=request.account_id,
        cash=request.cash,
        seed=request.seed,
        dataset=request.dataset,
        first=request.first,
        days=request.days,
    )
    return market_of(settings, asked)


def kiwoom_config(settings: Settings, request: KiwoomRequest, market: SimMarket) -> KiwoomConfig:
    """
    Return what the emulated server is started with.

    Raises:
        InvalidValueError: There is no such fault, its value cannot be understood, or TLS lacks
            a part.
        ConfigError: What the home says of the server, or a certificate, cannot be used.
    """
    name = f"kiwoom-{request.mode.lower()}-{market.dataset}.ledger"
    ledger = request.ledger or settings.home / "emulator" / name
    ledger.parent.mkdir(parents=True, exist_ok=True)
    usual = RATES[request.mode]
    per_sec = (request.rate_per_sec or usual.per_sec) * settings.hurry
    rate = Rate(per_sec, max(usual.burst * settings.hurry, per_sec))
    own = credential_of(request)
    other = REAL_KEYS if request.mode is Mode.PAPER else PAPER_KEYS
    return KiwoomConfig(
        ledger=str(ledger),
        accounts={request.account_id: request.cash},
        market=CatalogueSource(
            str(settings.catalogue), market.dataset, first=market.first, last=market.last
        ),
        mode=request.mode,
        credentials=(own, other),
        port=request.port,
        socket_port=request.socket_port,
        tls=_tls(request),
        seed=request.seed,
        speed=request.speed,
        opens_at=OPENS_AT,
        skips_nights=request.skips_nights,
        schedule=COSTS[request.mode],
        rate=rate,
        order_rate=rate,
        doubts=_doubts(settings),
        watchlists=tuple(_watchlist(*each) for each in request.watchlists.items()),
        faults=faults_from_texts(request.faults, Faults),
    )


def credential_of(request: KiwoomRequest) -> Credential:
    """Return the keys that a client uses."""
    usual = PAPER_KEYS if request.mode is Mode.PAPER else REAL_KEYS
    return Credential(
        request.app_key or usual.app_key,
        request.secret_key or usual.secret_key,
        request.account_id,
        request.mode,
    )


def _watchlist(name: str, codes: str) -> Watchlist:
    return Watchlist(name, tuple(Symbol(code.strip()) for code in codes.split(",")))


def _tls(request: KiwoomRequest) -> Tls | None:
    """Return the ports with TLS, None for none; the certificate is tried at once."""
    cert, key = request.tls_cert, request.tls_key
    if not request.tls_ports and cert is None and key is None:
        return None
    if not request.tls_ports or cert is None or key is None:
        raise InvalidValueError(
            "--tls-port, --tls-cert, --tls-key 는 함께 씁니다.",
            "--tls-port, --tls-cert and --tls-key go together.",
        )
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(cert, key)
    except OSError as error:
        raise ConfigError(
            f"인증서 {cert} 와 키 {key} 를 쓸 수 없습니다 ({error.strerror}). PEM 파일인지, 짝이 "
            "맞는지 확인하세요.",
            f"Certificate {cert} and key {key} cannot be used ({error.strerror}). Check that they "
            "are PEM files and belong together.",
        ) from error
    return Tls(str(cert), str(key), request.tls_ports)


def _doubts(settings: Settings) -> Doubts:
    """Return how the server behaves where only this home knows, on the wall's clock in a hurry."""
    doubts, hurry = measured(settings, EMULATOR, Doubts()), settings.hurry
    return msgspec.structs.replace(
        doubts,
        ping_every=doubts.ping_every // hurry,
        frames=Rate(doubts.frames.per_sec * hurry, doubts.frames.burst * hurry),
    )


def emulate_kiwoom(
    settings: Settings,
    config: KiwoomConfig,
    market: SimMarket,
    on_ready: Callable[[KiwoomPlace], None],
) -> None:
    """
    Run the emulated server until SIGTERM or SIGINT.

    Args:
        settings: Of this home; word is left there where the server is.
        config: As `kiwoom_config` returned it.
        market: What it plays.
        on_ready: Told where it is.

    Raises:
        ConfigError: The port is taken, or the ledger belongs to another broker.
        JournalCorruptError: The ledger is damaged.
    """
    if settings.failpoints:
        failpoints.arm(settings.failpoints)
    keys = config.credentials[0]

    def ready(port: int) -> None:
        place = KiwoomPlace(
            port, market.dataset, config.mode, keys.app_key, keys.secret_key, keys.account_id
        )
        show_kiwoom_place(settings, place)
        on_ready(place)

    others = (config.socket_port or 0, *(config.tls.ports if config.tls else ()))
    with free_port(config.port, *filter(None, others)):
        serve(config, ready)
