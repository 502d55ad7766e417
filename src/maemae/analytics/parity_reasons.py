"""
Why an order of a live day and that of a backtest differ: found from what is recorded.

A reason is only given where the figures bear it out; where none does, that is said.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import unique
from typing import Final

import msgspec

from maemae.analytics.traded_day import (
    DroppedSeen,
    GuardSeen,
    OrderSeen,
    RefusalSeen,
    Surroundings,
    TradedDay,
)
from maemae.domain.ids import MANUAL_SLEEVE
from maemae.domain.instant import SECOND, kst_datetime
from maemae.domain.terms import Cause, OrdType, Side, Term
from maemae.domain.text import Text


@unique
class Why(Term):
    """Kinds of reasons."""

    SIZING_PRICE = "SIZING_PRICE"  # sized at another price
    EQUITY = "EQUITY"  # a share of another equity
    CASH = "CASH"  # cut down to other cash
    HELD = "HELD"  # other shares were held, because of an earlier item
    UNDER_WAY = "UNDER_WAY"  # an earlier order was still on its way, on one side only
    FILL_PRICE = "FILL_PRICE"  # another print
    FILL_QTY = "FILL_QTY"  # not all of it found a counterpart
    NOT_SENT = "NOT_SENT"  # the executor kept it: too late, or not allowed to
    EXIT_WAY = "EXIT_WAY"  # by the ladder, not at market
    INSIDE_BAR = "INSIDE_BAR"  # the same bar, in another order of its prices
    GUARD = "GUARD"  # another stop or target
    FIRED = "FIRED"  # earlier or later, or on one side only
    REFUSED_LIVE = "REFUSED_LIVE"
    REFUSED_BACKTEST = "REFUSED_BACKTEST"
    PARKED = "PARKED"  # waits for the market to open
    LATE = "LATE"  # the wish came too late to be acted upon
    PAUSED = "PAUSED"  # a person had paused the strategy
    STRATEGY_FAILED = "STRATEGY_FAILED"  # its process ended
    EXECUTOR_DOWN = "EXECUTOR_DOWN"
    BARS = "BARS"  # the strategy saw other bars
    PRICE_DOUBTED = "PRICE_DOUBTED"
    BLIND = "BLIND"  # no prices for too long
    BY_HAND = "BY_HAND"
    UNEXPLAINED = "UNEXPLAINED"  # nothing that is recorded explains it


class Reason(msgspec.Struct, frozen=True):
    """A reason, and its sentence with the figures."""

    why: Why
    text: Text


def reasons_of_pair(
    live: OrderSeen, backtest: OrderSeen, days: tuple[TradedDay, TradedDay]
) -> tuple[Reason, ...]:
    """
    Return why two orders of the same wish differ; empty if they do not.

    Args:
        live: The executor's.
        backtest: The backtest's.
        days: Live day and backtest.
    """
    found: list[Reason] = []
    if live.cause is not backtest.cause or live.bar != backtest.bar:
        found += _fired_apart(live, backtest, days)
    if live.qty != backtest.qty:
        found += list(_sized_apart(live, backtest)) or [_unexplained()]
    if live.filled != backtest.filled:
        found += _filled_apart(live, backtest)
    if live.ways != backtest.ways:
        found.append(_other_way(live, backtest))
    if live.filled and backtest.filled and _is_apart(live, backtest):
        found.append(_other_price(live, backtest))
    return tuple(found)


def reasons_of_live(
    order: OrderSeen, days: tuple[TradedDay, TradedDay], around: Surroundings
) -> tuple[Reason, ...]:
    """Return why only the live day has an order."""
    backtest = days[1]
    if order.cause is Cause.PERSON or order.sleeve_id in _BY_PEOPLE or order.cause is Cause.KILL:
        return (_by_hand(order),)
    found = [_refused(each, Why.REFUSED_BACKTEST) for each in _refusals(backtest, order)]
    found += _exit_on_one_side(order, days, around, is_live=True)
    found += _held_apart(order, days)
    found += _under_way_apart(order, days)
    found += _bars_apart(order, around)
    return tuple(found) or (_unexplained(),)


def reasons_of_backtest(
    order: OrderSeen, days: tuple[TradedDay, TradedDay], around: Surroundings
) -> tuple[Reason, ...]:
    """Return why only the backtest has an order."""
    live = days[0]
    found = [_refused(each, Why.REFUSED_LIVE) for each in _refusals(live, order)]
    if order.key in live.parked:
        found.append(_PARKED)
    if not live.has_heard(order.key):
        found += [_dropped(each) for each in around.dropped if _is_of(each, order)]
    found += [
        _down(outage.since, outage.until)
        for outage in around.outages
        if outage.since <= max(order.bar, order.sent_at) and order.bar <= outage.until
    ]
    found += _exit_on_one_side(order, days, around, is_live=False)
    found += _held_apart(order, days)
    found += _under_way_apart(order, days)
    if not live.has_heard(order.key):
        found += _bars_apart(order, around)
        failure = around.failures.get(order.sleeve_id)
        if failure is not None and not found and order.cause is Cause.SIGNAL:
            found.append(Reason(Why.STRATEGY_FAILED, failure))
    return tuple(found) or (_unexplained(),)


def _sized_apart(live: OrderSeen, backtest: OrderSeen) -> Iterator[Reason]:
    """Say by what figures a quantity differs."""
    mine, other = live.known, backtest.known
    if live.side is Side.SELL:
        if mine.held != other.held:
            yield _other_holding(mine.held, other.held)
        return
    if mine.px != other.px:
        yield Reason(
            Why.SIZING_PRICE,
            Text(
                f"수량을 정한 가격: 실거래 {mine.px:,}원({_clock(mine.px_at)} 체결), 백테스트 "
                f"{other.px:,}원(봉의 종가)",
                f"sized at {mine.px:,} won live (print of {_clock(mine.px_at)}), at "
                f"{other.px:,} won (the bar's close) in the backtest",
            ),
        )
    if mine.equity != other.equity and None not in (mine.equity, other.equity):
        yield Reason(
            Why.EQUITY,
            Text(
                f"전략의 자산: 실거래 {_won(mine.equity)}, 백테스트 {_won(other.equity)}",
                f"equity of {_won(mine.equity)} live, {_won(other.equity)} in the backtest",
            ),
        )
    if mine.cash != other.cash and not _is_by_worth(live, backtest):
        yield Reason(
            Why.CASH,
            Text(
                f"주문 가능 금액: 실거래 {_won(mine.cash)}, 백테스트 {_won(other.cash)}",
                f"orderable cash of {_won(mine.cash)} live, {_won(other.cash)} in the backtest",
            ),
        )


def _is_by_worth(live: OrderSeen, backtest: OrderSeen) -> bool:
    """Whether price and equity alone give the one quantity from the other, but for rounding."""
    mine, other = live.known, backtest.known
    if not mine.equity or not other.equity or not mine.px:
        return False
    expected = backtest.qty * (mine.equity / other.equity) * (other.px / mine.px)
    return abs(live.qty - expected) <= 1 + other.px / mine.px


def _filled_apart(live: OrderSeen, backtest: OrderSeen) -> list[Reason]:
    if live.filled == live.qty and backtest.filled == backtest.qty:
        return []  # both are whole: the quantities differ, and that is said
    if live.unsent_at >= 0 and not live.filled:
        return [_not_sent(live)]
    return [
        Reason(
            Why.FILL_QTY,
            Text(
                f"체결 수량: 실거래 {live.filled:,}/{live.qty:,}주, 백테스트 "
                f"{backtest.filled:,}/{backtest.qty:,}주",
                f"{live.filled:,} of {live.qty:,} shares filled live, {backtest.filled:,} of "
                f"{backtest.qty:,} in the backtest",
            ),
        )
    ]


def _not_sent(live: OrderSeen) -> Reason:
    at = _clock(live.unsent_at)
    return Reason(
        Why.NOT_SENT,
        Text(
            f"실거래에서는 {at} 에 보내지 않기로 함 (늦었거나 막혀 있었음)",
            f"not sent live: given up at {at}, as too late or held back",
        ),
    )


def _is_apart(live: OrderSeen, backtest: OrderSeen) -> bool:
    """Whether the average prices differ, in whole numbers."""
    return live.notional * backtest.filled != backtest.notional * live.filled


def _other_price(live: OrderSeen, backtest: OrderSeen) -> Reason:
    return Reason(
        Why.FILL_PRICE,
        Text(
            f"체결가: 실거래 {live.px:,.1f}원({_clock(live.filled_at)}, 직전 체결 "
            f"{live.print_px:,}원), 백테스트 {backtest.px:,.1f}원({_clock(backtest.filled_at)}, "
            f"그때 가격 {backtest.print_px:,}원)",
            f"filled at {live.px:,.1f} won live ({_clock(live.filled_at)}, last print "
            f"{live.print_px:,}), at {backtest.px:,.1f} won in the backtest "
            f"({_clock(backtest.filled_at)}, price then {backtest.print_px:,})",
        ),
    )


def _other_way(live: OrderSeen, backtest: OrderSeen) -> Reason:
    ours, theirs = _ways(live), _ways(backtest)
    return Reason(
        Why.EXIT_WAY,
        Text(
            f"청산 방법: 실거래 {ours.ko}, 백테스트 {theirs.ko}",
            f"left by {ours.en} live, by {theirs.en} in the backtest",
        ),
    )


def _ways(order: OrderSeen) -> Text:
    return Text(
        " → ".join(_WAYS[way].ko for way in order.ways),
        " → ".join(_WAYS[way].en for way in order.ways),
    )


def _fired_apart(
    live: OrderSeen, backtest: OrderSeen, days: tuple[TradedDay, TradedDay]
) -> list[Reason]:
    """Say why an exit came in another bar, or for another reason."""
    found = _guards_apart(live, (live.sent_at, backtest.sent_at), days)
    why = Why.INSIDE_BAR if live.bar == backtest.bar else Why.FIRED
    found.append(
        Reason(
            why,
            Text(
                f"청산: 실거래 {_clock(live.sent_at)} {live.cause} (체결 {live.known.px:,}원), "
                f"백테스트 {_clock(backtest.sent_at)} {backtest.cause} ({backtest.known.px:,}원)",
                f"left live at {_clock(live.sent_at)} by {live.cause} (print {live.known.px:,}), "
                f"in the backtest at {_clock(backtest.sent_at)} by {backtest.cause} "
                f"({backtest.known.px:,})",
            ),
        )
    )
    return found


def _guards_apart(
    order: OrderSeen, instants: tuple[int, int], days: tuple[TradedDay, TradedDay]
) -> list[Reason]:
    """Say that stop and target stood elsewhere just before these instants, live and backtest."""
    mine, other = (
        day.guard_before(order.sleeve_id, order.symbol, at)
        for day, at in zip(days, instants, strict=True)
    )
    if mine is None or other is None or _prices(mine) == _prices(other):
        return []
    return [
        Reason(
            Why.GUARD,
            Text(
                f"손절·익절가: 실거래 {_levels(mine)}, 백테스트 {_levels(other)} (진입가가 다름)",
                f"stop and target at {_levels(mine)} live, {_levels(other)} in the backtest: the "
                "entry prices differ",
            ),
        )
    ]


def _exit_on_one_side(
    order: OrderSeen, days: tuple[TradedDay, TradedDay], around: Surroundings, *, is_live: bool
) -> list[Reason]:
    """Say why a stop or target was reached on one side only."""
    if order.cause not in _BY_PRICE:
        return []
    found = _guards_apart(order, (order.sent_at, order.sent_at), days)
    bar = around.path.get((order.symbol, order.bar))
    other = days[1 if is_live else 0].guard_before(order.sleeve_id, order.symbol, order.sent_at)
    if bar is not None and other is not None:
        found.append(_reached(order, other, bar, is_live=is_live))
    if not is_live:
        found += [
            _doubted(each.px, each.at)
            for each in days[0].doubts
            if each.symbol == order.symbol and abs(each.at - order.bar) <= _NEAR
        ]
    return found


def _reached(
    order: OrderSeen, other: GuardSeen, bar: tuple[int, int, int, int], *, is_live: bool
) -> Reason:
    side = Text("실거래만", "live only") if is_live else Text("백테스트만", "the backtest only")
    at, px, prices = _clock(order.sent_at), f"{order.known.px:,}", "/".join(f"{x:,}" for x in bar)
    return Reason(
        Why.FIRED,
        Text(
            f"{order.cause} 가 {side.ko} 걸림: {at} {px}원, 다른 쪽 기준 {_levels(other)}, 봉 "
            f"{prices}",
            f"{order.cause} fired {side.en}: at {at} at {px}, the other's levels "
            f"{_levels(other)}, bar {prices}",
        ),
    )


def _held_apart(order: OrderSeen, days: tuple[TradedDay, TradedDay]) -> list[Reason]:
    """
    Say that other shares were held; what the order's own bar did left aside.

    Live, a strategy is asked a moment after its bar's end, and sees what was filled meanwhile.
    """
    at = min(order.bar, order.sent_at)
    other = days[1].shares_before(order.sleeve_id, order.symbol, at)
    for instant in (at, *days[0].held_within(order.sleeve_id, order.symbol, at, at + _ASKED)):
        mine = days[0].shares_before(order.sleeve_id, order.symbol, instant)
        if bool(mine) is not bool(other):
            return [_other_holding(mine, other)]
    return []


def _under_way_apart(order: OrderSeen, days: tuple[TradedDay, TradedDay]) -> list[Reason]:
    """Say that a strategy waited for an earlier order of the instrument on one side only."""
    mine, other = (day.under_way(order.sleeve_id, order.symbol, order.bar) for day in days)
    waiting = mine or other
    if waiting is None or (mine is not None and other is not None):
        return []
    where = _LIVE if mine is not None else _BACKTEST
    since, until = _clock(waiting.bar), _clock(max(waiting.sent_at, waiting.filled_at))
    return [
        Reason(
            Why.UNDER_WAY,
            Text(
                f"{since} 봉의 주문이 {where.ko}에서 {until} 까지 진행 중이었음",
                f"the order of the {since} bar was on its way {where.en} until {until}",
            ),
        )
    ]


def _other_holding(mine: int, other: int) -> Reason:
    return Reason(
        Why.HELD,
        Text(
            f"그때 보유: 실거래 {mine:,}주, 백테스트 {other:,}주",
            f"held {mine:,} shares live, {other:,} in the backtest",
        ),
    )


def _bars_apart(order: OrderSeen, around: Surroundings) -> list[Reason]:
    """Name the newest bar up to the order's that the strategy saw otherwise."""
    apart = [bar for bar in around.bars if bar.symbol == order.symbol and bar.known <= order.bar]
    if not apart:
        return []
    bar = max(apart, key=lambda bar: bar.known)
    return [
        Reason(
            Why.BARS,
            Text(
                f"전략이 본 봉이 다름: {_clock(bar.known)} 실거래 {bar.live or '없음'}, 데이터 "
                f"{bar.backtest or '없음'} (다른 봉 {len(apart):,}개)",
                f"the strategy saw other bars: {_clock(bar.known)} {bar.live or 'none'} live, "
                f"{bar.backtest or 'none'} in the dataset ({len(apart):,} differ)",
            ),
        )
    ]


