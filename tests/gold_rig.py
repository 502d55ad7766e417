"""An emulated Kiwoom server without any socket, whose time a test moves by hand, for gold."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import time
from pathlib import Path
from typing import Final
from unittest import mock

import msgspec

from maemae.domain.instant import SECOND, kst_nanos
from maemae.emulators.exchange import Exchange, Listeners
from maemae.emulators.kiwoom_rest.catalogue import ISSUE_PATH, PATHS
from maemae.emulators.kiwoom_rest.config import KiwoomConfig
from maemae.emulators.kiwoom_rest.counter import Counter
from maemae.emulators.kiwoom_rest.desk import Desk
from maemae.emulators.kiwoom_rest.faults import FaultSwitch
from maemae.emulators.kiwoom_rest.gold_market import KINDS, gold_desk
from maemae.emulators.kiwoom_rest.order_news import OrderEntry
from maemae.emulators.kiwoom_rest.tokens import Tokens
from maemae.emulators.market_source import CatalogueSource, MarketData
from tests.kiwoom_emulator import ACCOUNT, CASH, KEYS, QUICK, REAL_KEYS, Fields

KILO, MINI = (kind.symbol for kind in KINDS)


class HandClock:
    """A time that a test moves: the exchange's; the machine's stands still."""

    def __init__(self) -> None:
        self.time = 0

    def __call__(self, instant: int, _speed: int = 1) -> HandClock:
        self.time = max(self.time, instant)
        return self

    def now(self) -> int:
        return self.time

    def monotonic(self) -> int:
        return self.time

    async def sleep(self, nanos: int) -> None:
        self.time += nanos


class GoldRig:
    """
    The counter of one server.

    Attributes:
        stocks, gold: What answers are computed from.
    """

    def __init__(self, config: KiwoomConfig, data: MarketData, clock: HandClock) -> None:
        keys, wall = KEYS if config.is_paper else REAL_KEYS, HandClock()
        self.gold = gold_desk(config, data, wall)
        self.stocks = Desk(config, Exchange(config, data, wall, _SILENT), wall)
        self.faults = FaultSwitch[OrderEntry](config.faults, config.seed)
        self._clock = clock
        tokens = Tokens(config.mode, config.credentials, wall)
        self._counter = Counter(self.stocks, self.gold, tokens, self.faults, wall)
        for desk in (self.stocks, self.gold):
            desk.exchange.begin()
        issued = {
            "grant_type": "client_credentials",
            "appkey": keys.app_key,
            "secretkey": keys.secret_key,
        }
        token = self._counter.take(ISSUE_PATH, {}, issued).body["token"]
        self._headers = {"authorization": f"Bearer {token}"}

    @property
    def price(self) -> int:
        """The newest price of the big bar's gold [won]."""
        return self.gold.line(KILO).price

    def ask(self, api_id: str, next_key: str = "", **fields: str) -> Fields:
        """Return the body of an answer."""
        headers = {**self._headers, "api-id": api_id}
        if next_key:
            headers |= {"cont-yn": "Y", "next-key": next_key}
        reply = self._counter.take(PATHS[api_id], headers, fields)
        return {**reply.body, "next_key": reply.next_key}

    def buy(self, qty: int, price: int, **changes: str) -> Fields:
        """Order gold."""
        return self._order("kt50000", qty, price, **changes)

    def sell(self, qty: int, price: int, **changes: str) -> Fields:
        """Order gold to be sold."""
        return self._order("kt50001", qty, price, **changes)

    def amend(self, number: str, qty: int, price: int, symbol: str = KILO) -> Fields:
        """Change an order."""
        fields = {"orig_ord_no": number, "mdfy_qty": str(qty), "mdfy_uv": str(price)}
        return self.ask("kt50002", stk_cd=symbol, **fields)

    def cancel(self, number: str, qty: int = 0, symbol: str = KILO) -> Fields:
        """Take an order back."""
        return self.ask("kt50003", orig_ord_no=number, stk_cd=symbol, cncl_qty=str(qty))

    def open_orders(self) -> list[Fields]:
        """Return what waits, oldest first."""
        day = f"{self.gold.today:%Y%m%d}"
        found: list[Fields] = self.ask(
            "kt50075", ord_dt=day, mrkt_deal_tp="1", stk_bond_tp="0", sell_tp="0"
        )["acnt_ord_oso_prst"]
        return found

    def pass_seconds(self, seconds: int) -> None:
        """Let time pass, and the markets go on."""
        self._clock.time += seconds * SECOND
        for desk in (self.stocks, self.gold):
            desk.exchange.advance()

    def go_to(self, at: time) -> None:
        """Go to a time of the day in Korea."""
        ahead = kst_nanos(self.gold.today, at) - self._clock.time
        self.pass_seconds(max(0, ahead // SECOND))

    def next_day(self) -> None:
        """Enter the next session."""
        self.go_to(time(20))
        for desk in (self.stocks, self.gold):
            desk.exchange.start_session()

    def close(self) -> None:
        """Close both ledgers."""
        for desk in (self.stocks, self.gold):
            desk.exchange.close()

    def _order(self, api_id: str, qty: int, price: int, **changes: str) -> Fields:
        fields = {"stk_cd": KILO, "ord_qty": str(qty), "ord_uv": str(price), "trde_tp": "00"}
        return self.ask(api_id, **(fields | changes))


@contextmanager
def gold_rig(folder: Path, data: MarketData, **settings: object) -> Iterator[GoldRig]:
    """Give a server on the clock of a test."""
    clock = HandClock()
    usual = KiwoomConfig(
        ledger=str(folder / "kiwoom.ledger"),
        accounts={ACCOUNT: CASH},
        market=CatalogueSource("", ""),
        credentials=(KEYS, REAL_KEYS),
        opens_at=time(10),
        rate=QUICK,
        order_rate=QUICK,
    )
    with mock.patch("maemae.emulators.exchange.SteadyVenueClock", clock):
        rig = GoldRig(msgspec.structs.replace(usual, **settings), data, clock)
        try:
            yield rig
        finally:
            rig.close()


def _nobody(_told: object) -> None:
    pass


_SILENT: Final = Listeners(_nobody, _nobody, _nobody, _nobody)
