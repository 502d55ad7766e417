"""A simulated broker, put together: its market in the catalogue, its ledger, its faults."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, time
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from maemae import failpoints
from maemae.app.datasets import ensure_synthetic, open_catalogue
from maemae.app.sim_place import PORT, SimPlace, show_place
from maemae.brokers.sim.messages import Faults
from maemae.catalogue.interval import Interval
from maemae.domain.errors import ConfigError, InvalidValueError
from maemae.domain.ids import AccountId
from maemae.domain.instant import SECOND
from maemae.domain.near_match import suggestion
from maemae.emulators.market_source import CatalogueSource
from maemae.emulators.sim.config import SimBrokerConfig
from maemae.emulators.sim.server import serve
from maemae.krx.calendar import add_sessions, next_session, previous_session
from maemae.settings import Settings

SEED: Final = 20_261_102
FIRST: Final = date(2026, 11, 2)
DAYS: Final = 5

_WARM_UP: Final = 2  # sessions before the first that is played
OPENS_AT: Final = time(8, 59)  # a minute before the opening, to connect in
_USUAL: Final = SimBrokerConfig(ledger="", accounts={}, market=CatalogueSource("", ""))
_NANOS: Final = ("slow_by", "tail", "late_by", "clock_offset")
_Faults = TypeVar("_Faults", bound=msgspec.Struct)
_UNITS: Final = (("ms", SECOND // 1_000), ("s", SECOND))


class SimRequest(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a person asks a simulated broker for.

    Attributes:
        port: On the loopback; 0 for any that is free.
        speed: Seconds of the exchange in a second of the wall.
        seed: Of the market, of the trades inside bars and of the faults.
        dataset: Bars of the catalogue in place of a synthetic market.
        first: First session that is played; None for the usual one of the market.
        days: Sessions that are played; None for as many as there usually are.
        cash: What the account was opened with [won].
        skips_nights: Whether a session follows at once on the one before.
        ledger: The broker's own books; None for the usual place.
        orders_per_sec: Requests that it takes in a second of the wall.
        faults: What is wrong with it, as it was typed.
    """

    account_id: AccountId
    cash: int
    port: int = PORT
    speed: int = 1
    seed: int = SEED
    dataset: str | None = None
    first: date | None = None
    days: int | None = None
    skips_nights: bool = False
    ledger: Path | None = None
    orders_per_sec: int = _USUAL.orders_per_sec
    faults: Mapping[str, str] = {}


class SimMarket(msgspec.Struct, frozen=True):
    """What is played: a dataset, and the days that are read of it, the first only for prices."""

    dataset: str
    first: date | None
    last: date | None


def sim_market(settings: Settings, request: SimRequest) -> SimMarket:
    """
    Return the market of a request; the synthetic one is made if it is not there.

    Raises:
        MissingDataError: There is no such dataset.
        InvalidValueError: A dataset of the synthetic market's name came from elsewhere.
        UnknownRuleError: The calendar does not know the days.
    """
    if request.dataset is not None:
        open_catalogue(settings).describe(request.dataset)
        first = request.first
        last = None
        if first is not None and request.days is not None:
            last = add_sessions(previous_session(first), request.days)
        return SimMarket(request.dataset, None if first is None else previous_session(first), last)
    first = next_session(previous_session(request.first or FIRST))
    days = request.days or DAYS
    last = add_sessions(previous_session(first), days)
    is_usual = (first, days) == (FIRST, DAYS)
    name = f"sim-{request.seed}" + ("" if is_usual else f"-{first:%Y%m%d}-{days}")
    span = (add_sessions(first, -_WARM_UP), last)
    ensure_synthetic(open_catalogue(settings), name, request.seed, span, Interval(1))
    return SimMarket(name, previous_session(first), last)


def usual_dataset(settings: Settings) -> str:
    """Return the name of the market that is played unless another is asked for; it is made."""
    return sim_market(settings, SimRequest(account_id=settings.account_id, cash=0)).dataset


def sim_config(settings: Settings, request: SimRequest, market: SimMarket) -> SimBrokerConfig:
    """
    Return what the simulated broker is started with.

    Raises:
        InvalidValueError: There is no such fault, or its value cannot be understood.
    """
    ledger = request.ledger or settings.home / "emulator" / f"{market.dataset}.ledger"
    ledger.parent.mkdir(parents=True, exist_ok=True)
    source = CatalogueSource(
        str(settings.catalogue), market.dataset, first=market.first, last=market.last
    )
    return SimBrokerConfig(
        ledger=str(ledger),
        accounts={request.account_id: request.cash},
        market=source,
        port=request.port,
        seed=request.seed,
        speed=request.speed,
        opens_at=OPENS_AT,
        skips_nights=request.skips_nights,
        orders_per_sec=request.orders_per_sec * settings.hurry,
        queries_per_sec=_USUAL.queries_per_sec * settings.hurry,
        quiet_period=_USUAL.quiet_period // settings.hurry,
        faults=faults_from_texts(request.faults, Faults),
    )


def emulate_sim(
    settings: Settings, config: SimBrokerConfig, market: SimMarket, on_ready: Callable[[int], None]
) -> None:
    """
    Run the simulated broker until SIGTERM or SIGINT.

    Args:
        settings: Of this home; word is left there where the broker is.
        config: As `sim_config` returned it.
        market: What it plays.
        on_ready: Told the port.

    Raises:
        ConfigError: The port is taken, or the ledger belongs to another broker.
        JournalCorruptError: The ledger is damaged.
    """
    if settings.failpoints:
        failpoints.arm(settings.failpoints)

    def ready(port: int) -> None:
        show_place(settings, SimPlace(port, market.dataset))
        on_ready(port)

    with free_port(config.port):
        serve(config, ready)


@contextmanager
def free_port(*ports: int) -> Iterator[None]:
    """
    Say what to do when a server cannot listen on one of these ports.

    Raises:
        ConfigError: The port is taken.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        port = ", ".join(map(str, ports))
        raise ConfigError(
            f"{port} 포트를 쓸 수 없습니다 ({error.strerror}). 이미 도는 모의 증권사를 "
            "멈추거나 --port 로 다른 포트를 쓰세요.",
            f"Port {port} cannot be used ({error.strerror}). Stop the simulated broker that "
            "runs already, or use another one with --port.",
        ) from error


def faults_from_texts(texts: Mapping[str, str], kind: type[_Faults]) -> _Faults:
    """
    Return the faults that a person typed: `{"lose_next": "1", "slow_by": "2s"}`.

    Raises:
        InvalidValueError: There is no such fault, or its value cannot be understood.
    """
    for name in texts:
        if name not in kind.__struct_fields__:
            hint = suggestion(name, kind.__struct_fields__)
            raise InvalidValueError(
                f"--fault {name} 라는 고장은 없습니다. {hint.ko}",
                f"There is no --fault {name}. {hint.en}",
            )
    found = {name: _nanos(text) if name in _NANOS else text for name, text in texts.items()}
    try:
        return msgspec.convert(found, kind, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidValueError(
            f"--fault 의 값을 이해할 수 없습니다 ({error}). lose_next=1, slow_by=2s, silent=true "
            "처럼 쓰세요.",
            f"The value of --fault cannot be understood ({error}). Write it like lose_next=1, "
            "slow_by=2s or silent=true.",
        ) from error


def _nanos(text: str) -> str:
    """Return a time as a whole number of nanoseconds, if it is one with a unit."""
    for unit, size in _UNITS:
        number = text.removesuffix(unit)
        if number != text:
            return str(int(number) * size) if number.removeprefix("-").isdecimal() else text
    return text
