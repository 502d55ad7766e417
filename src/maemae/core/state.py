"""
Everything the trading core must not forget; only `maemae.core.fold` changes it.

Prices and phases are not here (`maemae.core.market`): they are observed anew after a restart.
"""

from __future__ import annotations

import hashlib
from datetime import date
from functools import lru_cache
from typing import Final, TypeVar

import msgspec

from maemae.core.events import KillLevel
from maemae.core.limits import Limits
from maemae.core.parent_facts import Part
from maemae.domain.errors import InvalidValueError
from maemae.domain.exit_terms import Trail
from maemae.domain.ids import (
    EXTERNAL_SLEEVE,
    AccountId,
    ClOrdId,
    ExecId,
    IntentId,
    SleeveId,
    Symbol,
)
from maemae.domain.instant import kst_date
from maemae.domain.intent import OrderIntent, ParentIntent, TargetWeights
from maemae.domain.order import Order
from maemae.domain.order_status import OrderStatus
from maemae.domain.position import Position
from maemae.domain.refusal import Reason
from maemae.domain.terms import Cause, TradingState

K = TypeVar("K")

SCHEMA: Final = 2
"""Version of `CoreState` as it is stored; counted up whenever an older one cannot be read."""


class Protection(msgspec.Struct, frozen=True):
    """
    Prices at which a position is left.

    Attributes:
        stop_px, take_px: Trigger prices [won]; 0 for none. A trail lifts the first.
        leaving: Why it is being left. Once reached, a guard holds until the position is
            empty, wherever the price goes meanwhile.
        rung: Place in the ladder of the way in which it is being left, from 0.
        rung_at: When the first order of that way was sent [ns], -1 before.
        trail: How the stop follows the price; None if it stays.
        leave_at: When the position is left, whatever the price [ns, UTC]; 0 for never.
        cooldown: Sessions for which the instrument is left alone afterwards.
    """

    stop_px: int
    take_px: int
    leaving: Cause | None = None
    rung: int = 0
    rung_at: int = -1
    trail: Trail | None = None
    leave_at: int = 0
    cooldown: int = 0


class BaseDoubt(msgspec.Struct, frozen=True):
    """
    A base price that did not follow from the close before.

    Attributes:
        session_date: The newest day on which it did not.
        close, base_price: What it followed, and what it is; only their ratio counts [won].
        accounts: Those of which no person has said that guards may go on.
    """

    session_date: date
    close: int
    base_price: int
    accounts: tuple[AccountId, ...]


class Due(msgspec.Struct, frozen=True, gc=False):
    """When the clock alone makes something happen to an instrument [ns, UTC]."""

    at: int
    symbol: Symbol


