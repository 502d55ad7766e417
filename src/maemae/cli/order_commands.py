"""`maemae buy`, `sell`, `cancel` and `replace`: orders by hand, through the executor."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from maemae.cli.asking import ModeOption, ask, folder_of, mode_of, who
from maemae.cli.executor_options import AccountOption
from maemae.cli.invocation import Invocation
from maemae.cli.options import both, command
from maemae.cli.order_outcome import follow_order, follow_request
from maemae.cli.parsing import (
    MOST_CASH,
    MOST_QTY,
    count_from_text,
    ratio_from_text,
    required,
    symbol_from_text,
    won_from_text,
)
from maemae.cli.screen import Screen
from maemae.domain.errors import InvalidValueError
from maemae.domain.ids import MANUAL_SLEEVE, AccountId, ClOrdId, IntentId, OrderId, SleeveId
from maemae.domain.intent import Cash, Everything, Shares
from maemae.domain.order import Order
from maemae.domain.terms import Side
from maemae.trading.control.commands import (
    Cancel,
    OrdersQuery,
    PlaceOrder,
    Replace,
    Settle,
    Withdraw,
)
from maemae.trading.control.replies import Accepted, Orders

_MOST_NUMBER: Final = 2**62
_MARK_OF_WISH: Final = ":"  # in every number of a wish, in none of an order

SymbolArgument = Annotated[
    str, typer.Argument(metavar="SYMBOL", help=both("종목코드, 005930", "code, such as 005930"))
]
QtyOption = Annotated[str | None, typer.Option(metavar="N", help=both("수량 [주]", "shares"))]
CashOption = Annotated[
    str | None,
    typer.Option(metavar="WON", help=both("금액 [원]: 1,000,000 이나 100만", "money [won]")),
]
LimitOption = Annotated[
    str | None,
    typer.Option(metavar="PRICE", help=both("지정가 [원]; 없으면 시장가", "limit; else market")),
]
SleeveOption = Annotated[
    str, typer.Option(metavar="NAME", help=both("전략별 몫", "sleeve that pays"))
]
KeyOption = Annotated[
    str | None,
    typer.Option(
        metavar="KEY",
        help=both("이 명령의 고유 키; 같은 키는 두 번 주문하지 않는다", "the same key orders once"),
    ),
]


class BuyOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of `maemae buy`."""

    symbol: SymbolArgument
    qty: QtyOption = None
    cash: CashOption = None
    limit: LimitOption = None
    stop: Annotated[
        str | None,
        typer.Option(metavar="3%", help=both("손절: 산 값에서 이만큼 아래", "stop below entry")),
    ] = None
    take: Annotated[
        str | None,
        typer.Option(metavar="9%", help=both("익절: 산 값에서 이만큼 위", "target above entry")),
    ] = None
    account: AccountOption = None
    sleeve: SleeveOption = str(MANUAL_SLEEVE)
    key: KeyOption = None
    mode: ModeOption = None


class SellOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of `maemae sell`."""

    symbol: SymbolArgument
    qty: QtyOption = None
    cash: CashOption = None
    everything: Annotated[
        bool, typer.Option("--all", help=both("팔 수 있는 전부", "everything sellable"))
    ] = False
    limit: LimitOption = None
    account: AccountOption = None
    sleeve: SleeveOption = str(MANUAL_SLEEVE)
    key: KeyOption = None
    mode: ModeOption = None


class CancelOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of `maemae cancel`."""

    number: Annotated[
        str | None,
        typer.Argument(
            metavar="NUMBER",
            help=both("주문 번호나 대기 번호", "number of an order, or of what waits"),
        ),
    ] = None
    everything: Annotated[
        bool,
        typer.Option(
            "--all", help=both("미체결과 기다리는 주문 모두", "every open order, and what waits")
        ),
    ] = False
    key: KeyOption = None
    mode: ModeOption = None


class ReplaceOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of `maemae replace`."""

    number: Annotated[
        str, typer.Argument(metavar="NUMBER", help=both("주문 번호", "number of the order"))
    ]
    price: Annotated[
        str | None, typer.Option(metavar="PRICE", help=both("새 지정가 [원]", "new limit [won]"))
    ] = None
    qty: Annotated[
        str | None,
        typer.Option(metavar="N", help=both("체결분을 포함한 새 수량 [주]", "new whole quantity")),
    ] = None
    key: KeyOption = None
    mode: ModeOption = None


class SettleOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of `maemae settle`."""

    number: Annotated[
        str, typer.Argument(metavar="NUMBER", help=both("주문 번호", "number of the order"))
    ]
    broker_number: Annotated[
        str | None,
        typer.Option(
            metavar="NUMBER",
            help=both("증권사 앱에서 본 주문번호", "the broker's number of it, as its app shows"),
        ),
    ] = None
    absent: Annotated[
        bool,
        typer.Option(
            "--absent",
            help=both(
                "접수되지 않았다. 지난 거래일 주문이면 끝났다",
                "the broker never accepted it; of an earlier day: it is over",
            ),
        ),
    ] = False
    reason: Annotated[str, typer.Option(help=both("그렇게 본 이유", "how you know"))] = ""
    mode: ModeOption = None


def buy(call: Invocation, options: BuyOptions) -> None:
    """Buy, and say what came of it."""
    size = _size(options.qty, options.cash, everything=False)
    stop, take = (
        None if text is None else ratio_from_text(option, text)
        for option, text in (("--stop", options.stop), ("--take", options.take))
    )
    _place(call, options, Side.BUY, size, stop, take)


def sell(call: Invocation, options: SellOptions) -> None:
    """Sell, and say what came of it."""
    size = _size(options.qty, options.cash, everything=options.everything)
    _place(call, options, Side.SELL, size, None, None)


def cancel(call: Invocation, options: CancelOptions) -> None:
    """Cancel an order or take back what waits; or every open order, and all that waits."""
    if options.everything == (options.number is not None):
        raise InvalidValueError(
            "취소할 주문의 번호나 --all 가운데 하나만 쓰세요.",
            "Name the order to cancel, or say --all; one of the two.",
        )
    home = folder_of(call, options.mode)
    key = _key(options.key)
    is_done = True
    if options.number is None:
        is_done = _cancel_all(call.screen, home, key)
    elif _MARK_OF_WISH in options.number:
        _withdraw(call.screen, home, key, IntentId(options.number.strip()))
    else:
        is_done = _cancel(call.screen, home, key, _number(options.number))
    if not is_done:
        raise typer.Exit(1)


def _cancel_all(screen: Screen, home: Path, key: str) -> bool:
    """Cancel the open orders, then take back what waits still: a part's cancel did so already."""
    found = ask(home, OrdersQuery(), Orders)
    if not found.orders and not found.waiting:
        screen.say("취소할 미체결 주문이 없습니다.", "There is no open order.")
    is_done = True
    numbers = [order.cl_ord_id for order in found.orders]
    is_only = len(numbers) + len(found.waiting) == 1
    for number in numbers:
        is_done &= _cancel(screen, home, key if is_only else f"{key}:{number}", number)
    if found.waiting:
        for each in ask(home, OrdersQuery(), Orders).waiting:
            own = key if is_only else f"{key}:{each.intent_id}"
            _withdraw(screen, home, own, each.intent_id)
    return is_done


def _cancel(screen: Screen, home: Path, key: str, number: ClOrdId) -> bool:
    reply = ask(home, Cancel(key, who(), number), Accepted)
    return follow_request(screen, home, number, reply)


def _withdraw(screen: Screen, home: Path, key: str, intent_id: IntentId) -> None:
    reply = ask(home, Withdraw(key, who(), intent_id), Accepted)
    works = len(reply.numbers)
    screen.say(
        f"기다리던 주문 {intent_id} 을(를) 거두었습니다. 취소를 보낸 주문 {works}건.",
        f"{intent_id} waits no more: taken back. Cancels sent for its orders: {works}.",
    )


def replace(call: Invocation, options: ReplaceOptions) -> None:
    """Change price or quantity of an order."""
    number = _number(options.number)
    price = None if options.price is None else _price("--price", options.price)
    qty = None if options.qty is None else count_from_text("--qty", options.qty, 1, MOST_QTY)
    if price is None and qty is None:
        raise InvalidValueError(
            "무엇을 바꿀지 --price 나 --qty 로 적으세요.", "Say what to change: --price or --qty."
        )
    home = folder_of(call, options.mode)
    order = _find(ask(home, OrdersQuery(), Orders), number)
    price = order.price if price is None else price
    if price is None:
        raise InvalidValueError(
            f"주문 {number} 은(는) 시장가입니다. --price 로 지정가를 적으세요.",
            f"Order {number} is at market. Give it a limit with --price.",
        )
    asked = Replace(_key(options.key), who(), number, price, qty or order.order_qty)
    if not follow_request(call.screen, home, number, ask(home, asked, Accepted)):
        raise typer.Exit(1)


