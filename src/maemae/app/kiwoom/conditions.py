"""Conditions that a person saved at Kiwoom: listed, and recorded as they are known."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from maemae.app.kiwoom.parts import KiwoomAccess, kiwoom_connection
from maemae.app.kiwoom.stream import require_free_stream
from maemae.brokers.kiwoom_rest.conditions import Condition, ConditionSearch
from maemae.brokers.kiwoom_rest.connection import KiwoomConnection
from maemae.brokers.kiwoom_rest.emulated_clock import EmulatedClock
from maemae.brokers.kiwoom_rest.prints import ConditionHit
from maemae.catalogue.condition_log import ConditionLog, Learned, Listed, Lost, Moved
from maemae.clocks import SystemWallClock
from maemae.domain.errors import InvalidValueError
from maemae.settings import Settings


async def saved_conditions(settings: Settings, access: KiwoomAccess) -> tuple[Condition, ...]:
    """
    Return the conditions that are saved.

    Raises:
        BrokerUnavailableError: They cannot be asked for.
        ConfigError: An executor uses the key's one stream.
    """
    async with _searching(settings, access) as (_, search):
        return await search.conditions()


async def record_condition(
    settings: Settings, access: KiwoomAccess, name: str
) -> AsyncGenerator[Learned, None]:
    """
    Record a condition, and yield what is learned once it is kept, until it is closed.

    Args:
        settings: Where the catalogue is.
        access: Which server, with which key; it takes the one stream of the key.
        name: As it is saved.

    Raises:
        InvalidValueError: No condition is saved under that name.
        BrokerUnavailableError: It cannot be asked for.
        ConfigError: An executor uses the key's one stream.
        StorageError: It cannot be kept.
    """
    log = ConditionLog(settings.catalogue, name)
    async with _searching(settings, access) as (connection, search):
        seq = _seq_of(await search.conditions(), name)
        try:
            async for learned in _learned(connection, search, seq):
                log.append(learned)
                yield learned
        finally:
            log.append(Lost(connection.venue.now()))


async def _learned(
    connection: KiwoomConnection, search: ConditionSearch, seq: str
) -> AsyncIterator[Learned]:
    symbols = await search.watch(seq)
    yield Listed(connection.venue.now(), symbols)
    async for told in search.hits():
        if isinstance(told, ConditionHit):
            known_at = max(told.at, connection.venue.now())  # a late frame was not known before
            yield Moved(known_at, told.symbol, told.is_in)
        elif told.is_connected:
            await search.conditions()  # the server wants to be asked for the list first
            symbols = await search.watch(seq)
            yield Listed(connection.venue.now(), symbols)
        else:
            yield Lost(connection.venue.now())


@asynccontextmanager
async def _searching(
    settings: Settings, access: KiwoomAccess
) -> AsyncIterator[tuple[KiwoomConnection, ConditionSearch]]:
    require_free_stream(settings, access)
    folder = settings.data_folder(access.host.mode)
    connection = kiwoom_connection(
        access, folder, SystemWallClock(), lambda *_: None, settings.hurry
    )
    try:
        if isinstance(connection.venue, EmulatedClock):
            await connection.venue.ask()
        connection.start()
        await connection.stream.open()
        yield connection, ConditionSearch(connection)
    finally:
        await connection.stream.close()
        await connection.stop()
        await connection.close()


def _seq_of(conditions: tuple[Condition, ...], name: str) -> str:
    for condition in conditions:
        if condition.name == name:
            return condition.seq
    known = ", ".join(condition.name for condition in conditions) or "–"
    raise InvalidValueError(
        f"{name!r} 이라는 조건식이 없습니다. 저장된 조건식: {known}.",
        f"There is no condition {name!r}. Saved ones: {known}.",
    )
