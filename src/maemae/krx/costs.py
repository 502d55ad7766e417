"""
What a trade costs: the broker's commission, and on a sale the securities transaction tax.

Rates are integer ratios and every charge is cut down as the broker and the law cut it down.
Whether that happens per fill, per order or per day differs by broker; a charge for a fill
is therefore the difference between the charge on the notional traded so far, fill included,
and the charge on what was traded before. Who calls counts "so far" as `rounding` says.
"""

from __future__ import annotations

from datetime import date
from enum import unique
from functools import lru_cache
from typing import Final

import msgspec

from maemae.domain.errors import InvalidValueError, UnknownRuleError
from maemae.domain.terms import Market, Product, Term
from maemae.krx.calendar import settlement_date
from maemae.krx.instrument import Instrument


@unique
class Rounding(Term):
    """Over which notional a charge is cut down."""

    PER_FILL = "PER_FILL"
    PER_ORDER = "PER_ORDER"
    PER_DAY = "PER_DAY"  # per instrument and side on one day


_PER_FILL: Final = Rounding.PER_FILL


class SellTax(msgspec.Struct, frozen=True):
    """
    Tax due on a sale, in hundred-thousandths of the notional.

    Attributes:
        transaction: Securities transaction tax (증권거래세).
        rural: Special tax for rural development (농어촌특별세); KOSPI only.
    """

    transaction: int
    rural: int

    def on(self, notional: int) -> int:
        """Return the tax on a notional [won]; each tax is cut below 1 won by itself."""
        return notional * self.transaction // _TAX_UNIT + notional * self.rural // _TAX_UNIT


class CostSchedule(msgspec.Struct, frozen=True):
    """
    What one broker charges.

    Attributes:
        name: For screens and reports.
        rate: Commission each way, numerator of the ratio to the notional.
        rate_unit: Its denominator.
        cut: The commission is cut down to a multiple of this [won].
        rounding: Over which notional the broker cuts down; callers accumulate by it.
    """

    name: str
    rate: int
    rate_unit: int
    cut: int
    rounding: Rounding = Rounding.PER_ORDER

    def commission(self, notional: int) -> int:
        """
        Return the commission on a notional [won].

        Raises:
            InvalidValueError: The notional is negative.
        """
        if notional < 0:
            raise _negative(notional)
        charge = notional * self.rate // self.rate_unit
        return charge - charge % self.cut

    def tax(self, notional: int, instrument: Instrument, trade_date: date) -> int:
        """
        Return the tax on a sale [won]; a purchase owes none, so do not ask for it.

        Args:
            notional: Price times quantity [won].
            instrument: Its market and product decide the rates.
            trade_date: Day of the trade; the rates are those of its settlement.

        Raises:
            InvalidValueError: The notional is negative.
            UnknownRuleError: The settlement lies outside the known calendar.
        """
        if notional < 0:
            raise _negative(notional)
        return sell_tax(instrument.market, instrument.product, trade_date).on(notional)

    def charge_for_fill(self, cumulative_before: int, last_notional: int) -> int:
        """
        Return the commission that one more fill adds [won].

        Args:
            cumulative_before: Notional already filled within the order or the day, as
                `rounding` says; ignored if the broker cuts down every fill [won].
            last_notional: Notional of this fill [won].

        Raises:
            InvalidValueError: A notional is negative.
        """
        if cumulative_before == 0 or self.rounding is _PER_FILL:
            return self.commission(last_notional)
        if last_notional < 0:
            raise _negative(last_notional)
        before = self.commission(cumulative_before)
        return self.commission(cumulative_before + last_notional) - before

    def tax_for_fill(
        self, cumulative_before: int, last_notional: int, instrument: Instrument, trade_date: date
    ) -> int:
        """
        Return the tax that one more fill of a sale adds [won]; see `charge_for_fill`.

        Raises:
            InvalidValueError: A notional is negative.
            UnknownRuleError: The settlement lies outside the known calendar.
        """
        before = 0 if self.rounding is _PER_FILL else cumulative_before
        if before < 0 or last_notional < 0:
            raise _negative(min(before, last_notional))
        rates = sell_tax(instrument.market, instrument.product, trade_date)
        return rates.on(before + last_notional) - (rates.on(before) if before else 0)


