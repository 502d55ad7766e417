"""What routes about trading have in common: whom they ask, and how a refusal is told."""

from __future__ import annotations

from typing import Annotated, Final, TypeVar

from fastapi import Depends, Path, Query
from pydantic import Field

from maemae.domain.errors import ConfigError, OutcomeUnknownError
from maemae.domain.ids import AccountId, ClOrdId, SleeveId, Symbol
from maemae.domain.instant import SECOND
from maemae.domain.text import Text
from maemae.server.executor_line import ExecutorLine
from maemae.server.problem import ProblemError
from maemae.server.security import refusals
from maemae.server.security.actor import Actor
from maemae.server.security.gates import line_to_see, stepped_up_until
from maemae.server.services import Services, get_services
from maemae.trading.control.commands import Ask
from maemae.trading.control.replies import Failed, Reply

R = TypeVar("R", bound=Reply)

MOST: Final = 10**15
"""The largest amount, price or quantity that anybody may name."""

Here = Annotated[Services, Depends(get_services)]
AccountOf = Annotated[
    AccountId, Query(max_length=64, description="One of one's accounts.", examples=["5012345610"])
]
"""The account that a question is about."""

Reason = Annotated[
    str,
    Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$", examples=["시세가 이상함"]),
]
"""Why a person does something, in one line."""

AccountPath = Annotated[AccountId, Path(max_length=64, examples=["5012345610"])]
SleevePath = Annotated[SleeveId, Path(max_length=64, examples=["golden_cross"])]
OrderPath = Annotated[ClOrdId, Path(ge=1, le=MOST, description="Our number of the order.")]
SymbolText = Annotated[
    Symbol, Query(pattern=r"^[0-9A-Z]{6}$", description="Short code.", examples=["005930"])
]


def ask(services: Services, line: ExecutorLine, asked: Ask, kind: type[R]) -> R:
    """
    Return an executor's answer.

    Raises:
        ProblemError: 409; the executor says why not.
        ConfigError: It does not run, or is of another build.
        OutcomeUnknownError: It did not answer in time, or does not know itself.
    """
    reply = line.ask(asked, services.config.patience.command / SECOND)
    if isinstance(reply, Failed) and reply.is_unknown:
        raise OutcomeUnknownError(reply.text.ko, reply.text.en)
    if isinstance(reply, Failed):
        raise ProblemError(409, "REFUSED_BY_EXECUTOR", reply.text)
    if not isinstance(reply, kind):
        raise ConfigError(_OTHER_BUILD.ko, _OTHER_BUILD.en)
    return reply


def line_to_calm(actor: Actor, services: Services, account_id: AccountId) -> ExecutorLine:
    """
    Return who trades an account, for what takes risk away: it need not be armed for that.

    Raises:
        ProblemError: 404 if the account is not theirs, 403 if they may only look.
    """
    line = line_to_see(actor, services, account_id)
    if not actor.may_trade(account_id, line.mode):
        raise refusals.not_allowed()
    return line


def require_step_up(actor: Actor, services: Services) -> None:
    """
    Refuse who has not shown the second factor a moment ago.

    Raises:
        ProblemError: 403.
    """
    if stepped_up_until(services, actor) is None:
        raise refusals.step_up_needed()


_OTHER_BUILD: Final = Text(
    "실행기의 답을 이해할 수 없습니다. 실행기와 서버를 같은 maemae 로 다시 시작하세요.",
    "The executor's answer is of another kind. Use the same maemae on both sides.",
)
