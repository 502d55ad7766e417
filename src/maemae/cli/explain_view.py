"""Why an instrument was traded on a day, or why not, on the screen."""

from __future__ import annotations

from maemae.cli.gate_figures import figure_of
from maemae.cli.screen import DOWN, QUIET, UP, WARNING, Screen
from maemae.cli.words import SIDES
from maemae.core.check_titles import TITLES
from maemae.core.preview import Outlook, Preview
from maemae.core.state import Parent, Protection
from maemae.core.usage import Usage
from maemae.domain.ids import Symbol
from maemae.domain.instant import kst_datetime
from maemae.domain.intent import MILLION, Cash, Everything, Risk, Shares, Size
from maemae.domain.order import Order
from maemae.domain.refusal_advice import ADVICE
from maemae.domain.text import Text
from maemae.research.explain import Explanation, Outcome
from maemae.research.reporting import EXIT_REASONS
from maemae.strategy.circumstances import Due, Reading, Signal
from maemae.strategy.panel import Panel


def explanation_view(screen: Screen, found: Explanation, panel: Panel, name: str) -> None:
    """Show one day of one instrument, from what was seen to what the gate says."""
    called = found.symbol if name in {"", found.symbol} else f"{found.symbol} {name}"
    screen.say(f"{called} · {found.day}", f"{called} · {found.day}", "bold")
    _bar(screen, found)
    if found.is_outside:
        screen.say(
            "그날의 유니버스 밖이라 사지 않습니다. 파는 것은 됩니다.",
            "Outside of the universe of that day: it is not bought. Sales are free.",
            WARNING,
        )
    _title(screen, "본 것", "What it saw")
    for reading in found.seen.readings:
        _reading(screen, reading)
    for signal in found.seen.signals:
        _signal(screen, signal)
    for due in found.seen.dues:
        _due(screen, due, panel)
    _title(screen, "한 것", "What it did")
    if not found.outcomes and not found.exits:
        screen.say("  이 종목에 아무 주문도 원하지 않았습니다.", "  It wished nothing of this one.")
    for outcome in found.outcomes:
        _outcome(screen, outcome, found.symbol)
    for order in found.exits:
        _exit(screen, order)
    if found.guard is not None:
        _guard(screen, found.guard)
    for parent in found.waiting:
        _waiting(screen, parent)
    _title(
        screen,
        "그때 자산의 10 % 를 사려 했다면: 위험 관문",
        "Had it bought a tenth of the equity then: the gate",
    )
    _gate(screen, found.gate, found.usage)


def _title(screen: Screen, ko: str, en: str) -> None:
    screen.step(ko, en)


def _bar(screen: Screen, found: Explanation) -> None:
    if found.bar is None:
        screen.say(
            "그 봉에는 거래가 없었습니다. 거래 없는 봉에서는 전략이 불리지 않습니다.",
            "Nothing traded in that bar, so nothing was called for it.",
            WARNING,
        )
    else:
        opening, high, low, close, volume = found.bar
        screen.say(
            f"시가 {opening:,} · 고가 {high:,} · 저가 {low:,} · 종가 {close:,}원 · {volume:,}주",
            f"open {opening:,} · high {high:,} · low {low:,} · close ₩{close:,} · {volume:,} sh.",
            QUIET,
        )
    equity = "–" if found.equity is None else f"{found.equity:,}"
    screen.say(
        f"보유 {found.held:,}주 · 주문 가능 {found.cash:,}원 · 자산 {equity}원",
        f"held {found.held:,} · orderable ₩{found.cash:,} · equity ₩{equity}",
        QUIET,
    )


def _reading(screen: Screen, reading: Reading) -> None:
    if reading.value is None:
        screen.say(
            f"  {reading.label}: 준비 중 (봉 {reading.bars:,}개 / {reading.warmup:,}개)",
            f"  {reading.label}: warming up ({reading.bars:,} of {reading.warmup:,} bars)",
            WARNING,
        )
    else:
        digits = 4 if abs(reading.value) < 1 else 2
        told = f"  {reading.label} = {reading.value:,.{digits}f}"
        screen.say(told, told)


def _signal(screen: Screen, signal: Signal) -> None:
    call = f"{signal.label} → {signal.method}()"
    if signal.fires:
        screen.say(f"  ✔ {call}: 울렸습니다", f"  ✔ {call}: fired", UP)
    elif not signal.is_ready:
        screen.say(f"  – {call}: 지표 준비 중", f"  – {call}: warming up", QUIET)
    elif signal.holds:
        screen.say(
            f"  – {call}: 참이지만 전부터 참이었습니다(바뀔 때만 울립니다)",
            f"  – {call}: true, but it was before (it fires on the change)",
            QUIET,
        )
    else:
        screen.say(f"  ✘ {call}: 거짓", f"  ✘ {call}: false", DOWN)


def _due(screen: Screen, due: Due, panel: Panel) -> None:
    call = f"every({due.period}) → {due.method}()"
    if due.is_due:
        screen.say(f"  ✔ {call}: 불렸습니다", f"  ✔ {call}: called", UP)
        return
    after = "–" if due.next is None else f"{panel.dates[due.next]}"
    screen.say(f"  ✘ {call}: 다음은 {after}", f"  ✘ {call}: next on {after}", DOWN)


