"""
Figures for whoever watches the server by machine, in the words of Prometheus.

What this process counts itself is kept in a registry of its own. What executors know is asked for
when somebody looks; one that does not run is told so and keeps nobody waiting.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import version
from itertools import accumulate
from typing import Final, NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from maemae.domain.errors import MaemaeError
from maemae.domain.instant import SECOND
from maemae.ports import WallClock
from maemae.server.executor_line import ExecutorLine
from maemae.server.logs import logger
from maemae.storage.tables.metadata import Progress
from maemae.trading.control.commands import StatusQuery
from maemae.trading.control.replies import Status
from maemae.trading.figures import Figures
from maemae.trading.stopwatch import BOUNDS

_ASK_SECS: Final = 1.0
_JOBS: Final = 200
_LAG_EVERY: Final = 0.5  # s
_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_METHODS: Final = frozenset({"GET", "POST", "PUT", "DELETE"})
_UNROUTED: Final = "none"
_BUG: Final = 500


class StreamLoad(NamedTuple):
    """
    What the stream has to do.

    Attributes:
        clients: How many listen.
        waiting: Messages that wait for them.
        ended: Connections that the server ended, by why.
    """

    clients: int
    waiting: int
    ended: Mapping[str, int]


class Metrics:
    """
    The figures of one API process.

    Args:
        lines: Executors that are asked.
        wall: Real time.
    """

    def __init__(self, lines: Sequence[ExecutorLine], wall: WallClock) -> None:
        self._registry = CollectorRegistry()
        self.requests = Histogram(
            "maemae_http_request_seconds",
            "How long requests took, by route and status; what was refused at the door too.",
            ("method", "route", "status"),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self.sockets = Gauge(
            "maemae_http_sockets", "Sockets that are open.", registry=self._registry
        )
        self.bugs = Counter(
            "maemae_http_bugs", "Requests that a bug of ours ended.", registry=self._registry
        )
        self.loop_lag = Gauge(
            "maemae_server_loop_lag_seconds",
            "How late the event loop was, last time it was looked at.",
            registry=self._registry,
        )
        build = Gauge(
            "maemae_build_info", "Which maemae this is.", ("version",), registry=self._registry
        )
        build.labels(version("maemae")).set(1)
        self._registry.register(_Executors(lines, wall))

    def watch_stream(self, load: Callable[[], StreamLoad]) -> None:
        """Show how much the stream has to do, too."""
        self._registry.register(_Stream(load))

    def text(self) -> bytes:
        """Return every figure, as Prometheus reads it; blocks while executors are asked."""
        return generate_latest(self._registry)


class Metered:
    """
    Counts what goes in and out, and logs a line of each request.

    Args:
        app: What is behind.
        metrics: Where it is counted.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics
        self._log = logger("http")
        self._lag: asyncio.TimerHandle | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or socket."""
        if self._lag is None:
            self._look_at_lag(time.monotonic())
        if scope["type"] == "websocket":
            with self._metrics.sockets.track_inprogress():
                await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._request(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        began, status = time.perf_counter(), 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            self._count(scope, status, time.perf_counter() - began)

    def _count(self, scope: Scope, status: int, secs: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        route = getattr(scope.get("route"), "path", _UNROUTED)
        self._metrics.requests.labels(method, route, str(status)).observe(secs)
        if status == _BUG:
            self._metrics.bugs.inc()
        state = scope.get("state", {})
        self._log.info(
            "request",
            request_id=state.get("request_id", ""),
            method=method,
            route=route,
            status=status,
            millis=round(secs * 1_000, 1),
            address=state.get("address", ""),
        )

    def _look_at_lag(self, due: float) -> None:
        now = time.monotonic()
        self._metrics.loop_lag.set(max(0.0, now - due))
        loop = asyncio.get_running_loop()
        self._lag = loop.call_later(_LAG_EVERY, self._look_at_lag, now + _LAG_EVERY)


class _Stream:
    def __init__(self, load: Callable[[], StreamLoad]) -> None:
        self._load = load

    def collect(self) -> Iterator[Metric]:
        """Yield what the stream has to do."""
        load = self._load()
        yield GaugeMetricFamily("maemae_stream_clients", "Clients of the stream.", load.clients)
        yield GaugeMetricFamily(
            "maemae_stream_waiting", "Messages that wait for a client.", load.waiting
        )
        ended = CounterMetricFamily(
            "maemae_stream_ended", "Connections that the server ended.", labels=["why"]
        )
        for why, times in load.ended.items():
            ended.add_metric([why], times)
        yield ended


class _Executors:
    """Asks every executor when somebody looks."""

    def __init__(self, lines: Sequence[ExecutorLine], wall: WallClock) -> None:
        self._lines = tuple(lines)
        self._wall = wall

    def describe(self) -> Iterator[Metric]:
        """Yield nothing: nobody is asked when this is registered."""
        yield from ()

    def collect(self) -> Iterator[Metric]:
        """Yield what executors say of themselves, each with its mode."""
        told = {line.mode.value: self._ask(line) for line in self._lines}
        up = GaugeMetricFamily("maemae_executor_up", "Whether it answers.", labels=["mode"])
        for mode, status in told.items():
            up.add_metric([mode], status is not None)
        yield up
        statuses = {mode: status for mode, status in told.items() if status is not None}
        yield from _gauges(statuses)
        yield from _states(statuses)
        yield from _connections(statuses)
        figures = {m: each.figures for m, each in statuses.items() if each.figures is not None}
        yield from _counts(figures)
        yield from _queues(figures)
        yield from _stages(figures)
        yield from self._jobs()

    def _ask(self, line: ExecutorLine) -> Status | None:
        try:
            reply = line.ask(StatusQuery(), _ASK_SECS)
        except MaemaeError:
            return None
        return reply if isinstance(reply, Status) else None

    def _jobs(self) -> Iterator[Metric]:
        late = GaugeMetricFamily(
            "maemae_jobs_missed", "Jobs that did not begin in time or failed.", labels=["mode"]
        )
        now = self._wall.now()
        for line in self._lines:
            try:
                jobs = line.queries.jobs(_JOBS)
            except MaemaeError:
                continue
            missed = sum(
                job.status is Progress.FAILED
                or (job.status is Progress.PENDING and job.late_at < now)
                for job in jobs
            )
            late.add_metric([line.mode.value], missed)
        yield late


_Statuses = dict[str, Status]
_Of = Callable[[Status], float | None]

_GAUGES: Final[tuple[tuple[str, str, _Of], ...]] = (
    ("tick_age_seconds", "Since the newest price.", lambda s: _secs(s.last_tick_age)),
    ("open_orders", "Orders that can still fill.", lambda s: s.open_orders),
    ("unknown_orders", "Orders whose outcome nobody knows.", lambda s: s.unknown_orders),
    ("positions", "Positions held.", lambda s: s.positions),
    ("open_alerts", "Alerts that nobody resolved.", lambda s: s.alerts),
    ("inbox", "Inputs that wait for the core.", lambda s: s.inbox),
    ("outbox", "Requests that wait to leave.", lambda s: s.outbox),
    ("epoch", "Of the lease.", lambda s: s.epoch),
    ("unprotected_seconds", "Guarded positions could not be left.", lambda s: _secs(s.unprotected)),
    ("armed_accounts", "Accounts whose real orders may leave.", lambda s: len(s.armed)),
)

_COUNTS: Final[tuple[tuple[str, str, Callable[[Figures], float | None]], ...]] = (
    ("head_seq", "Number of the newest input.", lambda f: f.head_seq),
    ("turns", "Transactions since the engine came up.", lambda f: f.turns),
    ("tape_syncs", "Times that the tape was synced for a request.", lambda f: f.tape_syncs),
    ("oldest_unknown_seconds", "Age of the oldest in doubt.", lambda f: _secs(f.oldest_unknown)),
    ("reconciled_ago_seconds", "Since all was compared.", lambda f: _secs(f.compared_ago)),
    ("quarantined", "Instruments that do not add up with the broker.", lambda f: f.quarantined),
    ("quota", "Requests that the broker takes in a second.", lambda f: f.quota),
    ("quota_used", "Requests that left in the second before.", lambda f: f.quota_used),
    ("loop_lag_seconds", "How late its loop was at the last look.", lambda f: _secs(f.loop_lag)),
    ("worst_loop_lag_seconds", "The latest yet.", lambda f: _secs(f.worst_loop_lag)),
)


def _gauges(statuses: _Statuses) -> Iterator[Metric]:
    for name, help_, of in _GAUGES:
        family = GaugeMetricFamily(f"maemae_executor_{name}", help_, labels=["mode"])
        for mode, status in statuses.items():
            value = of(status)
            if value is not None:
                family.add_metric([mode], value)
        yield family


def _counts(figures: dict[str, Figures]) -> Iterator[Metric]:
    for name, help_, of in _COUNTS:
        family = GaugeMetricFamily(f"maemae_executor_{name}", help_, labels=["mode"])
        for mode, each in figures.items():
            value = of(each)
            if value is not None:
                family.add_metric([mode], value)
        yield family


def _states(statuses: _Statuses) -> Iterator[Metric]:
    """Yield words as figures: the one that holds is 1."""
    trading = GaugeMetricFamily(
        "maemae_executor_trading_state", "Whether it may trade.", labels=["mode", "state"]
    )
    kill = GaugeMetricFamily(
        "maemae_executor_kill", "How far the kill switch is pressed.", labels=["mode", "level"]
    )
    for mode, status in statuses.items():
        for state in type(status.trading_state):
            trading.add_metric([mode, state.value], status.trading_state is state)
        for level in type(status.kill):
            kill.add_metric([mode, level.name], status.kill is level)
    yield trading
    yield kill


def _connections(statuses: _Statuses) -> Iterator[Metric]:
    family = GaugeMetricFamily(
        "maemae_executor_connected", "Whether a way outside stands.", labels=["mode", "way"]
    )
    for mode, status in statuses.items():
        for each in status.connections:
            family.add_metric([mode, each.name], each.is_connected)
    yield family


def _queues(figures: dict[str, Figures]) -> Iterator[Metric]:
    family = GaugeMetricFamily(
        "maemae_executor_outbox_lane", "Requests that wait, by lane.", labels=["mode", "lane"]
    )
    for mode, each in figures.items():
        for lane, count in each.outbox.items():
            family.add_metric([mode, lane], count)
    yield family


def _stages(figures: dict[str, Figures]) -> Iterator[Metric]:
    family = HistogramMetricFamily(
        "maemae_order_stage_seconds", "How long requests took, by hop.", labels=["mode", "stage"]
    )
    for mode, each in figures.items():
        for times in each.stages:
            summed = [str(count) for count in accumulate(times.counts)]
            bounds = [*(f"{bound / SECOND:g}" for bound in BOUNDS), "+Inf"]
            buckets = list(zip(bounds, map(float, summed), strict=True))
            family.add_metric([mode, times.stage.value], buckets, times.total / SECOND)
    yield family


def _secs(nanos: int | None) -> float | None:
    return None if nanos is None else nanos / SECOND
