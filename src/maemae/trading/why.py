"""Why a strategy did not trade, as sentences: from what hinders everybody to what it wished."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from maemae.core.events import KillLevel
from maemae.domain.instant import kst_datetime
from maemae.domain.terms import TradingState
from maemae.domain.text import Text
from maemae.krx.session import is_regular
from maemae.storage.history import RefusedOften
from maemae.trading.conduct import Conduct, RunState
from maemae.trading.control.replies import Circumstances


def reasons(told: Circumstances, refused: Sequence[RefusedOften], day: date) -> tuple[Text, ...]:
    """
    Return why a strategy did not trade in a session, the plainest reason first.

    Args:
        told: How things stand, of the executor.
        refused: What the risk gate refused in the session, of the journal.
        day: The session.
    """
    found = [*_standing(told, day), *_run(told.conduct), *_dropped(told), *map(_refusal, refused)]
    return tuple(found) or (_NOTHING,)


def _standing(told: Circumstances, day: date) -> Iterator[Text]:
    """Yield what hinders every strategy, or all of this one's orders."""
    if told.kill is not KillLevel.OFF:
        yield Text(
            f"비상정지가 걸려 있습니다 ({told.kill}: {told.kill_reason}). 확인하고 해제하세요.",
            f"The kill switch is on ({told.kill}: {told.kill_reason}). Check why, and release it.",
        )
    if told.trading_state is not TradingState.ACTIVE:
        yield Text(
            f"거래 상태가 {told.trading_state} 입니다 ({told.trading_reason}). 새 주문은 ACTIVE "
            "에서만 나갑니다.",
            f"The trading state is {told.trading_state} ({told.trading_reason}). New orders leave "
            "only while it is ACTIVE.",
        )
    if told.ceiling is not TradingState.ACTIVE:
        yield Text(
            f"실행기가 거래를 {told.ceiling} 까지로 제한하고 있습니다. 아침 점검과 알림을 보세요.",
            f"The executor bounds trading at {told.ceiling}. See the certificate and the alerts.",
        )
    if told.is_halted:
        yield Text(
            "이 전략의 몫이 멈춰 있습니다. 알림을 확인하고 다시 시작하세요.",
            "Its sleeve is halted. Check its alerts, then resume it.",
        )
    if told.session_date != day:
        yield Text(
            f"{day} 거래일은 지금 진행 중이 아닙니다. 아래의 실행 상태는 지금의 것입니다.",
            f"The session of {day} is not going on; how the run stands is told as of now.",
        )
    elif not is_regular(told.phase):
        yield Text(
            f"지금은 정규장이 아닙니다 ({told.phase}). 전략의 주문은 장이 열릴 때까지 기다립니다.",
            f"It is not regular trading now ({told.phase}). Orders wait for the market to open.",
        )


def _run(conduct: Conduct | None) -> Iterator[Text]:
    if conduct is None:
        yield _NEVER_RUN
        return
    yield from _state(conduct)
    if conduct.bars == 0:
        yield _NO_BARS
    elif conduct.last_bar_at is not None:
        last = f"{kst_datetime(conduct.last_bar_at):%m-%d %H:%M}"
        yield Text(
            f"이 장에서 봉 {conduct.bars:,}개를 보았고 마지막은 {last} 입니다.",
            f"It saw {conduct.bars:,} bars in this session, the last at {last}.",
        )
    if conduct.bars and not conduct.intents:
        yield _NO_WISH
    elif conduct.intents:
        newest = f"{kst_datetime(conduct.wishes[-1].at):%m-%d %H:%M}"
        yield Text(
            f"주문 의사를 {conduct.intents:,}번 냈고 마지막은 {newest} 입니다.",
            f"It wished {conduct.intents:,} times, the last time at {newest}.",
        )


def _state(conduct: Conduct) -> Iterator[Text]:
    run, known = conduct.run, conduct.known_bars
    match conduct.state:
        case RunState.STOPPED:
            yield Text(
                f"전략이 멈춰 있습니다 ({run.end_reason or '끝난 실행'}). 다시 시작하세요.",
                f"The strategy is stopped ({run.end_reason or 'its run ended'}). Start it again.",
            )
        case RunState.PAUSED:
            yield Text(
                f"전략이 일시정지되어 있습니다 ({run.pause_reason or '-'}). 재개하세요.",
                f"The strategy is paused ({run.pause_reason or '-'}). Let it go on.",
            )
        case RunState.FAILED:
            why = conduct.failure or Text("", "")
            yield Text(
                f"전략의 코드가 실패해 멈췄습니다. {why.ko}",
                f"The strategy's code failed and it stopped. {why.en}",
            )
        case RunState.WARMING_UP if conduct.warmup is None:
            yield _NOT_SET_UP
        case RunState.WARMING_UP:
            yield Text(
                f"지표가 준비되지 않았습니다: 봉 {known:,}개를 보았고 {conduct.warmup:,}개가 "
                "필요합니다. 더 긴 데이터를 쓰거나 기다리세요.",
                f"Its indicators are not warm: {known:,} bars of {conduct.warmup:,} are known. Use "
                "a longer dataset, or wait.",
            )
        case RunState.RUNNING:
            return


def _dropped(told: Circumstances) -> Iterator[Text]:
    paused = sum(each.is_paused for each in told.dropped)
    late = len(told.dropped) - paused
    if paused:
        yield Text(
            f"일시정지 중에 낸 주문 의사 {paused:,}건을 버렸습니다.",
            f"{paused:,} wishes were dropped because it was paused.",
        )
    if late:
        yield Text(
            f"너무 늦게 도착한 주문 의사 {late:,}건을 버렸습니다. 봉마다 하는 계산을 줄이세요.",
            f"{late:,} wishes came too late and were dropped. Do less at each bar.",
        )


def _refusal(refused: RefusedOften) -> Text:
    return Text(
        f"위험 관문이 {refused.times:,}번 거부했습니다. 마지막: {refused.last.text.ko}",
        f"The risk gate refused {refused.times:,} times. The last: {refused.last.text.en}",
    )


_NOTHING: Final = Text(
    "막고 있는 것이 없습니다. 전략의 조건이 아직 맞지 않았습니다.",
    "Nothing hinders it. What it waits for has not happened.",
)
_NEVER_RUN: Final = Text(
    "이 이름으로 돌린 전략이 없습니다. 이름을 확인하거나 시작하세요.",
    "No strategy was ever run under this name. Check it, or start one.",
)
_NO_BARS: Final = Text(
    "이 장에서 아직 봉을 받지 못했습니다. 시세 연결과 장 시간을 확인하세요.",
    "It has seen no bar in this session. Check the market data and the hours of the exchange.",
)
_NO_WISH: Final = Text(
    "전략이 주문 의사를 한 번도 내지 않았습니다. 조건이 맞지 않은 것입니다.",
    "The strategy wished for nothing. What it waits for has not happened.",
)
_NOT_SET_UP: Final = Text(
    "전략이 아직 준비되지 않았습니다. 장이 시작되고 작업자가 켜지기를 기다리세요.",
    "The strategy is not set up yet. Wait for the session to begin and its worker to come up.",
)
