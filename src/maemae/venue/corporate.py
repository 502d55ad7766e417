"""What corporate actions and cash flows do to one account of the broker."""

from __future__ import annotations

from datetime import date
from typing import assert_never

from maemae.domain.cash_flow import CashFlow, CashFlowKind
from maemae.domain.corporate_action import (
    CashDividend,
    CorporateAction,
    Delisting,
    Merger,
    RightsIssue,
    ShareChange,
)
from maemae.domain.errors import InvalidValueError
from maemae.domain.ids import Symbol
from maemae.domain.intent import MILLION
from maemae.venue.account import Account, Dividend, Holding


def apply_action(account: Account, action: CorporateAction, day: date) -> None:
    """
    Change holdings and cash as a corporate action says; nobody holds, nothing happens.

    Fractions of a new share are cut off over the whole account and paid in cash, which is cut
    down to whole won; the cost stays with what is kept. A dividend belongs to who holds now
    and is paid on its payment date, at once if that has come.

    Args:
        account: The account; no order in the symbol may be open if its shares change.
        action: What happens.
        day: The session it happens in.

    Raises:
        InvalidValueError: A ratio is not positive.
    """
    holding = account.holdings.get(action.symbol)
    if holding is None:
        return
    match action:
        case ShareChange():
            _exchange(account, holding, action, action.symbol)
        case Merger():
            _exchange(account, holding, action, action.successor)
        case CashDividend():
            _entitle(account, holding, action, day)
        case RightsIssue():
            _require_ratio(action)
            rights = holding.qty * action.numerator // action.denominator
            account.cash += rights * action.right_price
        case Delisting():
            del account.holdings[action.symbol]
            account.cash += holding.qty * action.cash_per_share
        case _:
            assert_never(action)


def apply_flow(account: Account, flow: CashFlow) -> None:
    """
    Move cash in or out of an account; between its sleeves the broker sees nothing.

    Raises:
        InvalidValueError: The sign does not fit the kind, or more is taken than may leave.
    """
    if flow.kind is CashFlowKind.TRANSFER:
        return
    if (flow.amount < 0) is not (flow.kind is CashFlowKind.WITHDRAWAL):
        raise InvalidValueError(
            f"{flow.kind} 의 금액 {flow.amount:,}원은 부호가 맞지 않습니다. 입금은 양수, 출금은 "
            "음수로 쓰세요.",
            f"{flow.amount:,} won has the wrong sign for {flow.kind}. Write what comes in as "
            "positive, what goes out as negative.",
        )
    if -flow.amount > account.withdrawable:
        raise InvalidValueError(
            f"출금 가능 금액 {account.withdrawable:,}원보다 많은 {-flow.amount:,}원을 출금할 수 "
            "없습니다. 결제를 기다리거나 금액을 줄이세요.",
            f"{-flow.amount:,} won cannot leave, {account.withdrawable:,} can. Wait for "
            "settlement or take less.",
        )
    account.cash += flow.amount


def _exchange(
    account: Account, holding: Holding, action: ShareChange | Merger, successor: Symbol
) -> None:
    _require_ratio(action)
    whole, fraction = divmod(holding.qty * action.numerator, action.denominator)
    del account.holdings[action.symbol]
    account.cash += fraction * action.cash_per_share // action.denominator
    if whole == 0:
        return
    present = account.holdings.get(successor)
    if present is None:
        account.holdings[successor] = Holding(whole, holding.cost)
    else:
        present.qty += whole
        present.cost += holding.cost


def _entitle(account: Account, holding: Holding, action: CashDividend, day: date) -> None:
    gross = holding.qty * action.amount
    net = gross - gross * action.tax_ppm // MILLION
    if action.pay_date <= day:
        account.cash += net
    else:
        account.dividends.append(Dividend(action.pay_date, net))


def _require_ratio(action: ShareChange | Merger | RightsIssue) -> None:
    if action.numerator < 1 or action.denominator < 1:
        raise InvalidValueError(
            f"{action.symbol} 의 비율 {action.numerator}:{action.denominator} 이 양수가 아닙니다. "
            "권리 정보를 확인하세요.",
            f"The ratio {action.numerator}:{action.denominator} of {action.symbol} is not "
            "positive. Check the corporate action.",
        )
