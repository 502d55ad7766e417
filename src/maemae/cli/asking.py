"""Asks the executor of a mode, and turns what it could not do into an error."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from maemae.cli.invocation import Invocation
from maemae.cli.options import both
from maemae.domain.errors import ConfigError, MaemaeError
from maemae.domain.terms import Mode
from maemae.settings import mode_from_text
from maemae.trading.control.client import ask_executor
from maemae.trading.control.commands import Ask
from maemae.trading.control.replies import Failed, Reply

R = TypeVar("R", bound=Reply)

ModeOption = Annotated[
    str | None,
    typer.Option(
        "--mode",
        metavar="sim|paper|real",
        help=both("누구의 시장인지 (보통 sim)", "whose market (usually sim)"),
    ),
]
"""Whose executor a command is about; None for the one of the settings."""

JsonOption = Annotated[
    bool, typer.Option("--json", help=both("프로그램을 위해 JSON 으로", "as JSON, for programs"))
]


def mode_of(call: Invocation, text: str | None) -> Mode:
    """Return the mode that a command is about."""
    return call.settings.mode if text is None else mode_from_text(text)


def folder_of(call: Invocation, text: str | None) -> Path:
    """Return the data folder that a command is about."""
    return call.settings.data_folder(mode_of(call, text))


def who() -> str:
    """Return who types, for the records."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


def ask(home: Path, asked: Ask, kind: type[R]) -> R:
    """
    Return the answer of the executor of a data folder.

    Raises:
        ConfigError: No executor runs there.
        OutcomeUnknownError: It did not answer.
        MaemaeError: It said why not.
    """
    reply = ask_executor(home, asked)
    if isinstance(reply, Failed):
        raise MaemaeError(reply.text.ko, reply.text.en)
    if not isinstance(reply, kind):
        raise ConfigError(
            "실행기의 답을 이해할 수 없습니다. 실행기와 명령을 같은 maemae 로 다시 시작하세요.",
            "The executor's answer is of another kind. Use the same maemae on both sides.",
        )
    return reply