def _refusals(day: TradedDay, order: OrderSeen) -> list[RefusalSeen]:
    return [each for each in day.refused if _same_wish(each, order)]


def _same_wish(refused: RefusalSeen, order: OrderSeen) -> bool:
    return (refused.key, refused.sleeve_id, refused.symbol) == (
        order.key,
        order.sleeve_id,
        order.symbol,
    )


def _refused(refused: RefusalSeen, why: Why) -> Reason:
    ko = " ".join(refusal.text.ko for refusal in refused.refusals)
    en = " ".join(refusal.text.en for refusal in refused.refusals)
    where = _LIVE if why is Why.REFUSED_LIVE else _BACKTEST
    at = _clock(refused.at)
    return Reason(why, Text(f"{where.ko}에서 {at} 거부: {ko}", f"refused {where.en} at {at}: {en}"))


def _is_of(dropped: DroppedSeen, order: OrderSeen) -> bool:
    return (dropped.sleeve_id, dropped.at) == (order.sleeve_id, order.bar)


def _dropped(dropped: DroppedSeen) -> Reason:
    late = (dropped.heard_at - dropped.at) / SECOND
    if dropped.is_paused:
        return Reason(
            Why.PAUSED,
            Text("전략이 일시 정지 중이었음", "a person had paused the strategy"),
        )
    return Reason(
        Why.LATE,
        Text(
            f"전략의 요청이 {late:,.0f}초 늦게 와서 버림",
            f"the strategy's wish came {late:,.0f} s late and was dropped",
        ),
    )


