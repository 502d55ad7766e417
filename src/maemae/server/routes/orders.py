"""Orders: what was sent and what became of it; previewed, placed, canceled, replaced, settled."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Self

from fastapi import APIRouter, Query, Response
from pydantic import Field, model_validator

from maemae.core.check_titles import TITLES
from maemae.core.preview import Outlook, Preview
from maemae.domain.ids import AccountId, ClOrdId, OrderId, SleeveId, Symbol
from maemae.domain.instant import kst_datetime
from maemae.domain.intent import Cash, Everything, Shares
from maemae.domain.order_status import OrderStatus
from maemae.domain.refusal import Reason, Refusal
from maemae.domain.terms import Cause, Mode, OrdType, Purpose, Side, TimeInForce
from maemae.domain.text import Text
from maemae.server import asking
from maemae.server.asking import (
    MOST,
    AccountOf,
    AccountPath,
    Here,
    OrderPath,
    ask,
    line_to_calm,
)
from maemae.server.executor_line import ExecutorLine
from maemae.server.idempotency import Once
from maemae.server.models import Asked, Moment, Told
from maemae.server.order_steps import ShownStep, shown_step
from maemae.server.outcome import Outcome, do
from maemae.server.preview_token import GOOD_FOR, Seen, Terms
from maemae.server.problem import ProblemError
from maemae.server.security import refusals
from maemae.server.security.actor import Actor
from maemae.server.security.gates import Trader, Viewer, line_to_see, line_to_trade
from maemae.server.services import Services
from maemae.server.unusual_orders import require_usual
from maemae.storage.queries import OrderFilter, ShownOrder
from maemae.trading.control.commands import (
    Cancel,
    PlaceOrder,
    PreviewOrder,
    Replace,
    Settle,
)
from maemae.trading.control.replies import Previewed

router = APIRouter(prefix="/api/orders", tags=["orders"])

MOVED_TICKS: Final = 10
"""A price that has moved further than this since the preview is asked about again [ticks]."""

_MOST_ROWS: Final = 500
_ORDER: Final = Text("주문", "order")
_Won = Annotated[int, Field(ge=1, le=MOST)]
_Ppm = Annotated[int, Field(ge=1, le=999_999, examples=[30_000])]


class OrderRow(Told):
    """An order as it stands."""

    cl_ord_id: ClOrdId
    account_id: AccountId
    sleeve_id: SleeveId
    symbol: Symbol
    side: Side
    ord_type: OrdType
    time_in_force: TimeInForce
    purpose: Purpose
    cause: Cause
    session_date: date
    at: Moment
    price: int | None = Field(description="Limit [won]; null for a market order.")
    order_qty: int
    cum_qty: int
    leaves_qty: int
    notional: int = Field(description="Sum of its fills [won].")
    status: OrderStatus
    order_id: OrderId | None = Field(description="The broker's newest number of it.")


class OrderPage(Told):
    """Orders, newest first."""

    orders: list[OrderRow]
    next_cursor: int | None = Field(description="For the page after; null at the end.")


class OrderDetail(Told):
    """An order and everything that happened to it, in order."""

    order: OrderRow
    steps: list[ShownStep]


class OrderTerms(Asked):
    """What to buy or sell; exactly one of quantity, cash and everything."""

    account_id: AccountId = Field(max_length=64, examples=["5012345610"])
    symbol: Symbol = Field(pattern=r"^[0-9A-Z]{6}$", examples=["005930"])
    side: Side
    quantity: _Won | None = Field(None, description="Shares.", examples=[10])
    cash: _Won | None = Field(None, description="As many shares as that buys [won].")
    everything: bool = Field(default=False, description="All sellable shares; only to sell.")
    price: _Won | None = Field(None, description="Limit [won]; null for a market order.")
    stop_loss: _Ppm | None = Field(None, description="Distance from the entry price [ppm].")
    take_profit: _Ppm | None = Field(None, description="Distance from the entry price [ppm].")

    @model_validator(mode="after")
    def _has_one_size(self) -> Self:
        if (self.quantity is not None) + (self.cash is not None) + self.everything != 1:
            raise ValueError("name exactly one of quantity, cash and everything")
        if self.everything and self.side is Side.BUY:
            raise ValueError("everything can only be sold")
        return self

    @property
    def size(self) -> Shares | Cash | Everything:
        """The same as the executor is told."""
        if self.quantity is not None:
            return Shares(self.quantity)
        return Everything() if self.cash is None else Cash(self.cash)

    def command(self, key: str, actor: Actor) -> PlaceOrder:
        """Return what the executor is asked."""
        return PlaceOrder(
            key,
            actor.user_id,
            self.account_id,
            self.symbol,
            self.side,
            self.size,
            self.price,
            self.stop_loss,
            self.take_profit,
        )

    def terms(self, actor: Actor) -> Terms:
        """Return what a token is bound to."""
        return Terms(
            actor.user_id,
            self.account_id,
            self.symbol,
            self.side,
            self.size,
            self.price,
            self.stop_loss,
            self.take_profit,
        )


class PlacedTerms(OrderTerms):
    """An order to place; with real money only with the token of its preview."""

    preview_token: str | None = Field(None, max_length=1_000)


class ReplacedTerms(Asked):
    """New terms of a working order."""

    price: _Won = Field(description="Limit [won, on the tick].")
    quantity: _Won = Field(description="Whole quantity, what is filled included [shares].")


class Settled(Asked):
    """What became of an order in doubt, as a person found it at the broker."""

    order_id: Annotated[str, Field(min_length=1, max_length=32)] | None = Field(
        None, description="The broker's number of it; null if the broker never accepted it."
    )
    reason: asking.Reason


class ShownRefusal(Told):
    """One reason against an order, with the figure found and the figure allowed."""

    reason: Reason
    actual: int | None
    limit: int | None
    ko: str
    en: str


class ShownCheck(Told):
    """One check of the risk gate."""

    check: str = Field(examples=["CASH"])
    ko: str
    en: str
    passed: bool


class ShownPreview(Told):
    """What would become of an order now; amounts in won, weights in ppm of the sleeve's equity."""

    outlook: Outlook
    refusals: list[ShownRefusal]
    checks: list[ShownCheck]
    price: int | None
    order_qty: int
    value: int
    reserved: int = Field(description="Cash set aside until it has filled.")
    commission: int | None
    tax: int | None
    cash_before: int
    cash_after: int
    qty_before: int
    qty_after: int
    weight_before: int | None
    weight_after: int | None
    last_price: int | None
    price_age_ms: int | None
    token: str = Field(description="Sent along with the order, it is this very one.")
    token_expires_at: Moment


