"""Says so, loudly, if this process was made to fail on purpose."""

from __future__ import annotations

from maemae.cli.screen import UP
from maemae.cli.session import Session


def say_test_build(session: Session) -> None:
    """Warn of settings that only a test may have."""
    settings = session.settings
    if settings.failpoints:
        session.screen.say(
            f"시험용 고장 지점이 켜져 있습니다: {settings.failpoints}. 실제 매매에 쓰지 마세요.",
            f"Failpoints are armed: {settings.failpoints}. Never trade money like this.",
            f"bold {UP}",
        )
    if settings.hurry != 1:
        session.screen.say(
            f"시험용 배속 {settings.hurry} 입니다. 실제 매매에 쓰지 마세요.",
            f"A test's hurry of {settings.hurry} is set. Never trade money like this.",
            f"bold {UP}",
        )