def settle(call: Invocation, options: SettleOptions) -> None:
    """Say what became of an order that the broker's lists cannot tell from others."""
    if (options.broker_number is not None) == options.absent:
        raise InvalidValueError(
            "--broker-number 로 증권사 주문번호를 적거나, 접수되지 않았으면 --absent 를 붙이세요.",
            "Name the broker's number with --broker-number, or say --absent.",
        )
    number = _number(options.number)
    broker_number = None
    if options.broker_number is not None:
        broker_number = OrderId(required("--broker-number", options.broker_number))
    reason = required("--reason", options.reason)
    asked = Settle(_key(None), who(), number, reason, broker_number)
    ask(folder_of(call, options.mode), asked, Accepted)
    call.screen.say(
        f"주문 {number} 을(를) 말씀하신 대로 정했습니다. 계좌를 다시 대조합니다.",
        f"Order {number} is settled as you say. The account is read again.",
    )


def _place(
    call: Invocation,
    options: BuyOptions | SellOptions,
    side: Side,
    size: Shares | Cash | Everything,
    stop: int | None,
    take: int | None,
) -> None:
    price = None if options.limit is None else _price("--limit", options.limit)
    account = options.account or call.settings.account_id
    order = PlaceOrder(
        _key(options.key),
        who(),
        AccountId(account),
        symbol_from_text(options.symbol),
        side,
        size,
        price,
        stop,
        take,
        SleeveId(required("--sleeve", options.sleeve)),
    )
    home = call.settings.data_folder(mode_of(call, options.mode))
    if not follow_order(call.screen, home, order, ask(home, order, Accepted)):
        raise typer.Exit(1)


def _size(qty: str | None, cash: str | None, *, everything: bool) -> Shares | Cash | Everything:
    if [qty is not None, cash is not None, everything].count(True) != 1:
        raise InvalidValueError(
            "얼마나 주문할지 --qty, --cash, --all(매도만) 가운데 하나만 쓰세요.",
            "Say how much with one of --qty, --cash and, to sell, --all.",
        )
    if qty is not None:
        return Shares(count_from_text("--qty", qty, 1, MOST_QTY))
    if cash is not None:
        return Cash(_price("--cash", cash))
    return Everything()


def _price(option: str, text: str) -> int:
    won = won_from_text(option, text)
    if won < 1:
        raise InvalidValueError(
            f"{option} {text} 은(는) 1원 이상이어야 합니다 ({MOST_CASH:,}원까지).",
            f"{option} {text} must be at least 1 won (and at most {MOST_CASH:,}).",
        )
    return won


def _number(text: str) -> ClOrdId:
    return ClOrdId(count_from_text("NUMBER", text.strip().removeprefix("#"), 1, _MOST_NUMBER))


def _key(given: str | None) -> str:
    return uuid.uuid4().hex if given is None else required("--key", given)


def _find(orders: Orders, number: ClOrdId) -> Order:
    for order in orders.orders:
        if order.cl_ord_id == number:
            return order
    raise InvalidValueError(
        f"미체결 주문 {number} 이(가) 없습니다. maemae orders 로 번호를 확인하세요.",
        f"There is no open order {number}. See its number with maemae orders.",
    )


COMMANDS: Final = (
    ("buy", both("삽니다.", "Buy."), command(BuyOptions, buy)),
    ("sell", both("팝니다.", "Sell."), command(SellOptions, sell)),
    (
        "cancel",
        both("주문을 취소하거나 기다리는 주문을 거둡니다. --all 은 모두.", "Cancel, or take back."),
        command(CancelOptions, cancel),
    ),
    (
        "replace",
        both("주문의 가격이나 수량을 바꿉니다.", "Change price or quantity of an order."),
        command(ReplaceOptions, replace),
    ),
    (
        "settle",
        both(
            "결과를 모르는 주문이 어떻게 되었는지 정합니다.",
            "Say what became of an order in doubt.",
        ),
        command(SettleOptions, settle),
    ),
)
"""Names, helps and functions."""