def _down(since: int, until: int) -> Reason:
    return Reason(
        Why.EXECUTOR_DOWN,
        Text(
            f"실행기가 {_clock(since)}~{_clock(until)} 에 멈춰 있었음",
            f"the executor was down from {_clock(since)} to {_clock(until)}",
        ),
    )


def _doubted(px: int, at: int) -> Reason:
    if px:
        return Reason(
            Why.PRICE_DOUBTED,
            Text(
                f"{_clock(at)} {px:,}원 체결은 튀는 값이라 확인을 기다림",
                f"the print of {px:,} won at {_clock(at)} had to be confirmed first",
            ),
        )
    return Reason(
        Why.BLIND,
        Text(f"{_clock(at)} 부터 시세가 끊김", f"no prices came from {_clock(at)} on"),
    )


def _by_hand(order: OrderSeen) -> Reason:
    if order.cause is Cause.KILL:
        return Reason(Why.BY_HAND, Text("비상정지의 청산", "the kill switch emptied the book"))
    return Reason(Why.BY_HAND, Text("사람이 낸 주문", "a person's order"))


def _unexplained() -> Reason:
    return Reason(
        Why.UNEXPLAINED,
        Text(
            "기록된 것으로는 설명되지 않습니다. 저널과 전략의 출력을 확인하세요.",
            "Nothing that is recorded explains it. Look at the journal and what the strategy "
            "printed.",
        ),
    )


def _prices(guard: GuardSeen) -> tuple[int, int]:
    return guard.stop_px, guard.take_px


def _levels(guard: GuardSeen) -> str:
    return f"{guard.stop_px:,}/{guard.take_px:,}"


def _won(amount: int | None) -> str:
    return "–" if amount is None else f"{amount:,}"


def _clock(at: int) -> str:
    return f"{kst_datetime(at):%H:%M:%S}"


_LIVE: Final = Text("실거래", "live")
_BACKTEST: Final = Text("백테스트", "in the backtest")
_BY_PRICE: Final = frozenset({Cause.STOP, Cause.TAKE})
_BY_PEOPLE: Final = frozenset({MANUAL_SLEEVE, "EXTERNAL"})
_ASKED: Final = 60 * SECOND  # a wish that comes later is not acted upon
_NEAR: Final = 600 * SECOND
_WAYS: Final = {
    OrdType.LIMIT: Text("지정가", "limit"),
    OrdType.MARKET: Text("시장가", "market"),
}
_PARKED: Final = Reason(
    Why.PARKED,
    Text("실거래에서는 장이 열리기를 기다림", "live it waits for the market to open"),
)
