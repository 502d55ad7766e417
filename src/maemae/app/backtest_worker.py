"""
The process of one backtest of the server: `python -m maemae.app.backtest_worker`.

It reads one line that says what to run, says how far it is, and at last what came of it. It gives
way to everything else on the machine, and ends when whoever started it does.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Final

import msgspec

from maemae.app.backtests import FEES, BacktestRequest, set_up_backtest
from maemae.catalogue.catalogue import Catalogue
from maemae.domain.errors import MaemaeError
from maemae.domain.ids import Symbol
from maemae.domain.intent import MILLION
from maemae.domain.text import Text
from maemae.research.report.file import write_report
from maemae.research.report.model import RunReport
from maemae.research.report.render import render
from maemae.server.backtest_desk import WorkerOrder, WorkerWord
from maemae.storage.backtests import BacktestAsked

_GIVES_WAY: Final = 15
_STEPS: Final = 200
_RATIOS: Final = ("total_return", "cagr", "volatility", "max_drawdown", "exposure", "turnover")
_NUMBERS: Final = ("sharpe", "sortino", "calmar")
_COUNTS: Final = (
    *("sessions", "start_equity", "end_equity", "profit"),
    *("orders", "fills", "commission", "tax"),
)


def main() -> None:
    """Run the backtest of the one line on standard input."""
    os.nice(_GIVES_WAY)
    words = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what a strategy prints is nobody's
    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=WorkerOrder)
    threading.Thread(target=_end_with_starter, daemon=True).start()
    _say(words, _outcome(order, lambda word: _say(words, word)))


def _outcome(order: WorkerOrder, say: Callable[[WorkerWord], None]) -> WorkerWord:
    try:
        setup = set_up_backtest(Catalogue(Path(order.catalogue)), _request(order.asked))
        bars = len(setup.panel)
        step = max(1, bars // _STEPS)
        told = 0

        def watch(bar: int) -> None:
            nonlocal told
            if bar >= told:
                told = bar + step
                say(WorkerWord(progress=min(bar * MILLION // bars, MILLION)))

        report = setup.report(setup.run(watch=watch), order.asked.language)
        write_report(Path(order.report), render(report, order.asked.language))
    except MaemaeError as error:
        return WorkerWord(error=error.text)
    except MemoryError:
        return WorkerWord(error=_NO_MEMORY)
    return WorkerWord(
        progress=MILLION, summary=dict(_summary(report)), order_hash=report.order_hash
    )


def _request(asked: BacktestAsked) -> BacktestRequest:
    return BacktestRequest(
        strategy=asked.spec,
        values={name: f"{value:.15g}" for name, value in asked.values.items()},
        dataset=asked.dataset,
        symbols=tuple(Symbol(symbol) for symbol in asked.symbols) or None,
        first=asked.first,
        last=asked.last,
        cash=asked.cash,
        fees=FEES[asked.fees],
    )


def _summary(report: RunReport) -> Mapping[str, int | str | None]:
    """Return the figures of a run: won and counts as they are, ratios in ppm, others as text."""
    summary, trades = report.summary, report.summary.trades
    ratios = {f"{name}_ppm": _ppm(getattr(summary, name)) for name in _RATIOS}
    numbers = {name: _text(getattr(summary, name)) for name in _NUMBERS}
    counts = {name: int(getattr(summary, name)) for name in _COUNTS}
    return {
        **counts,
        **ratios,
        **numbers,
        "trades": trades.count,
        "win_rate_ppm": _ppm(trades.win_rate),
        "profit_factor": _text(trades.profit_factor),
        "refusals": sum(each.count for each in report.refusals),
        "first_day": str(summary.first_day),
        "last_day": str(summary.last_day),
    }


def _ppm(ratio: float | None) -> int | None:
    return None if ratio is None else round(ratio * MILLION)


def _text(number: float | None) -> str | None:
    return None if number is None else f"{number:.4f}"


def _say(words: IO[bytes], word: WorkerWord) -> None:
    words.write(msgspec.json.encode(word) + b"\n")


def _end_with_starter() -> None:
    while os.read(0, 4_096):  # nothing more comes; at its end the starter is gone
        pass
    os._exit(1)


_NO_MEMORY: Final = Text(
    "메모리가 모자랍니다. 기간이나 종목을 줄여 다시 실행하세요.",
    "There is not enough memory. Run it with fewer days or symbols.",
)

if __name__ == "__main__":
    main()
