"""
What people and programs ask of an executor: commands, which change something, and queries.

The command line, the server and the file flag all speak these words. Who may say which is
decided before: by the mode of the socket here, by roles and a second factor in the server.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

import msgspec

from maemae.core.events import KillLevel
from maemae.core.limits import Limits
from maemae.domain.errors import InvalidValueError
from maemae.domain.ids import (
    EXTERNAL_SLEEVE,
    MANUAL_SLEEVE,
    AccountId,
    ClOrdId,
    IntentId,
    OrderId,
    SleeveId,
    Symbol,
)
from maemae.domain.intent import Cash, Everything, Shares
from maemae.domain.terms import Side, TradingState
from maemae.domain.text import Text


class Command(msgspec.Struct, frozen=True):
    """
    What every command carries.

    Attributes:
        key: The same command always carries the same one, not empty; a second one is answered
            and not done again.
        who: Who asks, for the records.
    """

    key: str
    who: str

    def __post_init__(self) -> None:
        """Refuse what could not be told from another command, or would not say why."""
        if not self.key.strip() or not self.who.strip():
            raise InvalidValueError(
                "명령에 고유 키나 요청자가 없습니다. 둘 다 적어 다시 보내세요.",
                "The command has no key, or nobody asks. Name both and send it again.",
            )
        reason = getattr(self, "reason", None)
        if isinstance(reason, str) and not reason.strip():
            raise InvalidValueError(
                "사유가 없습니다. 나중에 알 수 있게 사유를 적어 다시 보내세요.",
                "There is no reason. Say why, so that it can be known later, and send it again.",
            )


class PlaceOrder(Command, frozen=True, tag="PLACE_ORDER", omit_defaults=True):
    """
    Buy or sell.

    Attributes:
        size: Shares or cash; everything only for a sale.
        price: Limit price [won, on the tick]; None for a market order.
        stop_loss, take_profit: Distance from the entry price at which to leave [ppm].
    """

    account_id: AccountId
    symbol: Symbol
    side: Side
    size: Shares | Cash | Everything
    price: int | None = None
    stop_loss: int | None = None
    take_profit: int | None = None
    sleeve_id: SleeveId = MANUAL_SLEEVE

    def __post_init__(self) -> None:
        """Refuse what no order can be made of."""
        super().__post_init__()
        figures = (self.price, self.stop_loss, self.take_profit, _figure(self.size))
        if any(figure is not None and figure < 1 for figure in figures):
            raise InvalidValueError(
                "수량, 금액, 가격, 손절·익절은 1 이상이어야 합니다. 고쳐서 다시 보내세요.",
                "Quantity, cash, price, stop and target must be at least 1. Correct them.",
            )
        if self.side is Side.BUY and isinstance(self.size, Everything):
            raise InvalidValueError(
                "전량은 매도에만 쓸 수 있습니다. 살 수량이나 금액을 적으세요.",
                "Everything can only be sold. Name the shares or the cash to buy with.",
            )


class Cancel(Command, frozen=True, tag="CANCEL"):
    """Cancel what is left of an order."""

    cl_ord_id: ClOrdId


class Withdraw(Command, frozen=True, tag="WITHDRAW"):
    """Take back a wish that still waits, as `Orders.waiting` names it, with what of it works."""

    intent_id: IntentId


class Replace(Command, frozen=True, tag="REPLACE"):
    """Change the price [won, on the tick] and the whole quantity [shares] of an order."""

    cl_ord_id: ClOrdId
    price: int
    order_qty: int


class Settle(Command, frozen=True, tag="SETTLE", omit_defaults=True):
    """
    Say what became of an order of which the broker's lists do not tell.

    Attributes:
        order_id: The broker's number of it, as the person found it there; None says that the
            broker never accepted it, or of an order of an earlier day that it is over.
    """

    cl_ord_id: ClOrdId
    reason: str
    order_id: OrderId | None = None

    def __post_init__(self) -> None:
        """Refuse a number that is none."""
        super().__post_init__()
        if self.order_id is not None and not self.order_id.strip():
            raise InvalidValueError(
                "증권사 주문번호가 비어 있습니다. 증권사 앱에서 번호를 확인해 적으세요.",
                "The broker's number is empty. Look it up at the broker.",
            )


class Kill(Command, frozen=True, tag="KILL"):
    """Press the kill switch; it only rises until it is released."""

    level: KillLevel
    reason: str

    def __post_init__(self) -> None:
        """Refuse a press that would release."""
        super().__post_init__()
        if self.level is KillLevel.OFF:
            raise InvalidValueError(
                "비상정지의 단계가 OFF 입니다. 해제하려면 해제 명령을 쓰세요.",
                "The kill switch cannot be pressed to OFF. To release it, use the release.",
            )


class ReleaseKill(Command, frozen=True, tag="RELEASE_KILL"):
    """
    Release the kill switch; trading stays as it is until its state is set.

    Attributes:
        read: What the kill file said to the person who releases, empty if there was none: a
            press that came after that is not theirs to release.
    """

    reason: str
    read: str = ""


class SetTradingState(Command, frozen=True, tag="SET_TRADING_STATE"):
    """Open or close trading."""

    state: TradingState
    reason: str


class ResumeSleeve(Command, frozen=True, tag="RESUME_SLEEVE"):
    """Let a halted sleeve trade again."""

    account_id: AccountId
    sleeve_id: SleeveId
    reason: str


class ReleaseSymbol(Command, frozen=True, tag="RELEASE_SYMBOL"):
    """Let an instrument trade again whose holdings did not agree with the broker's."""

    account_id: AccountId
    symbol: Symbol
    reason: str


