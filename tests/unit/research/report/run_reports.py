"""Builds reports for tests; every argument is optional."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import numpy as np

from maemae.analytics.summary import Activity, Curve, summarize
from maemae.domain.ids import Symbol
from maemae.domain.instant import DAY
from maemae.domain.terms import Side
from maemae.domain.text import Text
from maemae.research.report.model import Assumption, RefusalCount, RunReport, TradeRow


def a_trade(
    pnl: int = 1_000, symbol: str = "005930", name: str = "가람전자", side: Side = Side.BUY
) -> TradeRow:
    return TradeRow(
        symbol=Symbol(symbol),
        name=name,
        side=side,
        opened_at=0,
        closed_at=DAY,
        qty=10,
        entry_avg=1_000.0,
        exit_avg=1_000.0 + pnl / 10,
        pnl=pnl,
        return_ratio=pnl / 10_000,
        commission=1,
        tax=2,
        exit_reason=Text("손절", "Stop loss"),
    )


def a_report(
    equity: list[int] | None = None, trades: list[TradeRow] | None = None, **changes: object
) -> RunReport:
    closes = [1_000_000, 1_100_000, 1_050_000] if equity is None else equity
    days = [date(2024, 1, 2) + timedelta(days=n) for n in range(len(closes))]
    invested = [value // 2 for value in closes]
    curve = Curve(
        1_000_000,
        days,
        np.array(closes, np.int64),
        np.array(invested, np.int64),
        np.zeros(len(closes), np.int64),
    )
    report = RunReport(
        title="골든크로스",
        strategy="golden_cross",
        parameters={"fast": 10},
        symbols=1,
        cash=1_000_000,
        venue="KRX",
        assumptions=[Assumption("NEXT_OPEN", Text("다음 봉 시가", "The next open."))],
        price_basis=Text("원주가입니다.", "Raw prices."),
        days=days,
        equity=closes,
        invested=invested,
        summary=summarize(curve, Activity(2, 2, 20_000, 2, 4), []),
        trades=[a_trade()] if trades is None else trades,
        refusals=[RefusalCount("OFF_TICK", Text("호가가 틀립니다.", "Off the tick."), 3)],
        order_hash="aa11",
        book_hash="bb22",
    )
    return msgspec.structs.replace(report, **changes)