class Parent(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    A parent order that may still send.

    Attributes:
        sessions: In which it may still send, the present one included.
        is_begun: Whether one of them has been open.
        parts: What it goes in; empty until it was sized.
        sent: Parts that have had their turn.
        sent_at: When the last of them had [ns, UTC], -1 before.
        working: Numbers of its open orders, oldest first.
        filled: Shares of its orders that have closed.
    """

    intent: ParentIntent
    sessions: int
    is_begun: bool = False
    parts: tuple[Part, ...] = ()
    sent: int = 0
    sent_at: int = -1
    working: tuple[ClOrdId, ...] = ()
    filled: int = 0

    @property
    def qty(self) -> int:
        """The whole [shares]; what is sent again counts once; 0 until it was sized."""
        return sum(part.qty for part in self.parts if not part.is_again)

    @property
    def next_at(self) -> int | None:
        """From when on its next part may go [ns, UTC]; None where it waits for something else."""
        if not self.parts:
            return None if self.intent.crossing else self.intent.starts_at or self.intent.at
        if self.sent == len(self.parts) or (self.parts[self.sent].follows and self.working):
            return None
        return self.sent_at + self.parts[self.sent].after if self.sent else self.intent.at


class Rebalance(msgspec.Struct, frozen=True):
    """A rebalancing whose buys wait for its sells."""

    intent: TargetWeights
    waits_for: tuple[ClOrdId, ...]


class Repetition(msgspec.Struct, frozen=True, gc=False):
    """How often the same order came in a row."""

    side: str
    order_qty: int
    price: int | None
    first_at: int
    count: int


class Sleeve(msgspec.Struct):
    """
    One strategy's share of an account.

    Attributes:
        cash: Cash by trade date, unsettled trades included [won].
        reserved: Set aside for buys that can still fill, charges included [won].
        unsettled: Net cash of trades still to settle, by settlement date [won].
        receivable: Dividends earned and not paid yet, by payment date [won].
        positions: What is held.
        selling: Shares that open sells can still take.
        buying: Number of open buys by instrument.
        realized: Profit after charges, dividends included [won].
        flows: Deposits and transfers in, minus those out [won].
        opening_equity: Equity when the session began [won].
        opening_flows: `flows` when the session began [won].
        orders_today: Orders sent in this session.
        rejected_at: When the broker last rejected a sale of an instrument [ns].
        exit_refusals: Why the last exit was refused; told once, not at every price.
        exit_doubts: The newest sale in doubt that an exit of the instrument met; told once.
        pending_limits: Limits that hold from the next session on, None if nothing waits.
        cooling: Instruments that were left, and the session from which on they may be bought.
        best_profit: Highest equity minus `flows` at the beginning of a session [won].
        stops_today: Stops that fired in this session.
        rejections_today: Orders that the broker rejected in this session.
        sent_at: Send times of the last orders, newest last [ns]; as many as the rate allows.
    """

    account_id: AccountId
    sleeve_id: SleeveId
    limits: Limits
    cash: int
    opening_equity: int
    flows: int = 0
    opening_flows: int = 0
    reserved: int = 0
    realized: int = 0
    commission: int = 0
    tax: int = 0
    halted: bool = False
    orders_today: int = 0
    unsettled: dict[date, int] = {}
    receivable: dict[date, int] = {}
    positions: dict[Symbol, Position] = {}
    selling: dict[Symbol, int] = {}
    buying: dict[Symbol, int] = {}
    protections: dict[Symbol, Protection] = {}
    repetitions: dict[Symbol, Repetition] = {}
    sent_at: list[int] = []
    rejected_at: dict[Symbol, int] = {}
    exit_refusals: dict[Symbol, tuple[Reason, ...]] = {}
    exit_doubts: dict[Symbol, ClOrdId] = {}
    pending_limits: Limits | None = None
    cooling: dict[Symbol, date] = {}
    best_profit: int = 0
    stops_today: int = 0
    rejections_today: int = 0

    @property
    def orderable(self) -> int:
        """Cash that new buys may use; proceeds of sales count at once [won]."""
        return self.cash - self.reserved

    @property
    def withdrawable(self) -> int:
        """Cash that may leave the account: settled, and not needed by D+2 or open buys [won]."""
        incoming = sum(amount for amount in self.unsettled.values() if amount > 0)
        return max(0, self.cash - incoming - self.reserved)

    def sellable(self, symbol: Symbol) -> int:
        """Shares that no open sell claims; below 0 where more is being sold than held."""
        position = self.positions.get(symbol)
        held = 0 if position is None else position.qty
        return held - self.selling.get(symbol, 0)


class CoreState(msgspec.Struct):
    """
    The book of one executor.

    Attributes:
        trading_state: What holds: the lower of `wanted_state` and `ceiling`.
        trading_reason, kill_reason: What was said when they last changed; for people.
        wanted_state: What a person or a policy wants.
        ceiling: How far the executor lets trading go.
        armed: Until when new real orders of an account may leave [ns, UTC]; an account that
            nobody ever armed is not among them.
        sleeves: By account and sleeve, joined by a tab (neither contains one).
        orders: Orders of this session and every open one, by our number.
        working: Numbers of the open orders of an instrument, oldest first.
        taken: Numbers of this session's intents, and of older ones still at work.
        taken_before: Numbers of the session before; a wish told again over night is known.
        corporate_actions: Those that were taken, by symbol, kind and ex-date.
        quarantined: Accounts whose shares of an instrument do not add up.
        base_doubts: Base prices that did not follow from the close, by instrument.
        blinded: Guarded instruments that show no prices.
        shared_fills: Sleeves whose shares a fill of a sale from elsewhere took, and how many.
        marks: Last price at which an instrument was filled or a session opened [won].
        guarded: Sleeves that guard a position, by instrument.
        trailing: Number of guards whose stop follows the price, by instrument.
        due: What waits for the clock alone, by what it is.
        parents: Parent orders that may still send, oldest first.
        crossings: Of them, those that wait for a price, by instrument.
        children: Parents of open orders, by the order's number.
        rebalances: Rebalancings whose buys are still to come, by sleeve.
        parked: Wishes that wait for the market to open, oldest first.
        turnover: Notional of today's fills by account, instrument and side, where the
            broker rounds its charges by the day [won].
    """

    trading_state: TradingState = TradingState.HALTED
    trading_reason: str = ""
    wanted_state: TradingState = TradingState.HALTED
    ceiling: TradingState = TradingState.ACTIVE
    kill: KillLevel = KillLevel.OFF
    kill_reason: str = ""
    armed: dict[AccountId, int] = {}
    session_date: date | None = None
    last_cl_ord_id: int = 0
    sleeves: dict[str, Sleeve] = {}
    orders: dict[ClOrdId, Order] = {}
    working: dict[Symbol, list[ClOrdId]] = {}
    taken: dict[IntentId, bool] = {}
    taken_before: dict[IntentId, bool] = {}
    corporate_actions: dict[str, bool] = {}
    marks: dict[Symbol, int] = {}
    guarded: dict[Symbol, list[str]] = {}
    trailing: dict[Symbol, int] = {}
    due: dict[str, Due] = {}
    parents: dict[IntentId, Parent] = {}
    crossings: dict[Symbol, list[IntentId]] = {}
    children: dict[ClOrdId, IntentId] = {}
    rebalances: dict[str, Rebalance] = {}
    parked: list[OrderIntent | TargetWeights] = []
    turnover: dict[str, int] = {}
    quarantined: dict[Symbol, list[AccountId]] = {}
    base_doubts: dict[Symbol, BaseDoubt] = {}
    blinded: dict[Symbol, bool] = {}
    shared_fills: dict[ClOrdId, dict[ExecId, tuple[tuple[SleeveId, int], ...]]] = {}

    def is_quarantined(self, account_id: AccountId, symbol: Symbol) -> bool:
        """Whether no new risk may be taken in an instrument because its shares do not add up."""
        accounts = self.quarantined.get(symbol)
        return accounts is not None and account_id in accounts

    def sellable(self, sleeve: Sleeve, symbol: Symbol) -> int:
        """
        Shares of a sleeve that no open sell claims, as far as the account has them.

        A sale by another way (EXTERNAL) may have taken shares that are a strategy's.
        """
        qty = sleeve.sellable(symbol)
        if sleeve_key(sleeve.account_id, EXTERNAL_SLEEVE) not in self.sleeves:
            return qty
        return min(qty, sum(other.sellable(symbol) for other in self.account(sleeve.account_id)))

    def is_in_doubt(self, order: Order) -> bool:
        """
        Whether nobody knows if an open order works.

        Its outcome is not known; or its session is over, which no order outlives, and no list
        has said how it ended.
        """
        return order.standing is OrderStatus.UNKNOWN or self.is_of_before(order)

    def is_of_before(self, order: Order) -> bool:
        """Whether an order was sent in an earlier session than this one."""
        return self.session_date is not None and kst_date(order.at) < self.session_date

    def account(self, account_id: AccountId) -> list[Sleeve]:
        """Return the sleeves of an account."""
        return [sleeve for sleeve in self.sleeves.values() if sleeve.account_id == account_id]

    def is_stated(self, account_id: AccountId) -> bool:
        """
        Whether the broker has said what an account has, beside what its fills brought and took.

        Orders of the day that a person placed are adopted before the broker's first word.
        """
        sleeves = self.account(account_id)
        if any(sleeve.sleeve_id != EXTERNAL_SLEEVE or sleeve.flows for sleeve in sleeves):
            return True
        return bool(sleeves) and all(
            order.account_id != account_id for order in self.orders.values()
        )

    def find_sleeve(self, account_id: AccountId, sleeve_id: SleeveId) -> Sleeve | None:
        """Return the sleeve, or None if there is none."""
        return self.sleeves.get(sleeve_key(account_id, sleeve_id))

    def get_sleeve(self, account_id: AccountId, sleeve_id: SleeveId) -> Sleeve:
        """
        Return the sleeve.

        Raises:
            InvalidValueError: There is none.
        """
        try:
            return self.sleeves[sleeve_key(account_id, sleeve_id)]
        except KeyError:
            raise InvalidValueError(
                f"계좌 {account_id} 에 {sleeve_id} 전략이 없습니다. 먼저 배정하세요.",
                f"Account {account_id} has no sleeve {sleeve_id}. Open it first.",
            ) from None


def book_hash(state: CoreState) -> str:
    """Return the SHA-256 of a book: equal books have equal ones."""
    return hashlib.sha256(msgspec.msgpack.encode(state)).hexdigest()


@lru_cache(maxsize=1_024)
def sleeve_key(account_id: AccountId, sleeve_id: SleeveId) -> str:
    """Return the key of a sleeve in `CoreState.sleeves`."""
    return f"{account_id}\t{sleeve_id}"


def shift(counts: dict[K, int], key: K, change: int) -> None:
    """Add to a count; a count of 0 leaves no trace."""
    count = counts.get(key, 0) + change
    if count:
        counts[key] = count
    else:
        counts.pop(key, None)