class SetLimits(Command, frozen=True, tag="SET_LIMITS"):
    """Give a sleeve new limits."""

    account_id: AccountId
    sleeve_id: SleeveId
    limits: Limits


class SetArming(Command, frozen=True, tag="SET_ARMING"):
    """
    Arm an account for real orders, or disarm it.

    Attributes:
        until: When the arming runs out [ns, UTC]; 0 disarms now.
    """

    account_id: AccountId
    until: int
    reason: str

    def __post_init__(self) -> None:
        """Refuse an instant that is none."""
        super().__post_init__()
        if self.until < 0:
            raise InvalidValueError(
                "무장의 끝 시각이 음수입니다. 끝날 시각이나, 해제하려면 0 을 보내세요.",
                "The arming cannot end at a negative instant. Name one, or 0 to disarm.",
            )


class RunStrategy(Command, frozen=True, tag="RUN_STRATEGY", omit_defaults=True):
    """
    Let a strategy run in a sleeve, which is opened if it is not there.

    Attributes:
        spec: A bundled name, or `my.py:MyStrategy`.
        values: Of its parameters; the others keep their defaults.
        cash: What EXTERNAL gives the sleeve for it [won, >= 0].
        limits: Of the sleeve, if it is opened; None for those of every other sleeve.
    """

    account_id: AccountId
    sleeve_id: SleeveId
    spec: str
    values: dict[str, int | float] = {}
    cash: int = 0
    limits: Limits | None = None

    def __post_init__(self) -> None:
        """Refuse what no sleeve can be made of."""
        super().__post_init__()
        if self.cash < 0:
            raise InvalidValueError(
                "배정 금액이 음수입니다. 0원 이상으로 정하세요.",
                "The allotment is negative. Allot at least 0 won.",
            )
        if self.sleeve_id in _NOT_A_STRATEGYS or not _SLEEVE_NAME.fullmatch(self.sleeve_id):
            raise InvalidValueError(
                "전략의 몫 이름은 글자, 숫자, '_', '-', '.' 로 40자까지이고 MANUAL 과 EXTERNAL 은 "
                "쓸 수 없습니다. 다른 이름을 쓰세요.",
                "A strategy's sleeve is named with letters, digits, '_', '-' and '.', at most 40, "
                "and neither MANUAL nor EXTERNAL. Use another name.",
            )


