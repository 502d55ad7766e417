"""Backtests: asked for, watched, canceled, and what came of them."""

from __future__ import annotations

import hashlib
import html
import re
from datetime import date
from enum import unique
from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Path, Query, Response
from pydantic import Field

from maemae.domain.ids import Symbol
from maemae.domain.terms import Term
from maemae.domain.text import Language, Text
from maemae.server import audit
from maemae.server.asking import Here
from maemae.server.idempotency import Once
from maemae.server.models import Asked, Moment, Sentence, Told
from maemae.server.problem import ProblemError
from maemae.server.security.actor import Actor
from maemae.server.security.gates import Trader, Viewer
from maemae.server.services import Services
from maemae.storage.backtests import Backtest, BacktestAsked
from maemae.storage.tables.strategies import BacktestStatus
from maemae.strategies.loading import BUNDLED, source_of

router = APIRouter(prefix="/api/backtests", tags=["backtests"])

_MOST_OPEN: Final = 20
_MOST_OPEN_OF_ONE: Final = 5
_MOST_VALUES: Final = 50
_FILE_SPEC: Final = re.compile(r"([A-Za-z_]\w{0,63}\.py):([A-Za-z_]\w{0,63})")
_POLICY: Final = re.compile(r'http-equiv="Content-Security-Policy" content="([^"]*)"')
_OWN_POLICY: Final = re.compile(
    r"default-src 'none'(; (style|script)-src 'sha256-[A-Za-z0-9+/=]{44}'){2}"
)

Id = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", examples=["5f0c3c1e6f0e4a539d0a0d6d1f0b7c11"])]
_Value = Annotated[float, Field(ge=-1e12, le=1e12, allow_inf_nan=False)]
_Symbol = Annotated[Symbol, Field(pattern=r"^[0-9A-Z]{6}$")]


@unique
class Fees(Term):
    """Whose commission is charged."""

    KIWOOM = "KIWOOM"
    PAPER = "PAPER"
    KIS = "KIS"


class BacktestForm(Asked):
    """What to run over which past."""

    spec: Annotated[
        str,
        Field(
            max_length=130,
            description="A bundled name, or `my.py:MyStrategy` of the folder of strategies.",
            examples=["golden_cross"],
        ),
    ]
    values: dict[str, _Value] = Field(
        default_factory=dict, max_length=_MOST_VALUES, examples=[{"fast": 5}]
    )
    dataset: str | None = Field(
        None, max_length=64, description="Null for the only one there is.", examples=["synthetic"]
    )
    symbols: list[_Symbol] = Field(
        default_factory=list, max_length=5_000, description="Empty for all.", examples=[["005930"]]
    )
    first: date | None = Field(None, description="Null for the first day there is.")
    last: date | None = Field(None, description="Null for the last day there is.")
    cash: int = Field(10_000_000, ge=1, le=10**13, description="At the start [won].")
    fees: Fees = Fees.KIWOOM
    language: Language = Field(Language.KO, description="Of the report.")


class BacktestRow(Told):
    """
    A backtest as it stands.

    `summary` has won and counts as they are, ratios in millionths (`…_ppm`), and other numbers as
    text; what cannot be said is null.
    """

    backtest_id: str
    asked_by: str
    spec: str
    values: dict[str, float]
    dataset: str
    symbols: list[str]
    first: date
    last: date
    cash: int
    fees: Fees
    status: BacktestStatus
    progress_ppm: int = Field(description="How much of it has run.", examples=[250_000])
    asked_at: Moment
    began_at: Moment | None
    ended_at: Moment | None
    order_hash: str | None = Field(description="Equal for equal orders.")
    summary: dict[str, int | str | None] | None
    error: Sentence | None
    has_report: bool


