"""What the emergency lane knows of the accounts, and what it may do next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from maemae.domain.errors import NotAcceptedError
from maemae.domain.ids import AccountId, OrderId, Symbol
from maemae.domain.instant import MINUTE, SECOND
from maemae.domain.statement import StatedHolding, StatedOrder, StatedStatus
from maemae.domain.text import Text
from maemae.trading.emergency.lane_report import CanceledOrder, LaneReport, Left, Sold
from maemae.trading.emergency.reach import Reach, is_market_sale, must_go

_FIRST_RETRY: Final = SECOND
_LAST_RETRY: Final = MINUTE

_STILL_WORKING: Final = Text("취소가 아직 확인되지 않았습니다", "the cancel is not confirmed yet")
_STILL_HELD: Final = Text("매도가 아직 체결되지 않았습니다", "the sale has not filled yet")
_NOT_SELLABLE: Final = Text(
    "증권사가 매도 가능 수량이 없다고 합니다", "the broker says none is sellable"
)


class Subject(msgspec.Struct, eq=False):
    """
    One order to cancel, or one position to sell.

    Attributes:
        target: As it was read last; what is sold is its sellable quantity.
        is_asked: Whether anything was sent about it.
        is_busy: Whether a request about it is under way.
        not_before: When the lists may be read that the next request goes by [ns, monotonic].
        refusals: Refused in a row.
        reason: Why the last was refused; None if none was.
    """

    target: StatedOrder | StatedHolding
    is_asked: bool = False
    is_busy: bool = False
    not_before: int = 0
    refusals: int = 0
    reason: Text | None = None


class _Lists(msgspec.Struct, frozen=True):
    """Of one account, as read last; None for what could not be read."""

    orders: tuple[StatedOrder, ...] | None
    holdings: tuple[StatedHolding, ...] | None
    read_at: int


class Books:
    """
    Orders and positions of the accounts as the broker's lists tell them.

    Args:
        accounts: Accounts that the lane empties.
        quiet_period: Before it has passed, the lists may not show what was sent [ns].
    """

    def __init__(self, accounts: Sequence[AccountId], quiet_period: int) -> None:
        self.accounts = tuple(accounts)
        self.reach = Reach.NOTHING
        self._quiet_period = quiet_period
        self._first_quiet_at = 0
        self._settled_at = 0
        self._lists: dict[AccountId, _Lists] = {}
        self._cancels: dict[tuple[AccountId, OrderId], Subject] = {}
        self._sales: dict[tuple[AccountId, Symbol], Subject] = {}
        self._most: dict[tuple[AccountId, Symbol], int] = {}

    def begin(self, reach: Reach, now: int) -> None:
        """Start; what was sent by others before now shows after a quiet period [ns]."""
        self.reach = reach
        self._first_quiet_at = self._settled_at = now + self._quiet_period

    def read(
        self,
        account_id: AccountId,
        orders: tuple[StatedOrder, ...] | None,
        holdings: tuple[StatedHolding, ...] | None,
        read_at: int,
    ) -> None:
        """
        Take in an account's lists; None for one that could not be read.

        Args:
            account_id: Account that the lists are of.
            orders: Read before the holdings.
            holdings: Positions.
            read_at: When the reading began [ns, monotonic].
        """
        self._lists[account_id] = _Lists(orders, holdings, read_at)
        for order in orders or ():
            key = account_id, order.order_id
            if key in self._cancels:
                self._cancels[key].target = order
            elif must_go(order, self.reach):
                self._cancels[key] = Subject(order)
        for holding in holdings or ():
            place = account_id, holding.symbol
            self._most[place] = max(self._most.get(place, 0), holding.qty)
            self._sales.setdefault(place, Subject(holding)).target = holding

    def next(self) -> Subject | None:
        """Return what is most urgent and may be done by the newest lists; cancels first."""
        for lists in self._lists.values():
            for order in lists.orders or ():
                subject = self._cancels.get((order.account_id, order.order_id))
                if subject is not None and must_go(order, self.reach) and _is_due(subject, lists):
                    return subject
        for lists in self._lists.values():
            for subject in self._sellable(lists):
                if _is_due(subject, lists):
                    return subject
        return None

    def sent(self, subject: Subject, now: int) -> None:
        """A request about it leaves now [ns, monotonic]."""
        subject.is_asked = subject.is_busy = True
        subject.not_before = now + self._quiet_period
        self._settled_at = max(self._settled_at, subject.not_before)

    def answered(self, subject: Subject) -> None:
        """The broker took it, or nobody knows: the lists tell after the quiet period."""
        subject.is_busy = False
        subject.refusals = 0
        subject.reason = None

    def refused(self, subject: Subject, refusal: NotAcceptedError, now: int) -> None:
        """The broker did not take it: later again, ever more rarely [ns, monotonic]."""
        subject.is_busy = False
        subject.reason = refusal.text
        subject.not_before = now + min(_FIRST_RETRY << subject.refusals, _LAST_RETRY)
        if not refusal.resend:
            subject.refusals = min(subject.refusals + 1, 10)

    @property
    def is_over(self) -> bool:
        """Whether lists that must show everything show nothing more to do."""
        return self._is_known and not any(True for _ in self._left())

    def report(self, took: int, *, is_fenced: bool) -> LaneReport:
        """Return what was done, by the newest lists, and what is left."""
        canceled = tuple(
            CanceledOrder(order.account_id, order.order_id, order.symbol)
            for subject in self._cancels.values()
            if subject.is_asked
            and isinstance(order := subject.target, StatedOrder)
            and order.status is StatedStatus.CANCELED
        )
        held = {
            (holding.account_id, holding.symbol): holding.qty
            for lists in self._lists.values()
            for holding in lists.holdings or ()
        }
        sold = tuple(
            Sold(account_id, symbol, most - held.get((account_id, symbol), 0))
            for (account_id, symbol), most in self._most.items()
            if most > held.get((account_id, symbol), 0) and self._was_read(account_id)
        )
        left = tuple(self._left())
        return LaneReport(self.reach, canceled, sold, left, is_fenced, self._is_known, took)

    def _sellable(self, lists: _Lists) -> Iterator[Subject]:
        """Yield positions of an account that nothing works against and that may be sold."""
        is_early = lists.read_at < self._first_quiet_at
        if self.reach is not Reach.LIQUIDATE or lists.orders is None or is_early:
            return
        working = {order.symbol for order in lists.orders if must_go(order, self.reach)}
        for holding in lists.holdings or ():
            subject = self._sales[holding.account_id, holding.symbol]
            if holding.sellable > 0 and holding.symbol not in working:
                yield subject

    def _left(self) -> Iterator[Left]:
        for lists in self._lists.values():
            for order in lists.orders or ():
                if must_go(order, self.reach):
                    reason = self._cancels[order.account_id, order.order_id].reason
                    yield Left(
                        order.account_id,
                        order.symbol,
                        order.order_id,
                        order.leaves_qty,
                        reason or _STILL_WORKING,
                    )
            for holding in lists.holdings or ():
                if holding.qty > 0:
                    yield self._left_position(holding, lists.orders or ())

    def _left_position(self, holding: StatedHolding, orders: Sequence[StatedOrder]) -> Left:
        reason = self._sales[holding.account_id, holding.symbol].reason
        if reason is None:
            is_selling = any(
                order.symbol == holding.symbol
                and order.status is StatedStatus.WORKING
                and is_market_sale(order)
                for order in orders
            )
            reason = _STILL_HELD if is_selling or holding.sellable else _NOT_SELLABLE
        return Left(holding.account_id, holding.symbol, None, holding.qty, reason)

    @property
    def _is_known(self) -> bool:
        if self.reach is Reach.NOTHING:
            return True  # nothing had to be read
        return all(self._was_read(account_id) for account_id in self.accounts) and all(
            lists.read_at >= self._settled_at for lists in self._lists.values()
        )

    def _was_read(self, account_id: AccountId) -> bool:
        lists = self._lists.get(account_id)
        return lists is not None and lists.orders is not None and lists.holdings is not None


def _is_due(subject: Subject, lists: _Lists) -> bool:
    """Whether lists that must show what was sent before still say that it has to go."""
    return not subject.is_busy and lists.read_at >= subject.not_before
