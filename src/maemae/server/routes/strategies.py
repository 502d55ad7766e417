"""Strategies: which there are, which run and how, and why one did not trade."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Query, Response
from pydantic import Field

from maemae.domain.ids import AccountId, SleeveId
from maemae.domain.text import Text
from maemae.server import audit
from maemae.server.asking import (
    AccountOf,
    AccountPath,
    Here,
    Reason,
    SleevePath,
    ask,
    line_to_calm,
)
from maemae.server.executor_line import ExecutorLine
from maemae.server.idempotency import AtOnce, Once
from maemae.server.models import Asked, Moment, Sentence, Told
from maemae.server.problem import ProblemError
from maemae.server.security.actor import Actor
from maemae.server.security.gates import Trader, Viewer, line_to_see, line_to_trade
from maemae.server.services import Services
from maemae.strategies.loading import BUNDLED
from maemae.strategy.author import Strategy
from maemae.strategy.parameters import declared
from maemae.trading.conduct import Conduct, RunState, Wish
from maemae.trading.control.commands import (
    PauseStrategy,
    RunsQuery,
    RunStrategy,
    StartStrategy,
    StopStrategy,
    StrategyCommand,
    WhyQuery,
)
from maemae.trading.control.replies import Accepted, Circumstances, Conducts
from maemae.trading.why import reasons

router = APIRouter(prefix="/api/strategies", tags=["strategies"])

_Value = Annotated[float, Field(ge=-1e12, le=1e12, allow_inf_nan=False)]
_MOST_VALUES: Final = 50


class Parameter(Told):
    """A parameter of a strategy, with both ends of its range."""

    name: str = Field(examples=["fast"])
    is_whole: bool = Field(description="Whether it takes whole numbers only.")
    default: float
    low: float
    high: float


class CatalogueEntry(Told):
    """A strategy that can be run."""

    spec: str = Field(examples=["golden_cross"])
    about: Sentence = Field(description="What its author says of it.")
    parameters: list[Parameter]


class RunRow(Told):
    """How the newest run of a sleeve does."""

    run_id: str
    account_id: AccountId
    sleeve_id: SleeveId
    spec: str
    values: dict[str, float]
    code_hash: str
    cash: int = Field(description="Allotted for it when it began [won].")
    state: RunState
    began_at: Moment
    ended_at: Moment | None
    warmup: int | None = Field(description="Bars that its slowest indicator needs.")
    known_bars: int
    bars: int = Field(description="Of this session.")
    last_bar_at: Moment | None
    intents: int
    pause_reason: str | None
    end_reason: str | None
    failure: Sentence | None


class RunAsked(Asked):
    """A strategy to run in a sleeve of its own."""

    spec: Annotated[str, Field(max_length=64, examples=["golden_cross"])]
    values: dict[str, _Value] = Field(default_factory=dict, max_length=_MOST_VALUES)
    account_id: AccountId = Field(max_length=64, examples=["5012345610"])
    sleeve_id: SleeveId | None = Field(
        None, pattern=r"^[\w.-]{1,40}$", description="Its sleeve; null for the strategy's name."
    )
    cash: int = Field(ge=0, le=10**12, description="Allotment [won].", examples=[10_000_000])


class Because(Asked):
    """Why a person does it."""

    reason: Reason


class Done(Told):
    """It is done, and durable."""

    account_id: AccountId
    sleeve_id: SleeveId


class RefusedRow(Told):
    """How often the risk gate refused for one reason."""

    reason: str
    times: int
    last_at: Moment
    ko: str
    en: str


class WishRow(Told):
    """One call of the strategy that wished something."""

    at: Moment
    intents: list[dict[str, Any]]


class WhyNot(Told):
    """Why a strategy did not trade in a session, the plainest reason first."""

    account_id: AccountId
    sleeve_id: SleeveId
    day: date
    state: RunState | None
    reasons: list[Sentence]
    refusals: list[RefusedRow]
    wishes: list[WishRow]


@router.get("", operation_id="listStrategies")
def list_strategies(_: Viewer) -> list[CatalogueEntry]:
    """List the strategies that can be run, with the ranges of their parameters."""
    return [_entry(spec, kind) for spec, kind in BUNDLED.items()]


@router.get("/runs", operation_id="listRuns")
def list_runs(account_id: AccountOf, actor: Viewer, services: Here) -> list[RunRow]:
    """List how the newest run of every sleeve of an account does."""
    line = line_to_see(actor, services, account_id)
    told = ask(services, line, RunsQuery(), Conducts)
    return [_run(each) for each in told.conducts if each.run.account_id == account_id]


@router.post("/runs", operation_id="startRun", response_model=Done)
def start_run(asked: RunAsked, actor: Trader, once: Once, services: Here) -> Response:
    """Run a strategy in a sleeve, which is opened with cash of the account if it is not there."""
    line = line_to_trade(actor, services, asked.account_id)
    if asked.spec not in BUNDLED:  # a path would be run as code of whoever asks
        raise ProblemError(422, "UNKNOWN_STRATEGY", _UNKNOWN)
    sleeve_id = asked.sleeve_id or SleeveId(asked.spec)
    command = RunStrategy(
        once.command_key,
        actor.user_id,
        asked.account_id,
        sleeve_id,
        asked.spec,
        _typed(BUNDLED[asked.spec], asked.values),
        asked.cash,
    )
    return once.answer(
        "POST /api/strategies/runs",
        asked,
        lambda: _do(services, actor, line, command, {"spec": asked.spec, "cash": asked.cash}),
    )


@router.post("/runs/{account_id}/{sleeve_id}/resume", operation_id="resumeRun", response_model=Done)
def resume_run(
    account_id: AccountPath, sleeve_id: SleevePath, actor: Trader, once: Once, services: Here
) -> Response:
    """Let a paused strategy go on, or run one again that was stopped or has failed."""
    line = line_to_trade(actor, services, account_id)
    command = StartStrategy(once.command_key, actor.user_id, account_id, sleeve_id)
    what = f"POST /api/strategies/runs/{account_id}/{sleeve_id}/resume"
    return once.answer(what, None, lambda: _do(services, actor, line, command, {}))


@router.post("/runs/{account_id}/{sleeve_id}/pause", operation_id="pauseRun", response_model=Done)
def pause_run(
    account_id: AccountPath,
    sleeve_id: SleevePath,
    asked: Because,
    actor: Trader,
    once: AtOnce,
    services: Here,
) -> Response:
    """Let a strategy see the market and wish nothing; what it holds stays protected."""
    line = line_to_calm(actor, services, account_id)

    def pause(key: str) -> Done:
        command = PauseStrategy(key, actor.user_id, account_id, sleeve_id, asked.reason)
        return _do(services, actor, line, command, {"reason": asked.reason})

    what = f"POST /api/strategies/runs/{account_id}/{sleeve_id}/pause"
    return once.answer(what, asked, pause)


@router.post("/runs/{account_id}/{sleeve_id}/stop", operation_id="stopRun", response_model=Done)
def stop_run(
    account_id: AccountPath,
    sleeve_id: SleevePath,
    asked: Because,
    actor: Trader,
    once: AtOnce,
    services: Here,
) -> Response:
    """End a strategy's run for good; what it holds stays protected."""
    line = line_to_calm(actor, services, account_id)

    def stop(key: str) -> Done:
        command = StopStrategy(key, actor.user_id, account_id, sleeve_id, asked.reason)
        return _do(services, actor, line, command, {"reason": asked.reason})

    what = f"POST /api/strategies/runs/{account_id}/{sleeve_id}/stop"
    return once.answer(what, asked, stop)