class StartStrategy(Command, frozen=True, tag="START_STRATEGY"):
    """Let the strategy of a sleeve run again, as it was run last."""

    account_id: AccountId
    sleeve_id: SleeveId


class PauseStrategy(Command, frozen=True, tag="PAUSE_STRATEGY"):
    """Let a strategy see the market and wish nothing; what it holds stays protected."""

    account_id: AccountId
    sleeve_id: SleeveId
    reason: str


class StopStrategy(Command, frozen=True, tag="STOP_STRATEGY"):
    """End a strategy's run; what it holds stays protected."""

    account_id: AccountId
    sleeve_id: SleeveId
    reason: str


class AcknowledgeAlert(Command, frozen=True, tag="ACKNOWLEDGE_ALERT"):
    """Say that a person has seen an alert; it is repeated no more."""

    code: str
    subject: str


class RaiseAlert(Command, frozen=True, tag="RAISE_ALERT"):
    """
    Tell people of something that was seen outside of the executor; it is always critical.

    Attributes:
        at: Wall time [ns, UTC].
    """

    code: str
    subject: str
    text: Text
    at: int


class ReclaimStream(Command, frozen=True, tag="RECLAIM_STREAM"):
    """Take the broker's stream back from another login of the same credential."""

    reason: str


class StatusQuery(msgspec.Struct, frozen=True, tag="STATUS"):
    """How does the executor stand?"""


class OrdersQuery(msgspec.Struct, frozen=True, tag="ORDERS"):
    """Which orders are there, the open ones or all of the session, and what still waits?"""

    is_open_only: bool = True


class PreviewOrder(msgspec.Struct, frozen=True, tag="PREVIEW_ORDER"):
    """What would become of an order, were it placed now? Nothing is done."""

    order: PlaceOrder


class LimitsQuery(msgspec.Struct, frozen=True, tag="LIMITS"):
    """Which limits hold for each sleeve, and what is used of them?"""


class RunsQuery(msgspec.Struct, frozen=True, tag="RUNS"):
    """Which strategies run, and how are they?"""


class WhyQuery(msgspec.Struct, frozen=True, tag="WHY"):
    """What does the executor know of why a strategy did not trade in a session?"""

    account_id: AccountId
    sleeve_id: SleeveId
    day: date


class BarsQuery(msgspec.Struct, frozen=True, tag="BARS"):
    """Which bars of an instrument has the present session made so far?"""

    symbol: Symbol


class PositionsQuery(msgspec.Struct, frozen=True, tag="POSITIONS"):
    """What is held?"""


class AlertsQuery(msgspec.Struct, frozen=True, tag="ALERTS"):
    """What must a person look at?"""


class Watch(msgspec.Struct, frozen=True, tag="WATCH"):
    """Tell me of prices, the clock and what becomes durable, until I hang up."""


CoreCommand = (
    PlaceOrder
    | Cancel
    | Withdraw
    | Replace
    | Settle
    | Kill
    | ReleaseKill
    | SetTradingState
    | ResumeSleeve
    | ReleaseSymbol
    | SetLimits
    | SetArming
)
"""Commands that the core decides about."""

StrategyCommand = RunStrategy | StartStrategy | PauseStrategy | StopStrategy
"""Commands about the runs of strategies."""

Query = (
    StatusQuery
    | OrdersQuery
    | PositionsQuery
    | AlertsQuery
    | PreviewOrder
    | LimitsQuery
    | RunsQuery
    | WhyQuery
    | BarsQuery
)
"""Questions; they change nothing and need no key."""

Ask = CoreCommand | StrategyCommand | AcknowledgeAlert | RaiseAlert | ReclaimStream | Query
"""Everything that can be asked of an executor."""


def _figure(size: Shares | Cash | Everything) -> int | None:
    match size:
        case Shares(qty):
            return qty
        case Cash(won):
            return won
        case Everything():
            return None


_NOT_A_STRATEGYS: Final = frozenset({MANUAL_SLEEVE, EXTERNAL_SLEEVE})
_SLEEVE_NAME: Final = re.compile(r"[\w.-]{1,40}")
