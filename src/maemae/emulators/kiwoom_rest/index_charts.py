"""Charts of indices (업종), in hundredths of the index: ka20004 to ka20008 and ka20019."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from maemae.emulators.kiwoom_rest import codes
from maemae.emulators.kiwoom_rest.desk import Desk
from maemae.emulators.kiwoom_rest.formats import (
    day_text,
    find_day,
    price,
    sign_code,
    signed,
    stamp,
)
from maemae.emulators.kiwoom_rest.history import Bar, grouped, merged, minutes, week_of
from maemae.emulators.kiwoom_rest.index_levels import IndexLevels
from maemae.emulators.kiwoom_rest.part import Part
from maemae.emulators.kiwoom_rest.screen import number
from maemae.emulators.kiwoom_rest.wire import DONE, Answer, Ask, Fields, Row, Tr

_MILLION: Final = 1_000_000
_DAILY_ROWS: Final = 600
_FINE_ROWS: Final = 900


class IndexCharts(Part):
    """Answers with bars of an index, the newest first."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._levels = IndexLevels(desk)

    def served(self) -> dict[str, Tr]:
        """Return what is answered here."""
        fine, long = ("inds_cd", "tic_scope"), ("inds_cd", "base_dt")
        return {
            "ka20004": Tr(fine, self._ticks, page_rows=_FINE_ROWS),
            "ka20005": Tr(fine, self._minutes, page_rows=_FINE_ROWS),
            "ka20006": Tr(long, self._days, page_rows=_DAILY_ROWS),
            "ka20007": Tr(long, self._weeks, page_rows=_DAILY_ROWS),
            "ka20008": Tr(long, self._months, page_rows=_DAILY_ROWS),
            "ka20019": Tr(long, self._years, page_rows=_DAILY_ROWS),
        }

    def _ticks(self, ask: Ask) -> Answer:
        code, size = ask.field("inds_cd"), number(ask, "tic_scope", 1)
        base, levels = self._levels.value(code).base, self._levels.prints(code)
        parts = [levels[start : start + size] for start in range(0, len(levels), size)]
        rows = [_fine_row(merged(part), base) for part in reversed(parts)]
        return _chart(code, "inds_tic_chart_qry", rows)

    def _minutes(self, ask: Ask) -> Answer:
        code, length = ask.field("inds_cd"), number(ask, "tic_scope", 1)
        base, total, rows = self._levels.value(code).base, 0, list[Row]()
        for bar in minutes(self._levels.prints(code), length):
            total += bar.volume
            rows.append({**_fine_row(bar, base), "acc_trde_qty": str(total)})
        rows.reverse()
        return _chart(code, "inds_min_pole_qry", rows)

    def _days(self, ask: Ask) -> Answer:
        return self._long(ask, "inds_dt_pole_qry", lambda bar: bar.day)

    def _weeks(self, ask: Ask) -> Answer:
        return self._long(ask, "inds_stk_pole_qry", week_of)

    def _months(self, ask: Ask) -> Answer:
        return self._long(ask, "inds_mth_pole_qry", lambda bar: bar.day.replace(day=1))

    def _years(self, ask: Ask) -> Answer:
        return self._long(ask, "inds_yr_pole_qry", lambda bar: bar.day.year)

    def _long(self, ask: Ask, list_key: str, key: Callable[[Bar], object]) -> Answer:
        code, last = ask.field("inds_cd"), find_day(ask.field("base_dt"))
        if last is None:
            raise codes.bad_field("base_dt", ask.field("base_dt"))
        bars = grouped((bar for bar in self._levels.days(code) if bar.day <= last), key)
        rows = [
            {
                "cur_prc": str(bar.close),
                "trde_qty": str(bar.volume),
                "dt": day_text(bar.day),
                "open_pric": str(bar.open),
                "high_pric": str(bar.high),
                "low_pric": str(bar.low),
                "trde_prica": str(bar.value // _MILLION),
            }
            for bar in reversed(bars)
        ]
        return _chart(code, list_key, rows)


def _chart(code: str, list_key: str, rows: list[Row]) -> Answer:
    fields: Fields = {"inds_cd": code}
    return Answer(fields, list_key, rows, is_newest_first=True, text=DONE, scope=code)


def _fine_row(bar: Bar, base: int) -> Row:
    return {
        "cur_prc": price(bar.close, base),
        "trde_qty": str(bar.volume),
        "cntr_tm": stamp(bar.at),
        "open_pric": price(bar.open, base),
        "high_pric": price(bar.high, base),
        "low_pric": price(bar.low, base),
        "pred_pre": signed(bar.close - base),
        "pred_pre_sig": sign_code(bar.close, base, None),
    }
