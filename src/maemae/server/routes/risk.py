"""Limits: which hold for each sleeve, what is used of them, and new ones."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Response
from pydantic import Field

from maemae.core.limits import Limits
from maemae.core.usage import Usage
from maemae.domain.ids import AccountId, SleeveId, Symbol
from maemae.domain.instant import SECOND
from maemae.domain.intent import MILLION
from maemae.domain.text import Text
from maemae.server import audit
from maemae.server.asking import AccountOf, Here, ask, line_to_calm, require_step_up
from maemae.server.executor_line import ExecutorLine
from maemae.server.idempotency import Once
from maemae.server.models import Asked, Told
from maemae.server.security import refusals
from maemae.server.security.gates import Trader, Viewer, line_to_see
from maemae.server.services import Services
from maemae.trading.control.commands import LimitsQuery, SetLimits
from maemae.trading.control.replies import Accepted, Usages

router = APIRouter(prefix="/api/risk", tags=["risk"])

_SLEEVE = Text("전략의 몫", "sleeve")
_Count = Annotated[int, Field(ge=0, le=1_000_000)]
_Won = Annotated[int, Field(ge=0, le=10**15)]
_Ppm = Annotated[int, Field(ge=0, le=MILLION)]


class ShownLimits(Told):
    """Limits of a sleeve; amounts in won, shares in ppm."""

    max_order_value: int
    max_positions: int
    max_position_weight: int
    max_daily_loss: int | None = Field(description="Null for none.")
    max_orders_per_sec: int
    max_orders_per_day: int
    max_repeats: int
    collar: int = Field(description="Distance of a limit price from the last price.")
    max_price_age_secs: int


class SleeveLimits(Told):
    """The limits that hold for a sleeve, and those that wait for the next session."""

    account_id: AccountId
    sleeve_id: SleeveId
    limits: ShownLimits
    pending: ShownLimits | None


class SleeveUsage(Told):
    """What a sleeve has used of its limits; null without prices."""

    account_id: AccountId
    sleeve_id: SleeveId
    is_halted: bool
    equity: int | None
    orderable: int
    loss: int | None = Field(description="Since the session began; below 0 is a gain [won].")
    orders_today: int
    orders_in_second: int
    positions: int
    heaviest: Symbol | None
    heaviest_ppm: int | None
    limits: ShownLimits


class NewLimits(Asked):
    """
    New limits of a sleeve, all of them.

    What is stricter holds at once, what is looser from the next session on.
    """

    account_id: AccountId = Field(max_length=64, examples=["5012345610"])
    sleeve_id: SleeveId = Field(max_length=64, examples=["MANUAL"])
    max_order_value: _Won
    max_positions: _Count
    max_position_weight: _Ppm
    max_daily_loss: _Won | None
    max_orders_per_sec: _Count
    max_orders_per_day: _Count
    max_repeats: _Count
    collar: _Ppm
    max_price_age_secs: Annotated[int, Field(ge=1, le=86_400)]

    def limits(self, held: Limits) -> Limits:
        """Return the same as the executor is told; the sleeve keeps its entry policy."""
        named = {
            name: getattr(self, name)
            for name in Limits.__struct_fields__
            if name not in {"max_price_age", "entry"}
        }
        age = self.max_price_age_secs * SECOND
        return Limits(**named, max_price_age=age, entry=held.entry)


@router.get("/limits", operation_id="listLimits")
def list_limits(account_id: AccountOf, actor: Viewer, services: Here) -> list[SleeveLimits]:
    """List the limits of an account's sleeves."""
    line = line_to_see(actor, services, account_id)
    return [_limits(usage) for usage in _usages(services, line, account_id)]


@router.get("/usage", operation_id="listUsage")
def list_usage(account_id: AccountOf, actor: Viewer, services: Here) -> list[SleeveUsage]:
    """List what the sleeves of an account have used of their limits."""
    line = line_to_see(actor, services, account_id)
    return [
        SleeveUsage.model_validate(
            {
                **{name: getattr(usage, name) for name in usage.__struct_fields__},
                "limits": _shown(usage.limits),
            }
        )
        for usage in _usages(services, line, account_id)
    ]


@router.put("/limits", operation_id="setLimits", response_model=SleeveLimits)
def set_limits(asked: NewLimits, actor: Trader, once: Once, services: Here) -> Response:
    """Give a sleeve new limits; to raise any of them the second factor is shown again."""
    line = line_to_calm(actor, services, asked.account_id)
    held = _find(services, line, asked.account_id, asked.sleeve_id)
    wanted = asked.limits(held.limits)
    if held.limits.stricter(wanted) != wanted:
        require_step_up(actor, services)
    command = SetLimits(once.command_key, actor.user_id, asked.account_id, asked.sleeve_id, wanted)

    def set_them() -> SleeveLimits:
        ask(services, line, command, Accepted)
        subject = f"{asked.account_id}/{asked.sleeve_id}"
        told = {"before": msgspec.to_builtins(held.limits), "wanted": msgspec.to_builtins(wanted)}
        audit.record(services, actor, "SET_LIMITS", subject, told)
        return _limits(_find(services, line, asked.account_id, asked.sleeve_id))

    return once.answer("PUT /api/risk/limits", asked, set_them)


def _usages(services: Services, line: ExecutorLine, account_id: AccountId) -> list[Usage]:
    told = ask(services, line, LimitsQuery(), Usages)
    return [usage for usage in told.usages if usage.account_id == account_id]


def _find(
    services: Services, line: ExecutorLine, account_id: AccountId, sleeve_id: SleeveId
) -> Usage:
    for usage in _usages(services, line, account_id):
        if usage.sleeve_id == sleeve_id:
            return usage
    raise refusals.no_such(_SLEEVE)


def _limits(usage: Usage) -> SleeveLimits:
    return SleeveLimits(
        account_id=usage.account_id,
        sleeve_id=usage.sleeve_id,
        limits=_shown(usage.limits),
        pending=None if usage.pending is None else _shown(usage.pending),
    )


def _shown(limits: Limits) -> ShownLimits:
    told = {name: getattr(limits, name) for name in limits.__struct_fields__ if name != "entry"}
    return ShownLimits.model_validate(
        {**told, "max_price_age_secs": limits.max_price_age // SECOND}
    )
