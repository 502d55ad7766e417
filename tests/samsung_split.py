"""
Samsung Electronics in the spring of 2018, when one share of 2,650,000 won became fifty of 53,000.

Announced by the board on 2018-01-31; halted on 2018-04-30, 05-02 and 05-03; traded in new shares
from 2018-05-04 on. A few rows as they were traded, by hand.
"""

from __future__ import annotations

from datetime import date, time
from typing import Final

import numpy as np

from maemae.domain.corporate_action import ShareChange
from maemae.domain.ids import Symbol
from maemae.domain.instant import kst_nanos
from maemae.domain.terms import Market, PriceBasis, Product
from maemae.krx.instrument import Instrument
from maemae.krx.session import regular_close, regular_open
from maemae.strategy.panel import FIELDS, Panel

SAMSUNG: Final = Symbol("005930")
LISTED: Final = {SAMSUNG: Instrument(SAMSUNG, "삼성전자", Market.KOSPI, Product.STOCK)}
EX_DATE: Final = date(2018, 5, 4)
SPLIT: Final = ShareChange(
    SAMSUNG, EX_DATE, kst_nanos(date(2018, 1, 31), time(9)), numerator=50, denominator=1,
    cash_per_share=0,
)  # fmt: skip

ROWS: Final = (
    (date(2018, 4, 18), 2_550_000, 2_568_000, 2_529_000, 2_568_000, 269_252),
    (date(2018, 4, 19), 2_600_000, 2_649_000, 2_577_000, 2_639_000, 343_811),
    (date(2018, 4, 20), 2_590_000, 2_613_000, 2_571_000, 2_581_000, 235_220),
    (date(2018, 4, 23), 2_550_000, 2_604_000, 2_550_000, 2_595_000, 232_380),
    (date(2018, 4, 24), 2_592_000, 2_593_000, 2_504_000, 2_523_000, 315_406),
    (date(2018, 4, 25), 2_461_000, 2_525_000, 2_461_000, 2_520_000, 332_292),
    (date(2018, 4, 26), 2_521_000, 2_608_000, 2_520_000, 2_607_000, 360_931),
    (date(2018, 4, 27), 2_669_000, 2_682_000, 2_622_000, 2_650_000, 606_216),
    (date(2018, 4, 30), 0, 0, 0, 0, 0),
    (date(2018, 5, 2), 0, 0, 0, 0, 0),
    (date(2018, 5, 3), 0, 0, 0, 0, 0),
    (EX_DATE, 53_000, 53_900, 51_800, 51_900, 39_565_391),
    (date(2018, 5, 8), 52_600, 53_200, 51_900, 52_600, 23_104_720),
    (date(2018, 5, 9), 52_600, 52_800, 50_900, 50_900, 16_128_305),
    (date(2018, 5, 10), 51_700, 51_700, 50_600, 51_600, 13_905_263),
)


def samsung(*, told: bool = True, adjusted: bool = False) -> Panel:
    """Return the bars, with or without the event; or in new shares all through."""
    days = [row[0] for row in ROWS]
    fields = {
        name: np.array([[row[place + 1] for row in ROWS]], np.int64)
        for place, name in enumerate(FIELDS)
    }
    if adjusted:
        for name in FIELDS[:4]:
            fields[name][0, : days.index(EX_DATE)] //= 50
    panel = Panel(
        (SAMSUNG,),
        np.array([regular_open(day) for day in days], np.int64),
        np.array([regular_close(day) for day in days], np.int64),
        fields,
        PriceBasis.ADJUSTED if adjusted else PriceBasis.RAW,
    )
    return panel.with_actions([SPLIT] if told else [])
