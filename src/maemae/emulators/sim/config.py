"""What a simulated broker is started with."""

from __future__ import annotations

from maemae.brokers.sim.messages import Faults
from maemae.domain.instant import SECOND
from maemae.emulators.exchange_config import ExchangeConfig
from maemae.ports import ClientIdSupport


class SimBrokerConfig(ExchangeConfig, frozen=True, kw_only=True):
    """
    One simulated broker.

    Attributes:
        port: On the loopback; 0 for any that is free.
        page_size: Rows of a page of any list.
        orders_per_sec, queries_per_sec: What it takes in any second of the wall.
        quiet_period: What it says of the time until an order shows [ns of wall time].
        client_id: What it does with the client's number.
        faults: What is wrong with it from the start.
    """

    port: int = 0
    page_size: int = 15
    orders_per_sec: int = 5
    queries_per_sec: int = 5
    quiet_period: int = 10 * SECOND
    client_id: ClientIdSupport = ClientIdSupport.NONE
    faults: Faults = Faults()
