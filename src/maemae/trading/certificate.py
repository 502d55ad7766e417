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
from maemae.krx.session import Phase
from maemae.trading.daily import Drift
from maemae.trading.outside import Outside
from maemae.trading.plan import ExecutorPlan
from maemae.trading.skew import MOST_SKEW, read_skew

LEAST_FREE: Final = 1_000_000_000
"""Disk space below which a day is not begun [bytes]."""

OLDEST_PRINT: Final = 60 * SECOND
"""Age of the newest print above which the stream is not believed to work [ns of wall time]."""

MOST_QUARANTINED: Final = 2
"""Instruments that may be quarantined, each by itself; above, the whole book is not believed."""


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
    DAY_END = "DAY_END"
    LIMITS = "LIMITS"


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


class Facts(msgspec.Struct, frozen=True):
    """
    What an executor knows of itself.

    Attributes:
        day: The session that it is about.
        phase: Of the exchange now.
        is_due: Whether the session is near enough for its rules to be known.
        rules_told: Instruments whose rules of that session are known.
        print_age: Since the newest print, or since the stream began [ns of wall time].
        is_compared: Whether every account was compared with the broker's a moment ago.
        quarantined: Instruments whose shares do not add up.
        unended: Earlier sessions whose end was not done.
        drifts: Counters of the book that are not what happened.
    """

    day: date
    phase: Phase
    is_due: bool
    rules_told: int
    print_age: int
    is_compared: bool
    quarantined: Sequence[str]
    unended: Sequence[date]
    drifts: Sequence[Drift]


async def certify(plan: ExecutorPlan, outside: Outside, home: Path, facts: Facts) -> Certificate:
    """
    Look at everything once.

    Args:
        plan: What is to be run.
        outside: Broker and clocks.
        home: Folder whose disk must have room.
        facts: What the executor knows of itself.
    """
    findings = [
        _calendar(facts.day),
        *await _broker(plan, outside),
        _data(facts),
        await asyncio.to_thread(_disk, home),
        _reconciliation(facts),
        _day_end(facts.unended),
        _limits(facts.drifts),
    ]
    return Certificate(facts.day, outside.wall.now(), findings)


def _calendar(day: date) -> Finding:
    try:
        known = is_session(day)
    except MaemaeError as error:
        return Finding(Check.CALENDAR, passed=False, text=error.text)
    if known:
        text = Text(f"{day} 은 거래일입니다.", f"{day} is a session.")
    else:
        text = Text(
            f"{day} 은 휴장일입니다. 다음 거래일을 기다리세요.",
            f"{day} is no session. Wait for the next one.",
        )
    return Finding(Check.CALENDAR, passed=known, text=text)


async def _broker(plan: ExecutorPlan, outside: Outside) -> list[Finding]:
    try:
        async with asyncio.timeout(plan.rhythm.skew_every / SECOND):
            skew = await read_skew(outside)
    except BrokerError as error:
        return [Finding(Check.BROKER, passed=False, text=error.text)]
    except TimeoutError:
        return [Finding(Check.BROKER, passed=False, text=_SILENT)]
    mode = outside.broker.traits.mode
    return [
        Finding(Check.BROKER, passed=True, text=Text("증권사가 답합니다.", "The broker answers.")),
        Finding(
            Check.MODE,
            passed=mode is plan.core.mode,
            text=Text(
                f"증권사 서버는 {mode}, 설정은 {plan.core.mode} 입니다. 서로 같아야 합니다.",
                f"The broker's server is {mode}, the executor {plan.core.mode}. They must be one.",
            ),
        ),
        Finding(
            Check.CLOCK,
            passed=abs(skew) <= MOST_SKEW,
            text=Text(
                f"증권사 시계와 {skew / SECOND:+.3f}초 차이입니다. {MOST_SKEW // SECOND}초를 "
                "넘으면 컴퓨터 시각 동기화(NTP)를 확인하세요.",
                f"{skew / SECOND:+.3f} s from the broker's clock. Above {MOST_SKEW // SECOND} s "
                "check that this machine follows a time server.",
            ),
        ),
    ]


def _data(facts: Facts) -> Finding:
    """Judge the day's rules once they are due, and the stream while prints must come."""
    told, age = facts.rules_told, facts.print_age // SECOND
    if facts.is_due and not told:
        text = Text(
            f"{facts.day} 의 종목 정보를 받지 못했습니다. 시세 연결을 확인하세요.",
            f"No instrument's rules are known for {facts.day}. Check the market data.",
        )
        return Finding(Check.DATA, passed=False, text=text)
    if facts.phase is Phase.CONTINUOUS and facts.print_age > OLDEST_PRINT:
        text = Text(
            f"{age}초 동안 체결가가 없습니다. 시세 연결을 확인하세요.",
            f"No print has come for {age} s. Check the market data.",
        )
        return Finding(Check.DATA, passed=False, text=text)
    text = Text(
        f"{facts.day} 의 종목 정보 {told:,}개를 받았습니다.",
        f"The rules of {told:,} instruments are known for {facts.day}.",
    )
    return Finding(Check.DATA, passed=True, text=text)


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


def _reconciliation(facts: Facts) -> Finding:
    if facts.quarantined:
        symbols = ", ".join(facts.quarantined)
        text = Text(
            f"수량이 맞지 않아 새로 사지 않는 종목: {symbols}. 원인을 찾은 뒤 해제하세요.",
            f"Shares do not add up, so nothing is bought of: {symbols}. Find out why, then release "
            "them.",
        )
    elif not facts.is_compared:
        text = Text(
            "장부와 증권사 잔고를 아직 맞추지 못했습니다. maemae status 에서 이유를 보세요.",
            "The book was not yet found to agree with the broker. See maemae status for why.",
        )
    else:
        text = Text("장부와 증권사 잔고가 같습니다.", "The book agrees with the broker.")
    passed = facts.is_compared and len(facts.quarantined) <= MOST_QUARANTINED
    return Finding(Check.RECONCILIATION, passed=passed, text=text)


def _day_end(unended: Sequence[date]) -> Finding:
    days = ", ".join(day.isoformat() for day in unended)
    if unended:
        text = Text(
            f"마감하지 못한 거래일이 있습니다: {days}. 남은 주문을 증권사 앱에서 확인하세요.",
            f"Sessions were not ended: {days}. Look at the broker what became of their orders.",
        )
    else:
        text = Text("지난 거래일은 모두 마감했습니다.", "Every earlier session was ended.")
    return Finding(Check.DAY_END, passed=not unended, text=text)


def _limits(drifts: Sequence[Drift]) -> Finding:
    if not drifts:
        text = Text(
            "한도 계산이 실제 체결과 같습니다.", "What limits count is what really happened."
        )
        return Finding(Check.LIMITS, passed=True, text=text)
    what = ", ".join(
        f"{drift.subject} {drift.figure} {drift.book:,} != {drift.derived:,}" for drift in drifts
    )
    text = Text(
        f"한도 계산이 실제와 다릅니다: {what}. 증권사 체결 내역과 비교하고, 거래를 멈춘 채 "
        "알려 주세요.",
        f"What limits count is not what happened: {what}. Compare with the broker's fills, and "
        "keep trading stopped.",
    )
    return Finding(Check.LIMITS, passed=False, text=text)


_SILENT: Final = Text(
    "증권사가 제때 답하지 않습니다. 연결을 확인하세요.",
    "The broker does not answer in time. Check the connection.",
)
