"""Charts: ka10079 to ka10083, ka10094, and the tables of days ka10005 and ka10086."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from itertools import pairwise
from typing import Final

import msgspec

from maemae.emulators.kiwoom_rest import codes
from maemae.emulators.kiwoom_rest.board import Line
from maemae.emulators.kiwoom_rest.crowd import net_of_foreigners
from maemae.emulators.kiwoom_rest.desk import Desk
from maemae.emulators.kiwoom_rest.foreigners import ForeignHoldings
from maemae.emulators.kiwoom_rest.formats import (
    day_text,
    find_day,
    price,
    sign_code,
    signed,
    signed_rate,
    stamp,
)
from maemae.emulators.kiwoom_rest.history import (
    Bar,
    bars_of_trades,
    grouped,
    minutes,
    week_of,
)
from maemae.emulators.kiwoom_rest.investors import columns_of_day
from maemae.emulators.kiwoom_rest.part import Part
from maemae.emulators.kiwoom_rest.wire import DONE, Answer, Ask, Fields, Row, Tr

_MINUTE_SCOPES: Final = frozenset({"1", "3", "5", "10", "15", "30", "45", "60"})
_TICK_SCOPES: Final = frozenset({"1", "3", "5", "10", "30"})
_MILLION: Final = 1_000_000
_DAILY_ROWS: Final = 600
_TABLE_ROWS: Final = 20
_FINE_ROWS: Final = 900


class Charts(Part):
    """
    Answers with bars, the newest first.

    Prices are as traded: no corporate action is played, so adjusted ones are the same.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._held = ForeignHoldings(desk)

    def served(self) -> dict[str, Tr]:
        """Return what is answered here."""
        fine = "stk_cd", "tic_scope", "upd_stkpc_tp"
        long = "stk_cd", "base_dt", "upd_stkpc_tp"
        return {
            "ka10079": Tr(fine, self._ticks, page_rows=_FINE_ROWS),
            "ka10080": Tr(fine, self._minutes, page_rows=_FINE_ROWS),
            "ka10081": Tr(long, self._days, page_rows=_DAILY_ROWS),
            "ka10082": Tr(long, self._weeks, page_rows=_DAILY_ROWS),
            "ka10083": Tr(long, self._months, page_rows=_DAILY_ROWS),
            "ka10094": Tr(long, self._years, page_rows=_DAILY_ROWS),
            "ka10005": Tr(("stk_cd",), self._recent, page_rows=_TABLE_ROWS),
            "ka10015": Tr(("stk_cd", "strt_dt"), self._details, page_rows=_TABLE_ROWS),
            "ka10086": Tr(("stk_cd", "qry_dt", "indc_tp"), self._table, page_rows=_TABLE_ROWS),
        }

    def _ticks(self, ask: Ask) -> Answer:
        line, scope = self._desk.line(ask.field("stk_cd")), _scope(ask, _TICK_SCOPES)
        trades = self._desk.exchange.prints.get(line.symbol, [])
        rows = [
            {
                "cur_prc": str(bar.close),
                "trde_qty": str(bar.volume),
                "cntr_tm": stamp(bar.at),
                "open_pric": str(bar.open),
                "high_pric": str(bar.high),
                "low_pric": str(bar.low),
                "pred_pre": signed(bar.close - line.base),
                "pred_pre_sig": sign_code(bar.close, line.base, line.band),
            }
            for bar in reversed(bars_of_trades(trades, scope))
        ]
        fields: Fields = {"stk_cd": ask.field("stk_cd"), "last_tic_cnt": str(len(trades) % scope)}
        return self._answer(ask, line, fields, "stk_tic_chart_qry", rows, _BLANK_FINE)

    def _minutes(self, ask: Ask) -> Answer:
        line, scope = self._desk.line(ask.field("stk_cd")), _scope(ask, _MINUTE_SCOPES)
        bars = self._desk.history.minutes(line.symbol)
        bars = minutes([*bars, *self._today(line)], scope)
        base_day = find_day(ask.field("base_dt"))
        if base_day is not None:
            bars = [bar for bar in bars if bar.day <= base_day]
        bases = self._bases(line)
        rows: list[Row] = []
        total, day = 0, None
        for bar in bars:
            total, day = (bar.volume, bar.day) if bar.day != day else (total + bar.volume, day)
            rows.append(_minute_row(bar, bases.get(bar.day, bar.open), total))
        rows.reverse()
        fields: Fields = {"stk_cd": ask.field("stk_cd")}
        return self._answer(ask, line, fields, "stk_min_pole_chart_qry", rows, _BLANK_MINUTE)

    def _days(self, ask: Ask) -> Answer:
        return self._long(ask, "stk_dt_pole_chart_qry", lambda bar: bar.day, _MILLION)

    def _weeks(self, ask: Ask) -> Answer:
        return self._long(ask, "stk_stk_pole_chart_qry", week_of, 1)

    def _months(self, ask: Ask) -> Answer:
        return self._long(ask, "stk_mth_pole_chart_qry", lambda bar: bar.day.replace(day=1), 1)

    def _years(self, ask: Ask) -> Answer:
        answer = self._long(ask, "stk_yr_pole_chart_qry", lambda bar: bar.day.year, 1)
        rows = [{name: row[name] for name in _YEARLY} for row in answer.rows]
        return msgspec.structs.replace(answer, rows=rows)

    def _long(self, ask: Ask, list_key: str, key: Callable[[Bar], object], unit: int) -> Answer:
        line = self._desk.line(ask.field("stk_cd"))
        bars = grouped(self._all_days(line, ask, "base_dt"), key)
        rows: list[Row] = []
        close = bars[0].open if bars else 0
        for bar in bars:
            rows.append(_long_row(bar, close, unit, line.listed_shares))
            close = bar.close
        rows.reverse()
        fields: Fields = {"stk_cd": ask.field("stk_cd")}
        return self._answer(ask, line, fields, list_key, rows, _BLANK_LONG)

    def _table(self, ask: Ask) -> Answer:
        line = self._desk.line(ask.field("stk_cd"))
        bars = self._all_days(line, ask, "qry_dt")
        is_money = ask.field("indc_tp") == "1"
        rates = self._held.rates(line)

        def row_of(bar: Bar, before: int) -> Row:
            who = columns_of_day(line.symbol, bar, is_money=is_money)
            held = dict.fromkeys(_OF_FOREIGNERS, rates.get(bar.day, "0.00"))
            return {**_table_row(bar, before), **who, **held, "crd_remn_rt": "0.00"}

        return _table_of(line, bars, "daly_stkpc", row_of)

    def _details(self, ask: Ask) -> Answer:
        line = self._desk.line(ask.field("stk_cd"))
        bars = self._all_days(line, ask, "strt_dt")
        return _table_of(line, bars, "daly_trde_dtl", _detail_row)

    def _recent(self, ask: Ask) -> Answer:
        line = self._desk.line(ask.field("stk_cd"))
        rates = self._held.rates(line)

        def row_of(bar: Bar, before: int) -> Row:
            held = dict.fromkeys(("for_poss", "for_wght"), rates.get(bar.day, "0.00"))
            net = signed(net_of_foreigners(line.symbol, bar))
            return {**_recent_row(bar, before), **held, "for_netprps": net}

        return _table_of(line, self._days_until_now(line), "stk_ddwkmm", row_of)

    def _all_days(self, line: Line, ask: Ask, name: str) -> list[Bar]:
        """
        Return the days up to the one that is asked for, today's unfinished one too.

        Raises:
            RefusalError: It is no day.
        """
        last = find_day(ask.field(name))
        if last is None:
            raise codes.bad_field(name, ask.field(name))
        return [bar for bar in self._days_until_now(line) if bar.day <= last]

    def _days_until_now(self, line: Line) -> list[Bar]:
        today = [line.bar] if line.bar is not None else []
        return [*self._desk.history.days(line.symbol), *today]

    def _today(self, line: Line) -> list[Bar]:
        return bars_of_trades(self._desk.exchange.prints.get(line.symbol, []))

    def _bases(self, line: Line) -> dict[date, int]:
        """Return the close before each day [won]; today's is its base price."""
        days = self._desk.history.days(line.symbol)
        bases = {bar.day: before.close for before, bar in pairwise(days)}
        return {**bases, self._desk.today: line.base}

    def _answer(
        self,
        ask: Ask,
        line: Line,
        fields: Fields,
        list_key: str,
        rows: list[Row],
        blank: Iterable[str],
    ) -> Answer:
        if not rows or self._desk.is_elsewhere(ask.field("stk_cd")):
            rows = [dict.fromkeys(blank, "")]
        return Answer(fields, list_key, rows, is_newest_first=True, text=DONE, scope=line.symbol)