@lru_cache(maxsize=8_192)
def sell_tax(market: Market, product: Product, trade_date: date) -> SellTax:
    """
    Return the tax rates of a sale on a day; funds and gold are exempt.

    Raises:
        UnknownRuleError: The settlement lies outside the known calendar.

    Source:
        Securities Transaction Tax Act and its decree: rates to 2024 from the press of
        2019-05-21 and of each change (high confidence), 2025 from a broker's notice of
        2024-12-26 (high), 2026 from recorded fills of 2026-09-11 (high; its first trade
        date 2025-12-29 follows from T+2). NXT owes the same. Gold is no security (press of
        2019-09-30 and 2020-10-12).
    """
    if product is not Product.STOCK:
        return _EXEMPT
    settled = settlement_date(trade_date)
    for first_settlement, rates in _SELL_TAX[market]:
        if settled >= first_settlement:
            return rates
    raise UnknownRuleError(
        f"{trade_date} 매도의 {market} 거래세율을 알지 못합니다. 그 뒤의 날짜를 쓰세요.",
        f"The tax on {market} sales of {trade_date} is not known. Use a later day.",
    )


def _negative(notional: int) -> InvalidValueError:
    return InvalidValueError(
        f"거래대금이 음수입니다: {notional}. 가격과 수량의 곱을 쓰세요.",
        f"The notional {notional} is negative. Use price times quantity.",
    )


_TAX_UNIT: Final = 100_000
_EXEMPT: Final = SellTax(0, 0)

# First settlement date, the newest first. 1996-04-01 is the change before that of 2019;
# KONEX opened on 2013-07-01. The whole KOSDAQ tax is transaction tax.
_SELL_TAX: Final = {
    Market.KOSPI: (
        (date(2026, 1, 1), SellTax(50, 150)),
        (date(2025, 1, 1), SellTax(0, 150)),
        (date(2024, 1, 1), SellTax(30, 150)),
        (date(2023, 1, 1), SellTax(50, 150)),
        (date(2021, 1, 1), SellTax(80, 150)),
        (date(2019, 6, 3), SellTax(100, 150)),
        (date(1996, 4, 1), SellTax(150, 150)),
    ),
    Market.KOSDAQ: (
        (date(2026, 1, 1), SellTax(200, 0)),
        (date(2025, 1, 1), SellTax(150, 0)),
        (date(2024, 1, 1), SellTax(180, 0)),
        (date(2023, 1, 1), SellTax(200, 0)),
        (date(2021, 1, 1), SellTax(230, 0)),
        (date(2019, 6, 3), SellTax(250, 0)),
        (date(1996, 4, 1), SellTax(300, 0)),
    ),
    Market.KONEX: (
        (date(2019, 6, 3), SellTax(100, 0)),
        (date(2013, 7, 1), SellTax(300, 0)),
    ),
}

KIWOOM_REAL: Final = CostSchedule("키움 실전 온라인", 15, 100_000, cut=10)
"""
Kiwoom, online orders with real money: 0.015 % each way, cut below 10 won.

Source: the broker's public price list, read 2026-11 (rate high, cut and rounding per order
medium confidence; reconcile with the broker's figure).
"""

KIWOOM_PAPER: Final = CostSchedule("키움 모의투자", 350, 100_000, cut=10)
"""
Kiwoom's paper server: 0.35 % each way, cut below 10 won; tax as the law has it.

Source: recorded frames of 2026-09-11 (258,000 won: commission 900, tax 516) and a second
sample (250,250 won: 870). It is 23 times the real rate: never tune a strategy on it.
"""

KIWOOM_GOLD: Final = CostSchedule(
    "키움 금현물 온라인", 33, 10_000, cut=11, rounding=Rounding.PER_DAY
)
"""
Kiwoom, gold (금현물): 0.3 % each way, cut below 10 won, and value added tax of a tenth of it.

Both together are a multiple of 11 won, of which 10 parts are commission and 1 is tax. They are
cut down over what was bought, or sold, of one kind of gold in a day.

Source: samples in the broker's list of the interface, edition of April 2026 (1,274,320 won of
2025-09-05: commission 3,820, tax 382), and its sentence on kt50032 about sums of a day.
"""

KIS_BANKIS: Final = CostSchedule("한국투자 뱅키스", 140_527, 1_000_000_000, cut=10)
"""
KIS BanKIS on KRX: 0.0140527 % each way (NXT 0.0130527 %, `KIS_BANKIS_NXT`).

Source: rates noted in a public repository, read 2026-11 (medium confidence); that it is cut
below 10 won, per order, is assumed (low).
"""

KIS_BANKIS_NXT: Final = CostSchedule("한국투자 뱅키스 NXT", 130_527, 1_000_000_000, cut=10)
"""KIS BanKIS on Nextrade; see `KIS_BANKIS`."""
