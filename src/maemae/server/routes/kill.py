"""The kill switch, and whether trading is open."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, Final

from fastapi import APIRouter, Response
from pydantic import Field

from maemae.core.events import KillLevel
from maemae.domain.errors import ConfigError, MaemaeError, OutcomeUnknownError, StorageError
from maemae.domain.ids import AccountId
from maemae.domain.terms import Mode, TradingState
from maemae.domain.text import Text
from maemae.server import audit
from maemae.server.asking import Here, Reason, ask, line_to_calm, require_step_up
from maemae.server.executor_line import ExecutorLine
from maemae.server.idempotency import AtOnce, Once
from maemae.server.models import Asked, Told
from maemae.server.problem import ProblemError
from maemae.server.security.actor import Actor
from maemae.server.security.gates import SteppedUp, Trader, Viewer
from maemae.server.services import Services
from maemae.trading.control.commands import Kill, ReleaseKill, SetTradingState, StatusQuery
from maemae.trading.control.replies import Accepted, Status
from maemae.trading.emergency.kill_file import KillFile
from maemae.trading.emergency.kill_switch import KillSwitch

router = APIRouter(prefix="/api/kill", tags=["kill"])

_RANKS: Final = {level: rank for rank, level in enumerate(KillLevel)}
_Account = Annotated[AccountId, Field(max_length=64, examples=["5012345610"])]


class Standing(Told):
    """How an executor stands; one trades all accounts of a mode."""

    mode: Mode
    accounts: list[AccountId] = Field(description="Of them, those that one may look at.")
    is_running: bool = Field(description="Whether it answers; the rest is its last word if not.")
    kill: KillLevel = Field(description="The strictest of its journal and the kill file.")
    kill_reason: str
    trading_state: TradingState
    trading_reason: str
    ceiling: TradingState = Field(description="How far the executor lets trading go.")
    is_emulated: bool = Field(
        description="Whether it answers, and trades on a double of the broker: no money moves."
    )


class Press(Asked):
    """The kill switch of the executor that trades an account."""

    account_id: _Account
    level: KillLevel
    reason: Reason


class Release(Asked):
    """Its release; what was pressed after it was read is not released."""

    account_id: _Account
    reason: Reason
    read: str = Field("", max_length=20_000, description="What `kill_reason` said.")


class WantedState(Asked):
    """Whether to trade."""

    account_id: _Account
    state: TradingState
    reason: Reason


@router.get("", operation_id="listStandings")
def list_standings(actor: Viewer, services: Here) -> list[Standing]:
    """Say how every executor stands whose accounts one may look at."""
    return [
        _standing(services, actor, line)
        for line in services.directory.lines
        if any(actor.may_see(account_id) for account_id in line.accounts)
    ]


@router.post("", operation_id="pressKill", response_model=Standing)
def press_kill(asked: Press, actor: Trader, at_once: AtOnce, services: Here) -> Response:
    """
    Press the kill switch; only selling everything needs the second factor again.

    The kill file comes first: it needs neither the executor nor its store. A press that the
    executor has on record under its key is not pressed again, also if its answer was lost:
    somebody may have released it meanwhile.
    """
    line = line_to_calm(actor, services, asked.account_id)
    if asked.level is KillLevel.OFF:
        raise ProblemError(422, "NOT_A_PRESS", _NOT_A_PRESS)
    if asked.level is KillLevel.LIQUIDATE:
        require_step_up(actor, services)

    def press(key: str) -> Standing:
        command = Kill(f"kill-{key}", actor.user_id, asked.level, asked.reason)
        if not _was_taken(line, command):
            _press(services, line, command)
            told = {"level": asked.level.value, "reason": asked.reason}
            with suppress(StorageError):  # it holds, whatever can be recorded of it
                audit.record(services, actor, "PRESS_KILL", line.mode.value, told)
        return _standing(services, actor, line)

    return at_once.answer("POST /api/kill", asked, press)


@router.post("/release", operation_id="releaseKill", response_model=Standing)
def release_kill(
    asked: Release, actor: Trader, _: SteppedUp, once: Once, services: Here
) -> Response:
    """Release the kill switch; trading stays closed until its state is set."""
    line = line_to_calm(actor, services, asked.account_id)

    def release() -> Standing:
        command = ReleaseKill(once.command_key, actor.user_id, asked.reason, asked.read)
        ask(services, line, command, Accepted)
        audit.record(services, actor, "RELEASE_KILL", line.mode.value, {"reason": asked.reason})
        return _standing(services, actor, line)

    return once.answer("POST /api/kill/release", asked, release)


@router.post("/trading-state", operation_id="setTradingState", response_model=Standing)
def set_trading_state(
    asked: WantedState, actor: Trader, at_once: AtOnce, services: Here
) -> Response:
    """Open or close trading; to open it with real money the second factor is shown again."""
    line = line_to_calm(actor, services, asked.account_id)
    if line.mode is Mode.REAL and asked.state is TradingState.ACTIVE:
        require_step_up(actor, services)

    def set_state(key: str) -> Standing:
        command = SetTradingState(f"state-{key}", actor.user_id, asked.state, asked.reason)
        ask(services, line, command, Accepted)
        told = {"state": asked.state.value, "reason": asked.reason}
        audit.record(services, actor, "SET_TRADING_STATE", line.mode.value, told)
        return _standing(services, actor, line)

    return at_once.answer("POST /api/kill/trading-state", asked, set_state)


def _was_taken(line: ExecutorLine, command: Kill) -> bool:
    """Whether an executor has a press on record; one that cannot be looked up is a new one."""
    try:
        return line.history.command(command.key) is not None
    except MaemaeError:
        return False


def _press(services: Services, line: ExecutorLine, command: Kill) -> None:
    """Press by file, then by the executor; one of the two is enough."""
    is_pressed = _press_file(services, line, command)
    try:
        ask(services, line, command, Accepted)
    except MaemaeError:
        if not is_pressed:
            raise


def _press_file(services: Services, line: ExecutorLine, command: Kill) -> bool:
    """Press by file and log, where the executor's folder is on this machine; return whether."""
    if not line.home.is_dir():
        return False
    try:
        KillSwitch(line.home, services.wall).press(command.level, command.who, command.reason)
    except (OSError, StorageError):
        return False
    return True


