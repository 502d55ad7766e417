"""What routes work with; made once by the composition root."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request
from starlette.requests import HTTPConnection

from maemae.ports import WallClock
from maemae.server.audit_keeper import AuditKeeper
from maemae.server.backtest_desk import BacktestDesk
from maemae.server.config import ServerConfig
from maemae.server.directory import Directory
from maemae.server.habits import Habits
from maemae.server.market_data import MarketData
from maemae.server.metrics import Metrics
from maemae.server.preview_token import PreviewTokens
from maemae.server.pulse_reader import PulseReader
from maemae.server.security.addresses import AllowList
from maemae.server.security.passwords import Passwords
from maemae.server.security.rates import RateLimits
from maemae.server.security.supabase import Supabase
from maemae.server.security.turnstile import Turnstile
from maemae.storage.credentials import Credentials
from maemae.storage.people.people import People
from maemae.storage.server_store import ServerStore


@dataclass(frozen=True, slots=True)
class Services:
    """
    The parts of one API process.

    Attributes:
        store: The server's own tables.
        directory: Executors and their accounts.
        wall: Real time; logins, tickets and codes run by it.
        people: Who may enter, and how.
        passwords: Makes and checks their hashes.
        rates: Counts requests.
        turnstile: Lets strangers in one by one.
        allow_list: Whence anybody may come at all.
        supabase: Whose word about people is taken too; None for nobody's.
        previews: Makes and reads tokens of what was seen before an order.
        credentials: Of brokers.
        audit: Anchors and verifies the audit log.
        market: Instruments and bars of the catalogue.
        pulses: What executors show of the market now.
        backtests: Runs those that were asked for.
        metrics: Figures for who watches by machine.
        habits: What each user ordered.
    """

    config: ServerConfig
    store: ServerStore
    directory: Directory
    wall: WallClock
    people: People
    passwords: Passwords
    rates: RateLimits
    turnstile: Turnstile
    allow_list: AllowList
    supabase: Supabase | None
    previews: PreviewTokens
    credentials: Credentials
    audit: AuditKeeper
    market: MarketData
    pulses: PulseReader
    backtests: BacktestDesk
    metrics: Metrics
    habits: Habits


def services_of(connection: HTTPConnection) -> Services:
    """Return the services of the app that a request or socket came to."""
    services: Services = connection.app.state.services
    return services


async def get_services(request: Request) -> Services:
    """Return them for a route: `Annotated[Services, Depends(get_services)]`."""
    return services_of(request)
