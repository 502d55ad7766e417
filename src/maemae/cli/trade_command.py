"""`maemae trade`: the executor, in the foreground."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Final

import msgspec
import typer

from maemae.cli.asking import ModeOption, mode_of
from maemae.cli.executor_options import AccountOption, DatabaseOption
from maemae.cli.invocation import Invocation
from maemae.cli.options import both, command
from maemae.cli.parsing import (
    MOST_PORT,
    choice_from_text,
    count_from_text,
    pairs_from_texts,
    symbols_from_text,
    won_from_text,
)
from maemae.cli.server_options import BrokerOption, BrokerPortOption, EmulatorOption
from maemae.domain.errors import InvalidValueError
from maemae.domain.terms import TradingState
from maemae.settings import database_from_text


class TradeOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of `maemae trade`."""

    mode: ModeOption = None
    account: AccountOption = None
    broker: BrokerOption = "sim"
    emulator: EmulatorOption = False
    broker_port: BrokerPortOption = None
    strategies: Annotated[
        list[str] | None,
        typer.Option(
            "--strategy",
            metavar="NAME",
            help=both("golden_cross, my.py:MyStrategy … (여러 번)", "a strategy; repeat"),
        ),
    ] = None
    values: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help=both(
                "매개변수 fast=5; 전략이 여럿이면 golden_cross.fast=5", "parameter, such as fast=5"
            ),
        ),
    ] = None
    cash: Annotated[
        str, typer.Option(metavar="WON", help=both("전략마다 나눌 현금 [원]", "of each strategy"))
    ] = "10,000,000"
    manual_cash: Annotated[
        str, typer.Option(metavar="WON", help=both("손 주문의 현금 [원]", "for orders by hand"))
    ] = "10,000,000"
    database: DatabaseOption = None
    dataset: Annotated[
        str | None,
        typer.Option(metavar="NAME", help=both("전략의 워밍업에 쓸 데이터셋", "warm-up dataset")),
    ] = None
    symbols: Annotated[
        str, typer.Option(metavar="005930,…|all", help=both("전략이 볼 종목", "for strategies"))
    ] = "all"
    state: Annotated[
        str | None,
        typer.Option(
            metavar="active|reducing|halted",
            help=both("복구가 끝나면 이 상태로", "what trading is set to once it is ready"),
        ),
    ] = None


def run(call: Invocation, options: TradeOptions) -> None:
    """Run the executor until it is told to stop."""
    mode, settings = mode_of(call, options.mode), call.settings
    port = options.broker_port
    broker_port = None if port is None else count_from_text("--broker-port", port, 1, MOST_PORT)
    cash = won_from_text("--cash", options.cash)
    manual_cash = won_from_text("--manual-cash", options.manual_cash)
    database = None if options.database is None else database_from_text(options.database)
    symbols = symbols_from_text(options.symbols)
    texts = values_by_strategy(
        options.strategies or [], pairs_from_texts("--set", options.values or [])
    )
    state = None
    if options.state is not None:
        states = {each.value.lower(): each for each in TradingState}
        state = choice_from_text("--state", options.state, states)
    for option, won in (("--cash", cash), ("--manual-cash", manual_cash)):
        if won < 0:
            raise InvalidValueError(
                f"{option} 은(는) 0원 이상이어야 합니다.", f"{option} must be 0 won or more."
            )
    from maemae.app.kiwoom.parts import on_kiwoom
    from maemae.app.sim_place import find_place
    from maemae.app.trade_request import BrokerName, TradeRequest, strategy_request
    from maemae.cli.trade_run import run_executor
    from maemae.domain.ids import AccountId

    names = {each.value.lower().replace("_", "-"): each for each in BrokerName}
    broker = choice_from_text("--broker", options.broker, names)
    is_kiwoom = broker is BrokerName.KIWOOM_REST
    place = find_place(settings)
    request = TradeRequest(
        mode=mode,
        account_id=AccountId(options.account or settings.account_id),
        port=place.port if broker_port is None else broker_port,
        broker=broker,
        database=database,
        strategies=[strategy_request(name, given, cash) for name, given in texts.items()],
        dataset=options.dataset or (None if is_kiwoom else place.dataset),
        symbols=symbols,
        manual_cash=manual_cash,
        state=state,
        hurry=settings.hurry,
    )
    if is_kiwoom:
        request = on_kiwoom(settings, request, options.account, is_emulated=options.emulator)
    run_executor(call, request)


def values_by_strategy(
    names: Sequence[str], values: Mapping[str, str]
) -> dict[str, dict[str, str]]:
    """
    Return which strategy gets which values: `fast=5` with one strategy, `golden_cross.fast=5` else.

    Raises:
        InvalidValueError: A strategy is named twice, or a value belongs to none.
    """
    if len(set(names)) != len(names):
        raise InvalidValueError(
            "같은 전략이 두 번 있습니다. --strategy 에 한 번만 쓰세요.",
            "A strategy is named twice. Name it once with --strategy.",
        )
    found: dict[str, dict[str, str]] = {name: {} for name in names}
    for key, value in values.items():
        owner, dot, parameter = key.rpartition(".")
        if not dot and len(names) == 1:
            found[names[0]][key] = value
        elif owner in found:
            found[owner][parameter] = value
        else:
            known = ", ".join(names) or "–"
            raise InvalidValueError(
                f"--set {key} 이(가) 어느 전략의 것인지 모릅니다. 전략({known})마다 "
                "golden_cross.fast=5 처럼 쓰세요.",
                f"--set {key} belongs to no strategy ({known}). Write it like golden_cross.fast=5.",
            )
    return found


COMMAND: Final = (
    "trade",
    both(
        "실행기를 돌립니다: 주문, 복구, 대조, 손절. Ctrl-C 로 멈춥니다.",
        "Run the executor: orders, recovery, reconciliation, stops.",
    ),
    command(TradeOptions, run),
)
"""Name, help and function."""