@router.get("", operation_id="listOrders")
def list_orders(
    account_id: AccountOf,
    actor: Viewer,
    services: Here,
    *,
    open_only: bool = False,
    day: date | None = None,
    limit: Annotated[int, Query(ge=1, le=_MOST_ROWS)] = 100,
    cursor: Annotated[int | None, Query(ge=1, le=MOST)] = None,
) -> OrderPage:
    """List the orders of an account, newest first."""
    line = line_to_see(actor, services, account_id)
    before = None if cursor is None else ClOrdId(cursor)
    wanted = OrderFilter(day=day, is_open_only=open_only, before=before, limit=limit)
    found = line.queries.orders_of(account_id, wanted)
    return OrderPage(
        orders=[OrderRow.model_validate(order) for order in found],
        next_cursor=found[-1].cl_ord_id if len(found) == limit else None,
    )


@router.post("/preview", operation_id="previewOrder")
def preview_order(asked: OrderTerms, actor: Trader, services: Here) -> ShownPreview:
    """Put an order to every check without sending it; says what it would cost and leave."""
    line = line_to_calm(actor, services, asked.account_id)
    preview = _preview(services, line, asked, actor)
    expires_at = services.wall.now() + GOOD_FOR
    seen = Seen(asked.terms(actor), preview.last_price, expires_at)
    return _shown_preview(preview, services.previews.sign(seen), expires_at)


@router.post("", operation_id="placeOrder", response_model=Outcome)
def place_order(asked: PlacedTerms, actor: Trader, once: Once, services: Here) -> Response:
    """Place an order, once for each Idempotency-Key."""
    line = line_to_trade(actor, services, asked.account_id)

    def place() -> Outcome:
        command = asked.command(once.command_key, actor)
        seen: dict[str, object] = {}
        if line.history.command(command.key) is None:  # else it is done, its answer was lost
            _require_as_seen(services, line, asked, actor)
            seen = {"notional": require_usual(services, actor, line, command)}
        subject = asked.account_id
        return do(services, actor, line, command, action="PLACE_ORDER", subject=subject, more=seen)

    return once.answer("POST /api/orders", asked, place)


@router.get("/{account_id}/{cl_ord_id}", operation_id="getOrder")
def get_order(
    account_id: AccountPath, cl_ord_id: OrderPath, actor: Viewer, services: Here
) -> OrderDetail:
    """Tell an order's whole life, from the wish to its end."""
    line = line_to_see(actor, services, account_id)
    order = _order(line, account_id, cl_ord_id)
    steps = line.history.order(cl_ord_id, order.session_date, order.seq)
    return OrderDetail(
        order=OrderRow.model_validate(order), steps=[shown_step(step) for step in steps]
    )


@router.post("/{account_id}/{cl_ord_id}/cancel", operation_id="cancelOrder", response_model=Outcome)
def cancel_order(
    account_id: AccountPath, cl_ord_id: OrderPath, actor: Trader, once: Once, services: Here
) -> Response:
    """Cancel what is left of an order; a real account need not be armed for that."""
    line = line_to_calm(actor, services, account_id)
    _order(line, account_id, cl_ord_id)
    command = Cancel(once.command_key, actor.user_id, cl_ord_id)
    return once.answer(
        f"POST /api/orders/{account_id}/{cl_ord_id}/cancel",
        None,
        lambda: do(services, actor, line, command, action="CANCEL_ORDER", subject=str(cl_ord_id)),
    )


