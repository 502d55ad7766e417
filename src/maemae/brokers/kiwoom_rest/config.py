"""
What is not certain of Kiwoom, as configuration and not as code.

Defaults follow measurements of independent clients; nothing here is in an official text
unless it says so. A measurement of one's own goes here.
"""

from __future__ import annotations

from datetime import time
from typing import Final

import msgspec

from maemae.brokers.kiwoom_rest.codes import TradeType
from maemae.domain.instant import MINUTE, SECOND
from maemae.domain.terms import Mode


class Rate(msgspec.Struct, frozen=True):
    """
    How many requests of one transaction may leave.

    Attributes:
        requests: In any window of that length.
        within: Length of the window [ns of wall time].
    """

    requests: int
    within: int


class Quotas(msgspec.Struct, frozen=True):
    """
    What the REST server takes.

    Attributes:
        each: Of every transaction by itself.
        rate_pause: Wait after "too many requests" [ns]; the server counts by the second.
        tries: How often a query is asked in all when it is told to slow down.
        most_pages: Longest list that is believed; a longer one is an error, not a part.
    """

    each: Rate
    rate_pause: int = 13 * SECOND // 10
    tries: int = 3
    most_pages: int = 200


class Patience(msgspec.Struct, frozen=True):
    """
    How long is waited [ns of wall time].

    Attributes:
        connect_within, reply_within: For a connection, and for an answer.
        silent_after: The socket may be without any frame so long; the server's PING comes about
            every 10 s.
        print_after: So long may pass in continuous trading without a single print of what is
            subscribed before the socket counts as silent; doubled each time it did not help.
        longest_print_after: Limit of the doubling.
        pause, longest_pause: Before the first and any attempt to connect again.
        renew_before: A token is renewed so long before it ends (official client: 600 s).
    """

    connect_within: int = 5 * SECOND
    reply_within: int = 10 * SECOND
    silent_after: int = 35 * SECOND
    print_after: int = MINUTE
    longest_print_after: int = 16 * MINUTE
    pause: int = SECOND
    longest_pause: int = MINUTE
    renew_before: int = 10 * MINUTE


class Rivals(msgspec.Struct, frozen=True):
    """
    What is done after another login with the same app key ended the stream.

    Attributes:
        return_after: How long it is left to the other before it is taken back [ns of wall
            time]; doubled each time in a row.
        returns: How often in a row it is taken back; after that a person must ask for it.
        calm_after: A stream that stood so long begins to count anew [ns of wall time].
    """

    return_after: int = 5 * MINUTE
    returns: int = 3
    calm_after: int = 60 * MINUTE


class SocketLimits(msgspec.Struct, frozen=True):
    """
    What one connection of the socket takes.

    Attributes:
        group_items: Items of one group.
        items: Items of all groups that name an instrument; one client was refused beyond about
            97, another beyond 200.
        frames: Of one kind that may leave; of fifty at once a client had five taken.
    """

    group_items: int = 100
    items: int = 90
    frames: Rate = Rate(4, 21 * SECOND // 20)


class ListHabits(msgspec.Struct, frozen=True):
    """
    What the lists of a day show.

    Attributes:
        ends_at: From then on an order of today that still shows a rest and is in no list of
            open orders has expired [KST].
        has_fill_rows: Whether kt00009 is asked for single fills; what it says is used only
            where it agrees with everything else that is known.
    """

    ends_at: time = time(20, 5)
    has_fill_rows: bool = True


class KiwoomConfig(msgspec.Struct, frozen=True, kw_only=True):
    """
    Everything that is set by experience.

    Attributes:
        quiet_period: Longest time between sending an order and its showing in every list [ns].
        orders_per_sec, queries_per_sec: What executors are told to keep to, in all.
        renew_from, renew_to: When a token that would end before `lasts_until` is exchanged
            [KST]: before the opening, as the server gives the old one as long as it lives.
        lasts_until: End of the last market of a day [KST].
        bases_from: From then on quotes have the base prices of the day [KST], not those of the
            day before; nobody measured when they change, and nothing trades before.
        order_types: Kinds of order that are sent at all, None for every one.
        market_price: What `ord_uv` is of an order without a price: empty or "0".
        account_items: What is registered for what concerns the account: `[""]` or `[]`.
        vi_ends: FID 9068 once a VI is over, by one reading; by another it says of which kind the
            VI is. So any other value begins one, and this one too where none is going on.
        user_agent: Some are blocked by the firewall before the server.
    """

    quotas: Quotas
    orders_per_sec: int
    queries_per_sec: int
    quiet_period: int = 10 * SECOND
    patience: Patience = Patience()
    rivals: Rivals = Rivals()
    socket: SocketLimits = SocketLimits()
    lists: ListHabits = ListHabits()
    renew_from: time = time(7, 30)
    renew_to: time = time(8, 50)
    lasts_until: time = time(20, 0)
    bases_from: time = time(8, 0)
    order_types: frozenset[TradeType] | None = None
    market_price: str = ""
    account_items: tuple[str, ...] = ("",)
    vi_ends: str = "2"
    user_agent: str = "Mozilla/5.0 (compatible; maemae)"

    def faster(self, times: int) -> KiwoomConfig:
        """Return the same with everything on the wall's clock so many times as fast; for tests."""
        quotas, patience, rivals = self.quotas, self.patience, self.rivals
        each = Rate(quotas.each.requests, quotas.each.within // times)
        frames = Rate(self.socket.frames.requests, self.socket.frames.within // times)
        pause = quotas.rate_pause // times
        waits = {
            name: max(getattr(patience, name) // times, _SHORTEST)
            for name in patience.__struct_fields__
            if name not in ("connect_within", "renew_before")
        }
        return msgspec.structs.replace(
            self,
            quotas=msgspec.structs.replace(quotas, each=each, rate_pause=pause),
            patience=msgspec.structs.replace(patience, **waits),
            socket=msgspec.structs.replace(self.socket, frames=frames),
            rivals=msgspec.structs.replace(
                rivals,
                return_after=rivals.return_after // times,
                calm_after=rivals.calm_after // times,
            ),
            quiet_period=self.quiet_period // times,
            orders_per_sec=self.orders_per_sec * times,
            queries_per_sec=self.queries_per_sec * times,
        )


_SHORTEST: Final = SECOND // 20

REAL_CONFIG: Final = KiwoomConfig(
    quotas=Quotas(Rate(4, 21 * SECOND // 20)), orders_per_sec=4, queries_per_sec=4
)
"""Real: the refusal names a limit of 5 a second and transaction; one is left as a reserve."""

PAPER_CONFIG: Final = KiwoomConfig(
    quotas=Quotas(Rate(1, 11 * SECOND // 10)), orders_per_sec=1, queries_per_sec=1
)
"""Paper: about one a second and transaction; 1.1 s apart was never refused."""


def config_of(mode: Mode) -> KiwoomConfig:
    """Return the usual configuration of a mode."""
    return REAL_CONFIG if mode is Mode.REAL else PAPER_CONFIG
