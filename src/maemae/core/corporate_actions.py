"""Corporate actions on the books: quantity, cost, guards and cash, summing to the account's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from maemae.core.actions import (
    DividendEarned,
    HoldingChanged,
    ProtectionEnded,
    ProtectionSet,
    ProtectionTriggered,
)
from maemae.core.allocation import allocate
from maemae.core.desk import Desk
from maemae.core.events import CorporateActionDue
from maemae.core.orders import cancel
from maemae.core.restating import lower_guard, restate_parked, restated_trail
from maemae.core.state import Sleeve
from maemae.domain.corporate_action import (
    CashDividend,
    Delisting,
    Merger,
    RightsIssue,
    ShareChange,
)
from maemae.domain.ids import AccountId, Symbol
from maemae.domain.intent import MILLION


def take_corporate_action(desk: Desk, due: CorporateActionDue) -> None:
    """Cancel what rests in the instrument, then change every holding of it."""
    action = due.action
    if not isinstance(action, CashDividend | RightsIssue):
        for number in tuple(desk.state.working.get(action.symbol, ())):
            cancel(desk, desk.state.orders[number])
    by_account: dict[AccountId, list[Sleeve]] = {}
    for sleeve in desk.state.sleeves.values():
        position = sleeve.positions.get(action.symbol)
        if position is not None and position.qty > 0:
            by_account.setdefault(sleeve.account_id, []).append(sleeve)
    for sleeves in by_account.values():
        _BOOKINGS[type(action)](desk, action, sleeves)
    if isinstance(action, ShareChange):
        restate_parked(desk, action)


def _quantities(sleeves: Sequence[Sleeve], symbol: Symbol) -> list[int]:
    return [sleeve.positions[symbol].qty for sleeve in sleeves]


def _share_change(desk: Desk, action: ShareChange | Merger, sleeves: Sequence[Sleeve]) -> None:
    """Exchange old shares for new ones; the account's one fraction is paid out in cash."""
    held = _quantities(sleeves, action.symbol)
    new_total, rest = divmod(sum(held) * action.numerator, action.denominator)
    cash_total = rest * action.cash_per_share // action.denominator
    new_symbol = action.successor if isinstance(action, Merger) else action.symbol
    parts = zip(sleeves, allocate(new_total, held), allocate(cash_total, held), strict=True)
    for sleeve, new_qty, cash in parts:
        cost = sleeve.positions[action.symbol].cost
        _change(desk, sleeve, action.symbol, new_symbol, (new_qty, cost if new_qty else 0, cash))
        _rescale_guard(desk, sleeve, action, new_symbol)


def _delisting(desk: Desk, action: Delisting, sleeves: Sequence[Sleeve]) -> None:
    for sleeve in sleeves:
        cash = sleeve.positions[action.symbol].qty * action.cash_per_share
        _change(desk, sleeve, action.symbol, action.symbol, (0, 0, cash))
        if action.symbol in sleeve.protections:
            desk.do(ProtectionEnded(sleeve.account_id, sleeve.sleeve_id, action.symbol))


def _rights_issue(desk: Desk, action: RightsIssue, sleeves: Sequence[Sleeve]) -> None:
    """Sell the rights: they come whole to the account, so their price is divided."""
    held = _quantities(sleeves, action.symbol)
    rights = sum(held) * action.numerator // action.denominator
    for sleeve, cash in zip(sleeves, allocate(rights * action.right_price, held), strict=True):
        position = sleeve.positions[action.symbol]
        _change(desk, sleeve, action.symbol, action.symbol, (position.qty, position.cost, cash))
        lower_guard(desk, sleeve, action)


def _dividend(desk: Desk, action: CashDividend, sleeves: Sequence[Sleeve]) -> None:
    held = _quantities(sleeves, action.symbol)
    gross = sum(held) * action.amount
    tax = gross * action.tax_ppm // MILLION
    parts = zip(sleeves, allocate(gross - tax, held), allocate(tax, held), strict=True)
    for sleeve, net, withheld in parts:
        desk.do(
            DividendEarned(
                sleeve.account_id,
                sleeve.sleeve_id,
                action.symbol,
                net,
                withheld,
                action.pay_date,
            )
        )


def _change(
    desk: Desk, sleeve: Sleeve, symbol: Symbol, new_symbol: Symbol, new: tuple[int, int, int]
) -> None:
    qty, cost, cash = new
    desk.do(
        HoldingChanged(
            sleeve.account_id, sleeve.sleeve_id, symbol, new_symbol, qty, cost, cash, desk.now
        )
    )


def _rescale_guard(
    desk: Desk, sleeve: Sleeve, action: ShareChange | Merger, new_symbol: Symbol
) -> None:
    """
    Keep the guard where it was, in new shares: twice the shares, half the price.

    Where a successor has a guard of its own, the tighter price of each kind holds for both.
    """
    guard = sleeve.protections.get(action.symbol)
    if guard is None:
        return
    desk.do(ProtectionEnded(sleeve.account_id, sleeve.sleeve_id, action.symbol))
    if new_symbol not in sleeve.positions:
        return
    stop_px = guard.stop_px * action.denominator // action.numerator
    take_px = -(-guard.take_px * action.denominator // action.numerator)
    trail = restated_trail(guard.trail, action.denominator, action.numerator)
    leave_at = guard.leave_at
    other = sleeve.protections.get(new_symbol)
    if other is not None:
        stop_px = max(stop_px, other.stop_px)
        take_px = min((px for px in (take_px, other.take_px) if px), default=0)
        trail = other.trail or trail
        leave_at = min((at for at in (leave_at, other.leave_at) if at), default=0)
    desk.do(
        ProtectionSet(
            sleeve.account_id,
            sleeve.sleeve_id,
            new_symbol,
            stop_px,
            take_px,
            trail,
            leave_at,
            guard.cooldown,
        )
    )
    if guard.leaving is not None:
        desk.do(ProtectionTriggered(sleeve.account_id, sleeve.sleeve_id, new_symbol, guard.leaving))


_BOOKINGS: Final[dict[type, Callable[[Desk, Any, Sequence[Sleeve]], None]]] = {
    ShareChange: _share_change,
    Merger: _share_change,
    Delisting: _delisting,
    RightsIssue: _rights_issue,
    CashDividend: _dividend,
}