@router.get("/runs/{account_id}/{sleeve_id}/why", operation_id="getWhyNot")
def get_why_not(
    account_id: AccountPath,
    sleeve_id: SleevePath,
    actor: Viewer,
    services: Here,
    day: Annotated[date | None, Query(description="Null for the newest session.")] = None,
) -> WhyNot:
    """Say why a strategy did not trade in a session."""
    line = line_to_see(actor, services, account_id)
    session = day or line.queries.executor().session_date or date.min
    told = ask(services, line, WhyQuery(account_id, sleeve_id, session), Circumstances)
    refused = line.history.refusals(account_id, sleeve_id, session)
    conduct = told.conduct
    return WhyNot(
        account_id=account_id,
        sleeve_id=sleeve_id,
        day=session,
        state=None if conduct is None else conduct.state,
        reasons=[Sentence.model_validate(text) for text in reasons(told, refused, session)],
        refusals=[
            RefusedRow.model_validate(
                {
                    "reason": each.reason.value,
                    "times": each.times,
                    "last_at": each.last_at,
                    "ko": each.last.text.ko,
                    "en": each.last.text.en,
                }
            )
            for each in refused
        ],
        wishes=[] if conduct is None else [_wish(wish) for wish in conduct.wishes],
    )


def _do(
    services: Services,
    actor: Actor,
    line: ExecutorLine,
    command: StrategyCommand,
    detail: Mapping[str, object],
) -> Done:
    ask(services, line, command, Accepted)
    action = str(command.__struct_config__.tag)
    subject = f"{command.account_id}/{command.sleeve_id}"
    audit.record(services, actor, action, subject, {"command": command.key, **detail})
    return Done(account_id=command.account_id, sleeve_id=command.sleeve_id)


def _typed(kind: type[Strategy], values: Mapping[str, float]) -> dict[str, int | float]:
    """Return values as whole numbers where the parameter is one; what is wrong stays as it is."""
    parameters = declared(kind)
    return {
        name: int(value)
        if name in parameters and parameters[name].kind is int and value == int(value)
        else value
        for name, value in values.items()
    }


def _about(kind: type[Strategy]) -> Text:
    """Return what a strategy says of itself: its first line is English, what follows Korean."""
    first, _, rest = (inspect.getdoc(kind) or "").partition("\n\n")
    english, korean = " ".join(first.split()), " ".join(rest.split())
    return Text(korean or english, english)


def _entry(spec: str, kind: type[Strategy]) -> CatalogueEntry:
    return CatalogueEntry(
        spec=spec,
        about=Sentence.model_validate(_about(kind)),
        parameters=[
            Parameter(
                name=name,
                is_whole=each.kind is int,
                default=each.default,
                low=each.low,
                high=each.high,
            )
            for name, each in declared(kind).items()
        ],
    )


def _run(conduct: Conduct) -> RunRow:
    run = conduct.run
    return RunRow.model_validate(
        {
            **{name: getattr(conduct, name) for name in conduct.__struct_fields__},
            **{name: getattr(run, name) for name in run.__struct_fields__},
        }
    )


def _wish(wish: Wish) -> WishRow:
    intents = [msgspec.to_builtins(intent) for intent in wish.intents]
    return WishRow.model_validate({"at": wish.at, "intents": intents})


_UNKNOWN: Final = Text(
    "그런 전략이 없습니다. 전략 목록에서 고르세요.",
    "There is no such strategy. Choose one of the list.",
)
