"""What a person asks an executor for, and the plan that follows from it."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Mapping, Sequence
from enum import unique
from math import isfinite, nan
from typing import Final

import msgspec

from maemae.core.config import CoreConfig, ExitStyle, PriceGuard, Rung
from maemae.core.limits import Limits
from maemae.domain.errors import InvalidValueError
from maemae.domain.ids import MANUAL_SLEEVE, AccountId, SleeveId, Symbol
from maemae.domain.instant import MINUTE, SECOND
from maemae.domain.terms import Mode, Term, TradingState
from maemae.krx.costs import KIWOOM_PAPER, KIWOOM_REAL
from maemae.strategies.loading import load_strategy
from maemae.strategy.parameters import values_from_text
from maemae.trading.plan import ExecutorPlan, Rhythm, SleevePlan

PRICE_GUARD: Final = PriceGuard(
    jump_ppm=100_000, tolerance_ppm=10_000, confirm_after=SECOND, blind_after=30 * SECOND
)
"""A print a tenth away from the last must be confirmed; half a minute without one is blind."""

SIM_PRICE_GUARD: Final = msgspec.structs.replace(
    PRICE_GUARD, blind_after=5 * MINUTE, ahead=5 * MINUTE
)
"""The simulated exchange prints a few times in a bar, and nothing in a minute without trades."""

EXIT_LADDER: Final = (
    Rung(ExitStyle.TRIGGER, lasts=3 * SECOND),
    Rung(ExitStyle.THROUGH, ticks=3, lasts=3 * SECOND),
    Rung(ExitStyle.MARKET),
)
"""An exit asks for its price, then gives three ticks, then takes what there is."""


@unique
class BrokerName(Term):
    """Which broker an executor trades at."""

    SIM = "SIM"
    KIWOOM_REST = "KIWOOM_REST"


class StrategyRequest(msgspec.Struct, frozen=True):
    """
    A strategy that shall trade.

    Attributes:
        spec: A bundled name, or `my.py:MyStrategy`.
        values: Parameters.
        cash: Allotment of its sleeve [won].
    """

    spec: str
    values: Mapping[str, int | float]
    cash: int

    @property
    def sleeve_id(self) -> SleeveId:
        """Name of its sleeve: that of its class or bundled name."""
        return SleeveId(self.spec.rpartition(":")[2])


def strategy_request(spec: str, texts: Mapping[str, str], cash: int) -> StrategyRequest:
    """
    Return a strategy with the values that a person typed.

    A strategy of the user is only run in its worker; its values are checked there.

    Raises:
        StrategyError: There is no bundled strategy of that name, or a value is out of range.
        InvalidValueError: A value is no number.
    """
    if ":" in spec or spec.endswith(".py"):
        return StrategyRequest(
            spec, {name: _number(name, text) for name, text in texts.items()}, cash
        )
    return StrategyRequest(spec, values_from_text(load_strategy(spec), texts), cash)


def _number(name: str, text: str) -> float:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        value = float(text)
    except ValueError:
        value = nan
    if not isfinite(value):
        raise InvalidValueError(
            f"--set {name}={text} 의 값은 숫자여야 합니다.", f"--set {name}={text} needs a number."
        )
    return value


class TradeRequest(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a person asks an executor for.

    Attributes:
        mode: Whose market.
        account_id: The account.
        port: Of the simulated broker.
        broker: Where; the simulated one has a mode of its own.
        emulator_port: Of an emulator of that broker on this machine, None for the broker itself.
        database: URL; None for a SQLite file in the data folder.
        dataset: Bars for the warm-up of strategies; None without strategies.
        symbols: What strategies may trade; None for everything in the dataset.
        manual_cash: Allotment of orders by hand [won].
        state: What trading is set to once recovery has ended; None leaves it as it was.
        hurry: How many times as fast as usual everything on the wall's clock goes; tests
            scale every constant alike.
    """

    mode: Mode
    account_id: AccountId
    port: int
    broker: BrokerName = BrokerName.SIM
    emulator_port: int | None = None
    database: str | None = None
    strategies: Sequence[StrategyRequest] = ()
    dataset: str | None = None
    symbols: tuple[Symbol, ...] | None = None
    manual_cash: int = 0
    state: TradingState | None = None
    limits: Limits = Limits()
    hurry: int = 1

    @property
    def where(self) -> str:
        """Broker and address, for a person."""
        if self.broker is BrokerName.SIM:
            return f"127.0.0.1:{self.port}"
        name = self.broker.value.lower().replace("_", "-")
        return name if self.emulator_port is None else f"{name} 127.0.0.1:{self.emulator_port}"


def core_config(mode: Mode, account_id: AccountId, *, is_emulated: bool = False) -> CoreConfig:
    """
    Return how a core decides; a replay must have the same as the executor.

    Args:
        mode: Whose market.
        account_id: The account.
        is_emulated: Whether an emulator plays the broker of a mode that has a real one.
    """
    is_simulated = mode is Mode.SIM or is_emulated
    return CoreConfig(
        mode,
        {account_id: KIWOOM_PAPER if mode is Mode.PAPER else KIWOOM_REAL},
        price_guard=SIM_PRICE_GUARD if is_simulated else PRICE_GUARD,
        exit_ladder=EXIT_LADDER,
    )


def plan_of(request: TradeRequest) -> ExecutorPlan:
    """Return what an executor is run with."""
    account_id = request.account_id
    is_emulated = request.emulator_port is not None
    core = core_config(request.mode, account_id, is_emulated=is_emulated)
    seats = [SleevePlan(account_id, MANUAL_SLEEVE, request.manual_cash, request.limits)]
    seats += [
        SleevePlan(account_id, strategy.sleeve_id, strategy.cash, request.limits)
        for strategy in request.strategies
    ]
    name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
    return ExecutorPlan(name, core, (account_id,), seats, rhythm=Rhythm().faster(request.hurry))
