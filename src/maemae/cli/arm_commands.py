"""`maemae arm` and `maemae disarm`: whether an account's real orders may leave."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from maemae.cli.asking import ask, who
from maemae.cli.invocation import Invocation
from maemae.cli.options import both, command
from maemae.cli.parsing import count_from_text, required, won_from_text
from maemae.cli.screen import WARNING, Screen
from maemae.core.limits import Limits
from maemae.core.usage import Usage
from maemae.domain.errors import ConfigError, InvalidValueError
from maemae.domain.ids import AccountId
from maemae.domain.instant import MINUTE, kst_datetime
from maemae.domain.terms import Mode
from maemae.trading.control.commands import LimitsQuery, SetArming, SetLimits, StatusQuery
from maemae.trading.control.replies import Accepted, Status, Usages

_MOST_HOURS: Final = 12
_HOUR: Final = 60 * MINUTE

ReasonOption = Annotated[
    str | None,
    typer.Option(metavar="TEXT", help=both("사유; 기록에 남는다", "why; it is recorded")),
]
AccountOption = Annotated[
    str | None, typer.Option(metavar="ID", help=both("실전 계좌", "the real account"))
]


class ArmOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of `maemae arm`."""

    account: AccountOption = None
    hours: Annotated[
        str, typer.Option(metavar="N", help=both("몇 시간 동안 (12까지)", "for so many, up to 12"))
    ] = "7"
    max_order: Annotated[
        str | None,
        typer.Option(metavar="WON", help=both("주문 하나의 한도로 낮춘다", "lower: one order")),
    ] = None
    max_loss: Annotated[
        str | None,
        typer.Option(metavar="WON", help=both("하루 손실 한도로 낮춘다", "lower: loss of a day")),
    ] = None
    reason: ReasonOption = None


class DisarmOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of `maemae disarm`."""

    account: AccountOption = None
    reason: ReasonOption = None


def arm(call: Invocation, options: ArmOptions) -> None:
    """Show what would be let loose, have a person write the account, and arm it."""
    hours = count_from_text("--hours", options.hours, 1, _MOST_HOURS)
    reason = required("--reason", options.reason)
    home, account = _place(call, options.account)
    status = ask(home, StatusQuery(), Status)
    usages = [
        usage for usage in ask(home, LimitsQuery(), Usages).usages if usage.account_id == account
    ]
    if status.mode is not Mode.REAL or not usages:
        raise InvalidValueError(
            f"이 실행기는 실전 계좌 {account} 을(를) 매매하지 않습니다. --account 를 확인하세요.",
            f"This executor does not trade the real account {account}. Check --account.",
        )
    lowered = _lowered(usages, options)
    until = status.venue_time + hours * _HOUR
    _show(call.screen, account, until, lowered)
    _confirm(call.screen, account)
    for usage in lowered:
        if usage not in usages:
            key = f"arm-{uuid.uuid4().hex}"
            ask(home, SetLimits(key, who(), account, usage.sleeve_id, usage.limits), Accepted)
    ask(home, SetArming(f"arm-{uuid.uuid4().hex}", who(), account, until, reason), Accepted)
    end = f"{kst_datetime(until):%m-%d %H:%M}"
    call.screen.say(
        f"무장했습니다. {end} 에 저절로 풀립니다. 바로 풀려면 maemae disarm 을 쓰세요.",
        f"Armed. It ends by itself at {end}; maemae disarm ends it now.",
        "bold",
    )


def disarm(call: Invocation, options: DisarmOptions) -> None:
    """Let no more new real orders leave; what is held stays protected."""
    home, account = _place(call, options.account)
    reason = options.reason or "disarm"
    ask(home, SetArming(f"disarm-{uuid.uuid4().hex}", who(), account, 0, reason), Accepted)
    call.screen.say(
        "무장을 풀었습니다. 새 실전 주문은 나가지 않고, 손절과 청산은 계속됩니다.",
        "Disarmed. No new real orders leave; stops and exits go on.",
        "bold",
    )


def _place(call: Invocation, account: str | None) -> tuple[Path, AccountId]:
    named = required("--account", account).replace("-", "")
    return call.settings.data_folder(Mode.REAL), AccountId(named)


def _lowered(usages: Sequence[Usage], options: ArmOptions) -> list[Usage]:
    """Return the sleeves with the limits that were named, where those are lower."""
    asked = Limits()
    if options.max_order is not None:
        most = _above_0("--max-order", options.max_order)
        asked = msgspec.structs.replace(asked, max_order_value=most)
    if options.max_loss is not None:
        most = _above_0("--max-loss", options.max_loss)
        asked = msgspec.structs.replace(asked, max_daily_loss=most)
    kept = [
        msgspec.structs.replace(
            usage,
            limits=msgspec.structs.replace(
                usage.limits,
                max_order_value=min(usage.limits.max_order_value, asked.max_order_value),
                max_daily_loss=usage.limits.stricter(asked).max_daily_loss,
            ),
        )
        for usage in usages
    ]
    if any(usage.limits.max_daily_loss is None for usage in kept):
        raise InvalidValueError(
            "하루 손실 한도가 없는 전략이 있어 무장하지 않았습니다. --max-loss 로 한도를 정하세요.",
            "A sleeve has no limit of a day's loss, so nothing was armed. Set one with --max-loss.",
        )
    return kept


def _above_0(option: str, text: str) -> int:
    won = won_from_text(option, text)
    if won <= 0:
        raise InvalidValueError(
            f"{option} 은(는) 0원보다 커야 합니다.", f"{option} must be above 0 won."
        )
    return won


def _show(screen: Screen, account: AccountId, until: int, usages: Sequence[Usage]) -> None:
    screen.say(
        f"실전 계좌 {account}: {kst_datetime(until):%Y-%m-%d %H:%M} 까지 진짜 돈으로 주문합니다.",
        f"Real account {account}: orders with real money until "
        f"{kst_datetime(until):%Y-%m-%d %H:%M} KST.",
        WARNING,
    )
    for usage in usages:
        order, loss = usage.limits.max_order_value, usage.limits.max_daily_loss or 0
        screen.say(
            f"  {usage.sleeve_id}: 주문 하나 {order:,}원, 하루 손실 {loss:,}원까지, "
            f"주문 가능 {usage.orderable:,}원",
            f"  {usage.sleeve_id}: one order ₩{order:,}, a day's loss ₩{loss:,}, "
            f"orderable ₩{usage.orderable:,}",
        )


def _confirm(screen: Screen, account: AccountId) -> None:
    if not sys.stdin.isatty():
        raise ConfigError(
            "확인할 사람이 없어 무장하지 않았습니다. 터미널에서 하거나 화면에서 무장하세요.",
            "Nobody is there to confirm it. Use a terminal, or arm it on the page.",
        )
    prompt = screen.word("무장하려면 계좌번호를 쓰세요", "Write the account's number to arm it")
    if typer.prompt(prompt, default="", show_default=False).strip() != account:
        screen.say("계좌번호가 달라 그대로 두었습니다.", "Another number: it was left as it is.")
        raise typer.Exit(1)


COMMANDS: Final = (
    (
        "arm",
        both(
            "실전 계좌의 새 주문을 몇 시간 동안 허락합니다.",
            "Let new real orders of an account leave for some hours.",
        ),
        command(ArmOptions, arm),
    ),
    (
        "disarm",
        both("새 실전 주문을 곧바로 막습니다.", "Let no more new real orders leave."),
        command(DisarmOptions, disarm),
    ),
)
"""Name, help and function of each."""