def _standing(services: Services, actor: Actor, line: ExecutorLine) -> Standing:
    flagged = KillFile(line.home)
    level, reason = flagged.level(), flagged.text() or ""
    told = {
        "mode": line.mode,
        "accounts": [account_id for account_id in line.accounts if actor.may_see(account_id)],
    }
    try:
        status = ask(services, line, StatusQuery(), Status)
    except (ConfigError, OutcomeUnknownError, ProblemError):
        last = line.queries.executor()
        return Standing.model_validate(
            {
                **told,
                "is_running": False,
                "kill": max(level, last.kill, key=_RANKS.__getitem__),
                "kill_reason": reason,
                "trading_state": last.trading_state,
                "trading_reason": "",
                "ceiling": last.ceiling,
                "is_emulated": False,
            }
        )
    return Standing.model_validate(
        {
            **told,
            "is_running": True,
            "kill": max(level, status.kill, key=_RANKS.__getitem__),
            "kill_reason": reason or status.kill_reason,
            "trading_state": status.trading_state,
            "trading_reason": status.trading_reason,
            "ceiling": line.queries.executor().ceiling,
            "is_emulated": status.is_emulated,
        }
    )


_NOT_A_PRESS: Final = Text(
    "비상정지를 OFF 로 걸 수는 없습니다. 해제하려면 해제를 쓰세요.",
    "The kill switch cannot be pressed to OFF. To release it, use the release.",
)
