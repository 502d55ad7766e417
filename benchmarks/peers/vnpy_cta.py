"""
One measurement of vnpy's CTA backtester: `python vnpy_cta.py BARS.npz LENGTH FORM`.

It runs in the environment of `vnpy.txt`, without maemae. Timed is what is timed of maemae: the
strategy's set-up, the replay, and the figures of the result. Making one object of each bar
is not timed, nor is reading them.

Forms:
    idiomatic: As vnpy's own double-average example: an `ArrayManager` and its `sma`.
    fastest: Two running sums in plain Python, and nothing that is not needed.
"""

from __future__ import annotations

import json
import resource
import sys
from collections import deque
from datetime import UTC, datetime
from time import perf_counter, process_time

import numpy as np
from vnpy.trader.constant import Exchange, Interval
from vnpy.trader.object import BarData
from vnpy_ctastrategy import ArrayManager, CtaTemplate
from vnpy_ctastrategy.backtesting import BacktestingEngine

FAST, SLOW, SHARES = 10, 30, 10
COST_RATE = 0.00115  # of each side: the commission and half of the tax on a sale
AT_ANY_PRICE = 0.2  # a limit this far off fills at the next bar's open


class Idiomatic(CtaTemplate):
    """Asks the array manager for both averages at every bar."""

    def on_init(self) -> None:
        """Make room for as many bars as the slow average and its value before need."""
        self.am = ArrayManager(SLOW + 1)

    def on_bar(self, bar: BarData) -> None:
        """Buy at a crossing up, sell at a crossing down."""
        self.cancel_all()
        am = self.am
        am.update_bar(bar)
        if not am.inited:
            return
        fast, slow = am.sma(FAST, array=True), am.sma(SLOW, array=True)
        if fast[-1] > slow[-1] and fast[-2] <= slow[-2]:
            self.buy(bar.close_price * (1 + AT_ANY_PRICE), SHARES)
        elif fast[-1] < slow[-1] and fast[-2] >= slow[-2] and self.pos > 0:
            self.sell(bar.close_price * (1 - AT_ANY_PRICE), abs(self.pos))
        self.put_event()


class Fastest(CtaTemplate):
    """Keeps two running sums."""

    def on_init(self) -> None:
        """Start with no bar seen."""
        self.closes: deque[float] = deque(maxlen=SLOW)
        self.fast_sum = self.slow_sum = 0.0
        self.side = 0

    def on_bar(self, bar: BarData) -> None:
        """Buy at a crossing up, sell at a crossing down."""
        closes, close = self.closes, bar.close_price
        seen = len(closes)
        self.fast_sum += close - (closes[-FAST] if seen >= FAST else 0.0)
        self.slow_sum += close - (closes[0] if seen == SLOW else 0.0)
        closes.append(close)
        if seen < SLOW - 1:
            return
        distance = self.fast_sum * SLOW - self.slow_sum * FAST
        before, self.side = self.side, (distance > 0) - (distance < 0)
        if seen < SLOW:
            return
        if self.side > 0 >= before:
            self.buy(close * (1 + AT_ANY_PRICE), SHARES)
        elif self.side < 0 <= before and self.pos > 0:
            self.sell(close * (1 - AT_ANY_PRICE), abs(self.pos))


def read_bars(path: str, length: int) -> list[BarData]:
    """Return the first bars of the first instrument as vnpy's own objects."""
    with np.load(path) as file:
        opened = (file["opened"][:length] / 1e9).tolist()
        columns = [
            file[name][0, :length].astype(float).tolist()
            for name in ("open", "high", "low", "close", "volume")
        ]
    return [
        BarData(
            gateway_name="BACKTESTING",
            symbol="Z00001",
            exchange=Exchange.SSE,
            datetime=datetime.fromtimestamp(at, UTC),
            interval=Interval.MINUTE,
            open_price=open_price,
            high_price=high,
            low_price=low,
            close_price=close,
            volume=volume,
        )
        for at, open_price, high, low, close, volume in zip(opened, *columns, strict=True)
    ]


def measure(path: str, length: int, form: str) -> dict[str, object]:
    """Run one form of the strategy and return what was measured."""
    engine = BacktestingEngine()
    engine.output = lambda msg: None
    engine.history_data = read_bars(path, length)
    start, cpu_start = perf_counter(), process_time()
    engine.set_parameters(
        vt_symbol="Z00001.SSE",
        interval=Interval.MINUTE,
        start=engine.history_data[0].datetime,
        end=engine.history_data[-1].datetime,
        rate=COST_RATE,
        slippage=0,
        size=1,
        pricetick=1,
        capital=10_000_000_000,
    )
    engine.add_strategy({"idiomatic": Idiomatic, "fastest": Fastest}[form], {})
    engine.run_backtesting()
    engine.calculate_result()
    figures = engine.calculate_statistics(output=False)
    return {
        "seconds": perf_counter() - start,
        "cpu_seconds": process_time() - cpu_start,
        "bars": length,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6,
        "orders": engine.limit_order_count,
        "end_equity": float(figures["end_balance"]),
    }


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]), sys.argv[3])))
