"""Says so, loudly, if this process was made to fail on purpose."""

from __future__ import annotations

from maemae.cli.invocation import Invocation
from maemae.cli.screen import UP


def say_test_build(call: Invocation) -> None:
    """Warn of settings that only a test may have."""
    settings = call.settings
    if settings.failpoints:
        call.screen.say(
            f"시험용 고장 지점이 켜져 있습니다: {settings.failpoints}. 실제 매매에 쓰지 마세요.",
            f"Failpoints are armed: {settings.failpoints}. Never trade money like this.",
            f"bold {UP}",
        )
    if settings.hurry != 1:
        call.screen.say(
            f"시험용 배속 {settings.hurry} 입니다. 실제 매매에 쓰지 마세요.",
            f"A test's hurry of {settings.hurry} is set. Never trade money like this.",
            f"bold {UP}",
        )
