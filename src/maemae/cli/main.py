"""
`maemae …`: reads the command line, runs the command, and turns failures into one sentence.

Starting must stay quick: heavy libraries are imported by the bodies of commands.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from typing import Annotated

import msgspec
import typer
from typer.core import TyperGroup

from maemae.cli import (
    arm_commands,
    audit_command,
    backtest_command,
    book_commands,
    compare_command,
    connect_command,
    data_commands,
    day_command,
    demo_command,
    emulate_command,
    explain_command,
    halt_commands,
    honesty_command,
    keys_command,
    new_command,
    order_commands,
    run_command,
    serve_command,
    sweep_command,
    trade_command,
    upkeep_commands,
    watchdog_command,
)
from maemae.cli.failure import FAILED, INTERRUPTED, USAGE, bug_hook, usage_sentence
from maemae.cli.invocation import Invocation
from maemae.cli.options import both, choose_language
from maemae.cli.screen import Screen, make_output_forgiving
from maemae.domain.errors import ConfigError, MaemaeError
from maemae.domain.text import Language, Text
from maemae.settings import LANG, Settings, language_from_text, read_settings


def main() -> None:
    """Run the command line of this process and end it."""
    make_output_forgiving()
    try:
        code = run(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = FAILED
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """
    Run a command line.

    Returns:
        0 if it did what it was asked for, 1 if it could not, 2 if it was not understood,
        130 if it was interrupted.
    """
    screen = Screen(Settings().language)
    try:
        settings = read_settings()
        screen = Screen(settings.language)
        arguments, settings = _take_language(arguments, settings)
        screen = Screen(settings.language)
        sys.excepthook = bug_hook(screen, settings.logs)
        code = _command_line(settings.language).main(
            list(arguments),
            prog_name="maemae",
            standalone_mode=False,
            obj=Invocation(settings, screen),
        )
    except MaemaeError as error:
        screen.complain(error.text)
        return FAILED
    except (typer.Abort, KeyboardInterrupt):
        code = INTERRUPTED
    except typer.TyperException as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            return USAGE  # the help is on the screen already
        screen.complain(usage_sentence(error))
        return USAGE
    if code == INTERRUPTED:
        screen.complain(Text("중단했습니다.", "Interrupted."))
    return int(code or 0)


def _take_language(arguments: Sequence[str], settings: Settings) -> tuple[Sequence[str], Settings]:
    """Take `--lang` out of the command line, wherever it stands."""
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        name, equals, value = word.partition("=")
        if name != "--lang":
            rest.append(word)
            continue
        if not equals:
            value = next(words, "")
        if not value:
            raise ConfigError("--lang 뒤에 ko 나 en 을 쓰세요.", "Say ko or en after --lang.")
        settings = msgspec.structs.replace(settings, language=language_from_text(value))
    return rest, settings


@cache
def _command_line(language: Language) -> TyperGroup:
    app = typer.Typer(
        add_completion=False,
        no_args_is_help=True,
        rich_markup_mode="rich",
        help=both(
            "국내 주식 자동매매: 백테스트부터 실전까지 같은 전략, 같은 코어.",
            "Automated trading for Korean equities: one strategy, one core.",
        ),
    )
    app.callback(invoke_without_command=True)(_root)
    for name, summary, body in (
        run_command.COMMAND,
        demo_command.COMMAND,
        new_command.COMMAND,
        backtest_command.COMMAND,
        honesty_command.COMMAND,
        explain_command.COMMAND,
        sweep_command.COMMAND,
        day_command.COMMAND,
        trade_command.COMMAND,
        serve_command.COMMAND,
        *book_commands.COMMANDS,
        *order_commands.COMMANDS,
        *halt_commands.COMMANDS,
        *arm_commands.COMMANDS,
        watchdog_command.COMMAND,
        compare_command.COMMAND,
        *upkeep_commands.COMMANDS,
    ):
        app.command(name, help=summary)(body)
    app.add_typer(data_commands.command_group(), name="data")
    app.add_typer(audit_command.command_group(), name="audit")
    app.add_typer(keys_command.command_group(), name="keys")
    app.add_typer(connect_command.command_group(), name="connect")
    app.add_typer(emulate_command.command_group(), name="emulate")
    group = typer.main.get_command(app)
    if not isinstance(group, TyperGroup):
        raise TypeError(type(group))
    choose_language(group, language)
    return group


def _say_version(ctx: typer.Context, _param: typer.CallbackParam, *, asked: bool) -> None:
    if asked:
        ctx.obj.screen.say(f"maemae {version('maemae')}", f"maemae {version('maemae')}")
        raise typer.Exit


def _root(
    *,
    show_version: Annotated[
        bool,
        typer.Option(
            "--version",
            help=both("버전을 보이고 끝냅니다.", "Show the version and exit."),
            callback=_say_version,
            is_eager=True,
        ),
    ] = False,
    lang: Annotated[
        str | None,
        typer.Option(
            help=both(
                f"화면의 언어: ko 나 en. 환경 변수 {LANG} 로도 정합니다.",
                f"Language of the screen: ko or en. {LANG} sets it too.",
            ),
        ),
    ] = None,
) -> None:
    """Take what stands before the command."""
