"""
Charts of gold: ka50079 to ka50083, ka50091, ka50092, and ka50101, whose rows are minutes too.

They are the charts of stocks in other words. A week and a month are told with their sums in won.

Source: names and samples in the broker's list of the interface, edition of April 2026.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from maemae.emulators.kiwoom_rest.charts import Charts
from maemae.emulators.kiwoom_rest.desk import Desk
from maemae.emulators.kiwoom_rest.formats import day_text, signed_rate
from maemae.emulators.kiwoom_rest.part import Part
from maemae.emulators.kiwoom_rest.wire import Answer, Ask, Row, Tr

_FINE_ROWS: Final = 900
_DAILY_ROWS: Final = 600


class GoldCharts(Part):
    """Answers with bars of gold, the newest first."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._of_stocks = Charts(desk).served()

    def served(self) -> dict[str, Tr]:
        """Return what is answered here."""
        long, today = ("stk_cd", "base_dt", "upd_stkpc_tp"), ("stk_cd", "tic_scope")
        return {
            "ka50079": Tr(("stk_cd", "upd_stkpc_tp"), self._ticks, page_rows=_FINE_ROWS),
            "ka50080": Tr(("stk_cd",), self._minutes, page_rows=_FINE_ROWS),
            "ka50081": Tr(long, self._days, page_rows=_DAILY_ROWS),
            "ka50082": Tr(long, self._weeks, page_rows=_DAILY_ROWS),
            "ka50083": Tr(long, self._months, page_rows=_DAILY_ROWS),
            "ka50091": Tr(today, self._ticks_of_day, page_rows=_FINE_ROWS),
            "ka50092": Tr(today, self._minutes_of_day, page_rows=_FINE_ROWS),
            "ka50101": Tr(today, self._quotes_of_day, page_rows=_FINE_ROWS),
        }

    def _ticks(self, ask: Ask) -> Answer:
        answer = self._asked("ka10079", ask)
        rows = [_unsigned(_renamed(row, _TICKS)) for row in answer.rows]
        return _told(answer, "gds_tic_chart_qry", rows)

    def _ticks_of_day(self, ask: Ask) -> Answer:
        answer = self._ticks(ask)
        return _told(answer, answer.list_key, [_renamed(row, _TICKS_OF_DAY) for row in answer.rows])

    def _minutes(self, ask: Ask) -> Answer:
        answer = self._asked("ka10080", ask)
        rows = [_unsigned(_renamed(row, _MINUTES)) for row in answer.rows]
        return _told(answer, "gds_min_chart_qry", rows)

    def _minutes_of_day(self, ask: Ask) -> Answer:
        answer = self._today(ask)
        rows = [_renamed({**row, **_NO_VALUE}, _MINUTES_OF_DAY) for row in answer.rows]
        return _told(answer, "gds_min_chart_qry", rows)

    def _quotes_of_day(self, ask: Ask) -> Answer:
        """Return what was traded by the minute; the sample of the list tells no quotes either."""
        answer, line = self._today(ask), self._desk.line(ask.field("stk_cd"))
        volume = line.previous_volume
        rows = [
            {
                "cntr_pric": row["cur_prc"],
                "pred_pre": row["pred_pre"],
                "flu_rt": signed_rate(int(row["pred_pre"]), line.base),
                "trde_qty": row["acc_trde_qty"],
                "acc_trde_prica": "",
                "cntr_trde_qty": row["trde_qty"],
                "tm": row["cntr_tm"][_DAY_DIGITS:],
                "pre_sig": row["pred_pre_sig"],
                **dict.fromkeys(("pri_sel_bid_unit", "pri_buy_bid_unit"), ""),
                "trde_pre": signed_rate(int(row["acc_trde_qty"]), volume),
                "trde_tern_rt": signed_rate(int(row["trde_qty"]), volume),
                **dict.fromkeys(("cntr_str", "lpmmcm_nm_1", "stex_tp"), ""),
            }
            for row in answer.rows
        ]
        return _told(answer, "gold_bid", rows)

    def _days(self, ask: Ask) -> Answer:
        answer = self._asked("ka10081", ask)
        return _told(answer, "gds_day_chart_qry", [_renamed(row, _DAYS) for row in answer.rows])

    def _weeks(self, ask: Ask) -> Answer:
        return self._long("ka10082", ask, "gds_week_chart_qry")

    def _months(self, ask: Ask) -> Answer:
        return self._long("ka10083", ask, "gds_month_chart_qry")

    def _long(self, api_id: str, ask: Ask, list_key: str) -> Answer:
        answer = self._asked(api_id, ask)
        rows = [_renamed(row, _LONG) for row in answer.rows]
        return _told(answer, list_key, [{**row, "dt": _midnight(row["dt"])} for row in rows])

    def _today(self, ask: Ask) -> Answer:
        """Return the minutes of today as those of stocks are told, none before the first."""
        answer = self._asked("ka10080", ask)
        today = day_text(self._desk.today)
        rows = [row for row in answer.rows if row["cntr_tm"].startswith(today)]
        return msgspec.structs.replace(answer, rows=rows)

    def _asked(self, api_id: str, ask: Ask) -> Answer:
        """Ask for a chart as of stocks; the scope may be empty, as in the list's sample."""
        scope = ask.field("tic_scope") or "1"
        return self._of_stocks[api_id].handle(ask.as_kind(api_id, tic_scope=scope))


def _told(answer: Answer, list_key: str, rows: list[Row]) -> Answer:
    return msgspec.structs.replace(answer, fields={}, list_key=list_key, rows=rows)


def _renamed(row: Row, names: Mapping[str, str]) -> Row:
    """Return a row with the columns that are named, each from the column it is paired with."""
    return {name: row[source] for name, source in names.items()}


def _unsigned(row: Row) -> Row:
    """Return a row whose prices have no sign, and whose change has one only if it is a fall."""
    prices = {name: row[name].lstrip("+-") for name in _PRICES}
    return {**row, **prices, "pred_pre": row["pred_pre"].removeprefix("+")}


def _midnight(day: str) -> str:
    """Return a day as the time at which it begins; an empty one stays empty."""
    return f"{day}000000" if day else ""


def _same(names: Iterable[str]) -> dict[str, str]:
    return {name: name for name in names}


_DAY_DIGITS: Final = 8
_ENDS: Final = ("open_pric", "high_pric", "low_pric")
_PRICES: Final = ("cur_prc", *_ENDS)
_WHEN: Final = {"cntr_tm": "cntr_tm", "dt": "cntr_tm", "pred_pre_sig": "pred_pre_sig"}
_TICKS: Final = _same(("cur_prc", "pred_pre", "trde_qty", *_ENDS)) | _WHEN
_TICKS_OF_DAY: Final = {"cntr_pric": "cur_prc"} | _same([*_TICKS][1:])
_MINUTES: Final = _same(("cur_prc", "pred_pre", "acc_trde_qty", "trde_qty", *_ENDS)) | _WHEN
_NO_VALUE: Final = {"acc_trde_prica": ""}
_MINUTES_OF_DAY: Final = (
    {"cntr_pric": "cur_prc"}
    | _same(("pred_pre", "acc_trde_qty", "acc_trde_prica", "trde_qty", *_ENDS))
    | _WHEN
)
_SUMS: Final = {"acc_trde_qty": "trde_qty", "acc_trde_prica": "trde_prica"}
_LONG: Final = {"cur_prc": "cur_prc"} | _SUMS | _same((*_ENDS, "dt"))
_DAYS: Final = _LONG | {"pred_pre_sig": "pred_pre_sig"}
