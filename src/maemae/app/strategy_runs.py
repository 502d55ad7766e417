"""Strategies of an executor, put together: their bars, their seats, and where runs are kept."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path

from msgspec.structs import replace

from maemae.app.trade_request import TradeRequest
from maemae.catalogue.catalogue import Catalogue
from maemae.core.events import Event
from maemae.domain.errors import CommitUnknownError, ConfigError
from maemae.krx.calendar import previous_session
from maemae.ports import WallClock
from maemae.settings import Settings
from maemae.strategy.panel import Panel
from maemae.strategy.run import Run
from maemae.trading.alert_book import AlertBook
from maemae.trading.clerk import NO_ENGINE
from maemae.trading.dropped import DroppedLog
from maemae.trading.executor import Executor
from maemae.trading.mailbox import Answer
from maemae.trading.once import Once
from maemae.trading.row_log import FileRowLog
from maemae.trading.run_desk import new_run
from maemae.trading.strategies import BarSource, Strategies


def bars_folder(home: Path) -> Path:
    """Return where the bars of the day and the wishes that were dropped are kept."""
    return home / "bars"


def strategies_of(
    settings: Settings, request: TradeRequest, alerts: AlertBook, wall: WallClock
) -> Strategies:
    """
    Return the strategies of an executor; none of them has a seat yet.

    Raises:
        ConfigError: Some are asked for, and there are no bars to begin with.
    """
    folder = bars_folder(settings.data_folder(request.mode))
    source = None if request.dataset is None else _bars(settings, request, request.dataset)
    if source is None and request.strategies:
        raise ConfigError(
            "전략의 워밍업에 쓸 데이터가 없습니다. --dataset 으로 정하세요.",
            "Strategies need bars to warm up with. Name them with --dataset.",
        )
    dropped = DroppedLog(folder)
    return Strategies(
        source, FileRowLog(folder), alerts.raise_, alerts.end, wall.now, dropped.append
    )


def asked_runs(request: TradeRequest, now: int) -> list[Run]:
    """
    Return the runs that an executor is started with.

    Raises:
        StrategyError: There is no such strategy, or its file cannot be read.
    """
    return [
        new_run(
            secrets.token_hex(16),
            asked.spec,
            asked.values,
            (request.account_id, asked.sleeve_id),
            asked.cash,
            now,
        )
        for asked in request.strategies
    ]


def teller(executor: Executor, once: Once) -> Callable[[Event, str], Awaitable[Answer]]:
    """Return what gives the present core an event under a key, once however often."""

    async def tell(event: Event, key: str) -> Answer:
        engine = executor.engine
        if engine is None:
            raise CommitUnknownError(NO_ENGINE.ko, NO_ENGINE.en)
        return await once.ask(engine.mailbox, key, lambda at: replace(event, at=at))

    return tell


def _bars(settings: Settings, request: TradeRequest, dataset: str) -> BarSource:
    def history(day: date) -> Panel:
        catalogue = Catalogue(settings.catalogue)
        return catalogue.panel(dataset, request.symbols, None, previous_session(day))

    return BarSource(history, Catalogue(settings.catalogue).describe(dataset).bar_interval)
