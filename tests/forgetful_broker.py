"""
A broker that keeps no number of ours, and whoever sends orders to it, in made-up time.

The broker knows whose each order is, so that afterwards it can be judged whether the sender
found out by the lists alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum

from msgspec.structs import replace

from maemae.domain.ids import EXTERNAL_SLEEVE, ClOrdId, ExecId, OrderId
from maemae.domain.order import Order
from maemae.domain.statement import StatedExecution, StatedOrder, StatedStatus
from maemae.trading.doubt import Absent, Found, Hold, Poll, Verdict, judge_order
from maemae.trading.links import Links
from maemae.trading.outbox import Outbox
from maemae.trading.statements import external_orders
from maemae.trading.turn import fingerprint
from tests.builders import DAY_1, NOON, an_order
from tests.parcels import a_parcel

QUIET = 10
BY_HAND = -1


class Fate(Enum):
    """What happens to an order that is sent."""

    ANSWERED = "accepted, and the answer comes"
    LOST = "accepted, and the answer is lost"
    DROPPED = "never accepted, and nobody says so"


@dataclass(frozen=True)
class Wish:
    """
    One order that is wanted, and what the world does with it.

    Attributes:
        tail: Time until the broker's lists show it.
        twin_after: Time from its sending to the same order placed by hand; None for none.
    """

    price: int
    fate: Fate
    tail: int = 0
    is_filled: bool = False
    twin_after: int | None = None


Judge = Callable[[Order, int, Sequence[Poll], frozenset[OrderId], Sequence[Order]], Verdict]


def by_the_protocol(
    order: Order,
    sent_at: int,
    polls: Sequence[Poll],
    linked: frozenset[OrderId],
    twins: Sequence[Order],
) -> Verdict:
    """Judge as maemae does."""
    return judge_order(order, sent_at, QUIET, polls, linked, twins)


@dataclass(frozen=True)
class Sender:
    """How orders are sent and doubts settled; the defaults are maemae's."""

    judge: Judge = by_the_protocol
    outbox: type[Outbox] = Outbox
    poll_every: int = 3


@dataclass
class Listed:
    """An order at the broker: whose it is, and when the lists show it."""

    row: StatedOrder
    owner: int
    shows_at: int


