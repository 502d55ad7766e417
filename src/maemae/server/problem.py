"""What went wrong, as `application/problem+json` with one sentence in Korean and in English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from maemae.domain.errors import (
    BrokerError,
    ConfigError,
    DataError,
    DomainError,
    MaemaeError,
    MissingDataError,
    OutcomeUnknownError,
    StorageError,
    StrategyError,
    UnknownSymbolError,
)
from maemae.domain.text import Language, Text
from maemae.server.language import language_of
from maemae.server.sentry import report

MEDIA_TYPE: Final = "application/problem+json"


class Problem(BaseModel):
    """
    RFC 9457, with both languages.

    `detail` is the sentence in the language that the client accepts.
    """

    type: str = Field(examples=["/problems/NOT_FOUND"])
    title: str = Field(examples=["찾을 수 없습니다"])
    status: int = Field(examples=[404])
    detail: str
    code: str = Field(description="Stable, for programs.", examples=["NOT_FOUND"])
    ko: str
    en: str
    request_id: str = ""
    fields: list[str] = Field(default=[], description="Where the request is wrong.")


class ProblemError(HTTPException):
    """
    A refusal that the client is told.

    It is an HTTPException so that it is passed on even while a body is read, where every other
    error becomes "400".

    Args:
        status: Of HTTP.
        code: Stable, upper-case.
        text: The sentence for a person.
        headers: Sent along, such as Retry-After.
    """

    def __init__(
        self, status: int, code: str, text: Text, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status, code, headers)
        self.status = status
        self.code = code
        self.text = text


_STATUS: Final[tuple[tuple[type[MaemaeError], int], ...]] = (
    (OutcomeUnknownError, 504),
    (MissingDataError, 404),
    (UnknownSymbolError, 404),
    (DomainError, 422),
    (DataError, 422),
    (StrategyError, 422),
    (ConfigError, 503),
    (StorageError, 503),
    (BrokerError, 502),
    (MaemaeError, 500),
)
"""Which status tells which error; the first row that fits."""

_TITLES: Final[Mapping[int, Text]] = {
    400: Text("요청을 이해할 수 없습니다", "The request cannot be understood"),
    401: Text("로그인이 필요합니다", "Log in first"),
    403: Text("권한이 없습니다", "You may not do this"),
    404: Text("찾을 수 없습니다", "Not found"),
    405: Text("쓸 수 없는 방법입니다", "Method not allowed"),
    408: Text("요청이 너무 느립니다", "The request is too slow"),
    409: Text("지금 상태와 맞지 않습니다", "It does not fit the present state"),
    413: Text("요청이 너무 큽니다", "The request is too large"),
    415: Text("받지 않는 형식입니다", "This kind of body is not taken"),
    421: Text("여기서 답하지 않는 주소입니다", "Not served under this address"),
    422: Text("값이 맞지 않습니다", "A value is wrong"),
    429: Text("요청이 너무 잦습니다", "Too many requests"),
    500: Text("maemae 의 잘못입니다", "A bug of maemae"),
    502: Text("증권사에 닿지 못했습니다", "The broker was not reached"),
    503: Text("지금은 할 수 없습니다", "Not possible now"),
    504: Text("결과를 모릅니다", "The outcome is not known"),
}
_OF_ROUTING: Final[Mapping[int, Text]] = {
    404: Text(
        "그런 주소가 없습니다. /api/docs 의 설명에서 주소를 확인하세요.",
        "There is no such address. Look it up in the description at /api/docs.",
    ),
    405: Text(
        "이 주소에는 쓸 수 없는 방법입니다. /api/docs 의 설명에서 방법을 확인하세요.",
        "This address does not take that method. Look it up in the description at /api/docs.",
    ),
}
"""What is told of an address or a method that no route has."""

_WRONG: Final = Text(
    "요청의 값이 맞지 않습니다. 표시된 항목을 고쳐 다시 보내세요.",
    "The request has wrong values. Correct the fields named and send it again.",
)
_BUG: Final = Text(
    "maemae 의 잘못으로 답하지 못했습니다. 상태를 확인한 뒤 다시 해 보고, 계속되면 요청 번호와 "
    "함께 알려 주세요.",
    "A bug of maemae kept it from answering. Check the state and try again; if it goes on, report "
    "it with the request's number.",
)


def problem_of(
    status: int,
    code: str,
    text: Text,
    language: Language = Language.KO,
    *,
    request_id: str = "",
    fields: tuple[str, ...] = (),
) -> Problem:
    """Return a problem; its detail is in one language."""
    return Problem(
        type=f"/problems/{code}",
        title=_TITLES.get(status, _TITLES[500]).in_language(language),
        status=status,
        detail=text.in_language(language),
        code=code,
        ko=text.ko,
        en=text.en,
        request_id=request_id,
        fields=list(fields),
    )


def problem_response(
    request: Request,
    status: int,
    code: str,
    text: Text,
    *,
    fields: tuple[str, ...] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Return a problem in the language of the client."""
    request_id = getattr(request.state, "request_id", "")
    language = language_of(request)
    problem = problem_of(status, code, text, language, request_id=request_id, fields=fields)
    return JSONResponse(problem.model_dump(), status, headers, media_type=MEDIA_TYPE)


def tell_problems(app: FastAPI) -> None:
    """Have every error told as a problem."""
    app.add_exception_handler(ProblemError, _refused)
    app.add_exception_handler(MaemaeError, _failed)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _bug)


def code_of(error: MaemaeError) -> str:
    """Return the stable code of an error: `OutcomeUnknownError` is `OUTCOME_UNKNOWN`."""
    name = type(error).__name__.removesuffix("Error")
    return "".join(f"_{c}" if c.isupper() and i else c for i, c in enumerate(name)).upper()


async def _refused(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, ProblemError):
        raise error
    return problem_response(request, error.status, error.code, error.text, headers=error.headers)


async def _failed(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, MaemaeError):
        raise error
    status = next(status for kind, status in _STATUS if isinstance(error, kind))
    return problem_response(request, status, code_of(error), error.text)


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    fields = tuple(_field(each) for each in error.errors())
    return problem_response(request, 422, "INVALID", _WRONG, fields=fields)


def _field(error: Mapping[str, Any]) -> str:
    where = ".".join(str(part) for part in error["loc"])
    return f"{where}: {error['msg']}"


async def _http(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    text = _OF_ROUTING.get(error.status_code, _WRONG)
    code = f"HTTP_{error.status_code}"
    return problem_response(request, error.status_code, code, text, headers=error.headers)


async def _bug(request: Request, error: Exception) -> JSONResponse:
    report(error)  # uvicorn logs it with its traceback
    return problem_response(request, 500, "BUG", _BUG)
