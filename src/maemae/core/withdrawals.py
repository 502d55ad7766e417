"""A wish that a person takes back while it waits: for a price, a time, its turn or the market."""

from __future__ import annotations

from maemae.core import orders, parents
from maemae.core.actions import IntentReleased, RebalanceEnded
from maemae.core.desk import Desk
from maemae.core.events import WishWithdrawn
from maemae.core.state import Rebalance
from maemae.domain.errors import InvalidValueError
from maemae.domain.ids import IntentId


def take_withdrawal(desk: Desk, event: WishWithdrawn) -> None:
    """Take a wish back, and cancel what of it works."""
    state, intent_id = desk.state, event.intent_id
    parent = state.parents.get(intent_id)
    rebalance = _rebalance(desk, intent_id)
    if parent is not None:
        parents.withdraw(desk, parent)
    elif rebalance is not None:
        _end(desk, rebalance)
    elif any(parked.intent_id == intent_id for parked in state.parked):
        desk.do(IntentReleased(intent_id))
    else:
        raise InvalidValueError(
            f"기다리는 주문 {intent_id} 이(가) 없습니다. 이미 끝났거나 번호가 다릅니다. "
            "maemae orders 로 확인하세요.",
            f"No order {intent_id} waits: it has ended, or the number is another. "
            "See maemae orders.",
        )


def _rebalance(desk: Desk, intent_id: IntentId) -> Rebalance | None:
    found = (each for each in desk.state.rebalances.values() if each.intent.intent_id == intent_id)
    return next(found, None)


def _end(desk: Desk, rebalance: Rebalance) -> None:
    desk.do(RebalanceEnded(rebalance.intent.account_id, rebalance.intent.sleeve_id))
    for number in rebalance.waits_for:
        order = desk.state.orders.get(number)
        if order is not None and not order.is_closed:
            orders.cancel(desk, order)
