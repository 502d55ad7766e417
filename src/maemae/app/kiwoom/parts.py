"""Kiwoom over REST, put together: keys, server, one connection, and what an executor takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from maemae.app.broker_ends import BrokerEnds
from maemae.app.kiwoom.keys import has_kiwoom_keys, kiwoom_keys
from maemae.app.kiwoom.measured import ADAPTER, measured
from maemae.app.kiwoom.place import KiwoomPlace, find_kiwoom_place
from maemae.app.trade_request import TradeRequest
from maemae.brokers.kiwoom_rest.auth import AppKey
from maemae.brokers.kiwoom_rest.broker import ArmedUntil, KiwoomBroker
from maemae.brokers.kiwoom_rest.config import KiwoomConfig, config_of
from maemae.brokers.kiwoom_rest.connection import KiwoomConnection
from maemae.brokers.kiwoom_rest.emulated_clock import EmulatedClock
from maemae.brokers.kiwoom_rest.feed import KiwoomFeed
from maemae.brokers.kiwoom_rest.fill_desk import Booked, nothing_booked
from maemae.brokers.kiwoom_rest.hosts import SOCKET_PATH, Host, emulator_host, host_of
from maemae.catalogue.catalogue import Catalogue
from maemae.clocks import SteadyVenueClock
from maemae.domain.errors import ConfigError
from maemae.domain.ids import AccountId, Symbol
from maemae.domain.terms import Mode
from maemae.domain.text import Text
from maemae.ports import VenueClock, WallClock
from maemae.settings import Settings


class KiwoomAccess(msgspec.Struct, frozen=True):
    """
    Which server is used, with which key, for which account.

    Attributes:
        account_id: None for whichever account the key belongs to.
        config: What is known of the server; None for the usual.
    """

    host: Host
    app_key: AppKey
    account_id: AccountId | None
    config: KiwoomConfig | None = None


def kiwoom_access(
    settings: Settings, mode: Mode, account_id: AccountId | None, emulator_port: int | None
) -> KiwoomAccess:
    """
    Return how Kiwoom is reached; an emulator brings its own key and account.

    An emulator is meant only where its port is named: nothing else leads a mode to another
    server than Kiwoom's own.

    Args:
        settings: Where keys are kept.
        mode: PAPER or REAL.
        account_id: As a person named it, None if nobody did.
        emulator_port: Of an emulator on this machine, None for Kiwoom itself.

    Raises:
        ConfigError: There is no key, the mode has no server, what was measured of it cannot be
            used, or an emulator would play real money in a home that has a key to real money.
    """
    config = measured(settings, ADAPTER, config_of(mode))
    if emulator_port is None:
        return KiwoomAccess(host_of(mode), kiwoom_keys(settings, mode), account_id, config)
    place = find_kiwoom_place(settings)
    if place is None or place.port != emulator_port or place.mode is not mode:
        raise _no_emulator(f" (:{emulator_port}, {mode})")
    if mode is Mode.REAL and has_kiwoom_keys(settings, mode):
        raise ConfigError(
            "이 폴더에는 진짜 실전 키가 있어 실전 에뮬레이터를 쓰지 않습니다. MAEMAE_HOME 을 다른 "
            "폴더로 정하세요.",
            "This home has a key to real money, so no emulator of it is used here. Set MAEMAE_HOME "
            "to another folder.",
        )
    address = f"127.0.0.1:{emulator_port}"
    host = emulator_host(mode, f"http://{address}", f"ws://{address}{SOCKET_PATH}")
    key = AppKey(mode, place.app_key, place.secret_key)
    return KiwoomAccess(host, key, account_id or place.account_id, config)


def kiwoom_connection(
    access: KiwoomAccess,
    folder: Path,
    wall: WallClock,
    warn: Callable[[str, Text], None],
    hurry: int = 1,
) -> KiwoomConnection:
    """
    Return what broker, feed and market data share.

    Args:
        access: Which server, with which key.
        folder: Of the mode's data.
        wall: The machine's clock.
        warn: Alerts a person.
        hurry: How many times as fast everything on the wall's clock goes; for tests.

    Raises:
        ConfigError: Key and server are of different modes.
    """
    venue: VenueClock = SteadyVenueClock(wall.now())
    if access.host.is_emulator:
        venue = EmulatedClock(access.host)
    config = access.config or config_of(access.host.mode)
    clocks = (venue, wall)
    return KiwoomConnection(
        access.host, access.app_key, config.faster(hurry), folder / "kiwoom", clocks, warn
    )


def kiwoom_ends(
    settings: Settings,
    request: TradeRequest,
    wall: WallClock,
    warn: Callable[[str, Text], None],
    armed_until: ArmedUntil,
    booked: Booked = nothing_booked,
) -> BrokerEnds:
    """
    Return Kiwoom's ends on one connection.

    Args:
        settings: Where keys, token and fills are kept.
        request: What to run.
        wall: The machine's clock.
        warn: Alerts a person.
        armed_until: Returns until when an account is armed for real orders.
        booked: Returns the fills of a day that the book of orders has.

    Raises:
        ConfigError: There is no key, no server of the mode, or there are too many instruments.
    """
    access = kiwoom_access(settings, request.mode, request.account_id, request.emulator_port)
    folder = settings.data_folder(request.mode)
    connection = kiwoom_connection(access, folder, wall, warn, request.hurry)
    broker = KiwoomBroker(connection, access.account_id, armed_until=armed_until, booked=booked)
    universe = _universe(settings, request, connection.config.socket.items)
    venue = connection.venue
    leap = venue.leap if isinstance(venue, SteadyVenueClock) else None
    return BrokerEnds(broker, KiwoomFeed(connection, universe), venue, leap)


def on_kiwoom(
    settings: Settings, request: TradeRequest, named: str | None, *, is_emulated: bool
) -> TradeRequest:
    """
    Return a request with the account, and for an emulator where it is and what it plays.

    Args:
        settings: Of this home.
        request: What a person asked for.
        named: The account that was named, None if none was.
        is_emulated: Whether an emulator on this machine is meant.

    Raises:
        ConfigError: No emulator is known here, no account was named, or no warm-up dataset.
    """
    account_id, place = account_at_kiwoom(settings, named, is_emulated=is_emulated)
    if place is not None:
        return msgspec.structs.replace(
            request,
            account_id=account_id,
            emulator_port=place.port,
            dataset=request.dataset or place.dataset,
        )
    if request.strategies and request.dataset is None:
        raise ConfigError(
            "전략의 워밍업에 쓸 데이터셋을 --dataset 으로 정하세요. data download 로 받습니다.",
            "Name the dataset that strategies warm up with, --dataset; maemae data download gets "
            "one.",
        )
    return msgspec.structs.replace(request, account_id=account_id)


def account_at_kiwoom(
    settings: Settings, named: str | None, *, is_emulated: bool
) -> tuple[AccountId, KiwoomPlace | None]:
    """
    Return the account that is meant, and where its emulator is, None for Kiwoom itself.

    Args:
        settings: Of this home.
        named: The account that was named, None if none was.
        is_emulated: Whether an emulator on this machine is meant.

    Raises:
        ConfigError: No emulator is known here, or no account was named.
    """
    if is_emulated:
        place = find_kiwoom_place(settings)
        if place is None:
            raise _no_emulator("")
        return AccountId(named) if named else place.account_id, place
    account = (named or settings.account_id).replace("-", "")
    if not account.isdecimal():
        raise ConfigError(
            "키움 계좌번호(숫자 10자리)를 --account 나 MAEMAE_ACCOUNT 로 정하세요.",
            "Name the Kiwoom account, ten digits, with --account or MAEMAE_ACCOUNT.",
        )
    return AccountId(account), None


def kiwoom_watch_broker(
    settings: Settings,
    mode: Mode,
    account_id: AccountId,
    emulator_port: int | None,
    wall: WallClock,
) -> KiwoomBroker:
    """
    Return a broker for who acts in an emergency: without a stream, which is the executor's.

    Args:
        settings: Where key and token are kept; the token is shared with the executor.
        mode: Whose money.
        account_id: The executor's account.
        emulator_port: Of an emulator on this machine, None for Kiwoom itself.
        wall: The machine's clock.

    Raises:
        ConfigError: There is no key, or no server of the mode.
    """
    access = kiwoom_access(settings, mode, account_id, emulator_port)
    folder = settings.data_folder(mode)
    connection = kiwoom_connection(access, folder, wall, lambda *_: None, settings.hurry)
    return KiwoomBroker(connection, access.account_id, has_stream=False)


def _universe(settings: Settings, request: TradeRequest, most: int) -> Sequence[Symbol]:
    """Return what is streamed: the instruments that were named, or those of the dataset."""
    symbols = request.symbols
    if symbols is None and request.dataset is not None:
        symbols = tuple(Catalogue(settings.catalogue).instruments(request.dataset))
    if symbols is None or len(symbols) > most:
        raise ConfigError(
            f"키움은 실시간으로 {most}종목까지만 줍니다. --symbols 005930,000660 처럼 정하세요.",
            f"Kiwoom streams {most} instruments at most. Name them: --symbols 005930,000660.",
        )
    return symbols


def _no_emulator(where: str) -> ConfigError:
    return ConfigError(
        f"키움 에뮬레이터를 찾을 수 없습니다{where}. maemae emulate kiwoom-rest 를 먼저 켜세요.",
        f"No Kiwoom emulator is known{where}. Start maemae emulate kiwoom-rest first.",
    )


CRITICAL: Final = frozenset({"KIWOOM_SECOND_LOGIN"})
"""Alerts that may wake a person."""
