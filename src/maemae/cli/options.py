"""
Commands from typed options, and help in two languages.

A command is a function of the session and of one value that holds its options; `command`
gives it the signature that typer reads.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Final, TypeVar, get_type_hints

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from maemae.cli.invocation import Invocation
from maemae.domain.text import Language, Text

Given = TypeVar("Given")

_BETWEEN: Final = "\x1f"


def both(ko: str, en: str) -> str:
    """Return a help text in both languages, for `choose_language` to choose from."""
    return f"{ko}{_BETWEEN}{en}"


def command(options: type[Given], body: Callable[[Invocation, Given], None]) -> Callable[..., None]:
    """
    Return a function that typer can call.

    Args:
        options: A Struct whose fields are annotated with typer's options and arguments.
        body: Takes the session and the options as they were given.
    """
    hints = get_type_hints(options, include_extras=True)

    def run(ctx: typer.Context, **given: object) -> None:
        body(ctx.obj, options(**given))

    fields = inspect.signature(options).parameters.values()
    named = [field.replace(annotation=hints[field.name]) for field in fields]
    context = inspect.Parameter("ctx", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
    everything = [context, *named]
    vars(run)["__signature__"] = inspect.Signature(everything)
    run.__annotations__ = {each.name: each.annotation for each in everything}
    return run


def choose_language(group: TyperGroup, language: Language) -> None:
    """Leave one language in every help text of a group and of what is in it."""
    _translate(group, language)
    for each in group.commands.values():
        if isinstance(each, TyperGroup):
            choose_language(each, language)
        elif isinstance(each, TyperCommand):
            _translate(each, language)


def _translate(each: TyperCommand | TyperGroup, language: Language) -> None:
    context = typer.Context(each)
    asked = each.get_help_option(context)
    if asked is not None:
        asked.help = _HELP.in_language(language)
    for param in each.get_params(context):
        if isinstance(param, TyperOption | TyperArgument):
            param.help = _one(param.help, language)
            heading = _OPTIONS if isinstance(param, TyperOption) else _ARGUMENTS
            param.rich_help_panel = heading.in_language(language)
    each.help = _one(each.help, language)
    each.short_help = _one(each.short_help, language)
    each.rich_help_panel = _COMMANDS.in_language(language)


def _one(text: str | None, language: Language) -> str | None:
    if text is None or _BETWEEN not in text:
        return text
    ko, en = text.split(_BETWEEN)
    return ko if language is Language.KO else en


_HELP: Final = Text("이 도움말을 보이고 끝냅니다.", "Show this help and exit.")
_ARGUMENTS: Final = Text("인자", "Arguments")
_OPTIONS: Final = Text("옵션", "Options")
_COMMANDS: Final = Text("명령", "Commands")
