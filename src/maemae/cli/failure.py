"""What is said when a command cannot do what it was asked for: one sentence, and a code."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from types import TracebackType
from typing import Final

from maemae.cli.screen import Screen
from maemae.domain.text import Text

FAILED: Final = 1
USAGE: Final = 2
INTERRUPTED: Final = 130

_NEAR: Final = 0.75
_NEAR_COMMAND: Final = 0.6  # commands are short: a slip changes much of one
_NO_COMMAND: Final = "No such command"


def usage_sentence(error: Exception) -> Text:
    """Return what is wrong with a command line, by what typer found."""
    kind = type(error).__name__
    option = str(getattr(error, "option_name", ""))
    param = getattr(error, "param", None)
    if kind == "NoSuchOption":
        near = get_close_matches(option, getattr(error, "possibilities", None) or (), 1, _NEAR)
        ko, en = (f" 혹시 {near[0]} 인가요?", f" Did you mean {near[0]}?") if near else ("", "")
        return Text(
            f"{option} 라는 옵션은 없습니다.{ko} --help 로 쓸 수 있는 것을 보세요.",
            f"There is no option {option}.{en} See --help for what there is.",
        )
    if kind == "MissingParameter" and param is not None:
        name = param.opts[0] if param.param_type_name == "option" else str(param.name).upper()
        return Text(
            f"{name} 이(가) 빠졌습니다. --help 로 쓰는 법을 보세요.",
            f"{name} is missing. See --help for how to use it.",
        )
    if kind == "BadOptionUsage":
        return Text(
            f"{option} 뒤에 값이 없습니다. --help 로 쓰는 법을 보세요.",
            f"{option} needs a value. See --help for how to use it.",
        )
    message = str(getattr(error, "message", error))
    if message.startswith(_NO_COMMAND):
        return _no_command(message.removeprefix(_NO_COMMAND).split("'")[1], error)
    found = " ".join(message.split()).rstrip(".")
    return Text(
        f"명령을 이해할 수 없습니다: {found}. --help 로 쓰는 법을 보세요.",
        f"The command cannot be understood: {found}. See --help for how to use it.",
    )


def _no_command(name: str, error: Exception) -> Text:
    """Return that there is no such command, with the one that was meant, if it shows."""
    context = getattr(error, "ctx", None)
    names = [] if context is None else context.command.list_commands(context)
    near = get_close_matches(name, names, 1, _NEAR_COMMAND)
    group = getattr(context, "command_path", "")
    ko = f" 혹시 {group} {near[0]} 인가요?" if near else ""
    en = f" Did you mean {group} {near[0]}?" if near else ""
    return Text(
        f"{name} 라는 명령은 없습니다.{ko} --help 로 쓸 수 있는 것을 보세요.",
        f"There is no command {name}.{en} See --help for what there is.",
    )


def bug_hook(
    screen: Screen, logs: Path
) -> Callable[[type[BaseException], BaseException, TracebackType | None], None]:
    """
    Return a hook that says that a mistake is ours, and keeps the traceback in a file.

    Args:
        screen: Where it is said.
        logs: Folder of the file.
    """

    def report(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        lines = "".join(traceback.format_exception(kind, error, trace))
        path = logs / f"bug-{datetime.now(UTC):%Y%m%d-%H%M%S}.txt"
        try:
            logs.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{sys.argv}\n\n{lines}", encoding="utf-8")
        except OSError:
            sys.stderr.write(lines)
            where = Text("위의 내용", "what stands above")
        else:
            where = Text(str(path), str(path))
        what = f"{kind.__name__}: {error}".splitlines()[0]
        screen.complain(
            Text(
                f"maemae 의 잘못으로 멈췄습니다 ({what}). {where.ko} 을(를) 붙여 알려 주세요.",
                f"This is a bug of maemae ({what}). Please report it with {where.en}.",
            )
        )

    return report
