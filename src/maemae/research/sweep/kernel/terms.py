"""What a backtest is run with, as numbers; what the kernel does not know is refused."""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np

from maemae.core.config import CashRule, CoreConfig, ExitStyle, Rung
from maemae.core.limits import Limits
from maemae.domain.errors import InvalidValueError
from maemae.domain.intent import MILLION
from maemae.domain.terms import Mode, PriceBasis
from maemae.krx.costs import CostSchedule, Rounding
from maemae.research.backtest import DEFAULT_PLAN, BacktestPlan
from maemae.research.sweep.kernel import layout
from maemae.strategy.panel import Ints
from maemae.venue.assumptions import (
    RELAXED_ADJUSTED,
    STRICT_KRX,
    Assumptions,
    ProportionalSlippage,
    TickSlippage,
    VolumeShare,
)

_MOST_CASH: Final = 10**12
_ROUNDINGS: Final = {
    Rounding.PER_FILL: layout.PER_FILL,
    Rounding.PER_ORDER: layout.PER_ORDER,
    Rounding.PER_DAY: layout.PER_DAY,
}


def terms_of(plan: BacktestPlan, basis: PriceBasis) -> Ints:
    """
    Return the terms of a run.

    Raises:
        InvalidValueError: A model, limit or amount is none that the kernel knows.
    """
    assumed = plan.assumptions or (STRICT_KRX if basis is PriceBasis.RAW else RELAXED_ADJUSTED)
    limits, config = plan.limits, CoreConfig(Mode.SIM, {})
    _require_known(plan, assumed, config)
    slippage = assumed.slippage
    by_tick = isinstance(slippage, TickSlippage)
    slip = slippage.ticks if isinstance(slippage, TickSlippage) else _ppm(slippage)
    schedule = plan.schedule
    terms = np.zeros(layout.TERMS, np.int64)
    for place, value in {
        layout.IS_RAW: int(basis is PriceBasis.RAW),
        layout.START: plan.cash,
        layout.SPARE: config.cash_spare,
        layout.RESERVE: config.market_reserve_ppm,
        layout.RATE: schedule.rate,
        layout.RATE_UNIT: schedule.rate_unit,
        layout.CUT: schedule.cut,
        layout.ROUNDING: _ROUNDINGS[schedule.rounding],
        layout.CHARGE: -(-schedule.rate * MILLION // schedule.rate_unit),
        layout.SHARE: _share(assumed),
        layout.SLIPS_BY_TICK: int(by_tick),
        layout.SLIP: slip,
        layout.MOST_WORTH: limits.max_order_value,
        layout.MOST_HELD: limits.max_positions,
        layout.MOST_WEIGHT: limits.max_position_weight,
        layout.MOST_ORDERS: min(limits.max_orders_per_day, limits.max_orders_per_sec),
    }.items():
        terms[place] = value
    return terms


def _require_known(plan: BacktestPlan, assumed: Assumptions, config: CoreConfig) -> None:
    """Compare with a run that has nothing but what the kernel knows."""
    limits = plan.limits
    known_limits = Limits(
        max_order_value=limits.max_order_value,
        max_positions=limits.max_positions,
        max_position_weight=limits.max_position_weight,
        max_orders_per_sec=limits.max_orders_per_sec,
        max_orders_per_day=limits.max_orders_per_day,
        collar=limits.collar,
        max_price_age=limits.max_price_age,
    )
    known = msgspec.structs.replace(
        DEFAULT_PLAN,
        cash=plan.cash,
        instruments=plan.instruments,
        schedule=plan.schedule,
        assumptions=plan.assumptions,
        limits=known_limits,
        dense=plan.dense,
    )
    models = Assumptions(
        assumed.name,
        limit_fill=assumed.limit_fill,
        participation=assumed.participation,
        slippage=assumed.slippage,
    )
    models_known = isinstance(assumed.participation, VolumeShare) and isinstance(
        assumed.slippage, TickSlippage | ProportionalSlippage
    )
    exits_known = config.exit_ladder == (Rung(ExitStyle.MARKET),)
    if plan != known or assumed != models or not models_known:
        raise InvalidValueError(
            "커널이 모르는 가정이나 한도가 있습니다.",
            "An assumption or a limit is none that the kernel knows.",
        )
    if config.cash_rule is not CashRule.SHRINK or config.price_guard or not exits_known:
        raise InvalidValueError(
            "커널이 모르는 방식으로 청산하거나 현금을 나눕니다.",
            "Exits or cash follow a rule that the kernel does not know.",
        )
    if not 0 < plan.cash <= _MOST_CASH or not 0 < limits.max_order_value <= _MOST_CASH:
        raise InvalidValueError(
            f"커널은 {_MOST_CASH:,}원까지만 셉니다.", f"The kernel counts up to {_MOST_CASH:,} won."
        )
    _require_small(plan.schedule)


def _require_small(schedule: CostSchedule) -> None:
    if not (0 <= schedule.rate <= MILLION and schedule.rate_unit > 0 and schedule.cut > 0):
        raise InvalidValueError(
            "커널이 셀 수 없는 수수료율입니다.", "The kernel cannot count this rate of commission."
        )


def _ppm(slippage: object) -> int:
    return slippage.ppm if isinstance(slippage, ProportionalSlippage) else 0


def _share(assumed: Assumptions) -> int:
    share = assumed.participation
    return share.ppm if isinstance(share, VolumeShare) else 0
