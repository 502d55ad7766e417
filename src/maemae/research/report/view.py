"""What the page shows, in words and numbers already written out for one language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from maemae.analytics.costs import Costs
from maemae.analytics.returns import monthly_returns, yearly_returns
from maemae.analytics.summary import Summary
from maemae.domain.terms import Side
from maemae.domain.text import Language
from maemae.research.report import figures
from maemae.research.report.model import RunReport, TradeRow
from maemae.research.report.series import Series
from maemae.research.report.words import DEFINITIONS, MONTHS, MORE_TRADES, words_in

MAX_TRADES: Final = 500
_TOP: Final = 10
_HEAT_STEPS: Final = (0.01, 0.03, 0.06, 0.10)


class Figure(msgspec.Struct, frozen=True):
    """A labelled value; `tone` is the CSS class of its direction, or empty."""

    label: str
    value: str
    tone: str = ""


class Group(msgspec.Struct, frozen=True):
    """Figures under one heading."""

    heading: str
    figures: Sequence[Figure]


class Cell(msgspec.Struct, frozen=True):
    """One month of the heat map; `tone` is its CSS class."""

    month: str
    value: str
    tone: str


class HeatRow(msgspec.Struct, frozen=True):
    """One year of the heat map."""

    year: int
    cells: Sequence[Cell]
    total: Cell


class SymbolRow(msgspec.Struct, frozen=True):
    """What one symbol brought; `width` is its bar [percent]."""

    symbol: str
    name: str
    pnl: str
    trades: int
    width: float
    tone: str


class TradeLine(msgspec.Struct, frozen=True):
    """One row of the trades table beside the raw values by which it sorts."""

    row: TradeRow
    is_short: bool
    opened: tuple[str, str]
    closed: tuple[str, str]
    qty: str
    entry_avg: str
    exit_avg: str
    pnl: str
    return_ratio: str
    commission: str
    tax: str
    tone: str
    reason: str


class Trades(msgspec.Struct, frozen=True):
    """The trades table, and a note when it was cut."""

    lines: Sequence[TradeLine]
    note: str


def head_figures(summary: Summary, language: Language) -> list[Figure]:
    """Return the six figures beside the headline."""
    t, trades = words_in(language), summary.trades
    return [
        Figure(t["cagr"], _pct(summary.cagr), figures.direction(summary.cagr)),
        Figure(t["max_drawdown"], _pct(summary.max_drawdown), _fall(summary.max_drawdown)),
        Figure(t["sharpe"], figures.number(summary.sharpe, 2)),
        Figure(t["win_rate"], figures.percent(trades.win_rate, 1)),
        Figure(t["profit_factor"], figures.number(trades.profit_factor, 2)),
        Figure(t["closed_trades"], figures.number(trades.count)),
    ]


def figure_groups(report: RunReport, language: Language) -> list[Group]:
    """Return every figure, in four groups."""
    summary = report.summary
    return [
        _return_group(summary, language),
        _risk_group(summary, language),
        _trade_group(summary, language),
        _cost_group(summary, report.costs, language),
    ]


def heat_map(report: RunReport, series: Series, language: Language) -> list[HeatRow]:
    """Return the returns of each month, newest year first; a month without a session is empty."""
    names = MONTHS.in_language(language).split()
    months = {
        (one.year, one.month): one.ratio for one in monthly_returns(report.days, series.returns)
    }
    whole = words_in(language)["whole_year"]
    return [
        HeatRow(
            total.year,
            [_cell(name, months.get((total.year, n + 1))) for n, name in enumerate(names)],
            _cell(whole, total.ratio),
        )
        for total in reversed(yearly_returns(report.days, series.returns))
    ]


def symbol_rows(
    trades: Sequence[TradeRow], language: Language
) -> tuple[list[SymbolRow], list[SymbolRow]]:
    """Return the symbols that earned most, and those that lost most; at most ten of each."""
    sums: dict[str, int] = {}
    counts: dict[str, int] = {}
    names: dict[str, str] = {}
    for trade in trades:
        sums[trade.symbol] = sums.get(trade.symbol, 0) + trade.pnl
        counts[trade.symbol] = counts.get(trade.symbol, 0) + 1
        names[trade.symbol] = trade.name
    ranked = sorted(sums, key=lambda symbol: (-sums[symbol], symbol))
    earned = [symbol for symbol in ranked if sums[symbol] > 0][:_TOP]
    lost = [symbol for symbol in reversed(ranked) if sums[symbol] < 0][:_TOP]
    largest = max((abs(sums[symbol]) for symbol in earned + lost), default=1)

    def rows(symbols: Sequence[str]) -> list[SymbolRow]:
        return [
            SymbolRow(
                symbol=symbol,
                name=names[symbol],
                pnl=figures.won(sums[symbol], language, signed=True),
                trades=counts[symbol],
                width=round(abs(sums[symbol]) / largest * 100, 2),
                tone=figures.direction(sums[symbol]),
            )
            for symbol in symbols
        ]

    return rows(earned), rows(lost)


def trade_table(trades: Sequence[TradeRow], language: Language) -> Trades:
    """Return the first `MAX_TRADES` trades."""
    more = len(trades) - MAX_TRADES
    note = MORE_TRADES.in_language(language).format(
        shown=figures.number(MAX_TRADES), more=figures.number(more)
    )
    lines = [_trade_line(trade, language) for trade in trades[:MAX_TRADES]]
    return Trades(lines, note if more > 0 else "")


def definitions(language: Language) -> list[Figure]:
    """Return what each figure means."""
    t = words_in(language)
    return [Figure(t[name], text.in_language(language)) for name, text in DEFINITIONS.items()]


def _return_group(summary: Summary, language: Language) -> Group:
    t = words_in(language)
    rows = [
        Figure(t["start_equity"], figures.won(summary.start_equity, language)),
        Figure(t["end_equity"], figures.won(summary.end_equity, language)),
        Figure(t["profit"], _won(summary.profit, language), figures.direction(summary.profit)),
        Figure(t["cagr"], _pct(summary.cagr), figures.direction(summary.cagr)),
        Figure(t["best_day"], _pct(summary.best_day), figures.direction(summary.best_day)),
        Figure(t["worst_day"], _pct(summary.worst_day), figures.direction(summary.worst_day)),
    ]
    if summary.net_flows:
        rows.insert(2, Figure(t["net_flows"], _won(summary.net_flows, language)))
    return Group(t["return_group"], rows)


def _risk_group(summary: Summary, language: Language) -> Group:
    t = words_in(language)
    fell = summary.drawdown_start is not None
    span = f"{figures.day(summary.drawdown_start)} – {figures.day(summary.drawdown_trough)}"
    recovered = figures.day(summary.drawdown_recovery)
    rows = [
        Figure(t["max_drawdown"], _pct(summary.max_drawdown), _fall(summary.max_drawdown)),
        Figure(t["drawdown_period"], span if fell else figures.DASH),
        Figure(
            t["drawdown_recovery"],
            t["not_recovered"] if fell and summary.drawdown_recovery is None else recovered,
        ),
        Figure(t["longest_drawdown"], _sessions(summary.longest_drawdown, language)),
        Figure(t["volatility"], figures.percent(summary.volatility)),
        Figure(t["sharpe"], figures.number(summary.sharpe, 2)),
        Figure(t["sortino"], figures.number(summary.sortino, 2)),
        Figure(t["calmar"], figures.number(summary.calmar, 2)),
    ]
    return Group(t["risk_group"], rows)


def _trade_group(summary: Summary, language: Language) -> Group:
    t, trades = words_in(language), summary.trades
    held = figures.number(trades.holding_days, 1)
    rows = [
        Figure(t["closed_trades"], figures.number(trades.count)),
        Figure(
            t["wins_losses"], f"{figures.number(trades.wins)} / {figures.number(trades.losses)}"
        ),
        Figure(t["win_rate"], figures.percent(trades.win_rate, 1)),
        Figure(t["profit_factor"], figures.number(trades.profit_factor, 2)),
        _money(t["expectancy"], trades.expectancy, language),
        _money(t["average_win"], trades.average_win, language),
        _money(t["average_loss"], trades.average_loss, language),
        _money(t["best_trade"], trades.best, language),
        _money(t["worst_trade"], trades.worst, language),
        Figure(t["holding"], held if held == figures.DASH else held + t["days"]),
    ]
    return Group(t["trade_group"], rows)


def _cost_group(summary: Summary, costs: Costs | None, language: Language) -> Group:
    t = words_in(language)
    rows = [
        Figure(t["orders"], figures.number(summary.orders)),
        Figure(t["fills"], figures.number(summary.fills)),
        Figure(t["traded"], figures.won(summary.traded, language)),
        Figure(t["turnover"], figures.percent(summary.annual_turnover, 0)),
        Figure(t["commission"], figures.won(summary.commission, language)),
        Figure(t["tax"], figures.won(summary.tax, language)),
        Figure(t["exposure"], figures.percent(summary.exposure, 1)),
    ]
    if costs is not None:
        rows.insert(6, Figure(t["slippage"], figures.won(costs.slippage, language)))
    return Group(t["cost_group"], rows)


def _trade_line(trade: TradeRow, language: Language) -> TradeLine:
    return TradeLine(
        row=trade,
        is_short=trade.side is Side.SELL,
        opened=figures.moment(trade.opened_at),
        closed=figures.moment(trade.closed_at),
        qty=figures.number(trade.qty),
        entry_avg=figures.number(trade.entry_avg),
        exit_avg=figures.number(trade.exit_avg),
        pnl=figures.number(trade.pnl, signed=True),
        return_ratio=_pct(trade.return_ratio),
        commission=figures.number(trade.commission),
        tax=figures.number(trade.tax),
        tone=figures.direction(trade.pnl),
        reason=trade.exit_reason.in_language(language),
    )


def _cell(month: str, ratio: float | None) -> Cell:
    if ratio is None:
        return Cell(month, "", "none")
    step = sum(abs(ratio) >= bound for bound in _HEAT_STEPS) + 1
    tone = figures.direction(ratio)
    return Cell(
        month,
        figures.number(ratio * 100, 1, signed=True),
        tone if tone == "flat" else f"{tone} s{step}",
    )


def _sessions(count: int, language: Language) -> str:
    return figures.number(count) + words_in(language)["sessions"]


def _money(label: str, value: float | None, language: Language) -> Figure:
    return Figure(label, _won(value, language), figures.direction(value))


def _won(value: float | None, language: Language) -> str:
    return figures.won(value, language, signed=True)


def _pct(value: float | None) -> str:
    return figures.percent(value, signed=True)


def _fall(depth: float | None) -> str:
    return "down" if depth else ""