@router.post(
    "/{account_id}/{cl_ord_id}/replace", operation_id="replaceOrder", response_model=Outcome
)
def replace_order(
    account_id: AccountPath,
    cl_ord_id: OrderPath,
    asked: ReplacedTerms,
    actor: Trader,
    once: Once,
    services: Here,
) -> Response:
    """Change price and quantity of a working order."""
    line = line_to_trade(actor, services, account_id)
    _order(line, account_id, cl_ord_id)
    command = Replace(once.command_key, actor.user_id, cl_ord_id, asked.price, asked.quantity)
    return once.answer(
        f"POST /api/orders/{account_id}/{cl_ord_id}/replace",
        asked,
        lambda: do(services, actor, line, command, action="REPLACE_ORDER", subject=str(cl_ord_id)),
    )


@router.post("/{account_id}/{cl_ord_id}/settle", operation_id="settleOrder", response_model=Outcome)
def settle_order(
    account_id: AccountPath,
    cl_ord_id: OrderPath,
    asked: Settled,
    actor: Trader,
    once: Once,
    services: Here,
) -> Response:
    """Say what became of an order that the broker's lists cannot tell from others."""
    line = line_to_calm(actor, services, account_id)
    _order(line, account_id, cl_ord_id)
    order_id = None if asked.order_id is None else OrderId(asked.order_id)
    command = Settle(once.command_key, actor.user_id, cl_ord_id, asked.reason, order_id)
    return once.answer(
        f"POST /api/orders/{account_id}/{cl_ord_id}/settle",
        asked,
        lambda: do(services, actor, line, command, action="SETTLE_ORDER", subject=str(cl_ord_id)),
    )


def _order(line: ExecutorLine, account_id: AccountId, cl_ord_id: ClOrdId) -> ShownOrder:
    order = line.queries.find_order(account_id, cl_ord_id)
    if order is None:
        raise refusals.no_such(_ORDER)
    return order


def _preview(services: Services, line: ExecutorLine, asked: OrderTerms, actor: Actor) -> Preview:
    query = PreviewOrder(asked.command("preview", actor))
    return ask(services, line, query, Previewed).preview


def _require_as_seen(
    services: Services, line: ExecutorLine, asked: PlacedTerms, actor: Actor
) -> None:
    """Refuse an order that is not what was seen, or whose price has moved away since."""
    if asked.preview_token is None:
        if line.mode is Mode.REAL:
            raise ProblemError(409, "PREVIEW_NEEDED", _PREVIEW_NEEDED)
        return
    now = services.wall.now()
    seen = services.previews.read(asked.preview_token, asked.terms(actor), now)
    newest = _preview(services, line, asked, actor)
    if seen.last_price is None or newest.last_price is None:
        return  # the gate refuses what has no price
    tick = newest.tick or max(1, seen.last_price // 1_000)
    if abs(newest.last_price - seen.last_price) > MOVED_TICKS * tick:
        raise ProblemError(
            409,
            "PRICE_MOVED",
            Text(
                f"미리보기 때 {seen.last_price:,}원이던 가격이 {newest.last_price:,}원입니다. 다시 "
                "확인하고 보내세요.",
                f"The price has moved from {seen.last_price:,} to {newest.last_price:,} won since "
                "the preview. Look again, then send it.",
            ),
        )


def _shown_preview(preview: Preview, token: str, expires_at: int) -> ShownPreview:
    age = preview.price_age
    return ShownPreview(
        outlook=preview.outlook,
        refusals=[_shown_refusal(refusal) for refusal in preview.refusals],
        checks=[
            ShownCheck(
                check=checked.check,
                ko=TITLES[checked.check].ko,
                en=TITLES[checked.check].en,
                passed=checked.refusal is None,
            )
            for checked in preview.checks
        ],
        price=preview.price,
        order_qty=preview.order_qty,
        value=preview.value,
        reserved=preview.reserved,
        commission=preview.commission,
        tax=preview.tax,
        cash_before=preview.cash_before,
        cash_after=preview.cash_after,
        qty_before=preview.qty_before,
        qty_after=preview.qty_after,
        weight_before=preview.weight_before,
        weight_after=preview.weight_after,
        last_price=preview.last_price,
        price_age_ms=None if age is None else age // 1_000_000,
        token=token,
        token_expires_at=kst_datetime(expires_at),
    )


def _shown_refusal(refusal: Refusal) -> ShownRefusal:
    return ShownRefusal(
        reason=refusal.reason,
        actual=refusal.actual,
        limit=refusal.limit,
        ko=refusal.text.ko,
        en=refusal.text.en,
    )


_PREVIEW_NEEDED: Final = Text(
    "실전 주문은 미리보기를 확인한 뒤에만 보냅니다. 먼저 미리보기를 하세요.",
    "An order with real money is sent only after its preview was seen. Preview it first.",
)