@router.get("", operation_id="listBacktests")
def list_backtests(
    actor: Viewer, services: Here, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> list[BacktestRow]:
    """List one's backtests, the newest first; an administrator sees everybody's."""
    whose = None if actor.is_admin else actor.user_id
    return [_row(services, each) for each in services.backtests.backtests.newest(whose, limit)]


@router.post("", operation_id="startBacktest", response_model=BacktestRow)
def start_backtest(asked: BacktestForm, actor: Trader, once: Once, services: Here) -> Response:
    """Queue a backtest; it runs beside trading and gives way to it."""
    return once.answer("POST /api/backtests", asked, lambda: _start(services, actor, asked, once))


@router.get("/{backtest_id}", operation_id="getBacktest")
def get_backtest(backtest_id: Id, actor: Viewer, services: Here) -> BacktestRow:
    """Say how a backtest does, and what came of it."""
    return _row(services, _own(services, actor, backtest_id))


@router.get(
    "/{backtest_id}/report",
    operation_id="getBacktestReport",
    response_class=Response,
    responses={200: {"content": {"text/html": {}}, "description": "The tear sheet."}},
)
def get_backtest_report(backtest_id: Id, actor: Viewer, services: Here) -> Response:
    """Return the tear sheet, a page that needs nothing else and may do nothing else."""
    found = _own(services, actor, backtest_id)
    path = services.backtests.place.report_of(found.backtest_id)
    if found.status is not BacktestStatus.DONE or not path.is_file():
        raise ProblemError(404, "NO_REPORT", _NO_REPORT)
    page = path.read_text("utf-8")
    headers = {
        "Content-Security-Policy": f"{policy_of(page)}; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'self'; sandbox allow-scripts",
        "X-Frame-Options": "SAMEORIGIN",
    }
    return Response(page, media_type="text/html", headers=headers)


@router.delete("/{backtest_id}", operation_id="cancelBacktest")
def cancel_backtest(backtest_id: Id, actor: Trader, services: Here) -> BacktestRow:
    """Cancel a backtest that waits or runs."""
    found = _own(services, actor, backtest_id)
    if services.backtests.backtests.cancel(found.backtest_id, services.wall.now()):
        audit.record(services, actor, "CANCEL_BACKTEST", found.backtest_id)
    return _row(services, _own(services, actor, backtest_id))


def policy_of(page: str) -> str:
    """Return the security policy that a report was written with; nothing is allowed without."""
    found = _POLICY.search(page)
    policy = "" if found is None else html.unescape(found.group(1))
    return policy if _OWN_POLICY.fullmatch(policy) else "default-src 'none'"


def _start(services: Services, actor: Actor, asked: BacktestForm, once: Once) -> BacktestRow:
    table, now = services.backtests.backtests, services.wall.now()
    backtest_id = hashlib.sha256(once.command_key.encode()).hexdigest()[:32]
    if table.find(backtest_id) is None:
        if table.count_open() >= _MOST_OPEN or table.count_open(actor.user_id) >= _MOST_OPEN_OF_ONE:
            raise ProblemError(429, "TOO_MANY_BACKTESTS", _TOO_MANY, {"Retry-After": "60"})
        manifest = services.market.dataset(asked.dataset)
        wanted = BacktestAsked(
            spec=asked.spec,
            values=asked.values,
            dataset=manifest.dataset,
            symbols=tuple(asked.symbols),
            first=asked.first or manifest.first,
            last=asked.last or manifest.last,
            cash=asked.cash,
            fees=asked.fees.value.lower(),
            language=asked.language,
        )
        code_hash = hashlib.sha256(_source(services, asked.spec)).hexdigest()
        table.ask(backtest_id, actor.user_id, wanted, code_hash, now)
        audit.record(services, actor, "START_BACKTEST", backtest_id, {"spec": asked.spec})
    services.backtests.wake()
    return _row(services, _own(services, actor, backtest_id))


def _source(services: Services, spec: str) -> bytes:
    """Return the source of a strategy that may be run: a bundled one, or one of the folder."""
    if spec in BUNDLED:
        return source_of(spec)
    matched = _FILE_SPEC.fullmatch(spec)
    if matched is not None:
        folder = services.backtests.place.strategies.resolve()
        path = folder / matched.group(1)
        if path.is_file() and path.resolve().parent == folder:
            return path.read_bytes()
    raise ProblemError(422, "UNKNOWN_STRATEGY", _UNKNOWN)


def _own(services: Services, actor: Actor, backtest_id: str) -> Backtest:
    found = services.backtests.backtests.find(backtest_id)
    if found is None or not (actor.is_admin or found.asked_by == actor.user_id):
        raise ProblemError(404, "NO_SUCH_BACKTEST", _NO_SUCH)
    return found


def _row(services: Services, each: Backtest) -> BacktestRow:
    summary = None if each.summary is None else dict(each.summary)
    has_report = (
        each.status is BacktestStatus.DONE
        and services.backtests.place.report_of(each.backtest_id).is_file()
    )
    return BacktestRow.model_validate(
        {
            **msgspec.structs.asdict(each.asked),
            **msgspec.structs.asdict(each),
            "fees": each.asked.fees.upper(),
            "progress_ppm": each.progress,
            "summary": summary,
            "error": each.error,
            "has_report": has_report,
        }
    )


_UNKNOWN: Final = Text(
    "그런 전략이 없습니다. 내장 전략의 이름이나 strategies 폴더의 my.py:MyStrategy 를 쓰세요.",
    "There is no such strategy. Use a bundled name, or my.py:MyStrategy of the folder strategies.",
)
_NO_SUCH: Final = Text(
    "그런 백테스트가 없습니다. 목록에서 고르세요.",
    "There is no such backtest. Choose one from the list.",
)
_NO_REPORT: Final = Text(
    "보고서가 아직 없습니다. 백테스트가 끝난 뒤 다시 여세요.",
    "There is no report yet. Open it once the backtest is done.",
)
_TOO_MANY: Final = Text(
    "기다리는 백테스트가 너무 많습니다. 끝나기를 기다리거나 하나를 취소하세요.",
    "Too many backtests are waiting. Wait for one to end, or cancel one.",
)