def _outcome(screen: Screen, outcome: Outcome, symbol: Symbol) -> None:
    size = _size(outcome.size)
    if outcome.side is None:
        wish = Text(f"목표 비중 {size.ko}", f"target weight {size.en}")
    else:
        side = SIDES[outcome.side]
        wish = Text(f"{side.ko} {size.ko}", f"{side.en} {size.en}")
    if outcome.order is not None:
        order = outcome.order
        screen.say(
            f"  ✔ {wish.ko} → 주문 {SIDES[order.side].ko} {order.order_qty:,}주",
            f"  ✔ {wish.en} → order to {SIDES[order.side].en} {order.order_qty:,} {symbol}",
            UP,
        )
    elif outcome.refusals:
        screen.say(f"  ✘ {wish.ko} → 거부", f"  ✘ {wish.en} → refused", DOWN)
    else:
        screen.say(f"  – {wish.ko} → 주문 없음", f"  – {wish.en} → no order", QUIET)
    for refusal in outcome.refusals:
        screen.say(f"    {refusal.text.ko}", f"    {refusal.text.en}", WARNING)
        advice = ADVICE[refusal.reason]
        screen.say(f"    → {advice.ko}", f"    → {advice.en}", QUIET)


def _exit(screen: Screen, order: Order) -> None:
    """Show an order that no wish of the strategy asked for."""
    why, side = EXIT_REASONS[order.cause], SIDES[order.side]
    screen.say(
        f"  ✔ {why.ko} → 주문 {side.ko} {order.order_qty:,}주",
        f"  ✔ {why.en} → order to {side.en} {order.order_qty:,} {order.symbol}",
        UP,
    )


def _guard(screen: Screen, guard: Protection) -> None:
    """Show at which prices, and when, the holding is left."""
    ko, en = [], []
    if guard.stop_px:
        follows = Text("(추적)", " (trailing)") if guard.trail else Text("", "")
        ko.append(f"손절 {guard.stop_px:,}원{follows.ko}")
        en.append(f"stop ₩{guard.stop_px:,}{follows.en}")
    if guard.take_px:
        ko.append(f"익절 {guard.take_px:,}원")
        en.append(f"target ₩{guard.take_px:,}")
    if guard.leave_at:
        clock = f"{kst_datetime(guard.leave_at):%Y-%m-%d %H:%M}"
        ko.append(f"{clock} 에 청산")
        en.append(f"left at {clock}")
    if ko:
        screen.say(f"  보호: {' · '.join(ko)}", f"  Guarded: {' · '.join(en)}", QUIET)


def _waiting(screen: Screen, parent: Parent) -> None:
    """Show what a parent order waits for, and how far it has come."""
    side, crossing = SIDES[parent.intent.order.side], parent.intent.crossing
    if parent.parts:
        done = f"{parent.filled:,}/{parent.qty:,}"
        ko, en = f"{parent.sent}/{len(parent.parts)}조각, {done}주", f"{parent.sent}, {done} sh."
    elif crossing is not None:
        way = Text("이상", "at or above") if crossing.above else Text("이하", "at or below")
        ko, en = f"{crossing.price:,}원 {way.ko}", f"{way.en} ₩{crossing.price:,}"
    else:
        clock = f"{kst_datetime(parent.intent.starts_at or parent.intent.at):%Y-%m-%d %H:%M}"
        ko, en = f"{clock} 부터", f"from {clock} on"
    screen.say(f"  … {side.ko} 대기: {ko}", f"  … waits to {side.en}: {en}", QUIET)


def _size(size: Size) -> Text:
    if isinstance(size, Shares):
        return Text(f"{size.qty:,}주", f"{size.qty:,} sh.")
    if isinstance(size, Cash):
        return Text(f"{size.won:,}원어치", f"for ₩{size.won:,}")
    if isinstance(size, Everything):
        return Text("전부", "everything")
    if isinstance(size, Risk):
        return Text(f"손절까지 {size.ppm / MILLION:.1%}", f"{size.ppm / MILLION:.1%} at risk")
    return Text(f"{size.ppm / MILLION:.1%}", f"{size.ppm / MILLION:.1%}")


def _gate(screen: Screen, gate: Preview, usage: Usage) -> None:
    parked = gate.outlook is Outlook.PARKED
    if parked:
        screen.say(
            "  장이 끝난 뒤라 다음 장까지 기다렸다가 그때 다시 봅니다.",
            "  The market is closed: it waits for the next session and is looked at again then.",
            QUIET,
        )
    for checked in gate.checks:
        if parked and checked.check == "PHASE":
            continue
        title, figure = TITLES[checked.check], figure_of(checked.check, gate, usage)
        if checked.refusal is None:
            screen.say(f"  ✔ {title.ko}{figure.ko}", f"  ✔ {title.en}{figure.en}", QUIET)
        else:
            text = checked.refusal.text
            screen.say(f"  ✘ {title.ko}: {text.ko}", f"  ✘ {title.en}: {text.en}", DOWN)
