"""
What arbitrageurs hold (프로그램매매 차익잔고): ka90006.

Who trades is a model, see `crowd`. What programmes bought and sold as arbitrage in an instrument
since the first session is held until they trade the other way: bought on balance, or sold on
balance. Shares are in thousands, sums of money, at the day's close, in millions.

Source: fields of the broker's list of April 2026; units and signs as one project saw them at the
real server, August 2026.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

import msgspec

from maemae.domain.ids import Symbol
from maemae.emulators.kiwoom_rest.crowd import programmes
from maemae.emulators.kiwoom_rest.formats import day_text
from maemae.emulators.kiwoom_rest.history import Bar
from maemae.emulators.kiwoom_rest.part import Part
from maemae.emulators.kiwoom_rest.screen import MILLION, NEXTRADE, day
from maemae.emulators.kiwoom_rest.trading_days import days_of
from maemae.emulators.kiwoom_rest.wire import DONE, Answer, Ask, Row, Tr


class Balance(msgspec.Struct, frozen=True):
    """
    What is held at the end of a day.

    Attributes:
        bought, sold: Shares of the instruments that were bought, and sold, on balance.
        bought_value, sold_value: What they are worth [won].
    """

    bought: int = 0
    sold: int = 0
    bought_value: int = 0
    sold_value: int = 0

    def plus(self, net: int, px: int) -> Balance:
        """Return this with what is held of one more instrument [shares, won]."""
        bought, sold = max(0, net), max(0, -net)
        return Balance(
            self.bought + bought,
            self.sold + sold,
            self.bought_value + bought * px,
            self.sold_value + sold * px,
        )


def balances(traded: Mapping[Symbol, Sequence[Bar]]) -> dict[date, Balance]:
    """Return the balance of each day on which anything traded, the oldest first."""
    days = sorted({bar.day for bars in traded.values() for bar in bars})
    found = dict.fromkeys(days, Balance())
    for symbol, bars in traded.items():
        net, px, by_day = 0, 0, {bar.day: bar for bar in bars}
        for each in days:
            if (bar := by_day.get(each)) is not None:
                net, px = net + programmes(symbol, [bar])[0].net, bar.close
            found[each] = found[each].plus(net, px)
    return found


class ArbitrageBalance(Part):
    """Answers about what arbitrageurs hold."""

    def served(self) -> dict[str, Tr]:
        """Return what is answered here."""
        return {"ka90006": Tr(("date", "stex_tp"), self._by_day)}

    def _by_day(self, ask: Ask) -> Answer:
        last, rows, before = day(ask, "date"), list[Row](), Balance()
        for on, balance in balances(self._traded(ask)).items():
            if on <= last:
                rows.append({"dt": day_text(on), **_row(balance, before)})
                before = balance
        rows.reverse()
        return Answer({}, "prm_trde_dfrt_remn_trnsn", rows, is_newest_first=True, text=DONE)

    def _traded(self, ask: Ask) -> dict[Symbol, list[Bar]]:
        if ask.field("stex_tp") == NEXTRADE:
            return {}
        desk = self._desk
        return {
            line.symbol: [each.bar for each in days_of(desk, line)] for line in desk.board.lines()
        }


def _row(balance: Balance, before: Balance) -> Row:
    row: Row = {}
    for name, shares, value, earlier in (
        ("buy", balance.bought, balance.bought_value, before.bought_value),
        ("sel", balance.sold, balance.sold_value, before.sold_value),
    ):
        row |= {
            f"{name}_dfrt_trde_qty": str(shares // _THOUSAND),
            f"{name}_dfrt_trde_amt": str(value // MILLION),
            f"{name}_dfrt_trde_irds_amt": str(value // MILLION - earlier // MILLION),
        }
    return row


_THOUSAND: Final = 1_000
