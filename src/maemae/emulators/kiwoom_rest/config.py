"""What an emulated Kiwoom server is started with; what nobody could confirm is a setting here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from enum import unique
from typing import Final

import msgspec

from maemae.domain.ids import AccountId, Symbol
from maemae.domain.instant import SECOND
from maemae.domain.terms import Mode, Term
from maemae.emulators.exchange_config import ExchangeConfig
from maemae.emulators.kiwoom_rest.codes import FORMS
from maemae.emulators.kiwoom_rest.faults import Faults
from maemae.krx.costs import KIWOOM_PAPER, KIWOOM_REAL, CostSchedule


class Credential(msgspec.Struct, frozen=True):
    """
    A pair of keys, which belongs to one account of one world.

    Attributes:
        mode: PAPER (모의투자) or REAL; a server of the other world refuses the keys.
    """

    app_key: str
    secret_key: str
    account_id: AccountId
    mode: Mode = Mode.PAPER


class Rate(msgspec.Struct, frozen=True):
    """How many requests of one kind and key are taken: in a second, and at once."""

    per_sec: int
    burst: int


@unique
class SecondLogin(Term):
    """What a second login of the same key does to the first."""

    KICKS = "KICKS"  # R10001, then closed
    COEXISTS = "COEXISTS"


class Doubts(msgspec.Struct, frozen=True, kw_only=True):
    """
    Facts of the real servers that no official source confirms, as they are assumed.

    Attributes:
        takes_pre_open: Whether the paper server takes orders in the opening auction.
        forms: Kinds of order (`trde_tp`) that are taken; the market played here knows them.
        fills_add_up: Whether FIDs 910 and 911 are the average and sum so far, not one fill's.
        tells_positions: Whether a frame of type 04 follows each fill.
        tells_expiry: Whether the end of the day is told of each open order.
        lists_cancels: Whether orders that were canceled without a fill stay in ka10076.
        lists_fills: Whether kt00009 has a row for each fill, not one for each order.
        header_logs_in: Whether a token in the handshake stands for LOGIN; some clients send no
            other.
        second_login: What happens to the first session of a key.
        items_in_group, items_in_all: Instruments that one group and one session may hold; more
            are refused with 105118 and 105115.
        frames: Frames of one kind that a session may send; more are refused with 105110.
        lists_members: Whether the answer to a live condition search says who is in; where it does
            not, each is told as if it had just come in.
        unifies_on_paper: Whether the paper server answers for codes of both exchanges (_AL).
        names_unified: Whether market lists of both exchanges (`stex_tp` 3) name their stocks so.
        ping_every: Time between two PING frames [ns of wall time].
        pings_missed: After how many unanswered ones the session is closed.
        real_reject_code: Code of a refusal for which no code of the real server is known.
        off_tick_code: The paper server's code for a price between two ticks.
        maintenance_status: HTTP status of every answer during maintenance.
        gold_on_paper: Whether the paper server plays gold.
        gold_settled_at: Time of day in Korea from which a trade in gold is in cash and history.

    Source: 105110, 105115, 105118, their numbers, and a live search without members: one or two
    projects, the real server, August 2026. Both exchanges together: one project that found paper
    and real alike, August 2026, and samples in the broker's list. Gold is settled as of a sample
    of that list. None for any other; see docs/manual, chapter emulators.
    """

    takes_pre_open: bool = False
    forms: frozenset[str] = frozenset(FORMS)
    fills_add_up: bool = True
    tells_positions: bool = True
    tells_expiry: bool = False
    lists_cancels: bool = False
    lists_fills: bool = True
    header_logs_in: bool = True
    second_login: SecondLogin = SecondLogin.KICKS
    items_in_group: int = 200
    items_in_all: int = 200
    frames: Rate = Rate(5, 5)
    lists_members: bool = True
    unifies_on_paper: bool = True
    names_unified: bool = True
    ping_every: int = 10 * SECOND
    pings_missed: int = 3
    real_reject_code: str = "000000"
    off_tick_code: str = "RC4027"
    maintenance_status: int = 503
    gold_on_paper: bool = True
    gold_settled_at: time = time(17, 40)


class Condition(msgspec.Struct, frozen=True):
    """
    A condition (조건식) as a customer would have saved it in the HTS.

    Attributes:
        measure: RATE, change from the base price; VOLUME, volume against the day before.
        at_least: From how much on an instrument is in [ten-thousandths].
    """

    name: str
    measure: str
    at_least: int


class Watchlist(msgspec.Struct, frozen=True):
    """A group of instruments to watch (관심종목), as a customer would have saved it in the HTS."""

    name: str
    symbols: tuple[Symbol, ...]


PAPER_KEYS: Final = Credential("maemae-app-key", "maemae-secret-key", AccountId("8100000111"))
"""The keys that a paper server takes unless it is told others."""

REAL_KEYS: Final = msgspec.structs.replace(PAPER_KEYS, app_key="maemae-real-key", mode=Mode.REAL)
"""The keys that a real-like server takes unless it is told others."""

PAPER_RATE: Final = Rate(1, 2)
"""About one request a second and kind, two at once. Source: measured by two projects, 2026."""

REAL_RATE: Final = Rate(5, 5)
"""Five a second and kind, as the text of a 429 says. Source: measured by two projects, 2026."""


class Tls(msgspec.Struct, frozen=True):
    """
    Where the server is reached over TLS too, for clients that know no other way to it.

    Attributes:
        certificate, key: Files in PEM.
        ports: On the loopback: of both HTTP and WebSocket, each of them.
    """

    certificate: str
    key: str
    ports: tuple[int, ...]


class KiwoomConfig(ExchangeConfig, frozen=True, kw_only=True):
    """
    One emulated server.

    Attributes:
        mode: Which world it belongs to: PAPER or REAL. Both are played on the same market.
        credentials: Keys that are known, those of the other world too.
        port: On the loopback; 0 for any that is free. Both HTTP and WebSocket.
        socket_port: One more port of the same server, for clients that fix the WebSocket's
            port; None for none.
        tls: More ports of the same server, with TLS; None for none.
        rate: What is taken of every kind of request, by key.
        order_rate: The same of orders.
        page_rows: Rows of a page by kind of request, where it is not the usual number.
        conditions: For the condition search.
        watchlists: In the order in which the HTS shows them.
        faults: What is wrong with it from the start.
    """

    mode: Mode = Mode.PAPER
    credentials: tuple[Credential, ...] = (PAPER_KEYS, REAL_KEYS)
    port: int = 0
    socket_port: int | None = None
    tls: Tls | None = None
    rate: Rate = PAPER_RATE
    order_rate: Rate = PAPER_RATE
    page_rows: Mapping[str, int] = {}
    doubts: Doubts = Doubts()
    conditions: tuple[Condition, ...] = (
        Condition("등락률 3% 이상", "RATE", 300),
        Condition("거래량 전일 대비 200%", "VOLUME", 20_000),
    )
    watchlists: tuple[Watchlist, ...] = ()
    faults: Faults = Faults()
    schedule: CostSchedule = KIWOOM_PAPER
    order_digits: int = 7
    days_kept: int = 400

    @property
    def is_paper(self) -> bool:
        """Whether it is a paper server (모의투자)."""
        return self.mode is Mode.PAPER


COSTS: Final = {Mode.PAPER: KIWOOM_PAPER, Mode.REAL: KIWOOM_REAL}
RATES: Final = {Mode.PAPER: PAPER_RATE, Mode.REAL: REAL_RATE}
