"""`maemae demo`: what maemae does, on a market of its own, without an account."""

from __future__ import annotations

from typing import Final

import msgspec

from maemae.cli.invocation import Invocation
from maemae.cli.options import both, command


class DemoOptions(msgspec.Struct, frozen=True):
    """`maemae demo` has no options."""


def run(call: Invocation, options: DemoOptions) -> None:
    """Run the demo."""
    from maemae.cli.demo import run_demo

    run_demo(call)


COMMAND: Final = (
    "demo",
    both(
        "계좌도 설정도 없이 데모를 실행합니다. 3분이 안 걸립니다.",
        "Run the demo: no account, no configuration, under three minutes.",
    ),
    command(DemoOptions, run),
)
"""Name, help and function."""
