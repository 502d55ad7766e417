"""What the emergency lane did, for a person."""

from __future__ import annotations

import msgspec

from maemae.domain.ids import AccountId, OrderId, Symbol
from maemae.domain.instant import SECOND
from maemae.domain.text import Text
from maemae.trading.emergency.reach import Reach


class CanceledOrder(msgspec.Struct, frozen=True):
    """An order that works no more because it was canceled."""

    account_id: AccountId
    order_id: OrderId
    symbol: Symbol


class Sold(msgspec.Struct, frozen=True):
    """Shares that are held no more, by the broker's own lists."""

    account_id: AccountId
    symbol: Symbol
    qty: int


class Left(msgspec.Struct, frozen=True):
    """
    What could not be done, and why.

    Attributes:
        order_id: The order that still works; None for a position.
        qty: Shares that can still fill, or are still held.
    """

    account_id: AccountId
    symbol: Symbol
    order_id: OrderId | None
    qty: int
    reason: Text


class LaneReport(msgspec.Struct, frozen=True):
    """
    How the emergency lane ended.

    Attributes:
        is_fenced: Whether somebody else took over; it stopped at once.
        is_known: Whether the newest lists of every account were read to the end.
        took: From its start to its end [ns].
    """

    reach: Reach
    canceled: tuple[CanceledOrder, ...]
    sold: tuple[Sold, ...]
    left: tuple[Left, ...]
    is_fenced: bool
    is_known: bool
    took: int

    @property
    def is_done(self) -> bool:
        """Whether everything that was asked for is so, by the broker's own lists."""
        return self.is_known and not self.left and not self.is_fenced

    @property
    def text(self) -> Text:
        """What happened and what to do, in one paragraph."""
        secs = self.took / SECOND
        ko = f"주문 {len(self.canceled)}건 취소, {len(self.sold)}종목 매도 ({secs:.1f}초)."
        en = (
            f"{len(self.canceled)} orders canceled, {len(self.sold)} positions sold ({secs:.1f} s)."
        )
        if self.is_fenced:
            ko += " 다른 실행기가 맡아서 중간에 멈췄습니다."
            en += " Somebody else took over, so it stopped on the way."
        if not self.is_known:
            ko += " 증권사 목록을 끝까지 읽지 못했습니다. 증권사 앱에서 확인하세요."
            en += " The broker's lists could not be read to the end. Look in the broker's own app."
        if self.left:
            ko += f" 남은 것 {len(self.left)}건, 증권사 앱에서 직접 처리하세요: " + "; ".join(
                f"{left.symbol} {left.qty}주 - {left.reason.ko}" for left in self.left
            )
            en += f" {len(self.left)} left, deal with them in the broker's own app: " + "; ".join(
                f"{left.symbol} {left.qty} shares - {left.reason.en}" for left in self.left
            )
        return Text(ko, en)
