"""
The morning certificate: whether everything that a safe day needs is there.

Without it the executor trades no new risk: it stays REDUCING until a new look is clean.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from datetime import date
from enum import unique
from pathlib import Path
from typing import Final

import msgspec

from maemae.domain.errors import BrokerError, MaemaeError
from maemae.domain.instant import SECOND
from maemae.domain.terms import Term, TradingState
from maemae.domain.text import Text
from maemae.krx.calendar import is_session
from maemae.trading.outside import Outside
from maemae.trading.plan import ExecutorPlan

LEAST_FREE: Final = 1_000_000_000
"""Disk space below which a day is not begun [bytes]."""

MOST_SKEW: Final = SECOND
"""Difference to the broker's clock above which a day is not begun [ns]."""


@unique
class Check(Term):
    """What a certificate looks at."""

    CALENDAR = "CALENDAR"
    BROKER = "BROKER"
    MODE = "MODE"
    CLOCK = "CLOCK"
    DATA = "DATA"
    DISK = "DISK"
    RECONCILIATION = "RECONCILIATION"


class Finding(msgspec.Struct, frozen=True):
    """What one check found, in a sentence."""

    check: Check
    passed: bool
    text: Text


class Certificate(msgspec.Struct, frozen=True):
    """
    The findings of one look.

    Attributes:
        day: The session they are about.
        at: When it was looked [ns, UTC, wall].
    """

    day: date
    at: int
    findings: Sequence[Finding]

    @property
    def failures(self) -> list[Finding]:
        """What is not as it must be."""
        return [finding for finding in self.findings if not finding.passed]

    @property
    def ceiling(self) -> TradingState:
        """How far trading may be opened."""
        return TradingState.REDUCING if self.failures else TradingState.ACTIVE


async def certify(
    plan: ExecutorPlan,
    outside: Outside,
    home: Path,
    day: date,
    rules_told: int,
    *,
    is_reconciled: bool,
) -> Certificate:
    """
    Look at everything once.

    Args:
        plan: What is to be run.
        outside: Broker and clocks.
        home: Folder whose disk must have room.
        day: The session.
        rules_told: Instruments whose rules of that day are known.
        is_reconciled: Whether the book agreed with the broker after the newest look.
    """
    findings = [
        _calendar(day),
        *await _broker(plan, outside),
        _data(day, rules_told),
        await asyncio.to_thread(_disk, home),
        _reconciliation(is_reconciled=is_reconciled),
    ]
    return Certificate(day, outside.wall.now(), findings)


def _calendar(day: date) -> Finding:
    try:
        known = is_session(day)
    except MaemaeError as error:
        return Finding(Check.CALENDAR, passed=False, text=error.text)
    if known:
        text = Text(f"{day} 은 거래일입니다.", f"{day} is a session.")
    else:
        text = Text(f"{day} 은 휴장일입니다.", f"{day} is no session.")
    return Finding(Check.CALENDAR, passed=known, text=text)


async def _broker(plan: ExecutorPlan, outside: Outside) -> list[Finding]:
    try:
        theirs = await outside.broker.server_time()
    except BrokerError as error:
        return [Finding(Check.BROKER, passed=False, text=error.text)]
    mode, skew = outside.broker.traits.mode, theirs - outside.venue.now()
    return [
        Finding(Check.BROKER, passed=True, text=Text("증권사가 답합니다.", "The broker answers.")),
        Finding(
            Check.MODE,
            passed=mode is plan.core.mode,
            text=Text(
                f"증권사 서버는 {mode}, 설정은 {plan.core.mode} 입니다.",
                f"The broker's server is {mode}, the executor {plan.core.mode}.",
            ),
        ),
        Finding(
            Check.CLOCK,
            passed=abs(skew) <= MOST_SKEW * outside.venue.speed,
            text=Text(
                f"증권사 시계와 {skew / SECOND:+.3f}초 차이입니다. {MOST_SKEW // SECOND}초를 "
                "넘으면 컴퓨터 시각 동기화(NTP)를 확인하세요.",
                f"{skew / SECOND:+.3f} s from the broker's clock. Above {MOST_SKEW // SECOND} s "
                "check that this machine follows a time server.",
            ),
        ),
    ]


def _data(day: date, rules_told: int) -> Finding:
    return Finding(
        Check.DATA,
        passed=rules_told > 0,
        text=Text(
            f"{day} 의 종목 정보 {rules_told:,}개를 받았습니다.",
            f"The rules of {rules_told:,} instruments are known for {day}.",
        ),
    )


def _disk(home: Path) -> Finding:
    free = shutil.disk_usage(home).free
    return Finding(
        Check.DISK,
        passed=free >= LEAST_FREE,
        text=Text(
            f"디스크 여유 {free // 1_000_000:,} MB ({LEAST_FREE // 1_000_000:,} MB 이상 필요).",
            f"{free // 1_000_000:,} MB of disk are free; {LEAST_FREE // 1_000_000:,} are needed.",
        ),
    )


def _reconciliation(*, is_reconciled: bool) -> Finding:
    if is_reconciled:
        text = Text("장부와 증권사 잔고가 같습니다.", "The book agrees with the broker.")
    else:
        text = Text(
            "장부와 증권사 잔고를 아직 맞추지 못했습니다. maemae status 에서 이유를 보세요.",
            "The book was not yet found to agree with the broker. See maemae status for why.",
        )
    return Finding(Check.RECONCILIATION, passed=is_reconciled, text=text)
