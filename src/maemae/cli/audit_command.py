"""`maemae audit …`: whether anybody changed what the audit log says."""

from __future__ import annotations

import msgspec
import typer

from maemae.cli.invocation import Invocation
from maemae.cli.options import both, command
from maemae.cli.screen import UP, WARNING

_GOOD = "green"


class NoOptions(msgspec.Struct, frozen=True):
    """The commands have no options."""


def command_group() -> typer.Typer:
    """Return the commands about the audit log."""
    group = typer.Typer(
        no_args_is_help=True,
        help=both("누가 무엇을 했는지의 기록을 검증합니다.", "Verify the record of who did what."),
    )
    group.command(
        "verify",
        help=both(
            "기록 전체를 밖에 둔 기준점과 견줍니다. 바뀐 첫 줄을 알려 줍니다.",
            "Compare all of it with the anchors kept elsewhere; names the first bad row.",
        ),
    )(command(NoOptions, verify))
    group.command(
        "key",
        help=both(
            "기준점에 서명하는 열쇠의 공개 부분을 봅니다. 다른 곳에 적어 두세요.",
            "Show the public half of the key that signs anchors; keep it elsewhere.",
        ),
    )(command(NoOptions, key))
    return group


def verify(call: Invocation, _options: NoOptions) -> None:
    """Verify the whole log; end with 1 if it was changed."""
    from maemae.app.vaults import verify_audit

    screen = call.screen
    verdict = verify_audit(call.settings)
    if verdict.bad is not None:
        screen.say_text(verdict.bad.text, WARNING)
        screen.say(
            f"✘ {verdict.bad.seq}번부터 믿을 수 없습니다.",
            f"✘ Nothing from row {verdict.bad.seq} on can be trusted.",
            f"bold {UP}",
        )
        raise typer.Exit(1)
    screen.say(
        f"✔ {verdict.head.seq:,}줄이 적힌 그대로입니다. 기준점 {verdict.anchors:,}개와 맞습니다.",
        f"✔ {verdict.head.seq:,} rows are as written, and agree with {verdict.anchors:,} anchors.",
        _GOOD,
    )


def key(call: Invocation, _options: NoOptions) -> None:
    """Show the public half of the key."""
    from maemae.app.vaults import anchor_public_key

    public = anchor_public_key(call.settings)
    call.screen.say(public, public)
