"""An emulated Kiwoom server, put together: its market in the catalogue, its ledger, its keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Final

import msgspec

from maemae import failpoints
from maemae.app.emulators import OPENS_AT, SimMarket, SimRequest, faults_from_texts, free_port
from maemae.app.emulators import SEED as USUAL_SEED
from maemae.app.emulators import sim_market as market_of
from maemae.domain.ids import AccountId
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
)
from maemae.emulators.kiwoom_rest.faults import Faults
from maemae.emulators.kiwoom_rest.server import serve
from maemae.emulators.market_source import CatalogueSource
from maemae.settings import Settings

PORT: Final = 7702
"""Port of the emulated Kiwoom server, unless it is told another."""

NAME: Final = "kiwoom-rest.json"


class KiwoomRequest(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a person asks an emulated Kiwoom server for.

    Attributes:
        mode: Which world it belongs to: PAPER or REAL.
        port: On the loopback; 0 for any that is free.
        socket_port: One more port of the same server; None for none.
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
        faults: What is wrong with it, as it was typed.
    """

    mode: Mode = Mode.PAPER
    port: int = PORT
    socket_port: int | None = None
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
    faults: Mapping[str, str] = {}


class KiwoomPlace(msgspec.Struct, frozen=True):
    """
    Where an emulated server listens, and what a client must know.

    Attributes:
        dataset: Name in the catalogue of the bars that its trades are drawn from.
    """

    port: int
    dataset: str
    mode: Mode
    app_key: str
    secret_key: str
    account_id: AccountId

    @property
    def base_url(self) -> str:
        """Address of the REST interface."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def socket_url(self) -> str:
        """Address of the WebSocket."""
        return f"ws://127.0.0.1:{self.port}/api/dostk/websocket"


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
        InvalidValueError: There is no such fault, or its value cannot be understood.
    """
    name = f"kiwoom-{request.mode.lower()}-{market.dataset}.ledger"
    ledger = request.ledger or settings.home / "emulator" / name
    ledger.parent.mkdir(parents=True, exist_ok=True)
    usual = RATES[request.mode]
    per_sec = (request.rate_per_sec or usual.per_sec) * settings.hurry
    rate = Rate(per_sec, max(usual.burst * settings.hurry, per_sec))
    own = credential_of(request)
    other = REAL_KEYS if request.mode is Mode.PAPER else PAPER_KEYS
    doubts = Doubts()
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
        seed=request.seed,
        speed=request.speed,
        opens_at=OPENS_AT,
        skips_nights=request.skips_nights,
        schedule=COSTS[request.mode],
        rate=rate,
        order_rate=rate,
        doubts=msgspec.structs.replace(doubts, ping_every=doubts.ping_every // settings.hurry),
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
        _show(settings, place)
        on_ready(place)

    with free_port(config.port):
        serve(config, ready)


def find_kiwoom_place(settings: Settings) -> KiwoomPlace | None:
    """Return where an emulated server was last, None if there is no word."""
    try:
        return msgspec.json.decode(_path(settings).read_bytes(), type=KiwoomPlace)
    except (OSError, msgspec.MsgspecError):
        return None


def is_emulated(settings: Settings, mode: Mode, account_id: AccountId) -> bool:
    """Return whether an account of this home is one of an emulated server."""
    place = find_kiwoom_place(settings)
    return place is not None and (place.mode, place.account_id) == (mode, account_id)


def _show(settings: Settings, place: KiwoomPlace) -> None:
    """Leave word where the server is, for whoever trades on it."""
    path = _path(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{NAME}.new")
    draft.write_bytes(msgspec.json.encode(place))
    draft.replace(path)


def _path(settings: Settings) -> Path:
    return settings.home / "emulator" / NAME
