"""`maemae keys …`: the keys that what is secret is sealed with."""

from __future__ import annotations

import msgspec
import typer

from maemae.cli.invocation import Invocation
from maemae.cli.options import both, command
from maemae.cli.screen import WARNING

_GOOD = "green"


class NoOptions(msgspec.Struct, frozen=True):
    """The commands have no options."""


def command_group() -> typer.Typer:
    """Return the commands about keys."""
    group = typer.Typer(
        no_args_is_help=True,
        help=both("비밀을 잠그는 열쇠를 봅니다.", "Look after the keys that seal secrets."),
    )
    for name, summary, body in (
        ("list", both("어떤 열쇠가 쓰이는지 봅니다.", "Show which keys are in use."), show),
        (
            "new",
            both(
                "열쇠 파일에 새 열쇠를 더합니다. 서버가 여럿이면 파일을 모두에 복사한 뒤 rotate.",
                "Add a key to the file. With several servers copy it to all, then rotate.",
            ),
            new,
        ),
        (
            "rotate",
            both(
                "모든 비밀을 새 열쇠로 다시 잠급니다. 서버를 멈추지 않아도 됩니다.",
                "Seal everything anew; the server need not stop.",
            ),
            rotate,
        ),
        (
            "forget",
            both(
                "쓰이지 않는 옛 열쇠를 지웁니다. 교체 전의 백업은 열 수 없게 됩니다.",
                "Take unused old keys away; backups of before then do not open.",
            ),
            forget,
        ),
    ):
        group.command(name, help=summary)(command(NoOptions, body))
    return group


def show(call: Invocation, _options: NoOptions) -> None:
    """Show which keys are in use."""
    from maemae.app.vaults import list_keys

    state = list_keys(call.settings)
    for version in state.versions:
        is_used = version in state.wrapping
        call.screen.say(
            f"{version}번 {'사용 중' if is_used else '쓰이지 않음'}",
            f"{version} {'in use' if is_used else 'unused'}",
        )
    call.screen.say(f"데이터 열쇠 {state.data_keys}개", f"{state.data_keys} data keys")


def new(call: Invocation, _options: NoOptions) -> None:
    """Add a key for the next rotation."""
    from maemae.app.vaults import add_key

    version = add_key(call.settings)
    call.screen.say(
        f"✔ {version}번 열쇠를 더했습니다. 서버마다 열쇠 파일을 복사한 뒤 maemae keys rotate 를 "
        "실행하세요.",
        f"✔ Key {version} is added. Copy the file to every server, then run maemae keys rotate.",
        _GOOD,
    )


def rotate(call: Invocation, _options: NoOptions) -> None:
    """Seal everything anew."""
    from maemae.app.vaults import rotate as rotate_now

    done = rotate_now(call.settings)
    call.screen.say(
        f"✔ {done.master_version}번 열쇠로 바꿨습니다: 데이터 열쇠 {done.data_keys}개, 비밀 "
        f"{done.sealed}개.",
        f"✔ Key {done.master_version} is in use: {done.data_keys} data keys, {done.sealed} seals.",
        _GOOD,
    )
    call.screen.say(
        "옛 열쇠는 옛 백업을 여는 데 필요합니다. 필요 없어지면 maemae keys forget 으로 지우세요.",
        "The old key opens old backups. Once it is not needed, run maemae keys forget.",
        WARNING,
    )


def forget(call: Invocation, _options: NoOptions) -> None:
    """Take unused old keys away."""
    from maemae.app.vaults import forget_keys

    kept = ", ".join(map(str, forget_keys(call.settings)))
    call.screen.say(f"✔ 남은 열쇠: {kept}", f"✔ Keys left: {kept}", _GOOD)
