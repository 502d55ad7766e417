"""The tables of a run, as a spreadsheet or another program wants them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec
import polars as pl

from maemae.analytics.breakdown import Part
from maemae.analytics.costs import Execution
from maemae.domain.instant import kst_datetime
from maemae.domain.text import Language
from maemae.research.report.model import RunReport, TradeRow
from maemae.research.report.series import series_of

Tables = Mapping[str, pl.DataFrame]

_TIME: Final = pl.Datetime("us")  # Korean clock, without a zone: spreadsheets know none


def tables_of(
    report: RunReport, executions: Sequence[Execution], language: Language = Language.KO
) -> Tables:
    """
    Return the tables of a run by name.

    - `figures`: figure, value.
    - `equity`: date, equity, invested, flow [won], return, drawdown [ratio], benchmark [any].
    - `trades`: symbol, name, opened, closed [KST], qty, entry, exit, pnl, commission, tax [won],
      return [ratio], reason.
    - `fills`: symbol, side, at [KST], qty, price, seen, commission, tax, slippage, gap [won].
    - `years`, `months`, `symbols`, `sleeves`: key, profit, costs [won], trades, win_rate, …

    Args:
        report: The run.
        executions: Its fills.
        language: Of the reasons of closing.
    """
    parts = report.parts
    return {
        "figures": _figures(report),
        "equity": _equity(report),
        "trades": _trades(report.trades, language),
        "fills": _fills(executions),
        "years": _parts(parts.years),
        "months": _parts(parts.months),
        "symbols": _parts(parts.symbols),
        "sleeves": _parts(parts.sleeves),
    }


def _figures(report: RunReport) -> pl.DataFrame:
    summary = msgspec.structs.asdict(report.summary)
    trades = msgspec.structs.asdict(summary.pop("trades"))
    costs = report.costs
    extra = {} if costs is None else {"slippage": costs.slippage, "gap": costs.gap}
    values: dict[str, object] = {
        **summary,
        **extra,
        **{f"trades_{name}": value for name, value in trades.items()},
    }
    texts = ["" if value is None else str(value) for value in values.values()]
    return pl.DataFrame({"figure": list(values), "value": texts})


def _equity(report: RunReport) -> pl.DataFrame:
    series = series_of(report)
    columns: dict[str, object] = {
        "date": list(report.days),
        "equity": list(report.equity),
        "invested": list(report.invested),
        "flow": list(report.flows) or [0] * len(report.days),
        "return": series.returns,
        "drawdown": series.drawdown,
    }
    if report.benchmark is not None:
        columns["benchmark"] = list(report.benchmark.values)
    return pl.DataFrame(columns)


def _trades(rows: Sequence[TradeRow], language: Language) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "symbol": _texts(row.symbol for row in rows),
            "name": _texts(row.name for row in rows),
            "opened": _times([row.opened_at for row in rows]),
            "closed": _times([row.closed_at for row in rows]),
            "qty": _whole([row.qty for row in rows]),
            "entry": pl.Series([row.entry_avg for row in rows], dtype=pl.Float64),
            "exit": pl.Series([row.exit_avg for row in rows], dtype=pl.Float64),
            "pnl": _whole([row.pnl for row in rows]),
            "return": pl.Series([row.return_ratio for row in rows], dtype=pl.Float64),
            "commission": _whole([row.commission for row in rows]),
            "tax": _whole([row.tax for row in rows]),
            "reason": _texts(row.exit_reason.in_language(language) for row in rows),
        }
    )


def _fills(fills: Sequence[Execution]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "symbol": _texts(one.symbol for one in fills),
            "sleeve": _texts(one.sleeve_id for one in fills),
            "side": _texts(one.side.value for one in fills),
            "at": _times([one.at for one in fills]),
            "qty": _whole([one.qty for one in fills]),
            "price": _whole([one.px for one in fills]),
            "seen": _whole([one.seen for one in fills]),
            "commission": _whole([one.commission for one in fills]),
            "tax": _whole([one.tax for one in fills]),
            "slippage": _whole([one.slippage for one in fills]),
            "gap": _whole([one.gap for one in fills]),
        }
    )


def _parts(parts: Sequence[Part]) -> pl.DataFrame:
    def ratios(name: str) -> pl.Series:
        return pl.Series([getattr(part, name) for part in parts], dtype=pl.Float64)

    return pl.DataFrame(
        {
            "key": _texts(part.key for part in parts),
            "profit": _whole([part.profit for part in parts]),
            "return": ratios("total_return"),
            "sharpe": ratios("sharpe"),
            "max_drawdown": ratios("max_drawdown"),
            "trades": _whole([part.trades.count for part in parts]),
            "win_rate": pl.Series([part.trades.win_rate for part in parts], dtype=pl.Float64),
            "commission": _whole([part.costs.commission for part in parts]),
            "tax": _whole([part.costs.tax for part in parts]),
            "slippage": _whole([part.costs.slippage for part in parts]),
        }
    )


def _texts(values: Iterable[str]) -> pl.Series:
    return pl.Series([str(value) for value in values], dtype=pl.String)


def _whole(values: Sequence[int]) -> pl.Series:
    return pl.Series(values, dtype=pl.Int64)


def _times(instants: Sequence[int]) -> pl.Series:
    """Return instants [ns, UTC] by the Korean clock."""
    return pl.Series([kst_datetime(at).replace(tzinfo=None) for at in instants], dtype=_TIME)