@dataclass
class World:
    """The broker's ledger of truth, and what the sender believes."""

    wishes: Sequence[Wish]
    sender: Sender
    ledger: list[Listed] = field(default_factory=list)
    believed: dict[int, OrderId] = field(default_factory=dict)
    held: set[int] = field(default_factory=set)
    sent_at: dict[ClOrdId, int] = field(default_factory=dict)
    orders: dict[ClOrdId, Order] = field(default_factory=dict)
    owners: dict[ClOrdId, int] = field(default_factory=dict)
    by_hand: list[tuple[int, int]] = field(default_factory=list)
    external: list[Order] = field(default_factory=list)
    polls: list[Poll] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.links = Links((), DAY_1)
        self.outbox = self.sender.outbox()

    def accept(self, price: int, owner: int, shows_at: int, *, is_filled: bool) -> OrderId:
        number = OrderId(f"{len(self.ledger) + 1:07d}")
        self.ledger.append(Listed(a_row(number, price, is_filled=is_filled), owner, shows_at))
        return number

    def want(self, owner: int) -> None:
        number = ClOrdId(len(self.orders) + 1)
        self.orders[number] = an_order(price=self.wishes[owner].price, cl_ord_id=number)
        self.owners[number] = owner
        self.outbox.put(a_parcel(number, price=self.wishes[owner].price, expires_at=10**9))

    def send(self, now: int) -> None:
        parcel = self.outbox.take(now)
        if parcel is None:
            return
        number = parcel.row.cl_ord_id
        owner = self.owners[number]
        wish = self.wishes[owner]
        is_first = sum(other == owner for other in self.owners.values()) == 1
        fate = wish.fate if is_first else Fate.ANSWERED
        self.outbox.hold(number, parcel.row.fingerprint)
        if is_first and wish.twin_after is not None:
            self.by_hand.append((now + wish.twin_after, wish.price))
        given = None
        if fate is not Fate.DROPPED:
            given = self.accept(wish.price, owner, now + wish.tail, is_filled=wish.is_filled)
        if given is not None and fate is Fate.ANSWERED:
            self.know(number, given)
        else:
            self.sent_at[number] = now

    def know(self, number: ClOrdId, order_id: OrderId) -> None:
        self.links.link(order_id, number)
        self.believed[self.owners[number]] = order_id
        self.sent_at.pop(number, None)
        self.outbox.free(number)

    def place_by_hand(self, now: int) -> None:
        for at, price in [twin for twin in self.by_hand if twin[0] <= now]:
            self.by_hand.remove((at, price))
            self.accept(price, BY_HAND, now, is_filled=False)

    def read_lists(self, now: int) -> None:
        rows = tuple(listed.row for listed in self.ledger if listed.shows_at <= now)
        fills = tuple(a_fill_of(row) for row in rows if row.cum_qty)
        self.polls.append(Poll(now, DAY_1, rows, fills))
        for number in tuple(self.sent_at):
            self.settle(number)
        in_doubt = [self.orders[number] for number in self.sent_at]
        for row in external_orders(self.links.of(DAY_1), rows, in_doubt):
            number = ClOrdId(1_000 + len(self.external))
            adopted = replace(
                an_order(price=row.price), cl_ord_id=number, order_ids=(row.order_id,)
            )
            self.external.append(replace(adopted, sleeve_id=EXTERNAL_SLEEVE))
            self.links.link(row.order_id, number)

    def settle(self, number: ClOrdId) -> None:
        order = self.orders[number]
        unsure = [self.orders[other] for other in self.sent_at if other != number]
        shape = fingerprint(order)
        twins = [twin for twin in (*unsure, *self.external) if fingerprint(twin) == shape]
        verdict = self.sender.judge(
            order, self.sent_at[number], self.polls, frozenset(self.links.of(DAY_1)), twins
        )
        owner = self.owners[number]
        if isinstance(verdict, Hold):
            self.held.add(owner)
        else:
            self.held.discard(owner)
        if isinstance(verdict, Found):
            self.know(number, verdict.order_id)
        elif isinstance(verdict, Absent):
            self.sent_at.pop(number)
            self.outbox.free(number)
            self.want(owner)  # what wanted it still does


def a_row(number: OrderId, price: int, *, is_filled: bool) -> StatedOrder:
    """Return a row of the broker's list for 100 shares."""
    order = an_order(price=price)
    return StatedOrder(
        order.account_id,
        number,
        order.symbol,
        order.side,
        order.ord_type,
        order.time_in_force,
        price,
        order.order_qty,
        order.order_qty if is_filled else 0,
        0 if is_filled else order.order_qty,
        StatedStatus.FILLED if is_filled else StatedStatus.WORKING,
        NOON,
    )


def a_fill_of(row: StatedOrder) -> StatedExecution:
    """Return the one fill of a row."""
    exec_id = ExecId(f"E{row.order_id}")
    px = row.price or 1
    return StatedExecution(
        row.account_id, row.order_id, exec_id, row.symbol, row.side, row.cum_qty, px, row.at
    )


def play(wishes: Sequence[Wish], sender: Sender, by_hand: Sequence[tuple[int, int]] = ()) -> World:
    """Let all that is wanted be sent and settled; `by_hand` are times and prices."""
    world = World(wishes, sender, by_hand=list(by_hand))
    for now in range(len(wishes) * 6 * QUIET + 60):
        world.place_by_hand(now)
        if now % sender.poll_every == 0:
            world.read_lists(now)
        if now == 1:  # the lists were read before anything left
            for owner in range(len(wishes)):
                world.want(owner)
        world.send(now)
    return world


def faults(world: World) -> list[str]:
    """Return what must never happen and did."""
    found = []
    live = Counter(listed.owner for listed in world.ledger)
    whose = {listed.row.order_id: listed.owner for listed in world.ledger}
    by_hand = {listed.row.price for listed in world.ledger if listed.owner == BY_HAND}
    for owner, wish in enumerate(world.wishes):
        if live[owner] > 1:
            found.append(f"order {owner} was sent twice")
        believed = world.believed.get(owner)
        if believed is not None and whose[believed] != owner:
            found.append(f"order {owner} is taken to be one of {whose[believed]}")
        if believed is None and wish.price not in by_hand:
            found.append(f"order {owner} was lost, or held without a reason")
    return found
