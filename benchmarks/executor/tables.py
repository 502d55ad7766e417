"""The executor's figures as tables, beside what they should be."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from rich.markup import escape
from rich.table import Table

from benchmarks.executor.company import Beside
from benchmarks.executor.orders import OrderCost, Spread
from benchmarks.executor.start import Started
from benchmarks.executor.syncs import SyncCount
from benchmarks.executor.ticks import TickLag

ORDER_CPU: Final = 3.0  # ms, at most
DELAYED: Final = 1.2  # times as long beside a strategy that misbehaves, at most
CALM: Final = "calm"  # the strategy that does nothing: its row is the measurement's own noise


def order_table(orders: Mapping[str, OrderCost], syncs: SyncCount) -> Table:
    """Return what an order costs: a column a database."""
    table = _table("주문 하나 / an order [ms]", "목표 / target", *orders)
    on_sqlite = (
        ("동기화: 보내기 전 / syncs before it is sent", "1 + 1", _before(syncs)),
        ("동기화: 접수 뒤 / syncs after the acknowledgment", "1", _usual(syncs.after)),
        ("동기화: 체결 뒤 / syncs after the fill", "1", _usual(syncs.fill)),
    )
    for title, target, count in on_sqlite:
        table.add_row(title, target, count, *["" for _ in list(orders)[1:]])
    table.add_row(
        "CPU p50", f"≤ {ORDER_CPU:.0f}", *(_judged(one.cpu.p50) for one in orders.values())
    )
    rows: tuple[tuple[str, Callable[[OrderCost], str]], ...] = (
        ("CPU p99", lambda one: _ms(one.cpu.p99)),
        ("CPU p50, 체결까지 / to the fill", lambda one: _ms(one.cpu_filled.p50)),
        ("의사 → 증권사 / wish to broker p50, p99", lambda one: _both(one.to_send)),
        ("의사 → 접수 기록 / wish to acknowledged p50, p99", lambda one: _both(one.to_end)),
        ("맨 INSERT / bare insert p50, p99", lambda one: _both(one.bare)),
        (
            "p99: 증권사까지 ÷ 맨 INSERT / to broker ÷ bare",
            lambda one: f"{one.to_send.p99 / one.bare.p99:.1f}",
        ),
        (
            "p99: 접수까지 ÷ 맨 INSERT / to acknowledged ÷ bare",
            lambda one: f"{one.to_end.p99 / one.bare.p99:.1f}",
        ),
    )
    for title, value in rows:
        table.add_row(title, "", *(value(one) for one in orders.values()))
    return table


def tick_table(lags: Sequence[TickLag]) -> Table:
    """Return how the executor keeps up: a column a rate."""
    table = _table(
        "틱에서 판단까지 / tick to decision, 200 x 500 stops",
        "목표 / target",
        *(f"{lag.rate:,}/s" for lag in lags),
    )
    for title, target, values in (
        ("p50, p99 [ms]", "", [_both(lag.entry) for lag in lags]),
        ("p50, p99, 제때부터 / from when it was due [ms]", "", [_both(lag.due) for lag in lags]),
        ("가장 밀린 틱 / most waiting [ticks]", "", [f"{lag.most_waiting:,}" for lag in lags]),
        ("가장 늦은 / longest lag [ms]", "", [f"{lag.longest_lag:.0f}" for lag in lags]),
        ("다 비우기까지 / drained in [ms]", "", [f"{lag.drained_in:.1f}" for lag in lags]),
        ("CPU / wall", "", [f"{lag.cpu:.2f}" for lag in lags]),
        ("지난 손절선 / crossings", "", [f"{lag.crossings:,}" for lag in lags]),
        ("놓침, 두 번, 까닭 없음 / missed, twice, unasked", "0, 0, 0", [_wrong(x) for x in lags]),
    ):
        table.add_row(escape(title), target, *values)
    return table


def start_table(starts: Sequence[tuple[int, int, Started]]) -> Table:
    """Return how long a start takes: a row a size."""
    table = _table("시작 / start", "테이프의 틱 / prints on the tape", "s", "MB")
    for records, prints, one in starts:
        name = f"저널 / journal {records:,}"
        table.add_row(name, f"{prints:,}", f"{one.seconds:.2f}", f"{one.resident:.0f}")
    return table


def memory_table(sizes: Sequence[tuple[int, int, int, float]]) -> Table:
    """Return what is kept in memory: a row a size."""
    table = _table("메모리 / memory", "보유 / positions", "주문 / orders at work", "MB")
    for symbols, positions, orders, resident in sizes:
        name = f"종목 / symbols {symbols:,}"
        table.add_row(name, f"{positions:,}", f"{orders:,}", f"{resident:.0f}")
    return table


def company_table(kinds: Sequence[Beside]) -> Table:
    """Return what a strategy that misbehaves does to stops and the kill switch: a row a kind."""
    table = _table(
        "나쁜 전략 옆에서 / beside a bad strategy [ms]",
        *("손절 / stop p50, p99", "옆에서 / beside", f"p99 ÷ (≤ {DELAYED})"),
        *("비상정지 / kill p50, p99", "옆에서 / beside", f"p99 ÷ (≤ {DELAYED})"),
    )
    for one in kinds:
        cells = []
        for alone, beside in (
            (one.stop_alone, one.stop_beside),
            (one.kill_alone, one.kill_beside),
        ):
            ratio = beside.p99 / alone.p99
            mark = "" if one.kind == CALM else f" {_mark(is_met=ratio <= DELAYED)}"
            cells += [_both(alone), _both(beside), f"{ratio:.2f}{mark}"]
        table.add_row(one.kind, *cells)
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table()
    table.add_column(escape(title))
    for column in columns:
        table.add_column(column, justify="right")
    return table


def _before(syncs: SyncCount) -> str:
    return f"테이프 / tape {_usual(syncs.before_tape)}, 저장소 / store {_usual(syncs.before_store)}"


def _usual(counts: Mapping[int, int]) -> str:
    """Return the number of syncs that nearly all orders had, and the largest if others had more."""
    usual = max(counts, key=lambda number: counts[number])
    others = sum(counts.values()) - counts[usual]
    return f"{usual}" if not others else f"{usual} ({others}x ≤ {max(counts)})"


def _wrong(lag: TickLag) -> str:
    counts = (lag.missed, lag.twice, lag.unasked)
    return f"{', '.join(map(str, counts))} {_mark(is_met=not any(counts))}"


def _judged(millis: float) -> str:
    return f"{millis:.2f} {_mark(is_met=millis <= ORDER_CPU)}"


def _both(one: Spread) -> str:
    return f"{_ms(one.p50)}, {_ms(one.p99)}"


def _ms(millis: float) -> str:
    return f"{millis:.2f}"


def _mark(*, is_met: bool) -> str:
    return "✔" if is_met else "✘"