def _table_of(
    line: Line, bars: list[Bar], list_key: str, row_of: Callable[[Bar, int], Row]
) -> Answer:
    """Return a table of days, the newest first."""
    rows: list[Row] = []
    close = 0
    for bar in bars:
        rows.append(row_of(bar, close or bar.open))
        close = bar.close
    rows.reverse()
    return Answer({}, list_key, rows, is_newest_first=True, text=DONE, scope=line.symbol)


def _minute_row(bar: Bar, base: int, total: int) -> Row:
    return {
        "cur_prc": price(bar.close, base),
        "trde_qty": str(bar.volume),
        "cntr_tm": stamp(bar.at),
        "open_pric": price(bar.open, base),
        "high_pric": price(bar.high, base),
        "low_pric": price(bar.low, base),
        "acc_trde_qty": str(total),
        "pred_pre": signed(bar.close - base),
        "pred_pre_sig": sign_code(bar.close, base, None),
    }


def _long_row(bar: Bar, before: int, unit: int, listed_shares: int) -> Row:
    return {
        "cur_prc": str(bar.close),
        "trde_qty": str(bar.volume),
        "trde_prica": str(bar.value // unit),
        "dt": day_text(bar.day),
        "open_pric": str(bar.open),
        "high_pric": str(bar.high),
        "low_pric": str(bar.low),
        "pred_pre": signed(bar.close - before),
        "pred_pre_sig": sign_code(bar.close, before, None),
        "trde_tern_rt": signed_rate(bar.volume, listed_shares),
    }


def _recent_row(bar: Bar, before: int) -> Row:
    change = bar.close - before
    unknown = dict.fromkeys(_UNKNOWN_OF_RECENT, "0")
    return {
        **_day_prices(bar, before),
        "pre": signed(change),
        "flu_rt": signed_rate(change, before),
        "trde_qty": str(bar.volume),
        "trde_prica": str(bar.value // _MILLION),
        "cntr_str": "0.00",
        **unknown,
        "crd_remn_rt": "0.00",
    }


def _day_prices(bar: Bar, before: int) -> Row:
    return {
        "date": day_text(bar.day),
        "open_pric": price(bar.open, before),
        "high_pric": price(bar.high, before),
        "low_pric": price(bar.low, before),
        "close_pric": price(bar.close, before),
    }


def _table_row(bar: Bar, before: int) -> Row:
    change = bar.close - before
    return {
        **_day_prices(bar, before),
        "pred_rt": signed(change),
        "flu_rt": signed_rate(change, before),
        "trde_qty": str(bar.volume),
        "amt_mn": str(bar.value // _MILLION),
        "crd_rt": "0.00",
    }


def _detail_row(bar: Bar, before: int) -> Row:
    """
    Return a day of ka10015: all of it was traded in regular hours.

    Who traded is blank, as on both servers. Source: one project, August 2026.
    """
    change, value = bar.close - before, str(bar.value // _MILLION)
    return {
        "dt": day_text(bar.day),
        "close_pric": price(bar.close, before),
        "pred_pre_sig": sign_code(bar.close, before, None),
        "pred_pre": signed(change),
        "flu_rt": signed_rate(change, before),
        "trde_qty": str(bar.volume),
        "trde_prica": value,
        **{f"{hours}_trde_qty": "0" for hours in _OTHER_HOURS},
        **{f"{hours}_trde_wght": "0.00" for hours in _OTHER_HOURS},
        "opmr_trde_qty": str(bar.volume),
        "opmr_trde_wght": "100.00",
        "tot_3": str(bar.volume),
        "prid_trde_qty": str(bar.volume),
        **dict.fromkeys(_UNKNOWN_OF_DETAIL, ""),
        **{f"{hours}_trde_prica": "0" for hours in _OTHER_HOURS},
        **{f"{hours}_trde_prica_wght": "0.00" for hours in _OTHER_HOURS},
        "opmr_trde_prica": value,
        "opmr_trde_prica_wght": "100.00",
    }


def _scope(ask: Ask, known: frozenset[str]) -> int:
    """
    Return how many minutes or ticks make a bar.

    Raises:
        RefusalError: No such bars are offered.
    """
    text = ask.field("tic_scope").split(":")[0]
    if text not in known:
        raise codes.bad_field("tic_scope", text)
    return int(text)


_YEARLY: Final = ("cur_prc", "trde_qty", "trde_prica", "dt", "open_pric", "high_pric", "low_pric")
_PRICES: Final = ("open_pric", "high_pric", "low_pric")
_BLANK_FINE: Final = ("cur_prc", "trde_qty", "cntr_tm", *_PRICES, "pred_pre", "pred_pre_sig")
_BLANK_MINUTE: Final = (
    *("cur_prc", "trde_qty", "cntr_tm", *_PRICES, "acc_trde_qty"),
    *("pred_pre", "pred_pre_sig"),
)
_BLANK_LONG: Final = (
    *("cur_prc", "trde_qty", "trde_prica", "dt", *_PRICES),
    *("pred_pre", "pred_pre_sig", "trde_tern_rt"),
)
_OF_FOREIGNERS: Final = ("for_rt", "for_poss", "for_wght")
_UNKNOWN_OF_RECENT: Final = ("orgn_netprps", "ind_netprps", "frgn", "prm")
_OTHER_HOURS: Final = ("bf_mkrt", "af_mkrt")
_UNKNOWN_OF_DETAIL: Final = (
    *("cntr_str", "for_poss", "for_wght", "for_netprps", "orgn_netprps", "ind_netprps"),
    *("frgn", "crd_remn_rt", "prm"),
)
