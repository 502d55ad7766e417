"""What the server is run with; the composition root makes it from settings."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

import msgspec

from maemae.backup.places import Place
from maemae.domain.instant import HOUR, MINUTE, SECOND
from maemae.server.anomaly import Thresholds
from maemae.server.security.rates import Rates

Network = IPv4Network | IPv6Network


class Patience(msgspec.Struct, frozen=True):
    """
    How long things last [ns of wall time].

    Attributes:
        idle: A login without a request ends after this.
        absolute: A login ends after this, whatever happens.
        stepped_up: How long a second factor shown again is good for.
        ticket: A ticket for a socket.
        invitation: A one-time link.
        command: How long an executor may take to answer a command.
        armed: How long a real account stays armed.
        half_way: How long the second factor may be waited for after the password.
    """

    idle: int = 30 * MINUTE
    absolute: int = 12 * HOUR
    stepped_up: int = 5 * MINUTE
    ticket: int = 30 * SECOND
    invitation: int = HOUR
    command: int = 10 * SECOND
    armed: int = 8 * HOUR
    half_way: int = 10 * MINUTE


class ServerConfig(msgspec.Struct, frozen=True, kw_only=True):
    """
    One API process.

    Attributes:
        origins: Exact origins of pages that may talk to it, such as `https://maemae.example`.
        is_loopback_only: Whether only this machine can reach it.
        trusted_proxies: Addresses whose forwarded-for header is believed; empty for none.
        allowed_networks: Who may come at all; empty for everybody. Those of the table are added.
        home: Folder of everything maemae keeps.
        server_folder: Folder of the server's own files: keys, anchors, logs.
        anchor_folder: Where anchors of the audit log are kept; None for the server's folder.
        anchor_place: Where they are kept too; None for nowhere else.
        page: Folder of the built dashboard; None or missing answers with how to build it.
        redis_url: Fan-out between replicas; None for one process.
        supabase_url: Issuer of tokens to accept beside logins; None for none.
        thresholds: From where on an order is unusual for somebody.
        rates: How often somebody may ask.
        totp_past_steps: How many earlier codes of the second factor count too; 0 is the rule.
        has_tls: Whether browsers come by HTTPS only.
    """

    origins: tuple[str, ...]
    is_loopback_only: bool
    trusted_proxies: tuple[Network, ...] = ()
    allowed_networks: tuple[Network, ...] = ()
    home: Path
    server_folder: Path
    anchor_folder: Path | None = None
    anchor_place: Place | None = None
    page: Path | None = None
    redis_url: str | None = None
    supabase_url: str | None = None
    patience: Patience = Patience()
    thresholds: Thresholds = Thresholds()
    rates: Rates = Rates()
    totp_past_steps: int = 0
    has_tls: bool = False
