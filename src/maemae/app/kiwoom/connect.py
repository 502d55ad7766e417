"""A first connection to Kiwoom, put together: which server and key, and the proof of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from maemae.app.kiwoom.keys import forget_filed_key, keep_kiwoom_keys
from maemae.app.kiwoom.parts import KiwoomAccess, kiwoom_access, kiwoom_connection
from maemae.app.kiwoom.place import find_kiwoom_place
from maemae.app.kiwoom.proof import KiwoomProof, Step
from maemae.app.kiwoom.sealed import find_sealed_key
from maemae.app.kiwoom.sealing import seal_key
from maemae.app.kiwoom.stream import require_free_stream
from maemae.brokers.kiwoom_rest.auth import AppKey
from maemae.brokers.kiwoom_rest.broker import KiwoomBroker
from maemae.brokers.kiwoom_rest.hosts import host_of
from maemae.catalogue.catalogue import Catalogue
from maemae.clocks import SystemWallClock
from maemae.domain.errors import ConfigError, StorageError
from maemae.domain.ids import Symbol
from maemae.domain.terms import Mode
from maemae.domain.text import Text
from maemae.settings import Settings

USUAL_SYMBOL: Final = Symbol("005930")
"""Looked at unless another is named; an emulator's first instrument instead."""


def require_server(mode: Mode) -> None:
    """
    Refuse a mode that Kiwoom has no server for.

    Raises:
        ConfigError: There is none.
    """
    host_of(mode)


def keys_access(app_key: AppKey) -> KiwoomAccess:
    """
    Return how Kiwoom itself is reached with a key that a person typed.

    Raises:
        ConfigError: A key is empty, or its mode has no server.
    """
    if not (app_key.app_key and app_key.secret_key):
        raise ConfigError("앱키와 시크릿키를 모두 넣으세요.", "Enter both keys.")
    return KiwoomAccess(host_of(app_key.mode), app_key, None)


def keep_key(settings: Settings, key: AppKey) -> Text:
    """
    Keep a key that was proved: sealed if the server was set up, else in a file; say where.

    Raises:
        ConfigError: It can be kept nowhere, or a sealed one would hide it.
    """
    try:
        is_sealed = seal_key(settings, key)
    except StorageError as error:
        if find_sealed_key(settings, key.mode) is not None:
            raise ConfigError(
                "서버가 금고를 쓰고 있어 바꾸지 못했습니다. 서버를 멈추고 다시 하거나 API "
                "/api/credentials 로 바꾸세요.",
                "The server holds the sealed credentials. Stop it and do this again, or replace "
                "the key over its API, /api/credentials.",
            ) from error
        is_sealed = False
    if is_sealed:
        forget_filed_key(settings, key.mode)
        return Text(
            "키를 금고에 봉인해 넣었습니다.", "The keys are sealed among the server's credentials."
        )
    path = keep_kiwoom_keys(settings, key)
    return Text(
        f"키를 {path} 에 넣었습니다(0600). 서버를 준비한 뒤 maemae connect kiwoom --stored 를 하면 "
        "금고로 옮깁니다.",
        f"The keys are kept in {path} (0600). Once the server is set up and stopped, maemae "
        "connect kiwoom --stored seals them.",
    )


def stored_access(settings: Settings, mode: Mode, *, is_emulated: bool) -> KiwoomAccess:
    """
    Return how Kiwoom is reached with what is known here already.

    Raises:
        ConfigError: No key is kept, or no emulator is known.
    """
    place = find_kiwoom_place(settings) if is_emulated else None
    if is_emulated and place is None:
        raise ConfigError(
            "키움 에뮬레이터를 찾을 수 없습니다. maemae emulate kiwoom-rest 를 먼저 켜세요.",
            "No Kiwoom emulator is known. Start maemae emulate kiwoom-rest first.",
        )
    return kiwoom_access(settings, mode, None, None if place is None else place.port)


async def connect_with(
    settings: Settings, access: KiwoomAccess, symbol: Symbol | None, *, with_order: bool
) -> AsyncIterator[Step]:
    """
    Yield each step of the proof as it is done.

    Args:
        settings: Where the token is kept.
        access: Which server, with which key.
        symbol: Instrument to look at, None for the usual one.
        with_order: Whether one share is ordered and canceled.

    Raises:
        ConfigError: An executor uses the key's one stream.
    """
    require_free_stream(settings, access)
    folder = settings.data_folder(access.host.mode)
    connection = kiwoom_connection(access, folder, SystemWallClock(), lambda *_: None)
    broker = KiwoomBroker(connection, access.account_id)
    try:
        proof = KiwoomProof(connection, broker, symbol or _usual_symbol(settings, access))
        async for step in proof.steps(with_order=with_order):
            yield step
    finally:
        await broker.close()
        await connection.close()


def _usual_symbol(settings: Settings, access: KiwoomAccess) -> Symbol:
    """Return Samsung Electronics, or what an emulator's market begins with."""
    place = find_kiwoom_place(settings) if access.host.is_emulator else None
    if place is None:
        return USUAL_SYMBOL
    return next(iter(Catalogue(settings.catalogue).instruments(place.dataset)), USUAL_SYMBOL)
